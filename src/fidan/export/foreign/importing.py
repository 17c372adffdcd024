"""The way in: a foreign checkpoint becomes a Hugging Face folder, proved before it is called one.

Open, name, infer the shape, turn rotary layouts, write, verify: each is a file of its own. The folder is made beside
its place and moved there when it has passed, so a failure leaves nothing. The proof shows that Transformers and our
decoder agree on the folder; that our decoder is the foreign model rests on the names, the shapes and what was said of
the rest. What it leaves out: training on from such a checkpoint (its optimizer's state is not read).
"""

import tempfile
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import torch
from torch import Tensor

from fidan.errors import ArtifactMismatch
from fidan.export.foreign.buffers import INTERLEAVED
from fidan.export.foreign.file import open_foreign
from fidan.export.foreign.names import Named, name_tensors
from fidan.export.foreign.settings import ForeignOptions
from fidan.export.foreign.shape import HEAD, Inferred, infer
from fidan.export.hugging_face import torch_dtype, write_folder
from fidan.export.proof.verify import Verification, verify_folder
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.progress import Reporter
from fidan.recipe import ExportConfig, GenerateConfig
from fidan.settings import build
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.weights import load_weights

FORMATS = {torch.float32: "float32", torch.bfloat16: "bfloat16", torch.float16: "float16", torch.float64: "float32"}
MOST_PADDING = 1024  # rows of an embedding beyond the tokenizer; more are another tokenizer's


@dataclass(frozen=True)
class Imported:
    """What was made of a checkpoint."""

    config: ModelConfig
    vocabulary: int
    parameters: int
    dtype: str
    verification: Verification


def import_checkpoint(
    file: Path, out: Path, tokenizer: Path, options: ForeignOptions, reporter: Reporter
) -> Imported:
    """Make a Hugging Face folder of a `.pt` or safetensors file.

    Args:
        file: the checkpoint; its names are Meta's, Hugging Face's or ours.
        out: the folder; must be absent or empty.
        tokenizer: the model's `tokenizer.model`, or a folder with it.
        options: what the file does not say of the model, and the number format.
        reporter: told what was assumed, dropped and left out.

    Raises:
        SourceError: the file cannot be opened as tensors and plain values.
        ArtifactMismatch: its content is no such model, or contradicts itself, the options or the tokenizer.
        FidanError: there is no such tokenizer, or one that cannot be used.
        ExportError: the folder does not give in Transformers what the model gives here.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ArtifactMismatch(f"{out}: already holds something. Name a folder that is not there yet, or empty it.")
    pieces = Tokenizer.load(tokenizer)
    model, export, notes = _read(file, pieces, options)
    for note in notes:
        reporter.say(note)
    parameters = model.parameter_count()
    place = out.resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{place.name}.", suffix=".tmp", dir=place.parent) as beside:
        folder = Path(beside) / place.name
        write_folder(model, pieces, export, GenerateConfig(), folder)
        verification = verify_folder(folder, model, pieces)
        if place.exists():
            place.rmdir()  # it is empty
        folder.rename(place)
    return Imported(model.config, model.vocabulary, parameters, export.dtype, verification)


def _read(file: Path, tokenizer: Tokenizer, options: ForeignOptions) -> tuple[Decoder, ExportConfig, list[str]]:
    """Our decoder with a file's weights, the format they are in, and what to tell the user. The file is let go."""
    foreign = open_foreign(file)
    try:
        named = name_tensors(foreign.tensors)
        formats = _formats(named)
        inferred = infer(named, foreign.settings, options)
        _require_fit(tokenizer, inferred.vocabulary)
        widest = FORMATS[reduce(torch.promote_types, formats)]  # of bfloat16 and float16 it is float32
        export = build(ExportConfig, {"dtype": options.dtype or widest}, "options")
        model = _decoder(named, inferred, torch_dtype(export))
    except ArtifactMismatch as error:
        raise ArtifactMismatch(f"{file}: {error}") from error
    notes = list(inferred.notes)
    if foreign.left_out:
        notes.append(f"left out, since they are no weights of the model: {', '.join(foreign.left_out)}")
    if inferred.vocabulary > tokenizer.vocab_size:
        notes.append(f"{inferred.vocabulary - tokenizer.vocab_size:,} rows of the embedding stand for no piece")
    if formats != {torch_dtype(export)}:
        notes.append(f"written as {export.dtype}; the file has {', '.join(sorted(map(str, formats)))}")
    told = f"{file}: {named.family}'s names, {named.layers} layers, {model.parameter_count():,} parameters"
    return model, export, [told, *(f"  {note}" for note in notes)]


def half_split(weight: Tensor, heads: int) -> Tensor:
    """The rows of a (heads · K, D) query or key matrix, from interleaved pairs (2i, 2i + 1) to pairs (i, i + K/2).

    The scores do not change, since queries and keys are turned alike.
    """
    rows, columns = weight.shape
    pairs = weight.view(heads, rows // heads // 2, 2, columns)
    return pairs.transpose(1, 2).reshape(rows, columns)


def _formats(named: Named) -> set[torch.dtype]:
    """The number formats of a file's weights."""
    for ours, tensor in named.weights.items():
        if tensor.dtype not in FORMATS:
            raise ArtifactMismatch(
                f"{named.name(ours)} is of {tensor.dtype}: integer and quantised weights cannot be read, since their "
                "scales are not known. Save them as float32, bfloat16 or float16."
            )
        if tensor.layout != torch.strided or tensor.is_meta:
            raise ArtifactMismatch(f"{named.name(ours)} holds no plain values (sparse, or saved without them).")
    return {tensor.dtype for tensor in named.weights.values()}


def _require_fit(tokenizer: Tokenizer, vocabulary: int) -> None:
    if not 0 <= vocabulary - tokenizer.vocab_size < MOST_PADDING:
        raise ArtifactMismatch(
            f"the embedding has {vocabulary:,} rows, but the tokenizer {tokenizer.vocab_size:,} pieces: it is not "
            "the model's. Name the one that the model was trained with: --tokenizer."
        )


def _decoder(named: Named, inferred: Inferred, dtype: torch.dtype) -> Decoder:
    """Our decoder with the file's weights, rounded to `dtype`; only matrices to be turned are copied in between."""
    config = inferred.config
    turned = {"q_proj": config.n_heads, "k_proj": config.kv_heads} if inferred.layout == INTERLEAVED else {}
    tensors = {}
    for ours, tensor in named.weights.items():
        if ours == HEAD and config.tie_embeddings:
            continue
        heads = next((heads for part, heads in turned.items() if f".{part}." in ours), 0)
        tensors[ours] = half_split(tensor, heads) if heads else tensor
    model = Decoder(config, inferred.vocabulary).to(dtype)
    load_weights(model, tensors, "the checkpoint")
    for ours, parameter in model.named_parameters():
        if not torch.isfinite(parameter).all():
            raw = torch.isfinite(named.weights[ours]).all()
            why = f"values too large for {dtype}: choose another --dtype" if raw else "NaN or infinite values"
            raise ArtifactMismatch(f"{named.name(ours)} holds {why}.")
    return model.eval()
