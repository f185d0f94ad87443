#!/usr/bin/env python3
"""Prints a Markdown table of the results RECIPE-seedN/result.json under a folder, a row a recipe."""
import json
import pathlib
import statistics
import sys


def rows(folder):
    by_recipe = {}
    for path in sorted(pathlib.Path(folder).glob("*/result.json")):
        result = json.loads(path.read_text())
        by_recipe.setdefault(result["recipe"]["name"], []).append(result)
    return by_recipe


def cells(name, results):
    accuracy = [100 * r["accuracy"]["test"] for r in results]
    step = results[0]["step"]
    return [
        name,
        ", ".join(f"{a:.2f}" for a in accuracy),
        f"{statistics.mean(accuracy):.2f}",
        f"{step['cycles']:,}",
        f"{1e-6 * step['dram_bytes']:.1f}",
        f"{1e3 * step['energy_joules']:.2f}",
    ]


def main():
    if len(sys.argv) != 2:
        sys.exit("use: table.py FOLDER")
    by_recipe = rows(sys.argv[1])
    if not by_recipe:
        sys.exit(f"table.py: {sys.argv[1]}: found no result.json, expected RECIPE-seedN/result.json")
    head = ["recipe", "test accuracy %, by seed", "mean %", "cycles a step", "DRAM MB a step",
            "energy mJ a step"]
    print("| " + " | ".join(head) + " |")
    print("|---" * len(head) + "|")
    for name in sorted(by_recipe, reverse=True):
        print("| " + " | ".join(cells(name, by_recipe[name])) + " |")


main()
