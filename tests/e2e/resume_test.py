#!/usr/bin/python3
"""A run that was killed or stopped goes on to the bits of the run that was never interrupted, and no
checkpoint of another run, or a damaged one, is taken for its own or overwritten."""
import fcntl
import re
import signal
import struct
import subprocess
import zlib

import jpegs
import shapes
from octet_case import NETWORK, OCTET, SOURCE, OctetCase, main, octet

WALL_CLOCK = ("seconds", "images_per_second")


def without_times(result):
    """What must be the same however often the run was interrupted."""
    training = {key: value for key, value in result["training"].items()
                if key not in (*WALL_CLOCK, "peak_memory_bytes")}
    training["epochs"] = [{key: value for key, value in epoch.items() if key not in WALL_CLOCK}
                          for epoch in training["epochs"]]
    return {"training": training, "accuracy": result["accuracy"], "recipe": result["recipe"]}


class Interrupted(OctetCase):
    def setUp(self):
        super().setUp()
        self.data = shapes.write(self.folder / "data", 200, 40)

    def command(self, out, *arguments):
        return ["train", str(NETWORK), "--data", str(self.data), "--out", str(out),
                *map(str, arguments)]

    def train(self, out, *arguments):
        stdout = self.passes(*self.command(out, *arguments))
        return without_times(self.result(out)), stdout

    def interrupt(self, number, epochs, out, *arguments):
        """Starts the run, sends the signal after so many more epochs; its stdout and stderr."""
        run = subprocess.Popen([str(OCTET), *self.command(out, *arguments)], bufsize=0,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        # It cannot get far ahead of its reader, however late that is: a page is about 45 epochs.
        fcntl.fcntl(run.stdout, fcntl.F_SETPIPE_SZ, 4096)
        said = []
        while epochs > 0:
            said.append(run.stdout.readline().decode())
            self.assertNotEqual(said[-1], "", "the run ended early")
            epochs -= "loss" in said[-1]
        run.send_signal(number)
        stdout, stderr = run.communicate(timeout=60)
        self.assertEqual(run.returncode, -number, stderr)
        return "".join(said) + stdout.decode(), stderr.decode()


class Resume(Interrupted):
    def test_killed_again_and_again(self):
        for recipe in ("int8", "int8-delayed", "float32"):
            with self.subTest(recipe=recipe):
                how = ("--recipe", recipe, "--threads", 1, "--epochs", 100, "--checkpoint-every", 23)
                expected, _ = self.train(self.folder / f"{recipe}-whole", *how)
                out = self.folder / recipe
                for _ in range(2):
                    self.interrupt(signal.SIGKILL, 5, out, *how, "--resume")
                result, stdout = self.train(out, *how, "--resume")
                done = re.search(r"going on after (\d+) of 100 epochs and (\d+) steps", stdout)
                self.assertGreaterEqual(int(done[1]), 10)
                self.assertEqual(result, expected)
                self.assertEqual(sorted(path.name for path in out.iterdir()),
                                 ["checkpoint", "report.html", "result.json"])

    def test_stopped_by_a_signal(self):
        expected, _ = self.train(self.folder / "whole", "--epochs", 60)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            out = self.folder / number.name
            _, stderr = self.interrupt(number, 3, out, "--epochs", 60)
            self.assertEqual(len(stderr.splitlines()), 1)
            said = re.fullmatch(rf"octet: stopped by {number.name} in epoch (\d+), after (\d+) of its "
                                rf"steps; --resume goes on from {re.escape(str(out))}/checkpoint\n", stderr)
            self.assertTrue(said, stderr)
            result, stdout = self.train(out, "--epochs", 60, "--resume")
            self.assertIn(f"going on after {int(said[1]) - 1} of 60 epochs and {said[2]} steps", stdout)
            self.assertEqual(result, expected)

    def test_a_picture_of_the_test_that_can_not_be_read(self):
        data = jpegs.write(self.folder / "jpegs", 20, 5)
        network = self.edited(NETWORK, *jpegs.EDITS, name="jpegs.yaml")
        arguments = ["train", network, "--data", data]
        self.passes(*arguments, "--out", self.folder / "whole")
        file, out = data / "val/ring/2.jpg", self.folder / "out"
        sound = file.read_bytes()
        file.write_bytes(b"\0\0" + sound[2:])
        self.fails(1, [file, "a whole JPEG image"], *arguments, "--out", out)
        self.assertEqual([path.name for path in out.iterdir()], ["checkpoint"])
        file.write_bytes(sound)
        self.assertIn("going on after 0 of 2 epochs and 4 steps",
                      self.passes(*arguments, "--out", out, "--resume"))
        self.assertEqual(without_times(self.result(out)),
                         without_times(self.result(self.folder / "whole")))
        file.write_bytes(sound + b"\0")  # another picture under its name
        self.fails(1, [f"{out}/checkpoint: data: found 80 and 20 images (checksum "], *arguments,
                   "--out", out, "--resume")

    def test_one_run_at_a_time_in_a_folder(self):
        out = self.folder / "out"
        command = [str(OCTET), *self.command(out, "--epochs", 100000)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
            try:
                self.assertTrue(any(b"loss" in line for line in run.stdout))
                for arguments in (self.command(out, "--restart"), self.command(out, "--resume"),
                                  ["explore", SOURCE / "sim/explore/example.yaml", "--out", out]):
                    self.fails(1, [f"{out}: found another octet at work there"], *arguments)
                self.assertIsNone(run.poll())
            finally:
                run.send_signal(signal.SIGKILL)
                run.stdout.close()

    def test_what_killed_runs_left_is_removed(self):
        out = self.folder / "out"
        out.mkdir()
        left = ["checkpoint.tmp-17-3", "result.json.tmp-1-0", "report.html.tmp-1-1",
                "angles.csv.tmp-1-1", ".octet-writable.tmp-1-0"]
        for name in (*left, "mine.tmp-1-0", "checkpoint.old"):
            (out / name).write_text("half")
        self.train(out)
        self.assertEqual(sorted(path.name for path in out.iterdir()),
                         ["checkpoint", "checkpoint.old", "mine.tmp-1-0", "report.html",
                          "result.json"])

    def test_nothing_to_resume_starts_afresh(self):
        expected, _ = self.train(self.folder / "whole")
        result, stdout = self.train(self.folder / "out", "--resume")
        self.assertEqual(result, expected)
        self.assertNotIn("going on", stdout)

    def test_a_finished_run(self):
        out = self.folder / "out"
        expected, first = self.train(out)
        before = (out / "checkpoint").read_bytes()
        (out / "result.json").unlink()
        result, stdout = self.train(out, "--resume")  # reports again
        self.assertEqual(result, expected)
        self.assertIn("going on after 2 of 2 epochs and 0 steps", stdout)
        self.assertNotIn("loss", stdout)
        self.assertEqual((out / "checkpoint").read_bytes(), before)
        # It has no step left whose tensors could be captured.
        self.fails(2, ["--capture", "last step is done"],
                   *self.command(out, "--resume", "--capture", self.folder / "tensors"))
        result, stdout = self.train(out)  # and may be run anew
        self.assertEqual(result, expected)
        self.assertEqual(stdout.count("loss"), first.count("loss"))


class Refuse(Interrupted):
    """A checkpoint of an unfinished run lies in `out`; what refuses it leaves it as it is."""

    def setUp(self):
        super().setUp()
        self.out = self.folder / "out"
        self.file = self.out / "checkpoint"
        self.interrupt(signal.SIGINT, 2, self.out, "--epochs", 60)
        self.bytes = self.file.read_bytes()

    def refused(self, status, words, *arguments, epochs=60, data=None):
        before = self.file.read_bytes()
        self.data = data or self.data
        self.fails(status, [self.file, *words], *self.command(self.out, "--epochs", epochs, *arguments))
        self.assertEqual(self.file.read_bytes(), before)
        self.assertEqual([path.name for path in self.out.iterdir()], ["checkpoint"])

    def test_it_is_not_lost_by_mistake(self):
        self.refused(2, ["found an unfinished run", "of 60 epochs", "--resume", "--restart"])
        self.refused(2, ["--resume", "--restart"], "--seed", 2)

    def test_restart_drops_it(self):
        self.interrupt(signal.SIGKILL, 1, self.out, "--epochs", 61, "--restart")
        stdout, _ = self.interrupt(signal.SIGKILL, 1, self.out, "--epochs", 61, "--resume")
        self.assertIn("going on after", stdout)
        expected, _ = self.train(self.folder / "whole", "--epochs", 3)
        result, stdout = self.train(self.out, "--epochs", 3, "--restart")
        self.assertNotIn("going on", stdout)
        self.assertEqual(result, expected)

    def test_a_run_that_can_not_begin_loses_nothing(self):
        for flag in ("--restart", "--resume"):
            done = octet(*self.command(self.out, "--epochs", 60, "--batch", 201, flag))
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(f"{self.data}: training images: found 200, expected at least one batch of "
                          "201", done.stderr)
            self.assertEqual(self.file.read_bytes(), self.bytes)
            self.fails(2, ["OCTET_ISA"], *self.command(self.out, "--epochs", 60, flag),
                       env={"OCTET_ISA": "mmx"})
            self.assertEqual(self.file.read_bytes(), self.bytes)

    def test_a_picture_that_can_not_be_read_loses_nothing(self):
        data = jpegs.write(self.folder / "jpegs", 20, 5)
        file = data / "train/ring/7.jpg"
        file.write_bytes(file.read_bytes()[:-20])
        network = self.edited(NETWORK, *jpegs.EDITS, name="jpegs.yaml")
        self.fails(1, [file, "a whole JPEG image"], "train", network, "--data", data, "--out",
                   self.out, "--restart")
        self.assertEqual(self.file.read_bytes(), self.bytes)

    def test_resume_or_restart(self):
        done = octet(*self.command(self.out, "--resume", "--restart"))
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1)
        self.assertEqual(self.file.read_bytes(), self.bytes)

    def test_another_run(self):
        self.refused(1, ["seed: found 1, expected 2"], "--resume", "--seed", 2)
        self.refused(1, ["batch: found 20, expected 10"], "--resume", "--batch", 10)
        self.refused(1, ["epochs: found 60, expected 61"], "--resume", epochs=61)
        self.refused(1, ["recipe: found int8 (hash ", "expected int8-delayed (hash "], "--resume",
                     "--recipe", "int8-delayed")
        other = shapes.write(self.folder / "other", 200, 40, seed=2)
        self.refused(1, ["data: found 200 and 40 images (checksum ", "expected 200 and 40 images"],
                     "--resume", data=other)

    def test_an_analysis_sees_whole_runs_only(self):
        self.refused(2, ["--analyse", "goes on from"], "--resume", "--analyse", "angles")

    def test_another_network(self):
        for edit in (("peak_rate: 0.05", "peak_rate: 0.06"), ("out: 8, kernel: 3, pad: 1}\n  - {name: norm1",
                                                               "out: 9, kernel: 3, pad: 1}\n  - {name: norm1")):
            if edit[0].startswith("out"):
                network = self.edited(NETWORK, edit, ("out: 8, kernel: 3, pad: 1}\n  - {name: norm2",
                                                      "out: 9, kernel: 3, pad: 1}\n  - {name: norm2"))
            else:
                network = self.edited(NETWORK, edit)
            arguments = self.command(self.out, "--epochs", 60, "--resume")
            arguments[1] = network
            self.fails(1, [self.file, "network: found small-cnn (hash ", "training differ"],
                       *arguments)
            self.assertEqual(self.file.read_bytes(), self.bytes)

    def test_comments_and_names_do_not_matter(self):
        network = self.edited(NETWORK, ("name: small-cnn", "# The same.\nname: other"))
        arguments = self.command(self.out, "--epochs", 60, "--resume", "--recipe",
                                 self.edited(SOURCE / "model/recipes/int8.yaml",
                                             ("name: int8\n", "name: mine\n"), name="mine.yaml"))
        arguments[1] = network
        self.assertIn("going on after", self.passes(*arguments))

    def test_damaged(self):
        for damaged, words in (
                (b"", ["found another kind of file"]),
                (b"{}\n", ["found another kind of file"]),
                (self.bytes[:-1], [f"length: found {len(self.bytes) - 1} bytes"]),
                (self.bytes[:100], ["length: found 100 bytes", "truncated"]),
                (self.bytes[:1000] + b"\0" + self.bytes[1000:], ["length"]),
                (self.bytes[:1000] + bytes([self.bytes[1000] ^ 1]) + self.bytes[1001:], ["checksum"])):
            self.file.write_bytes(damaged)
            for flag in ("--resume", None):
                self.refused(1, words, *([flag] if flag else []))

    def test_a_later_version(self):
        body = self.bytes[:8] + struct.pack("<I", 2) + self.bytes[12:-4]
        self.file.write_bytes(body + struct.pack("<I", zlib.crc32(body)))
        self.refused(1, ["version: found 2, expected 1"], "--resume")


if __name__ == "__main__":
    main()
