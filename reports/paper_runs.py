"""The trainings behind reports/paper.md: which, in which order, and what they take."""
import collections
import json
import pathlib

# What is varied, as arguments of octet train. The bits of the figure on the authors' poster are those
# of weights, activations and layer gradients together; the copy for the weights keeps its 16.
VARIANTS = {
    "int8": ("int8", {}),
    "float32": ("float32", {}),
    "float32-batch-norm": ("float32-batch-norm", {}),
    "nearest": ("int8-nearest", {}),
    "no-bifurcation": ("int8-no-bifurcation", {}),
    "paper-constant": ("int8-paper-constant", {}),
    "authors-constant": ("int8-authors-constant", {}),
    "delayed": ("int8-delayed", {}),
    "authors": ("int8-authors", {}),
    **{f"bits-{b}": ("int8", {"bits.activation": b, "bits.gradient": b, "bits.weight": b})
       for b in (2, 4, 6)},
}

# Claims, by the number of their row: variants with the long and with the short schedule.
CLAIMS = {
    1: (["float32", "float32-batch-norm"], []),
    2: ([], ["int8", "nearest"]),
    3: ([], ["int8", "no-bifurcation"]),
    4: ([], ["int8", "authors-constant", "paper-constant"]),
    5: ([], ["int8", "bits-6", "bits-4", "bits-2"]),
    6: ([], ["int8", "bits-6", "bits-4", "bits-2"]),
    7: ([], ["int8", "delayed"]),
    8: ([], ["int8", "authors"]),
    9: (["int8", "float32"], []),
}

# images, test_images: of the data set, for the estimate of time alone.
Tier = collections.namedtuple("Tier", "network long short seeds images test_images folder")
TIERS = {
    "full": Tier("resnet-20", 30, 10, (1, 2, 3), 50000, 10000, "runs/paper"),
    "quick": Tier("fashion-cnn", 1, 1, (1,), 60000, 10000, "runs/paper-quick"),
}

# Images a second on two cores, assumed for the estimate of time; a tested image, forward alone, counts
# as a third of a trained one.
SPEED = {"integer": 2400, "float32": 700}


class Bad(Exception):
    """A result that is not what its folder's name says; the message is one line."""


class Run(collections.namedtuple("Run", "network variant epochs seed")):
    @property
    def name(self):
        return f"{self.network}-{self.variant}-{self.epochs}-epochs-seed{self.seed}"

    @property
    def recipe(self):
        """The name that the result's recipe must bear."""
        base, settings = VARIANTS[self.variant]
        return base + "".join(f"+{field}={value}" for field, value in sorted(settings.items()))

    @property
    def float32(self):
        return self.variant.startswith("float32")

    def arguments(self):
        base, settings = VARIANTS[self.variant]
        words = ["train", self.network, "--recipe", base]
        for field, value in sorted(settings.items()):
            words += ["--set", f"{field}={value}"]
        words += ["--epochs", str(self.epochs), "--seed", str(self.seed)]
        return words if self.float32 else [*words, "--analyse", "angles"]

    def seconds(self, tier):
        images = self.epochs * (tier.images + tier.test_images / 3)
        return images / SPEED["float32" if self.float32 else "integer"]

    def read(self, folder):
        """The result under `folder`, None if it has not run. Raises Bad for another run's."""
        path = pathlib.Path(folder) / self.name / "result.json"
        if not path.exists():
            return None
        try:
            result = json.loads(path.read_text(encoding="utf-8"))
            found = [result["workload"]["name"], result["recipe"]["name"], result["run"]["epochs"],
                     result["run"]["seed"]]
        except (ValueError, KeyError, TypeError) as error:
            raise Bad(f"{path}: found no result of octet train ({error!r})") from error
        expected = [self.network, self.recipe, self.epochs, self.seed]
        if found != expected:
            raise Bad(f"{path}: found {found}, expected {expected}")
        return result


def runs_of_claim(tier, claim):
    long, short = CLAIMS[claim]
    return [Run(tier.network, variant, epochs, seed) for seed in tier.seeds
            for variants, epochs in ((long, tier.long), (short, tier.short)) for variant in variants]


def all_runs(tier):
    """Each once: 8 bits against float32 first, then what is varied, seed by seed, so that a set that
    is cut short says something of each claim; ordinary batch normalisation in float32 last."""
    runs = []
    for claim in (9, *(c for c in CLAIMS if c not in (1, 9)), 1):
        runs += runs_of_claim(tier, claim)
    once = list(dict.fromkeys(runs))
    varied = [run for run in once if not (run.epochs == tier.long and run.variant in
                                          ("int8", "float32", "float32-batch-norm"))]
    varied.sort(key=lambda run: run.seed)  # stable
    first = [run for run in once if run not in varied]
    norm = [run for run in first if run.variant == "float32-batch-norm"]
    return [run for run in first if run not in norm] + varied + norm


def hours(runs, tier):
    return sum(run.seconds(tier) for run in runs) / 3600
