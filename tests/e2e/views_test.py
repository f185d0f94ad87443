#!/usr/bin/python3
"""octet estimate --trace, --vcd, --compare: what a user sees agrees with the result."""
import json

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


if __name__ == "__main__":
    main()
