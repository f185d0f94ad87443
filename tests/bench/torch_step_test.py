#!/usr/bin/python3
"""bench/torch_step.py trains the networks that Octet trains: the same number of parameters.

    torch_step_test.py OCTET SOURCE_DIR

Exit status 77 where PyTorch is missing (Debian: python3-torch): skipped.
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

OCTET, SOURCE = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
KNOWN = {"resnet-20": 269722, "fashion-cnn": 1663466}


def torch_step(*arguments):
    return subprocess.run([sys.executable, "-B", str(SOURCE / "bench/torch_step.py"), *arguments],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True)


def parameters(network):
    """What Octet counts in the network file."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([str(OCTET), "estimate", network, "--batch", "1", "--out", folder],
                       stdout=subprocess.DEVNULL, check=True)
        return json.loads((pathlib.Path(folder) / "result.json").read_text())["workload"]["parameters"]


class TorchStep(unittest.TestCase):
    def test_same_number_of_parameters(self):
        for name, known in KNOWN.items():
            with self.subTest(network=name):
                self.assertEqual(int(torch_step(name, "--parameters").stdout), known)
                self.assertEqual(parameters(name), known)

    def test_measures_the_steps_asked_for(self):
        for count in (1, 3):
            done = torch_step("fashion-cnn", "--batch", "2", "--threads", "1", "--steps", str(count))
            self.assertEqual(done.returncode, 0, done.stderr)
            result = json.loads(done.stdout)
            self.assertEqual((result["measured"], result["batch"], result["threads"]), (count, 2, 1))
            times = [result[f"{name}_seconds"]
                     for name in ("best", "lower_quartile", "median", "upper_quartile")]
            self.assertEqual(times, sorted(times))
            self.assertEqual(result["images_per_second"], 2 / result["median_seconds"])

    def test_bad_arguments(self):
        for arguments in ([], ["lenet"], ["fashion-cnn", "--steps", "0"], ["fashion-cnn", "--batch", "no"],
                          ["fashion-cnn", "--steps", "1", "--seconds", "1"]):
            self.assertEqual(torch_step(*arguments).returncode, 2, arguments)


if __name__ == "__main__":
    found = torch_step("fashion-cnn", "--parameters")
    if found.returncode == 77:
        print(f"skipped: {found.stderr.strip()}")
        sys.exit(77)
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
