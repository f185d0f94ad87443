#!/usr/bin/python3
"""The arithmetic of scripts/bench.py, and what it says of a program that fails.

    compare_test.py SOURCE_DIR
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(sys.argv[1]).resolve()
sys.path.insert(0, str(SOURCE / "scripts"))
import bench  # noqa: E402  (found by the line above)


class Compare(unittest.TestCase):
    def test_ratio_of_medians_and_its_spread(self):
        self.assertEqual(bench.compare([300, 100, 200], [100, 100, 50]),
                         {"ratio": 2, "lowest": 1, "highest": 4})

    def test_a_result_replaces_the_one_before_whole(self):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "new/result.json"
            bench.write(file, {"a": 1})
            bench.write(file, {"b": 2})
            self.assertEqual(file.read_text(), '{\n  "b": 2\n}\n')
            self.assertEqual([path.name for path in file.parent.iterdir()], [file.name])

    def bench(self, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            fake = pathlib.Path(folder) / "octet"
            fake.write_text("#!/bin/sh\necho 'octet: broken today' >&2\nexit 1\n")
            fake.chmod(0o755)
            out = pathlib.Path(folder) / "result.json"
            done = subprocess.run([sys.executable, "-B", str(SOURCE / "scripts/bench.py"), "--octet", str(fake),
                                   "--out", str(out), "--threads", "1", *arguments],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)
            self.assertFalse(out.exists())
        return done

    def test_a_program_that_fails_is_named_with_its_last_word(self):
        done = self.bench("--load", "0")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, "bench.py: octet: exit status 1: octet: broken today\n")

    def test_a_busy_machine_is_told(self):
        self.assertIn("load average 0.51: other processes", self.bench("--load", "0.51").stderr)
        self.assertNotIn("load average", self.bench("--load", "0.5").stderr)

    def test_bad_arguments(self):
        for arguments in (["--rounds", "0"], ["--seconds", "0"], ["--batch", "many"], ["--colour"]):
            self.assertEqual(self.bench(*arguments).returncode, 2)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]], verbosity=2)
