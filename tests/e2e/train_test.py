#!/usr/bin/python3
"""octet train: a sound result and page, and the same weights however the work is cut."""
import json
import re

import shapes
from octet_case import NETWORK, OctetCase, main, octet


class Train(OctetCase):
    def setUp(self):
        super().setUp()
        self.data = shapes.write(self.folder / "data")

    def train(self, name, *arguments, **how):
        out = self.folder / name
        stdout = self.passes("train", NETWORK, "--data", self.data, "--out", out, *arguments, **how)
        return self.result(out), stdout

    def hash(self, name, *arguments, **how):
        return self.train(name, *arguments, **how)[0]["training"]["weights_hash"]

    def test_result_and_page(self):
        result, stdout = self.train("a", "--json", self.folder / "copy.json")
        self.assertEqual(result["kind"], "train")
        self.assertEqual(result["workload"]["name"], "small-cnn")
        self.assertEqual(result["run"]["batch"], 20)
        self.assertEqual(len(result["training"]["epochs"]), 2)
        self.assertGreater(result["accuracy"]["test"], 0.5)  # a guess is right in 0.25
        self.assertGreater(result["accuracy"]["train"], 0.4)
        first, last = result["training"]["epochs"]
        self.assertLess(last["loss"], first["loss"])
        self.assertEqual(last["test_accuracy"], result["accuracy"]["test"])
        self.assertIn(f"{100 * result['accuracy']['test']:.2f} %", stdout)
        self.assertIn(result["training"]["weights_hash"], stdout)
        self.assertEqual(json.loads((self.folder / "copy.json").read_text()), result)
        self.assertEqual(sorted(path.name for path in (self.folder / "a").iterdir()),
                         ["report.html", "result.json"])
        page = (self.folder / "a/report.html").read_text(encoding="utf-8")
        self.assertIn(result["training"]["weights_hash"], page)
        outside = re.findall(r"""(?:src|href)\s*=\s*["'](?!#|data:)[^"']*|@import|url\((?!["']?(?:#|data:))""",
                             page)
        self.assertEqual(outside, [], "the page must need no other file")

    def test_no_terminal_no_bar(self):
        done = octet("train", NETWORK, "--data", self.data, "--out", self.folder / "a")
        self.assertEqual(done.stderr, "")
        self.assertNotIn("\r", done.stdout)
        self.assertEqual(len(re.findall(r"^  epoch \d: ", done.stdout, re.MULTILINE)), 2)

    def test_same_weights_each_time_and_for_any_threads(self):
        first = self.hash("first")
        self.assertEqual(first, self.hash("again"))
        for threads in (1, 2, 3):
            self.assertEqual(first, self.hash(f"threads{threads}", "--threads", threads))
        self.assertNotEqual(first, self.hash("seed2", "--seed", 2))
        self.assertNotEqual(first, self.hash("nearest", "--recipe", "int8-nearest"))

    def test_same_weights_for_every_instruction_set(self):
        hashes = {}
        for isa in ("scalar", "avx2", "avx512"):
            done = octet("train", NETWORK, "--data", self.data, "--out", self.folder / isa,
                         env={"OCTET_ISA": isa})
            if done.returncode == 2 and isa != "scalar":  # this processor has it not
                self.assertIn(f"OCTET_ISA: found {isa}, expected ", done.stderr)
                continue
            self.assertEqual(done.returncode, 0, done.stderr)
            result = self.result(self.folder / isa)
            self.assertEqual(result["run"]["isa"], isa)
            hashes[isa] = result["training"]["weights_hash"]
        print("instruction sets:", ", ".join(hashes))
        self.assertEqual(len(set(hashes.values())), 1, hashes)

    def test_the_machine_changes_cost_and_no_weight(self):
        base, _ = self.train("base")
        edge, _ = self.train("edge", "--hardware", "edge")
        self.assertEqual(base["training"]["weights_hash"], edge["training"]["weights_hash"])
        self.assertNotEqual(base["step"]["cycles"], edge["step"]["cycles"])

    def test_float32_baseline(self):
        for recipe in ("float32", "float32-batch-norm"):
            result, _ = self.train(recipe, "--recipe", recipe)
            self.assertEqual(result["recipe"]["arithmetic"], "float32")
            self.assertGreater(result["accuracy"]["test"], 0.5)


if __name__ == "__main__":
    main()
