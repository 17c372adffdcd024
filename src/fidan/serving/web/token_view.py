"""The tokens of a text in colours, with their ids, as HTML.

What it leaves out: which tokens these are (`fidan.serving.inside.tokens`).
"""

from fidan.serving.inside.tokens import Shown, TokensOfText
from fidan.serving.web.markup import note, number, safe, tiles

HUES = 6  # colours that follow one another, so that neighbours differ


def draw_tokens(tokens: TokensOfText) -> str:
    """A box a token: its piece, its id below, its bytes on hover."""
    if not tokens.shown:
        return note("Metin boş: yukarıya bir şey yazın.", "empty")
    figures = tiles(
        [
            (number(len(tokens.shown)), "sözcük parçası"),
            (number(tokens.characters), "karakter"),
            (number(tokens.bytes_per_token, 2), "parça başına bayt"),
            (number(tokens.tokens_per_word, 2), "sözcük başına parça"),
        ]
    )
    boxes = "".join(draw_token(one, place) for place, one in enumerate(tokens.shown))
    signs = "▁ boşluk, ↵ satır sonu"
    if any(one.kind == "byte" for one in tokens.shown):
        signs += ", kesik çizgili kutu: sözlükte olmayan bir karakterin tek baytı"
    hint = f'<p class="hint">{signs}. Sayı, parçanın sözlükteki sırasıdır.</p>'
    return f'{figures}<div class="tokens">{boxes}</div>{hint}'


def draw_token(one: Shown, place: int) -> str:
    """One box; its colour goes by its place."""
    told = f"{safe(one.text)} · {number(one.id)} · {one.bytes} bayt"
    kind = {"text": f"c{place % HUES}", "byte": "byte", "control": "control"}[one.kind]
    return f'<span class="token {kind}" title="{told}"><b>{safe(one.text)}</b><i>{one.id}</i></span>'
