"""Where the project lives on the web, as far as the one who builds the site knows it.

`FIDAN_REPOSITORY` says it, which the workflow that deploys sets; else the checkout's own remote does. Where neither
names a web address, links to files lead to a domain that by its standard never exists (RFC 2606): a guessed owner's
name would be anyone's to take. What it leaves out: asking whether the address answers (`dev/site.py --external`).
"""

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

VARIABLE = "FIDAN_REPOSITORY"
NOWHERE = "https://example.invalid"


class Address(NamedTuple):
    """The project's addresses.

    Attributes:
        repository: of its files, without a slash at the end.
        site: of the site, with one.
        colab: what opens a notebook of the branch `notebooks`; empty where the repository is not on GitHub.
    """

    repository: str
    site: str
    colab: str

    @property
    def known(self) -> bool:
        """Whether it is a real one."""
        return not self.repository.startswith(NOWHERE)


def address_of(repository: str) -> Address:
    """The addresses that follow from the repository's; from an empty one, those that lead nowhere."""
    repository = repository.strip().removesuffix("/").removesuffix(".git")
    repository = re.sub(r"^git@([^:/]+):", r"https://\1/", repository)
    github = re.fullmatch(r"https://github\.com/([^/]+)/([^/]+)", repository)
    if github:
        owner, name = github.groups()
        colab = f"https://colab.research.google.com/github/{owner}/{name}/blob/notebooks"
        return Address(repository, f"https://{owner}.github.io/{name}/", colab)
    if repository.startswith("https://"):
        return Address(repository, f"{NOWHERE}/", "")
    return Address(f"{NOWHERE}/fidan", f"{NOWHERE}/", "")


def find(root: Path) -> Address:
    """The address of this checkout."""
    if said := os.environ.get(VARIABLE, ""):
        return address_of(said)
    command = ["git", "-C", str(root), "remote", "get-url", "origin"]
    return address_of(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
