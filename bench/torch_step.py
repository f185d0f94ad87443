#!/usr/bin/python3
"""How fast PyTorch float32 runs the training step that `octet bench` measures.

    torch_step.py NETWORK [--batch N] [--threads N] [--steps N | --seconds S] [--parameters]

NETWORK: resnet-20 or fashion-cnn, with the layers of workloads/networks/NETWORK.yaml. Synthetic data
in memory, channels last. Prints JSON; with --parameters only the number of parameters. Exit status 77
where PyTorch is missing (Debian: python3-torch). For a fair run set MALLOC_MMAP_THRESHOLD_ and its kin
as scripts/bench.py does: glibc else gives large buffers back to the kernel after each step.
"""
import argparse
import json
import statistics
import sys
import time

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError as missing:
    print(f"torch_step.py: {missing} (Debian: python3-torch)", file=sys.stderr)
    sys.exit(77)

WARM_UP_STEPS = 5


class Residual(nn.Module):
    """Two 3x3 convolutions round a shortcut without parameters (option A): where the shape changes,
    every second pixel, and zeros for half of the missing channels on either side."""

    def __init__(self, channels_in, channels_out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels_out)
        self.stride = stride
        self.side = (channels_out - channels_in) // 2

    def forward(self, x):
        y = functional.relu(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        if self.side or self.stride > 1:
            x = x[:, :, ::self.stride, ::self.stride]
            x = functional.pad(x, (0, 0, 0, 0, self.side, self.side))
        return functional.relu(x + y)


def resnet_20():
    layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    channels = 16
    for width in (16, 32, 64):
        for _ in range(3):
            layers.append(Residual(channels, width, 1 if channels == width else 2))
            channels = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def fashion_cnn():
    return nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2, bias=False), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(7 * 7 * 64, 512), nn.ReLU(), nn.Linear(512, 10))


NETWORKS = {"resnet-20": (resnet_20, (3, 32, 32)), "fashion-cnn": (fashion_cnn, (1, 28, 28))}


def step_seconds(model, shape, batch, steps, seconds):
    """Seconds of each whole step after a warm-up: `steps` of them, or for so many seconds."""
    model = model.to(memory_format=torch.channels_last).train()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, nesterov=True,
                                weight_decay=1e-4)
    images = torch.randn(batch, *shape).contiguous(memory_format=torch.channels_last)
    labels = torch.randint(0, 10, (batch,))
    taken = []
    for step in range(-WARM_UP_STEPS, steps or sys.maxsize):
        start = time.perf_counter()
        optimiser.zero_grad(set_to_none=True)
        functional.cross_entropy(model(images), labels).backward()
        optimiser.step()
        if step >= 0:
            taken.append(time.perf_counter() - start)
            if not steps and sum(taken) >= seconds:
                break
    return taken


def blas():
    """The BLAS library that this process has loaded, or nothing: PyTorch's fully connected layers
    are as fast as it is."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        files = {line.split()[-1] for line in maps if "blas" in line}
    return sorted(files)[-1] if files else None


def at_least(kind, least):
    def convert(text):
        value = kind(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"found {text}, expected at least {least}")
        return value
    return convert


def main():
    parser = argparse.ArgumentParser(description="PyTorch float32 on the step of `octet bench`")
    parser.add_argument("network", choices=sorted(NETWORKS))
    parser.add_argument("--batch", type=at_least(int, 1), default=128)
    parser.add_argument("--threads", type=at_least(int, 1), default=2)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--steps", type=at_least(int, 1), default=0)
    length.add_argument("--seconds", type=at_least(float, 0.01), default=5.0)
    parser.add_argument("--parameters", action="store_true", help="print their number alone")
    options = parser.parse_args()

    torch.manual_seed(1)
    torch.set_num_threads(options.threads)
    build, shape = NETWORKS[options.network]
    model = build()
    parameters = sum(parameter.numel() for parameter in model.parameters())
    if options.parameters:
        print(parameters)
        return
    taken = step_seconds(model, shape, options.batch, options.steps, options.seconds)
    if len(taken) > 1:
        lower, median, upper = statistics.quantiles(taken, n=4, method="inclusive")
    else:
        lower = median = upper = taken[0]
    print(json.dumps({
        "network": options.network, "parameters": parameters, "batch": options.batch,
        "threads": torch.get_num_threads(), "torch": torch.__version__,
        "onednn": torch.backends.mkldnn.is_available(), "blas": blas(), "measured": len(taken),
        "best_seconds": min(taken), "lower_quartile_seconds": lower, "median_seconds": median,
        "upper_quartile_seconds": upper, "images_per_second": options.batch / median,
        "best_images_per_second": options.batch / min(taken)}, indent=2))


if __name__ == "__main__":
    main()
