#!/usr/bin/python3
"""scripts/paper.sh --quick as a whole, on a small network that goes by the name of fashion-cnn: it
trains each run once, goes on where it was stopped, and leaves a report of all of them."""
import os
import shutil
import subprocess
import xml.dom.minidom

import shapes
from octet_case import NETWORK, OCTET, SOURCE, OctetCase, main

# Stands in for octet: other network, other data, a log of what was asked, and a stop on demand.
STAND_IN = """#!/usr/bin/env bash
echo "$*" >> "{folder}/asked"
shift 2
train=("{octet}" train "{network}" --data "{data}")
if [ -f "{folder}/stop" ] && [ "$(wc -l < "{folder}/asked")" -ge "$(cat "{folder}/stop")" ]; then
  # As a run that was stopped in its first epoch: a checkpoint, no result.
  "${{train[@]}}" "$@" --checkpoint-every 1 &
  out="${{*: -1}}"
  until [ -f "$out/checkpoint" ]; do sleep 0.01; done
  kill -KILL $!
  wait $! || true
  rm -f "$out/result.json"  # should the run have been faster
  exit 1
fi
exec "${{train[@]}}" "$@"
"""


class Paper(OctetCase):
    def setUp(self):
        super().setUp()
        # The script writes below its own tree: it gets a copy of what it needs of it.
        self.tree = self.folder / "tree"
        (self.tree / "scripts").mkdir(parents=True)
        shutil.copy(SOURCE / "scripts/paper.sh", self.tree / "scripts")
        shutil.copytree(SOURCE / "reports", self.tree / "reports")
        network = self.edited(NETWORK, ("name: small-cnn", "name: fashion-cnn"), ("batch: 20", "batch: 128"))
        data = shapes.write(self.folder / "data", 4000)
        self.octet = self.folder / "octet"
        self.octet.write_text(STAND_IN.format(octet=OCTET, folder=self.folder, network=network, data=data))
        self.octet.chmod(0o755)

    def script(self, *arguments):
        return subprocess.run(["bash", str(self.tree / "scripts/paper.sh"), *map(str, arguments)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True,
                              env={**os.environ, "OCTET": str(self.octet)}, timeout=300)

    def asked(self):
        return (self.folder / "asked").read_text().splitlines()

    def stopped_at(self, count, out):
        """The script, whose `count`-th training in all is killed in its first epoch."""
        (self.folder / "stop").write_text(str(count))
        done = self.script("--quick")
        (self.folder / "stop").unlink()
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(len(self.asked()), count, done.stderr)
        self.assertTrue((out / "checkpoint").exists())
        self.assertFalse((out / "result.json").exists())

    def test_stopped_and_gone_on(self):
        runs = self.tree / "runs/paper-quick"
        report = runs / "paper.md"
        self.stopped_at(1, runs / "fashion-cnn-int8-1-epochs-seed1")  # begins anew: its angles are looked at
        self.assertFalse(report.exists())
        self.stopped_at(4, runs / "fashion-cnn-nearest-1-epochs-seed1")  # goes on
        self.assertIn("from 2 of 12 trainings", report.read_text(encoding="utf-8"))
        self.assertIn("not run", report.read_text(encoding="utf-8"))
        done = self.script("--quick")
        self.assertEqual(done.returncode, 0, done.stderr)
        asked = self.asked()
        self.assertEqual(len(asked), 4 + 10)
        self.assertEqual(asked[0], asked[1], "the run that was stopped, again")
        self.assertEqual(asked[3], asked[4], "the run that was stopped, again")
        self.assertEqual(len(set(asked)), 12)
        text = report.read_text(encoding="utf-8")
        self.assertIn("from 12 of 12 trainings", text)
        self.assertNotIn("not run", text)
        for name in ("bits", "cosine", "layers", "curves"):
            self.assertIn(f"paper/{name}.svg", text)
            xml.dom.minidom.parse(str(self.tree / f"runs/paper-quick/paper/{name}.svg"))
        self.assertEqual(sorted(p.name for p in report.parent.iterdir() if p.is_file()), ["paper.md"])
        done = self.script("--quick")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.asked(), asked, "all are there: nothing is trained")
        self.assertEqual(report.read_text(encoding="utf-8"), text)

    def test_one_claim_and_bad_use(self):
        self.assertEqual(self.script("--quick", "--only", 7).returncode, 0)
        self.assertEqual([line.split()[3] for line in self.asked()], ["int8", "int8-delayed"])
        for arguments, words in ((["--only"], "--only"), (["--only", "12"], "12"), (["--slow"], "--slow")):
            done = self.script(*arguments)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(words, done.stderr)


if __name__ == "__main__":
    main()
