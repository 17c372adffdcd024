"""A CTranslate2 model of an exported encoder-decoder, made by CTranslate2's own converter and opened again.

CTranslate2 (https://opennmt.net/CTranslate2) runs on a CPU or GPU without PyTorch. Its converter looks for the base
of the rotation where Transformers 5 no longer keeps it, and would take 10,000; here it finds the right one. What it
leaves out: decoders alone, for which there is GGUF; int8, which `ctranslate2.Translator(…, compute_type="int8")`
makes while loading.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fidan.artifact import read_json
from fidan.errors import ArtifactMismatch, FidanError
from fidan.export.licence import LICENCE
from fidan.export.sums import write_sums
from fidan.export.t5gemma import MODEL_TYPE
from fidan.export.transformers_library import quiet_transformers
from fidan.tokenizer.hugging_face import TOKENIZER_CONFIG, TOKENIZER_JSON
from fidan.tokenizer.tokenizer import MODEL

INSTALL = "CTranslate2 is not installed: pip install 'fidan[ctranslate2]'"
FOLDER = "ctranslate2"
_BESIDE = (TOKENIZER_JSON, TOKENIZER_CONFIG, MODEL, LICENCE)


class NotInstalled(FidanError):
    """CTranslate2 is not installed."""


def imported() -> Any:
    """The module.

    Raises:
        NotInstalled: it is not there.
    """
    try:
        import ctranslate2
    except ImportError as error:
        raise NotInstalled(f"{INSTALL}.") from error
    return ctranslate2


def why_not(folder: Path) -> str:
    """Why CTranslate2 would not run an exported folder as it is; empty: it runs it."""
    config = read_json(folder / "config.json")
    if config.get("model_type") != MODEL_TYPE:
        return "CTranslate2 models are made of encoder-decoders here; for a decoder there is GGUF"
    if not config.get("tie_word_embeddings", True):
        return "tie_embeddings = false: CTranslate2 always takes the embedding for the head"
    return ""


def convert(folder: Path, out: Path) -> None:
    """Make a CTranslate2 model, with tokenizer, licence and sums beside it.

    Args:
        folder: the Hugging Face folder; left as it is.
        out: a new folder.

    Raises:
        FidanError: CTranslate2 would run another model.
        NotInstalled: it is not there.
    """
    if reason := why_not(folder):
        raise FidanError(f"{folder}: {reason}.")
    imported()
    quiet_transformers()
    from ctranslate2.converters import TransformersConverter

    class Converter(TransformersConverter):  # type: ignore[misc]
        def load_model(self, *arguments: Any, **settings: Any) -> Any:
            model = super().load_model(*arguments, **settings)
            for stack in (model.config.encoder, model.config.decoder):
                stack.rope_theta = stack.rope_parameters["rope_theta"]
            return model

    Converter(str(folder)).convert(str(out))
    for name in _BESIDE:
        if (folder / name).is_file():
            shutil.copyfile(folder / name, out / name)
    write_sums(out)


class Converted:
    """A CTranslate2 model, opened on one core of the CPU, in fp32.

    Attributes:
        name: of the program.

    Raises:
        NotInstalled: CTranslate2 is not there.
        ArtifactMismatch: it cannot load the folder.
    """

    def __init__(self, folder: Path) -> None:
        ctranslate2 = imported()
        self.name = f"CTranslate2 {ctranslate2.__version__}"
        try:
            self._translator = ctranslate2.Translator(
                str(folder), device="cpu", compute_type="float32", inter_threads=1, intra_threads=1
            )
        except (RuntimeError, ValueError) as error:
            raise ArtifactMismatch(f"{folder}: CTranslate2 cannot load it: {error}") from error

    def answers(self, sources: Sequence[Sequence[str]], count: int) -> list[Any]:
        """Its results: the greedy text of each source, as pieces with `</s>` at the end, and its logits.

        Args:
            sources: pieces of each.
            count: pieces of a text at most.
        """
        found: list[Any] = self._translator.translate_batch(
            [list(source) for source in sources],
            beam_size=1,
            max_input_length=0,  # else it cuts sources at 1,024
            max_decoding_length=count,
            min_decoding_length=0,
            return_end_token=True,
            return_logits_vocab=True,
        )
        return found
