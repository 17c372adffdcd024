"""`SHA256SUMS`: what every file of a folder was when the folder was finished, in the form of `sha256sum -c`.

What it leaves out: the manifest beside the folder, whose hashes find accidents in a run; these are for whoever gets
the folder over a network.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from fidan.artifact import all_files, atomic_write
from fidan.errors import ArtifactMismatch

SUMS = "SHA256SUMS"
_NOT_OURS = (".git/", ".cache/")  # what git and the Hub's downloads keep in a folder


def listed_files(folder: Path) -> dict[str, Path]:
    """The files that the sums are of, by their names below the folder."""
    return {name: path for name, path in all_files(folder).items() if name != SUMS and not name.startswith(_NOT_OURS)}


def sha256(content: Path | bytes) -> str:
    """The SHA-256 of a file, or of what would be one, as 64 hex digits."""
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest()
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sum_lines(files: Mapping[str, Path | bytes]) -> str:
    """The text of `SHA256SUMS` for files by their names."""
    return "".join(f"{sha256(content)}  {name}\n" for name, content in files.items())


def write_sums(folder: Path) -> None:
    """Write the sums of all other files; the last thing to do to a folder."""
    lines = sum_lines(listed_files(folder))
    with atomic_write(folder / SUMS, "w") as file:
        file.write(lines)


def read_sums(folder: Path) -> dict[str, str]:
    """The sums as they are written, by the names of the files.

    Raises:
        ArtifactMismatch: there are none, or a line is not one.
    """
    path = folder / SUMS
    if not path.is_file():
        raise ArtifactMismatch(f"{folder}: has no {SUMS}. Export it again.")
    sums = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        digest, separator, name = line.partition("  ")
        if not separator or len(digest) != 64:
            raise ArtifactMismatch(f"{path}: line {number} is not a sum and a file's name. Export it again.")
        sums[name] = digest
    return sums


def changes(folder: Path) -> list[str]:
    """What was changed, lost or added in a folder since its sums were written, by name.

    Raises:
        ArtifactMismatch: there are no sums, or a line is not one.
    """
    sums, found = read_sums(folder), listed_files(folder)
    faults = [f"{name} is missing" for name in sums if name not in found]
    faults += [f"{name} is not listed" for name in found if name not in sums]
    return faults + [
        f"{name} has changed" for name, path in found.items() if name in sums and sha256(path) != sums[name]
    ]


def check_sums(folder: Path) -> None:
    """Hold a folder against its sums.

    Raises:
        ArtifactMismatch: a file was changed, lost or added since they were written, by name.
    """
    if faults := changes(folder):
        raise ArtifactMismatch(
            f"{folder}: not as it was exported: {'; '.join(faults)}. Export it again; if the change is meant, "
            f"write the new sum of that file (`sha256sum FILE`) into {SUMS}."
        )
