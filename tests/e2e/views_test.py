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
        for layers in ("conv1,,fc1", ",conv1", "conv1,", ""):
            self.fails(2, ["--trace-layers", "empty name"], "estimate", NETWORK, "--trace",
                       self.folder / "t.json", "--trace-layers", layers, cwd=self.folder)
        self.fails(1, ["no/such/t.json"], "estimate", NETWORK, "--trace", "no/such/t.json",
                   cwd=self.folder)
        self.no_result(self.folder)


class Compare(OctetCase):
    def test_differences_are_those_of_the_two_results(self):
        said = self.passes("estimate", NETWORK, "--batch", 8, "--compare", "edge", "server", "--out",
                           self.folder / "both", "--json", self.folder / "both.json")
        self.assertRegex(said, r"\n  step .* [\d.]+ \([\d.]+ to [\d.]+\) +[\d.]+ \([\d.]+ to [\d.]+\)\n")
        both = json.loads((self.folder / "both.json").read_text(encoding="utf-8"))
        self.assertEqual((self.folder / "both.json").read_bytes(),
                         (self.folder / "both/compare.json").read_bytes())
        for side, machine in (("a", "edge"), ("b", "server")):
            self.passes("estimate", NETWORK, "--batch", 8, "--hardware", machine, "--out",
                        self.folder / machine)
            step = self.result(self.folder / machine)["step"]
            for field in ("cycles", "seconds", "dram_bytes", "sram_bytes", "energy_joules", "energy_joules_low",
                          "energy_joules_high"):
                for rows in ("phases", "units"):
                    self.assertAlmostEqual(sum(row[field][side] for row in both[rows]), step[field], places=9)
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

    def test_every_field_of_a_machine_is_told(self):
        pad = "{bytes: %d, banks: %d, width_bytes: %d}"
        kind = {"name": "own", "clock_hz": 1200000000, "bus_bits": 64, "burst_length": 8, "burst_clocks": 4,
                "bank_groups": 4, "banks_per_group": 4, "rows": 65536, "row_bytes": 8192,
                "mapping": "ro-ra-ba-co-bg-ch"}
        clocks = {"cl": 17, "cwl": 12, "trcd_rd": 17, "trcd_wr": 17, "trp": 17, "tras": 39, "tccd_s": 4,
                  "tccd_l": 6, "trrd_s": 4, "trrd_l": 6, "tfaw": 26, "twtr_s": 3, "twtr_l": 9, "twr": 18,
                  "trtp": 9, "trtrs": 2, "trefi": 9360, "trfc": 420}

        def machine(name, flag, more):
            memory = {**kind, "name": "DDR4-own"}
            for key in ("clock_hz", "bus_bits", "burst_clocks", "bank_groups", "banks_per_group", "rows",
                        "row_bytes"):
                memory[key] *= 2 ** more
            if more:
                memory.update(mapping="ro-ba-ra-co-bg-ch", energy="HBM2")
            memory.update({key + "_clk": value + more for key, value in clocks.items()})
            flow, page, order, yes = (("auto", "open", "in_order", "true"),
                                      ("os", "closed", "fr_fcfs", "false"))[flag]
            path = self.folder / f"{name}.yaml"
            path.write_text("\n".join((
                f"name: {name}", f"clock_hz: {700000000 + more * 1000}",
                f"array: {{rows: {8 + more}, cols: {8 + more}, arrays: {1 + more}, dataflow: {flow}, "
                f"fold_overlap: {yes}, gradient_datapath: {('native', 'two_pass')[flag]}}}",
                "scratchpads:", "  activation: " + pad % (65536 << more, 4 << more, 16 << more),
                "  weight: " + pad % (32768 << more, 4 << more, 16 << more),
                "  accumulator: " + pad % (65536 << more, 4 << more, 32 << more),
                "dram:", f"  own_kind: {json.dumps(memory)}",
                f"  channels: {1 << more}", f"  ranks: {1 << more}", f"  page: {page}",
                f"  scheduler: {order}", f"  queue: {32 + more}", f"  bank_queue: {8 + more}",
                f"  refresh: {yes}", f"dma: {{in_flight: {16 + more}}}",
                f"vector: {{lanes: {8 + more}, depth: {8 + more}}}",
                f"range_bn: {{lanes: {8 + more}, divider_cycles: {34 + more}}}",
                f"update: {{lanes: {4 + more}}}", f"technology: {('45nm', '7nm')[flag]}")) + "\n",
                encoding="utf-8")
            return path

        file = self.folder / "both.json"
        self.passes("estimate", "--gemm", "50,50,50", "--compare", machine("one", 0, 0), machine("two", 1, 1),
                    "--json", file)
        both = json.loads(file.read_text(encoding="utf-8"))
        changed = {row["field"] for row in both["changed"]}

        def fields(section, path=""):
            for key, value in section.items():
                yield from fields(value, f"{path}{key}.") if isinstance(value, dict) else (path + key,)

        # Those of cells that multiply floats, and what has the same name here, apart.
        same = {"name", "dram", "datapath", "float32_values"}
        self.assertEqual(set(fields(both["a"])) - changed, same)
        for field in ("dataflow", "fold_overlap", "scratchpads.weight.banks", "dram_controller.refresh",
                      "dram_controller.mapping", "dram_kind.trefi_clk", "range_bn_divider_cycles"):
            self.assertIn(field, changed)

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
