#!/usr/bin/python3
"""octet verify: tensors that a training run captured pass, and one changed character of the RTL fails.

    verify_test.py OCTET SOURCE_DIR BUILD_DIR      BUILD_DIR: kept from run to run, for the benches
"""
import os
import re
import shutil
import sys
import unittest

import shapes
from octet_case import NETWORK, SOURCE, OctetCase, octet

BUILD = sys.argv[3]
UNITS = ("mac_array", "requantise", "range_bn")  # that read captures


class Verify(OctetCase):
    def verify(self, *arguments):
        return octet("verify", "--source", SOURCE, "--build", BUILD, *arguments, timeout=3000)

    def assert_passes(self, done):
        self.assertEqual(done.returncode, 0, f"{done.stdout}\n{done.stderr}")
        self.assertNotIn("FAIL", done.stdout)
        for unit in UNITS:
            self.assertRegex(done.stdout, rf"(?m)^{unit} +PASS ")

    def captured(self):
        data = shapes.write(self.folder / "data", 200, 40)
        tensors = self.folder / "tensors"
        self.passes("train", NETWORK, "--data", data, "--out", self.folder / "out", "--capture",
                    tensors)
        return tensors

    def test_captured_tensors_pass_and_a_spoilt_one_fails(self):
        tensors = self.captured()
        for unit in UNITS:
            self.assertTrue(list(tensors.glob(f"*.{unit}.capture")), unit)
        done = self.verify("--capture", tensors)
        self.assert_passes(done)
        for unit in UNITS:
            line = re.search(rf"(?m)^{unit} .*$", done.stdout).group()
            self.assertRegex(line, r"[1-9][\d,]* captured")
        file = tensors / "norm1.range_bn.capture"
        whole = file.read_bytes()
        at = len(whole) - len(b"end\n") - 10  # among the expected results, the last array
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
        done = self.verify("--capture", tensors)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stdout, r"(?m)^range_bn +FAIL ")

    def test_a_changed_character_fails(self):
        rtl = self.folder / "rtl"
        shutil.copytree(SOURCE / "rtl", rtl)
        file = rtl / "requantise/rdbpot.sv"
        text = file.read_text(encoding="utf-8")
        self.assertEqual(text.count("exponent_i) >> 1;"), 1)
        file.write_text(text.replace("exponent_i) >> 1;", "exponent_i) >> 2;"), encoding="utf-8")
        done = self.verify("--rtl", rtl)
        self.assertEqual(done.returncode, 1, f"{done.stdout}\n{done.stderr}")
        self.assertRegex(done.stdout, r"(?m)^requantise +FAIL .*mismatch")
        self.assertRegex(done.stdout, r"(?m)^mac_array +PASS ")  # it rounds nothing

    def test_rtl_that_does_not_compile(self):
        rtl = self.folder / "rtl"
        shutil.copytree(SOURCE / "rtl", rtl)
        with open(rtl / "requantise/rdbpot.sv", "a", encoding="utf-8") as file:
            file.write("modul broken;\n")
        done = self.verify("--rtl", rtl)
        self.assertEqual(done.returncode, 1, f"{done.stdout}\n{done.stderr}")
        self.assertIn("rdbpot.sv", done.stderr.splitlines()[-1])

    def test_bad_use(self):
        nowhere = self.folder / "nowhere"
        build = ["--build", self.folder / "build"]
        self.fails(1, [nowhere, "--source"], "verify", "--source", nowhere, *build)
        self.fails(1, [nowhere, "files.f"], "verify", "--source", SOURCE, "--rtl", nowhere, *build)
        self.fails(1, [nowhere, "captured"], "verify", "--source", SOURCE, "--capture", nowhere, *build)
        self.fails(2, ["nonsense"], "verify", "--nonsense")
        tools = {"PATH": str(nowhere)}
        self.fails(1, ["cmake", "apt install"], "verify", "--source", SOURCE, *build, env=tools)
        self.assertFalse(os.path.exists(self.folder / "build"))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]], verbosity=2)
