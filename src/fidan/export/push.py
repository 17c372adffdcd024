"""An exported folder to a repository of the Hugging Face Hub, in one commit.

The folder is held against its `SHA256SUMS` first. The one change on the way is the card's: where its commands say
`KULLANICI/NAME`, the repository's name is put in, and the card's sum with it; the folder itself stays as it is.
What it leaves out: logging in (`hf auth login`), and deleting what the repository had before.
"""

from pathlib import Path

from fidan import __version__
from fidan.errors import FidanError
from fidan.export.card.usage import with_repository
from fidan.export.card.writing import CARD
from fidan.export.sums import SUMS, check_sums, listed_files, sum_lines
from fidan.progress import Reporter


def push_folder(
    folder: Path,
    repo: str,
    *,
    private: bool = False,
    revision: str | None = None,
    reporter: Reporter,
    endpoint: str | None = None,
) -> str:
    """Upload a folder; a repository that is not there is made.

    Args:
        folder: as `fidan export` left it.
        repo: `owner/name`, or a name alone for one of the token's owner.
        private: whether a new repository is private; an old one stays what it is.
        revision: the branch, made if it is not there; None: main.
        reporter: told what is uploaded and where to.
        endpoint: the Hub's address; None: the environment's `HF_ENDPOINT`, or huggingface.co.

    Returns:
        The address of the repository.

    Raises:
        ArtifactMismatch: a file is not as it was exported.
        FidanError: nobody is logged in, the Hub refuses, or it cannot be reached.
    """
    from huggingface_hub import CommitOperationAdd, HfApi, get_token  # a second to import, and only this needs it

    check_sums(folder)
    token = get_token()
    if not token:
        raise FidanError(
            "no token for the Hugging Face Hub: run `hf auth login`, or set HF_TOKEN to one that may write "
            "(https://huggingface.co/settings/tokens)."
        )
    api = HfApi(endpoint=endpoint, token=token)
    try:
        made = api.create_repo(repo, private=private or None, exist_ok=True)  # None: as the owner has it
        if revision:
            api.create_branch(made.repo_id, branch=revision, exist_ok=True)
        operations = [CommitOperationAdd(name, content) for name, content in _contents(folder, made.repo_id).items()]
        total = sum(operation.upload_info.size for operation in operations)
        reporter.say(f"{len(operations)} files ({total / 1e6:,.1f} MB) to {made}")
        message = f"Exported by fidan {__version__}"
        api.create_commit(made.repo_id, operations, commit_message=message, revision=revision)
    except Exception as error:  # the Hub's client raises those of its HTTP library, which has changed before
        raise FidanError(_explain(error, repo, api.endpoint)) from error
    return f"{made}/tree/{revision}" if revision else str(made)


def _contents(folder: Path, repository: str) -> dict[str, Path | bytes]:
    """What is uploaded, by name: the folder's files, and its card and sums with the repository's name."""
    files: dict[str, Path | bytes] = dict(listed_files(folder))
    if CARD in files:
        files[CARD] = with_repository((folder / CARD).read_text(encoding="utf-8"), repository).encode()
    return {**files, SUMS: sum_lines(files).encode()}


def _explain(error: BaseException | None, repo: str, endpoint: str) -> str:
    """What a user can do about an error, or about the one that caused it."""
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    first = error
    while error is not None:
        if isinstance(error, HFValidationError):
            return f"{repo!r} is not a name for a repository: {error} Write it as owner/name."
        if isinstance(error, HfHubHTTPError):
            return f"{repo}: {_refused(error.response.status_code)} ({str(error).strip().splitlines()[-1]})"
        error = error.__cause__
    return (
        f"{repo}: the upload to {endpoint} failed ({type(first).__name__}: {first}). Check the network, and that "
        "HF_HUB_OFFLINE is not set; the same command tries again, and does not send large files twice."
    )


def _refused(status: int) -> str:
    if status == 401:
        return "the Hub does not know the token. Log in again with `hf auth login`, or renew HF_TOKEN."
    if status in (403, 404):
        return (
            "the token may not write there. Name a repository of your own, or take a token with the right to write."
        )
    return f"the Hub refused it with status {status}."
