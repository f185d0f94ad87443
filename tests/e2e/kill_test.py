#!/usr/bin/python3
"""A run that is killed leaves no result, whole or in part, but a checkpoint (resume_test.py); a full
disk leaves nothing."""
import os
import signal
import subprocess

import shapes
from octet_case import NETWORK, OCTET, OctetCase, main


class Kill(OctetCase):
    def start(self, out):
        data = shapes.write(self.folder / "data")
        run = subprocess.Popen([str(OCTET), "train", str(NETWORK), "--data", str(data), "--epochs",
                                "100000", "--out", str(out)], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, universal_newlines=True)
        self.addCleanup(run.stdout.close)
        for line in run.stdout:
            if "epoch 2:" in line:
                return run
        self.fail("the run ended before its second epoch")

    def left(self, out):
        """What lies there, but for a checkpoint that was being written."""
        return sorted(name for name in os.listdir(out) if not name.startswith("checkpoint.tmp-"))

    def test_killed_in_the_middle(self):
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGINT):
            out = self.folder / f"out{number}"
            run = self.start(out)
            run.send_signal(number)
            self.assertEqual(run.wait(timeout=30), -number)
            self.assertEqual(self.left(out), ["checkpoint"])

    def test_an_earlier_result_survives(self):
        out = self.folder / "out"
        self.passes("estimate", NETWORK, "--out", out)
        before = (out / "result.json").read_bytes()
        run = self.start(out)
        run.kill()
        run.wait(timeout=30)
        self.assertEqual((out / "result.json").read_bytes(), before)
        self.assertEqual(self.left(out), ["checkpoint", "report.html", "result.json"])


class FullDisk(OctetCase):
    def test_json_on_a_full_device(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("no /dev/full here")
        self.fails(1, ["/dev/full: write: found No space left on device"], "estimate", NETWORK,
                   "--batch", 4, "--out", self.folder / "out", "--json", "/dev/full")

    def test_folder_on_a_full_disk(self):
        disk = self.folder / "disk"
        disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", str(disk)],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if mounted.returncode != 0:
            self.skipTest("a tmpfs cannot be mounted here")
        self.addCleanup(subprocess.run, ["umount", str(disk)], check=True)
        self.fails(1, [f"{disk}/out/result.json: write: found No space left on device"], "estimate",
                   NETWORK, "--batch", 4, "--out", disk / "out")
        self.no_result(disk)

    def test_file_size_limit(self):
        """As root or not: no file may grow beyond a few blocks."""
        out = self.folder / "out"
        data = shapes.write(self.folder / "data")
        for file, arguments in (
                ("result.json", ["estimate", str(NETWORK), "--batch", "4"]),
                ("checkpoint", ["train", str(NETWORK), "--data", str(data)])):
            done = subprocess.run(["sh", "-c", 'trap "" XFSZ; ulimit -f 1; exec "$0" "$@"',
                                   str(OCTET), *arguments, "--out", str(out)],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  universal_newlines=True)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(f"{out}/{file}: write: found File too large", done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1)
            self.no_result(out)


if __name__ == "__main__":
    main()
