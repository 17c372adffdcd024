"""`fidan evaluate`: the stage of a recipe, or an evaluation of any models, side by side."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from fidan.cli.app import app
from fidan.cli.options import SetOption, interruptible, run_stage
from fidan.errors import FidanError
from fidan.progress import ConsoleReporter
from fidan.recipe.shipped import did_you_mean, is_bare, names_recipe

if TYPE_CHECKING:
    from fidan.corpus.pairs.read import Columns

SKIPPABLE = ("texts", "baselines", "pairs", "tokenizers", "samples", "contamination")
OUT = Path("evaluation")
QUESTION_COLUMNS = "Soru,Cevap"


@app.command()
def evaluate(
    what: Annotated[
        list[Path] | None,
        typer.Argument(help="A recipe, or folders of trained models: runs or exported. Several: compared."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Where the record and the page go: ./evaluation; with a recipe, its run's folder."),
    ] = None,
    set_: SetOption = None,
    text: Annotated[
        list[Path] | None,
        typer.Option(help="Held-out text (.txt, .jsonl, .parquet, a folder). Default: what the runs held out."),
    ] = None,
    pairs: Annotated[
        list[str] | None,
        typer.Option(help="A .csv of good and bad sentences. Repeatable; `fidan` is the set in the package."),
    ] = None,
    choices: Annotated[
        list[Path] | None, typer.Option(help="Multiple choice: .jsonl (XCOPA's form or general) or SQuAD's .json.")
    ] = None,
    questions: Annotated[
        list[str] | None,
        typer.Option(help="Questions with answers: .csv, .jsonl, .parquet, hf:owner/name. Repeatable."),
    ] = None,
    training_questions: Annotated[
        list[str] | None,
        typer.Option(help="Those that the models were trained on, for baselines and against leaks. Repeatable."),
    ] = None,
    question_columns: Annotated[
        str, typer.Option(help="Columns of questions and answers, and perhaps of contexts, with commas.")
    ] = QUESTION_COLUMNS,
    harness: Annotated[
        str | None, typer.Option(help="Tasks of lm-evaluation-harness, with commas between them.")
    ] = None,
    harness_data: Annotated[
        list[str] | None, typer.Option(help="TASK=FILE: the task's data, instead of a download. Repeatable.")
    ] = None,
    harness_tasks: Annotated[
        list[Path] | None, typer.Option(help="A folder with task files (.yaml) of your own. Repeatable.")
    ] = None,
    harness_limit: Annotated[int | None, typer.Option(help="The most items of each task.", min=1)] = None,
    tokenizer: Annotated[
        list[Path] | None, typer.Option(help="Another tokenizer to compare with, ours or Hugging Face's. Repeatable.")
    ] = None,
    morphology: Annotated[
        list[Path] | None, typer.Option(help="A gold file: word, tab, its morphs with spaces between. Repeatable.")
    ] = None,
    prompt: Annotated[list[str] | None, typer.Option(help="To be continued as a sample. Repeatable.")] = None,
    seed: Annotated[int, typer.Option(help="Of the samples.", min=0)] = 0,
    stride: Annotated[int, typer.Option(help="Tokens a window moves on; 0: half the context.", min=0)] = 0,
    max_bytes: Annotated[int, typer.Option(help="Of each text, documents evenly spread; 0: all.", min=0)] = 0,
    weights: Annotated[str, typer.Option(help="Of runs: last, or ema for their average.")] = "last",
    device: Annotated[str, typer.Option(help="cpu, cuda, mps; auto takes the best.")] = "auto",
    precision: Annotated[
        str, typer.Option(help="bf16, fp32; auto: text in bf16 where that is fast, pairs and choices in fp32.")
    ] = "auto",
    skip: Annotated[
        list[str] | None, typer.Option(help=f"Leave out one of {', '.join(SKIPPABLE)}. Repeatable.")
    ] = None,
) -> None:
    """How good models are: held-out loss, grammar, choices, with error bars and side by side; or a recipe's stage."""
    given = {name: value for name, value in locals().items() if name not in ("what", "out", "set_")}
    recipes = [path for path in what or [] if names_recipe(path)]
    if recipes:
        _stage(what or [], out, set_, given)
        return
    if set_:
        raise FidanError("--set: only with a recipe.")
    if not what and not tokenizer:
        raise FidanError("name a recipe, or folders of trained models, or with --tokenizer, tokenizers.")
    _check(what or [], given)
    _evaluate(what or [], out or OUT, given)


def _check(folders: list[Path], given: dict[str, Any]) -> None:
    """What is not there, and options that do not go together, before anything is read."""
    for folder in folders:
        if is_bare(folder) and not folder.exists() and (hint := did_you_mean(folder)):
            raise FidanError(f"{folder}: no such folder.{hint}")
    skip = given["skip"] or []
    for name in skip:
        if name not in SKIPPABLE:
            raise FidanError(f"--skip {name}: must be one of {', '.join(SKIPPABLE)}.")
    for name, known in (("weights", ("last", "ema")), ("precision", ("auto", "bf16", "fp32"))):
        if given[name] not in known:
            raise FidanError(f"--{name} {given[name]}: must be one of {', '.join(known)}.")
    if given["harness"] is not None and not _tasks(given["harness"]):
        raise FidanError("--harness: names no task.")
    if (given["harness_data"] or given["harness_tasks"] or given["harness_limit"]) and not given["harness"]:
        raise FidanError("--harness-data, --harness-tasks, --harness-limit: only with --harness TASKS.")
    if given["training_questions"] and not given["questions"]:
        raise FidanError("--training-questions: only with --questions FILE.")
    if given["question_columns"] != QUESTION_COLUMNS and not given["questions"]:
        raise FidanError("--question-columns: only with --questions FILE.")
    if alone := [
        name for name in ("pairs", "choices", "questions", "harness", "prompt") if given[name] and not folders
    ]:
        raise FidanError(f"{_options(alone)}: only with a model. Name its folder.")
    for option, skipped in (
        ("text", {"texts", "tokenizers"}),
        ("pairs", {"pairs"}),
        ("tokenizer", {"tokenizers"}),
        ("morphology", {"tokenizers"}),
        ("prompt", {"samples"}),
    ):
        if given[option] and skipped <= set(skip):
            raise FidanError(f"--{option}: is not used with --skip {' --skip '.join(sorted(skipped))}.")


_UNCHANGED = {
    "seed": 0,
    "stride": 0,
    "max_bytes": 0,
    "weights": "last",
    "device": "auto",
    "precision": "auto",
    "question_columns": QUESTION_COLUMNS,
}


def _stage(what: list[Path], out: Path | None, assignments: list[str] | None, given: dict[str, Any]) -> None:
    if len(what) > 1:
        raise FidanError("a recipe is evaluated alone. To compare models, name their folders.")
    asked = [name for name, value in given.items() if value and value != _UNCHANGED.get(name)]
    if asked:
        raise FidanError(f"{_options(asked)}: only with folders. A recipe says it with --set evaluate.KEY=VALUE.")
    run_stage("evaluate", what[0], out, assignments)


def _evaluate(folders: list[Path], out: Path, given: dict[str, Any]) -> None:
    from fidan.evaluation.evaluate import PAGE, evaluate
    from fidan.evaluation.report import summary_lines
    from fidan.evaluation.standard import Asked, standard_measures
    from fidan.hardware import pick_device, pick_precision
    from fidan.subjects import subjects_of

    place = pick_device(given["device"])
    reporter = ConsoleReporter()
    subjects = subjects_of(folders, place, given["weights"])
    asked = Asked(
        dtype=pick_precision(given["precision"], place),
        task_dtype=pick_precision("fp32" if given["precision"] == "auto" else given["precision"], place),
        stride=given["stride"],
        max_bytes=given["max_bytes"],
        texts=tuple(given["text"] or ()),
        pairs=tuple(given["pairs"] or ("fidan",)),
        choices=tuple(given["choices"] or ()),
        questions=tuple(given["questions"] or ()),
        question_columns=_columns(given["question_columns"]),
        training_questions=tuple(given["training_questions"] or ()),
        tasks=_tasks(given["harness"]),
        task_data=_pairs_of(given["harness_data"] or []),
        task_folders=tuple(given["harness_tasks"] or ()),
        task_limit=given["harness_limit"],
        tokenizers=tuple(given["tokenizer"] or ()),
        morphology=tuple(given["morphology"] or ()),
        prompts=tuple(given["prompt"] or ()),
        seed=given["seed"],
        skip=frozenset(given["skip"] or ()),
    )
    with interruptible():
        record = evaluate(subjects, standard_measures(subjects, asked), out, reporter)
    console = Console(highlight=False)
    for line in summary_lines(record):
        console.print(line, markup=False, soft_wrap=True)
    console.print(f"page: {out / PAGE}", markup=False, soft_wrap=True)


def _columns(named: str) -> "Columns":
    from fidan.corpus.pairs.read import Columns

    names = [name.strip() for name in named.split(",")]
    if len(names) not in (2, 3) or not all(names):
        raise FidanError(f"--question-columns {named}: must be QUESTION,ANSWER or QUESTION,ANSWER,CONTEXT.")
    return Columns(*names)


def _tasks(named: str | None) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in (named or "").split(","))))


def _options(names: list[str]) -> str:
    return ", ".join(f"--{name.replace('_', '-')}" for name in names)


def _pairs_of(assignments: list[str]) -> dict[str, Path]:
    found = {}
    for assignment in assignments:
        task, sign, file = assignment.partition("=")
        if not (task and sign and file):
            raise FidanError(f"--harness-data {assignment}: must be TASK=FILE.")
        found[task] = Path(file)
    return found
