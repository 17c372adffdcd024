"""The pictures of the report's page: the funnel and histograms, as inline SVG with labels in HTML.

A picture stretches to the room it has while its labels keep their size, so that the same page is read on a phone and
on paper. What it leaves out: colours, which the style sheet gives by class, and plain bars (`fidan.page.bars`).
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from fidan.page.bars import percent, svg
from fidan.page.text import count, label, share, size


@dataclass(frozen=True)
class Stage:
    """A row of the funnel: what went in, what came out, and what was lost on the way."""

    name: str
    note: str  # the phase it belongs to, or what its figures are of
    documents: tuple[int, int]  # in, out
    bytes: tuple[int, int]
    lost: Sequence[tuple[str, int]] = field(default=())  # reason and documents, the largest first


def funnel(stages: Sequence[Stage], chips: int = 3) -> str:
    """Documents to the left and bytes to the right of a middle line, from row to row fewer.

    Args:
        stages: in order; the first one's input is the whole.
        chips: reasons that a row names.
    """
    documents, volume = stages[0].documents[0], stages[0].bytes[0]
    head = "<span></span><span>documents</span><span></span><span>text</span><span></span>"
    rows = [f'<div class="row head" aria-hidden="true">{head}</div>']
    for stage in stages:
        left = [percent(number, documents) / 2 for number in stage.documents]
        right = [percent(number, volume) / 2 for number in stage.bytes]
        picture = svg("slice", _half(left, -1) + _half(right, 1))
        rows.append(
            f'<div class="row"><div class="step"><strong>{label(stage.name)}</strong> <small>{label(stage.note)}'
            f'</small></div><div class="left">{count(stage.documents[1])} <small>'
            f'{share(stage.documents[1], documents)}</small></div><div class="shape">{picture}</div>'
            f'<div class="right">{size(stage.bytes[1])} <small>{share(stage.bytes[1], volume)}</small></div>'
            f'<div class="lost">{_lost(stage, documents, chips)}</div></div>'
        )
    return f'<div class="funnel">{"".join(rows)}</div>'


def histogram(edges: Sequence[float], series: Sequence[tuple[str, Sequence[int]]], unit: str) -> str:
    """Counts over bins that grow, on a logarithmic axis.

    Args:
        edges: bin n reaches from edges[n] to edges[n + 1]; one more than there are counts.
        series: class and counts; the first one is drawn widest and behind the others.
        unit: of the edges.
    """
    bins = len(edges) - 1
    top = max((number for _, counts in series for number in counts), default=0)
    ticks = _ticks(top)
    drawn = [_line(100 - 100 * tick / ticks[-1], bins) for tick in ticks]
    for depth, (kind, counts) in enumerate(series):
        inset = 0.04 + 0.16 * depth  # what is behind stays in sight
        for place, number in zip(range(bins), counts, strict=True):
            height = 100 * number / ticks[-1]
            told = f"{count(edges[place])} to {count(edges[place + 1])} {unit}: {count(number)} documents {kind}"
            drawn.append(
                f'<rect class="{kind}" x="{place + inset:g}" y="{100 - height:.2f}" width="{1 - 2 * inset:g}" '
                f'height="{height:.2f}"><title>{told}</title></rect>'
            )
    vertical = "".join(f'<span style="bottom:{100 * tick / ticks[-1]:.4g}%">{count(tick)}</span>' for tick in ticks)
    powers = [10**power for power in range(13) if edges[0] <= 10**power <= edges[-1]]
    across = "".join(
        f'<span style="left:{100 * _place(edges, power) / bins:.4g}%">{count(power)}</span>' for power in powers
    )
    return (
        f'<div class="plot"><div class="y" aria-hidden="true">{vertical}</div>{svg("area", "".join(drawn), bins)}'
        f'<div class="x" aria-hidden="true">{across}</div></div>'
    )


def median(edges: Sequence[float], counts: Sequence[int]) -> float:
    """The value that half of the counted lie below, on the assumption that a bin is evenly filled in logarithms."""
    half, reached = sum(counts) / 2, 0
    for place, number in enumerate(counts):
        if number and reached + number >= half:
            low, high = max(edges[place], 1), edges[place + 1]
            return float(low * (high / low) ** ((half - reached) / number))
        reached += number
    return 0.0


def _lost(stage: Stage, whole: int, most: int) -> str:
    told = [
        f'<span class="chip">{label(reason)} <b>−{count(number)}</b> {share(number, whole)}</span>'
        for reason, number in stage.lost[:most]
    ]
    if rest := stage.lost[most:]:
        number = sum(number for _, number in rest)
        named = f"{len(rest)} more reason{'' if len(rest) == 1 else 's'}"
        told.append(f'<span class="chip">{named} <b>−{count(number)}</b> {share(number, whole)}</span>')
    inside = stage.bytes[0] - stage.bytes[1]
    if not stage.lost and inside:
        told.append(f'<span class="chip soft">text {"−" if inside > 0 else "+"}{size(abs(inside))}</span>')
    return " ".join(told)


def _half(reach: Sequence[float], side: int) -> str:
    """One side of a slice: what is kept narrows from the input's reach to the output's; the rest is what was lost."""
    before, after = (50 + side * width for width in reach)
    kind = "kept" if side < 0 else "kept bytes"
    kept = f'<polygon class="{kind}" points="50,0 {before:.3f},0 {after:.3f},100 50,100"/>'
    if after == before:
        return kept
    return f'{kept}<polygon class="dropped" points="{before:.3f},0 {before:.3f},100 {after:.3f},100"/>'


def _line(height: float, width: float) -> str:
    return f'<line x1="0" x2="{width:g}" y1="{height:.2f}" y2="{height:.2f}"/>'


def _ticks(top: float) -> list[int]:
    """Four or five round numbers from 0 to the first one that is not below `top`."""
    step = 10 ** max(math.floor(math.log10(max(top, 4) / 4)), 0)
    step *= next(factor for factor in (1, 2, 2.5, 5, 10) if 4 * factor * step >= top and (factor * step) % 1 == 0)
    return [int(step * number) for number in range(math.ceil(max(top, 1) / step) + 1)]


def _place(edges: Sequence[float], value: float) -> float:
    """Where a value lies among the bins, counted in bins."""
    place = min(bisect_right(edges, value), len(edges) - 1) - 1
    low, high = max(edges[place], 0.5), edges[place + 1]
    return place + (math.log(max(value, low) / low) / math.log(high / low) if high > low else 0.0)
