#!/usr/bin/python3
"""Bad use ends with 2, a bad file with 1, each with one line that names the file, the field, what was
found and what was expected, and nothing under a result's name."""
import gzip
import subprocess

import cifar
import jpegs
import shapes
from octet_case import NETWORK, OCTET, SOURCE, OctetCase, main

RECIPE = SOURCE / "model/recipes/int8.yaml"
MACHINE = SOURCE / "sim/hardware/base.yaml"


class BadUse(OctetCase):
    def test_the_command_line(self):
        for words, arguments in (
                (["subcommand"], []),
                (["workload"], ["train"]),
                (["--colour"], ["train", "tiny-cnn", "--colour", "red"]),
                (["extra"], ["estimate", "tiny-cnn", "extra"]),
                (["--epochs", "0", "1 to 100000"], ["train", "tiny-cnn", "--epochs", "0"]),
                (["--batch", "-3", "1 to 1048576"], ["estimate", "tiny-cnn", "--batch", "-3"]),
                (["--threads", "many"], ["train", "tiny-cnn", "--threads", "many"]),
                (["--threads", "0"], ["train", "tiny-cnn", "--threads", "0"]),
                (["--seed", "-1"], ["train", "tiny-cnn", "--seed", "-1"]),
                (["--seed", "4294967296"], ["train", "tiny-cnn", "--seed", "4294967296"]),
                (["--analyse", "colours", "angles"], ["train", "tiny-cnn", "--analyse", "colours"]),
                (["--analyse-every", "0"], ["train", "tiny-cnn", "--analyse-every", "0"]),
                (["--analyse-every", "found 3", "--analyse"],
                 ["train", "tiny-cnn", "--analyse-every", "3"]),
                (["--analyse", "float32", "integer"],
                 ["train", "tiny-cnn", "--recipe", "float32", "--analyse", "angles"]),
                (["--set", "'chunks'", "FIELD=VALUE"], ["estimate", "tiny-cnn", "--set", "chunks"]),
                (["--set colour=red over ", "int8.yaml: colour", "bifurcated"],
                 ["program", "tiny-cnn", "--set", "colour=red"]),
                (["--set bits.weight=9 over ", "bits.weight: found 9", "2 to 8"],
                 ["train", "tiny-cnn", "--set", "bits.weight=9"]),
                (["workload", "none", "--gemm"], ["estimate"]),
                (["--gemm", "'1,2'", "M,N,K"], ["estimate", "--gemm", "1,2"]),
                (["--gemm", "'1,2,3,4'", "M,N,K"], ["estimate", "--gemm", "1,2,3,4"]),
                (["--gemm", "'1,0,3'", "from 1"], ["estimate", "--gemm", "1,0,3"]),
                (["multiply-accumulates", "at most"], ["estimate", "--gemm", "99999,99999,99999"]),
                (["--gemm", "workload"], ["estimate", "tiny-cnn", "--gemm", "1,2,3"]),
                (["--operands", "4x4"], ["estimate", "--gemm", "1,2,3", "--operands", "4x4"]),
                (["--reference", "maestro", "scale-sim"],
                 ["estimate", "--gemm", "1,2,3", "--reference", "maestro"]),
                (["--array", "'3'", "32x32"],
                 ["estimate", "--gemm", "1,2,3", "--reference", "scale-sim", "--array", "3"]),
                (["--trace-layers", "--vcd"], ["estimate", "tiny-cnn", "--trace-layers", "conv1"]),
                (["--set-hardware", "'rows'", "FIELD=VALUE"],
                 ["estimate", "tiny-cnn", "--set-hardware", "rows"]),
                (["--set-hardware", "array.rows", "found 0", "1 to 4096"],
                 ["estimate", "tiny-cnn", "--set-hardware", "array.rows=0"]),
                (["--set-hardware", "array.height", "unknown key", "rows"],
                 ["program", "tiny-cnn", "--set-hardware", "array.height=3"]),
                (["--array", "--reference"], ["estimate", "tiny-cnn", "--array", "3x3"]),
                (["--trace-layers", "--vcd"],
                 ["estimate", "tiny-cnn", "--compare", "base", "edge", "--trace-layers", "conv1"]),
                (["--dram-trace-format", "--dram-trace"],
                 ["estimate", "tiny-cnn", "--dram-trace-format", "ramulator2"]),
                (["--link", "nan"], ["estimate", "tiny-cnn", "--chips", "2", "--link", "nan"]),
                (["--link", "inf"], ["estimate", "tiny-cnn", "--chips", "2", "--link", "inf"]),
                (["--link-latency", "nan"],
                 ["estimate", "tiny-cnn", "--chips", "2", "--link", "1", "--link-latency", "nan"]),
                (["--message-mb", "nan"],
                 ["estimate", "tiny-cnn", "--chips", "2", "--link", "1", "--message-mb", "nan"]),
                (["--seconds", "nan"], ["bench", "tiny-cnn", "--seconds", "nan"]),
                (["--jobs", "0"], ["verify", "--jobs", "0"])):
            with self.subTest(arguments=arguments):
                self.fails(2, words, *arguments, cwd=self.folder)
        self.no_result(self.folder)

    def test_nothing_that_is_asked_for_is_ignored(self):
        modes = {"--gemm": ["--gemm", "5,5,5"],
                 "--compare": ["tiny-cnn", "--compare", "base", "edge"],
                 "--chips": ["tiny-cnn", "--chips", "2", "--link", "1"],
                 "--reference": ["tiny-cnn", "--reference", "scale-sim"]}
        values = {"--energy": ["e.yaml"], "--activity": ["a.yaml"], "--baselines": [],
                  "--dram-trace": ["d.trace"]}
        for mode, others in (("--gemm", ["--activity", "--baselines"]),
                             ("--compare", ["--baselines", "--dram-trace"]),
                             ("--chips", ["--baselines", "--dram-trace"]),
                             ("--reference", list(values))):
            for other in others:
                with self.subTest(mode=mode, other=other):
                    self.fails(2, [mode, other], "estimate", *modes[mode], other, *values[other],
                               cwd=self.folder)
        self.fails(2, ["--array", "--set-hardware"], "estimate", *modes["--reference"], "--array", "3x3",
                   "--set-hardware", "array.rows=8", cwd=self.folder)
        self.fails(2, ["--unpadded", "--gemm"], "estimate", "--gemm", "5,5,5", "--reference",
                   "scale-sim", "--unpadded", cwd=self.folder)
        self.no_result(self.folder)

    def test_an_unknown_subcommand_is_named(self):
        self.fails(2, ["tarin"], "tarin", "tiny-cnn")

    def test_unknown_names_list_the_known_ones(self):
        self.fails(2, ["lenet", "fashion-cnn"], "estimate", "lenet", cwd=self.folder)
        self.fails(2, ["gpu", "base", "edge"], "estimate", "tiny-cnn", "--hardware", "gpu",
                   cwd=self.folder)
        self.no_result(self.folder)

    def test_an_unknown_recipe_is_bad_use_too(self):
        self.fails(2, ["int4", "int8"], "estimate", "tiny-cnn", "--recipe", "int4", cwd=self.folder)

    def test_unknown_instruction_set(self):
        data = shapes.write(self.folder / "data")
        self.fails(2, ["OCTET_ISA", "mmx", "scalar"], "train", NETWORK, "--data", data, "--out",
                   self.folder / "out", env={"OCTET_ISA": "mmx"})
        self.no_result(self.folder / "out")

    def test_more_steps_between_looks_than_the_run_has(self):
        data = shapes.write(self.folder / "data")
        self.fails(2, ["--analyse-every", "found 61", "60 steps"], "train", NETWORK, "--data", data,
                   "--analyse", "angles", "--analyse-every", 61, "--out", self.folder / "out")
        self.no_result(self.folder / "out")

    def test_milestones_beyond_the_epochs(self):
        data = shapes.write(self.folder / "data")
        network = self.edited(NETWORK, ("schedule: one-cycle", "schedule: step\n  milestones: [1]"),
                              name="step.yaml")
        arguments = ["train", network, "--data", data, "--out", self.folder / "out"]
        self.fails(2, [f"--epochs: found 1, expected more than 1, the last milestone of {network}"],
                   *arguments, "--epochs", 1)
        self.no_result(self.folder / "out")
        self.passes(*arguments, "--epochs", 2)

    def test_capture_of_float32_is_refused_before_training(self):
        data = shapes.write(self.folder / "data")
        done = self.fails(2, ["--capture", "float32", "integer"], "train", NETWORK, "--data", data,
                          "--recipe", "float32", "--capture", self.folder / "tensors", "--out",
                          self.folder / "out")
        self.assertNotIn("epoch 1:", done.stdout)
        self.no_result(self.folder / "out")


class BadData(OctetCase):
    """Each test spoils one file of a sound data set of 60 and 20 images."""

    def setUp(self):
        super().setUp()
        self.data = shapes.write(self.folder / "data", 60, 20)
        self.out = self.folder / "out"

    def refused(self, words, *arguments):
        self.fails(1, words, "train", NETWORK, "--data", self.data, "--out", self.out, *arguments)
        self.no_result(self.out)

    def test_sound_before_it_is_spoilt(self):
        self.passes("train", NETWORK, "--data", self.data, "--out", self.out)

    def test_no_folder(self):
        self.data = self.folder / "nowhere"
        self.refused([self.data, "found no such directory", "four IDX files"])

    def test_no_folder_by_default(self):
        self.fails(1, ["no/such/folder/of/shapes", "tests/e2e writes the shapes"], "train", NETWORK,
                   "--out", self.out)  # the workload's own hint how to get the data
        self.no_result(self.out)

    def test_a_file_is_missing(self):
        (self.data / "t10k-labels-idx1-ubyte").unlink()
        self.refused([self.data, "t10k-labels-idx1-ubyte", "found no such file"])

    def test_truncated_gzip(self):
        file = self.data / "train-images-idx3-ubyte.gz"
        file.write_bytes(file.read_bytes()[:-100])
        self.refused([file, "found a truncated gzip file", "a whole one"])

    def test_damaged_gzip(self):
        file = self.data / "train-images-idx3-ubyte.gz"
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 0xFF
        file.write_bytes(data)
        self.refused([file, "found ", "expected "])

    def test_truncated_file(self):
        file = self.data / "t10k-images-idx3-ubyte"
        file.write_bytes(file.read_bytes()[:-1])
        self.refused([file, "length", f"found {16 + 20 * 144 - 1}", f"expected {16 + 20 * 144}"])

    def test_empty_file(self):
        file = self.data / "t10k-images-idx3-ubyte"
        file.write_bytes(b"")
        self.refused([file, "length", "found 0", "16 header bytes"])

    def test_mislabelled_file(self):
        file = self.data / "t10k-images-idx3-ubyte"
        file.write_bytes((self.data / "t10k-labels-idx1-ubyte").read_bytes())
        self.refused([file, "magic", "found 2049", "expected 2051"])

    def test_label_out_of_range(self):
        file = self.data / "t10k-labels-idx1-ubyte"
        file.write_bytes(shapes.idx_labels([0, 1, 2, 4] + [0] * 16))
        self.refused([file, "labels[3]", "found 4", "0 to 3"])

    def test_fewer_labels_than_images(self):
        file = self.data / "t10k-labels-idx1-ubyte"
        file.write_bytes(shapes.idx_labels([0] * 19))
        self.refused([file, "labels", "found 19", "expected 20"])

    def test_images_of_another_size(self):
        shapes.write(self.data, 60, 20, size=14)
        self.refused(["-images-idx3-ubyte", "height", "found 14", "the network's 12"])

    def test_claimed_count_beyond_the_file(self):
        file = self.data / "train-images-idx3-ubyte.gz"
        data = bytearray(gzip.decompress(file.read_bytes()))
        data[4:8] = b"\xff\xff\xff\xff"
        file.write_bytes(gzip.compress(bytes(data)))
        self.refused([file, "length", "4294967295 images"])

    def test_batch_larger_than_the_data(self):
        self.refused(["found 60", "61"], "--batch", 61)


class BadCifar(OctetCase):
    """The same for files in the form of CIFAR-10, 30 images each."""

    def setUp(self):
        super().setUp()
        self.data = cifar.write(self.folder / "data", 30)
        self.network = self.edited(NETWORK, *cifar.EDITS, name="cifar.yaml")
        self.out = self.folder / "out"

    def refused(self, words, *arguments):
        self.fails(1, words, "train", self.network, "--data", self.data, "--out", self.out,
                   *arguments)
        self.no_result(self.out)

    def test_sound_before_it_is_spoilt(self):
        said = self.passes("train", self.network, "--data", self.data, "--out", self.out, "--epochs", 2)
        self.assertIn("on 150 images", said)

    def test_no_folder(self):
        self.data = self.folder / "nowhere"
        self.refused([self.data, "found no such directory", "test_batch.bin"])

    def test_a_file_is_missing(self):
        (self.data / "data_batch_4.bin").unlink()
        self.refused([self.data, "data_batch_4.bin", "found no such file"])

    def test_truncated_file(self):
        file = self.data / "test_batch.bin"
        file.write_bytes(file.read_bytes()[:-1])
        self.refused([file, "length", f"found {30 * 3073 - 1}", "records of 3073 bytes"])

    def test_empty_file(self):
        file = self.data / "data_batch_1.bin"
        file.write_bytes(b"")
        self.refused([file, "length", "found 0", "at least one"])

    def test_label_out_of_range(self):
        file = self.data / "data_batch_2.bin"
        data = bytearray(file.read_bytes())
        data[2 * 3073] = 10
        file.write_bytes(data)
        self.refused([file, "labels[2]", "found 10", "0 to 9"])

    def test_network_of_other_classes(self):
        self.network = self.edited(self.network, ("classes: 10", "classes: 12"),
                                   ("op: fc, out: 10", "op: fc, out: 12"), name="twelve.yaml")
        self.refused([self.network, "classes", "found 12", "10, the classes of CIFAR-10"])

    def test_network_of_another_size(self):
        self.network = self.edited(self.network, ("height: 32", "height: 30"), name="small.yaml")
        self.refused([self.network, "input", "found 30x32x3", "32x32x3"])

    def test_pad_without_a_crop(self):
        self.network = self.edited(self.network, ("augment: crop_flip", "augment: none"),
                                   name="none.yaml")
        self.refused([self.network, "dataset.pad", "unknown key"])


class BadImages(OctetCase):
    """The same for a folder of JPEG images, 20 and 5 of each of four classes."""

    def setUp(self):
        super().setUp()
        self.data = jpegs.write(self.folder / "data", 20, 5)
        self.network = self.edited(NETWORK, *jpegs.EDITS, name="jpegs.yaml")
        self.out = self.folder / "out"

    refused = BadCifar.refused

    def test_sound_before_it_is_spoilt(self):
        said = self.passes("train", self.network, "--data", self.data, "--out", self.out, "--epochs", 2)
        self.assertIn("on 80 images", said)

    def test_truncated_images(self):
        for file in ("train/ring/7.jpg", "val/square/0.jpg"):
            with self.subTest(file=file):
                whole = (self.data / file).read_bytes()
                for length in (len(whole) - 2, len(whole) // 2, 100, 0):
                    (self.data / file).write_bytes(whole[:length])
                    self.fails(1, [self.data / file, "found ", "expected a whole JPEG image"], "train",
                               self.network, "--data", self.data, "--out", self.out, "--batch", 80)
                    if file.startswith("val"):  # the epoch before that test is kept
                        (self.out / "checkpoint").unlink()
                    self.no_result(self.out)
                (self.data / file).write_bytes(whole)

    def test_four_colours(self):
        file = self.data / "train/cross/3.jpg"
        jpegs.save(file, "CMYK")
        self.refused([file, "found a JPEG image of four colours (CMYK)", "RGB or grey"], "--batch", 80)

    def test_a_class_too_few(self):
        (self.data / "train/ring").rename(self.folder / "ring")
        self.refused([self.data / "train", "classes", "found 3 folders", "expected 4"])

    def test_another_class_in_val(self):
        (self.data / "val/ring").rename(self.data / "val/rong")
        self.refused([self.data / "val", "found folder rong", "expected folder ring"])

    def test_another_kind_of_file(self):
        file = self.data / "val/ring/list.txt"
        file.write_text("1 2 3")
        self.refused([file, "found list.txt", ".jpg"])

    def test_no_val(self):
        (self.data / "val").rename(self.folder / "val")
        self.refused([self.data / "val", "found no such folder"])


class BadFiles(OctetCase):
    """Networks, recipes and machines: one edit of a sound file each."""

    def refused(self, file, words, *arguments):
        out = self.folder / "out"
        self.fails(1, [file, "found ", "expected ", *words], "estimate", *arguments, "--out", out)
        self.no_result(out)

    def test_networks(self):
        for edit, words in (
                (("classes: 4", "classes: 4\ncolour: red"), ["colour"]),
                (("classes: 4", "classes: -4"), ["classes", "-4"]),
                (("kernel: 3, pad: 1}\n  - {name: norm1", "kernel: -3, pad: 1}\n  - {name: norm1"),
                 ["layers.conv1.kernel", "-3"]),
                (("name: fc1, op: fc, out: 4", "name: fc1, op: fc, out: 5"), ["layers.fc1", "5", "4"]),
                (("from: [norm2, pool1]", "from: [norm2, relu1]"), ["layers.add1.from", "6x6x8",
                                                                    "12x12x8"]),
                (("from: [norm2, pool1]", "from: [norm2, pool9]"), ["layers.add1.from", "pool9"]),
                (("op: max_pool, kernel: 2", "op: max_pool, kernel: 13"), ["layers.pool1"]),
                (("schedule: one-cycle", "schedule: lucky"), ["training.schedule", "lucky"]),
                (("peak_rate: 0.05", "peak_rate: .nan"), ["training.peak_rate"]),
                (("classes: 4", "classes: [4"), [])):
            with self.subTest(edit=edit):
                file = self.edited(NETWORK, edit)
                self.refused(file, words, file)

    def test_recipes(self):
        for edit, words in (
                (("range: current", "ranges: current"), ["ranges"]),
                (("  gradient: 8 ", "  gradient: 9 "), ["bits.gradient", "9", "2 to 8"]),
                (("chunks: 16", "chunks: 0"), ["chunks", "0", "1 to 256"]),
                (("arithmetic: integer", "arithmetic: ternary"), ["arithmetic", "ternary"]),
                (("bifurcated: true", "bifurcated: false"), ["bits.weight_gradient"])):
            with self.subTest(edit=edit):
                file = self.edited(RECIPE, edit)
                self.refused(file, words, NETWORK, "--recipe", file)

    def test_names_that_would_be_paths(self):
        runs = self.folder / "runs"
        for name, shown in (("../../evil", "../../evil"), ("x/y", "x/y"), ('""', "an empty text"),
                            ('"a\\nb"', "a b"), ("x" * 100000, 60 * "x" + "..."), ("-+-", "-+-")):
            for source, option, known in ((RECIPE, "--recipe", "int8"), (MACHINE, "--hardware", "base")):
                with self.subTest(option=option, name=name[:80]):
                    file = self.edited(source, (f"\nname: {known}\n", f"\nname: {name}\n"))
                    self.fails(1, [f"{file}:", f"name: found {shown}, expected 1 to 64 letters"],
                               "estimate", NETWORK, option, file, cwd=self.folder)
                    self.assertFalse(runs.exists())

    def test_a_path_that_was_set_is_no_folder(self):
        self.passes("estimate", NETWORK, "--set-hardware", "description=a/b", "--batch", "1",
                    cwd=self.folder)
        self.assertEqual([entry.name for entry in (self.folder / "runs").iterdir()],
                         ["small-cnn-base+description=a_b-estimate"])

    def test_bytes_that_are_no_utf8(self):
        for source, option in ((NETWORK, None), (RECIPE, "--recipe"), (MACHINE, "--hardware")):
            with self.subTest(source=source):
                file = self.folder / "latin-1.yaml"
                text = source.read_bytes()
                file.write_bytes(text + b"# Andr\xe9\n")
                line = text.count(b"\n") + 1
                self.refused(f"{file}:{line}", ["byte e9", "expected UTF-8"],
                             *([NETWORK, option, file] if option else [file]))

    def test_machines(self):
        for edit, words in (
                (("clock_hz: 700000000", "clock_hz: 700000000\ncolour: red"), ["colour"]),
                (("rows: 32", "rows: -32"), ["array.rows", "-32"]),
                (("rows: 32", "rows: 0"), ["array.rows", "0"]),
                (("kind: DDR4-2400", "kind: DDR9"), ["dram.kind", "DDR9", "DDR4-2400"]),
                (("clock_hz: 700000000", "clock_hz: 0"), ["clock_hz", "0"]),
                # too narrow for the array, and too small for one tile of the network
                (("bytes: 262144, banks: 8, width_bytes: 8", "bytes: 262144, banks: 2, width_bytes: 8"),
                 ["scratchpads.activation.width_bytes", "16 bytes"]),
                (("bytes: 131072, banks: 8", "bytes: 16, banks: 8"), ["scratchpads.weight.bytes",
                                                                     "found 16"]),
                (("bytes: 393216, banks: 16", "bytes: 64, banks: 16"),
                 ["scratchpads.accumulator.bytes", "found 64"])):
            with self.subTest(edit=edit):
                file = self.edited(MACHINE, edit)
                self.refused(file, words, NETWORK, "--hardware", file)

    def test_missing_files(self):
        for option, words in (("--recipe", ["no.yaml"]), ("--hardware", ["no.yaml"])):
            done = self.fails(1, words, "estimate", NETWORK, option, self.folder / "no.yaml", "--out",
                              self.folder / "out")
            self.assertIn("expected ", done.stderr)

    def test_a_folder_for_a_file(self):
        self.fails(1, [self.folder], "estimate", NETWORK, "--hardware", f"{self.folder}/", "--out",
                   self.folder / "out")


class Widths(OctetCase):
    """A sum that could overflow is refused, with the layer, the need and the limit."""

    def network(self, size):
        return self.edited(NETWORK, ("height: 12, width: 12", f"height: {size}, width: {size}"),
                           ("  - {name: conv1, op: conv, out: 8, kernel: 3, pad: 1}\n", ""),
                           ("  - {name: norm1, op: norm}\n  - {name: relu1, op: relu}\n", ""),
                           ("  - {name: pool1, op: max_pool, kernel: 2}\n", ""),
                           ("  - {name: conv2, op: conv, out: 8, kernel: 3, pad: 1}\n", ""),
                           ("  - {name: norm2, op: norm}\n", ""),
                           ("  - {name: add1, op: add, from: [norm2, pool1]}\n", ""),
                           ("  - {name: relu2, op: relu}\n", ""), name=f"fc{size}.yaml")

    WORDS = ("fc1", f"{182 * 182 * 255 * 255}", f"{2**31 - 1}")

    def test_train_at_the_edge(self):
        # 181 x 181 = 32,761 terms fit; 182 x 182 = 33,124 are more than 33,025
        for size in (181, 182):
            data = shapes.write(self.folder / f"data{size}", 20, 4, size=size)
            arguments = ["train", self.network(size), "--data", data, "--epochs", 1, "--out",
                         self.folder / f"out{size}"]
            if size == 181:
                self.passes(*arguments)
            else:
                self.fails(1, self.WORDS, *arguments)
        self.no_result(self.folder / "out182")

    def test_estimate_refuses_it_too(self):
        self.passes("estimate", self.network(181), "--out", self.folder / "out181")
        self.fails(1, self.WORDS, "estimate", self.network(182), "--out", self.folder / "out182")

    def test_program_refuses_it_too(self):
        self.fails(1, self.WORDS, "program", self.network(182), "--batch", 1)

    def test_batch_beyond_the_element_index(self):
        self.fails(1, ["input", "32-bit element index", f"{70000 * 181 * 181}", f"{2**31 - 1}"], "estimate", self.network(181), "--batch",
                   70000, "--out", self.folder / "out")


class BadOutput(OctetCase):
    def test_a_file_where_the_folder_should_be(self):
        taken = self.folder / "taken"
        taken.write_text("mine")
        for out in (taken, taken / "deeper"):
            self.fails(1, [out, "expected "], "estimate", NETWORK, "--out", out)
        self.assertEqual(taken.read_text(), "mine")

    def test_a_folder_where_the_result_should_be(self):
        (self.folder / "out/result.json").mkdir(parents=True)
        self.fails(1, [f"{self.folder}/out/result.json", "directory"], "estimate", NETWORK, "--out",
                   self.folder / "out")

    def test_read_only_place(self):
        # /proc takes no folder, from root neither
        self.fails(1, ["/proc/octet", "expected "], "estimate", NETWORK, "--out", "/proc/octet")

    def test_program_into_no_folder(self):
        file = self.folder / "no/program.txt"
        self.fails(1, [file, "write"], "program", NETWORK, "--batch", 1, "--out", file)

    def test_json_is_tried_before_the_training(self):
        data = shapes.write(self.folder / "data")
        done = self.fails(1, [f"{self.folder}/no/copy.json"], "train", NETWORK, "--data", data, "--out",
                          self.folder / "out", "--json", self.folder / "no/copy.json")
        self.assertNotIn("epoch 1:", done.stdout)

    def test_a_file_that_is_written_twice(self):
        data = shapes.write(self.folder / "data")
        out = self.folder / "out"
        twice = self.folder / "sub/../twice"
        (self.folder / "sub").mkdir()
        (self.folder / "link").symlink_to(out)
        for words, arguments in (
                (["--json: found", "checkpoint, which the run"], ["--json", out / "checkpoint"]),
                (["--json: found", "report.html, which the run"],
                 ["--json", self.folder / "link/report.html"]),
                (["--activity: found", "result.json, which the run"],
                 ["--activity", out / "result.json"]),
                (["--activity: found", "twice, the file of --json"],
                 ["--json", self.folder / "twice", "--activity", twice])):
            with self.subTest(arguments=arguments):
                self.fails(2, [*words, "expected a file of its own"], "train", NETWORK, "--data", data,
                           "--out", out, *arguments)
                self.no_result(out)

    def test_an_error_says_once_what_was_expected(self):
        done = self.fails(1, [f"{self.folder}/no/copy.json: found No such file or directory"],
                          "estimate", NETWORK, "--out", self.folder / "out", "--json",
                          self.folder / "no/copy.json")
        self.assertEqual(done.stderr.count("expected"), 1)

    def test_capture_folder_is_tried_before_the_training(self):
        data = shapes.write(self.folder / "data")
        (self.folder / "taken").write_text("mine")
        done = self.fails(1, [self.folder / "taken"], "train", NETWORK, "--data", data, "--out",
                          self.folder / "out", "--capture", self.folder / "taken")
        self.assertNotIn("epoch 1:", done.stdout)
        self.no_result(self.folder / "out")

    def standard_output_is_full(self, *arguments):
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([str(OCTET), *map(str, arguments)], stdout=full,
                                  stderr=subprocess.PIPE, universal_newlines=True)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_standard_output_on_a_full_disk(self):
        self.standard_output_is_full("program", NETWORK, "--batch", 1)

    def test_little_standard_output_on_a_full_disk(self):
        self.standard_output_is_full("list")


if __name__ == "__main__":
    main()
