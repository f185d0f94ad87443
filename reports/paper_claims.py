"""What the trainings say of each claim: numbers and a verdict in words, computed from the results.

Accuracies are in percent, differences in points. Nothing is estimated: what has not run is said to be
`not run`, and a verdict needs every variant that it compares.
"""
import collections
import statistics

from paper_runs import Run, seeds_of

# Points by which a mean may lie below another and still count as the same. The authors' figure has 0.4
# between 8 and 16 bits; seeds of ResNet-20 stray by some 0.2, so the difference of two means of three
# by 0.16 (of a mean of three and one of two by 0.18): about two of these are added.
TOLERANCE = 0.7
# What the 8-bit recipe itself is held to, against float32: the project's aim, not a margin of noise.
AIM = 0.3

# The authors' poster, CIFAR-10: final accuracy in percent by bits, read off its figure to 0.1 or so.
POSTER_ACCURACY = {2: 17.8, 4: 82.6, 6: 89.5, 8: 89.1}
# The same figure: mean cosine forward and backward, read off to 0.01.
POSTER_COSINE = {2: (0.82, 0.20), 4: (0.99, 0.74), 6: (1.0, 0.88), 8: (1.0, 0.98)}

NOT_RUN = "not run"
BITS = {2: "bits-2", 4: "bits-4", 6: "bits-6", 8: "int8"}

Row = collections.namedtuple("Row", "number claim numbers verdict dates machines")


class Results:
    """The results of one tier, by variant and length; those that there are."""

    def __init__(self, tier, folder):
        self.tier = tier
        self.folder = folder

    def of(self, variant, epochs):
        """{seed: result} of the seeds that have run."""
        found = {seed: Run(self.tier.network, variant, epochs, seed).read(self.folder, self.tier)
                 for seed in seeds_of(self.tier, variant)}
        return {seed: result for seed, result in found.items() if result is not None}

    def accuracies(self, variant, epochs):
        return [100 * r["accuracy"]["test"] for r in self.of(variant, epochs).values()]

    def dates(self, pairs):
        return sorted({r["run"]["date"][:10] for variant, epochs in pairs
                       for r in self.of(variant, epochs).values()})

    def machines(self, pairs):
        return sorted({machine(r["run"]) for variant, epochs in pairs
                       for r in self.of(variant, epochs).values()})


def machine(run):
    """The computer of a result's `run` in words."""
    if "machine" not in run:
        return "a machine that the result does not name"
    cores = run["machine"]["cores"]
    return (f"{cores} core{'s' * (cores > 1)} of {run['machine']['processor']} "
            f"({run['isa']} kernels)")


def say(results, variant, epochs):
    """One variant in words: mean, extremes, seeds."""
    found = results.of(variant, epochs)
    if not found:
        return f"{variant}: {NOT_RUN}"
    values = [100 * r["accuracy"]["test"] for r in found.values()]
    seeds = ", ".join(map(str, found))
    missing = [str(s) for s in seeds_of(results.tier, variant) if s not in found]
    spread = f"{min(values):.2f} to {max(values):.2f}, " if len(values) > 1 else ""
    text = f"{variant}: {statistics.mean(values):.2f} % ({spread}seed{'s' * (len(values) > 1)} {seeds}"
    return text + (f"; seed{'s' * (len(missing) > 1)} {', '.join(missing)} {NOT_RUN})" if missing else ")")


def caution(*samples):
    """What a reader must know of few seeds."""
    return "" if min(map(len, samples)) > 1 else " One seed: a hint, no finding."


def points(difference):
    return f"{abs(difference):.2f} points {'above' if difference >= 0 else 'below'}"


def as_good(name, values, other_name, others, allowed=TOLERANCE):
    """Verdict on `name` being as good as `other_name`."""
    if not values or not others:
        return NOT_RUN
    difference = statistics.mean(values) - statistics.mean(others)
    holds = difference >= -allowed
    return (f"{'Holds' if holds else 'Does not hold'}: {name} lies {points(difference)} {other_name}"
            f" ({allowed} below is allowed).{caution(values, others)}")


def worse(name, values, other_name, others):
    """Verdict on `name` being worse than `other_name`: every seed of it, or it is not decided."""
    if not values or not others:
        return NOT_RUN
    difference = statistics.mean(values) - statistics.mean(others)
    where = f"{name} lies {points(difference)} {other_name}"
    if max(values) < min(others):
        return f"Holds: {where}, and every seed of it below every seed of the other.{caution(values, others)}"
    if min(values) > max(others):
        return f"Does not hold: {where}, and every seed of it above every seed of the other." \
               + caution(values, others)
    return f"Not seen here: {where}, and the seeds overlap.{caution(values, others)}"


def claim_constants(results, epochs):
    values = {v: results.accuracies(v, epochs) for v in ("int8", "authors-constant", "paper-constant")}
    if not all(values.values()):
        return NOT_RUN
    mean = {v: statistics.mean(a) for v, a in values.items()}
    spread = max(mean.values()) - min(mean.values())
    best = max(mean, key=mean.get)
    worst = min(mean, key=mean.get)
    apart = max(values[worst]) < min(values[best])
    matters = spread > TOLERANCE and apart
    return (f"{'It matters' if matters else 'It hardly matters'} here: best is {best}, worst {worst}, "
            f"{spread:.2f} points apart; their seeds {'do not overlap' if apart else 'overlap'}."
            + caution(*values.values()))


def claim_bits(results, epochs):
    values = {bits: results.accuracies(variant, epochs) for bits, variant in BITS.items()}
    if not all(values.values()):
        return NOT_RUN
    mean = {bits: statistics.mean(a) for bits, a in values.items()}
    wrong = [f"{low} bits ({mean[low]:.2f} %) not below {high} ({mean[high]:.2f} %)"
             for low, high in ((2, 4), (4, 6), (4, 8)) if mean[low] >= mean[high]]
    if mean[6] < mean[8] - TOLERANCE:
        wrong.append(f"6 bits {mean[8] - mean[6]:.2f} points below 8")
    head = "Does not hold: " + "; ".join(wrong) if wrong else \
        "Holds: 2 bits below 4, 4 below 6 and 8, and 6 as good as 8"
    return head + "." + caution(*values.values())


def angle_rows(results, variant, epochs, tensors):
    """Rows with a cosine of all seeds, of these tensors."""
    return [row for r in results.of(variant, epochs).values()
            for row in r["training"].get("angles", {"rows": []})["rows"]
            if row["tensor"] in tensors and row["samples"] > 0]


FORWARD = ("weight", "activation")
BACKWARD = ("gradient",)


def mean_of(rows, field):
    return statistics.mean(row[field] for row in rows)


def angle_table(results, epochs):
    """Bits -> {forward, backward: (cosine, bound, prediction, rows, rows above the bound)}."""
    table = {}
    for bits, variant in BITS.items():
        entry = {}
        for name, tensors in (("forward", FORWARD), ("backward", BACKWARD)):
            rows = angle_rows(results, variant, epochs, tensors)
            if rows:
                kept = sum(row["cosine"] >= row["bound"] for row in rows)
                entry[name] = (mean_of(rows, "cosine"), mean_of(rows, "bound"),
                               mean_of(rows, "prediction"), len(rows), kept)
        if len(entry) == 2:
            table[bits] = entry
    return table


def claim_angles(results, epochs):
    table = angle_table(results, epochs)
    if set(table) != set(BITS):
        return NOT_RUN
    says = []
    for name in ("forward", "backward"):
        rows = sum(table[bits][name][3] for bits in table)
        kept = sum(table[bits][name][4] for bits in table)
        off = {bits: table[bits][name][0] - table[bits][name][2] for bits in table}
        worst = max(off, key=lambda bits: abs(off[bits]))
        says.append(f"{name}, {kept} of {rows} tensors keep the bound, and the mean cosine is farthest from "
                    f"the prediction at {worst} bits ({off[worst]:+.4f})")
    backward = [table[bits]["backward"][0] for bits in sorted(table)]
    accuracy = {bits: results.accuracies(variant, epochs) for bits, variant in BITS.items()}
    follows = all(statistics.mean(accuracy[low]) < statistics.mean(accuracy[high])
                  for low, high in ((2, 4), (4, 8))) and backward == sorted(backward)
    turned = all(table[bits]["backward"][0] < table[bits]["forward"][0] for bits in table)
    return (f"{'Holds' if turned and follows else 'Does not hold'}: gradients "
            f"{'turn' if turned else 'do not turn'} further than weights and activations at every width, and "
            f"accuracy {'rises' if follows else 'does not rise'} with the backward cosine from 2 to 4 to 8 "
            f"bits. " + "; ".join(says) + "." + caution(*accuracy.values()))


def say_angles(results, epochs):
    table = angle_table(results, epochs)
    cells = []
    for bits in BITS:
        if bits in table:
            forward, backward = table[bits]["forward"], table[bits]["backward"]
            cells.append(f"{bits} bits: forward {forward[0]:.4f} (predicted {forward[2]:.4f}), backward "
                         f"{backward[0]:.4f} (predicted {backward[2]:.4f})")
        else:
            cells.append(f"{bits} bits: {NOT_RUN}")
    return cells


def saturations(results, variant, epochs):
    found = results.of(variant, epochs)
    if not found:
        return f"values outside their range: {NOT_RUN}"
    return "values outside their range, by seed: " + ", ".join(
        f"{r['training']['saturations']:,}" for r in found.values())


def rows(results):
    """All rows, in order."""
    tier = results.tier
    long, short = tier.long, tier.short
    acc = results.accuracies
    int8 = acc("int8", short)

    def row(number, claim, pairs, verdict, more=()):
        numbers = [say(results, variant, epochs) for variant, epochs in pairs] + list(more)
        return Row(number, claim, numbers, verdict, results.dates(pairs), results.machines(pairs))

    bits = [(variant, short) for variant in BITS.values()]
    poster = "poster (CIFAR-10, its own network): " + ", ".join(
        f"{b} bits {a:.1f} %" for b, a in POSTER_ACCURACY.items())
    poster_angles = "poster, forward / backward: " + ", ".join(
        f"{b} bits {f:.2f} / {g:.2f}" for b, (f, g) in POSTER_COSINE.items())
    return [
        row(1, "Range BN is as good as batch normalisation (both float32)",
            [("float32", short), ("float32-batch-norm", short)],
            as_good("Range BN", acc("float32", short), "batch normalisation",
                    acc("float32-batch-norm", short))),
        row(2, "Gradients rounded to nearest train worse than gradients rounded at random",
            [("int8", short), ("nearest", short)],
            worse("nearest", acc("nearest", short), "int8", int8)),
        row(3, "One 8-bit gradient for both purposes trains worse than the bifurcated one",
            [("int8", short), ("no-bifurcation", short)],
            worse("no-bifurcation", acc("no-bifurcation", short), "int8", int8)),
        row(4, "The constant C(n) of Range BN matters: exact for normal values (int8), the authors' "
               "code's, the paper's",
            [("int8", short), ("authors-constant", short), ("paper-constant", short)],
            claim_constants(results, short)),
        row(5, "2 bits train worse than 4, 4 worse than 6 and 8; 6 are as good as 8", bits, claim_bits(results, short), [poster]),
        Row(6, "The backward angle is the bottleneck, and accuracy follows it",
            [*say_angles(results, short), poster_angles], claim_angles(results, short),
            results.dates(bits), results.machines(bits)),
        row(7, "Ranges of the step before are as good as the present step's",
            [("int8", short), ("delayed", short)],
            as_good("delayed", acc("delayed", short), "int8", int8),
            [saturations(results, "delayed", short)]),
        row(8, "The authors' own habits (docs/recipes.md) train as well",
            [("int8", short), ("authors", short)],
            as_good("authors", acc("authors", short), "int8", int8),
            [saturations(results, "authors", short)]),
        row(9, "8 bits train as well as float32", [("int8", long), ("float32", long)],
            as_good("int8", acc("int8", long), "float32", acc("float32", long), AIM)),
    ]
