"""A small pencil for diagrams: boxes, arrows, groups and text as one SVG that reads in light and in dark.

A label that does not fit its box is an error, so that no diagram is committed with text over its edge. Colours are
named by what a box is; each has a light and a dark value, and the picture brings its own ground, so that it stays
readable on a page whose scheme differs from the system's. What it leaves out: placing things; `diagrams` says where
each stands.
"""

from collections.abc import Sequence
from html import escape

SANS = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
MONO = 'ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace'
SIZES = {"label": 14.5, "note": 12.5, "code": 12.0, "title": 15.5, "side": 12.5}
BOLD = ("label", "title")

# Ink, quiet ink, line, ground, a group's ground, a group's edge: light, dark.
INKS = {
    "ink": ("#1b2530", "#eaf0f6"),
    "quiet": ("#4c5967", "#b3bfcb"),
    "line": ("#6a7885", "#8fa0b0"),
    "ground": ("#fbfcfd", "#12171d"),
    "group": ("#f0f3f6", "#1a2129"),
    "edge": ("#c3cdd6", "#3b4856"),
}
# What a box is: fill and edge in light, fill and edge in dark.
KINDS = {
    "data": ("#e6ebf0", "#71808e", "#26303a", "#76889a"),
    "attention": ("#d9e8fb", "#3875bd", "#16324f", "#62a3ea"),
    "cross": ("#fde6cf", "#bd6f18", "#472f17", "#e5a256"),
    "forward": ("#d9f1e0", "#338450", "#15382a", "#5cbb82"),
    "norm": ("#fdf2c6", "#a88418", "#3a3215", "#cfae4b"),
    "work": ("#e9e1f8", "#7656b2", "#302550", "#aa8de2"),
    "stop": ("#fbdfdf", "#b94646", "#48242a", "#e68585"),
}


def width_of(text: str, size: float, mono: bool = False) -> float:
    """A generous guess at the width of a line, for the widest of the fonts that may show it."""
    if mono:
        return 0.61 * size * len(text)
    wide, narrow = "mwMWÖ@%—…→·", "iılİIjtfr.,:;|'()[]/ -"
    shares = (0.9 if sign in wide else 0.36 if sign in narrow else 0.7 if sign.isupper() else 0.58 for sign in text)
    return size * sum(shares)


class Drawing:
    """One diagram.

    Args:
        name: of its file, without ending; also the beginning of its ids.
        width: in units; one is a pixel where the picture is shown in its own size.
        height: likewise.
        title: what it is, for who cannot see it.
        description: what it shows, likewise.
    """

    def __init__(self, name: str, width: float, height: float, title: str, description: str) -> None:
        self.name, self.width, self.height = name, width, height
        self._title, self._description = title, description
        self._parts: list[str] = []

    def text(
        self, x: float, y: float, line: str, kind: str = "label", anchor: str = "middle", room: float | None = None
    ) -> None:
        """A line of text whose baseline is at y.

        Raises:
            ValueError: it is wider than its room, or leaves the picture.
        """
        wide = width_of(line, SIZES[kind], kind == "code") * (1.1 if kind in BOLD else 1.0)
        left = x - wide * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
        if (room is not None and wide > room) or left < 0 or left + wide > self.width:
            raise ValueError(f"{self.name}: {line!r} is {wide:.0f} wide and has no room at x = {x}.")
        self._parts.append(
            f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}">{escape(line, quote=False)}</text>'
        )

    def box(
        self, x: float, y: float, w: float, h: float, kind: str, label: str, notes: Sequence[str] = (), code: str = ""
    ) -> None:
        """A box with a label (of one line or more), quiet lines under it, a name of the code last; in its middle."""
        self._parts.append(
            f'<rect class="box {kind}" x="{_n(x)}" y="{_n(y)}" width="{_n(w)}" height="{_n(h)}" rx="8"/>'
        )
        lines = [(line, "label") for line in label.split("\n") if line]
        lines += [*((note, "note") for note in notes), *([(code, "code")] if code else [])]
        heights = [18.0 if kind_of == "label" else 15.5 for _, kind_of in lines]
        if sum(heights) > h - 4:
            raise ValueError(f"{self.name}: {label!r} has {len(lines)} lines and no room for them in {h}.")
        top = y + (h - sum(heights)) / 2
        for (line, kind_of), height in zip(lines, heights, strict=True):
            self.text(x + w / 2, top + height * 0.75, line, kind_of, room=w - 10)
            top += height

    def group(self, x: float, y: float, w: float, h: float, label: str = "") -> None:
        """A quiet frame around what belongs together, its label at the upper left."""
        self._parts.append(f'<rect class="group" x="{_n(x)}" y="{_n(y)}" width="{_n(w)}" height="{_n(h)}" rx="12"/>')
        if label:
            self.text(x + 12, y + 20, label, "title", "start", room=w - 20)

    def line(self, *points: tuple[float, float], kind: str = "") -> None:
        """A line through points."""
        path = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        self._parts.append(f'<polyline class="{("way " + kind).strip()}" points="{path}"/>')

    def arrow(self, *points: tuple[float, float], kind: str = "") -> None:
        """A line through points with a head at the last; its last piece goes straight along x or y."""
        (x0, y0), (x, y) = points[-2:]
        dx, dy = (x > x0) - (x < x0), (y > y0) - (y < y0)
        if (dx != 0) == (dy != 0):
            raise ValueError(f"{self.name}: an arrow's last piece goes along x or along y: {points[-2:]}.")
        self.line(*points[:-1], (x - 6 * dx, y - 6 * dy), kind=kind)
        corners = [(x, y), *((x - 8 * dx + s * 4.5 * dy, y - 8 * dy + s * 4.5 * dx) for s in (1, -1))]
        path = " ".join(f"{_n(a)},{_n(b)}" for a, b in corners)
        self._parts.append(f'<polygon class="{("tip " + kind).strip()}" points="{path}"/>')

    def plus(self, x: float, y: float) -> None:
        """The sign of an addition, on a line."""
        self._parts.append(f'<circle class="plus" cx="{_n(x)}" cy="{_n(y)}" r="9"/>')
        self.line((x - 5, y), (x + 5, y))
        self.line((x, y - 5), (x, y + 5))

    def svg(self) -> str:
        """The file's text."""
        shown = 1.25  # of a unit, in pixels, where there is room
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="fidan-sekil" viewBox="0 0 {_n(self.width)} '
            f'{_n(self.height)}" width="{_n(self.width * shown)}" height="{_n(self.height * shown)}" role="img" '
            f'aria-labelledby="{self.name}-baslik {self.name}-aciklama">'
        )
        about = [
            f'<title id="{self.name}-baslik">{escape(self._title, quote=False)}</title>',
            f'<desc id="{self.name}-aciklama">{escape(self._description, quote=False)}</desc>',
            f"<style>\n{style()}\n</style>",
            f'<rect class="ground" width="{_n(self.width)}" height="{_n(self.height)}" rx="14"/>',
        ]
        return "\n".join([head, *about, *self._parts, "</svg>", ""])


def style() -> str:
    """The rules of all diagrams: shapes, then colours in light, then in dark."""
    rules = [
        f"text {{ font-family: {SANS}; fill: var(--ink) }}",
        f".label {{ font-size: {SIZES['label']}px; font-weight: 600 }}",
        f".title {{ font-size: {SIZES['title']}px; font-weight: 700 }}",
        f".note, .side {{ font-size: {SIZES['note']}px; fill: var(--quiet) }}",
        f".code {{ font-family: {MONO}; font-size: {SIZES['code']}px; fill: var(--quiet) }}",
        ".ground { fill: var(--ground) }",
        ".group { fill: var(--group); stroke: var(--edge) }",
        ".way { fill: none; stroke: var(--line); stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round }",
        ".tip { fill: var(--line) }",
        ".plus { fill: var(--ground); stroke: var(--line); stroke-width: 1.8 }",
        ".box { stroke-width: 1.5 }",
    ]
    for kind in KINDS:
        rules.append(f".box.{kind} {{ fill: var(--{kind}); stroke: var(--{kind}-edge) }}")
        if kind in ("cross", "stop"):
            rules += [f".way.{kind} {{ stroke: var(--{kind}-edge) }}", f".tip.{kind} {{ fill: var(--{kind}-edge) }}"]
    scoped = [f".fidan-sekil {rule.replace('.note, .side', '.note, .fidan-sekil .side')}" for rule in rules]
    dark = f"@media (prefers-color-scheme: dark) {{ .fidan-sekil {{ {_values(1)} }} }}"
    return "\n".join([f".fidan-sekil {{ {_values(0)} }}", dark, *scoped])


def _values(scheme: int) -> str:
    inks = [f"--{name}: {values[scheme]}" for name, values in INKS.items()]
    fills = [f"--{kind}: {values[2 * scheme]}" for kind, values in KINDS.items()]
    edges = [f"--{kind}-edge: {values[2 * scheme + 1]}" for kind, values in KINDS.items()]
    return "; ".join([*inks, *fills, *edges])


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
