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

# Of these two seeds are trained, of all others the tier's three: what fewer bits or another constant do
# is expected to be many times what seeds do, and the hours go to the comparisons that are close.
TWO_SEEDS = ("paper-constant", "authors-constant", "bits-6", "bits-4", "bits-2")

# Claims, by the number of their row: variants with the long and with the short schedule. Only int8
# against float32, what all of this is about, has the long one.
CLAIMS = {
    1: ([], ["float32", "float32-batch-norm"]),
    2: ([], ["int8", "nearest"]),
    3: ([], ["int8", "no-bifurcation"]),
    4: ([], ["int8", "authors-constant", "paper-constant"]),
    5: ([], ["int8", "bits-6", "bits-4", "bits-2"]),
    6: ([], ["int8", "bits-6", "bits-4", "bits-2"]),
    7: ([], ["int8", "delayed"]),
    8: ([], ["int8", "authors"]),
    9: (["int8", "float32"], []),
}

# The variants whose angles are looked at, claim 6. The looks of a whole run are averaged, so such a run
# can not go on from a checkpoint: only short ones are asked for them.
ANALYSED = ("int8", "bits-6", "bits-4", "bits-2")

# batch: of the network's own schedule. images, test_images: of the data set, for the estimate of time
# alone.
Tier = collections.namedtuple("Tier", "network long short seeds batch images test_images")
TIERS = {
    "full": Tier("resnet-20", 30, 10, (1, 2, 3), 128, 50000, 10000),
    "quick": Tier("fashion-cnn", 1, 1, (1,), 128, 60000, 10000),
}

# Images a second for the estimate of time: ResNet-20, 2 threads on 2 cores of an Intel Xeon with AMX
# that do nothing else. A tested image, forward alone, counts as a third of a trained one.
SPEED = {"integer": 1900, "float32": 850}


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

    def analysed(self, tier):
        return self.variant in ANALYSED and self.epochs == tier.short

    def arguments(self, tier):
        """What makes the result, as words after `octet`."""
        base, settings = VARIANTS[self.variant]
        words = ["train", self.network, "--recipe", base]
        for field, value in sorted(settings.items()):
            words += ["--set", f"{field}={value}"]
        words += ["--epochs", str(self.epochs), "--seed", str(self.seed)]
        return [*words, "--analyse", "angles"] if self.analysed(tier) else words

    def after_a_stop(self, tier):
        """What is done with the checkpoint of a run that was cut short."""
        return "--restart" if self.analysed(tier) else "--resume"

    def seconds(self, tier):
        images = self.epochs * (tier.images + tier.test_images / 3)
        return images / SPEED["float32" if self.float32 else "integer"]

    def read(self, folder, tier):
        """The result kept in `folder`, None if it has not run, wherever and in however many pieces it was
        made. Raises Bad for another run's."""
        return self.check(pathlib.Path(folder) / f"{self.name}.json", tier)

    def check(self, path, tier):
        """The result in a file, None without one. Raises Bad for another run's."""
        if not path.exists():
            return None
        try:
            result = json.loads(path.read_text(encoding="utf-8"))
            found = [result["workload"]["name"], result["recipe"]["name"], result["run"]["epochs"],
                     result["run"]["seed"], result["run"]["batch"]]
            angles = "angles" in result["training"]
        except (ValueError, KeyError, TypeError) as error:
            raise Bad(f"{path}: found no result of octet train ({error!r})") from error
        expected = [self.network, self.recipe, self.epochs, self.seed, tier.batch]
        if found != expected:
            raise Bad(f"{path}: found {found}, expected {expected}")
        if self.analysed(tier) and not angles:
            raise Bad(f"{path}: training.angles: found none, expected those of --analyse angles")
        return result


def seeds_of(tier, variant):
    return tier.seeds[:2] if variant in TWO_SEEDS else tier.seeds


def runs_of_claim(tier, claim):
    long, short = CLAIMS[claim]
    return [Run(tier.network, variant, epochs, seed) for seed in tier.seeds
            for variants, epochs in ((long, tier.long), (short, tier.short))
            for variant in variants if seed in seeds_of(tier, variant)]


def all_runs(tier):
    """Each once: 8 bits against float32 first, then what is varied, seed by seed, so that a set that
    is cut short says something of each claim; ordinary batch normalisation in float32 last."""
    varied = [run for claim in CLAIMS if claim not in (1, 9) for run in runs_of_claim(tier, claim)]
    varied.sort(key=lambda run: run.seed)  # stable
    return list(dict.fromkeys(runs_of_claim(tier, 9) + varied + runs_of_claim(tier, 1)))


def hours(runs, tier):
    return sum(run.seconds(tier) for run in runs) / 3600


def keep(tier, folder, kept):
    """The results under `folder`, as octet train left them, into `kept`, but for what a step costs on the
    machine: the report tells of training alone. All are read before anything is written."""
    found = {run.name: run.check(pathlib.Path(folder) / run.name / "result.json", tier)
             for run in all_runs(tier)}
    pathlib.Path(kept).mkdir(parents=True, exist_ok=True)
    for name, result in found.items():
        if result is not None:
            result.pop("step", None)
            write(pathlib.Path(kept) / f"{name}.json", json.dumps(result, separators=(",", ":")) + "\n")


def write(path, text):
    """The whole file or the old one."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
