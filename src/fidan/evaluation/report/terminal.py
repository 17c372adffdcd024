"""An evaluation in a few lines for a terminal.

What it leaves out: the rules of the verdict (`verdict`) and of comparisons (`comparisons`).
"""

from fidan.evaluation.report.comparisons import ahead, overall
from fidan.evaluation.report.harness import harness_line
from fidan.evaluation.report.record import UNKNOWN_TEXT, Record, known, names, unknown_text
from fidan.evaluation.report.verdict import findings, headline, warnings
from fidan.page.text import count, listing, visible


def summary_lines(record: Record) -> list[str]:
    """The verdict for a terminal: warnings, a headline for each model, its tests, and who is better.

    Where there are tokenizers without a model, what each does to the text.

    Args:
        record: as `evaluation.json` has it.
    """
    found, called = findings(record), names(record)
    if not called:
        return [_tokenizer(one) for one in record["tokenizers"]]
    unknown = unknown_text(record)
    lines = [f"! {warning}" for warning in warnings(record)]
    for model, name in enumerate(called):
        own = [one for one in found if one.model == model]
        lines.append(f"{name}: {headline(own)}")
        lines += [f"  {one.outcome.value} {one.said}" for one in own]
        if tasks := harness_line(record, model):
            lines.append(f"  harness: {tasks}")
        if own and model in unknown:
            lines.append(f"  {UNKNOWN_TEXT}")
    return [*lines, overall(record), *ahead(record)] if len(called) > 1 else lines


def _tokenizer(one: Record) -> str:
    rates = (one["bytes_per_token"], "bytes a token"), (one["tokens_per_word"], "tokens a word")
    told = [f"{rate:.2f} {unit}" for rate, unit in rates if known(rate)]
    return f"{visible(str(one['name']))}: {listing(told) or 'no text'}, a vocabulary of {count(one['vocabulary'])}."
