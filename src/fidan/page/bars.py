"""Bars as inline SVG that stretch to the room they have: alone, of several parts, and in rows with their errors.

What it leaves out: colours, which the style sheet gives by class, and lines over the course of something (`curves`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from fidan.page.curves import figure, ticks_between


def bar(part: float, whole: float, kind: str = "kept") -> str:
    """A bar that is filled by `part` of `whole`."""
    return svg("bar", f'<rect class="track" width="100" height="100"/>{rect(kind, 0, percent(part, whole))}')


def stacked(parts: Sequence[tuple[str, float]]) -> str:
    """A bar of several parts, each of a class and a size."""
    whole, start, drawn = sum(amount for _, amount in parts), 0.0, []
    for kind, amount in parts:
        width = percent(amount, whole)
        drawn.append(rect(kind, start, width))
        start += width
    return svg("bar tall", "".join(drawn))


@dataclass(frozen=True)
class Measured:
    """A bar of a measured figure: its class, where it ends, and how sure that is."""

    kind: str
    value: float
    told: str  # beside the bar, as HTML
    interval: tuple[float, float] | None = None  # drawn as a whisker
    mark: float | None = None  # another figure to hold it against


@dataclass(frozen=True)
class Row:
    """What is measured, as HTML, and its bars, one below the other."""

    name: str
    bars: Sequence[Measured]


def rows(
    measured: Sequence[Row],
    *,
    top: float | None = None,
    line: float | None = None,
    label: Callable[[float], str] = figure,
) -> str:
    """Bars from zero with whiskers, in rows over one axis; empty where there is none.

    Args:
        measured: the rows from top to bottom.
        top: where the axis ends; by itself the round number above all that is drawn.
        line: a place on the axis that every bar is held against.
        label: of a place on the axis.
    """
    drawn = [one for row in measured for one in row.bars]
    if not drawn:
        return ""
    most = max(max(one.value, *(one.interval or (0.0,)), one.mark or 0.0) for one in drawn)
    ticks = ticks_between(0.0, most if top is None else top)
    end = ticks[-1] if top is None else top
    ticks = [tick for tick in ticks if tick <= end * (1 + 1e-9)]
    lines = "".join(_upright("", tick, end) for tick in ticks)
    made = []
    for row in measured:
        bars = "".join(
            f'<div class="one">{_measured(one, lines, line, end)}<span>{one.told}</span></div>' for one in row.bars
        )
        made.append(f'<div class="band"><div class="name">{row.name}</div><div>{bars}</div></div>')
    labels = "".join(f'<i style="left:{percent(tick, end):.4g}%">{label(tick)}</i>' for tick in ticks)
    axis = f'<div class="one"><div class="axis">{labels}</div><span></span></div>'
    made.append(f'<div class="band" aria-hidden="true"><div class="name"></div><div>{axis}</div></div>')
    return f'<div class="bands">{"".join(made)}</div>'


def legend(parts: Iterable[tuple[str, str]]) -> str:
    """Classes and what they stand for."""
    return '<p class="legend">' + " ".join(f'<span class="{kind}">{told}</span>' for kind, told in parts) + "</p>"


def svg(kind: str, drawn: str, width: float = 100) -> str:
    """A picture of that class, `width` by 100, that is stretched to its room."""
    start = f'<svg class="{kind}" viewBox="0 0 {width:g} 100" preserveAspectRatio="none"'
    return f'{start} role="presentation">{drawn}</svg>'


def rect(kind: str, start: float, width: float) -> str:
    """A part of a picture from top to bottom."""
    return f'<rect class="{kind}" x="{start:.3f}" width="{width:.3f}" height="100"/>'


def percent(part: float, whole: float) -> float:
    """A part in percent, from 0 to 100; 0 of nothing."""
    return 100 * min(max(part / whole, 0.0), 1.0) if whole else 0.0


def _measured(one: Measured, lines: str, line: float | None, end: float) -> str:
    drawn = [lines, f'<rect class="{one.kind}" y="20" width="{percent(one.value, end):.3f}" height="60"/>']
    if line is not None:
        drawn.append(_upright("against", line, end))
    if one.mark is not None:
        drawn.append(_upright("held", one.mark, end))
    if one.interval is not None:
        low, high = (percent(bound, end) for bound in one.interval)
        drawn.append(f'<line class="whisker" x1="{low:.3f}" x2="{high:.3f}" y1="50" y2="50"/>')
        drawn += [_upright("whisker", bound, end, (32, 68)) for bound in one.interval]
    return svg("measured", "".join(drawn))


def _upright(kind: str, place: float, end: float, reach: tuple[int, int] = (0, 100)) -> str:
    x, start = percent(place, end), f'<line class="{kind}"' if kind else "<line"
    return f'{start} x1="{x:.3f}" x2="{x:.3f}" y1="{reach[0]}" y2="{reach[1]}"/>'
