#!/usr/bin/python3
"""reports/paper.py on made-up results: what is missing, which order holds, whose results they are."""
import contextlib
import io
import json
import pathlib
import re
import sys
import tempfile
import unittest
import xml.dom.minidom

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "reports"))

import paper  # noqa: E402
import paper_claims  # noqa: E402
import paper_figures  # noqa: E402
import paper_runs  # noqa: E402

FULL = paper_runs.TIERS["full"]
EXAMPLE = json.loads((HERE / "train.json").read_text(encoding="utf-8"))

# Accuracy in percent of seed 1; each further seed has 0.1 more.
AS_CLAIMED = {"int8": 90.0, "float32": 90.2, "float32-batch-norm": 90.1, "nearest": 80.0,
              "no-bifurcation": 85.0, "authors-constant": 89.9, "paper-constant": 89.0, "bits-6": 89.8,
              "bits-4": 84.0, "bits-2": 20.0, "delayed": 89.7, "authors": 89.6}
BACKWARD = {2: 0.3, 4: 0.8, 6: 0.95, 8: 0.99}


def angle(node, tensor, bits, cosine):
    return {"node": node, "tensor": tensor, "bits": bits, "rounding": "nearest", "elements": 4096,
            "samples": 20, "skipped": 0, "cosine": cosine, "lowest": cosine, "highest": cosine,
            "bound": 0.5, "prediction": 0.97}


class Case(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="octet-paper-")
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        self.out = self.folder / "out"
        self.runs = self.out / "paper/results"

    def make(self, runs=None, accuracy=None, backward=BACKWARD, change=None):
        """Results as octet train would leave them."""
        accuracy = {**AS_CLAIMED, **(accuracy or {})}
        for run in paper_runs.all_runs(FULL) if runs is None else runs:
            result = json.loads(json.dumps(EXAMPLE))
            value = accuracy[run.variant]
            result["workload"]["name"] = run.network
            result["recipe"]["name"] = run.recipe
            result["run"].update(epochs=run.epochs, seed=run.seed, batch=FULL.batch,
                                 date=f"2026-11-2{run.seed}T00:00:00Z")
            result["accuracy"]["test"] = (value + 0.1 * (run.seed - 1)) / 100
            result["training"].pop("angles")
            if run.analysed(FULL):
                bits = {v: b for b, v in paper_claims.BITS.items()}[run.variant]
                result["training"]["angles"] = {"every": 9, "rows": [
                    angle("conv1", "weight", bits, 0.999), angle("conv1", "activation", bits, 0.997),
                    angle("conv2", "gradient", bits, backward[bits]),
                    angle("conv2", "weight_gradient", 16, 1.0)]}
            if change:
                change(run, result)
            path = self.runs / f"{run.name}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(result), encoding="utf-8")

    def rows(self):
        return {row.number: row for row in paper_claims.rows(paper_claims.Results(FULL, self.runs))}

    def main(self, *arguments):
        out, error = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
            status = paper.main([str(a) for a in arguments])
        return status, out.getvalue(), error.getvalue()


class Plan(Case):
    def test_each_run_once_and_each_claim_covered(self):
        for tier in paper_runs.TIERS.values():
            runs = paper_runs.all_runs(tier)
            self.assertEqual(len(runs), len({run.name for run in runs}))
            self.assertEqual({run for c in paper_runs.CLAIMS for run in paper_runs.runs_of_claim(tier, c)},
                             set(runs))

    def test_order(self):
        """8 bits against float32 first; of what is varied each claim's first seed before the second."""
        runs = paper_runs.all_runs(FULL)
        self.assertEqual({(run.variant, run.epochs) for run in runs[:6]}, {("int8", 30), ("float32", 30)})
        self.assertEqual([run.seed for run in runs[6:-6]], sorted(run.seed for run in runs[6:-6]))
        self.assertEqual({(run.variant, run.epochs) for run in runs[-6:]},
                         {("float32", 10), ("float32-batch-norm", 10)})

    def test_seeds(self):
        seeds = {}
        for run in paper_runs.all_runs(FULL):
            seeds.setdefault((run.variant, run.epochs), []).append(run.seed)
        for (variant, _), found in seeds.items():
            self.assertEqual(found, [1, 2] if variant in paper_runs.TWO_SEEDS else [1, 2, 3], variant)

    def test_hours(self):
        run, slow = (paper_runs.Run("resnet-20", variant, 30, 1) for variant in ("int8", "float32"))
        self.assertAlmostEqual(run.seconds(FULL), 30 * (50000 + 10000 / 3) / paper_runs.SPEED["integer"])
        self.assertAlmostEqual(slow.seconds(FULL), 30 * (50000 + 10000 / 3) / paper_runs.SPEED["float32"])
        self.assertAlmostEqual(paper_runs.hours([run, run], FULL), 2 * run.seconds(FULL) / 3600)

    def test_looked_at_or_gone_on_with(self):
        """octet refuses an analysis of a run that goes on from a checkpoint."""
        for name in paper_runs.TIERS:
            quick = ["--quick"] if name == "quick" else []
            for line in self.main("list", *quick)[1].splitlines():
                words = line.split("\t")[1].split()
                self.assertEqual("--restart" in words, "--analyse" in words, line)
                self.assertNotEqual("--restart" in words, "--resume" in words, line)
        analysed = {(run.variant, run.epochs) for run in paper_runs.all_runs(FULL) if run.analysed(FULL)}
        self.assertEqual(analysed, {(variant, 10) for variant in paper_claims.BITS.values()})

    def test_list_and_hours(self):
        status, out, _ = self.main("list", "--only", 5)
        self.assertEqual(status, 0)
        lines = dict(line.split("\t") for line in out.splitlines())
        self.assertEqual(len(lines), 9)
        self.assertEqual(lines["resnet-20-bits-4-10-epochs-seed2"],
                         "train resnet-20 --recipe int8 --set bits.activation=4 --set bits.gradient=4 "
                         "--set bits.weight=4 --epochs 10 --seed 2 --analyse angles --restart")
        self.assertEqual(self.main("list", "--only", 9)[1].splitlines()[0],
                         "resnet-20-int8-30-epochs-seed1\ttrain resnet-20 --recipe int8 --epochs 30 --seed 1 "
                         "--resume")
        self.assertIn("37 trainings", self.main("hours")[1])
        self.assertIn("minutes", self.main("hours", "--quick")[1])


class Verdicts(Case):
    def verdict(self, number, **how):
        self.make(**how)
        return self.rows()[number].verdict

    def test_as_claimed(self):
        self.make()
        for number, row in self.rows().items():
            self.assertTrue(row.verdict.startswith("It matters" if number == 4 else "Holds"),
                            f"{number}: {row.verdict}")
            self.assertEqual(row.dates, ["2026-11-21", "2026-11-22", "2026-11-23"])
            self.assertNotIn("not run", " ".join(row.numbers))

    def test_numbers(self):
        self.make()
        self.assertEqual(self.rows()[2].numbers,
                         ["int8: 90.10 % (90.00 to 90.20, seeds 1, 2, 3)",
                          "nearest: 80.10 % (80.00 to 80.20, seeds 1, 2, 3)"])

    def test_bits_out_of_order(self):
        self.assertIn("Does not hold: 2 bits (85.05 %) not below 4 (84.05 %)",
                      self.verdict(5, accuracy={"bits-2": 85.0}))
        self.assertIn("Does not hold: 4 bits (89.85 %) not below 6 (89.85 %)",
                      self.verdict(5, accuracy={"bits-4": 89.8}))
        self.assertIn("6 bits 5.05 points below 8", self.verdict(5, accuracy={"bits-6": 85.0}))

    def test_as_good_has_a_tolerance(self):
        self.assertTrue(self.verdict(9, accuracy={"int8": 89.91}).startswith("Holds: int8 lies 0.29 points"))
        self.assertTrue(self.verdict(9, accuracy={"int8": 89.89}).startswith("Does not hold"))
        self.assertIn("1.00 points above", self.verdict(9, accuracy={"int8": 91.2}))

    def test_worse_asks_for_every_seed(self):
        self.assertIn("seeds overlap", self.verdict(2, accuracy={"nearest": 89.8}))
        self.assertTrue(self.verdict(2, accuracy={"nearest": 89.8}).startswith("Not seen here"))
        self.assertTrue(self.verdict(2, accuracy={"nearest": 89.7}).startswith("Holds"))
        self.assertTrue(self.verdict(2, accuracy={"nearest": 90.3}).startswith("Does not hold"))

    def test_constants_that_hardly_matter(self):
        same = {"paper-constant": 90.0, "authors-constant": 90.1}
        self.assertTrue(self.verdict(4, accuracy=same).startswith("It hardly matters"))

    def test_angles_against_the_claim(self):
        self.assertIn("7 of 9 tensors keep the bound", self.verdict(6))
        self.assertIn("farthest from the prediction at 2 bits (-0.6700)", self.verdict(6))
        flat = self.verdict(6, backward={2: 0.9999, 4: 0.9999, 6: 0.9999, 8: 0.9999})
        self.assertTrue(flat.startswith("Does not hold: gradients do not turn further"), flat)
        fallen = self.verdict(6, accuracy={"bits-2": 95.0})
        self.assertTrue(fallen.startswith("Does not hold"), fallen)
        self.assertIn("does not rise", fallen)

    def test_two_seeds_are_all_of_some(self):
        self.make()
        self.assertEqual(self.rows()[4].numbers[1:],
                         ["authors-constant: 89.95 % (89.90 to 90.00, seeds 1, 2)",
                          "paper-constant: 89.05 % (89.00 to 89.10, seeds 1, 2)"])

    def test_one_seed_is_a_hint(self):
        self.make(runs=[r for r in paper_runs.all_runs(FULL) if r.seed == 1])
        rows = self.rows()
        for number, row in rows.items():
            self.assertIn("One seed: a hint", row.verdict, number)
        self.assertIn("seed 1; seeds 2, 3 not run", rows[1].numbers[0])


class Missing(Case):
    def test_nothing_has_run(self):
        for row in self.rows().values():
            self.assertEqual(row.verdict, "not run")
            self.assertEqual(row.dates, [])
        self.assertEqual(self.main("report", self.out)[0], 0)
        text = (self.folder / "out/paper.md").read_text(encoding="utf-8")
        self.assertIn("from 0 of 37 trainings", text)
        self.assertNotIn("svg", text)
        ours = [line for line in text.splitlines() if re.match(r"\| \d", line)]
        self.assertEqual(len(ours), 9)
        for line in ours:
            self.assertIn("not run", line)

    def test_one_variant_of_a_claim_is_missing(self):
        self.make(runs=[r for r in paper_runs.all_runs(FULL) if r.variant not in ("nearest", "bits-2")])
        rows = self.rows()
        self.assertEqual(rows[2].numbers[1], "nearest: not run")
        for number in (2, 5, 6):
            self.assertEqual(rows[number].verdict, "not run")
        self.assertTrue(rows[3].verdict.startswith("Holds"))

    def test_a_figure_whose_runs_are_gone_goes_too(self):
        out = self.out
        self.make()
        self.assertEqual(self.main("report", out)[0], 0)
        self.assertEqual(len(list((out / "paper").glob("*.svg"))), 4)
        for path in self.runs.glob("*.json"):
            path.unlink()
        self.assertEqual(self.main("report", out)[0], 0)
        self.assertEqual(list((out / "paper").glob("*.svg")), [])


class BadResults(Case):
    def refused(self, change, *words):
        self.make(change=lambda run, result: change(result) if run.variant == "delayed" else None)
        status, _, error = self.main("report", self.out)
        self.assertEqual(status, 1)
        self.assertEqual(len(error.splitlines()), 1, error)
        for word in ("delayed", "found", *words):
            self.assertIn(word, error)
        self.assertEqual([p.name for p in self.out.iterdir()], ["paper"], "nothing half written")
        self.assertEqual([p.name for p in (self.out / "paper").iterdir()], ["results"])

    def test_another_runs_result(self):
        self.refused(lambda r: r["run"].update(seed=7), "7", "expected")
        self.refused(lambda r: r["run"].update(epochs=1), "expected")
        self.refused(lambda r: r["recipe"].update(name="int8"), "'int8'", "'int8-delayed'")
        self.refused(lambda r: r["workload"].update(name="fashion-cnn"), "fashion-cnn", "resnet-20")

        self.refused(lambda r: r["run"].update(batch=64), "64", "128")

    def test_no_angles(self):
        def lose(run, result):
            if run.variant == "bits-4" and run.seed == 2:
                result["training"].pop("angles")
        self.make(change=lose)
        status, _, error = self.main("report", self.out)
        self.assertEqual(status, 1)
        self.assertRegex(error, "bits-4-10-epochs-seed2.json: training.angles: found none, expected .*\n$")

    def test_no_result_at_all(self):
        self.refused(lambda r: r.pop("recipe"), "recipe")
        path = self.runs / f"{paper_runs.Run('resnet-20', 'delayed', 10, 1).name}.json"
        self.make()
        path.write_text("{", encoding="utf-8")
        self.assertEqual(self.main("report", self.out)[0], 1)


class Keeping(Case):
    def test_results_are_kept_without_what_a_step_costs(self):
        self.make()
        whole = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in self.runs.glob("*.json")}
        kept = self.folder / "kept"
        for name, result in whole.items():
            path = self.folder / "runs" / name / "result.json"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps({**result, "step": {"cycles": 1}}), encoding="utf-8")
        self.assertEqual(self.main("keep", self.folder / "runs", kept)[0], 0)
        for name, result in whole.items():
            result.pop("step", None)
            found = json.loads((kept / f"paper/results/{name}.json").read_text(encoding="utf-8"))
            self.assertEqual(found, result)

    def test_another_runs_result_is_not_kept(self):
        runs = [paper_runs.Run("resnet-20", variant, 10, 1) for variant in ("delayed", "authors")]
        self.make(runs=runs)
        for name, wrong in ((runs[0].name, runs[0]), (runs[1].name, runs[0])):
            path = self.folder / "runs" / name / "result.json"
            path.parent.mkdir(parents=True)
            path.write_text((self.runs / f"{wrong.name}.json").read_text(encoding="utf-8"), encoding="utf-8")
        status, _, error = self.main("keep", self.folder / "runs", self.folder / "kept")
        self.assertEqual(status, 1)
        self.assertIn(runs[1].name, error)
        self.assertFalse((self.folder / "kept").exists())


class Machines(Case):
    def text(self, change=None):
        self.make(change=change)
        self.assertEqual(self.main("report", self.out)[0], 0)
        return (self.folder / "out/paper.md").read_text(encoding="utf-8")

    def test_one_for_all(self):
        machine = EXAMPLE["run"]["machine"]
        self.assertIn(f"\n\nTrained on {machine['cores']} cores of {machine['processor']} "
                      f"({EXAMPLE['run']['isa']} kernels).\n\n", self.text())

    def test_others_with_their_claims(self):
        def elsewhere(run, result):
            if run.variant == "delayed":
                result["run"].update(machine={"processor": "Acorn", "cores": 1}, isa="scalar")
            elif run.epochs == 30:
                result["run"].pop("machine")
        text = self.text(elsewhere)
        self.assertIn("\n- 1 core of Acorn (scalar kernels): of claim 7\n", text)
        self.assertIn("\n- a machine that the result does not name: of claim 9\n", text)
        self.assertIn(" kernels): of claims 1, 2, 3, 4, 5, 6, 7, 8\n", text)


class Figures(Case):
    def test_are_sound_and_readable_on_either_page(self):
        self.make()
        self.assertEqual(self.main("report", self.out)[0], 0)
        for name in ("bits", "cosine", "layers", "curves"):
            text = (self.folder / f"out/paper/{name}.svg").read_text(encoding="utf-8")
            xml.dom.minidom.parseString(text)
            self.assertIn("prefers-color-scheme: dark", text)
            self.assertIn('class="paper"', text)
            for x, y in re.findall(r'c[xy]="([-\d.]+)" cy="([-\d.]+)"', text):
                self.assertTrue(0 <= float(x) <= paper_figures.WIDTH, x)
                self.assertTrue(0 <= float(y) <= paper_figures.HEIGHT, y)

    def test_ticks_are_round_and_inside(self):
        self.assertEqual(paper_figures.ticks(0, 10), [0, 2, 4, 6, 8, 10])
        self.assertEqual(paper_figures.ticks(17, 96), [20, 40, 60, 80])
        self.assertEqual(paper_figures.ticks(0.91, 1.0), [0.92, 0.94, 0.96, 0.98, 1.0])
        for low, high in ((3, 3.0001), (-7e5, 1), (1e-9, 2e-9)):
            found = paper_figures.ticks(low, high)
            self.assertTrue(2 <= len(found) <= 8, found)
            self.assertTrue(all(low - 1e-9 <= t <= high + 1e-9 for t in found), found)

    def test_points_lie_where_their_numbers_say(self):
        svg = paper_figures.chart("t", "x", "y", [paper_figures.Series("a", [(0, 1.0), (2, 100.0)], 0)],
                                  log=True)
        (x0, y0), (x1, y1) = [(float(x), float(y)) for x, y in
                              re.findall(r'cx="([-\d.]+)" cy="([-\d.]+)"', svg)][:2]
        self.assertLess(x0, x1)
        self.assertEqual(y0, paper_figures.HEIGHT - paper_figures.BOTTOM)
        self.assertEqual(y1, paper_figures.TOP)


if __name__ == "__main__":
    unittest.main(verbosity=2)
