"""The drawn shapes as JPEG images in folders, one a class: the same each time."""
import pathlib
import random

from PIL import Image

import shapes

CLASSES = ("square", "cross", "ring", "stripes")
# What makes the small network of tests/cases one for these files.
EDITS = [("kind: idx", "kind: image_folder"), ("mean:", "augment: resized_crop\n  mean:"),
         ("channels: 1", "channels: 3")]


def save(file, mode="RGB"):
    """One image without contents."""
    Image.new(mode, (40, 30)).save(file, "JPEG")


def write(folder, train, test, seed=1):
    """`train` and `test` images of each class, of several sizes, every other one grey."""
    folder = pathlib.Path(folder)
    rng = random.Random(seed)
    for part, count in (("train", train), ("val", test)):
        for label, name in enumerate(CLASSES):
            own = folder / part / name
            own.mkdir(parents=True)
            for i in range(count):
                size = rng.randrange(16, 40)
                image = Image.frombytes("L", (size, size), shapes.draw(label, rng, size))
                (image if i % 2 else image.convert("RGB")).save(own / f"{i}.jpg", quality=90)
    return folder
