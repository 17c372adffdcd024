"""Attention weights as pictures: all layers and heads at a glance, and one of them with its tokens.

The small ones are PNGs of one colour whose opacity is the weight, so that they suit a light page and a dark one;
the large one is SVG, whose cells tell their weight on hover. What it leaves out: the weights
(`fidan.serving.inside.attention`).
"""

import base64
import struct
import zlib
from collections.abc import Sequence

import numpy as np
from torch import Tensor

from fidan.serving.web.markup import percent, safe

GREEN = (60, 138, 90)
CELL, LETTER = 22, 7.4  # pixels: of a cell's side, and about of a letter
LEAST = 0.004  # of a weight that is drawn: below, it could not be seen
LONGEST = 14  # letters of a label
NAMES = {"encoder": "Kaynak → kaynak", "self": "Metin → metin", "cross": "Metin → kaynak"}


def draw_overview(maps: Tensor, layer: int, head: int) -> str:
    """Every head of every layer, small; the one that is shown large is marked.

    Args:
        maps: (L, H, T, S) weights.
        layer: the marked one, from 0.
        head: likewise.
    """
    layers, heads = maps.shape[:2]
    made = []
    for row in range(layers):
        cells = "".join(
            f'<button type="button" data-layer="{row}" data-head="{column}" aria-pressed="'
            f'{"true" if (row, column) == (layer, head) else "false"}" title="{row + 1}. katman, {column + 1}. baş">'
            f'<img alt="" src="{png(maps[row, column])}"></button>'
            for column in range(heads)
        )
        made.append(f'<span class="layer">{row + 1}</span>{cells}')
    return f'<div class="heads" style="--heads:{heads}">{"".join(made)}</div>'


def draw_map(weights: Tensor, rows: Sequence[str], columns: Sequence[str]) -> str:
    """One head: a row a position that looks, a column a position that is looked at; the stronger, the darker.

    Args:
        weights: (T, S).
        rows: what the T positions are called.
        columns: what the S positions are called.
    """
    rows, columns = [_short(name) for name in rows], [_short(name) for name in columns]
    left = LETTER * max(map(len, rows)) + 10
    top = LETTER * max(map(len, columns)) + 10
    width, height = left + CELL * len(columns) + 2, top + CELL * len(rows) + 2
    sheet = f'width="{CELL * len(columns)}" height="{CELL * len(rows)}"'
    drawn = [f'<rect class="sheet" x="{left:.0f}" y="{top:.0f}" {sheet}/>']
    for place, name in enumerate(columns):
        x = left + CELL * (place + 0.5)
        drawn.append(f'<text transform="translate({x + 4:.1f} {top - 6:.1f}) rotate(-90)">{safe(name)}</text>')
    for place, name in enumerate(rows):
        y = top + CELL * (place + 0.5)
        drawn.append(f'<text class="end" x="{left - 6:.1f}" y="{y + 4:.1f}">{safe(name)}</text>')
    for row, line in enumerate(weights.tolist()):
        for column, weight in enumerate(line):
            if weight >= LEAST:
                drawn.append(
                    f'<rect x="{left + CELL * column + 1:.0f}" y="{top + CELL * row + 1:.0f}" width="{CELL - 2}" '
                    f'height="{CELL - 2}" rx="3" fill-opacity="{opacity(weight):.2f}"><title>{safe(rows[row])} → '
                    f"{safe(columns[column])}: {percent(weight)}</title></rect>"
                )
    return (
        f'<div class="wide"><svg class="attention" role="img" aria-label="Dikkat ağırlıkları" width="{width:.0f}" '
        f'height="{height:.0f}" viewBox="0 0 {width:.0f} {height:.0f}">{"".join(drawn)}</svg></div>'
    )


def opacity(weight: float) -> float:
    """How dark a weight is drawn: its square root, so that small ones are still told apart."""
    return float(min(max(weight, 0.0), 1.0) ** 0.5)


def png(weights: Tensor) -> str:
    """(T, S) weights as the address of a PNG, one pixel each (RGBA, see the PNG specification, W3C 2003)."""
    alpha = (255 * weights.clamp(0, 1).sqrt()).round().numpy().astype(np.uint8)
    height, width = alpha.shape
    pixels = np.empty((height, width, 4), np.uint8)
    pixels[..., :3], pixels[..., 3] = GREEN, alpha
    lines = b"".join(b"\0" + line.tobytes() for line in pixels)  # filter 0: each line as it is
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b"")]
    made = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    return f"data:image/png;base64,{base64.b64encode(made).decode()}"


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
