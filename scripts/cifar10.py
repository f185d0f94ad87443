#!/usr/bin/python3
"""CIFAR-10 from PNG sheets to the official binary files.

    cifar10.py SHEETS OUT

SHEETS holds data_batch_1.png to data_batch_5.png and test_batch.png, RGB, one image a row, its 1,024
pixels from the image's top left along its rows; and the labels as JSON lists. OUT, which exists,
receives *.bin: records of 3,073 bytes, the label and then the red, green and blue planes.
"""
import json
import pathlib
import sys

import numpy
from PIL import Image

IMAGES = 10000  # of a file
PIXELS = 32 * 32
CLASSES = 10
TRAIN = [f"data_batch_{i}" for i in range(1, 6)]
TEST = ["test_batch"]
MEANS = (0.49140, 0.48216, 0.44653)  # of the training images, pixel / 255
DEVIATIONS = (0.24703, 0.24349, 0.26159)


class Wrong(Exception):
    """The input is not what it should be."""


def check(file, field, found, expected):
    if found != expected:
        raise Wrong(f"{file}: {field}: found {found}, expected {expected}")


def read_sheet(path):
    """Planes [image][colour][pixel]."""
    Image.MAX_IMAGE_PIXELS = IMAGES * PIXELS
    try:
        with Image.open(path) as sheet:
            check(path, "format", (sheet.format, sheet.mode), ("PNG", "RGB"))
            check(path, "size", sheet.size, (PIXELS, IMAGES))
            return numpy.asarray(sheet).transpose(0, 2, 1)
    except OSError as error:
        raise Wrong(f"{path}: found {error}, expected a whole PNG image") from error


def read_labels(path, count):
    """Labels of `count` images, as many of each class."""
    labels = numpy.array(json.loads(path.read_text(encoding="ascii")))
    check(path, "labels", labels.shape, (count,))
    check(path, "classes", sorted(set(labels.tolist())), list(range(CLASSES)))
    each = numpy.bincount(labels).tolist()
    check(path, "images a class", each, [count // CLASSES] * CLASSES)
    return labels.astype(numpy.uint8)


def convert(sheets, out, names, labels_name):
    """Writes the files of `names`; sums and sums of squares of each colour."""
    labels = read_labels(sheets / labels_name, IMAGES * len(names))
    sums = numpy.zeros((2, 3), numpy.int64)
    for i, name in enumerate(names):
        planes = read_sheet(sheets / f"{name}.png")
        own = labels[i * IMAGES:(i + 1) * IMAGES]
        records = numpy.concatenate([own[:, None], planes.reshape(IMAGES, 3 * PIXELS)], axis=1)
        (out / f"{name}.bin").write_bytes(records.tobytes())
        wide = planes.astype(numpy.int64)
        sums += [wide.sum(axis=(0, 2)), (wide * wide).sum(axis=(0, 2))]
    return sums


def main(arguments):
    if len(arguments) != 2:
        print("use: cifar10.py SHEETS OUT", file=sys.stderr)
        return 2
    sheets, out = (pathlib.Path(argument) for argument in arguments)
    try:
        sums, squares = convert(sheets, out, TRAIN, "train_lables.json")  # spelt so
        convert(sheets, out, TEST, "test_lables.json")
        pixels = IMAGES * PIXELS * len(TRAIN)
        means = sums / pixels / 255
        deviations = numpy.sqrt(squares / pixels / 255**2 - means**2)
        print("60000 images, 5000 training and 1000 test images a class")
        for what, found, expected in (("means", means, MEANS), ("deviations", deviations, DEVIATIONS)):
            text = [f"{value:.5f}" for value in found]
            print(f"{what} of red, green, blue: {' '.join(text)}")
            check(sheets, what, text, [f"{value:.5f}" for value in expected])
    except (Wrong, OSError, ValueError) as error:
        print(f"cifar10.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
