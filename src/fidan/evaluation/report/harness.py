"""The tasks of lm-evaluation-harness: a table for the page, a line a model for the terminal.

What it leaves out: judging them; the record has no item of a task, so models can be compared unpaired at best.
"""

import math
from typing import Any

from fidan.evaluation.report.record import Record, known, names, same_weights
from fidan.page.text import count, escape, plural, plus_minus, table, visible

MAIN = ("acc", "acc_norm", "exact_match", "f1", "mcc", "bleu", "chrf")
"""Metrics that stand for a task, the first that it has; of a task with none of them, its first."""

_TASKS = 8  # in a line of the terminal
_Z95 = 1.96  # of the normal distribution, two-sided


def harness(record: Record) -> str:
    """Tasks of lm-evaluation-harness, as it counts them; of two models, whether they differ."""
    made, two = [], len(record["models"]) == 2
    for task in record["harness"]:
        metrics = dict.fromkeys(metric for own in task["models"] for metric in own)
        first = f" <small>{_first(task)}</small>" if _first(task) else ""
        for metric in metrics:
            cells = [own.get(metric) for own in task["models"]]
            differ = [_remark(record, *cells)] if two else []
            made.append((f"{escape(task['task'])}{first}", escape(metric), *map(_figure, cells), *differ))
    head = (
        "Task",
        "metric",
        *(f"#{escape(name)}" for name in names(record)),
        *(["difference, unpaired"] if two else []),
    )
    told = "<p>As lm-evaluation-harness counts them, with its standard errors.</p>"
    if two:
        told += (
            "<p><small>The difference is beyond chance where it is more than 1.96 times the root of both squared "
            "errors together (an unpaired z-test). It does not know that both models answered the same items, so "
            "it misses small differences.</small></p>"
        )
    return told + table(head, made) if made else ""


def harness_line(record: Record, model: int) -> str:
    """The main figure of every task of a model, as plain text; empty where it has none."""
    told = []
    for task in record["harness"]:
        own = {metric: cell for metric, cell in task["models"][model].items() if cell and known(cell["value"])}
        if own:
            metric = next((name for name in MAIN if name in own), next(iter(own)))
            first = f" ({_first(task)})" if _first(task) else ""
            told.append(f"{visible(str(task['task']))} {visible(metric)} {_figure(own[metric])}{first}")
    more = [f"{count(len(told) - _TASKS)} more on the page"] if len(told) > _TASKS else []
    return "; ".join([*told[:_TASKS], *more])


def beyond_chance_unpaired(a: Any, b: Any) -> bool | None:
    """Whether two figures differ by the two-sided z-test at 5% for independent samples; None without errors.

    Args:
        a: "value" and "error" of a metric, or None.
        b: the other model's.
    """
    if not a or not b or not all(known(part) for cell in (a, b) for part in (cell["value"], cell["error"])):
        return None
    spread = math.hypot(a["error"], b["error"])
    return abs(a["value"] - b["value"]) > _Z95 * spread if spread > 0 else None


def _remark(record: Record, a: Any, b: Any) -> str:
    if same_weights(record, 0, 1):
        return "the same weights"
    beyond = beyond_chance_unpaired(a, b)
    return "–" if beyond is None else "beyond chance" if beyond else "not beyond chance"


def _first(task: Record) -> str:
    limit = task.get("limit")
    return f"first {plural(limit, 'item')}" if limit else ""


def _figure(cell: Any) -> str:
    if not cell or not known(cell["value"]):
        return "–"
    return plus_minus(cell["value"], cell["error"]) if known(cell["error"]) else f"{cell['value']:.4g}"
