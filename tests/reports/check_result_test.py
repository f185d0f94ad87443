#!/usr/bin/python3
"""reports/check_result.py and the schema: sound results pass, broken ones are refused, with reasons."""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
REPORTS = HERE.parents[1] / "reports"
sys.path.insert(0, str(REPORTS))

import check_result  # noqa: E402
import jsonschema  # noqa: E402

TRAIN = json.loads((HERE / "train.json").read_text(encoding="utf-8"))
ESTIMATE = json.loads((HERE / "estimate.json").read_text(encoding="utf-8"))


DELETE = object()


def reason(result):
    """Why a result is refused; None if it is sound."""
    try:
        check_result.check_shape(result)
        if "step" in result:
            check_result.check_sums(result["step"])
    except check_result.Unsound as error:
        return str(error)
    return None


def changed(result, path, value):
    """A copy with the value at a path like 'step.per_layer.0.cycles' set, or deleted if DELETE."""
    result = copy.deepcopy(result)
    keys = [int(key) if key.isdigit() else key for key in path.split(".")]
    place = result
    for key in keys[:-1]:
        place = place[key]
    if value is DELETE:
        del place[keys[-1]]
    else:
        place[keys[-1]] = value(place[keys[-1]]) if callable(value) else value
    return result


FREE = ("recipe", "hardware", "step.peak.macs_per_second")


def fixed_shapes(value, path=""):
    """Each object whose keys the schema fixes, with its path; of a list, its first element."""
    if isinstance(value, dict) and path not in FREE:
        yield path, value
        for key, inner in value.items():
            yield from fixed_shapes(inner, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list) and value:
        yield from fixed_shapes(value[0], f"{path}.0")


class Schema(unittest.TestCase):
    def test_is_a_draft_07_schema(self):
        jsonschema.Draft7Validator.check_schema(json.loads(check_result.SCHEMA.read_text()))

    def test_accepts_the_examples(self):
        self.assertIsNone(reason(TRAIN))
        self.assertIsNone(reason(ESTIMATE))

    def test_accepts_training_without_hardware(self):
        result = changed(changed(TRAIN, "hardware", DELETE), "step", DELETE)
        self.assertIsNone(reason(result))

    def test_accepts_a_loss_that_is_not_finite(self):
        self.assertIsNone(reason(changed(TRAIN, "training.epochs.0.loss", None)))

    def test_accepts_an_angle_without_a_sample(self):
        result = changed(TRAIN, "training.angles.rows.0.samples", 0)
        for field in ("cosine", "lowest", "highest"):
            result = changed(result, f"training.angles.rows.0.{field}", None)
        self.assertIsNone(reason(result))

    def test_accepts_free_fields_in_recipe_and_hardware(self):
        self.assertIsNone(reason(changed(TRAIN, "recipe", {"name": "x", "anything": [1, {"a": 2}]})))
        self.assertIsNone(reason(changed(TRAIN, "hardware", {"name": "x", "deep": {"er": True}})))

    def test_refuses_each_missing_key(self):
        optional = {"train": {"training.angles"}, "estimate": {"run.seed", "run.threads", "run.epochs", "step.baselines"}}
        for name, result in (("train", TRAIN), ("estimate", ESTIMATE)):
            for path, fields in fixed_shapes(result):
                for key in fields:
                    full = f"{path}.{key}".lstrip(".")
                    with self.subTest(result=name, missing=full):
                        found = reason(changed(result, full, DELETE))
                        self.assertEqual(found is None, full in optional[name])
        for section in ("recipe", "hardware"):
            self.assertIsNotNone(reason(changed(TRAIN, f"{section}.name", DELETE)))

    def test_refuses_an_unknown_key_in_each_object_of_fixed_shape(self):
        for name, result in (("train", TRAIN), ("estimate", ESTIMATE)):
            for path, _ in fixed_shapes(result):
                with self.subTest(result=name, at=path):
                    found = reason(changed(result, f"{path}.colour".lstrip("."), "red"))
                    self.assertIn("colour", found)

    def test_refuses_wrong_values(self):
        cases = [
            ("schema_version", 2), ("kind", "explore"), ("kind", "estimate"),
            ("accuracy.test", 90.84), ("accuracy.test", "0.9"), ("accuracy.test", None),
            ("training.weights_hash", "9F3C61D27BE8A045"), ("training.weights_hash", "9f3c"),
            ("training.epochs.0.loss", "1.2"), ("training.saturations", 0.5),
            ("training.angles.every", 0), ("training.angles.rows.0.cosine", 1.01),
            ("training.angles.rows.0.tensor", "bias"), ("training.angles.rows.0.samples", -1),
            ("run.threads", 0), ("run.machine.cores", 0), ("run.machine.processor", ""), ("run.machine", "a PC"),
            ("run.batch", 0), ("run.seed", -1), ("run.date", "yesterday"),
            ("run.command", ""), ("recipe", "paper"), ("hardware", None),
            ("workload.classes", 0), ("workload.parameters", "many"),
            ("step.cycles", -1), ("step.cycles", 0), ("step.cycles", "49"), ("step.clock_hz", 0),
            ("step.utilisation", 1.01), ("step.energy_joules", -1e-3), ("step.per_layer", []),
            ("step.per_layer.1.cycles", -5), ("step.per_layer.1.phases", []), ("step.per_unit.0.waits.0.cycles", 0),
            ("step.peak.macs_per_second", {}), ("step.scratchpads.0.bytes", 0),
            ("step.per_layer.1.phases.0.phase", "Data gradient"), ("step.per_unit.0.name", 3),
            ("step.traffic.0.read_bytes", 1.5), ("step.energy.0.source", ""),
        ]
        for path, value in cases:
            with self.subTest(path=path, value=value):
                self.assertIsNotNone(reason(changed(TRAIN, path, value)))

    def test_an_estimate_has_no_accuracy(self):
        self.assertIsNotNone(reason({**ESTIMATE, "accuracy": TRAIN["accuracy"]}))
        self.assertIsNotNone(reason({**ESTIMATE, "training": TRAIN["training"]}))


class Sums(unittest.TestCase):
    def refuses(self, path, value, *expected):
        found = reason(changed(TRAIN, path, value))
        self.assertIsNotNone(found, path)
        for text in expected:
            self.assertIn(text, found)

    def test_one_cycle_or_byte_too_many_is_seen(self):
        def one_more(x):
            return x + 1
        for field in ("cycles", "dram_bytes", "sram_bytes", "macs"):
            self.refuses(f"step.{field}", one_more, field, "step.per_layer")
            self.refuses(f"step.per_layer.5.{field}", one_more, field, "step.per_layer")
            self.refuses(f"step.per_layer.5.phases.1.{field}", one_more, field, "layer conv2")
        for field in ("cycles", "dram_bytes", "sram_bytes"):
            self.refuses(f"step.per_unit.1.{field}", one_more, field, "step.per_unit")
        self.refuses("step.traffic.0.read_bytes", one_more, "step.traffic")
        self.refuses("step.traffic.0.write_bytes", one_more, "step.traffic")

    def test_a_scratchpad_holds_no_more_than_its_bytes(self):
        self.refuses("step.scratchpads.1.peak_bytes", lambda x: 1 << 40, "scratchpad", "weight")

    def test_waits_add_up_to_the_stall(self):
        self.refuses("step.per_unit.0.waits.0.cycles", lambda x: x + 1, "waits of mac_array")

    def test_units_add_up_to_the_layer(self):
        self.refuses("step.per_layer.5.units.0.cycles", lambda x: x + 1, "layer conv2", "units")

    def test_energy_holds_to_a_billionth(self):
        for path in ("step.energy_joules", "step.per_layer.5.phases.0.energy_joules",
                     "step.per_unit.0.energy_joules", "step.energy.0.joules"):
            self.refuses(path, lambda x: x * (1 + 1e-6), "joules")
        self.assertIsNone(reason(changed(TRAIN, "step.energy_joules", lambda x: x * (1 + 1e-10))))

    def test_count_times_energy_each_is_the_energy(self):
        self.refuses("step.energy.0.count", lambda x: x * 1.001, "count x picojoules_each")

    def test_error_bars_add_up_and_hold_the_figure(self):
        for bar in ("_low", "_high"):
            for path in (f"step.energy_joules{bar}", f"step.per_layer.5.phases.0.energy_joules{bar}",
                         f"step.per_unit.0.energy_joules{bar}", f"step.energy.0.joules{bar}"):
                self.refuses(path, lambda x: x * (1 + 1e-6), "joules" + bar)
        self.refuses("step.utilisation", lambda x: x * 0.999, "utilisation, multiplier slots")
        self.refuses("step.area.0.mm2_high", lambda x: x * 1.001, "mm2_high")
        for path, said in (("step.per_layer.1.energy_joules_low", r"step.per_layer\[1\].energy_joules: "),
                           ("step.area.1.mm2_low", r"step.area\[1\].mm2: "),
                           ("step.energy.0.joules_low", r"step.energy\[0\].joules: ")):
            broken = changed(TRAIN, path, lambda x: x * 3)
            with self.assertRaisesRegex(check_result.Unsound, said + "found .* error bars"):
                check_result.check_bars(broken["step"], "step")

    def test_seconds_are_cycles_over_clock(self):
        self.refuses("step.seconds", lambda x: x * 1.001, "clock_hz")


def with_baselines():
    """The example with itself and a machine twice as slow, hungry and large beside it."""
    step = ESTIMATE["step"]

    def row(datapath, sizing, factor):
        out = {"datapath": datapath, "sizing": sizing, "array_rows": 8, "array_cols": 4,
               "utilisation": 0.5}
        for field in ("cycles", "dram_bytes"):
            out[field] = step[field] * factor
        for field in ("seconds", *check_result.ENERGY, "area_mm2", "area_mm2_low", "area_mm2_high"):
            out[field] = step[field] * factor
        out.update({"array_mm2": 2.0, "array_mm2_low": 1.0, "array_mm2_high": 3.0, "against_int8": {
            "time": factor, "dram_bytes": factor, "area": factor, "energy": factor,
            "energy_low": factor, "energy_high": factor + 1}})
        return out
    problem = {"datapath": "bfloat16", "sizing": "area_equal", "array_rows": 1, "array_cols": 2,
               "problem": "too small"}
    rows = [row("int8", "as_described", 1), row("float32", "pe_equal", 2), problem]
    return changed(ESTIMATE, "step.baselines", rows)


class Baselines(unittest.TestCase):
    def refused(self, path, value, words):
        found = reason(with_baselines() if path is None else changed(with_baselines(), path, value))
        if found is not None:
            self.assertIn(words, found)
        return found is not None

    def test_accepts_steps_and_problems(self):
        self.assertFalse(self.refused(None, None, ""))

    def test_refuses(self):
        for path, value, words in (
                ("step.baselines.0.cycles", lambda x: x + 1, "baselines[0].cycles"),
                ("step.baselines.1.seconds", lambda x: x * 1.01, "against_int8.time"),
                ("step.baselines.1.dram_bytes", lambda x: x + 10**6, "against_int8.dram_bytes"),
                ("step.baselines.1.against_int8.area", 2.1, "against_int8.area"),
                ("step.baselines.1.against_int8.energy_high", 1.5, "error bars"),
                ("step.baselines.1.energy_joules_low", lambda x: x * 3, "error bars"),
                ("step.baselines.1.datapath", "float8", "float8"),
                ("step.baselines.1.sizing", "larger", "larger"),
                ("step.baselines.1.cycles", DELETE, ""),
                ("step.baselines.2.problem", DELETE, ""),
                ("step.baselines.2.cycles", 3, ""),
                ("step.baselines.2.colour", "red", "")):
            with self.subTest(path=path):
                self.assertTrue(self.refused(path, value, words))


class Command(unittest.TestCase):
    def run_on(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "result.json"
            path.write_text(text, encoding="utf-8")
            return self.run_with(str(path))

    @staticmethod
    def run_with(*arguments):
        return subprocess.run([sys.executable, "-B", str(REPORTS / "check_result.py"), *arguments],
                              capture_output=True, text=True, check=False)

    def test_sound(self):
        done = self.run_with(str(HERE / "train.json"), str(HERE / "estimate.json"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_refusals_are_one_line_and_status_1(self):
        lost = json.dumps(changed(TRAIN, "step.cycles", lambda x: x + 1))
        for text, expected in (
                (lost, "cycles summed over step.per_layer"), ("{", "Expecting"), ("[]", "top level"),
                (json.dumps(changed(TRAIN, "accuracy.test", DELETE)), "'test' is a required"),
                (json.dumps(changed(TRAIN, "accuracy.test", float("nan"))), "NaN is not JSON"),
                ('{"kind": "train", "kind": "estimate"}', "appears twice")):
            with self.subTest(expected=expected):
                done = self.run_on(text)
                self.assertEqual(done.returncode, 1)
                self.assertIn(expected, done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1)

    def test_a_missing_file_is_status_1_and_no_file_status_2(self):
        self.assertEqual(self.run_with("/nonexistent/result.json").returncode, 1)
        self.assertEqual(self.run_with().returncode, 2)


if __name__ == "__main__":
    unittest.main()
