"""A GGUF file of an exported Hugging Face folder, for llama.cpp and what is built on it.

The `gguf` package alone writes F32, F16, BF16, Q8_0 and Q4_0. llama.cpp turns neighbouring pairs of a head's numbers
where Hugging Face turns halves, so the rows of `q_proj` and `k_proj` are put in its order; nothing else moves. The
tokenizer goes along whole: pieces, scores, kinds, and what is put around a text.

Which tensor gets which format:
- norms: F32, as llama.cpp wants them;
- a tied head: not written, llama.cpp takes the embedding;
- in a Q4_0 file the head (or the embedding that is also the head): Q8_0. llama.cpp gives it more bits too, since what
  it loses reaches every logit;
- a matrix whose rows are no multiple of the format's block of 32: F16, and it is said which.

What it leaves out: the K-quants, which need a llama.cpp (`quantize`), and the proof that a file computes the same.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from fidan.artifact import atomic_path, read_json
from fidan.errors import ArtifactMismatch, FidanError
from fidan.export.hugging_face import config_from_hugging_face, sampling_from_hugging_face
from fidan.model.config import ModelConfig
from fidan.recipe import NO_LLAMA_CPP, GenerateConfig
from fidan.tokenizer.chat import IM_END, JINJA
from fidan.tokenizer.hugging_face import TOKENIZER_CONFIG
from fidan.tokenizer.tokenizer import Tokenizer

KINDS = ("F32", "F16", "BF16", "Q8_0", "Q4_0")
LANGUAGES = ("tr",)
_EMBEDDING, _HEAD = "token_embd.weight", "output.weight"
# What our sampling does, in its order, in llama.cpp's names; its own default also cuts by min-p, and cools last.
_SAMPLERS = "penalties;temperature;top_k;top_p;min_p"


def write_gguf(
    folder: Path,
    kind: str,
    path: Path,
    name: str = "",
    say: Callable[[str], None] = lambda text: None,
    licence: str = "",
) -> None:
    """Write the model of a Hugging Face folder as a GGUF file; the same folder always gives the same bytes.

    One tensor is in memory at a time. The file appears whole or not at all.

    Args:
        folder: made by `fidan.export.hugging_face`.
        kind: one of `KINDS`.
        path: of the file.
        name: of the model, in the file; by default the file's name up to the kind.
        say: is told of matrices that could not be had in that kind.
        licence: of the weights, as an id; empty: not told.

    Raises:
        FidanError: an unknown kind, or weights that the kind cannot hold.
        ArtifactMismatch: config, weights and tokenizer do not belong together, or are not ours.
        DiskFullError: no room.
    """
    if kind not in KINDS:
        raise FidanError(f"{kind!r}: not a kind of GGUF that is written here. There are {', '.join(KINDS)}.")
    config, vocabulary = config_from_hugging_face(read_json(folder / "config.json"))
    if config.encoder_layers:
        raise FidanError(f"{folder}: {NO_LLAMA_CPP}")
    weights = folder / "model.safetensors"
    try:
        with (
            safe_open(weights, framework="pt") as source,
            atomic_path(path) as temporary,
            closing(gguf.GGUFWriter(temporary, "llama")) as writer,
        ):
            shapes = {key: tuple(source.get_slice(key).get_shape()) for key in source.keys()}  # noqa: SIM118
            plan = _plan(shapes, config, kind, weights)
            other = {ours: shapes[key][-1] for ours, (key, found) in plan.items() if found.name == "F16"}
            if other and kind != "F16":
                say(f"{path.name}: F16 instead of {kind}, as their rows are no multiple of 32: {matrices(other)}")
            _describe_model(writer, config, vocabulary, name or path.stem.removesuffix(f"-{kind}"))
            writer.add_size_label(gguf.size_label(sum(map(_size, shapes.values())), 0, 0, 0))
            if licence:
                writer.add_license(licence)
            writer.add_file_type(_file_type(kind))
            writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
            _describe_sampling(writer, sampling_from_hugging_face(folder), config.context)
            _describe_tokenizer(writer, folder, vocabulary)
            _write_tensors(writer, source, plan, shapes, config)
    except SafetensorError as error:
        raise ArtifactMismatch(f"{weights}: cannot be read as safetensors ({error}).") from error


_Plan = Mapping[str, tuple[str, gguf.GGMLQuantizationType]]


def _plan(shapes: Mapping[str, tuple[int, ...]], config: ModelConfig, kind: str, where: Path) -> _Plan:
    """llama.cpp's name of every tensor, in the order of the file, with Hugging Face's name and the format.

    Raises:
        ArtifactMismatch: a tensor is missing, or one is there that llama.cpp has no place for.
    """
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config.n_layers)
    theirs = {key: names.get_name(key, try_suffixes=(".weight",)) for key in shapes}
    unknown = [key for key, found in theirs.items() if found is None]
    wanted = {_EMBEDDING, "output_norm.weight", *([] if config.tie_embeddings else [_HEAD])}
    parts = ("attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up", "ffn_down")
    wanted |= {f"blk.{layer}.{part}.weight" for layer in range(config.n_layers) for part in parts}
    missing = wanted - set(theirs.values())
    if unknown or missing or len(wanted) != len(shapes):
        extra = unknown or sorted(set(theirs.values()) - wanted)
        faults = [f"missing {_shown(sorted(missing))}"] * bool(missing) + [f"unknown {_shown(extra)}"] * bool(extra)
        raise ArtifactMismatch(f"{where}: does not fit its config.json: {'; '.join(faults)}.")
    head = _EMBEDDING if config.tie_embeddings else _HEAD
    return {
        found: (key, _format(shapes[key], "Q8_0" if kind == "Q4_0" and found == head else kind))
        for key, found in theirs.items()
    }


def _format(shape: tuple[int, ...], kind: str) -> gguf.GGMLQuantizationType:
    if len(shape) == 1:  # a norm
        return gguf.GGMLQuantizationType.F32
    wanted = gguf.GGMLQuantizationType[kind]
    block, _ = gguf.GGML_QUANT_SIZES[wanted]
    return wanted if shape[-1] % block == 0 else gguf.GGMLQuantizationType.F16


def _write_tensors(
    writer: gguf.GGUFWriter, source: Any, plan: _Plan, shapes: Mapping[str, tuple[int, ...]], config: ModelConfig
) -> None:
    for ours, (key, found) in plan.items():
        block, block_bytes = gguf.GGML_QUANT_SIZES[found]
        size = _size(shapes[key]) // block * block_bytes
        writer.add_tensor_info(ours, shapes[key], np.dtype(np.float32), size, raw_dtype=found)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    assert writer.fout is not None
    (file,) = writer.fout
    for ours, (key, found) in plan.items():
        values = source.get_tensor(key).to(torch.float32).numpy()
        limit = np.finfo(np.float16).max if found.name == "F16" else np.finfo(np.float32).max
        if not np.abs(values).max() <= limit:  # so that NaN fails too
            raise FidanError(f"{key}: has a weight that {found.name} cannot hold (NaN, or beyond ±{limit:.3g}).")
        if ours.endswith(("attn_q.weight", "attn_k.weight")):
            values = interleaved(values, config.n_heads if ours.endswith("attn_q.weight") else config.kv_heads)
        # Not the writer's own way to the disk, which is NumPy's: that would not say why a write failed.
        writer.write_padding(file, file.tell())
        file.write(np.ascontiguousarray(gguf.quantize(values, found)).data)
    writer.write_padding(file, file.tell())


def interleaved(weight: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """The rows of a query or key projection for rotation of neighbours instead of halves.

    Rows i and i + K/2 of a head, which Hugging Face turns as a pair, become rows 2i and 2i + 1 (llama.cpp's
    `LlamaModel.permute`).

    Args:
        weight: (heads·K, D).
        heads: H, or the number of key heads.

    Returns:
        The same shape.
    """
    rows, width = weight.shape
    return weight.reshape(heads, 2, rows // heads // 2, width).swapaxes(1, 2).reshape(rows, width)


def matrices(rows: Mapping[str, int]) -> str:
    """Names of tensors with the lengths of their rows, for a message; the same of many layers is one."""
    shown = {f"{re.sub(r'blk[.][0-9]+', 'blk.*', name)} ({length})" for name, length in rows.items()}
    return ", ".join(sorted(shown))


def _describe_model(writer: gguf.GGUFWriter, config: ModelConfig, vocabulary: int, name: str) -> None:
    writer.add_type("model")
    writer.add_name(name)
    writer.add_languages(LANGUAGES)
    writer.add_vocab_size(vocabulary)
    writer.add_context_length(config.context)
    writer.add_embedding_length(config.d_model)
    writer.add_block_count(config.n_layers)
    writer.add_feed_forward_length(config.d_ff)
    writer.add_head_count(config.n_heads)
    writer.add_head_count_kv(config.kv_heads)
    writer.add_key_length(config.head_width)
    writer.add_value_length(config.head_width)
    writer.add_rope_dimension_count(config.head_width)
    writer.add_rope_freq_base(config.rope_theta)
    writer.add_layer_norm_rms_eps(config.norm_eps)


def _describe_sampling(writer: gguf.GGUFWriter, sampling: GenerateConfig, context: int) -> None:
    """The defaults under which llama.cpp samples as we do."""
    writer.add_sampling_sequence(_SAMPLERS)
    writer.add_sampling_temp(sampling.temperature)
    writer.add_sampling_top_k(sampling.top_k)
    writer.add_sampling_top_p(sampling.top_p)
    writer.add_sampling_min_p(sampling.min_p)
    writer.add_sampling_penalty_repeat(sampling.repetition_penalty)
    writer.add_sampling_penalty_last_n(context)  # the whole text counts, not its last 64 tokens


def _describe_tokenizer(writer: gguf.GGUFWriter, folder: Path, vocabulary: int) -> None:
    tokenizer, told = Tokenizer.load(folder), read_json(folder / TOKENIZER_CONFIG)
    if tokenizer.vocab_size > vocabulary:
        raise ArtifactMismatch(
            f"{folder}: its tokenizer has {tokenizer.vocab_size:,} pieces, its model only {vocabulary:,}."
        )
    pieces, scores, types = map(list, zip(*_pieces(tokenizer, vocabulary), strict=True))
    writer.add_tokenizer_model("llama")  # llama.cpp's name for SentencePiece
    writer.add_tokenizer_pre("default")
    writer.add_token_list(pieces)
    writer.add_token_scores(scores)
    writer.add_token_types(types)
    writer.add_bos_token_id(tokenizer.bos_id)
    writer.add_eos_token_id(tokenizer.eos_id)
    writer.add_unk_token_id(tokenizer.unk_id)
    if tokenizer.pad_id >= 0:
        writer.add_pad_token_id(tokenizer.pad_id)
    writer.add_add_bos_token(bool(told["add_bos_token"]))
    writer.add_add_eos_token(bool(told["add_eos_token"]))
    writer.add_add_space_prefix(bool(told["add_prefix_space"]))
    if told.get("chat_template"):
        writer.add_chat_template(told["chat_template"])
    if told.get("chat_template") == JINJA:  # llama.cpp also knows it by its name; other programs may not
        writer.add_eot_token_id(tokenizer.special_id(IM_END))


def _pieces(tokenizer: Tokenizer, vocabulary: int) -> Iterator[tuple[str, float, int]]:
    """Text, score and kind of every row of the embedding; rows beyond the tokenizer's pieces can never be met."""
    for i in range(tokenizer.vocab_size):
        kind = gguf.TokenType.NORMAL
        if tokenizer.is_byte(i):
            kind = gguf.TokenType.BYTE
        elif i == tokenizer.unk_id:
            kind = gguf.TokenType.UNKNOWN
        elif i in tokenizer.special_ids:
            kind = gguf.TokenType.CONTROL
        yield tokenizer.piece(i), tokenizer.score(i), int(kind)
    for i in range(tokenizer.vocab_size, vocabulary):
        yield f"[PAD{i}]", -10_000.0, int(gguf.TokenType.UNUSED)


def _file_type(kind: str) -> int:
    return int(gguf.LlamaFileType["ALL_F32" if kind == "F32" else f"MOSTLY_{kind}"])


def _size(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape, dtype=np.int64))


def _shown(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
