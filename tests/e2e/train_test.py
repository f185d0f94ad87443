#!/usr/bin/python3
"""octet train: a sound result and page, and the same weights however the work is cut."""
import json
import os
import pty
import re
import signal
import subprocess

import shapes
from octet_case import NETWORK, OCTET, OctetCase, main, octet


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
                         ["checkpoint", "report.html", "result.json"])
        page = (self.folder / "a/report.html").read_text(encoding="utf-8")
        self.assertIn(result["training"]["weights_hash"], page)
        outside = re.findall(r"""(?:src|href)\s*=\s*["'](?!#|data:)[^"']*|@import|url\((?!["']?(?:#|data:))""",
                             page)
        self.assertEqual(outside, [], "the page must need no other file")

    def test_paths_of_any_bytes(self):
        data = os.path.join(os.fsencode(self.folder), b"donn\xe9es")
        os.rename(self.data, data)
        out = os.path.join(os.fsencode(self.folder), b"\xe9\nt\xe9")
        done = subprocess.run([str(OCTET), "train", str(NETWORK), "--data", data, "--out", out,
                               "--activity", str(self.folder / "activity.yaml")],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        os.rename(out, self.folder / "out")
        self.assertIn("donn\ufffdes", self.result(self.folder / "out")["run"]["command"])
        self.passes("estimate", NETWORK, "--activity", self.folder / "activity.yaml", "--out",
                    self.folder / "estimate")

    def test_no_terminal_no_bar(self):
        done = octet("train", NETWORK, "--data", self.data, "--out", self.folder / "a")
        self.assertEqual(done.stderr, "")
        self.assertNotIn("\r", done.stdout)
        lines = re.findall(r"^  epoch \d: .*$", done.stdout, re.MULTILINE)
        self.assertEqual(len(lines), 2)
        self.assertRegex(lines[0], r", \d:\d\d:\d\d left$")
        self.assertNotIn("left", lines[1])

    def test_a_bar_on_a_terminal(self):
        main_end, end = pty.openpty()
        done = subprocess.run([str(OCTET), "train", str(NETWORK), "--data", str(self.data), "--out",
                               str(self.folder / "a")], stdout=subprocess.PIPE, stderr=end)
        os.close(end)
        drawn = os.read(main_end, 65536).decode()
        os.close(main_end)
        self.assertEqual(done.returncode, 0)
        self.assertRegex(drawn, r"\r  epoch 1/2 \[#{10}\.{20}\] +\d+ images/s, \d:\d\d:\d\d left ")
        self.assertTrue(drawn.endswith("\r" + " " * 78 + "\r"), "the bar is wiped")

    def test_a_stop_has_a_line_of_its_own_on_a_terminal(self):
        main_end, end = pty.openpty()
        with subprocess.Popen([str(OCTET), "train", str(NETWORK), "--data", str(self.data), "--out",
                               str(self.folder / "a"), "--batch", "2", "--epochs", "1000"],
                              stdout=subprocess.DEVNULL, stderr=end) as run:
            os.close(end)
            drawn = os.read(main_end, 65536)
            run.send_signal(signal.SIGTERM)
            while b"--resume" not in drawn:
                drawn += os.read(main_end, 65536)
        os.close(main_end)
        self.assertRegex(drawn.decode(), r"[\r\n]octet: stopped by SIGTERM in epoch")

    def test_peak_memory_and_what_went_wrong_by_epoch(self):
        result, stdout = self.train("delayed", "--recipe", "int8-delayed", "--epochs", 5)
        training = result["training"]
        self.assertRegex(stdout, r"\n  peak memory +\d+ MB\n")
        self.assertGreater(training["peak_memory_bytes"], 4e6)
        self.assertLess(training["peak_memory_bytes"], 4e9)
        for what in ("saturations", "dead_channels"):
            self.assertEqual(sum(epoch[what] for epoch in training["epochs"]), training[what])
        # Ranges of the last step are too narrow now and then; more than 0.1 % is said at once.
        self.assertGreater(training["saturations"], 0)
        self.assertIn(f"{training['saturations']} values saturated", stdout)
        # Of 30 steps of 20 images: 8 channels of 12x12 in 3 layers, of 6x6 in 5, and 4 classes.
        values = 30 * 20 * (8 * 12 * 12 * 3 + 8 * 6 * 6 * 5 + 4)
        for epoch in training["epochs"]:
            line = f"{epoch['saturations']} values saturated, {100 * epoch['saturations'] / values:.2f} %"
            self.assertEqual(line in stdout, epoch["saturations"] / values > 0.001, line)

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
            self.assertEqual(result["run"]["machine"]["cores"], len(os.sched_getaffinity(0)))
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
