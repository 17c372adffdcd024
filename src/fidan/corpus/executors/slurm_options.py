"""The options of `sbatch` that a recipe gives, checked before anything is submitted.

What it leaves out: whether the cluster takes them; `sbatch` says so.
"""

from collections.abc import Iterable

from fidan.errors import FidanError

_REQUIRED = {"partition": "partition=cpu", "time": "time=04:00:00"}
_OURS = {"array", "chdir", "error", "export", "job-name", "output", "parsable", "wait", "wrap"}


def parse_options(options: Iterable[str]) -> dict[str, str]:
    """Options by name, flags with an empty value.

    Args:
        options: long names, as `partition=cpu` or `exclusive`; two dashes before them do no harm.

    Raises:
        FidanError: one that is malformed, given twice or set by this package; or a required one is missing.
    """
    found: dict[str, str] = {}
    for option in options:
        name, equals, value = option.removeprefix("--").partition("=")
        name, value = name.strip(), value.strip()
        where = f"corpus.slurm: {option!r}"
        if len(name) < 2 or name.startswith("-") or any(character.isspace() for character in name):
            raise FidanError(
                f'{where}: write the long name of an option of sbatch, as "partition=cpu" or "exclusive".'
            )
        if equals and not value:
            raise FidanError(f"{where}: a value is missing after the equals sign.")
        if "\n" in value:
            raise FidanError(f"{where}: a value is one line.")
        if name in _OURS:
            raise FidanError(f"{where}: fidan sets {name} itself; leave it out.")
        if name in found:
            raise FidanError(f"{where}: {name} is given twice.")
        found[name] = value
    missing = [name for name in _REQUIRED if not found.get(name)]
    if missing:
        example = ", ".join(f'"{_REQUIRED[name]}"' for name in missing)
        raise FidanError(
            f'corpus.executor = "slurm": {" and ".join(missing)} missing; add to corpus.slurm, for example {example}.'
        )
    return found
