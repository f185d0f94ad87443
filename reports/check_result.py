#!/usr/bin/python3
"""Checks a result.json: its shape (result.schema.json) and that its sums hold.

    reports/check_result.py FILE...

Exit status 0: every file is sound. 1: one is not, with a one-line reason. 2: bad use.
"""
import json
import math
import pathlib
import sys

try:
    import jsonschema
except ImportError:
    sys.exit("check_result.py: needs the Python package jsonschema (Debian: python3-jsonschema)")

SCHEMA = pathlib.Path(__file__).resolve().parent / "result.schema.json"
RELATIVE = 1e-9  # of sums of energy, which are floating point; counts are compared exactly

# What each level adds up to, and over which of its fields.
BARS = ("", "_low", "_high")  # a figure and its error bars
ENERGY = tuple("energy_joules" + bar for bar in BARS)
LAYER_FIELDS = ("cycles", "dram_bytes", "sram_bytes", "macs", *ENERGY)
UNIT_FIELDS = ("cycles", "dram_bytes", "sram_bytes", *ENERGY)


class Unsound(Exception):
    """The result is wrong; the message says where, what was found and what was expected."""


def refuse_constant(name):
    raise Unsound(f"{name} is not JSON")


def refuse_repeated_keys(pairs):
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise Unsound(f"key '{key}' appears twice in one object")
    return dict(pairs)


def load(path):
    try:
        text = pathlib.Path(path).read_text(encoding="utf-8")
        return json.loads(text, parse_constant=refuse_constant,
                          object_pairs_hook=refuse_repeated_keys)
    except (OSError, ValueError) as error:
        raise Unsound(str(error)) from error


def check_shape(result):
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator = jsonschema.Draft7Validator(schema)
    errors = list(validator.iter_errors(result))
    if not errors:
        return
    # The train/estimate alternative fails as a whole; what fails inside it says more.
    error = jsonschema.exceptions.best_match(errors)
    where = "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in error.absolute_path)
    raise Unsound(f"{where.lstrip('.') or 'top level'}: {error.message[:300]}")


def check_equal(what, found, expected, relative=0.0):
    same = math.isclose(found, expected, rel_tol=relative, abs_tol=0.0) if relative \
        else found == expected
    if not same:
        raise Unsound(f"{what}: found {found}, expected {expected}")


def check_sum(whole_name, whole, part_name, parts, fields):
    for field in fields:
        values = [part[field] for part in parts]
        energy = field in ENERGY
        total = math.fsum(values) if energy else sum(values)
        check_equal(f"{field} summed over {whole_name}{part_name}", total, whole[field],
                    RELATIVE if energy else 0.0)


def check_bars(value, where):
    """Every figure that has error bars lies between them."""
    if isinstance(value, list):
        for i, inner in enumerate(value):
            check_bars(inner, f"{where}[{i}]")
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        check_bars(inner, f"{where}.{key}")
        if key + "_low" in value and not value[key + "_low"] <= inner <= value[key + "_high"]:
            raise Unsound(f"{where}.{key}: found {inner} outside of its error bars "
                          f"{value[key + '_low']} to {value[key + '_high']}, expected it between them")


def check_baselines(step):
    """The first row is the step itself; ratios are what their rows say."""
    baselines = step["baselines"]
    own = baselines[0]
    for field in ("cycles", "seconds", "dram_bytes", *ENERGY, *("area_mm2" + bar for bar in BARS)):
        check_equal(f"baselines[0].{field}, the step's own", own.get(field), step[field])
    if "memory_needed_bytes" in own and "memory" in step:
        check_equal("baselines[0].memory_needed_bytes, the step's own", own["memory_needed_bytes"],
                    step["memory"]["needed_bytes"])
    for i, row in enumerate(baselines):
        if "problem" in row:
            continue
        for ratio, field in (("time", "seconds"), ("dram_bytes", "dram_bytes"), ("area", "area_mm2"),
                             ("energy", "energy_joules")):
            check_equal(f"baselines[{i}].against_int8.{ratio}", row["against_int8"][ratio] * own[field],
                        row[field], RELATIVE)


def check_sums(step):
    check_sum("step.", step, "per_layer", step["per_layer"], LAYER_FIELDS)
    for layer in step["per_layer"]:
        check_sum(f"layer {layer['name']}, ", layer, "phases", layer["phases"], LAYER_FIELDS)
        check_sum(f"layer {layer['name']}, ", layer, "units", layer["units"],
                  ("cycles", *("energy_joules" + bar for bar in BARS)))
    check_sum("step.", step, "per_unit", step["per_unit"], UNIT_FIELDS)
    for unit in step["per_unit"]:
        if unit["waits"]:
            check_equal(f"cycles summed over the waits of {unit['name']}",
                        sum(wait["cycles"] for wait in unit["waits"]), unit["stall_cycles"])
    for pad in step["scratchpads"]:
        if not pad["mean_bytes"] <= pad["peak_bytes"] <= pad["bytes"]:
            raise Unsound(f"scratchpad {pad['scratchpad']}: found mean {pad['mean_bytes']}, peak "
                          f"{pad['peak_bytes']}, expected at most {pad['bytes']}")
    moved = sum(row["read_bytes"] + row["write_bytes"] for row in step["traffic"])
    check_equal("bytes summed over step.traffic", moved, step["dram_bytes"])
    for bar in BARS:
        joules = math.fsum(row["joules" + bar] for row in step["energy"])
        check_equal(f"joules{bar} summed over step.energy", joules, step["energy_joules" + bar], RELATIVE)
        for row in step["energy"]:
            check_equal(f"energy of {row['component']}, count x picojoules_each{bar}",
                        row["count"] * row["picojoules_each" + bar] * 1e-12, row["joules" + bar], RELATIVE)
        silicon = math.fsum(part["mm2" + bar] for part in step["area"])
        check_equal(f"mm2{bar} summed over step.area", silicon, step["area_mm2" + bar], RELATIVE)
    used = sum(row["count"] for row in step["energy"] if row["component"].startswith("mac_"))
    slots = step["peak"]["macs_per_second"]["forward"] * step["cycles"] / step["clock_hz"]
    check_equal("utilisation, multiplier slots used over slots", step["utilisation"], used / slots, RELATIVE)
    check_bars(step, "step")
    if "baselines" in step:
        check_baselines(step)
    check_equal("step.cycles / clock_hz", step["cycles"] / step["clock_hz"], step["seconds"],
                RELATIVE)


def check(path):
    """Raises Unsound if the file is not a sound result."""
    result = load(path)
    check_shape(result)
    if "step" in result:
        check_sums(result["step"])


def main(arguments):
    if not arguments or arguments[0] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if arguments else 2
    for path in arguments:
        try:
            check(path)
        except Unsound as error:
            print(f"{path}: {error}", file=sys.stderr)
            return 1
        print(f"{path}: sound")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
