"""`fidan verify`: an export held against the trained model, in every program that reads it, as one table."""

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fidan.cli.app import app
from fidan.errors import FidanError, SourceError

if TYPE_CHECKING:
    from fidan.export.proof.rows import Report, Row

_COLOURS = {"equal": "green", "different": "bold red", "not installed": "yellow"}


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="A run's folder, with all its GGUF files, or an exported one.")],
    lines: Annotated[Path | None, typer.Option(help="A text file; every line of it is encoded.")] = None,
    fuzz: Annotated[int, typer.Option(help="Random texts to encode.", min=0)] = 2000,
    gguf: Annotated[list[Path] | None, typer.Option(help="A GGUF file of the same model. Repeatable.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write all figures there, too.")] = None,
    threads: Annotated[int, typer.Option(help="Of llama.cpp; at most as many as there are free cores.", min=1)] = 1,
) -> None:
    """Prove an export: the same ids, text and logits in every program that reads it; exit code 1 on a difference."""
    from fidan.artifact import write_json

    report = _verified(folder, lines, fuzz, gguf or [], threads)
    _show(Console(highlight=False), report)
    if json is not None:
        write_json(json, report.as_json())
    if report.different:
        raise SystemExit(1)


def _verified(folder: Path, lines: Path | None, fuzz: int, ggufs: list[Path], threads: int) -> "Report":
    from fidan.export.ctranslate2 import FOLDER
    from fidan.export.formats import GGUF, HUGGING_FACE
    from fidan.export.proof.files import check_files
    from fidan.export.proof.rows import Report
    from fidan.export.proof.verify import verify_export
    from fidan.progress import ConsoleReporter
    from fidan.trained import TRAININGS, locate

    run = any((folder / stage).is_dir() for stage in TRAININGS)
    beside = folder / "export" if run else folder
    exported = beside / HUGGING_FACE if run or (beside / HUGGING_FACE).is_dir() else folder
    if not exported.is_dir():
        advice = "Run `fidan export` first." if run else "Name a run's folder or an exported one."
        raise FidanError(f"{exported}: no such folder. {advice}")
    ggufs = [*sorted((beside / GGUF).glob("*.gguf")), *ggufs]
    if missing := [path for path in ggufs if not path.is_file()]:
        raise FidanError(f"{missing[0]}: no such file. Name a GGUF file.")
    texts = _lines(lines) if lines else []
    reporter = ConsoleReporter()
    files = check_files(exported)
    held = str(locate(folder).weights.parent) if run else "the folder's own weights"
    about = {"folder": str(exported), "held against": held}
    if not run and files[0].verdict == "different":
        return Report(files, about)  # there is nothing else to hold the rest against
    model, tokenizer, chats = _of_run(folder) if run else _of_folder(exported)
    converted = beside / FOLDER if (beside / FOLDER).is_dir() else None
    report = verify_export(
        exported,
        model,
        tokenizer,
        reporter,
        trained=run,
        chats=chats,
        ggufs=ggufs,
        converted=converted,
        lines=texts,
        fuzz=fuzz,
        threads=threads,
    )
    return Report([*files, *report.rows], about)


def _of_run(folder: Path) -> tuple[Any, Any, bool]:
    """The trained model in fp32, with its weights as they were exported, its tokenizer, and whether it chats."""
    import torch

    from fidan.artifact import MANIFEST, read_manifest
    from fidan.export.hugging_face import as_exported, torch_dtype
    from fidan.recipe import ExportConfig
    from fidan.settings import build
    from fidan.trained import locate

    settings = read_manifest(folder / "export").plan.settings["export"]
    export = build(ExportConfig, settings, f"{folder / 'export' / MANIFEST} [export]")
    located = locate(folder, export.weights)
    model = as_exported(located.build(torch.device("cpu")), torch_dtype(export))
    return model, located.tokenizer, located.chats


def _of_folder(folder: Path) -> tuple[Any, Any, bool]:
    """The exported model, its tokenizer, and whether it chats."""
    import torch

    from fidan.trained import locate

    located = locate(folder)
    return located.build(torch.device("cpu")), located.tokenizer, located.chats


def _lines(path: Path) -> list[str]:
    try:
        return path.read_bytes().decode().split("\n")
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: not UTF-8 at byte {error.start:,}. Name a text file in UTF-8.") from error


def _show(console: Console, report: "Report") -> None:
    title = f"{report.about['folder']} against {report.about['held against']}"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1))
    for name in ("check", "compared", "worst difference", "verdict"):
        table.add_column(name, justify="right" if name in ("compared", "worst difference") else "left", no_wrap=True)
    for runtime, rows in groupby(report.rows, key=lambda row: row.runtime):
        table.add_row(Text(runtime, style="bold"))
        for row in rows:
            counted = f"{row.compared:,} {row.unit}" if row.compared else ""
            verdict = Text(row.verdict, style=_COLOURS[row.verdict])
            table.add_row(f"  {row.check}", counted, _difference(row), verdict)
    console.print(table)
    for row in report.rows:
        if row.verdict != "equal":
            console.print(f"{row.runtime}, {row.check}: {row.verdict}: {row.note}", markup=False, soft_wrap=True)


def _difference(row: "Row") -> str:
    if not row.compared:
        return ""
    if row.limit == 0 and float(row.worst).is_integer():
        return f"{row.worst:,.0f} differ" if row.worst else "none"
    return f"{row.worst:.1e} of {row.limit:.1e}"
