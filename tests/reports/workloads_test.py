#!/usr/bin/python3
"""reports/workloads.py, with a stand-in for octet: its rows, its sums, what it does with a failure."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

REPORTS = pathlib.Path(__file__).resolve().parents[2] / "reports"
sys.path.insert(0, str(REPORTS))

import workloads  # noqa: E402

# Writes a result of a step of 2 s and 3 J; refuses resnet-50 on edge; counts its runs.
OCTET = """#!/usr/bin/python3
import json, pathlib, sys
name, machine = sys.argv[2], sys.argv[4]
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
with open("{folder}/calls", "a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
if (name, machine) == ("resnet-50", "edge"):
    sys.exit("octet: edge.yaml: scratchpads.weight.bytes: found 1, expected 2")
row = dict(datapath="int8", sizing="as_described", array_rows=8, array_cols=4, cycles=123456, seconds=2.0,
           utilisation=0.5, dram_bytes=4_000_000_000,
           memory_needed_bytes=8_100_000_000, energy_joules=3.0, energy_joules_low=2.0,
           energy_joules_high=6.0, area_mm2=1.0, area_mm2_low=0.9, area_mm2_high=1.5,
           against_int8=dict(time=1.0, dram_bytes=1.0, energy=1.0))
wide = dict(datapath="float32", sizing="area_equal", array_rows=1, array_cols=1, problem="does not fit")
out.mkdir(parents=True, exist_ok=True)
method = "rates" if "--closed-form=rates" in sys.argv else "machine"
(out / "result.json").write_text(json.dumps(dict(step=dict(
    method=method, memory=dict(needed_bytes=8_100_000_000, capacity_bytes=4_294_967_296 if machine == "edge" else 2**34),
    **{{key: value for key, value in row.items() if "int8" not in key}} | dict(cycles=100000, seconds=1.0)
    if "int8-delayed" in sys.argv else dict(baselines=[row, wide])))))
"""


class Digits(unittest.TestCase):
    def test_three_of_them(self):
        for value, text in ((0, "0"), (0.00123456, "0.00123"), (1.5, "1.50"), (12.34, "12.3"),
                            (999.6, "1,000"), (1234, "1,230"), (0.9996, "1.00")):
            self.assertEqual(workloads.digits(value), text)


class Page(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        self.octet = self.folder / "octet"
        self.octet.write_text(OCTET.format(folder=self.folder))
        self.octet.chmod(0o755)

    def run_on(self, *networks):
        return subprocess.run(
            [sys.executable, "-B", REPORTS / "workloads.py", "--octet", self.octet, "--runs",
             self.folder / "runs", "--out", self.folder / "page.md", *networks],
            capture_output=True, text=True, check=False)

    def calls(self):
        return (self.folder / "calls").read_text().splitlines()

    def test_rows(self):
        done = self.run_on("resnet-18")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        text = (self.folder / "page.md").read_text()
        # 90 epochs x 1,281,167 images / 256 = 450,410 steps of 2 s and 3 J.
        self.assertIn("| int8 | 8x4 | 123,456 | 2,000 | 50.0 | 4.00 | 8.10 | 3.00 (2.00 to 6.00) | 11.7 | "
                      "1.00 (0.9 to 1.50) | 1.00, 1.00, 1.00 | 10.4 | 0.375 (0.25 to 0.751) |", text)
        self.assertIn("| int8, delayed ranges | 8x4 | 100,000 | 1,000 | 50.0 | 4.00 | 8.10 | 3.00 (2.00 to 6.00) | 11.7 | "
                      "1.00 (0.9 to 1.50) | 0.50, 1.00, 1.00 | 5.21 | 0.375 (0.25 to 0.751) |", text)
        self.assertIn("| float32, area-equal | 1x1 | does not fit |", text)
        self.assertEqual(text.count("### resnet-18 on"), 3)
        columns = {line.count("|") for line in text.splitlines() if line.startswith("|")}
        self.assertEqual(columns, {14})

    def test_what_does_not_fit_is_marked(self):
        self.run_on("resnet-18")
        text = (self.folder / "page.md").read_text()
        edge, base, _ = text.split("### resnet-18 on ")[1:]
        self.assertIn("DRAM of 4.29 GB: the 8-bit step does not fit.\n", edge)
        self.assertIn("| 4.00 | **8.10** | 3.00", edge)
        self.assertIn("DRAM of 17.2 GB.\n", base)
        self.assertNotIn("**", base)

    def test_results_are_made_once_for_one_octet(self):
        self.run_on("fashion-cnn")
        self.run_on("fashion-cnn")
        self.assertEqual(len(self.calls()), 6)
        self.octet.write_text(self.octet.read_text() + "# another\n")
        self.run_on("fashion-cnn")
        self.assertEqual(len(self.calls()), 12)

    def test_long_steps_are_worked_out_by_rates(self):
        self.run_on("resnet-18")
        self.assertEqual({call.split()[3]: "--closed-form=rates" in call for call in self.calls()},
                         {"edge": True, "base": False, "server": False})
        text = (self.folder / "page.md").read_text()
        self.assertIn("### resnet-18 on edge, by rates\n", text)
        self.assertIn("### resnet-18 on base\n", text)

    def test_the_machine_replaces_rates_and_not_the_other_way(self):
        self.run_on("--rates", "fashion-cnn")
        self.assertEqual((self.folder / "page.md").read_text().count(", by rates\n"), 3)
        self.run_on("fashion-cnn")
        self.assertEqual(len(self.calls()), 12)
        self.run_on("--rates", "fashion-cnn")
        self.assertEqual(len(self.calls()), 12)
        self.assertNotIn(", by rates\n", (self.folder / "page.md").read_text())

    def test_the_page_shows_the_others_that_are_there(self):
        self.run_on("fashion-cnn")
        self.run_on("resnet-20")
        text = (self.folder / "page.md").read_text()
        self.assertIn("## fashion-cnn, batch 128", text)
        self.assertIn("## resnet-20, batch 128", text)
        self.assertNotIn("## alexnet", text)

    def test_a_refusal_is_told_and_the_rest_is_there(self):
        done = self.run_on("resnet-50")
        self.assertEqual(done.returncode, 1)
        self.assertIn("resnet-50 on edge", done.stderr)
        text = (self.folder / "page.md").read_text()
        self.assertIn("Refused: octet: edge.yaml: scratchpads.weight.bytes: found 1", text)
        self.assertIn("### resnet-50 on server", text)

    def test_some_machines(self):
        self.run_on("--hardware", "server,edge", "resnet-56")
        self.assertEqual(len(self.calls()), 4)
        done = self.run_on("--hardware", "desk", "resnet-56")
        self.assertEqual(done.returncode, 2)
        self.assertIn("'desk'", done.stderr)

    def test_an_unknown_network_is_bad_use(self):
        done = self.run_on("resnet-19")
        self.assertEqual(done.returncode, 2)
        self.assertIn("'resnet-19'", done.stderr)


if __name__ == "__main__":
    unittest.main()
