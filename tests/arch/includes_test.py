#!/usr/bin/python3
"""Who may include whom. Fails on an edge that the table does not allow.

    includes_test.py SOURCE_DIR [--self-test]
"""
import pathlib
import re
import sys

from tree import OURS, source_files

SYSTEMC = "systemc"      # any header of the SystemC library
VERILATED = "verilated"  # Verilator's own headers and those that it writes, V*.h

# The table: a file's folder, and every folder or file of ours that it may include. The longest
# folder that fits is the one that counts. A test holds that each folder of the tree is here.
ALLOWED = {
    "common":        ["common"],
    "workloads":     ["workloads", "common"],
    "model/fixed":   ["model/fixed"],
    "model/kernels": ["model/kernels", "common"],
    "model/quant":   ["model/quant", "model/fixed", "model/kernels", "common"],
    "model/ops":     ["model/ops", "model/quant", "model/fixed", "model/kernels", "common", "workloads/shape"],
    "model/trainer": ["model", "workloads", "common"],
    "model/float32": ["model", "workloads", "common"],
    "bench":         ["bench", "model", "workloads", "common"],
    "model/analysis": ["model", "workloads", "common"],
    "sim":           ["sim", "model/quant", "workloads", "common"],  # the files that join the parts
    "sim/config":    ["sim/config", "common"],
    "sim/dram":      ["sim/dram", "sim/config", "common"],
    "sim/stats":     ["sim/stats", "sim/dram/counters.hpp", "sim/config", "common"],
    "sim/mapping":   ["sim/mapping", "sim/config", "workloads", "common"],
    "sim/program":   ["sim/program", "sim/mapping", "sim/config", "workloads", "model/ops", "model/quant",
                      "model/fixed", "model/trainer/state.hpp", "common"],
    "sim/explore":   ["sim/explore", "sim/views/svg.hpp", "common"],
    "sim/scale_out": ["sim/scale_out", "sim/timing/owners.hpp", "sim/timing/machine.hpp", "sim/program",
                      "sim/config", "common"],
    "sim/reference": ["sim/reference", "workloads", "common"],
    "sim/views":     ["sim/views", "sim/mapping", "sim/timing/machine.hpp", "sim/timing/owners.hpp", "sim/timing/costs.hpp", "sim/estimate.hpp", "sim/program", "sim/config",
                      "sim/stats", "common"],
    "sim/timing":    ["sim/timing", "sim/dram", "sim/mapping", "sim/program", "sim/config", "sim/stats", "common",
                      SYSTEMC],
    "sim/closed_form": ["sim/closed_form", "sim/timing/machine.hpp", "sim/timing/costs.hpp", "sim/timing/transfer.hpp",
                        "sim/timing/occupancy.hpp",
                        "sim/dram", "sim/program", "sim/config", "sim/stats", "common"],
    "sim/formula":   ["sim/formula", "sim/timing/costs.hpp", "sim/timing/counting.hpp",
                      "sim/energy/step_counts.hpp", "sim/program", "sim/mapping", "sim/config", "sim/stats", "common"],
    "sim/energy":    ["sim/energy", "sim/timing/lane.hpp", "sim/program/program.hpp", "sim/stats", "sim/config", "common"],
    "reports":       ["reports"],
    "app":           ["app", "bench", "sim", "model", "workloads", "reports", "common"],
    "tests":         ["tests", "bench", "sim", "model", "workloads", "reports", "common", "app",
                      SYSTEMC],
    "tests/cosim":   ["tests", "sim", "model", "workloads", "common", VERILATED],
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def inside(path, folder):
    return path == folder or path.startswith(folder + "/")


def rule_of(path):
    """The longest folder of the table that holds this file; None if there is none."""
    found = [folder for folder in ALLOWED if inside(path, folder)]
    return max(found, key=len) if found else None


def kind_of(header):
    """What the table calls this header; None for the standard library and other libraries."""
    name = header.rsplit("/", 1)[-1]
    if re.fullmatch(r"systemc(\.h)?|tlm(\.h)?|sysc/.*|tlm_.*", header):
        return SYSTEMC
    if re.fullmatch(r"V[A-Za-z0-9_]*\.h|verilated.*|svdpi\.h", name):
        return VERILATED
    return header if header.split("/")[0] in OURS and "/" in header else None


def violations(files):
    """One line for each forbidden include of {path: text}."""
    for path, text in sorted(files.items()):
        rule = rule_of(path)
        if rule is None:
            yield f"{path}: its folder is not in the table of tests/arch/includes_test.py"
            continue
        for match in INCLUDE.finditer(text):
            quote, header = match.groups()
            line = text.count("\n", 0, match.start(2)) + 1
            kind = kind_of(header)
            if kind is None:
                # Paths start at the top folder, or this test could not see where they lead.
                if quote == '"' and not path.startswith("tests/"):
                    yield f'{path}:{line}: "{header}": a path from the top of the tree is expected'
                continue
            if not any(inside(kind, folder) for folder in ALLOWED[rule]):
                allowed = ", ".join(ALLOWED[rule])
                yield f"{path}:{line}: {header}: {rule} may include of ours only {allowed}"


def self_test():
    """Planted includes: each forbidden one is caught, each allowed one passes."""
    forbidden = [
        ("common/a.cpp", '#include "workloads/graph/network.hpp"'),
        ("workloads/graph/a.hpp", '#include "model/quant/recipe.hpp"'),
        ("workloads/graph/a.hpp", '#  include <sim/estimate.hpp>'),
        ("model/fixed/a.hpp", '#include "common/error.hpp"'),
        ("model/quant/a.cpp", '#include "model/ops/add.hpp"'),
        ("model/ops/a.cpp", '#include "workloads/graph/network.hpp"'),
        ("model/kernels/kernels.inc", '#include "model/quant/quantise.hpp"'),
        ("model/trainer/a.cpp", '#include "sim/estimate.hpp"'),
        ("bench/a.cpp", '#include "sim/estimate.hpp"'),
        ("sim/config/a.cpp", "#include <systemc>"),
        ("sim/dram/a.cpp", "#include <systemc>"),
        ("sim/dram/a.cpp", '#include "sim/program/program.hpp"'),
        ("sim/stats/a.cpp", '#include "sim/dram/dram_system.hpp"'),
        ("sim/stats/a.cpp", '#include "model/quant/recipe.hpp"'),
        ("sim/program/a.cpp", "#include <systemc.h>"),
        ("sim/program/execute/a.cpp", '#include "model/trainer/integer_engine.hpp"'),
        ("sim/timing/a.cpp", '#include "model/ops/add.hpp"'),
        ("sim/timing/a.cpp", '#include "sim/energy/energy.hpp"'),
        ("sim/reference/a.cpp", '#include "sim/timing/machine.hpp"'),
        ("sim/explore/a.cpp", '#include "sim/estimate.hpp"'),
        ("sim/energy/a.cpp", '#include "sim/timing/machine.hpp"'),
        ("sim/estimate.cpp", "#include <systemc>"),
        ("reports/a.cpp", '#include "sim/estimate.hpp"'),
        ("app/verify.cpp", '#include "Vmac_array.h"'),
        ("tests/model/a.cpp", "#include <verilated.h>"),
        ("model/ops/a.cpp", '#include "../../sim/estimate.hpp"'),
        ("novel/a.cpp", "int x;"),
    ]
    allowed = [
        ("model/ops/a.cpp", '#include "workloads/shape/shape.hpp"'),
        ("sim/program/execute/a.cpp", '#include "model/trainer/state.hpp"'),
        ("sim/timing/a.cpp", "#include <systemc>"),
        ("tests/cosim/a.cpp", '#include "Vmac_array.h"'),
        ("app/a.cpp", "#include <fmt/core.h>\n#include <vector>"),
    ]
    wrong = []
    for path, text in forbidden:
        if len(list(violations({path: text}))) != 1:
            wrong.append(f"planted and not caught once: {path}: {text}")
    for path, text in allowed:
        wrong += [f"allowed and yet caught: {line}" for line in violations({path: text})]
    return wrong


def main(arguments):
    if "--self-test" in arguments:
        wrong = self_test()
    else:
        root = pathlib.Path(arguments[0])
        files = source_files(root, (".cpp", ".hpp", ".inc", ".h", ".in"))
        if len(files) < 50:
            wrong = [f"{root}: {len(files)} C++ files: this is not the whole tree"]
        else:
            wrong = list(violations(files))
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
