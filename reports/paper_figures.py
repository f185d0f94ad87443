"""Line charts as SVG, standard library only: readable on a light and on a dark page."""
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 20, 84, 60
MANY = 15  # points of a series from which its marks are small, so as not to hide lines and extremes

# Light colours first; a dark page's are chosen by the viewer. Colours are told apart by lightness too,
# and series by their marks.
STYLE = """
  .paper { fill: #ffffff } .text { fill: #24292f; font: 13px sans-serif } .title { font-weight: bold }
  .axis { stroke: #57606a; fill: none } .grid { stroke: #d0d7de; fill: none }
  .s0 { stroke: #0a58ca; fill: #0a58ca } .s1 { stroke: #c2410c; fill: #c2410c }
  .s2 { stroke: #15803d; fill: #15803d } .s3 { stroke: #6e7781; fill: #6e7781 }
  .line { fill: none; stroke-width: 2 } .dash { stroke-dasharray: 6 4 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } .text { fill: #e6edf3 } .axis { stroke: #9198a1 } .grid { stroke: #30363d }
    .s0 { stroke: #79b8ff; fill: #79b8ff } .s1 { stroke: #ffa657; fill: #ffa657 }
    .s2 { stroke: #7ee787; fill: #7ee787 } .s3 { stroke: #a5adb6; fill: #a5adb6 }
    .line { fill: none }
  }
"""


class Series:
    """Named points (x, y) or (x, y, low, high); `colour` 0 to 3; a dashed line has no marks."""

    def __init__(self, name, points, colour, dashed=False):
        self.name, self.points, self.colour, self.dashed = name, points, colour, dashed


def ticks(low, high):
    """About five round numbers from low to high."""
    step = 10 ** math.floor(math.log10((high - low) / 4))
    step *= next(m for m in (1, 2, 5, 10) if (high - low) / (m * step) <= 6)
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, 10) for i in range(first, math.floor(high / step + 1e-9) + 1)]


def mark(series, x, y):
    r = 4 if len(series.points) < MANY else 2
    shape = (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r}"/>',
             f'<rect x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r}" height="{2 * r}"/>',
             f'<path d="M{x:.1f} {y - r - 1:.1f}l{r + 1} {2 * r + 1}h-{2 * r + 2}z"/>',
             f'<path d="M{x:.1f} {y - r - 1:.1f}l{r + 1} {r + 1}l-{r + 1} {r + 1}l-{r + 1} -{r + 1}z"/>')[series.colour]
    return f'<g class="s{series.colour}">{shape}</g>'


def chart(title, x_label, y_label, series, x_names=None, log=False):
    """SVG text. `x_names`: {x: text} of the ticks below, for what is no number; log: of y, base 10."""
    xs = [p[0] for s in series for p in s.points]
    ys = [y for s in series for p in s.points for y in p[1:]]
    if log:
        low, high = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)))
        high += low == high
        y_ticks = [(10.0 ** e, f"1e{e}") for e in range(low, high + 1)]
    else:
        low, high = min(ys), max(ys)
        margin = 0.05 * (high - low) or 1.0
        low, high = low - margin, high + margin
        y_ticks = [(t, f"{t:g}") for t in ticks(low, high)]
    slanted = x_names is not None and len(x_names) > 12
    bottom = BOTTOM + 50 if slanted else BOTTOM
    x_low, x_high = min(xs), max(xs)
    if x_low == x_high:
        x_low, x_high = x_low - 1, x_high + 1
    x_ticks = sorted(x_names.items()) if x_names else [(t, f"{t:g}") for t in ticks(x_low, x_high)]

    def px(x):
        return LEFT + 12 + (x - x_low) / (x_high - x_low) * (WIDTH - LEFT - RIGHT - 24)

    def py(y):
        value = math.log10(y) if log else y
        return HEIGHT - bottom - (value - low) / (high - low) * (HEIGHT - TOP - bottom)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
           f"<title>{escape(title)}</title><style>{STYLE}</style>",
           f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>',
           f'<text class="text title" x="{LEFT}" y="24">{escape(title)}</text>']
    for value, name in y_ticks:
        out.append(f'<path class="grid" d="M{LEFT} {py(value):.1f}H{WIDTH - RIGHT}"/>')
        out.append(f'<text class="text" x="{LEFT - 8}" y="{py(value) + 4:.1f}" '
                   f'text-anchor="end">{escape(name)}</text>')
    for value, name in x_ticks:
        at = f'x="{px(value):.1f}" y="{HEIGHT - bottom + 18}"'
        turn = f' transform="rotate(-60 {px(value):.1f} {HEIGHT - bottom + 12})" text-anchor="end" ' \
               f'style="font-size: 9px"' if slanted else ' text-anchor="middle"'
        out.append(f'<text class="text" {at}{turn}>{escape(name)}</text>')
    out.append(f'<path class="axis" d="M{LEFT} {TOP}V{HEIGHT - bottom}H{WIDTH - RIGHT}"/>')
    if not slanted:  # long names need the room, and say what they are
        out.append(f'<text class="text" x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" '
                   f'text-anchor="middle">{escape(x_label)}</text>')
    out.append(f'<text class="text" x="16" y="{(TOP + HEIGHT - bottom) / 2}" text-anchor="middle" '
               f'transform="rotate(-90 16 {(TOP + HEIGHT - bottom) / 2})">{escape(y_label)}</text>')
    legend, row = LEFT, 46
    for s in series:
        width = 50 + 7.4 * len(s.name)
        if legend > LEFT and legend + width > WIDTH:
            legend, row = LEFT, row + 19
        points = sorted(s.points)
        path = "L".join(f"{px(p[0]):.1f} {py(p[1]):.1f}" for p in points)
        kind = f'line s{s.colour}{" dash" if s.dashed else ""}'
        out.append(f'<path class="{kind}" style="fill: none" d="M{path}"/>')
        for p in points:
            if len(p) == 4 and p[2] < p[3]:
                out.append(f'<path class="line s{s.colour}" d="M{px(p[0]):.1f} {py(p[2]):.1f}V{py(p[3]):.1f}"/>')
            if not s.dashed:
                out.append(mark(s, px(p[0]), py(p[1])))
        out.append(f'<path class="{kind}" d="M{legend:.0f} {row}h26"/>')
        if not s.dashed:
            out.append(mark(s, legend + 13, row))
        out.append(f'<text class="text" x="{legend + 32:.0f}" y="{row + 4}">{escape(s.name)}</text>')
        legend += width
    return "\n".join([*out, "</svg>", ""])
