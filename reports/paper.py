#!/usr/bin/env python3
"""The paper's experiments rerun: what to train, and the report of what was trained.

    reports/paper.py list [--quick] [--only N]          a line a run: name, TAB, arguments of octet
    reports/paper.py hours [--quick] [--only N]         how long that takes, by assumed speeds
    reports/paper.py keep RUNS OUT [--quick]            OUT/paper/results/*.json from RUNS/*/result.json
    reports/paper.py report OUT [--quick]               OUT/paper.md and OUT/paper/*.svg from those

scripts/paper.sh joins them. Standard library only. Exit status 1 and one line where a result is another
run's; 2 for bad use. What has not run is `not run` in the report.
"""
import argparse
import pathlib
import statistics
import sys

from paper_claims import (AIM, BACKWARD, BITS, FORWARD, POSTER_ACCURACY, TOLERANCE, Results, angle_rows,
                          angle_table, rows)
from paper_figures import Series, chart
from paper_runs import (CLAIMS, SPEED, TIERS, TWO_SEEDS, Bad, all_runs, hours, keep, runs_of_claim,
                        write)


def epochs(count):
    return f"{count} epoch{'s' * (count > 1)}"


def bits_figure(results):
    tier = results.tier
    ours = []
    for bits, variant in BITS.items():
        values = results.accuracies(variant, tier.short)
        if values:
            ours.append((bits, statistics.mean(values), min(values), max(values)))
    if not ours:
        return None
    return chart("Accuracy by bits of weights, activations and gradients", "bits", "test accuracy, %",
                 [Series(f"{tier.network}, {epochs(tier.short)}, mean and extremes of the seeds", ours, 0),
                  Series("the authors' poster", list(POSTER_ACCURACY.items()), 3)],
                 x_names={bits: str(bits) for bits in BITS})


def cosine_figure(results):
    table = angle_table(results, results.tier.short)
    if not table:
        return None
    series = []
    for colour, name in enumerate(("forward", "backward")):
        entry = {bits: table[bits][name] for bits in table}
        series.append(Series(f"{name}, measured", [(b, e[0]) for b, e in entry.items()], colour))
        series.append(Series("predicted", [(b, e[2]) for b, e in entry.items()], colour, dashed=True))
        if name == "backward":
            series.append(Series("the paper's bound", [(b, e[1]) for b, e in entry.items()], 3,
                                 dashed=True))
    return chart("Mean cosine of the angle between a tensor and its codes", "bits", "cosine", series,
                 x_names={bits: str(bits) for bits in BITS})


def layers_figure(results):
    """1 - cosine of each tensor at 8 bits, in the order of the network."""
    tier = results.tier
    everything = angle_rows(results, "int8", tier.short, FORWARD + BACKWARD)
    place = {node: i for i, node in enumerate(dict.fromkeys(row["node"] for row in everything))}
    series = []
    for colour, tensor in enumerate(("weight", "activation", "gradient")):
        for field, label, dashed in (("cosine", f"{tensor}, measured", False),
                                     ("prediction", "predicted", True)):
            lost = {}
            for row in everything:
                if row["tensor"] == tensor:
                    lost.setdefault(row["node"], []).append(1 - row[field])
            points = [(place[node], statistics.mean(v)) for node, v in lost.items()
                      if statistics.mean(v) > 0]
            if points:
                series.append(Series(label, points, colour, dashed))
    if not series:
        return None
    return chart(f"What 8 bits lose, layer by layer: {tier.network}", "layer", "1 - cosine", series,
                 x_names={i: node for node, i in place.items()}, log=True)


def curves_figure(results):
    tier = results.tier
    series = []
    names = {i: str(i) for i in range(1, tier.long + 1)} if tier.long < 10 else None  # whole epochs
    for colour, variant in enumerate(("int8", "float32")):
        runs = results.of(variant, tier.long).values()
        by_run = [[100 * e["test_accuracy"] for e in r["training"]["epochs"]] for r in runs]
        if by_run:
            series.append(Series(f"{variant}, mean and extremes of the seeds",
                                 [(i + 1, statistics.mean(v), min(v), max(v))
                                  for i, v in enumerate(zip(*by_run))], colour))
    if not series:
        return None
    return chart(f"Test accuracy of {tier.network} by epoch", "epoch", "test accuracy, %", series,
                 x_names=names)


FIGURES = [
    ("bits", bits_figure, 5), ("cosine", cosine_figure, 6), ("layers", layers_figure, 6),
    ("curves", curves_figure, 9),
]


def script(tier_name, claim=None):
    return "scripts/paper.sh" + (" --quick" if tier_name == "quick" else "") \
        + (f" --only {claim}" if claim else "")


def trained_on(table):
    """A sentence on the computers of the trainings, or a line each with its claims if there are several."""
    claims = {}
    for row in table:
        for machine in row.machines:
            claims.setdefault(machine, []).append(str(row.number))
    if len(claims) < 2:
        return [text for machine in claims for text in (f"Trained on {machine}.", "")]
    return ["Trained on:", "", *(f"- {machine}: of claim{'s' * (len(numbers) > 1)} {', '.join(numbers)}"
                                 for machine, numbers in sorted(claims.items())), ""]


def markdown(tier_name, results, drawn):
    tier = results.tier
    runs = all_runs(tier)
    there = sum(run.read(results.folder, tier) is not None for run in runs)
    table = rows(results)
    long = [str(claim) for claim, (variants, _) in CLAIMS.items() if variants]
    out = [
        "# The paper's experiments, rerun",
        "",
        f"Made by `{script(tier_name)}` from {there} of {len(runs)} trainings of {tier.network}, "
        f"batch {tier.batch}. Claim {' and '.join(long)}: {epochs(tier.long)}; the "
        f"others: {tier.short}. All variants of a claim have one schedule and order of the data. "
        "Accuracies are on the test images after the last epoch: mean, extremes, seeds. Verdicts are "
        f"computed from the numbers: a mean may lie {TOLERANCE} points lower ({AIM} in claim 9) and count as good; worse is "
        "what is worse in every seed.",
        "",
        *trained_on(table),
    ]
    if tier_name == "quick":
        out += ["**A trial of the script, not of the claims**: one epoch and one seed of a small network.", ""]
    out += ["| | claim | numbers | verdict | command | date |", "|---|---|---|---|---|---|"]
    for row in table:
        dates = " to ".join(sorted({row.dates[0], row.dates[-1]})) if row.dates else "-"
        out.append(f"| {row.number} | {row.claim} | {'<br>'.join(row.numbers)} | {row.verdict} | "
                   f"`{script(tier_name, row.number)}` | {dates} |")
    out.append("")
    for name, _, claim in FIGURES:
        if name in drawn:
            out += [f"![Figure of claim {claim}: {name}](paper/{name}.svg)", ""]
    out += ["## The trainings", "",
            "Each command of the table trains what its claim needs and is not there yet. With bits, weights, "
            "activations and layer gradients have so many together, as in the poster's figure; the gradient "
            "copy for the weights keeps its 16 bits.", ""]
    for row in table:
        out += [f"Claim {row.number}:", "", "```"]
        first = tier.seeds[0]
        out += ["octet " + " ".join(run.arguments(tier)) for run in runs_of_claim(tier, row.number)
                if run.seed == first]
        out += ["```", ""]
    if len(tier.seeds) > 1:
        out += [f"Likewise with `--seed` {' and '.join(map(str, tier.seeds[1:]))}; of "
                f"{', '.join(TWO_SEEDS)} only with {tier.seeds[1]}.", ""]
    return "\n".join(out)


def report(tier_name, out):
    out = pathlib.Path(out)
    results = Results(TIERS[tier_name], out / "paper/results")
    figures = {name: draw(results) for name, draw, _ in FIGURES}
    drawn = {name: svg for name, svg in figures.items() if svg is not None}
    text = markdown(tier_name, results, drawn)  # everything is read before anything is written
    notes = out / "paper/notes.md"  # by hand: what the results do not hold
    if notes.exists():
        text += "\n" + notes.read_text(encoding="utf-8")
    (out / "paper").mkdir(parents=True, exist_ok=True)
    for name in figures:
        (out / "paper" / f"{name}.svg").unlink(missing_ok=True)
    for name, svg in drawn.items():
        write(out / "paper" / f"{name}.svg", svg)
    write(out / "paper.md", text)


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.strip().split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("list", "hours", "keep", "report"):
        command = commands.add_parser(name)
        command.add_argument("--quick", action="store_true", help="fashion-cnn, one epoch, one seed")
        if name == "keep":
            command.add_argument("runs")
        if name in ("keep", "report"):
            command.add_argument("out")
        else:
            command.add_argument("--only", type=int, choices=sorted(CLAIMS), help="number of a claim")
    options = parser.parse_args(arguments)
    tier_name = "quick" if options.quick else "full"
    tier = TIERS[tier_name]
    if options.command in ("keep", "report"):
        try:
            if options.command == "keep":
                keep(tier, options.runs, pathlib.Path(options.out) / "paper/results")
            else:
                report(tier_name, options.out)
        except (Bad, OSError) as error:
            print(f"paper.py: {error}", file=sys.stderr)
            return 1
        return 0
    runs = runs_of_claim(tier, options.only) if options.only else all_runs(tier)
    if options.command == "list":
        for run in runs:
            print(f"{run.name}\t{' '.join([*run.arguments(tier), run.after_a_stop(tier)])}")
    else:
        time = hours(runs, tier)
        told = f"{time:.1f} hours" if time >= 1 else f"{60 * time:.0f} minutes"
        print(f"{len(runs)} trainings, about {told} at {SPEED['integer']} images/s in 8 bits and "
              f"{SPEED['float32']} in float32")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
