"""A data set of four drawn shapes (square, cross, ring, stripes) as IDX files: the same each time."""
import gzip
import pathlib
import random
import struct

SIZE = 12
CLASSES = 4


def draw(shape, rng, size):
    """One image: a shape of random place and brightness on faint noise."""
    pixels = [[rng.randrange(40) for _ in range(size)] for _ in range(size)]
    half = rng.randrange(2, 4)
    y0 = rng.randrange(half, size - half)
    x0 = rng.randrange(half, size - half)
    light = rng.randrange(140, 256)
    for dy in range(-half, half + 1):
        for dx in range(-half, half + 1):
            inside = (True, dx == 0 or dy == 0, max(abs(dx), abs(dy)) == half, dx % 2 == 0)[shape]
            if inside:
                pixels[y0 + dy][x0 + dx] = light
    return bytes(value for row in pixels for value in row)


def idx_images(images, height=SIZE, width=SIZE, magic=0x0803):
    return struct.pack(">4I", magic, len(images), height, width) + b"".join(images)


def idx_labels(labels, magic=0x0801):
    return struct.pack(">2I", magic, len(labels)) + bytes(labels)


def write(folder, train=600, test=200, size=SIZE, seed=1):
    """The four files under `folder`, the training part packed as data sets usually are."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    for part, count, pack in (("train", train, True), ("t10k", test, False)):
        labels = [i % CLASSES for i in range(count)]
        images = [draw(label, rng, size) for label in labels]
        for name, data in ((f"{part}-images-idx3-ubyte", idx_images(images, size, size)),
                           (f"{part}-labels-idx1-ubyte", idx_labels(labels))):
            if pack:
                (folder / f"{name}.gz").write_bytes(gzip.compress(data, 1, mtime=0))
            else:
                (folder / name).write_bytes(data)
    return folder
