#!/usr/bin/python3
"""The report page in headless Chromium: it draws every chart, without an error, a network request,
overlapping labels or a sideways scroll, at two widths and for awkward results too.

    page_in_browser_test.py CHROMIUM RENDER_PAGE
"""
import copy
import html
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
TRAIN = json.loads((HERE / "train.json").read_text(encoding="utf-8"))
ESTIMATE = json.loads((HERE / "estimate.json").read_text(encoding="utf-8"))
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--enable-logging=stderr", "--virtual-time-budget=3000"]
LEARNING = ["chart-accuracy", "chart-loss"]
BASELINES = ["chart-baseline-time", "chart-baseline-energy"]
COST = ["chart-time-to-accuracy", "chart-energy-to-accuracy"]
STEP = ["chart-layer-cycles", "chart-layer-energy", "chart-roofline", "chart-unit-cycles",
        "chart-unit-busy", "chart-unit-energy", "chart-scratchpads", "chart-traffic"]

# Appended to the page: what a reader would see as ugly, measured. Two labels of one chart may touch
# by a pixel; a label may not leave its chart; the page may not scroll sideways; hovering and the
# keyboard must show a tooltip.
PROBE = """
<script>
setTimeout(() => {
  const found = {marks: {}, overlaps: [], outside: [], width: document.documentElement.scrollWidth - innerWidth};
  for (const chart of document.querySelectorAll('svg.chart')) {
    const id = chart.parentElement.id, frame = chart.getBoundingClientRect();
    found.marks[id] = chart.querySelectorAll('.mark').length;
    const labels = [...chart.querySelectorAll('text')].map(node => [node.textContent, node.getBoundingClientRect()]);
    labels.forEach(([text, a], i) => {
      if (a.left < frame.left - 3 || a.right > frame.right + 3 || a.top < frame.top - 3 || a.bottom > frame.bottom + 3) found.outside.push(id + ': ' + text);
      for (const [other, b] of labels.slice(i + 1)) {
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left), high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (wide > 1 && high > 4) found.overlaps.push(`${id}: ${text} | ${other}`);
      }
    });
  }
  const tip = document.getElementById('tip'), first = document.querySelector('svg.chart .mark');
  if (first) {
    first.dispatchEvent(new PointerEvent('pointerenter', {clientX: 50, clientY: 50}));
    found.hover = tip.hidden ? '' : tip.textContent;
    first.dispatchEvent(new PointerEvent('pointerleave'));
    found.hidden = tip.hidden;
    first.focus();
    first.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', bubbles: true}));
    found.walked = document.activeElement !== first && document.activeElement.classList.contains('mark') && !tip.hidden;
  }
  const names = () => [...document.querySelectorAll('#chart-layer-cycles text.name')].map(node => node.textContent);
  found.folded = names();
  for (const button of document.querySelectorAll('.tools button')) button.click();
  found.unfolded = names();
  // Names of rows have no spaces to break at.
  found.broken = [...document.querySelectorAll('#table-energy tbody th')].filter(cell => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return range.getClientRects().length > 1;
  }).map(cell => cell.textContent);
  found.drawn = document.documentElement.dataset.state === 'drawn';
  found.viewport = innerWidth;
  found.page = document.documentElement.outerHTML;
  parent.postMessage(JSON.stringify(found), '*');
}, 500);
</script>
"""

# The page in a frame, because a window of Chromium is never narrower than 500 pixels.
FRAME = """<!doctype html><meta charset="utf-8"><pre id="probe"></pre>
<script>addEventListener('message', event => { document.getElementById('probe').textContent = event.data; });</script>
<iframe src="page.html" style="border: 0; width: %dpx; height: 1600px"></iframe>
"""


def open_page(result, width=1280, page=None):
    """What the probe found on the page of a result, with the page's text; fails on console messages."""
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "result.json").write_text(json.dumps(result), encoding="utf-8")
        if page is None:
            page = subprocess.run([RENDER_PAGE, folder / "result.json"], capture_output=True,
                                  text=True, check=True).stdout
        (folder / "page.html").write_text(page.replace("</body>", PROBE + "</body>"),
                                          encoding="utf-8")
        (folder / "frame.html").write_text(FRAME % width, encoding="utf-8")
        done = subprocess.run(
            [CHROMIUM, *FLAGS, f"--user-data-dir={folder}/profile", "--window-size=1400,1700",
             "--dump-dom", f"file://{folder}/frame.html"],
            capture_output=True, text=True, timeout=120, check=False)
    probe = re.search(r'<pre id="probe">(.*?)</pre>', done.stdout, re.DOTALL)
    if not probe or not probe.group(1):
        raise AssertionError("the page did not come up: " + done.stderr[-2000:])
    found = json.loads(html.unescape(probe.group(1)))
    found["console"] = re.findall(r".*CONSOLE.*", done.stderr)
    return found


class Page(unittest.TestCase):
    def sound(self, result, charts, width=1280):
        found = open_page(result, width)
        self.assertEqual(found["console"], [])
        self.assertTrue(found["drawn"])
        self.assertEqual(found["viewport"], width)
        self.assertEqual(sorted(found["marks"]), sorted(charts))
        self.assertEqual([name for name, marks in found["marks"].items() if marks == 0], [])
        self.assertEqual(found["overlaps"], [])
        self.assertEqual(found["outside"], [])
        self.assertLessEqual(found["width"], 0, "the page scrolls sideways")
        if width >= 1000:
            self.assertEqual(found["broken"], [])
        return found

    def test_training(self):
        found = self.sound(TRAIN, LEARNING + COST + STEP)
        self.assertEqual(found["marks"]["chart-accuracy"], len(TRAIN["training"]["epochs"]))
        self.assertIn("Epoch 1", found["hover"])
        self.assertTrue(found["hidden"])
        self.assertTrue(found["walked"])

    def test_training_on_a_phone(self):
        self.sound(TRAIN, LEARNING + COST + STEP, width=400)

    def test_training_without_hardware(self):
        result = copy.deepcopy(TRAIN)
        del result["hardware"], result["step"]
        self.sound(result, LEARNING)

    def test_estimate_shows_few_layers_until_asked(self):
        for width in (1280, 400):
            found = self.sound(ESTIMATE, STEP + BASELINES, width)
            layers = sorted(ESTIMATE["step"]["per_layer"], key=lambda layer: -layer["cycles"])
            self.assertEqual(len(found["folded"]), 25)
            self.assertEqual(found["folded"][-1], f"{len(layers) - 24} other layers")
            self.assertEqual(found["unfolded"], [layer["name"] for layer in layers])
            self.assertIn("vector depth", found["page"])
            self.assertNotIn("trcd rd", found["page"])  # too much for a reader

    def test_a_forward_pass_is_called_one(self):
        result = copy.deepcopy(ESTIMATE)
        result["step"]["scope"] = "inference"
        found = self.sound(result, STEP + BASELINES)
        self.assertIn("one inference pass of", found["page"])
        self.assertIn("Time a pass", found["page"])
        self.assertNotIn("one training step of", found["page"])

    def test_a_step_that_does_not_fit_its_memory_says_so(self):
        result = copy.deepcopy(ESTIMATE)
        for needed, said in ((4_000_000_000, False), (8_100_000_000, True)):
            result["step"]["memory"] = {"needed_bytes": needed, "capacity_bytes": 4_294_967_296}
            found = self.sound(result, STEP + BASELINES)
            self.assertIn("live there at once", found["page"])
            self.assertEqual("It does not fit: 8.1\u202fGB live at once in a DRAM of 4.29\u202fGB"
                             in html.unescape(found["page"]), said)

    def test_no_point_lies_above_its_roof(self):
        result = copy.deepcopy(ESTIMATE)
        step = result["step"]
        hidden = 0
        for layer in step["per_layer"]:
            for phase in layer["phases"]:
                if phase["macs"] and phase["phase"] == "weight_gradient":
                    phase["cycles"] = 1  # nearly all of its bytes pass beside other layers' work
                    hidden += 1
        for width in (1280, 400):
            page = self.sound(result, STEP + BASELINES, width)["page"]
            rows = re.findall(r"<tr>(.*?)</tr>", page[page.index("Of the roof"):].split("</table>")[0])
            self.assertGreater(len(rows), hidden)
            percents = [float(re.search(r"([\d.]+)\D*%( \*)?</td>$", row).group(1)) for row in rows]
            self.assertLessEqual(max(percents), 100)
            marked = [row for row in rows if row.endswith("% *</td>")]
            self.assertEqual(sum("weight gradient" in row for row in marked), hidden)
            self.assertTrue(any("s2b1-shortcut-conv" in row and "forward" in row for row in marked))  # of the run itself
            self.assertIn("a point marked * lies on its roof", page)

    def test_notes(self):
        result = copy.deepcopy(ESTIMATE)
        result["step"]["notes"] = ["activation: a bank cycles in 3.21 ns <in> the table", "energy from " + "x" * 300]
        found = self.sound(result, STEP + BASELINES, width=400)
        self.assertIn("a bank cycles in 3.21 ns &lt;in&gt; the table", found["page"])
        del result["step"]["notes"]  # of an older version
        self.assertNotIn('id="notes"', self.sound(result, STEP + BASELINES)["page"])

    def test_one_epoch_whose_loss_is_not_finite(self):
        result = copy.deepcopy(TRAIN)
        del result["training"]["epochs"][1:]
        result["training"]["epochs"][0]["loss"] = None
        found = open_page(result)
        self.assertTrue(found["drawn"])
        self.assertEqual(found["console"], [])
        self.assertIn("No finite value", found["page"])

    def test_divergence_in_the_middle(self):
        result = copy.deepcopy(TRAIN)
        for epoch in result["training"]["epochs"][6:]:
            epoch.update(loss=None, train_accuracy=0.1, test_accuracy=0.1)
        self.sound(result, LEARNING + COST + STEP)

    def test_many_epochs(self):
        result = copy.deepcopy(TRAIN)
        epochs = result["training"]["epochs"]
        result["training"]["epochs"] = [{**epochs[i % 12], "epoch": i + 1} for i in range(200)]
        self.sound(result, LEARNING + COST + STEP)
        self.sound(result, LEARNING + COST + STEP, width=400)

    def test_text_of_the_result_is_never_markup(self):
        result = copy.deepcopy(TRAIN)
        evil = "</script><img src=x onerror=\"console.log('ran')\"><b>"
        result["workload"]["name"] = result["recipe"]["name"] = result["run"]["command"] = evil
        result["step"]["per_layer"][0]["name"] = result["step"]["energy"][0]["source"] = evil
        result["step"]["traffic"][0]["tensor"] = evil
        found = self.sound(result, LEARNING + COST + STEP)
        self.assertNotIn("<img", found["page"].replace("&lt;", ""))

    def test_long_names_unknown_phases_and_zeros(self):
        result = copy.deepcopy(ESTIMATE)
        step = result["step"]
        for i, layer in enumerate(step["per_layer"]):
            layer["name"] = f"encoder.stage{i}.block0.bottleneck.convolution.normalised"
            for phase in layer["phases"][:1]:
                phase["phase"] = ("statistics", "transpose", "recompute", "spill")[i % 4]
        for row in step["per_unit"][1:]:
            row.update(cycles=0, busy_cycles=0, stall_cycles=0, port_cycles=0, waits=[],
                       energy_joules=0, utilisation=0)
        step["traffic"][0].update(read_bytes=0, write_bytes=0, refetch_bytes=0)
        step["energy"][0].update(count=0, joules=0)
        step["baselines"][2] = {**{key: step["baselines"][2][key] for key in (
            "datapath", "sizing", "array_rows", "array_cols")}, "problem": "scratchpads.weight.bytes: too small"}
        for width in (1280, 400):
            self.sound(result, STEP + BASELINES, width)

    def test_a_result_that_is_not_json_says_so(self):
        page = subprocess.run([RENDER_PAGE, HERE / "page_test.cpp"], capture_output=True,
                              text=True, check=True).stdout
        found = open_page(None, page=page)
        self.assertFalse(found["drawn"])
        self.assertIn("This report cannot be drawn", found["page"])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    RENDER_PAGE, CHROMIUM = sys.argv.pop(), sys.argv.pop()
    unittest.main()
