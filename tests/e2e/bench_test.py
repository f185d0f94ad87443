#!/usr/bin/python3
"""octet bench: what it prints and writes, and that the columns add up. Never how fast it is."""
import json
import unittest

import jsonschema

from octet_case import NETWORK, SOURCE, OctetCase, main

TINY = "tiny-cnn"
SCHEMA = json.loads((SOURCE / "bench/bench.schema.json").read_text(encoding="utf-8"))
PRODUCTS = ("forward", "data gradient", "weight gradient")


class Bench(OctetCase):
    def bench(self, network, *arguments, **how):
        file = self.folder / "bench.json"
        self.printed = self.passes("bench", network, "--json", file, *arguments, **how)
        result = json.loads(file.read_text(encoding="utf-8"))
        jsonschema.validate(result, SCHEMA)
        return result

    def test_needs_no_data(self):
        result = self.bench(NETWORK, "--steps", 2)  # its data folder does not exist
        self.assertEqual(result["kind"], "bench")
        self.assertEqual((result["run"]["batch"], result["run"]["threads"]), (20, 2))
        step = result["step"]
        self.assertEqual(step["measured"], 2)
        times = [step[f"{name}_seconds"] for name in ("best", "lower_quartile", "median", "upper_quartile")]
        self.assertEqual(times, sorted(times))
        self.assertEqual(step["images_per_second"], 20 / step["median_seconds"])
        # conv1, conv2, fc1 forward and weight gradient; data gradient of the last two
        macs = [144 * 8 * 9, 36 * 8 * 72, 4 * 288]
        self.assertEqual(step["macs"], 20 * (3 * sum(macs) - macs[0]))
        for words in ("small-cnn, recipe int8, batch 20, 2 threads", "images/s", "GMAC"):
            self.assertIn(words, self.printed)

    def test_writes_only_what_is_asked_for(self):
        self.passes("bench", TINY, "--steps", 1, "--batch", 2, cwd=self.folder)
        self.no_result(self.folder)

    def test_the_kernels_in_use_and_their_peak(self):
        result = self.bench(TINY, "--steps", 1, "--batch", 2, "--threads", 1, env={"OCTET_ISA": "scalar"})
        self.assertEqual(result["run"]["isa"], "scalar")
        self.assertIsNone(result["peak"])
        for peak in result["peaks"]:
            if peak["isa"] == "avx2":  # the kernels for it are in every build for x86
                result = self.bench(TINY, "--steps", 1, "--batch", 2, "--threads", 1,
                                    env={"OCTET_ISA": "avx2"})
                self.assertEqual(result["run"]["isa"], "avx2")
                self.assertEqual(result["peak"]["instruction"], "vpmaddwd")

    def test_float32_has_no_peak_and_no_parts(self):
        result = self.bench(TINY, "--steps", 1, "--batch", 2, "--recipe", "float32")
        self.assertIsNone(result["peak"])
        self.assertIsNone(result["parts"])
        self.assertIn("does not time its parts", self.printed)

    def test_by_seconds(self):
        self.assertGreaterEqual(self.bench(TINY, "--seconds", 0.05, "--batch", 2)["step"]["measured"], 1)

    def test_columns_add_up(self):
        result = self.bench(NETWORK, "--steps", 3, "--layers")
        parts = result["parts"]
        if parts is None:
            self.skipTest("this engine does not time its parts")
        self.assertEqual(parts["steps"], 2)
        layers = {layer["name"]: layer for layer in parts["layers"]}
        for name in ("conv1", "norm1", "pool1", "add1", "fc1", "loss"):
            self.assertIn(name, layers)
            self.assertIn(f"\n  {name} ", self.printed)
        for product in PRODUCTS:
            for field in ("macs", "byte_macs", "seconds"):
                self.assertAlmostEqual(sum(layer["products"][product][field] for layer in layers.values()),
                                       parts["products"][product][field])
        for name, seconds in parts["passes"].items():
            self.assertAlmostEqual(sum(layer["passes"][name] for layer in layers.values()), seconds)
        products = sum(parts["products"][product]["seconds"] for product in PRODUCTS)
        self.assertAlmostEqual(products, parts["products_total"]["seconds"])
        self.assertAlmostEqual(products + parts["rest_seconds"], parts["step_seconds"])
        self.assertAlmostEqual(products + sum(parts["passes"].values()) + parts["unaccounted_seconds"],
                               parts["step_seconds"])
        self.assertGreater(parts["products"]["forward"]["seconds"], 0)
        # a part is inside the step: only the clock's own grain may put the sum above it
        self.assertGreater(parts["unaccounted_seconds"], -1e-4)

    def test_help_shows_an_example(self):
        self.assertIn("example: octet bench", self.passes("bench", "--help"))


class BadUse(OctetCase):
    def test_the_command_line(self):
        for words, arguments in (
                (["--steps", "0"], [TINY, "--steps", "0"]),
                (["--seconds", "0"], [TINY, "--seconds", "0"]),
                (["--steps", "--seconds"], [TINY, "--steps", "1", "--seconds", "1"]),
                (["--batch", "-3", "1 to 1048576"], [TINY, "--batch", "-3"]),
                (["--threads", "many"], [TINY, "--threads", "many"]),
                (["--data"], [TINY, "--data", "here"]),
                (["lenet", "fashion-cnn"], ["lenet"]),
                (["int4", "int8"], [TINY, "--recipe", "int4"])):
            with self.subTest(arguments=arguments):
                self.fails(2, words, "bench", *arguments, cwd=self.folder)
        self.no_result(self.folder)

    def test_unknown_instruction_set(self):
        self.fails(2, ["OCTET_ISA", "mmx"], "bench", TINY, env={"OCTET_ISA": "mmx"})

    def test_json_is_tried_before_the_steps(self):
        done = self.fails(1, [f"{self.folder}/no/bench.json"], "bench", TINY, "--json",
                          self.folder / "no/bench.json")
        self.assertEqual(done.stdout, "")

    def test_a_batch_that_would_overflow(self):
        self.fails(1, ["norm1", "values a channel"], "bench", TINY, "--batch", 1 << 20)


if __name__ == "__main__":
    main()
