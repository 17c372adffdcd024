"""The sections that are tables: models side by side, tokenizers, contamination; and training's curve.

What it leaves out: the sections with pictures of their own (`heldout`, `tasks`), the harness (`harness`) and the
samples (`samples`).
"""

from typing import Any

from fidan.evaluation.report.comparisons import differences
from fidan.evaluation.report.heldout import models_legend
from fidan.evaluation.report.record import Record, colour, known, names
from fidan.evaluation.report.verdict import warnings
from fidan.page.curves import Line, plot
from fidan.page.text import count, escape, fold, listing, plural, share, size, table

_HITS = 20  # of a set that the page shows


def side_by_side(record: Record) -> str:
    """Every pair of models in every test, in words and figures."""
    made = [(escape(one.measure), _sign(one.better), escape(one.said)) for one in differences(record)]
    if not made:
        return ""
    told = (
        "<p>Whether two models differ beyond chance. The same documents, pairs and questions are drawn again and "
        "again for both (paired bootstrap). A difference counts where its 95% interval leaves zero out and p is "
        "below 0.05; of twenty differences between equal models, about one would still count by luck.</p>"
    )
    return told + table(("Test", "differ", "In words"), made, "said")


def tokenizers(record: Record) -> str:
    """How the tokenizers cut text."""
    if not record["tokenizers"]:
        return ""
    made = [
        (
            escape(one["name"]),
            count(one["vocabulary"]),
            _number(one["bytes_per_token"], 2),
            _number(one["tokens_per_word"], 2),
            _percent(one["whole_words"]),
            _failures(one["round_trip_failures"]),
            _whole(one["unused"]),
        )
        for one in record["tokenizers"]
    ]
    head = ("Tokenizer", "#vocabulary", "#bytes/token", "#tokens/word", "#whole words", "#not restored", "#unused")
    told = (
        "<p>More bytes a token and fewer tokens a word make a model's context reach further. <i>Not restored</i> "
        f"counts texts that do not come back as they were; it must be 0.{_measured_on(record)}</p>"
    )
    gold = [
        (
            escape(one["name"]),
            escape(found["gold"]),
            count(found["words"]),
            *(_percent(found[score]) for score in ("recall", "precision", "f1")),
        )
        for one in record["tokenizers"]
        for found in one["boundaries"]
    ]
    columns = ("Tokenizer", "Morphemes of", "#words", "#recall", "#precision", "#F1")
    lines = f"<h4>Cuts that fall between morphemes</h4>{table(columns, gold)}" if gold else ""
    return told + table(head, made) + lines


def training(record: Record) -> str:
    """What each model was trained on, and its held-out loss on the way."""
    called, made = names(record), []
    lines: list[Line] = []
    for model, own in enumerate(record["models"]):
        trained = own.get("training")
        if not trained:
            continue
        made.append((escape(called[model]), _whole(trained.get("tokens")), _number(trained.get("epochs"), 2)))
        points = [(step, bits) for step, bits in trained.get("curve") or [] if known(bits)]
        lines += [Line(colour(model), points)] if points else []
    drawn = plot(lines, "Held-out text during training, bits a byte (lower is better)", "step")
    legend = models_legend(record) if len(lines) > 1 else ""
    told = table(("Model", "#tokens", "#epochs"), made) if made else ""
    return told + (f'{legend}<div class="plots">{drawn}</div>' if drawn else "")


def contamination(record: Record) -> str:
    """Which sets were looked for in the training text, and what was found of them."""
    if not record["contamination"]:
        return ""
    called, made, hits = names(record), [], []
    for one in record["contamination"]:
        name = called[one["model"]]
        row = escape(one["set"]), escape(name), f"{count(one['looked_for'])} of {count(one['items'])}"
        found_of_it = (
            (
                count(one["contaminated"]),
                share(one["contaminated"], one["looked_for"]),
                count(one["training_documents"]),
            )
            if one["looked_for"]
            else ("–", "–", "–")
        )
        made.append((*row, *found_of_it))
        if one["hits"]:
            shown = [(escape(hit["item"]), _words(hit["words"])) for hit in one["hits"][:_HITS]]
            more = len(one["hits"]) - len(shown)
            note = f"<p><small>{count(more)} more in evaluation.json</small></p>" if more > 0 else ""
            found = table(("Item", "found in the training text"), shown) + note
            hits.append(fold(escape(one["set"]), f"{escape(name)}, {plural(one['contaminated'], 'item')}", found))
    head = ("Set", "Model", "#items looked for", "#found", "#share", "#training documents that hold one")
    any_looked_for = any(one["looked_for"] for one in record["contamination"])
    clean = "<p>No item was found in the training text.</p>" if any_looked_for and not warnings(record) else ""
    short = dict.fromkeys(escape(one["set"]) for one in record["contamination"] if not one["looked_for"])
    note = f"<p>Nothing of {listing(list(short))} is long enough to be looked for.</p>" if short else ""
    told = "<p><small>The share is of the items looked for: those with a text that is long enough.</small></p>"
    return clean + note + table(head, made) + told + "".join(hits)


def _measured_on(record: Record) -> str:
    """The text; it is the same for all tokenizers."""
    text = record["tokenizers"][0]
    if "text" not in text:
        return ""
    return f" Measured on {escape(text['text'])}: {plural(text['documents'], 'document')}, {size(text['bytes'])}."


def _sign(better: int | None) -> str:
    return '<em class="open">no</em>' if better is None else '<em class="yes">yes</em>'


def _words(found: Any) -> str:
    if isinstance(found, int | float):
        return plural(int(found), "word")
    return escape(" ".join(map(str, found)) if isinstance(found, list | tuple) else found)


def _failures(number: Any) -> str:
    return f'<em class="no">{_whole(number)}</em>' if number else _whole(number)


def _whole(number: Any) -> str:
    return count(number) if known(number) else "–"


def _number(number: Any, places: int) -> str:
    return f"{number:.{places}f}" if known(number) else "–"


def _percent(number: Any) -> str:
    return f"{100 * number:.1f}%" if known(number) else "–"
