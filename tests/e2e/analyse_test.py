#!/usr/bin/python3
"""octet train --analyse angles, and --set: what they report, and that looking on changes no bit."""
import csv

import shapes
from octet_case import NETWORK, OctetCase, main

FIELDS = ["node", "tensor", "bits", "rounding", "elements", "samples", "skipped", "cosine", "lowest",
          "highest", "bound", "prediction"]


class Analyse(OctetCase):
    def setUp(self):
        super().setUp()
        self.data = shapes.write(self.folder / "data")  # 600 images: 60 steps of 20 in 2 epochs

    def train(self, name, *arguments):
        out = self.folder / name
        stdout = self.passes("train", NETWORK, "--data", self.data, "--out", out, *arguments)
        return self.result(out), stdout

    def test_looking_on_changes_no_bit(self):
        plain, _ = self.train("plain")
        watched, _ = self.train("watched", "--analyse", "angles", "--analyse-every", 1)
        self.assertNotIn("angles", plain["training"])
        self.assertEqual(plain["training"]["weights_hash"], watched["training"]["weights_hash"])

    def test_rows_table_and_csv(self):
        result, stdout = self.train("a", "--analyse", "angles")
        angles = result["training"]["angles"]
        self.assertEqual(angles["every"], 3)
        rows = {(row["node"], row["tensor"]): row for row in angles["rows"]}
        weighted = ("conv1", "conv2", "fc1")
        expected = {(node, "weight") for node in weighted}
        expected |= {(node, "activation") for node in ("conv1", "conv2", "add1")}
        expected |= {(node, "weight_gradient") for node in (*weighted, "norm1", "norm2")}
        expected |= {(node, "gradient") for node in ("conv2", "fc1", "norm1", "norm2")}
        self.assertEqual(set(rows), expected)
        for row in rows.values():
            self.assertEqual(row["samples"] + row["skipped"], 20)
            self.assertLessEqual(row["lowest"], row["cosine"])
            self.assertLessEqual(row["cosine"], row["highest"])
            self.assertEqual(row["bits"], 16 if row["tensor"] == "weight_gradient" else 8)
            self.assertGreater(row["cosine"], 0.99)
        self.assertEqual(rows["conv2", "weight"]["elements"], 8 * 8 * 9)
        self.assertIn("Angles, every 3 steps", stdout)
        self.assertIn(f"{rows['conv2', 'gradient']['cosine']:.6f}", stdout)
        with open(self.folder / "a/angles.csv", encoding="utf-8", newline="") as file:
            table = list(csv.reader(file))
        self.assertEqual(table[0], FIELDS)
        self.assertEqual(len(table), 1 + len(rows))
        for line in table[1:]:
            row = rows[line[0], line[1]]
            self.assertEqual([str(row[field]) for field in FIELDS[:7]], line[:7])
            for field, cell in zip(FIELDS[7:], line[7:]):
                self.assertEqual(row[field], float(cell))

    def test_fewer_bits_turn_further(self):
        mean = []
        for bits in (2, 4, 6, 8):
            result, _ = self.train(f"bits{bits}", "--analyse", "angles", "--set",
                                   f"bits.gradient={bits}")
            self.assertEqual(result["recipe"]["bits_gradient"], bits)
            cosines = [row["cosine"] for row in result["training"]["angles"]["rows"]
                       if row["tensor"] == "gradient"]
            mean.append(sum(cosines) / len(cosines))
        self.assertEqual(mean, sorted(mean))
        self.assertLess(mean[0], 0.9)

    def test_set_gives_what_a_file_gives(self):
        file, _ = self.train("file", "--recipe", "int8-nearest")
        option, stdout = self.train("option", "--set", "rounding.gradient=nearest")
        self.assertEqual(file["training"]["weights_hash"], option["training"]["weights_hash"])
        self.assertEqual(option["recipe"]["name"], "int8+rounding.gradient=nearest")
        self.assertIn("recipe int8+rounding.gradient=nearest,", stdout)
        del file["recipe"]["name"], option["recipe"]["name"]
        self.assertEqual(file["recipe"], option["recipe"])

    def test_set_for_estimate_and_program(self):
        delayed = self.passes("program", NETWORK, "--recipe", "int8-delayed")
        self.assertEqual(self.passes("program", NETWORK, "--set", "range=delayed"), delayed)
        self.assertNotEqual(self.passes("program", NETWORK), delayed)
        stdout = self.passes("estimate", NETWORK, "--set", "range=delayed", "--set", "chunks=4", "--out",
                             self.folder / "estimate")
        self.assertIn("recipe int8+chunks=4+range=delayed", stdout)
        self.assertEqual(self.result(self.folder / "estimate")["recipe"]["chunks"], 4)

    def test_sample_means_are_charged_as_tensor_extremes_and_say_so(self):
        line = "means of sample extremes are charged as extremes of the tensor"
        stdout = self.passes("estimate", NETWORK, "--recipe", "int8-authors", "--out", self.folder / "a")
        self.assertIn(line, stdout)
        self.assertNotIn(line, self.passes("estimate", NETWORK, "--out", self.folder / "b"))
        trained, stdout = self.train("c", "--recipe", "int8-authors")
        self.assertIn(line, stdout)
        self.assertGreater(trained["training"]["saturations"], 0)
        self.assertGreater(trained["accuracy"]["test"], 0.5)


if __name__ == "__main__":
    main()
