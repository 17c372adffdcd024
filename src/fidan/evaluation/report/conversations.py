"""The section of conversations: what the assistant's turns cost each model, before and after it was taught to chat.

What it leaves out: what a model answers by itself.
"""

from fidan.evaluation.report.record import Record, figure, names, percentage
from fidan.page.text import count, escape, plural, table


def conversations(record: Record) -> str:
    """Every set of conversations; empty where there is none."""
    return "".join(_set(record, one) for one in record.get("conversations", []))


def _set(record: Record, one: Record) -> str:
    told = (
        f"<h3>{escape(one['name'])}</h3><p>{plural(one['conversations'], 'conversation')} that no model was trained "
        "on. Every token that the assistant writes is predicted from what comes before it, the sign that ends a turn "
        "among them. <b>Lower is better</b>, but for accuracy. No figure says whether an answer is a good one.</p>"
    )
    made = [
        (
            f"<b>{escape(name)}</b>",
            figure(own["bits_per_byte"], 4),
            figure(own["loss"], 3),
            percentage(own["accuracy"]),
            count(own["tokens"]),
            count(own["shortened"] + own["cut"]),
        )
        for name, own in zip(names(record), one["models"], strict=True)
    ]
    return told + table(
        ("", "#bits a byte", "#loss, nats a token", "#accuracy", "#tokens", "#too long, shortened"), made
    )
