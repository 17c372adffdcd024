"""The licence of exported weights: its text, and the name under which the Hugging Face Hub knows it.

What it leaves out: the terms of the training data, which are told by the card (`fidan.export.card.writing`).
"""

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from fidan.artifact import hash_file
from fidan.errors import FidanError
from fidan.recipe import ExportConfig

LICENCE = "LICENSE"  # the file of its text
# The Hub refuses a card whose `license` it does not list; any other goes in as `other`, with a name and a link.
# From https://huggingface.co/docs/hub/repositories-licenses, without those of single models and companies.
HUB_LICENCES = frozenset(
    "afl-3.0 agpl-3.0 apache-2.0 artistic-2.0 bigcode-openrail-m bigscience-bloom-rail-1.0 bigscience-openrail-m bsd "
    "bsd-2-clause bsd-3-clause bsd-3-clause-clear bsl-1.0 cc cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-nc-2.0 "
    "cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 "
    "cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc0-1.0 creativeml-openrail-m ecl-2.0 epl-1.0 epl-2.0 eupl-1.1 gfdl gpl "
    "gpl-2.0 gpl-3.0 isc lgpl lgpl-2.1 lgpl-3.0 mit mpl-2.0 ms-pl ncsa odbl odc-by openrail openrail++ osl-3.0 pddl "
    "postgresql unlicense wtfpl zlib".split()
)


def licence_text(export: ExportConfig) -> bytes:
    """What goes into `LICENSE`: the file the recipe names, or else the text of Apache-2.0.

    Raises:
        FidanError: the file is not there or is empty.
    """
    if not export.license_file:
        return (files("fidan.export") / f"{export.license}.txt").read_bytes()
    try:
        text = Path(export.license_file).read_bytes()
    except OSError as error:
        raise FidanError(
            f"export.license_file = {export.license_file!r}: cannot be read ({error.strerror}). Name the text of "
            f"{export.license}, relative to the current folder."
        ) from error
    if not text.strip():
        raise FidanError(f"export.license_file = {export.license_file!r}: the file is empty.")
    return text


def licence_told(folder: Path) -> str:
    """The id of the licence that a folder's model card tells; empty where it has no card, or tells none."""
    card = folder / "README.md"
    head = card.read_text(encoding="utf-8").partition("\n---\n")[0] if card.is_file() else ""
    told = dict(re.findall(r"^(license(?:_name)?): *['\"]?([a-z0-9.+-]+)", head, re.MULTILINE))
    return str(told.get("license_name") or told.get("license") or "")  # a name where the Hub calls it `other`


def licence_hashes(export: ExportConfig) -> Mapping[str, str]:
    """What an export reads beside the run: the hash of the licence's file, where the recipe names one.

    Raises:
        FidanError: the file is not there or is empty.
    """
    if not export.license_file:
        return {}
    licence_text(export)
    return {"licence": hash_file(Path(export.license_file))}
