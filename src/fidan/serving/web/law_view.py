"""An answer of the law assistant as HTML: what it says, what it rests on, the article itself, and the notice.

What it leaves out: how an answer is found (`fidan.law.assistant`).
"""

from fidan.law.assistant import NOTICE, Answer, Passage
from fidan.serving.web.markup import note, percent, safe

MISSING = (
    "Bu sunucuda kanun dizini yok, bu yüzden hukuk soruları yanıtlanamıyor. Sunucu bir dizinle şöyle başlatılır: "
    "<code>fidan serve --model KLASÖR --law DİZİN</code>. Dizin <code>fidan law index</code> ile kurulur."
)


def draw_notice() -> str:
    """That this is no legal advice."""
    return f'<p class="notice">{safe(NOTICE)}</p>'


def draw_answer(answer: Answer) -> str:
    """The answer; where it abstained, that and why."""
    if answer.abstained:
        reason = f"<p>Neden: {safe(answer.reason)}.</p>" if answer.reason else ""
        caution = note(safe(answer.caution)) if answer.caution else ""
        return f'<div class="answer silent"><p class="told">{safe(answer.text)}</p>{reason}</div>{caution}'
    cited = "".join(f'<a class="cite" href="#{_anchor(one)}">{safe(one.short)}</a>' for one in answer.passages)
    how = "Yanıtı model yazdı; madde onu destekliyor." if answer.generated else "Yanıt, maddenin kendi cümleleridir."
    if answer.reason:
        how += f" Modelin metni alınmadı: {safe(answer.reason)}."
    lines = "".join(f'<p class="told">{safe(line)}</p>' for line in answer.text.splitlines() if line.strip())
    made = [
        f'<div class="answer">{lines}<p class="cites">{cited}<span>güven {percent(answer.score, 0)}</span></p>'
        f'<p class="hint">{how}</p></div>',
        note(safe(answer.caution), "care"),
        "".join(_passage(one, number == 0) for number, one in enumerate(answer.passages)),
    ]
    if answer.others:
        named = " · ".join(map(safe, answer.others))
        made.append(f'<p class="hint">Yakın bulunan öteki maddeler: {named}</p>')
    return "".join(made)


def _passage(one: Passage, unfolded: bool) -> str:
    version = f'<time datetime="{safe(one.version)}">{date(one.version)} tarihli metin</time>' if one.version else ""
    heading = f"<strong>{safe(one.heading)}</strong>" if one.heading else ""
    return (
        f'<details class="article" id="{_anchor(one)}"{" open" if unfolded else ""}><summary><b>{safe(one.short)}</b>'
        f'{heading}</summary><p class="law">{safe(one.law)} {version}</p><div class="text">{safe(one.text)}</div>'
        "</details>"
    )


def date(iso: str) -> str:
    """2024-03-12 as 12.03.2024; anything else as it is."""
    parts = iso.split("-")
    return safe(".".join(reversed(parts)) if len(parts) == 3 else iso)


def _anchor(one: Passage) -> str:
    return "madde-" + "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in one.short)
