"""What is published of chips that octet has hardware files for, and what to hold beside each figure.

A row: chip, what it is, the published figure, its source, the arguments of `octet estimate`, what to read from the
result, and why the two differ. No number is tuned to a figure: one that differs stays.
"""
import dataclasses
import statistics
from typing import Callable

TERA, MILLION = 1e12, 1e6


@dataclasses.dataclass(frozen=True)
class Figure:
    """Typical, low and high; without error bars all are the same."""
    value: float
    low: float
    high: float

    @classmethod
    def of(cls, value):
        return cls(value, value, value)


@dataclasses.dataclass(frozen=True)
class Row:
    chip: str
    what: str
    published: float
    source: str
    runs: tuple  # arguments of `octet estimate`, one tuple a run
    read: Callable  # results of the runs -> Figure
    unit: str
    why: str


def peak(results):
    """Tera-operations a second of the forward product: two a multiply-accumulate."""
    return Figure.of(2 * results[0]["step"]["peak"]["macs_per_second"]["forward"] / TERA)


def cycles(results):
    return Figure.of(results[0]["step"]["cycles"])


def milliseconds(results):
    return Figure.of(1e3 * results[0]["step"]["seconds"])


def utilisation(results):
    """Percent of peak, the mean of the runs; from the lowest to the highest."""
    shares = [100 * r["step"]["utilisation"] for r in results]
    return Figure(statistics.mean(shares), min(shares), max(shares))


def chip_joules(result, bar):
    """Of the chip: what is published of a chip leaves its DRAM out."""
    return sum(unit["energy_joules" + bar] for unit in result["step"]["per_unit"] if unit["name"] != "dram")


def watts(results):
    return Figure(*(chip_joules(results[0], bar) / results[0]["step"]["seconds"] for bar in ("", "_low", "_high")))


def tera_operations_a_joule(results):
    operations = 2 * results[0]["step"]["macs"] / TERA
    return Figure(*(operations / chip_joules(results[0], bar) for bar in ("", "_high", "_low")))


def area(results):
    step = results[0]["step"]
    return Figure(*(step["area_mm2" + bar] for bar in ("", "_low", "_high")))


def gemm(hardware, size, *more):
    return (("--gemm", f"{size},{size},{size}", "--hardware", hardware, *more),)


def step(hardware, recipe, batch, *networks, more=()):
    return tuple((n, "--hardware", hardware, "--recipe", recipe, "--batch", str(batch), *more) for n in networks)


NETWORKS = ("alexnet", "vgg-16", "resnet-18", "resnet-50", "mobilenet-v1")
MEASURED = "measured on the chip, in the artifact of PyTorchSim, MICRO 2025"

ROWS = (
    Row("tpuv3", "peak, TFLOPS a core", 61.5, "Google Cloud, TPU v3: 123 a chip", gemm("tpuv3", 256), peak, "",
        "The clock, 940 MHz, is rounded."),
    Row("tpuv3", "256 x 256 x 256, cycles", 3101, MEASURED, gemm("tpuv3", 256), cycles, "",
        "Transfers take most of it. The chip's latency between a DMA, its flag and the unit that waits is not published; here a "
        "transfer waits for the memory's own latency alone."),
    Row("tpuv3", "1024 x 1024 x 1024, cycles", 47099, MEASURED, gemm("tpuv3", 1024), cycles, "",
        "Two differences cancel, as far as can be told: the first tiles are loaded whole before a product starts, where the "
        "chip's compiler can cut the load; the chip's arrays are idle for longer between blocks of weights."),
    Row("tpuv3", "ResNet-50, a training step of 128 images in bfloat16, ms", 4.4 * 3600e3 / 125100,
        "Flax, examples/imagenet: TPU v3-8, 125,100 steps of 1,024 images in 4.4 h, evaluation and input included",
        step("tpuv3", "float32-batch-norm", 128, "resnet-50", more=("--set-hardware", "array.values=datapath")),
        milliseconds, "",
        "The published time holds evaluation and input, which makes it longer. XLA fuses more: here ReLUs, additions and the "
        "norms before them take no pass of their own, other norms do. Before additions were fused, ours was 148 ms (+16.5 %); "
        "that they are was decided for all float machines, with this figure known. It was 131 ms (+3.3 %) before two arrays could share the "
        "steps of a fold and norms found their reciprocals in the vector unit's lanes; better mappings are in the difference too."),
    Row("rapid", "peak, T(FL)OPS", 26.2, "JSSC 57(1), 2022: 25.6 to 26.2, HFP8", gemm("rapid", 1024), peak, "", "None."),
    Row("rapid", "training, percent of peak: mean (lowest to highest) of networks", 26,
        "ISCA 2021: 13 to 77, mean 26, batch 512 on 4 chips of 32 cores", step("rapid", "int8-delayed", 16, *NETWORKS),
        utilisation, "%",
        "Sixteen images for four cores are the published batch; the networks are ours (" + ", ".join(NETWORKS) + "), theirs hold "
        "recurrent and attention networks too. No exchange between chips is in ours."),
    Row("rapid", "T(FL)OPS/W at peak, chip alone", 3.5, "ISCA 2021, HFP8", gemm("rapid", 1024), tera_operations_a_joule, "",
        "HFP8 multiplies floats of 8 bits and adds in 16, ours integers of 8 with sums of 32 to 56 bits. Network on the chip and "
        "control are not counted here."),
    Row("redmule", "peak, G(FL)OPS", 117, "FGCS 2023, FP8", gemm("redmule", 480),
        lambda r: Figure.of(1e3 * peak(r).value), "", "613 MHz exactly."),
    Row("redmule", "a large product, percent of peak", 99.4, "FGCS 2023", gemm("redmule", 480), utilisation, "%",
        "480 is a multiple of both sides of the array. Their operands lie in the cluster's memory, ours come from DRAM."),
    Row("redmule", "power at 0.8 V, mW", 60, "FGCS 2023: below 60, 22 nm", gemm("redmule", 480),
        lambda r: Figure(*(1e3 * v for v in dataclasses.astuple(watts(r)))), "",
        "The table is of 45 nm at 0.9 V with integers in the place of FP8; theirs is the engine, ours has the scratchpads too."),
    Row("cambricon-q", "peak, TOPS of 8 bits", 2.0, "ISCA 2021", gemm("cambricon-q", 1024), peak, "", "Rounded."),
    Row("cambricon-q", "power in training, W, chip alone", 1.0, "ISCA 2021, about 1 (recalled), 45 nm",
        step("cambricon-q", "int8-delayed", 32, "resnet-18"), watts, "",
        "Quantisation and control units of the chip are not counted here; the mean over a step is below the power of busy arrays."),
    Row("cambricon-q", "area, mm2", 9.0, "ISCA 2021, about 9 (recalled), 45 nm", gemm("cambricon-q", 1024), area, "",
        "Its scratchpads are an assumption of the file; control, DMA and the units beside the DRAM are not counted here."),
)

# TPUv3's file has choices that nobody published for this chip: what the other choice gives, for the measured products.
TPUV3_PRODUCTS = {256: 3101, 1024: 47099}
TPUV3_CHOICES = (
    ("as the file says", ()),
    ("no second set of weights (`array.fold_overlap: false`)", ("--set-hardware", "array.fold_overlap=false")),
    ("bfloat16 in memory (`--operands bfloat16`)", ("--operands", "bfloat16")),
    ("both", ("--set-hardware", "array.fold_overlap=false", "--operands", "bfloat16")),
)
