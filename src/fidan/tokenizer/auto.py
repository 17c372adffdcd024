"""Any tokenizer of Transformers for question-answer pairs, by name or folder.

A tokenizer of T5's kind has no `<s>`: its decoder starts with the padding, as Transformers has it there. One without
an end or without padding is refused, and not given some other token's. Names of special tokens in a text are plain
characters. What it leaves out: packing and pretraining on plain text, which take our own tokenizer.
"""

from collections.abc import Sequence

from fidan.artifact import hash_json
from fidan.errors import FidanError
from fidan.tokenizer.pairs import require_ids


class AutoPairTokenizer:
    """A tokenizer as `AutoTokenizer` opens it; a `PairTokenizer`.

    Args:
        name: a folder, or a name on the Hugging Face Hub.

    Raises:
        FidanError: it cannot be opened, or has no end or no padding.

    Attributes:
        name: as given.
        hash: of its vocabulary and its rules.
        vocab_size: one above the highest id.
        bos_id: its `<s>`; of a tokenizer without one the padding, as T5's.
        eos_id: its end.
        pad_id: its padding.
        unk_id: its unknown token; -1: it has none.
    """

    def __init__(self, name: str) -> None:
        from transformers import AutoTokenizer  # takes seconds, and few need it

        try:
            self._library = AutoTokenizer.from_pretrained(name, split_special_tokens=True)
        except (OSError, ValueError, KeyError, ImportError) as error:
            raise FidanError(f"{name}: no tokenizer that Transformers can open ({error}).") from error
        found = self._library
        self.name = name
        self.pad_id, self.eos_id, self.unk_id = map(_id, (found.pad_token_id, found.eos_token_id, found.unk_token_id))
        self.bos_id = self.pad_id if found.bos_token_id is None else int(found.bos_token_id)
        try:
            require_ids(self)
        except FidanError as error:
            raise FidanError(f"{name}: {error}") from error
        vocabulary: dict[str, int] = found.get_vocab()
        self.vocab_size: int = max(vocabulary.values()) + 1
        backend = getattr(found, "backend_tokenizer", None)
        rules = backend.to_str() if backend is not None else type(found).__name__
        self.hash: str = hash_json([rules, sorted(vocabulary.items()), self.bos_id, self.eos_id, self.pad_id])

    def encode(self, text: str) -> list[int]:
        """See `PairTokenizer`."""
        return list(self._library.encode(text, add_special_tokens=False))

    def decode(self, ids: Sequence[int]) -> str:
        """See `PairTokenizer`."""
        return str(self._library.decode(list(ids), skip_special_tokens=True, clean_up_tokenization_spaces=False))


def _id(token: int | None) -> int:
    return -1 if token is None else int(token)
