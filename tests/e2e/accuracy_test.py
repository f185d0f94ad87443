#!/usr/bin/python3
"""octet accuracy: what a trained run costs on machines until it reaches an accuracy."""
import copy
import json

from octet_case import OctetCase, main

RUN = {"workload": {"name": "tiny-cnn"}, "recipe": {"name": "int8"}, "run": {"batch": 4},
       "training": {"epochs": [
           {"test_accuracy": accuracy, "seconds": 0.5, "images_per_second": 80.0}
           for accuracy in (0.5, 0.82, 0.79, 0.91)]}}  # 10 steps an epoch


class Accuracy(OctetCase):
    def write(self, name, result):
        path = self.folder / name
        path.write_text(json.dumps(result), encoding="utf-8")
        return path

    def rows(self, *arguments):
        self.passes("accuracy", *arguments, "--json", self.folder / "rows.json")
        return json.loads((self.folder / "rows.json").read_text(encoding="utf-8"))

    def step(self, machine, *arguments):
        self.passes("estimate", "tiny-cnn", "--batch", 4, "--hardware", machine, *arguments,
                    "--out", self.folder / machine)
        return self.result(self.folder / machine)["step"]

    def test_time_and_energy_are_those_of_the_steps(self):
        rows = self.rows(self.write("run.json", RUN), "--hardware", "edge,server",
                         "--target", "50,80,90,95")
        self.assertEqual([row["hardware"] for row in rows], ["edge", "server"])
        for row in rows:
            step = self.step(row["hardware"])
            self.assertEqual([t["epoch"] for t in row["targets"]], [1, 2, 4, None])
            self.assertEqual([p["epoch"] for p in row["curve"]], [1, 2, 3, 4])
            for point in row["curve"]:
                steps = 10 * point["epoch"]
                self.assertAlmostEqual(point["seconds"] / (steps * step["seconds"]), 1.0, 9)
                for bar in ("", "_low", "_high"):
                    self.assertAlmostEqual(point["joules" + bar] / (steps * step["energy_joules" + bar]), 1.0, 9)
            self.assertIsNone(row["targets"][3]["seconds"])
            for bar in ("", "_low", "_high"):
                self.assertEqual(row["targets"][1]["joules" + bar], row["curve"][1]["joules" + bar])
                self.assertIsNone(row["targets"][3]["joules" + bar])
                self.assertAlmostEqual(row["joules_per_step" + bar] / step["energy_joules" + bar], 1.0, 9)

    def test_the_recipe_is_the_run_s_with_its_settings(self):
        changed = copy.deepcopy(RUN)
        changed["recipe"]["name"] = "int8+range=delayed"
        row = self.rows(self.write("run.json", changed))[0]
        self.assertEqual(row["recipe"], "int8+range=delayed")
        step = self.step("base", "--recipe", "int8-delayed")
        self.assertAlmostEqual(row["seconds_per_step"] / step["seconds"], 1.0, 9)

    def test_a_folder_stands_for_its_result(self):
        self.write("result.json", RUN)
        self.assertEqual(len(self.rows(self.folder)), 1)

    def test_bad_results(self):
        def broken(change):
            result = copy.deepcopy(RUN)
            change(result)
            return self.write("broken.json", result)
        cases = [
            (lambda r: r["workload"].pop("name"), "workload/name"),
            (lambda r: r["run"].update(batch=0), "run/batch"),
            (lambda r: r["recipe"].update(name="mine"), "'mine'"),
            (lambda r: r["recipe"].update(name="int8+bits.gradient=99"), "bits.gradient=99"),
            (lambda r: r["training"].update(epochs=[]), "training/epochs"),
            (lambda r: r["training"]["epochs"][2].pop("seconds"), "training/epochs/2/seconds"),
            (lambda r: r["training"]["epochs"][1].update(seconds=0), "training/epochs/1"),
        ]
        for change, words in cases:
            with self.subTest(words=words):
                self.fails(1, [words], "accuracy", broken(change))
        text = self.folder / "text.json"
        text.write_text("no JSON", encoding="utf-8")
        self.fails(1, ["text.json"], "accuracy", text)
        self.fails(1, ["nowhere"], "accuracy", self.folder / "nowhere")
        for target in ("0", "101", "nan"):
            self.fails(2, ["--target"], "accuracy", self.write("run.json", RUN), "--target", target)


if __name__ == "__main__":
    main()
