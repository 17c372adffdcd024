"""`fidan law ask`, `summarize` and `evaluate`: what is made of the articles that a search finds.

What the assistant says is Turkish; text of laws and of models is printed as it is, never as markup.
"""

import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.console import Console

from fidan.cli.law import EncoderOption, IndexOption, JsonOption, law_app, open_vectors
from fidan.errors import FidanError
from fidan.progress import ConsoleReporter
from fidan.turkish import grouped

if TYPE_CHECKING:
    from fidan.law.scope import Model

ModelOption = Annotated[
    Path | None,
    typer.Option(
        help="An encoder-decoder's folder, a run's or an exported one; its text is shown where the law supports it."
    ),
]

ThresholdOption = Annotated[
    float | None,
    typer.Option(
        help="Abstain below this score, 0 to 1. Default: as calibrated for all laws in force; in a small index, "
        "where the best article has less than half of the question's words.",
        min=0,
        max=1,
    ),
]


@law_app.command("ask")
def ask(
    question: Annotated[str, typer.Argument(help="A question, in Turkish.")],
    index: IndexOption,
    model: ModelOption = None,
    threshold: ThresholdOption = None,
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question from the article that answers it, with its citation; or say that the sources do not."""
    from fidan.law.assistant import Assistant, check_question
    from fidan.law.index import LawIndex

    check_question(question)
    opened = LawIndex.open(index)
    assistant = Assistant(opened, _writer(model), _model(threshold), open_vectors(opened, encoder))
    answer = assistant.answer(question)
    if as_json:
        _print_json(asdict(answer))
        return
    say = _printer()
    say(answer.text)
    if len(answer.passages) == 1:  # several have their citations in the text
        say(f"[{answer.passages[0].short}]")
    for passage in answer.passages:
        say("")
        say(f"Kaynak: {passage.law} – {passage.short}{f' – {passage.heading}' if passage.heading else ''}")
        say(_indented(passage.text))
        say(f"Kanun metninin tarihi: {passage.version or 'kaynakta belirtilmemiş'}")
    if answer.caution:
        say(answer.caution)
    if answer.others:
        say(f"İlgili olabilecek başka maddeler: {', '.join(answer.others)}")
    if answer.generated:
        say("Yanıtı bir dil modeli yazdı; metin maddeyle karşılaştırıldı.")
    if answer.reason:
        say(f"Not: {answer.reason}.")
    say("")
    say(answer.notice)


@law_app.command("summarize")
def summarize(
    what: Annotated[str, typer.Argument(help="An article ('TMK 305'), a law, a text file, or - for standard input.")],
    index: IndexOption,
    model: ModelOption = None,
    sentences: Annotated[int | None, typer.Option(help="The most sentences to take.", min=1)] = None,
    as_json: JsonOption = False,
) -> None:
    """The salient sentences of an article, a law or a text, in order."""
    from fidan.law.index import LawIndex
    from fidan.law.summary import read_text, summarize_named, summarize_text

    opened = LawIndex.open(index)
    write = _writer(model)
    if what == "-":
        summary = summarize_text(sys.stdin.read(), "standart girdi", sentences, write)
    elif Path(what).is_file():
        summary = summarize_text(read_text(Path(what)), what, sentences, write)
    else:
        summary = summarize_named(opened, what, sentences, write)
    if as_json:
        _print_json(asdict(summary))
        return
    say = _printer()
    say(summary.title)
    for point in summary.points:
        say(f"• {point.text}{f' [{point.short}]' if point.short else ''}")
    say(f"({grouped(summary.of)} cümleden {grouped(len(summary.points))} tanesi)")
    if summary.short_form:
        say("")
        say(f"Kısa biçim (bir dil modeli yazdı, metinle karşılaştırıldı): {summary.short_form}")
    if summary.reason:
        say(f"Not: {summary.reason}.")
    if summary.version:
        say(f"Kanun metninin tarihi: {summary.version}")
    say("")
    say(summary.notice)


@law_app.command("evaluate")
def evaluate(
    file: Annotated[Path, typer.Argument(help="Questions with gold citations: .jsonl, or .csv as the set of 290.")],
    index: IndexOption,
    answers: Annotated[bool, typer.Option("--answers", help="Measure the assistant too.")] = False,
    model: ModelOption = None,
    threshold: ThresholdOption = None,
    encoder: EncoderOption = None,
    split: Annotated[str, typer.Option(help="Only rows of this split: dev or test.")] = "",
    leave_out_absent: Annotated[
        bool, typer.Option(help="Leave out questions whose gold articles the index has not, instead of missing them.")
    ] = False,
    json: Annotated[Path | None, typer.Option(help="Write the record with every row here.")] = None,
) -> None:
    """How well questions find their articles, and what the answers are worth, with 95% intervals."""
    from fidan.artifact import write_json
    from fidan.law.assistant import Assistant
    from fidan.law.evaluate import Sources
    from fidan.law.evaluate import evaluate as measure
    from fidan.law.evaluation_table import table_lines
    from fidan.law.index import LawIndex
    from fidan.law.questions import read_questions

    if model is not None and not answers:
        raise FidanError("--model: only with --answers.")
    if threshold is not None and not answers:
        raise FidanError("--threshold: only with --answers.")
    opened = LawIndex.open(index)
    reading = read_questions(file, split, opened.names)
    if not answers and not any(one.citations for one in reading.questions):
        raise FidanError(f"{file}: no question has gold citations, so only answers can be measured. Add --answers.")
    assistant = Assistant(opened, _writer(model), _model(threshold), open_vectors(opened, encoder))
    sources = Sources(
        assistant.find,
        lambda citation: opened.article(citation) is not None,
        opened.names,
        assistant.answer if answers else None,
    )
    with ConsoleReporter().task("questions", total=len(reading.questions)) as task:
        record = measure(reading.questions, sources, "leave_out" if leave_out_absent else "miss", task.advance)
    record |= {
        "file": str(file),
        "split": split,
        "rows_read": reading.rows,
        "left_out": reading.left_out,
        "index": opened.manifest,
    }
    record["encoder"] = None if encoder is None else str(encoder)
    if json is not None:
        write_json(json, record)
    say = _printer()
    for line in table_lines(record):
        say(line)
    if json is not None:
        say(f"record: {json}")


def _model(threshold: float | None) -> "Model | None":
    """When to abstain: None without a threshold of one's own."""
    from fidan.law.scope import calibrated

    return None if threshold is None else calibrated(threshold)


def _writer(model: Path | None) -> Any:
    """A model's answers to a question from a passage; None without a model."""
    if model is None:
        return None
    from fidan.law.writing import check_writer, write_answer
    from fidan.trained import open_writer

    writer = open_writer(model, say=ConsoleReporter().say)
    check_writer(writer)
    return lambda question, passage: write_answer(writer, question, passage)


def _printer() -> Callable[[str], None]:
    console = Console(highlight=False)
    return lambda line: console.print(line, markup=False, soft_wrap=True)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.split("\n"))


def _print_json(value: Any) -> None:
    typer.echo(orjson.dumps(value, default=list, option=orjson.OPT_INDENT_2).decode())  # a citation is a list
