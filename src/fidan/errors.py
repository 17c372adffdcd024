"""The errors that speak to a user: what was wrong, with its value, and what to do about it.

Anything that is not a `FidanError` and reaches the command line is a bug of ours and shows its traceback.
"""


class FidanError(ValueError):
    """A fault a user can mend. The message names the wrong value and the fix; the program exits with 1."""


class RecipeError(FidanError):
    """A recipe, or a `--set` override, that cannot be used as it stands."""


class ArtifactMismatch(FidanError):
    """An artifact that does not belong to the ones it is used with (tokens of another tokenizer, say)."""


class SourceError(FidanError):
    """An input file that is missing, empty, truncated or not what it claims to be."""


class DiskFullError(FidanError):
    """The file system has no room left; everything finished before is kept."""


class Stopped(Exception):
    """Work that was saved and left on request: a signal, or the end of its time. The program exits with 0."""
