"""The home page's picture: a real run's held-out bits per byte, drawn from the table in docs/figures.md.

The picture has no colours of its own, so that it follows the page into the dark. It leaves out everything but the one
table under its heading: the numbers stand there once.
"""

import re

from website.pages import SiteError

HEADING = "## A first real run, step by step"
WIDTH, HEIGHT = 480, 270
LEFT, RIGHT, TOP, BOTTOM = 40, 12, 24, 46
LOWEST, HIGHEST = 1.4, 2.4

WORDS = {
    "tr": {
        "alt": "Ayrılmış metinde bayt başına bit, eğitim adımlarına göre düşüyor",
        "x": "eğitim adımı",
        "y": "bayt başına bit",
        "xz": "xz -9 sıkıştırması",
    },
    "en": {
        "alt": "Bits per byte of held-out text fall with the steps",
        "x": "step",
        "y": "bits per byte",
        "xz": "xz -9",
    },
}


def points(figures: str) -> tuple[list[tuple[int, float]], float]:
    """The steps with their bits per byte, and what `xz -9` needs, out of the text of docs/figures.md."""
    _, found, section = figures.partition(HEADING)
    section = section.partition("\n## ")[0]
    rows = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) > 2:
            rows[cells[0]] = cells[1:]
    xz = re.search(r"`xz -9` needs ([\d.]+)", section)
    if not found or not {"steps", "bits/byte"} <= rows.keys() or xz is None:
        raise SiteError(f"docs/figures.md: no rows `steps` and `bits/byte` and no `xz -9` under “{HEADING}”")
    steps = [int(cell.replace(",", "")) for cell in rows["steps"]]
    return list(zip(steps, map(float, rows["bits/byte"]), strict=True)), float(xz[1])


def number(value: float, language: str, digits: int = 1) -> str:
    """A number as the language writes it."""
    text = f"{value:,.{digits}f}"
    return text.translate(str.maketrans(",.", ".,")) if language == "tr" else text


def draw(figures: str, language: str) -> str:
    """The picture as SVG, to stand inside the page."""
    curve, xz = points(figures)
    words = WORDS[language]
    last_step = curve[-1][0]

    def x(step: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * step / last_step

    def y(bits: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (HIGHEST - bits) / (HIGHEST - LOWEST)

    parts = [
        f'<svg class="egri" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{words["alt"]}">',
        f"<title>{words['alt']}</title>",
    ]
    for bits in (1.4, 1.6, 1.8, 2.0, 2.2, 2.4):
        parts.append(f'<line class="izgara" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(bits):.1f}" y2="{y(bits):.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(bits) + 4:.1f}" text-anchor="end">{number(bits, language)}</text>')
    parts += [
        f'<text x="{x(step):.1f}" y="{HEIGHT - 26}" text-anchor="middle">{number(step, language, 0)}</text>'
        for step in range(0, last_step, 2000)
    ]
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}" text-anchor="middle">{words["x"]}</text>')
    parts.append(f'<text x="{LEFT + 4}" y="{TOP - 6}">{words["y"]}</text>')
    parts.append(f'<line class="xz" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(xz):.1f}" y2="{y(xz):.1f}"/>')
    parts.append(
        f'<text class="xz-ad" x="{WIDTH - RIGHT}" y="{y(xz) - 6:.1f}" text-anchor="end">'
        f"{words['xz']}: {number(xz, language, 2)}</text>"
    )
    way = " ".join(f"{x(step):.1f},{y(bits):.1f}" for step, bits in curve)
    parts.append(f'<polyline class="kayip" points="{way}"/>')
    parts += [f'<circle class="kayip-nokta" cx="{x(step):.1f}" cy="{y(bits):.1f}" r="4"/>' for step, bits in curve]
    step, bits = curve[-1]
    parts.append(
        f'<text class="kayip-ad" x="{x(step):.1f}" y="{y(bits) + 20:.1f}" text-anchor="end">'
        f"{number(bits, language, 2)}</text></svg>"
    )
    return "".join(parts)
