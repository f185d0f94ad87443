#!/usr/bin/python3
"""octet dram, and the trace of an estimate's memory requests."""
import json
import os
import pathlib
import re
import subprocess

from octet_case import OctetCase, main

TINY = "tiny-cnn"


class Dram(OctetCase):
    def dram(self, *arguments):
        return json.loads(self.passes("dram", *arguments, "--json"))

    def test_every_kind_and_pattern(self):
        for kind in ("DDR4-2400", "DDR4-3200", "LPDDR4", "HBM2", "GDDR6"):
            for pattern in ("sequential", "strided", "random", "mixed"):
                result = self.dram("--kind", kind, "--pattern", pattern, "--requests", 5000)
                self.assertEqual(result["reads"] + result["writes"], 5000)
                self.assertGreater(result["bandwidth_bytes_per_second"], 0)
                self.assertLessEqual(result["bound_bytes_per_second"],
                                     result["peak_bytes_per_second"])
                self.assertLess(result["efficiency"], 1.03)
                self.assertEqual(result["writes"] > 0, pattern == "mixed")

    def test_published_figures(self):
        result = self.dram("--kind", "DDR4-2400", "--pattern", "sequential")
        idle = {name: latency["clocks"] for name, latency in result["idle_latency"].items()}
        self.assertEqual(idle, {"hit": 23, "closed": 40, "conflict": 57})
        self.assertAlmostEqual(result["bandwidth_bytes_per_second"] / 18.31e9, 1.0, delta=0.02)

    def test_prints_for_people(self):
        printed = self.passes("dram", "--requests", 1000)
        for words in ("idle latency", "GB/s", "closed-form bound", "row hits", "23 clocks"):
            self.assertIn(words, printed)

    def test_a_machines_memory(self):
        result = self.dram("--hardware", "server", "--requests", 1000)
        self.assertEqual((result["kind"], result["channels"]), ("HBM2", 8))
        self.assertEqual(result["scheduler"], "in_order")

    def test_bad_use(self):
        for arguments, words in (
                (["--kind", "DDR9"], ["kind", "DDR9", "DDR4-2400"]),
                (["--mapping", "ro-xx"], ["--mapping", "ro-xx", "ro-ra-ba-co-bg-ch"]),
                (["--pattern", "zigzag"], ["pattern", "zigzag"]),
                (["--stride", 100, "--pattern", "strided"], ["--stride", "100", "64"]),
                (["--span", 64], ["--span", "64"]),
                (["--channels", 0], ["--channels"]),
                (["--requests", 20, "--channels", 64, "--hardware", "server"],
                 ["--requests", "found 20", "expected more"]),
                (["--kind", "HBM2", "--hardware", "base"], ["--kind", "--hardware"])):
            self.fails(2, words, "dram", *arguments)


class Trace(OctetCase):
    def trace(self, form):
        file = self.folder / f"{form}.trace"
        self.passes("estimate", TINY, "--batch", 2, "--out", self.folder / "run",
                    "--dram-trace", file, "--dram-trace-format", form)
        self.assertFalse((self.folder / f"{form}.trace.part").exists())
        return file.read_text(encoding="utf-8").splitlines()

    def test_holds_every_burst(self):
        lines = self.trace("dramsim3")
        clock = 0
        for line in lines:
            found = re.fullmatch(r"0x([0-9a-f]+) (READ|WRITE) (\d+)", line)
            self.assertIsNotNone(found, line)
            self.assertEqual(int(found.group(1), 16) % 64, 0)
            self.assertGreaterEqual(int(found.group(3)), clock)
            clock = int(found.group(3))
        step = self.result(self.folder / "run")["step"]
        self.assertEqual(64 * len(lines), step["dram_bytes"])
        other = self.trace("ramulator2")
        self.assertEqual([("LD " if " READ " in line else "ST ") + line.split()[0]
                          for line in lines], other)

    def test_one_product(self):
        file, result = self.folder / "gemm.trace", self.folder / "gemm.json"
        self.passes("estimate", "--gemm", "50,60,70", "--dram-trace", file, "--json", result)
        step = json.loads(result.read_text(encoding="utf-8"))["step"]
        self.assertEqual(64 * len(file.read_text(encoding="utf-8").splitlines()), step["dram_bytes"])

    def test_what_is_no_regular_file_stays_what_it_is(self):
        file, link, pipe = (self.folder / name for name in ("mine", "link", "pipe"))
        file.write_text("old")
        file.chmod(0o640)
        link.symlink_to("mine")
        self.passes("estimate", "--gemm", "5,5,5", "--dram-trace", link)
        self.assertTrue(link.is_symlink())
        self.assertIn(" READ ", file.read_text(encoding="utf-8"))
        self.assertEqual(file.stat().st_mode & 0o777, 0o640)
        os.mkfifo(pipe)
        reader = subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE)
        self.passes("estimate", "--gemm", "5,5,5", "--dram-trace", pipe)
        self.assertEqual(reader.communicate(timeout=60)[0], file.read_bytes())
        self.assertTrue(pipe.is_fifo())
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["link", "mine", "pipe"])

    def test_a_full_disk(self):
        full = pathlib.Path("/dev/full")
        self.fails(1, [full, "found ", "expected a file that can be written"], "estimate",
                   "--gemm", "5,5,5", "--dram-trace", full)
        self.assertTrue(full.is_char_device())

    def test_no_place_for_it(self):
        for what in ([TINY, "--batch", 2, "--out", self.folder / "run"], ["--gemm", "5,5,5"]):
            self.fails(1, ["none/trace"], "estimate", *what, "--dram-trace", self.folder / "none/trace")
        self.no_result(self.folder)  # it is tried before the work


if __name__ == "__main__":
    main()
