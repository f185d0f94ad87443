#!/usr/bin/python3
"""How many single requests a second the memory model serves on one core, of processor time.

    bench/dram_rate.py [OCTET] [--requests N]     default: build/octet, 2,000,000
"""
import argparse
import json
import subprocess

KINDS = (("DDR4-2400", 1), ("LPDDR4", 1), ("GDDR6", 2), ("HBM2", 8))
PATTERNS = ("sequential", "strided", "random", "mixed")


def rate(octet, requests, kind, channels, pattern, scheduler):
    """Millions of requests a second, the best of three runs."""
    command = [octet, "dram", "--kind", kind, "--channels", channels, "--pattern", pattern,
               "--requests", requests, "--scheduler", scheduler, "--json"]
    seconds = [json.loads(subprocess.run([str(word) for word in command], check=True,
                                         stdout=subprocess.PIPE).stdout)["cpu_seconds"]
               for _ in range(3)]
    return 1e-6 * requests / max(min(seconds), 1e-9)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("octet", nargs="?", default="build/octet")
    parser.add_argument("--requests", type=int, default=2000000)
    options = parser.parse_args()
    print("M requests/s           " + "".join(f"{pattern:>12}" for pattern in PATTERNS))
    for scheduler in ("fr_fcfs", "in_order"):
        for kind, channels in KINDS:
            rates = [rate(options.octet, options.requests, kind, channels, pattern, scheduler)
                     for pattern in PATTERNS]
            print(f"{scheduler:9}{kind:10}x{channels}  " + "".join(f"{r:12.2f}" for r in rates))


if __name__ == "__main__":
    main()
