"""What the end-to-end tests share. Each test file is run as

    NAME_test.py OCTET SOURCE_DIR [unittest arguments]

with OCTET the command under test. It reads and writes a temporary folder only.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

OCTET = pathlib.Path(sys.argv[1]).resolve()
SOURCE = pathlib.Path(sys.argv[2]).resolve()
NETWORK = SOURCE / "tests/cases/small-cnn.yaml"


def octet(*arguments, env=None, cwd=None, timeout=300):
    """Runs the command; its exit status, stdout and stderr."""
    return subprocess.run([str(OCTET), *map(str, arguments)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, universal_newlines=True, cwd=cwd, timeout=timeout,
                          env={**os.environ, **(env or {})})


class OctetCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="octet-e2e-")
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def passes(self, *arguments, **how):
        """Runs the command, which must exit 0; its stdout."""
        done = octet(*arguments, **how)
        self.assertEqual(done.returncode, 0, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def fails(self, status, words, *arguments, **how):
        """Runs the command, which must exit so and say why in one line that has all the words."""
        done = octet(*arguments, **how)
        said = f"{arguments}: exit status {done.returncode}\n{done.stdout}\n{done.stderr}"
        self.assertEqual(done.returncode, status, said)
        self.assertEqual(len(done.stderr.splitlines()), 1, said)
        self.assertTrue(done.stderr.startswith("octet: "), said)
        for word in words:
            self.assertIn(str(word), done.stderr, said)
        return done

    def result(self, folder):
        """The result under `folder`, after reports/check_result.py found it sound."""
        file = pathlib.Path(folder) / "result.json"
        done = subprocess.run([sys.executable, "-B", str(SOURCE / "reports/check_result.py"), str(file)],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              universal_newlines=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        return json.loads(file.read_text(encoding="utf-8"))

    def no_result(self, folder):
        """Nothing that looks like a result, whole or half written, lies under `folder`."""
        left = [path.name for path in pathlib.Path(folder).rglob("*") if path.is_file()]
        self.assertEqual(left, [])

    def edited(self, source, *edits, name=None):
        """A copy of a file in the test's folder, each (old, new) replaced; `old` is there once."""
        text = pathlib.Path(source).read_text(encoding="utf-8")
        for old, new in edits:
            self.assertEqual(text.count(old), 1, f"'{old}' in {source}")
            text = text.replace(old, new)
        copy = self.folder / (name or pathlib.Path(source).name)
        copy.write_text(text, encoding="utf-8")
        return copy


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
