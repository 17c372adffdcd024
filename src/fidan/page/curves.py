"""Lines over the course of something, as inline SVG with labels in HTML.

A picture stretches to the room it has while its lines and labels keep their size. What it leaves out: colours, which
the style sheet gives by class, and bars (`bars`).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fidan.page.text import count

POINTS = 800  # of a line that are drawn; of more, each stretch is drawn by its lowest and highest
DOTS = 40  # a line of at most so many points shows each of them

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Line:
    """One line of a plot: its class in the style sheet, and its points in the order of x."""

    kind: str
    points: Points


def plot(
    lines: Sequence[Line],
    what: str,
    across: str,
    marks: Sequence[float] = (),
    log: bool = False,
    log_across: bool = False,
    label: Callable[[float], str] | None = None,
) -> str:
    """A plot with both axes; empty where no line has a point.

    Args:
        lines: the first is drawn behind the others; values that are not finite are left out.
        what: the quantity and its unit, written above the vertical axis.
        across: of the horizontal axis.
        marks: places on the horizontal axis where something happened.
        log: a logarithmic vertical axis; values that are not positive are left out.
        log_across: a logarithmic horizontal axis, labelled with powers of two; likewise.
        label: how a place on an axis is written; None: as `figure` does.
    """
    label = label or figure
    kept = [
        Line(line.kind, [(x, y) for x, y in line.points if _shown(y, log) and _shown(x, log_across)])
        for line in lines
    ]
    kept = [line for line in kept if line.points]
    if not kept:
        return ""
    heights = [math.log10(y) if log else y for line in kept for _, y in line.points]
    ticks = _powers(min(heights), max(heights)) if log else ticks_between(min(heights), max(heights))
    low, high = ticks[0], ticks[-1]
    first, last = min(line.points[0][0] for line in kept), max(line.points[-1][0] for line in kept)
    wide = _doublings(first, last) if log_across else ticks_between(first, last)
    left, right = min(first, wide[0]), max(last, wide[0] + 1e-9)

    def x_of(x: float) -> float:
        if log_across:
            return 100 * math.log(x / left) / math.log(right / left)
        return 100 * (x - left) / (right - left)

    def y_of(y: float) -> float:
        return 100 - 100 * ((math.log10(y) if log else y) - low) / (high - low)

    drawn = [
        f'<line x1="0" x2="100" y1="{y:.2f}" y2="{y:.2f}"/>'
        for y in (100 * i / (len(ticks) - 1) for i in range(len(ticks)))
    ]
    drawn += [
        f'<line class="mark" x1="{x_of(x):.2f}" x2="{x_of(x):.2f}" y1="0" y2="100"/>'
        for x in marks
        if left <= x <= right
    ]
    for line in kept:
        placed = [(x_of(x), y_of(y)) for x, y in thin(line.points)]
        drawn.append(f'<polyline class="{line.kind}" points="{" ".join(f"{x:.2f},{y:.2f}" for x, y in placed)}"/>')
        if len(placed) <= DOTS:  # a line of no length with round ends: a dot that keeps its shape when stretched
            drawn += [
                f'<line class="dot {line.kind}" x1="{x:.2f}" x2="{x:.2f}" y1="{y:.2f}" y2="{y:.2f}"/>'
                for x, y in placed
            ]
    upwards = "".join(
        f'<span style="bottom:{100 * (tick - low) / (high - low):.4g}%">{label(10**tick if log else tick)}</span>'
        for tick in ticks
    )
    sideways = "".join(
        f'<span style="left:{x_of(tick):.4g}%">{label(tick)}</span>' for tick in wide if left <= tick <= right
    )
    return (
        f'<figure><figcaption>{what}</figcaption><div class="plot"><div class="y" aria-hidden="true">{upwards}</div>'
        f'<svg class="area" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label="{what}">'
        f'{"".join(drawn)}</svg><div class="x" aria-hidden="true">{sideways}</div>'
        f'<div class="across">{across}</div></div></figure>'
    )


def smooth(points: Points, over: int) -> list[tuple[float, float]]:
    """An exponential moving average over about `over` points, unbiased from the first on."""
    mean, weight, made = 0.0, 0.0, []
    keep = 1 - 1 / max(over, 1)
    for x, y in points:
        mean, weight = keep * mean + (1 - keep) * y, keep * weight + (1 - keep)
        made.append((x, mean / weight))
    return made


def thin(points: Points) -> Points:
    """At most about `POINTS` points that look like all of them: the lowest and the highest of every stretch."""
    if len(points) <= POINTS:
        return points
    stretch, made = math.ceil(2 * len(points) / POINTS), []
    for start in range(0, len(points), stretch):
        part = points[start : start + stretch]
        made += sorted({min(part, key=lambda point: point[1]), max(part, key=lambda point: point[1])})
    return made


def ticks_between(low: float, high: float) -> list[float]:
    """Four to eight round numbers, evenly apart, from the last one not above `low` to the first not below `high`."""
    if low == high:
        low, high = (low - abs(low) / 2, high + abs(high) / 2) if low else (0.0, 1.0)
    raw = (high - low) / 5
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * unit for factor in (1, 2, 2.5, 5, 10) if factor * unit >= raw * (1 - 1e-9))
    start, end = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [step * number for number in range(start, end + 1)]


def figure(value: float) -> str:
    """A label of an axis: as few digits as its roundness allows, large ones with separators or a unit."""
    if abs(value) >= 1e6:
        return f"{value / 1e6:g}M"
    if abs(value) >= 1000:
        return count(value)
    return f"{value:.4g}"


def _powers(low: float, high: float) -> list[float]:
    """Whole exponents around logarithms; every other half where there would be one alone."""
    start, end = math.floor(low), math.ceil(high)
    return [float(power) for power in range(start, max(end, start + 1) + 1)]


def _doublings(low: float, high: float) -> list[float]:
    """Powers of two around positive values, at most about eight of them, evenly apart."""
    start, end = math.floor(math.log2(low)), math.ceil(math.log2(high))
    return [2.0**power for power in range(start, end + 1, math.ceil((end - start + 1) / 8))]


def _shown(value: float, log: bool) -> bool:
    return math.isfinite(value) and (value > 0 or not log)
