"""`fidan law`: an index of laws, and what is asked of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.table import Table

from fidan.cli.app import app
from fidan.errors import FidanError
from fidan.progress import ConsoleReporter

if TYPE_CHECKING:
    from fidan.law.fusion import Vectors
    from fidan.law.index import LawIndex

law_app = typer.Typer(help="Turkish law: index statutes, find the article, answer from it.", no_args_is_help=True)
app.add_typer(law_app, name="law")

IndexOption = Annotated[Path, typer.Option("--index", help="The folder of an index, made by `fidan law index`.")]
EncoderOption = Annotated[
    Path | None,
    typer.Option(
        "--encoder",
        help="An encoder-decoder's folder: rank by its vectors, too. The index must be built with the same one.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]

FIRST_CHARACTERS = 240  # of an article that are shown
FEW_LAWS = 10  # with fewer in the files nobody expects the others to be there
MOST_LINES = 20  # of everyday words that are left out, told one by one


@law_app.command("index")
def index(
    files: Annotated[
        list[Path],
        typer.Argument(help="Laws: .jsonl with text and meta, or the text of one law; .gz, .xz and .zst too."),
    ],
    out: Annotated[Path, typer.Option(help="The index's folder; an older index there is replaced.")],
    repealed: Annotated[
        bool, typer.Option("--repealed", help="Take repealed laws too, not only those in force.")
    ] = False,
    encoder: Annotated[
        Path | None,
        typer.Option(help="An encoder-decoder's folder, a run's or an exported one: give each article its vector."),
    ] = None,
) -> None:
    """Read laws, cut them into articles and write a search index."""
    from fidan.law.index import build_index
    from fidan.law.statutes import read_laws

    reporter = ConsoleReporter()
    reader = _open_encoder(encoder)
    with reporter.task("read", total=sum(path.stat().st_size for path in files if path.is_file())) as task:
        laws = list(read_laws(files, "all" if repealed else "in_force", task.advance))
    built = build_index(laws, out, sources=files, reporter=reporter, encoder=reader)
    for line in built.unknown[:MOST_LINES]:
        reporter.say(f"everyday words left out: {line}")
    if len(built.unknown) > MOST_LINES:
        reporter.say(f"everyday words left out: {len(built.unknown) - MOST_LINES:,} more lines like these")
    if built.absent and built.laws >= FEW_LAWS:
        reporter.say(f"everyday words of {len(built.absent):,} laws that are not in the index are left out")
    Console(highlight=False).print(
        f"index: laws {built.laws:,}, articles {built.articles:,} ({built.repealed:,} of them repealed), "
        f"terms {built.terms:,}, everyday words for {built.everyday:,} articles, {built.bytes / 1e6:,.1f} MB → {out}",
        markup=False, soft_wrap=True,
    )  # fmt: skip


@law_app.command("search")
def search(
    query: Annotated[str, typer.Argument(help="A question, words, or a citation such as 'TCK 299'.")],
    index: IndexOption,
    k: Annotated[int, typer.Option("--k", help="The most articles to show.", min=1)] = 5,
    encoder: EncoderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the articles that a query cites, and those whose words fit best."""
    from fidan.law.citations import parse_citations
    from fidan.law.index import LawIndex
    from fidan.law.search import search as find

    opened = LawIndex.open(index)
    hits = find(opened, query, k, open_vectors(opened, encoder))
    rows = [
        {
            "citation": opened.citation(hit.position).short(opened.names),
            "law": hit.law.name,
            "number": hit.article.law,
            "article": hit.article.label,
            "heading": hit.article.heading,
            "section": hit.article.section,
            "score": round(hit.score, 4),
            "why": hit.why,
            "repealed": hit.article.repealed,
            "version": hit.law.version,
            "text": hit.article.text,
        }
        for hit in hits
    ]
    cited = parse_citations(query, opened.names)
    missing = [one.short(opened.names) for one in cited if opened.find(one) is None]
    if as_json:
        typer.echo(
            orjson.dumps({"query": query, "missing": missing, "hits": rows}, option=orjson.OPT_INDENT_2).decode()
        )
        return
    if missing:
        typer.echo(f"no such article in the index: {', '.join(missing)}.")
    if not rows and not missing:
        ConsoleReporter().say("nothing found: no article has any of these words.")
    if not rows:
        return
    table = Table(show_lines=True)
    for column in ("article", "heading and first lines", "score", "why"):
        table.add_column(column, justify="right" if column == "score" else "left", overflow="fold")
    for row in rows:
        text = str(row["text"]) or ("(repealed)" if row["repealed"] else "(no text of its own)")
        shown = text if len(text) <= FIRST_CHARACTERS else f"{text[:FIRST_CHARACTERS].rsplit(' ', 1)[0]} …"
        first = "\n".join(part for part in (str(row["heading"]), shown) if part)
        # Brackets in a law are no markup of Rich.
        table.add_row(*(_plain(cell) for cell in (f"{row['citation']}\n{row['law']}", first)), f"{row['score']:.2f}",
                      _plain(str(row["why"])))  # fmt: skip
    Console(highlight=False).print(table)


def open_vectors(index: "LawIndex", encoder: Path | None) -> "Vectors | None":
    """The vectors of an index with the encoder that `--encoder` names; None without one."""
    from fidan.law.fusion import Vectors, require_vectors

    if encoder is None:
        return None
    require_vectors(index)  # said before torch is waited for
    return Vectors(index, _open_encoder(encoder))


def _open_encoder(encoder: Path | None) -> Any:
    """The encoder of a trained model; None where none is named."""
    if encoder is None:
        return None
    from fidan.law.encoding import open_encoder  # imports torch

    return open_encoder(encoder)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


@law_app.command("dataset")
def dataset(
    pairs: Annotated[
        list[str],
        typer.Argument(help="Question-answer sets: .csv, .jsonl, .parquet, or a dataset's name on the Hub."),
    ],
    index: IndexOption,
    out: Annotated[Path, typer.Option(help="The .jsonl file to write.")],
    question: Annotated[str, typer.Option(help="The column of the questions.")] = "Soru",
    answer: Annotated[str, typer.Option(help="The column of the answers.")] = "Cevap",
) -> None:
    """Put the article that is found for each question beside it: what a model learns to answer from."""
    from fidan.artifact import atomic_write
    from fidan.corpus.pairs.read import Columns, read_pairs
    from fidan.law.dataset import ARTICLE, with_articles
    from fidan.law.index import LawIndex

    if out.suffix != ".jsonl":
        raise FidanError(f"--out {out}: JSON lines are written. Name a file that ends in .jsonl.")
    if out.exists():
        raise FidanError(f"--out {out}: is there already. Name another file, or remove that one.")
    opened = LawIndex.open(index)
    found = read_pairs(pairs, Columns(question, answer)).pairs
    reporter = ConsoleReporter()
    without = 0
    with atomic_write(out) as file, reporter.task("articles", total=len(found)) as task:
        for row in with_articles(opened, found, question, answer):
            without += not row[ARTICLE]
            file.write(orjson.dumps(row) + b"\n")
            task.advance(1)
    reporter.say(f"{len(found):,} pairs, {without:,} of them without an article → {out}")
