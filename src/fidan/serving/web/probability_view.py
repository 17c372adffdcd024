"""The next token's probabilities as bars, before and after the settings, as HTML.

What it leaves out: the figures (`fidan.serving.inside.next_token`).
"""

from fidan.serving.inside.next_token import Candidate, NextToken
from fidan.serving.inside.tokens import show
from fidan.serving.web.markup import number, percent, safe
from fidan.tokenizer.tokenizer import Tokenizer


def draw_next(tokenizer: Tokenizer, told: NextToken) -> str:
    """A row a candidate: its probability as the model gives it, and behind an arrow with the settings."""
    top = max(max(one.before, one.after) for one in told.candidates)
    rows = "".join(_row(tokenizer, one, top) for one in told.candidates)
    equal_before, equal_after = 2**told.entropy_before, 2**told.entropy_after
    summary = (
        f"Ayarlar {number(told.vocabulary)} parçadan <b>{number(told.kept)}</b> tanesini bıraktı; bunlar modelin "
        f"verdiği olasılığın {percent(told.kept_before)} kadarı. Belirsizlik {number(told.entropy_before, 2)} bitten "
        f"<b>{number(told.entropy_after, 2)} bite</b> indi: {number(equal_before)} yerine {number(equal_after)} eşit "
        "seçenek arasından seçmek gibi."
    )
    if told.entropy_after > told.entropy_before + 0.005:
        summary = summary.replace("indi", "çıktı")
    legend = (
        '<p class="legend"><span class="before">modelin verdiği</span><span class="after">ayarlardan sonra</span>'
        '<span class="cut">elenen</span></p>'
    )
    return f'{legend}<div class="next">{rows}</div><p class="hint">{summary}</p>'


def _row(tokenizer: Tokenizer, one: Candidate, top: float) -> str:
    shown = show(tokenizer, one.id)
    cut = one.after == 0
    after = "elendi" if cut else percent(one.after)
    return (
        f'<div class="row{" cut" if cut else ""}"><span class="name" title="{one.id}">{safe(shown.text)}</span>'
        f'<span class="bars"><i class="before" style="width:{100 * one.before / top:.2f}%"></i>'
        f'<i class="after" style="width:{100 * one.after / top:.2f}%"></i></span>'
        f'<span class="figures">{percent(one.before)} → <b>{after}</b></span></div>'
    )
