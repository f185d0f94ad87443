#!/usr/bin/python3
"""Published figures of chips beside octet's: reports/validation.md.

    reports/validation.py --octet OCTET --runs FOLDER --out FILE [CHIP...]

Runs `octet estimate` for each row of validation_rows.py and writes the page. Exit status 0; 1 if an estimate failed,
which the page says too; 2 for bad use.
"""
import argparse
import json
import os
import pathlib
import platform
import shlex
import subprocess
import sys
import time

from validation_rows import ROWS, TPUV3_CHOICES, TPUV3_PRODUCTS, gemm
from workloads import digits


class Refused(Exception):
    """The line in which octet said why there is no result."""


class Octet:
    """Runs each command once."""

    def __init__(self, octet, runs):
        self.octet, self.runs, self.done = octet, runs, {}
        runs.mkdir(parents=True, exist_ok=True)

    def estimate(self, arguments):
        if arguments not in self.done:
            file = self.runs / f"{len(self.done)}.json"
            command = [self.octet, "estimate", *arguments, "--json", str(file)]
            if "--gemm" not in arguments:
                command += ["--out", str(self.runs / "report")]
            run = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
            if run.returncode == 0:
                self.done[arguments] = json.loads(file.read_text(encoding="utf-8"))
            else:
                self.done[arguments] = Refused(run.stderr.strip() or f"exit status {run.returncode}")
        result = self.done[arguments]
        if isinstance(result, Refused):
            raise result
        return result


def shown(figure):
    if figure.low == figure.high:
        return plain(figure.value)
    return f"{digits(figure.value)} ({digits(figure.low)} to {digits(figure.high)})"


def plain(value):
    return f"{value:,.0f}" if value >= 1000 or value == int(value) else digits(value)


def percent(ours, published):
    """By how much ours is over the published one."""
    return f"{100 * (ours / published - 1):+.1f} %"


def difference(row, figure):
    bars = figure.low < figure.high and row.unit != "%"
    inside = figure.low <= row.published <= figure.high
    if row.unit == "%":
        return f"{figure.value - row.published:+.1f} points"
    return percent(figure.value, row.published) + ((", inside the bars" if inside else ", outside the bars") if bars else "")


def table_row(row, octet):
    try:
        figure = row.read([octet.estimate(arguments) for arguments in row.runs])
    except Refused as refused:
        return f"| {row.what} | {plain(row.published)} | refused: {refused} | | {row.source} |", True
    return (f"| {row.what} | {plain(row.published)} | {shown(figure)} | {difference(row, figure)} | {row.source} |",
            False)


def choices(octet):
    """The measured products under the other readings of the file."""
    yield ("| | " + " | ".join(f"{n} x {n} x {n}: {c:,} measured" for n, c in TPUV3_PRODUCTS.items())
           + " | mean absolute error |")
    yield "|---" * (len(TPUV3_PRODUCTS) + 2) + "|"
    for name, settings in TPUV3_CHOICES:
        cells, errors = [], []
        for size, measured in TPUV3_PRODUCTS.items():
            ours = octet.estimate(gemm("tpuv3", size, *settings)[0])["step"]["cycles"]
            errors.append(abs(ours / measured - 1))
            cells.append(f"{ours:,} ({percent(ours, measured)})")
        yield f"| {name} | " + " | ".join(cells) + f" | {100 * sum(errors) / len(errors):.1f} % |"


HEAD = """# Published chips beside Octet

Each chip is a file in `sim/hardware/`, written from what is public, with its source at each number; what is not published is an
assumption and says so. No number was tuned to a figure below, and a difference stays as it is; but where TPUv3's
file takes one of two readings, both were known to be nearer or farther when it was chosen: all are shown. Joules, watts and mm2 carry the error
bars of the technology table ([docs/energy.md](../docs/energy.md)); the chip alone is without its DRAM.
"""

CHOICES = """Two choices in its file are not published of this chip: that the arrays hold a second set of weights (published of the first TPU) and
that tensors lie in memory as float32 (what JAX and PyTorch do unless told otherwise; the array rounds them). They were chosen
with these figures at hand, so the first row is no independent check. All of them:
"""

TWO_POINTS = """
Two products do not tell these readings apart. By hand, arrays that pay fill and drain for each block of weights take 32 folds of 1,024 + 2 x 128 +
128 - 2 cycles each for the large product, 44,992, which leaves about the time of a first load and a last store in small pieces; the machine here loads
tiles whole, so that reading comes out too slow.
"""


def page(rows, octet, about):
    lines, failed = [HEAD], False
    lines += [f"Made by `scripts/validation.sh`: {about}.", ""]
    for chip in dict.fromkeys(row.chip for row in rows):
        lines += [f"## {chip}", "", "| | published | ours | difference | source |", "|---|---|---|---|---|"]
        mine = [row for row in rows if row.chip == chip]
        for row in mine:
            line, refused = table_row(row, octet)
            failed |= refused
            lines.append(line)
        lines.append("")
        for row in mine:
            commands = " ".join(f"`octet estimate {shlex.join(run)}`" for run in row.runs[:1])
            others = f" and {len(row.runs) - 1} more networks" if len(row.runs) > 1 else ""
            lines.append(f"- **{row.what}**: {row.why} {commands}{others}")
        lines.append("")
        if chip == "tpuv3":
            try:
                lines += [CHOICES, *choices(octet), TWO_POINTS]
            except Refused as refused:
                failed = True
                lines += [f"Refused: {refused}", ""]
    return "\n".join(lines), failed


def processor():
    for line in open("/proc/cpuinfo", encoding="utf-8"):
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--octet", required=True)
    parser.add_argument("--runs", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("chips", nargs="*", metavar="CHIP")
    options = parser.parse_args()
    known = list(dict.fromkeys(row.chip for row in ROWS))
    for chip in options.chips:
        if chip not in known:
            parser.error(f"CHIP: found '{chip}', expected one of {', '.join(known)}")
    rows = [row for row in ROWS if not options.chips or row.chip in options.chips]
    octet = Octet(options.octet, options.runs)
    about = f"{os.cpu_count()} cores of {processor()}, {time.strftime('%Y-%m-%d')}"
    text, failed = page(rows, octet, about)
    waiting = options.out.with_suffix(".tmp")
    waiting.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    waiting.replace(options.out)
    for arguments, result in octet.done.items():
        if isinstance(result, Refused):
            print(f"validation.py: {shlex.join(arguments)}: {result}", file=sys.stderr)
    print(f"Written: {options.out}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
