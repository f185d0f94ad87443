#!/usr/bin/python3
"""octet estimate, program and list: they need no data, and give the same answer each time."""
import json
import re

import shapes
from octet_case import NETWORK, SOURCE, OctetCase, main

TINY = "tiny-cnn"


class Estimate(OctetCase):
    def estimate(self, name, *arguments):
        self.passes("estimate", *arguments, "--out", self.folder / name)
        return self.result(self.folder / name)

    def test_needs_no_data(self):
        result = self.estimate("a", NETWORK, "--batch", 8)  # its data folder does not exist
        self.assertEqual(result["kind"], "estimate")
        self.assertEqual(result["step"]["batch"], 8)
        self.assertNotIn("accuracy", result)
        self.assertNotIn("training", result)
        layers = [layer["name"] for layer in result["step"]["per_layer"]]
        for name in ("conv1", "norm1", "add1", "fc1", "loss"):
            self.assertIn(name, layers)
        self.assertEqual(sum(layer["cycles"] for layer in result["step"]["per_layer"]),
                         result["step"]["cycles"])
        self.assertTrue((self.folder / "a/report.html").exists())

    def test_same_each_time(self):
        first, second = (self.estimate(name, TINY, "--batch", 4) for name in "ab")
        self.assertEqual(first["step"], second["step"])

    def test_closed_form(self):
        machine = self.estimate("a", TINY, "--batch", 8)["step"]
        closed = self.estimate("b", TINY, "--batch", 8, "--closed-form", "--check")["step"]
        self.assertEqual((machine["method"], closed["method"]), ("machine", "closed_form"))
        for what in ("dram_bytes", "sram_bytes", "macs", "traffic"):
            self.assertEqual(closed[what], machine[what], what)
        self.assertAlmostEqual(closed["cycles"] / machine["cycles"], 1.0, delta=0.04)
        self.assertAlmostEqual(closed["energy_joules"] / machine["energy_joules"], 1.0, delta=0.04)

    def test_unfolded_is_the_same(self):
        for network, machine in (("resnet-20", "base"), ("resnet-18", "server"), ("alexnet", "edge")):
            folded, unfolded = (self.estimate(name, network, "--batch", 2, "--hardware", machine, *more)
                                for name, more in (("a", []), ("b", ["--unfolded"])))
            self.assertEqual(folded["step"], unfolded["step"], network)
            self.assertGreaterEqual(len(folded["step"]["per_layer"]), 20)

    def test_by_rates(self):
        machine = self.estimate("a", TINY, "--batch", 8)["step"]
        rates = self.estimate("b", TINY, "--batch", 8, "--closed-form=rates", "--check")["step"]
        self.assertEqual(rates["method"], "rates")
        for what in ("dram_bytes", "sram_bytes", "macs", "traffic"):
            self.assertEqual(rates[what], machine[what], what)
        self.assertAlmostEqual(rates["cycles"] / machine["cycles"], 1.0, delta=0.12)
        self.assertAlmostEqual(rates["energy_joules"] / machine["energy_joules"], 1.0, delta=0.12)

    def test_baselines_by_rates(self):
        machine, rates = (self.estimate(name, TINY, "--batch", 8, "--baselines", *more)["step"]["baselines"]
                          for name, more in (("a", []), ("b", ["--closed-form=rates"])))
        self.assertEqual(len(machine), len(rates))
        for ours, theirs in zip(rates, machine):
            self.assertEqual(ours["dram_bytes"], theirs["dram_bytes"])
            self.assertAlmostEqual(ours["cycles"] / theirs["cycles"], 1.0, delta=0.12)

    def test_every_machine_and_recipe_bits(self):
        cycles = {machine: self.estimate(machine, TINY, "--hardware", machine)["step"]["cycles"]
                  for machine in ("base", "edge", "server")}
        self.assertEqual(len(set(cycles.values())), 3, cycles)

    def test_default_folder(self):
        self.passes("estimate", TINY, "--batch", 4, cwd=self.folder)
        self.result(self.folder / "runs/tiny-cnn-base-estimate")

    def test_json_on_a_pipe(self):
        self.passes("estimate", TINY, "--batch", 4, "--out", self.folder / "a", "--json", "/dev/null")


class Memory(OctetCase):
    """What lives at once, against what the DRAM holds."""

    def test_a_step_that_does_not_fit_is_estimated_and_says_so(self):
        # 16 banks of 16 rows of 8,192 bytes: 2 MiB for 3 MB.
        kind = (SOURCE / "sim/dram/kinds/DDR4-2400.yaml").read_text(encoding="utf-8")
        rows = int(re.search(r"^rows: (\d+)", kind, re.MULTILINE).group(1))
        for more, fits in ((rows, True), (16, False)):
            small = self.folder / "small.yaml"
            small.write_text(kind.replace(f"rows: {rows}", f"rows: {more}"), encoding="utf-8")
            said = self.passes("estimate", TINY, "--batch", 256, "--set-hardware", f"dram.kind={small}", "--baselines",
                               "--out", self.folder / "a")
            memory = self.result(self.folder / "a")["step"]["memory"]
            line = next(line for line in said.splitlines() if line.startswith("  memory "))
            self.assertIn(" live of ", line)
            self.assertEqual(line.endswith(": does not fit"), not fits)
            self.assertEqual(memory["needed_bytes"] <= memory["capacity_bytes"], fits)
            self.assertEqual("does not fit the memory" in said, not fits)  # of the floats
        closed = [self.passes("estimate", TINY, "--batch", 256, how, "--out", self.folder / "b") and
                  self.result(self.folder / "b")["step"]["memory"] for how in ("--closed-form", "--closed-form=rates")]
        self.assertEqual([memory["needed_bytes"] for memory in closed], 2 * [memory["needed_bytes"]])

    def test_it_is_said_in_every_mode(self):
        for arguments, key in ((["--gemm", "100,100,100"], "step"), ([TINY, "--compare", "base", "edge"], None),
                               ([TINY, "--chips", 2, "--link", 1], "step")):
            file = self.folder / "r.json"
            said = self.passes("estimate", *arguments, "--json", file, cwd=self.folder)
            self.assertRegex(said, r"memory[^\n]* live of [\d.]+ GB")
            result = json.loads(file.read_text(encoding="utf-8"))
            memory = result[key]["memory"] if key else result["memory"]["a"]
            self.assertGreater(memory["capacity_bytes"], memory["needed_bytes"])


class Forward(OctetCase):
    """--forward: the forward pass of a training step; --forward=inference: that of a trained network."""

    def step(self, name, *arguments):
        self.said = self.passes("estimate", TINY, "--batch", 4, "--out", self.folder / name, *arguments)
        return self.result(self.folder / name)["step"]

    def test_is_part_of_the_step(self):
        step = self.step("a")
        for flag, scope, title in (("--forward", "forward", "One forward pass of training"),
                                   ("--forward=inference", "inference", "Inference of one batch")):
            forward = self.step("b", flag)
            self.assertEqual(forward["scope"], scope)
            self.assertIn(title, self.said)
            self.assertEqual({phase["phase"] for layer in forward["per_layer"] for phase in layer["phases"]}
                             - {"forward"}, set())
            macs = sum(phase["macs"] for layer in step["per_layer"] for phase in layer["phases"]
                       if phase["phase"] == "forward")
            self.assertEqual(forward["macs"], macs)
            self.assertLess(forward["cycles"], step["cycles"])
            self.assertEqual(list(forward["peak"]["macs_per_second"]), ["forward"])
        self.assertNotIn("scope", step)

    def test_closed_forms_traces_and_floats_beside_it(self):
        for flag in ("--forward", "--forward=inference"):
            machine = self.step("a", flag)
            for how in ("--closed-form", "--closed-form=rates"):
                closed = self.step("b", flag, how, "--check")
                self.assertEqual((closed["dram_bytes"], closed["scope"]), (machine["dram_bytes"], machine["scope"]))
            rows = self.step("c", flag, "--baselines")["baselines"]
            self.assertEqual(rows[0]["cycles"], machine["cycles"])
            self.assertEqual(len([row for row in rows if "problem" not in row]), len(rows))
            trace, bursts = self.folder / "trace.json", self.folder / "bursts"
            self.step("d", flag, "--trace", trace, "--dram-trace", bursts)
            phases = {event["cat"] for event in json.loads(trace.read_text())["traceEvents"] if "cat" in event}
            self.assertEqual(phases, {"forward"})
            commands = machine["dram_commands"]
            self.assertEqual(len(bursts.read_text().splitlines()), commands["reads"] + commands["writes"])

    def test_two_machines(self):
        file = self.folder / "both.json"
        said = self.passes("estimate", TINY, "--batch", 4, "--forward", "--compare", "base", "edge", "--json", file,
                           cwd=self.folder)
        both = json.loads(file.read_text(encoding="utf-8"))
        self.assertIn("forward pass alone", said)
        self.assertEqual(both["scope"], "forward")
        self.assertEqual(both["total"]["cycles"]["a"], self.step("a", "--forward")["cycles"])

    def test_its_program(self):
        printed = self.passes("program", TINY, "--batch", 2, "--forward=inference")
        self.assertEqual(printed.splitlines()[0], "program tiny-cnn base 2 integer inference")
        self.assertNotIn("update", printed)

    def test_default_folder(self):
        self.passes("estimate", TINY, "--batch", 4, "--forward=inference", cwd=self.folder)
        self.result(self.folder / "runs/tiny-cnn-base-inference")

    def test_what_has_no_forward_pass_of_its_own(self):
        for words, arguments in ((["--gemm", "--forward"], ["--gemm", "1,2,3", "--forward"]),
                                 (["--chips", "--forward"], [TINY, "--chips", 2, "--link", 1, "--forward"]),
                                 (["--reference", "--forward"], [TINY, "--reference", "scale-sim", "--forward"]),
                                 (["--forward", "backward"], [TINY, "--forward=backward"])):
            with self.subTest(arguments=arguments):
                self.fails(2, words, "estimate", *arguments, "--json", self.folder / "x.json", cwd=self.folder)


class Gemm(OctetCase):
    def gemm(self, *arguments):
        file = self.folder / "gemm.json"
        printed = self.passes("estimate", *arguments, "--json", file, cwd=self.folder)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["gemm.json"])
        return printed, json.loads(file.read_text(encoding="utf-8"))

    def test_one_product_on_the_machine(self):
        printed, result = self.gemm("--gemm", "300,70,150", "--hardware", "edge")
        self.assertEqual(result["kind"], "gemm")
        self.assertEqual(result["gemm"], {"m": 300, "n": 70, "k": 150, "operands": "8x8"})
        step = result["step"]
        self.assertEqual(step["macs"], 300 * 70 * 150)
        self.assertIn(str(step["cycles"]), printed)
        self.assertIn("{:.6f} mJ ({:.6f} to {:.6f})\n".format(
            *(1e3 * step["energy_joules" + bar] for bar in ("", "_low", "_high"))), printed)
        # At least the operands and the results pass the bus.
        self.assertGreaterEqual(step["dram_bytes"], 300 * 150 + 150 * 70 + 4 * 300 * 70)
        wide = self.gemm("--gemm", "300,70,150", "--hardware", "edge", "--operands", "8x16")[1]
        self.assertGreater(wide["step"]["cycles"], step["cycles"])

    def test_what_is_small_is_not_shown_as_nothing(self):
        table = self.folder / "cheap.yaml"
        table.write_text("technology: cheap\nbase: 7nm\n")
        printed = self.passes("estimate", TINY, "--batch", 1, "--hardware", "server", "--energy", table, "--out",
                              self.folder / "out")
        printed += self.passes("estimate", "--gemm", "1,1,1", "--hardware", "server")
        self.assertIsNone(re.search(r"(?<![\d.])0\.0+ (ms|mJ|MB|uJ)", printed), printed)

    def test_closed_forms_of_a_product(self):
        machine = self.gemm("--gemm", "300,70,150", "--hardware", "edge")[1]["step"]
        for how, method, most in (("--closed-form", "closed_form", 0.04), ("--closed-form=rates", "rates", 0.12)):
            step = self.gemm("--gemm", "300,70,150", "--hardware", "edge", how, "--check")[1]["step"]
            self.assertEqual((step["method"], step["dram_bytes"], step["macs"]),
                             (method, machine["dram_bytes"], machine["macs"]))
            self.assertAlmostEqual(step["cycles"] / machine["cycles"], 1.0, delta=most)

    def test_operands_follow_the_cells(self):
        # TPUv3: bfloat16 cells that round the f32 of memory, unless the tensors are said to be bfloat16.
        wide = self.gemm("--gemm", "256,256,256", "--hardware", "tpuv3")[1]
        self.assertEqual(wide["gemm"]["operands"], "float32")
        narrow = self.gemm("--gemm", "256,256,256", "--hardware", "tpuv3", "--operands", "bfloat16")[1]
        self.assertEqual(wide["step"]["dram_bytes"], 3 * 4 * 256 * 256)
        self.assertEqual(narrow["step"]["dram_bytes"], 3 * 2 * 256 * 256)
        own = self.gemm("--gemm", "256,256,256", "--hardware", "edge", "--operands", "float16")[1]
        self.assertEqual(own["hardware"]["datapath"], "float16")
        for operands in ("8x8", "float16"):
            self.fails(2, ["--operands", operands, "float32 or bfloat16"], "estimate", "--gemm", "1,2,3",
                       "--hardware", "tpuv3", "--operands", operands)

    def test_scale_sim(self):
        printed, result = self.gemm("--gemm", "2916,64,576", "--reference", "scale-sim", "--array",
                                    "32x32")
        self.assertEqual(result["gemms"][0]["cycles"], {"os": 117391, "ws": 108359, "is": 261647})
        self.assertEqual(result["gemms"][0]["best"], "ws")
        self.assertIn("108359", printed)
        for machine, side in (("edge", 16), ("server", 128)):
            result = self.gemm("--gemm", "100,200,300", "--reference", "scale-sim", "--hardware",
                               machine, "--dataflow", "os")[1]
            folds = -(-100 // side) * -(-200 // side)
            self.assertEqual(result["gemms"][0]["cycles"], {"os": folds * (300 + 2 * side - 2) - 1})

    def test_scale_sim_of_a_network(self):
        result = self.gemm(NETWORK, "--reference", "scale-sim", "--batch", 4)[1]
        phases = [row["phase"] for row in result["gemms"]]
        self.assertEqual(phases[:2], ["forward", "weight_gradient"])  # nobody needs the images'
        for flow in ("os", "ws", "is"):
            self.assertEqual(sum(row["cycles"][flow] for row in result["gemms"]),
                             result["total"][flow])
        self.assertEqual(sum(min(row["cycles"].values()) for row in result["gemms"]),
                         result["total"]["best_of_each"])


class Energy(OctetCase):
    def test_baselines_are_printed_and_written(self):
        said = self.passes("estimate", TINY, "--batch", 8, "--baselines", "--out", self.folder / "a")
        result = self.result(self.folder / "a")
        rows = [(row["datapath"], row["sizing"]) for row in result["step"]["baselines"]]
        self.assertEqual(rows, [("int8", "as_described")] + [
            (floats, sizing) for floats in ("float32", "float16", "bfloat16")
            for sizing in ("pe_equal", "area_equal")])
        for name in ("float32 PE-equal", "float16 area-equal", "bfloat16 area-equal", "time, DRAM, energy"):
            self.assertIn(name, said)
        plain = self.passes("estimate", TINY, "--batch", 8, "--out", self.folder / "b")
        self.assertNotIn("PE-equal", plain)
        self.assertNotIn("baselines", self.result(self.folder / "b")["step"])

    def test_baselines_need_integers(self):
        self.fails(2, ["--baselines", "float32", "integers"], "estimate", TINY, "--recipe", "float32",
                   "--baselines", "--out", self.folder / "a")
        self.no_result(self.folder)

    def test_a_float_step_that_does_not_fit_has_a_reason(self):
        # A half of 32 bytes holds what one result reads of codes, but not of floats.
        machine = self.edited(SOURCE / "sim/hardware/edge.yaml", ("{bytes: 131072, banks: 4, width_bytes: 8}",
                                                                  "{bytes: 64, banks: 4, width_bytes: 8}"))
        self.passes("estimate", TINY, "--batch", 2, "--hardware", machine, "--baselines", "--out",
                    self.folder / "a")
        rows = self.result(self.folder / "a")["step"]["baselines"]
        self.assertNotIn("problem", rows[0])
        self.assertIn("scratchpads.activation.bytes", rows[1]["problem"])

    def test_a_table_of_ones_own(self):
        table = self.folder / "mine.yaml"
        table.write_text("technology: mine\nbase: 7nm\nenergy:\n"
                         "  mac_8x8: {low: 1, typical: 2, high: 3, source: lab}\n")
        said = self.passes("estimate", TINY, "--batch", 4, "--energy", table, "--out", self.folder / "a")
        self.assertIn("table mine", said)
        step = self.result(self.folder / "a")["step"]
        self.assertEqual(step["energy_table"], "mine")
        rows = {row["component"]: row for row in step["energy"]}
        self.assertEqual([rows["mac_8x8"]["picojoules_each" + bar] for bar in ("_low", "", "_high")], [1, 2, 3])
        self.assertEqual(rows["int32_add"]["picojoules_each"], 0.03)

    def test_banks_slower_than_the_clock_are_told(self):
        said = self.passes("estimate", TINY, "--batch", 4, "--hardware", "server", "--out", self.folder / "a")
        notes = self.result(self.folder / "a")["step"]["notes"]
        self.assertEqual([note.split(":")[0] for note in notes], ["activation", "weight", "accumulator"])
        for note in notes:
            self.assertIn(f"  note: {note}\n", said)
        self.assertIn("cycles in 3.21 ns in the 45nm table, the clock is 1 ns", notes[0])
        self.assertNotIn("note:", self.passes("estimate", TINY, "--batch", 4, "--out", self.folder / "b"))
        for mode in (["--gemm", "9,9,9", "--hardware", "server"], [TINY, "--compare", "base", "server"],
                     [TINY, "--hardware", "server", "--chips", 2, "--link", 1]):
            self.assertIn("cycles in 3.21 ns", self.passes("estimate", *mode, cwd=self.folder))

    def test_printed_parts_of_the_energy_add_up(self):
        for machine in ("edge", "base", "server"):
            said = self.passes("estimate", NETWORK, "--batch", 64, "--hardware", machine, "--out", self.folder / machine)
            rows = re.search(r"\n  energy .*?(?=\n  area )", said, re.DOTALL).group(0).strip().splitlines()
            figures = [re.search(r"([\d.]+) mJ \(([\d.]+) to ([\d.]+)", row).groups() for row in rows]
            self.assertRegex(said, r"\n    \d others +[\d.]+ mJ")
            for column in zip(*figures):
                total, *parts = map(float, column)
                # Each is rounded to 0.001.
                self.assertAlmostEqual(sum(parts), total, delta=0.0006 * len(rows))

    def test_a_table_of_ones_own_in_every_mode(self):
        table = self.folder / "mine.yaml"
        table.write_text("technology: mine\nbase: 45nm\nenergy:\n"
                         "  dram_read: {low: 1e5, typical: 1e5, high: 1e5, source: lab}\n")

        def joules(of, *arguments):
            file = self.folder / "r.json"
            self.passes("estimate", *arguments, "--json", file, cwd=self.folder)
            return of(json.loads(file.read_text(encoding="utf-8")))

        total = lambda side: lambda result: result["total"]["energy_joules"][side]
        for of, arguments in (
                (lambda r: r["step"]["energy_joules"], ["--gemm", "50,50,50"]),
                (lambda r: r["step"]["energy_joules"], ["--gemm", "50,50,50", "--closed-form"]),
                (total("a"), ["--gemm", "50,50,50", "--compare", "base", "edge"]),
                (total("a"), [TINY, "--compare", "base", "edge"]),
                (total("b"), [TINY, "--compare", "base", "edge"]),
                (lambda r: r["step"]["chip_energy_joules"], [TINY, "--chips", 2, "--link", 1])):
            with self.subTest(arguments=arguments):
                self.assertGreater(joules(of, *arguments, "--energy", table), 5 * joules(of, *arguments))
                self.fails(1, ["no.yaml"], "estimate", *arguments, "--energy", self.folder / "no.yaml",
                           cwd=self.folder)

    def test_two_machines_of_floats_are_those_of_the_estimate(self):
        file = self.folder / "both.json"
        self.passes("estimate", TINY, "--recipe", "float32", "--compare", "base", "edge", "--json", file,
                    cwd=self.folder)
        both = json.loads(file.read_text(encoding="utf-8"))
        for side, machine in (("a", "base"), ("b", "edge")):
            self.passes("estimate", TINY, "--recipe", "float32", "--hardware", machine, "--out",
                        self.folder / machine)
            self.assertEqual(both["total"]["cycles"][side],
                             self.result(self.folder / machine)["step"]["cycles"])

    def test_a_memory_of_ones_own_is_priced_as_the_kind_it_names(self):
        hbm2 = (SOURCE / "sim/dram/kinds/HBM2.yaml").read_text(encoding="utf-8").replace("name: HBM2", "name: Optane")
        server = (SOURCE / "sim/hardware/server.yaml").read_text(encoding="utf-8")
        def machine(name, more=""):
            own = "  own_kind:\n" + "".join(f"    {line}\n" for line in (hbm2 + more).splitlines())
            path = self.folder / name
            path.write_text(server.replace("  kind: HBM2\n", own), encoding="utf-8")
            return path
        plain = machine("plain.yaml")
        self.fails(1, [plain, "dram.own_kind.energy: found nothing", "Optane", "DDR4, LPDDR4, HBM2, GDDR6"],
                   "estimate", TINY, "--hardware", plain, "--out", self.folder / "a")
        self.passes("dram", "--hardware", plain, "--requests", 1000)
        joules = []
        for name in (machine("priced.yaml", "energy: HBM2\n"), "server"):
            self.passes("estimate", TINY, "--hardware", name, "--out", self.folder / "b")
            joules.append(self.result(self.folder / "b")["step"]["energy_joules"])
        self.assertEqual(*joules)

    def test_an_accelergy_table(self):
        table = self.folder / "ert.yaml"
        table.write_text("ERT:\n  version: 0.4\n  tables:\n  - name: top.DRAM\n    actions:\n"
                         "    - {name: read, arguments: null, energy: 100}\n")
        said = self.passes("estimate", TINY, "--batch", 4, "--energy", table, "--out", self.folder / "a")
        step = self.result(self.folder / "a")["step"]
        for note in step["notes"]:
            self.assertIn(f"note: {note}\n", said)
        self.assertIn(f"energy from {table}: dram_read (top.DRAM.read)", step["notes"])
        rows = {row["component"]: row for row in step["energy"]}
        self.assertEqual(rows["dram_read"]["picojoules_each"], 100)
        self.assertEqual(rows["dram_activate"]["joules_high"], 0)
        for mode in (["--gemm", "9,9,9"], [TINY, "--compare", "base", "edge"], [TINY, "--chips", 2, "--link", 1]):
            self.assertIn(f"note: energy from {table}:", self.passes("estimate", *mode, "--energy", table, cwd=self.folder))
        self.assertIn("top.DRAM.read", rows["dram_read"]["source"])
        table.write_text(table.read_text().replace("top.DRAM", "top.Router"))
        self.fails(1, [table, "top.Router", "expected a part of the machine"], "estimate", TINY, "--energy",
                   table, "--out", self.folder / "b")
        self.no_result(self.folder / "b")

    def test_a_table_with_a_mistake(self):
        table = self.folder / "bad.yaml"
        for text, words in (("energy: {mac_8x8: {typical: -1, source: s}}", ["energy.mac_8x8.typical", "-1"]),
                            ("energy: {mac_7x7: {typical: 1, source: s}}", ["energy.mac_7x7"]),
                            ("colour: red", ["colour"])):
            table.write_text("technology: mine\nbase: 45nm\n" + text + "\n")
            self.fails(1, [table, "found ", "expected ", *words], "estimate", TINY, "--energy", table, "--out",
                       self.folder / "a")
        self.fails(1, ["no.yaml"], "estimate", TINY, "--energy", self.folder / "no.yaml", "--out",
                   self.folder / "a")
        self.no_result(self.folder / "a")

    def test_switching_of_a_real_run(self):
        data = shapes.write(self.folder / "data")
        activity = self.folder / "activity.yaml"
        self.passes("train", NETWORK, "--data", data, "--epochs", 1, "--activity", activity, "--out",
                    self.folder / "train")
        text = activity.read_text()
        for words in ("layer: conv1, phase: forward", "layer: conv2, phase: data_gradient",
                      "layer: fc1, phase: weight_gradient"):
            self.assertIn(words, text)
        self.assertNotIn("conv1, phase: data_gradient", text)  # nothing below it wants one
        self.passes("estimate", NETWORK, "--batch", 4, "--out", self.folder / "plain")
        self.passes("estimate", NETWORK, "--batch", 4, "--activity", activity, "--out", self.folder / "real")
        plain, real = (self.result(self.folder / name)["step"] for name in ("plain", "real"))
        self.assertLess(real["energy_joules"], plain["energy_joules"])
        self.assertEqual(real["cycles"], plain["cycles"])
        for name, more in (("plain", []), ("real", ["--activity", activity])):
            self.passes("estimate", NETWORK, "--batch", 4, "--forward", *more, "--out", self.folder / name)
        plain, real = (self.result(self.folder / name)["step"] for name in ("plain", "real"))
        self.assertLess(real["energy_joules"], plain["energy_joules"])
        self.fails(1, [activity, "network"], "estimate", TINY, "--activity", activity, "--out",
                   self.folder / "other")
        self.fails(2, ["--baselines", "--activity"], "estimate", NETWORK, "--baselines", "--activity",
                   activity, "--out", self.folder / "both")
        self.fails(2, ["--activity", "float32"], "train", NETWORK, "--data", data, "--recipe", "float32",
                   "--activity", activity, "--out", self.folder / "float")

    def test_seven_nanometres(self):
        small = self.edited(SOURCE / "sim/hardware/base.yaml", ("technology: 45nm", "technology: 7nm"))
        self.passes("estimate", TINY, "--hardware", small, "--out", self.folder / "a")
        self.passes("estimate", TINY, "--out", self.folder / "b")
        fine, coarse = (self.result(self.folder / name)["step"] for name in "ab")
        self.assertEqual(fine["energy_table"], "7nm")
        self.assertLess(fine["energy_joules"], coarse["energy_joules"])
        self.assertLess(fine["area_mm2"], coarse["area_mm2"] / 3)

    def test_floating_cells_need_a_recipe_of_floats(self):
        machine = self.edited(SOURCE / "sim/hardware/base.yaml",
                              ("gradient_datapath: native", "datapath: bfloat16   # native"))
        self.passes("estimate", TINY, "--hardware", machine, "--recipe", "float32", "--out", self.folder / "a")
        rows = {row["component"] for row in self.result(self.folder / "a")["step"]["energy"]}
        self.assertIn("mac_bf16", rows)
        self.assertNotIn("mac_fp32", rows)
        self.fails(1, [machine, "array.datapath", "bfloat16", "int8", "--recipe float32"], "estimate", TINY, "--hardware", machine,
                   "--out", self.folder / "b")


class Program(OctetCase):
    def test_prints_and_saves_the_same_text(self):
        printed = self.passes("program", NETWORK, "--batch", 2)
        self.assertGreater(len(printed.splitlines()), 20)
        self.assertEqual(printed, self.passes("program", NETWORK, "--batch", 2))
        saved = self.folder / "program.txt"
        self.assertEqual(self.passes("program", NETWORK, "--batch", 2, "--out", saved), "")
        self.assertEqual(saved.read_text(encoding="utf-8"), printed)

    def test_names_every_layer(self):
        printed = self.passes("program", TINY, "--batch", 2)
        for name in ("conv1", "norm1", "add1", "pool2", "fc1"):
            self.assertIn(name, printed)


class List(OctetCase):
    def test_lists_what_comes_with_octet(self):
        printed = self.passes("list")
        shipped = ["workloads/networks", "model/recipes", "sim/hardware"]
        for folder in shipped:
            files = sorted((SOURCE / folder).glob("*.yaml"))
            self.assertTrue(files, folder)
            for file in files:
                self.assertIn(f"  {file.stem} ", printed)
        self.assertIn("fashion-cnn", printed)

    def test_help_shows_an_example(self):
        for command in ("train", "estimate", "program", "verify"):
            self.assertIn(f"example: octet {command}", self.passes(command, "--help"))
        self.assertRegex(self.passes("--version"), r"^\d+\.\d+\.\d+\n$")


if __name__ == "__main__":
    main()
