#!/usr/bin/python3
"""reports/validation.py: its figures and the page, with a stand-in for octet and with octet itself.

    validation_test.py OCTET
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

REPORTS = pathlib.Path(__file__).resolve().parents[2] / "reports"
sys.path.insert(0, str(REPORTS))

import validation  # noqa: E402
import validation_rows as rows  # noqa: E402

# Every estimate: 2 s, 3 T multiply-accumulates, 30 % of a peak of 5; 1 J (0.5 to 4) of the chip, 9 of the DRAM.
# Refuses vgg-16.
OCTET = """#!/usr/bin/python3
import json, pathlib, sys
with open("{folder}/calls", "a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
if sys.argv[2] == "vgg-16":
    sys.exit("octet: rapid.yaml: dram.kind: found 1, expected 2")
units = [dict(name="mac_array", energy_joules=1.0, energy_joules_low=0.5, energy_joules_high=4.0),
         dict(name="dram", energy_joules=9.0, energy_joules_low=9.0, energy_joules_high=9.0)]
step = dict(cycles=2481, seconds=2.0, macs=3_000_000_000_000, utilisation=0.3, per_unit=units, area_mm2=1.0,
            area_mm2_low=0.9, area_mm2_high=1.5, peak=dict(macs_per_second=dict(forward=5e12)))
pathlib.Path(sys.argv[sys.argv.index("--json") + 1]).write_text(json.dumps(dict(step=step)))
"""
STEP = {"step": {"seconds": 2.0, "macs": 3e12, "utilisation": 0.3, "per_unit": [
    {"name": "mac_array", "energy_joules": 1.0, "energy_joules_low": 0.5, "energy_joules_high": 4.0},
    {"name": "dram", "energy_joules": 9.0, "energy_joules_low": 9.0, "energy_joules_high": 9.0}]}}


class Figures(unittest.TestCase):
    def test_the_chip_alone(self):
        self.assertEqual(rows.watts([STEP]), rows.Figure(0.5, 0.25, 2.0))
        # 6 T operations; the most joules are the fewest operations a joule.
        self.assertEqual(rows.tera_operations_a_joule([STEP]), rows.Figure(6.0, 1.5, 12.0))

    def test_mean_of_networks(self):
        other = {"step": dict(STEP["step"], utilisation=0.5)}
        figure = rows.utilisation([STEP, other])
        self.assertEqual([round(v, 6) for v in (figure.value, figure.low, figure.high)], [40, 30, 50])

    def test_every_row_has_its_source_and_says_why(self):
        for row in rows.ROWS:
            self.assertTrue(row.source and row.why and row.runs, row.what)
            self.assertGreater(row.published, 0)

    def test_difference(self):
        row = rows.ROWS[1]
        self.assertEqual(validation.difference(row, rows.Figure.of(3101 * 1.25)), "+25.0 %")
        self.assertEqual(validation.difference(row, rows.Figure(3101, 3000, 3200)), "+0.0 %, inside the bars")
        self.assertEqual(validation.difference(row, rows.Figure(6202, 3102, 7000)), "+100.0 %, outside the bars")


class Page(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        self.fake = self.folder / "octet"
        self.fake.write_text(OCTET.format(folder=self.folder))
        self.fake.chmod(0o755)

    def run_on(self, octet, *chips):
        return subprocess.run(
            [sys.executable, "-B", REPORTS / "validation.py", "--octet", octet, "--runs", self.folder / "runs",
             "--out", self.folder / "page.md", *chips], capture_output=True, text=True, check=False)

    def page(self):
        return (self.folder / "page.md").read_text(encoding="utf-8")

    def test_rows(self):
        done = self.run_on(self.fake, "tpuv3")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("| 256 x 256 x 256, cycles | 3,101 | 2,481 | -20.0 % |", self.page())
        self.assertIn("| both | 2,481 (-20.0 %) | 2,481 (-94.7 %) | 57.4 % |", self.page())
        self.assertNotIn("## rapid", self.page())
        calls = (self.folder / "calls").read_text().splitlines()
        self.assertEqual(len(calls), len(set(calls)))  # each command once

    def test_a_refusal_is_told_and_the_rest_is_there(self):
        done = self.run_on(self.fake, "rapid")
        self.assertEqual(done.returncode, 1)
        self.assertIn("vgg-16", done.stderr)
        self.assertIn("refused: octet: rapid.yaml: dram.kind", self.page())
        self.assertIn("| peak, T(FL)OPS | 26.2 | 10 | -61.8 % |", self.page())

    def test_an_unknown_chip_is_bad_use(self):
        done = self.run_on(self.fake, "tpuv9")
        self.assertEqual(done.returncode, 2)
        self.assertIn("'tpuv9'", done.stderr)

    def test_octet_itself(self):
        done = self.run_on(REAL, "redmule")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("| peak, G(FL)OPS | 117 | 118 |", self.page())


if __name__ == "__main__":
    REAL = sys.argv.pop(1)
    unittest.main()
