#!/usr/bin/python3
"""octet estimate --trace, --vcd, --compare: what a user sees agrees with the result."""
import json
import xml.etree.ElementTree as ET

from octet_case import NETWORK, OctetCase, main


class Trace(OctetCase):
    def test_busy_sums_are_those_of_the_result(self):
        self.passes("estimate", NETWORK, "--batch", 8, "--trace", self.folder / "t.json", "--vcd",
                    self.folder / "t.vcd", "--out", self.folder / "out")
        units = {unit["name"]: unit["busy_cycles"]
                 for unit in self.result(self.folder / "out")["step"]["per_unit"]}
        events = json.loads((self.folder / "t.json").read_text(encoding="utf-8"))["traceEvents"]
        names = {e["tid"]: e["args"]["name"] for e in events if e["name"] == "thread_name"}
        busy = dict.fromkeys(names.values(), 0)
        ends = dict.fromkeys(names.values(), 0.0)
        for event in events:
            if event["ph"] == "X":
                name = names[event["tid"]]
                busy[name] += event["args"]["cycles"]
                self.assertGreaterEqual(event["ts"], ends[name] - 1e-6)
                ends[name] = event["ts"] + event["dur"]
        self.assertEqual(busy, {name: units[name] for name in busy})
        self.assertIn("$enddefinitions $end", (self.folder / "t.vcd").read_text(encoding="utf-8"))

    def test_one_layer_of_one_product_or_network(self):
        self.passes("estimate", NETWORK, "--batch", 4, "--trace", self.folder / "t.json",
                    "--trace-layers", "conv1,fc1", "--out", self.folder / "out")
        events = json.loads((self.folder / "t.json").read_text(encoding="utf-8"))["traceEvents"]
        self.assertEqual({e["args"]["layer"] for e in events if e["ph"] == "X"}, {"conv1", "fc1"})
        self.passes("estimate", "--gemm", "64,64,64", "--trace", self.folder / "g.json")
        events = json.loads((self.folder / "g.json").read_text(encoding="utf-8"))["traceEvents"]
        self.assertEqual(sum(e["args"].get("macs", 0) for e in events), 64 ** 3)

    def test_what_cannot_be_shown(self):
        self.fails(2, ["--trace-layers", "'conv9'", "conv1"], "estimate", NETWORK, "--trace",
                   self.folder / "t.json", "--trace-layers", "conv9", cwd=self.folder)
        self.fails(1, ["no/such/t.json"], "estimate", NETWORK, "--trace", "no/such/t.json",
                   cwd=self.folder)
        self.no_result(self.folder)


class Compare(OctetCase):
    def test_differences_are_those_of_the_two_results(self):
        self.passes("estimate", NETWORK, "--batch", 8, "--compare", "edge", "server", "--out",
                    self.folder / "both", "--json", self.folder / "both.json")
        both = json.loads((self.folder / "both.json").read_text(encoding="utf-8"))
        self.assertEqual((self.folder / "both.json").read_bytes(),
                         (self.folder / "both/compare.json").read_bytes())
        for side, machine in (("a", "edge"), ("b", "server")):
            self.passes("estimate", NETWORK, "--batch", 8, "--hardware", machine, "--out",
                        self.folder / machine)
            step = self.result(self.folder / machine)["step"]
            for field in ("cycles", "seconds", "dram_bytes", "sram_bytes", "energy_joules"):
                self.assertAlmostEqual(both["total"][field][side], step[field], places=12)
            self.assertEqual(sum(part[side]["cycles"] for part in both["parts"]), step["cycles"])
            self.assertEqual(sum(row["dram_bytes"][side] for row in both["phases"]),
                             step["dram_bytes"])
            for part in both["parts"]:
                if part[side]["cycles"]:
                    self.assertAlmostEqual(sum(part[side]["cycles_by_cause"].values()),
                                           part[side]["cycles"], places=3)
        changed = {row["field"]: (row["a"], row["b"]) for row in both["changed"]}
        self.assertEqual(changed["array_rows"], (16, 128))
        differences = [abs(part["difference_seconds"]) for part in both["parts"]]
        self.assertEqual(differences, sorted(differences, reverse=True))
        ET.fromstring((self.folder / "both/compare.svg").read_text(encoding="utf-8"))

    def test_a_machine_and_itself(self):
        said = self.passes("estimate", NETWORK, "--batch", 4, "--compare", "base", "base",
                           cwd=self.folder)
        self.assertIn("1.000", said)
        self.assertTrue((self.folder / "runs/small-cnn-base-base-compare/compare.svg").exists(),
                        list(self.folder.rglob("*")))

    def test_bad_use(self):
        self.fails(2, ["--compare"], "estimate", NETWORK, "--compare", "base", cwd=self.folder)
        self.fails(2, ["nosuch", "base"], "estimate", NETWORK, "--compare", "base", "nosuch",
                   cwd=self.folder)
        self.fails(2, ["--hardware", "--compare"], "estimate", NETWORK, "--hardware", "edge",
                   "--compare", "base", "edge", cwd=self.folder)
        self.no_result(self.folder)


if __name__ == "__main__":
    main()
