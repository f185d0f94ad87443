#!/usr/bin/python3
"""octet estimate, program and list: they need no data, and give the same answer each time."""
import json

from octet_case import NETWORK, SOURCE, OctetCase, main

TINY = "tiny-cnn"


class Estimate(OctetCase):
    def estimate(self, name, *arguments):
        self.passes("estimate", *arguments, "--out", self.folder / name)
        return self.result(self.folder / name)

    def test_needs_no_data(self):
        result = self.estimate("a", NETWORK, "--batch", 8)  # its data folder does not exist
        self.assertEqual(result["kind"], "estimate")
        self.assertEqual(result["step"]["batch"], 8)
        self.assertNotIn("accuracy", result)
        self.assertNotIn("training", result)
        layers = [layer["name"] for layer in result["step"]["per_layer"]]
        for name in ("conv1", "norm1", "add1", "fc1", "loss"):
            self.assertIn(name, layers)
        self.assertEqual(sum(layer["cycles"] for layer in result["step"]["per_layer"]),
                         result["step"]["cycles"])
        self.assertTrue((self.folder / "a/report.html").exists())

    def test_same_each_time(self):
        first, second = (self.estimate(name, TINY, "--batch", 4) for name in "ab")
        self.assertEqual(first["step"], second["step"])

    def test_every_machine_and_recipe_bits(self):
        cycles = {machine: self.estimate(machine, TINY, "--hardware", machine)["step"]["cycles"]
                  for machine in ("base", "edge", "server")}
        self.assertEqual(len(set(cycles.values())), 3, cycles)

    def test_default_folder(self):
        self.passes("estimate", TINY, "--batch", 4, cwd=self.folder)
        self.result(self.folder / "runs/tiny-cnn-base-estimate")

    def test_json_on_a_pipe(self):
        self.passes("estimate", TINY, "--batch", 4, "--out", self.folder / "a", "--json", "/dev/null")


class Gemm(OctetCase):
    def gemm(self, *arguments):
        file = self.folder / "gemm.json"
        printed = self.passes("estimate", *arguments, "--json", file, cwd=self.folder)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["gemm.json"])
        return printed, json.loads(file.read_text(encoding="utf-8"))

    def test_one_product_on_the_machine(self):
        printed, result = self.gemm("--gemm", "300,70,150", "--hardware", "edge")
        self.assertEqual(result["kind"], "gemm")
        self.assertEqual(result["gemm"], {"m": 300, "n": 70, "k": 150, "operands": "8x8"})
        step = result["step"]
        self.assertEqual(step["macs"], 300 * 70 * 150)
        self.assertIn(str(step["cycles"]), printed)
        # At least the operands and the results pass the bus.
        self.assertGreaterEqual(step["dram_bytes"], 300 * 150 + 150 * 70 + 4 * 300 * 70)
        wide = self.gemm("--gemm", "300,70,150", "--hardware", "edge", "--operands", "8x16")[1]
        self.assertGreater(wide["step"]["cycles"], step["cycles"])

    def test_scale_sim(self):
        printed, result = self.gemm("--gemm", "2916,64,576", "--reference", "scale-sim", "--array",
                                    "32x32")
        self.assertEqual(result["gemms"][0]["cycles"], {"os": 117391, "ws": 108359, "is": 261647})
        self.assertEqual(result["gemms"][0]["best"], "ws")
        self.assertIn("108359", printed)
        for machine, side in (("edge", 16), ("server", 128)):
            result = self.gemm("--gemm", "100,200,300", "--reference", "scale-sim", "--hardware",
                               machine, "--dataflow", "os")[1]
            folds = -(-100 // side) * -(-200 // side)
            self.assertEqual(result["gemms"][0]["cycles"], {"os": folds * (300 + 2 * side - 2) - 1})

    def test_scale_sim_of_a_network(self):
        result = self.gemm(NETWORK, "--reference", "scale-sim", "--batch", 4)[1]
        phases = [row["phase"] for row in result["gemms"]]
        self.assertEqual(phases[:2], ["forward", "weight_gradient"])  # nobody needs the images'
        for flow in ("os", "ws", "is"):
            self.assertEqual(sum(row["cycles"][flow] for row in result["gemms"]),
                             result["total"][flow])
        self.assertEqual(sum(min(row["cycles"].values()) for row in result["gemms"]),
                         result["total"]["best_of_each"])


class Program(OctetCase):
    def test_prints_and_saves_the_same_text(self):
        printed = self.passes("program", NETWORK, "--batch", 2)
        self.assertGreater(len(printed.splitlines()), 20)
        self.assertEqual(printed, self.passes("program", NETWORK, "--batch", 2))
        saved = self.folder / "program.txt"
        self.assertEqual(self.passes("program", NETWORK, "--batch", 2, "--out", saved), "")
        self.assertEqual(saved.read_text(encoding="utf-8"), printed)

    def test_names_every_layer(self):
        printed = self.passes("program", TINY, "--batch", 2)
        for name in ("conv1", "norm1", "add1", "pool2", "fc1"):
            self.assertIn(name, printed)


class List(OctetCase):
    def test_lists_what_comes_with_octet(self):
        printed = self.passes("list")
        shipped = ["workloads/networks", "model/recipes", "sim/hardware"]
        for folder in shipped:
            files = sorted((SOURCE / folder).glob("*.yaml"))
            self.assertTrue(files, folder)
            for file in files:
                self.assertIn(f"  {file.stem} ", printed)
        self.assertIn("fashion-cnn", printed)

    def test_help_shows_an_example(self):
        for command in ("train", "estimate", "program", "verify"):
            self.assertIn(f"example: octet {command}", self.passes(command, "--help"))
        self.assertRegex(self.passes("--version"), r"^\d+\.\d+\.\d+\n$")


if __name__ == "__main__":
    main()
