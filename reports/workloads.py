#!/usr/bin/python3
"""What a training step of each network costs on each machine: reports/workloads.md.

    reports/workloads.py --octet OCTET --runs FOLDER --out FILE [NETWORK...]

Runs `octet estimate NETWORK --hardware MACHINE --batch N --baselines` for each pair, and once more with the recipe
int8-delayed, as many at a time as there are cores, keeps the results in FOLDER and writes the page. Pairs whose short tiles keep the machine busy for tens of
minutes are worked out by rates (--closed-form=rates), and --rates does so with all that are asked for; the page says
which. A result that the same octet made (by its content) is not made again, nor one of the machine by rates; with
networks named, the page shows the others' that are there.
Exit status 0; 1 if an estimate failed, which the page says too; 2 for bad use.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import platform
import subprocess
import sys
import time

MACHINES = ("edge", "base", "server")
# Network, batch, and whether it is trained on ImageNet.
NETWORKS = (("alexnet", 256, True), ("vgg-16", 256, True), ("resnet-18", 256, True),
            ("resnet-50", 256, True), ("mobilenet-v1", 256, True), ("resnet-20", 128, False),
            ("resnet-56", 128, False), ("fashion-cnn", 128, False))
SLOW = {("vgg-16", "base")} | {(n, "edge") for n in ("vgg-16", "resnet-50", "resnet-18", "mobilenet-v1")}
IMAGENET = 1_281_167  # images
EPOCHS = 90
JOULES_PER_KWH = 3.6e6


def digits(value, count=3):
    """`count` significant digits, thousands apart, no exponent."""
    if value == 0:
        return "0"
    shown = float(f"{value:.{count}g}")
    if abs(shown) < 1:
        return f"{shown:.{count}g}"
    return f"{shown:,.{max(0, count - len(str(int(abs(shown)))))}f}"


def spread(row, key, scale=1.0):
    """Typical (low to high) of a quantity with error bars."""
    low, high = row[key + "_low"] * scale, row[key + "_high"] * scale
    return f"{digits(row[key] * scale)} ({digits(low)} to {digits(high)})"


def whole_training(row, batch):
    """Days and kWh of 90 epochs of ImageNet at this row's step."""
    steps = EPOCHS * IMAGENET / batch
    kwh = {key: row[key] * steps / JOULES_PER_KWH
           for key in ("energy_joules", "energy_joules_low", "energy_joules_high")}
    return digits(row["seconds"] * steps / 86400), spread(kwh, "energy_joules")


def delayed_row(step, delayed):
    """The step of the recipe int8-delayed as a row beside the baselines of `step`."""
    own = step["baselines"][0]
    row = {key: delayed[key] for key in ("cycles", "seconds", "utilisation", "dram_bytes")}
    for key in ("energy_joules", "area_mm2"):
        row.update({key + end: delayed[key + end] for end in ("", "_low", "_high")})
    return row | {"datapath": "int8, delayed ranges", "sizing": "", "array_rows": own["array_rows"],
                  "array_cols": own["array_cols"],
                  "memory_needed_bytes": delayed["memory"]["needed_bytes"],
                  "against_int8": {"time": delayed["seconds"] / own["seconds"],
                                   "dram_bytes": delayed["dram_bytes"] / own["dram_bytes"],
                                   "energy": delayed["energy_joules"] / own["energy_joules"]}}


def name_of(row):
    sizing = {"pe_equal": ", PE-equal", "area_equal": ", area-equal"}.get(row["sizing"], "")
    return row["datapath"] + sizing


def live(row, memory):
    """GB that live at once in the DRAM; bold where it holds less."""
    shown = digits(1e-9 * row["memory_needed_bytes"])
    return f"**{shown}**" if row["memory_needed_bytes"] > memory["capacity_bytes"] else shown


def table(result, batch, imagenet):
    """One machine's rows of one network."""
    step = result["step"]
    memory = step["memory"]
    int8, *floats = step["baselines"]
    for row in (int8, delayed_row(step, result["delayed"]), *floats):
        array = f"{row['array_rows']}x{row['array_cols']}"
        if "problem" in row:
            yield f"| {name_of(row)} | {array} | {row['problem']} |" + " |" * (10 if imagenet else 8)
            continue
        ratio = row["against_int8"]
        cells = [name_of(row), array, f"{row['cycles']:,}", digits(1e3 * row["seconds"]),
                 f"{100 * row['utilisation']:.1f}", digits(1e-9 * row["dram_bytes"]), live(row, memory),
                 spread(row, "energy_joules"), digits(1e3 * row["energy_joules"] / batch),
                 spread(row, "area_mm2"),
                 f"{ratio['time']:.2f}, {ratio['dram_bytes']:.2f}, {ratio['energy']:.2f}"]
        if imagenet:
            cells += whole_training(row, batch)
        yield "| " + " | ".join(cells) + " |"


HEAD = ["datapath", "array", "cycles", "ms", "slots used %", "DRAM GB", "GB live", "J (low to high)", "mJ an image",
        "mm² (low to high)", "over 8 bits: time, DRAM, J"]


def page(results, failures, about):
    lines = ["# What a training step costs", "",
             "One step (forward, both gradients, update) of each network on the three machines that come with Octet, in 8 bits (recipe",
             "`int8`; with the ranges of the step before, recipe `int8-delayed`) and with float cells in the same machine: as many",
             "cells (PE-equal) or as many as fit the 8-bit array's silicon (area-equal). Joules and mm² are typical, with the error bars of the technology table ([docs/energy.md](../docs/energy.md)).",
             "GB live is the most that a step's tensors hold of the DRAM at once, in bold where it holds less: such a step was",
             "estimated as if there were room ([docs/timing.md](../docs/timing.md), What fits).",
             "Slots used: of the array's multipliers, one slot a cell and cycle; an 8x16 product in two byte passes uses two ([docs/timing.md](../docs/timing.md)).",
             f"Days and kWh are of {EPOCHS} epochs of ImageNet ({IMAGENET:,} images), the accelerator and its DRAM alone.", "",
             f"Made by `scripts/workloads.sh` {about}. Where the heading says so, a step was worked out by rates instead of run:",
             "bytes and counts are the machine's, cycles 0.15 % off on the mean of a test's random pairs and 5 % at worst",
             "([docs/timing.md](../docs/timing.md)).", ""]
    for network, batch, imagenet in NETWORKS:
        shown = [m for m in MACHINES if (network, m) in results or (network, m) in failures]
        if not shown:
            continue
        lines += [f"## {network}, batch {batch}", ""]
        for machine in shown:
            found = results.get((network, machine))
            by_rates = found is not None and found["step"]["method"] == "rates"
            lines += [f"### {network} on {machine}" + (", by rates" if by_rates else ""), ""]
            if (network, machine) in failures:
                lines += [f"Refused: {failures[network, machine]}", ""]
                continue
            head = HEAD + (["days", "kWh (low to high)"] if imagenet else [])
            memory = results[network, machine]["step"]["memory"]
            lines += [f"DRAM of {digits(1e-9 * memory['capacity_bytes'])} GB"
                      + ("." if memory["needed_bytes"] <= memory["capacity_bytes"] else ": the 8-bit step does not fit."), ""]
            lines += ["| " + " | ".join(head) + " |", "|---" * len(head) + "|",
                      *table(results[network, machine], batch, imagenet), ""]
    return "\n".join(lines)


def kept_in(folder, stamp):
    """The result in a folder, if the octet of this stamp left it, or None."""
    made, by = folder / "result.json", folder / "octet"
    if made.exists() and by.exists() and by.read_text() == stamp:
        return json.loads(made.read_text(encoding="utf-8"))
    return None


def kept(stamp, runs, network, machine):
    """The result of one pair, with the step of int8-delayed as "delayed", or None."""
    found = kept_in(runs / f"{network}-{machine}", stamp)
    delayed = kept_in(runs / f"{network}-{machine}-delayed", stamp)
    return None if found is None or delayed is None else found | {"delayed": delayed["step"]}


def estimate(octet, stamp, runs, rates, network, machine, batch):
    """The result of one pair, or the line in which octet said why there is none."""
    rates = rates or (network, machine) in SLOW
    for name, extra in ((f"{network}-{machine}", ["--baselines"]),
                        (f"{network}-{machine}-delayed", ["--recipe", "int8-delayed"])):
        folder = runs / name
        found = kept_in(folder, stamp)
        if found is not None and (found["step"]["method"] != "rates" or rates):
            continue
        command = [octet, "estimate", network, "--hardware", machine, "--batch", str(batch), *extra,
                   "--out", str(folder)] + (["--closed-form=rates"] if rates else [])
        start = time.monotonic()
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                              check=False)
        print(f"  {name}: {time.monotonic() - start:.1f} s", flush=True)
        if done.returncode != 0:
            return done.stderr.strip() or f"exit status {done.returncode}"
        (folder / "octet").write_text(stamp)
    return kept(stamp, runs, network, machine)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--octet", required=True)
    parser.add_argument("--runs", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--hardware", default=",".join(MACHINES), help="of %(default)s, those to run")
    parser.add_argument("--rates", action="store_true", help="work all steps out by rates: seconds instead of an hour")
    parser.add_argument("networks", nargs="*", metavar="NETWORK")
    options = parser.parse_args()
    unknown = set(options.networks) - {name for name, _, _ in NETWORKS}
    if unknown:
        parser.error(f"NETWORK: found '{sorted(unknown)[0]}', expected one of "
                     + ", ".join(name for name, _, _ in NETWORKS))
    machines = options.hardware.split(",")
    for machine in machines:
        if machine not in MACHINES:
            parser.error(f"--hardware: found '{machine}', expected some of {', '.join(MACHINES)}")
    stamp = hashlib.sha256(pathlib.Path(options.octet).read_bytes()).hexdigest()
    wanted = [(n, m, b) for n, b, _ in NETWORKS for m in machines
              if not options.networks or n in options.networks]
    results, failures = {}, {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        done = pool.map(lambda w: estimate(options.octet, stamp, options.runs, options.rates, *w), wanted)
        for (network, machine, _), found in zip(wanted, done):
            (failures if isinstance(found, str) else results)[network, machine] = found
    for network, _, _ in NETWORKS:
        for machine in MACHINES:
            if (network, machine) not in failures and (network, machine) not in results:
                found = kept(stamp, options.runs, network, machine)
                if found:
                    results[network, machine] = found
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
                  if line.startswith("model name")), platform.machine())
    about = f"on {os.cpu_count()} cores of {model}, {time.strftime('%Y-%m-%d')}"
    text = page(results, failures, about) + "\n"
    waiting = options.out.with_suffix(".tmp")
    waiting.write_text(text, encoding="utf-8")
    waiting.replace(options.out)
    for (network, machine), why in failures.items():
        print(f"workloads.py: {network} on {machine}: {why}", file=sys.stderr)
    print(f"Written: {options.out}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
