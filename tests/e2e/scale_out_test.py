#!/usr/bin/python3
"""octet estimate --chips: the curve follows from the formulas of docs/scale_out.md."""
import json
import xml.etree.ElementTree as ET

from octet_case import NETWORK, OctetCase, main


def reduce_seconds(size, chips, topology, rate, latency):
    if chips == 1:
        return 0.0
    if topology == "ring":
        return 2 * (chips - 1) * (latency + size / chips / rate)
    return 2 * (chips - 1).bit_length() * (latency + size / rate)


class ScaleOut(OctetCase):
    def run_chips(self, *arguments):
        self.passes("estimate", NETWORK, "--batch", 8, *arguments, "--out", self.folder / "out",
                    "--json", self.folder / "s.json")
        ET.fromstring((self.folder / "out/scale_out.svg").read_text(encoding="utf-8"))
        return json.loads((self.folder / "s.json").read_text(encoding="utf-8"))

    def step_of(self, result, chips):
        """The step by the formulas, from the terms of the result."""
        links = result["links"]
        free, updated = 0.0, result["step"]["backward_seconds"]
        waiting, size = [], 0.0
        for bucket in result["buckets"]:
            waiting.append(bucket)
            size += bucket["parameters"] * result["gradient_bits"] / 8
            if size < result["message_bytes"] and bucket is not result["buckets"][-1]:
                continue
            free = max(free, bucket["ready_seconds"]) + reduce_seconds(
                size, chips, links["topology"], links["bytes_per_second"], links["latency_seconds"])
            for one in waiting:
                updated = max(updated, free) + one["update_seconds"]
            waiting, size = [], 0.0
        return updated

    def test_the_curve_follows_from_the_formulas(self):
        for topology in ("ring", "tree"):
            for bits in (16, 32):
                result = self.run_chips("--chips", 6, "--link", "0.5", "--topology", topology,
                                        "--gradient-bits", bits, "--message-mb",
                                        0.001 if bits == 16 else 0)
                alone = result["step"]["one_chip_seconds"]
                self.assertAlmostEqual(self.step_of(result, 6), result["step"]["seconds"], places=12)
                self.assertEqual([p["chips"] for p in result["weak"]],
                                 sorted([6] + [2 ** i for i in range(13)]))
                for point in result["weak"]:
                    seconds = self.step_of(result, point["chips"])
                    self.assertAlmostEqual(point["seconds"], seconds, places=12)
                    self.assertAlmostEqual(point["efficiency"], alone / seconds, places=9)
                    self.assertEqual(point["global_batch"], 8 * point["chips"])
                self.assertAlmostEqual(result["weak"][0]["efficiency"], 1.0, places=12)
                self.assertEqual([p["chips"] for p in result["strong"]], [1, 2, 4, 6, 8])
                self.assertEqual([p["batch_per_chip"] for p in result["strong"]], [8, 4, 2, 2, 1])

    def test_one_chip_is_the_machine(self):
        result = self.run_chips("--chips", 1, "--link", 10)
        self.passes("estimate", NETWORK, "--batch", 8, "--out", self.folder / "one")
        step = self.result(self.folder / "one")["step"]
        self.assertEqual(result["step"]["seconds"], step["seconds"])
        self.assertEqual(result["step"]["efficiency"], 1.0)
        self.assertAlmostEqual(result["step"]["chip_energy_joules"], step["energy_joules"])
        self.assertEqual(sum(b["parameters"] for b in result["buckets"]),
                         result["workload"]["parameters"])

    def test_fewer_bits_and_more_bandwidth_help(self):
        slow = self.run_chips("--chips", 64, "--link", "0.1")
        half = self.run_chips("--chips", 64, "--link", "0.1", "--gradient-bits", 16)
        fast = self.run_chips("--chips", 64, "--link", "100", "--link-latency", 0)
        self.assertEqual(half["step"]["sent_bytes_per_chip"],
                         slow["step"]["sent_bytes_per_chip"] / 2)
        self.assertLess(half["step"]["seconds"], slow["step"]["seconds"])
        self.assertLess(fast["step"]["seconds"], half["step"]["seconds"])

    def test_waiting_costs_standby_and_leakage(self):
        one = self.run_chips("--chips", 1, "--link", 10)["step"]
        slow = self.run_chips("--chips", 64, "--link", "0.1")["step"]
        slower = self.run_chips("--chips", 64, "--link", "0.05")["step"]
        watts = ((slow["chip_energy_joules"] - one["chip_energy_joules"])
                 / slow["exposed_seconds"])
        self.assertGreater(watts, 0.0)
        self.assertAlmostEqual((slower["chip_energy_joules"] - one["chip_energy_joules"])
                               / slower["exposed_seconds"], watts, places=9)

    def test_bad_use(self):
        for words, arguments in ((["--link"], ["--chips", 4]),
                                 (["--chips"], ["--link", 4]),
                                 (["--chips"], ["--chips", 0, "--link", 4]),
                                 (["--link"], ["--chips", 4, "--link", 0]),
                                 (["--link"], ["--chips", 4, "--link", -1]),
                                 (["--topology", "mesh"],
                                  ["--chips", 4, "--link", 1, "--topology", "mesh"]),
                                 (["--gradient-bits", "8"],
                                  ["--chips", 4, "--link", 1, "--gradient-bits", 8])):
            self.fails(2, words, "estimate", NETWORK, *arguments, cwd=self.folder)
        self.no_result(self.folder)


if __name__ == "__main__":
    main()
