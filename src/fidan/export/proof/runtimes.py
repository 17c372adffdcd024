"""The programs an export is read by, each behind the same few methods.

`TokenRuntime` is what turns texts into ids and back, `ModelRuntime` what gives logits. What it leaves out: what is
compared, and how far apart may be (`compare`, `gguf_logits`); the programs that run an encoder-decoder (`seq2seq`).
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol, TypeVar

import sentencepiece
import tokenizers
import torch
from torch import Tensor

from fidan.corpus.conversations.conversation import Message
from fidan.errors import FidanError
from fidan.export.transformers_library import quiet_transformers
from fidan.llama_cpp.model import GgufModel
from fidan.tokenizer.hugging_face import TOKENIZER_JSON
from fidan.tokenizer.tokenizer import MODEL, Tokenizer

T = TypeVar("T")


class TokenRuntime(Protocol):
    """A program that encodes and decodes.

    Attributes:
        name: of the program, or of the file it reads.
        reads_symbols: whether it can take names of control symbols in a text for the symbols.
    """

    name: str
    reads_symbols: bool

    def ids(self, texts: Sequence[str], symbols: bool) -> list[list[int]]:
        """The ids of texts, with what the folder puts around them; `symbols`: control symbols' names are read so."""

    def texts(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """The texts of ids, none of them a control symbol's."""


class ModelRuntime(Protocol):
    """A program that computes the model.

    Attributes:
        name: of the program, or of the file it reads.
    """

    name: str

    def logits(self, ids: Sequence[int], places: Sequence[int]) -> Tensor:
        """(places, V) logits of what follows each of these places, up to a constant a row; fp32."""

    def greedy(self, ids: Sequence[int], count: int) -> list[int]:
        """The `count` likeliest next tokens, one after the other; the end of a text does not stop it."""


class SentencePieceRuntime:
    """`tokenizer.model` in the SentencePiece library, without our layer over it.

    Args:
        folder: that holds it.
        sources: texts end with `</s>`, instead of beginning with `<s>`: the file does not say so.

    Raises:
        FidanError: no such file, or a broken one.
    """

    reads_symbols = False

    def __init__(self, folder: Path, sources: bool = False) -> None:
        self._sources = sources
        self.name = f"SentencePiece {sentencepiece.__version__}"
        Tokenizer.load(folder)  # says what is wrong with a model that is none of ours
        self._processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / MODEL))

    def ids(self, texts: Sequence[str], symbols: bool) -> list[list[int]]:
        """As `TokenRuntime.ids` says; there are no symbols inside a text here."""
        found: list[list[int]] = self._processor.encode(list(texts), add_bos=not self._sources, add_eos=self._sources)
        return found

    def texts(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """As `TokenRuntime.texts` says."""
        found: list[str] = self._processor.decode([list(row) for row in ids])
        return found


class TokenizersRuntime:
    """`tokenizer.json` in the `tokenizers` library.

    Raises:
        FidanError: no such file, or a broken one.
    """

    reads_symbols = True

    def __init__(self, folder: Path) -> None:
        self.name = f"tokenizers {tokenizers.__version__}"
        path = folder / TOKENIZER_JSON
        self._tokenizer = loaded(path, "the tokenizers library", lambda: tokenizers.Tokenizer.from_file(str(path)))

    def ids(self, texts: Sequence[str], symbols: bool) -> list[list[int]]:
        """As `TokenRuntime.ids` says."""
        self._tokenizer.encode_special_tokens = not symbols
        return [found.ids for found in self._tokenizer.encode_batch(list(texts))]

    def texts(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """As `TokenRuntime.texts` says."""
        found: list[str] = self._tokenizer.decode_batch([list(row) for row in ids])
        return found


class TransformersTokenizer:
    """The folder in Transformers' `AutoTokenizer`.

    Raises:
        FidanError: Transformers cannot load it.
    """

    reads_symbols = True

    def __init__(self, folder: Path) -> None:
        transformers = quiet_transformers()
        self.name = f"Transformers {transformers.__version__}"
        self._tokenizer = loaded(
            folder,
            "Transformers",
            lambda: transformers.AutoTokenizer.from_pretrained(str(folder), local_files_only=True),
        )

    def ids(self, texts: Sequence[str], symbols: bool) -> list[list[int]]:
        """As `TokenRuntime.ids` says."""
        if not texts:
            return []
        found: list[list[int]] = self._tokenizer(list(texts), split_special_tokens=not symbols)["input_ids"]
        return found

    def texts(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """As `TokenRuntime.texts` says."""
        found: list[str] = self._tokenizer.batch_decode([list(row) for row in ids])
        return found

    def chat(self, messages: Sequence[Message], answer: bool) -> list[int]:
        """The ids of a conversation by the folder's template; `answer`: up to where the assistant answers.

        Raises:
            FidanError: it has no template, or one that cannot be filled.
        """
        return list(self._filled(messages, answer, tokenize=True, return_dict=False))

    def rendered(self, messages: Sequence[Message], answer: bool, template: str) -> str:
        """The text of a conversation by another template.

        Raises:
            FidanError: it cannot be filled.
        """
        return str(self._filled(messages, answer, tokenize=False, chat_template=template))

    def _filled(self, messages: Sequence[Message], answer: bool, **settings: Any) -> Any:
        turns = [asdict(message) for message in messages]
        fill = self._tokenizer.apply_chat_template
        return loaded(
            Path(self._tokenizer.name_or_path),
            "Transformers",
            lambda: fill(turns, add_generation_prompt=answer, **settings),
        )


class TransformersFolder:
    """The folder in one of Transformers' automatic classes, in fp32 on the CPU.

    Args:
        folder: to load.
        automatic: the class's name.

    Attributes:
        name: of the program.
        loose: weights that were missing, unknown, or of another shape, by what the matter was.

    Raises:
        FidanError: Transformers cannot load it.
    """

    def __init__(self, folder: Path, automatic: str) -> None:
        transformers = quiet_transformers()
        self.name = f"Transformers {transformers.__version__}"
        self._model, report = loaded(
            folder,
            "Transformers",
            lambda: getattr(transformers, automatic).from_pretrained(
                str(folder), dtype=torch.float32, output_loading_info=True, local_files_only=True
            ),
        )
        self._model.eval()
        self.loose: dict[str, Any] = {key: value for key, value in report.items() if value}


class TransformersModel(TransformersFolder):
    """The folder in Transformers' `AutoModelForCausalLM`; a `ModelRuntime`.

    Raises:
        FidanError: Transformers cannot load it.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "AutoModelForCausalLM")
        self._model.generation_config.eos_token_id = None  # an end would cut the comparison short

    def logits(self, ids: Sequence[int], places: Sequence[int]) -> Tensor:
        """As `ModelRuntime.logits` says."""
        with torch.inference_mode():
            found: Tensor = self._model(torch.tensor([list(ids)])).logits[0, list(places)]
        return found

    def greedy(self, ids: Sequence[int], count: int) -> list[int]:
        """As `ModelRuntime.greedy` says."""
        batch = torch.tensor([list(ids)])
        found: list[int] = self._model.generate(
            batch,
            attention_mask=torch.ones_like(batch),
            max_new_tokens=count,
            do_sample=False,
            repetition_penalty=1.0,
            pad_token_id=0,  # nothing is padded; without one there is a warning
        )[0].tolist()
        return found[len(ids) :]


class GgufRuntime:
    """A GGUF file in llama.cpp."""

    reads_symbols = True

    def __init__(self, model: GgufModel, file: Path) -> None:
        self.name = file.name
        self._model = model

    def ids(self, texts: Sequence[str], symbols: bool) -> list[list[int]]:
        """As `TokenRuntime.ids` says."""
        return self._model.ids_of_many(texts, special=symbols)

    def texts(self, ids: Sequence[Sequence[int]]) -> list[str]:
        """As `TokenRuntime.texts` says."""
        return [self._model.text(row) for row in ids]

    def logits(self, ids: Sequence[int], places: Sequence[int]) -> Tensor:
        """As `ModelRuntime.logits` says: they are log-probabilities."""
        return torch.from_numpy(self._model.log_probabilities(ids, places))

    def greedy(self, ids: Sequence[int], count: int) -> list[int]:
        """As `ModelRuntime.greedy` says."""
        return self._model.greedy(ids, count)


def loaded(path: Path, what: str, load: Callable[[], T]) -> T:
    """What another library makes of a file.

    Raises:
        FidanError: it cannot; its own words follow.
    """
    try:
        return load()
    except Exception as error:  # these libraries raise nothing more precise for a broken file
        raise FidanError(f"{path}: {what} cannot load it: {error}") from error
