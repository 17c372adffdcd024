"""The section of samples: what each model wrote to the same prompt, side by side.

What it leaves out: judging them; the two figures beside a text only tell how much it repeats itself.
"""

from fidan.evaluation.report.record import Record, known, names
from fidan.page.text import escape, quote


def samples(record: Record) -> str:
    """Every prompt with the text of each model."""
    if not record["samples"]:
        return ""
    told = (
        "<p>One text of each model to each prompt, as it came. <i>Distinct-2</i> is the share of its pairs of words "
        "that differ (1: no pair twice); <i>repetition</i> the share of it that repeats what stood before (0: none)."
        "</p>"
    )
    return told + "".join(_prompt(record, one) for one in record["samples"])


def _prompt(record: Record, sample: Record) -> str:
    several = len(record["models"]) > 1
    made = []
    for name, text in zip(names(record), sample["texts"], strict=True):
        head = f"<h4>{escape(name)}</h4>" if several else ""
        figures = [
            f"{label} {text[key]:.2f}"
            for key, label in (("distinct_2", "distinct-2"), ("repetition", "repetition"))
            if known(text.get(key))
        ]
        box = quote(text["text"]) if text["text"].strip() else "<p><small>nothing</small></p>"
        made.append(f'<div class="column">{head}{box}<small>{" · ".join(figures)}</small></div>')
    title = f"<h3>{escape(sample['prompt'])} <small>seed {escape(sample['seed'])}</small></h3>"
    return f'{title}<div class="columns">{"".join(made)}</div>'
