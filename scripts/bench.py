#!/usr/bin/python3
"""Runs `octet bench` and bench/torch_step.py in turns and compares them; scripts/bench.sh sets it up.

    bench.py [--rounds N] [--seconds S] [--batch N] [--threads N] [--networks NAME,...] [--octet FILE]
             [--load X] [--out FILE]

Machines drift by a tenth or two from minute to minute, so each round runs both, one right after the
other, and ratios are taken within a round.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parent.parent
ISAS = ("scalar", "avx2", "avx512", "amx")
BUSY = 0.5  # load average from which other work disturbs the times
ISA_SECONDS = 1.0

# Not measured here: the authors' own code (quantized.pytorch) against PyTorch float32, ResNet-20, batch
# 128, images a second on 2 cores of an AMD EPYC (Zen 4).
AUTHORS = {"network": "resnet-20", "authors": 132, "torch": 605}


class Failed(Exception):
    """A program did not give a result; the text says which and why."""


class NoSuchIsa(Exception):
    """This build or processor has no kernels of that name."""


def run(command, env=None):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, universal_newlines=True,
                          env={**os.environ, **(env or {})})
    if done.returncode != 0:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        if env and "OCTET_ISA" in env and "OCTET_ISA" in last:
            raise NoSuchIsa(last)
        raise Failed(f"{pathlib.Path(str(command[0])).name}: exit status {done.returncode}: {last}")
    return done.stdout


def octet(options, network, seconds, isa=None):
    with tempfile.TemporaryDirectory(prefix="octet-bench-") as folder:
        file = pathlib.Path(folder) / "result.json"
        run([options.octet, "bench", network, "--batch", options.batch, "--threads", options.threads,
             "--seconds", seconds, "--json", file], {"OCTET_ISA": isa} if isa else None)
        return json.loads(file.read_text(encoding="utf-8"))


def torch(options, network):
    return json.loads(run([sys.executable, "-B", SOURCE / "bench/torch_step.py", network, "--batch",
                           options.batch, "--threads", options.threads, "--seconds",
                           options.seconds],
                          {"OMP_NUM_THREADS": str(options.threads)}))


def by_isa(options, network):
    """Images a second of each set of kernels that runs here."""
    rates = {}
    for isa in ISAS:
        try:
            rates[isa] = octet(options, network, ISA_SECONDS, isa)["step"]["images_per_second"]
        except NoSuchIsa:
            pass
    return rates


def compare(ours, theirs):
    """The ratio of the medians, and the least and greatest ratio of a round."""
    each = [our / their for our, their in zip(ours, theirs)]
    return {"ratio": statistics.median(ours) / statistics.median(theirs),
            "lowest": min(each), "highest": max(each)}


def measure(options, network):
    ours, theirs = [], []
    for number in range(options.rounds):
        ours.append(octet(options, network, options.seconds))
        theirs.append(torch(options, network))
        rates = [run["images_per_second"] for run in (ours[-1]["step"], theirs[-1])]
        print(f"  {network} round {number + 1}: Octet {rates[0]:.0f}, PyTorch {rates[1]:.0f} images/s",
              file=sys.stderr, flush=True)
    our_rates = [result["step"]["images_per_second"] for result in ours]
    their_rates = [result["images_per_second"] for result in theirs]
    result = {"network": network, "isa": ours[0]["run"]["isa"], "octet_images_per_second": our_rates,
              "torch_images_per_second": their_rates, **compare(our_rates, their_rates),
              "torch": theirs[0]["torch"], "onednn": theirs[0]["onednn"], "blas": theirs[0]["blas"],
              "images_per_second_by_isa": by_isa(options, network), "last_octet": ours[-1],
              "last_torch": theirs[-1]}
    if network == AUTHORS["network"]:
        result["authors_derived"] = {**AUTHORS, "ratio": result["ratio"] * AUTHORS["torch"] / AUTHORS["authors"]}
    return result


def report(options, result):
    def row(what, rates):
        print(f"  {what:<30}{statistics.median(rates):8.0f} images/s   ({min(rates):.0f} to {max(rates):.0f})")

    print(f"{result['network']}, batch {options.batch}, {options.threads} threads, median of "
          f"{options.rounds} rounds (lowest to highest)")
    row(f"Octet int8, {result['isa']}", result["octet_images_per_second"])
    row(f"PyTorch {result['torch']} float32", result["torch_images_per_second"])
    print(f"  {'Octet / PyTorch':<30}{result['ratio']:8.2f}            "
          f"({result['lowest']:.2f} to {result['highest']:.2f})")
    if "authors_derived" in result:
        print(f"  {'Octet / the authors code':<30}{result['authors_derived']['ratio']:8.1f}            "
              "(derived: not measured here)")
        print(f"    their quantized.pytorch ran {AUTHORS['torch'] / AUTHORS['authors']:.1f} times slower than PyTorch "
              f"float32: {AUTHORS['authors']} against {AUTHORS['torch']} images/s on 2 cores of an AMD EPYC (Zen 4)")
    rates = ", ".join(f"{isa} {rate:.0f}" for isa, rate in result["images_per_second_by_isa"].items())
    print(f"  Octet by instruction set: {rates} images/s")
    if not result["onednn"]:
        print("  PyTorch runs without oneDNN here: this is not its best")
    if "openblas" not in (result["blas"] or ""):
        print(f"  PyTorch's BLAS is {result['blas'] or 'unknown'}, not OpenBLAS: this may not be its best")
    print()


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        names = [line.split(":", 1)[1].strip() for line in info if line.startswith("model name")]
    return {"processor": names[0] if names else platform.machine(),
            "cores": len(os.sched_getaffinity(0)), "kernel": platform.release()}


def write(file, result):
    """The whole result or none."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    part.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    part.replace(file)


def at_least(kind, least):
    def convert(text):
        value = kind(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"found {text}, expected at least {least}")
        return value
    return convert


def arguments():
    parser = argparse.ArgumentParser(description="Octet's training step against PyTorch float32")
    parser.add_argument("--rounds", type=at_least(int, 1), default=5)
    parser.add_argument("--seconds", type=at_least(float, 0.01), default=4.0, help="of one run")
    parser.add_argument("--batch", type=at_least(int, 1), default=128)
    parser.add_argument("--threads", type=at_least(int, 1), default=2)
    parser.add_argument("--networks", default="resnet-20,fashion-cnn")
    parser.add_argument("--octet", default=SOURCE / "build/octet")
    parser.add_argument("--load", type=float, default=os.getloadavg()[0],
                        help="load average before anything of this was started")
    parser.add_argument("--out", type=pathlib.Path, default=SOURCE / "runs/bench/result.json")
    return parser.parse_args()


def main():
    options = arguments()
    if options.load > BUSY:
        print(f"bench.py: warning: load average {options.load:.2f}: other processes are using this machine, "
              "and the times below are not to be trusted", file=sys.stderr)
    if len(os.sched_getaffinity(0)) < options.threads:
        print(f"bench.py: warning: {options.threads} threads on fewer cores", file=sys.stderr)
    networks = [measure(options, network) for network in options.networks.split(",")]
    write(options.out, {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "machine": machine(), "load_at_start": options.load, "rounds": options.rounds,
        "seconds": options.seconds, "batch": options.batch, "threads": options.threads,
        "networks": networks})
    for result in networks:
        report(options, result)
    print(f"Result: {os.path.relpath(options.out)}")


if __name__ == "__main__":
    try:
        main()
    except (Failed, OSError) as error:
        sys.exit(f"bench.py: {error}")
