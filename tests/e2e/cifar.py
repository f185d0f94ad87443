"""A data set of noise in the form of CIFAR-10: the same each time."""
import pathlib
import random

FILES = [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]
# What makes the small network of tests/cases one for these files.
EDITS = [("kind: idx", "kind: cifar10"), ("mean:", "augment: crop_flip\n  pad: 4\n  mean:"),
         ("height: 12, width: 12, channels: 1", "height: 32, width: 32, channels: 3"),
         ("classes: 4", "classes: 10"), ("op: fc, out: 4", "op: fc, out: 10")]


def write(folder, count, seed=1):
    """The six files under `folder`, `count` images each."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    for name in FILES:
        records = (bytes([i % 10]) + rng.getrandbits(8 * 3072).to_bytes(3072, "big")
                   for i in range(count))
        (folder / name).write_bytes(b"".join(records))
    return folder
