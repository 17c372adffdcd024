"""The section of questions: what each model answers by itself, beside what needs no model, and samples to read.

What it leaves out: whether an answer is true, which no figure here knows.
"""

from fidan.evaluation.report.record import Record, figure, known, names, percent, percentage
from fidan.page.text import count, escape, plural, table

_TOLD = {
    "most frequent": "the most frequent training answer, to every question",
    "nearest question": "the answer of the training question that shares the most of its words",
}


def questions(record: Record) -> str:
    """Every set of questions; empty where there is none."""
    return "".join(_set(record, one) for one in record.get("questions", []))


def _set(record: Record, one: Record) -> str:
    settings = one["settings"]
    way = f"beam search of {settings['beams']}" if settings["beams"] > 1 else "sampling"
    way = "greedily" if settings["beams"] == 1 and settings["temperature"] == 0 else f"by {way}"
    told = (
        f"<h3>{escape(one['name'])}</h3><p>{plural(one['pairs'], 'question')} that no model was trained on, answered "
        f"{way}, {count(settings['max_new_tokens'])} tokens at most, and measured against the answers of the set as "
        "they stand. <b>Higher is better</b>, and the rows below the models tell how much of it needs no model. No "
        "figure says whether an answer is true.</p>"
    )
    if one["shared"]:
        told += (
            f"<p>{plural(one['shared'], 'further pair')} had a question or an answer of the training and were left "
            "out.</p>"
        )
    return told + _figures(record, one) + _given(record, one) + _samples(record, one)


def _figures(record: Record, one: Record) -> str:
    rows = [(f"<b>{escape(name)}</b>", own) for name, own in zip(names(record), one["models"], strict=True)]
    rows += [(f"{escape(own['name'])}<br><small>{_TOLD[own['name']]}</small>", own) for own in one["baselines"]]
    made = [
        (
            name,
            f"{own['corpus_bleu']:.2f}",
            _with_error(own, "sentence_bleu", 2),
            f"{own['chrf']:.2f}",
            _with_error(own, "rouge_l", 3),
            percentage(own["estimates"]["exact"]) if "estimates" in own else percent(own["exact"]),
            count(own["unfinished"]) if known(own.get("unfinished")) else "–",
        )
        for name, own in rows
    ]
    head = ("", "#corpus BLEU", "#sentence BLEU", "#chrF", "#ROUGE-L", "#exact", "#broken off")
    return table(head, made)


def _with_error(own: Record, key: str, places: int) -> str:
    return figure(own["estimates"][key], places) if "estimates" in own else f"{own[key]:.{places}f}"


def _given(record: Record, one: Record) -> str:
    """What a model says of the reference itself, where it was asked."""
    made = [
        (
            escape(name),
            f"{own['given']['loss']:.3f}",
            f"{own['given']['perplexity']:.2f}",
            percent(own["given"]["accuracy"]),
            percent(own["given"]["top_accuracy"]),
            count(own["given"]["tokens"]),
        )
        for name, own in zip(names(record), one["models"], strict=True)
        if own["given"]
    ]
    if not made:
        return ""
    tops = {own["given"]["top"] for own in one["models"] if own["given"]}
    head = ("With the right beginning given", "#loss", "#perplexity", "#accuracy", f"#top {max(tops)}", "#tokens")
    return table(head, made)


def _samples(record: Record, one: Record) -> str:
    called = names(record)
    baselines = [own["name"] for own in one["baselines"] if own["name"] != "most frequent"]
    made = [
        (
            escape(sample["question"]),
            escape(sample["reference"]),
            *(escape(text) or "<small>nothing</small>" for text in sample["answers"]),
            *(escape(sample["baselines"][name]) for name in baselines),
        )
        for sample in one["samples"]
    ]
    head = (
        "Question",
        "Answer of the set",
        *map(escape, called),
        *(f"<small>{escape(b)}</small>" for b in baselines),
    )
    told = f"<h4>{plural(len(made), 'question')}, evenly spread over the set</h4>"
    return told + table(head, made, "said")
