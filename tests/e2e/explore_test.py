#!/usr/bin/python3
"""octet explore: every point once, the same figures as octet estimate, and nothing lost by a kill."""
import csv
import json
import re
import signal
import sqlite3
import subprocess
import time
import xml.etree.ElementTree as ET

from octet_case import NETWORK, OCTET, SOURCE, OctetCase, main

SWEEP = f"""
name: small
network: {NETWORK}
batch: [4, 8]
hardware: edge
over:
  hardware.array.rows, hardware.array.cols: {{from: 4, to: 16, times: 2}}
  recipe.range: [current, delayed]
"""


class Explore(OctetCase):
    def sweep(self, text=SWEEP):
        file = self.folder / "sweep.yaml"
        file.write_text(text, encoding="utf-8")
        return file

    def points(self, folder):
        with open(folder / "points.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        for row in rows:
            self.assertNotIn(None, row)  # no row is longer than the header
            self.assertNotIn(None, row.values())
        return rows

    def test_by_rates(self):
        out = self.folder / "out"
        self.passes("explore", self.sweep(), "--out", out)
        machine = self.points(out)
        self.assertIn("12 to run", self.passes("explore", self.sweep(), "--out", out, "--rates"))
        for run, worked_out in zip(machine, self.points(out)):
            self.assertEqual(worked_out["dram_bytes"], run["dram_bytes"])
            self.assertAlmostEqual(int(worked_out["cycles"]) / int(run["cycles"]), 1.0, delta=0.12)

    def test_by_formula(self):
        text = SWEEP.replace("over:", "over:\n  hardware.dram.page: [open, closed]")
        out = self.folder / "out"
        self.passes("explore", self.sweep(text), "--out", out)
        machine = self.points(out)
        self.assertIn("24 to run", self.passes("explore", self.sweep(text), "--out", out, "--formula"))
        for run, formula in zip(machine, self.points(out)):
            self.assertEqual(formula["ok"], "1")
            self.assertEqual(formula["macs"], run["macs"])
            for key, delta in (("cycles", 0.15), ("energy_joules", 0.15), ("energy_joules_low", 0.15), ("dram_bytes", 0.05),
                               ("utilisation", 0.15), ("memory_needed_bytes", 0.1)):
                self.assertAlmostEqual(float(formula[key]) / float(run[key]), 1.0, delta=delta, msg=key)
            self.assertEqual(formula["area_mm2"], run["area_mm2"])
            if formula["hardware.dram.page"] == "closed":  # the formula is not of these: replayed
                self.assertEqual(formula["cycles"], run["cycles"])
        self.fails(2, ["excludes"], "explore", self.sweep(text), "--out", out, "--formula", "--rates")

    def test_what_no_tiling_fits_is_said_by_formula_too(self):
        text = SWEEP.replace("over:", "over:\n  hardware.scratchpads.weight.bytes: [16, 65536]")
        out = self.folder / "out"
        self.passes("explore", self.sweep(text), "--out", out)
        errors = [row["error"] for row in self.points(out)]
        self.passes("explore", self.sweep(text), "--out", out, "--formula")
        self.assertEqual([row["error"] for row in self.points(out)], errors)
        self.assertTrue(any("scratchpads.weight.bytes" in error for error in errors))

    def test_forward_passes(self):
        out = self.folder / "out"
        self.passes("explore", self.sweep(), "--out", out)
        steps = self.points(out)
        self.assertIn("12 to run", self.passes("explore", self.sweep(), "--out", out, "--forward"))
        self.assertIn(" 0 to run", self.passes("explore", self.sweep(), "--out", out, "--forward"))
        for step, forward in zip(steps, self.points(out)):
            self.assertLess(int(forward["cycles"]), int(step["cycles"]))
            self.assertLess(2 * int(forward["macs"]), int(step["macs"]))

    def test_points_are_what_estimate_says(self):
        out = self.folder / "out"
        said = self.passes("explore", self.sweep(), "--out", out)
        rows = self.points(out)
        self.assertEqual(len(rows), 2 * 3 * 2)
        row = next(row for row in rows if row["batch"] == "8" and row["recipe.range"] == "delayed"
                   and row["hardware.array.rows, hardware.array.cols"] == "8")
        self.passes("estimate", NETWORK, "--batch", 8, "--hardware", "edge", "--set",
                    "range=delayed", "--set-hardware", "array.rows=8", "--set-hardware",
                    "array.cols=8", "--out", self.folder / "one")
        step = self.result(self.folder / "one")["step"]
        self.assertEqual(int(row["cycles"]), step["cycles"])
        self.assertEqual(int(row["dram_bytes"]), step["dram_bytes"])
        self.assertEqual(int(row["memory_needed_bytes"]), step["memory"]["needed_bytes"])
        self.assertEqual(int(row["memory_capacity_bytes"]), step["memory"]["capacity_bytes"])
        for bar in ("", "_low", "_high"):
            self.assertAlmostEqual(float(row["energy_joules" + bar]), step["energy_joules" + bar], places=12)
            self.assertAlmostEqual(float(row["joules_per_image" + bar]), step["energy_joules" + bar] / 8, places=12)
        # The front, by comparing all pairs; area counts where there is one.
        goals = [(float(r["seconds"]) / int(r["step_batch"]), float(r["joules_per_image"]),
                  float(r["area_mm2"] or 0)) for r in rows]
        for goal, r in zip(goals, rows):
            beaten = any(all(a <= b for a, b in zip(other, goal)) and other != goal
                         for other in goals)
            self.assertEqual(r["pareto"], "0" if beaten else "1")
        front = json.loads((out / "explore.json").read_text(encoding="utf-8"))["fronts"][0]
        self.assertEqual(len(front["points"]), sum(r["pareto"] == "1" for r in rows))
        for point in front["points"]:
            self.assertLess(point["joules_per_image_low"], point["joules_per_image"])
            self.assertLess(point["joules_per_image"], point["joules_per_image_high"])
        self.assertIn("Pareto front", said)
        self.assertRegex(said, r"\n +[\d.]+ +[\d.]+ \([\d.]+ to [\d.]+\)")
        ET.fromstring((out / "pareto.svg").read_text(encoding="utf-8"))
        database = sqlite3.connect(out / "points.sqlite")
        self.assertEqual(database.execute("select count(*) from points where ok").fetchone(), (12,))
        self.assertEqual(database.execute("select count(*) from points where energy_joules_low < energy_joules and "
                                          "energy_joules < energy_joules_high").fetchone(), (12,))
        database.close()

    def test_killed_and_resumed(self):
        sweep = self.sweep(SWEEP.replace("batch: [4, 8]", "batch: {from: 1, to: 60, step: 1}"))
        out = self.folder / "out"
        run = subprocess.Popen([str(OCTET), "explore", str(sweep), "--out", str(out), "--jobs", "2"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while run.poll() is None and self.rows(out) < 20:
            time.sleep(0.01)
        run.send_signal(signal.SIGKILL)
        self.assertEqual(run.wait(), -signal.SIGKILL, "it ended before it could be killed")
        before = self.rows(out)
        self.assertGreaterEqual(before, 20)
        said = self.passes("explore", sweep, "--out", out)
        to_run = int(said.split(" to run")[0].split()[-1])
        self.assertLessEqual(to_run, 360 - before)
        self.assertGreater(to_run, 0)
        self.passes("explore", sweep, "--out", self.folder / "whole", "--jobs", "1")
        self.assertEqual((out / "points.csv").read_bytes(),
                         (self.folder / "whole/points.csv").read_bytes())
        self.assertIn(" 0 to run", self.passes("explore", sweep, "--out", out))
        self.assertIn(" 360 to run", self.passes("explore", sweep, "--out", out, "--restart"))

    @staticmethod
    def rows(out):
        if not (out / "points.sqlite").exists():
            return 0
        database = sqlite3.connect(out / "points.sqlite", timeout=5)
        try:
            return database.execute("select count(*) from points").fetchone()[0]
        except sqlite3.OperationalError:  # the table is not there yet
            return 0
        finally:
            database.close()

    def test_an_edited_file_runs_anew(self):
        machine = self.edited(NETWORK.parents[2] / "sim/hardware/edge.yaml")
        sweep = self.sweep(f"network: {NETWORK}\nbatch: [2, 3]\nhardware: {machine}\n")
        out = self.folder / "out"
        self.assertIn(" 2 to run", self.passes("explore", sweep, "--out", out))
        self.assertIn(" 0 to run", self.passes("explore", sweep, "--out", out))
        machine.write_text(machine.read_text(encoding="utf-8").replace("500000000", "400000000"),
                           encoding="utf-8")
        self.assertIn(" 2 to run", self.passes("explore", sweep, "--out", out))

    def test_points_that_do_not_fit_the_memory(self):
        kind = (SOURCE / "sim/dram/kinds/DDR4-2400.yaml").read_text(encoding="utf-8")
        small = self.folder / "small.yaml"  # 16 banks of 16 rows of 8,192 bytes
        small.write_text(re.sub(r"(?m)^rows: \d+", "rows: 16", kind), encoding="utf-8")
        out = self.folder / "out"
        said = self.passes("explore", self.sweep(f"name: small\nnetwork: tiny-cnn\nbatch: [64, 256]\nover:\n"
                                                 f"  hardware.dram.kind: [{small}]\n"), "--out", out, "--rates")
        rows = self.points(out)
        self.assertEqual([row["ok"] for row in rows], ["1", "1"])
        self.assertEqual([int(row["memory_needed_bytes"]) <= int(row["memory_capacity_bytes"]) for row in rows],
                         [True, False])
        self.assertEqual(said.count("(does not fit the memory)"), sum(row["pareto"] == "1" for row in rows[1:]))

    def test_a_file_of_points_without_later_columns_is_still_good(self):
        out = self.folder / "out"
        self.passes("explore", self.sweep(), "--out", out)
        database = sqlite3.connect(out / "points.sqlite")
        for column in ("memory_needed_bytes", "memory_capacity_bytes"):
            database.execute(f"alter table points drop column {column}")
        database.execute("update points set key = 'of another program ' || key")
        database.commit()
        database.close()
        self.assertIn(" 12 to run", self.passes("explore", self.sweep(), "--out", out))
        self.assertEqual(self.rows(out), 24)

    def test_points_that_can_not_be_run(self):
        sweep = self.sweep(f"network: {NETWORK}\nbatch: 2\nhardware: edge\nover:\n"
                           "  hardware.scratchpads.activation.bytes: [16, 131072]\n")
        said = self.passes("explore", sweep, "--out", self.folder / "out")
        self.assertIn("1 points can not be run", said)
        rows = self.points(self.folder / "out")
        self.assertEqual([row["ok"] for row in rows], ["0", "1"])
        self.assertIn("activation", rows[0]["error"])
        alone = self.sweep(f"network: {NETWORK}\nbatch: 2\nhardware: edge\nover:\n"
                           "  hardware.scratchpads.activation.bytes: 16\n")
        self.fails(1, ["no point", "activation"], "explore", alone, "--out", self.folder / "none")

    def test_bad_sweeps(self):
        for words, text in (
                (["network", "nothing"], "batch: 3\n"),
                (["sweep.yaml", "lenet"], "network: lenet\n"),
                (["sweep.yaml", "recipe", "int3"], "network: tiny-cnn\nrecipe: int3\n"),
                (["sweep.yaml", "hardware", "gpu"], "network: tiny-cnn\nhardware: [base, gpu]\n"),
                (["over.hardware.array.rowz", "unknown key"],
                 "network: tiny-cnn\nover: {hardware.array.rowz: 3}\n"),
                (["over.hardware.array.rows", "found -3", "1 to 4096"],
                 "network: tiny-cnn\nover: {hardware.array.rows: [8, -3]}\n"),
                (["over.recipe.bits.weight", "found 9", "2 to 8"],
                 "network: tiny-cnn\nover: {recipe.bits.weight: [8, 9]}\n"),
                (["over", "array.rows", "hardware.FIELD"], "network: tiny-cnn\nover: {array.rows: 3}\n"),
                (["over.hardware.name: found 'hardware.name'"],
                 "network: tiny-cnn\nover: {hardware.name: [a, b]}\n"),
                (["over", "found 'recipe.name'"], "network: tiny-cnn\nover: {recipe.name: [a, b]}\n"),
                (["sweep.yaml: network: found nosuch"], "network: nosuch\n"),
                (["sweep.yaml: recipe: found 'nosuch'"], "network: tiny-cnn\nrecipe: nosuch\n"),
                (["sweep.yaml: hardware: found 'nosuch'"], "network: tiny-cnn\nhardware: nosuch\n"),
                (["YAML"], "network: [tiny-cnn\n")):
            with self.subTest(text=text):
                self.fails(1, words, "explore", self.sweep(text), "--out", self.folder / "out")
                self.no_result(self.folder / "out")
        self.fails(1, ["nosuch.yaml"], "explore", "nosuch.yaml", cwd=self.folder)
        self.fails(2, ["--jobs"], "explore", self.sweep(), "--jobs", "0", cwd=self.folder)
        self.fails(2, ["sweep"], "explore", cwd=self.folder)


if __name__ == "__main__":
    main()
