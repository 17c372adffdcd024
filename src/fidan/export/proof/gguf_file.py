"""What is in a GGUF file, read without llama.cpp: its settings and weights against the trained model's.

The weights are taken out of their number format and put back into the order of ours, so that `Decoder` can compute
with what the file really holds. What it leaves out: what llama.cpp makes of the file (`gguf_logits`).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from fidan.export.proof.rows import Row, exact, within
from fidan.export.proof.runtimes import loaded
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.tokenizer.chat import IM_END, JINJA
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.weights import load_weights, weights_of

# Relative RMS error of Gaussian weights in each format, measured on files of llama.cpp and of the `gguf` package.
ERRORS = {
    "F32": 0.0, "F16": 2e-4, "BF16": 1.7e-3, "Q8_0": 5.3e-3, "Q5_1": 0.038, "Q5_0": 0.042, "Q4_1": 0.078,
    "Q4_0": 0.085, "Q6_K": 0.0175, "Q5_K": 0.036, "Q4_K": 0.071, "Q3_K": 0.15, "Q2_K": 0.3,
}  # fmt: skip
_OTHER = 0.3  # a format that is not listed
# Weights have heavier tails than a Gaussian. Another tensor, or another order of the rows, is at 1.4.
_ROOM = 2.0


class GgufFile:
    """A GGUF file of a Llama.

    Attributes:
        name: of the file.
        weights: by our names, fp32, in the order of ours.
        formats: of each weight, by our name, in llama.cpp's names ("Q8_0").

    Raises:
        FidanError: not a GGUF file, or a truncated one.
    """

    def __init__(self, path: Path, model: Decoder) -> None:
        self.name = path.name
        reader = loaded(path, "the gguf library", lambda: gguf.GGUFReader(path))
        self._fields = reader.fields
        names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, model.config.n_layers)
        ours = {names.get_name(name, try_suffixes=(".weight",)): name for name in weights_of(model)}
        self.weights: dict[str, Tensor] = {}
        self.formats: dict[str, str] = {}
        for tensor in reader.tensors:
            name = ours.get(tensor.name, tensor.name)
            read = partial(gguf.dequantize, tensor.data, tensor.tensor_type)
            values = loaded(path, "the gguf library", read)
            part = tensor.name.removesuffix(".weight").rpartition(".")[2]
            heads = {"attn_q": model.config.n_heads, "attn_k": model.config.kv_heads}.get(part, 0)
            if heads and len(values) % (2 * heads) == 0:  # another model's may not be, and does not fit anyway
                values = _halves(values, heads)
            self.weights[name] = torch.from_numpy(np.array(values, dtype=np.float32))
            self.formats[name] = tensor.tensor_type.name

    def setting(self, key: str, default: Any = None) -> Any:
        """A value of the file's head."""
        field = self._fields.get(key)
        return default if field is None else field.contents()

    def check_settings(self, config: ModelConfig, tokenizer: Tokenizer, chats: bool = False) -> Row:
        """Shape, rotation, norm and tokenizer: every one as trained, one that is not there by llama.cpp's default.

        Args:
            config: of the trained model.
            tokenizer: its own.
            chats: whether it was taught to chat, so that its template belongs there.
        """
        wanted = _settings(config, tokenizer) | (_chat_settings(tokenizer) if chats else {})
        found = {key: self.setting(key, default) for key, (_, default) in wanted.items()}
        for key in ("tokens", "scores", "token_type"):  # rows beyond the tokenizer's are padding
            found[key] = (self.setting(f"tokenizer.ggml.{key}") or [])[: tokenizer.vocab_size]
        expected = {key: value for key, (value, _) in wanted.items()} | _pieces(tokenizer)
        names = list(expected)
        values = [_narrow(found[name]) for name in names]
        return exact("settings", self.name, "settings", [_narrow(expected[name]) for name in names], values, names)

    def check_weights(self, model: Decoder) -> Row:
        """Every weight within what its number format loses: the worst one, in terms of its limit."""
        wanted = weights_of(model)
        if odd := sorted(self.weights.keys() ^ wanted.keys()):
            note = f"{odd[0]} is {'missing' if odd[0] in wanted else 'unknown'}"
            return within("weights", self.name, len(wanted), "tensors", float("inf"), 0, note)
        apart = {name: _distance(self.weights[name], own) for name, own in wanted.items()}
        name = max(apart, key=lambda name: apart[name] / max(self.limit(name), 1e-30))
        worst, limit = apart[name], self.limit(name)
        note = f"relative RMS error, in {name} ({self.formats[name]})"
        return within("weights", self.name, len(wanted), "tensors", worst, limit, note)

    def error(self, name: str) -> float:
        """The relative RMS error that a weight's format is expected to make."""
        return ERRORS.get(self.formats[name], _OTHER)

    def limit(self, name: str) -> float:
        """The relative RMS error that a weight may have."""
        return _ROOM * self.error(name)

    def model(self, config: ModelConfig, vocabulary: int) -> Decoder:
        """Our model with the weights of the file and the settings of the trained one.

        Raises:
            ArtifactMismatch: they do not fit.
        """
        found = Decoder(config, vocabulary)
        load_weights(found, self.weights, self.name)
        return found.eval()

    @contextmanager
    def rounding(self, model: Decoder) -> Iterator[None]:
        """Inside it, a model computes as llama.cpp does with this file: what goes into a matrix product is rounded.

        llama.cpp multiplies F16 by F16, and quantised weights by inputs in blocks of whole numbers up to ±127; the
        table is `vec_dot_type` in ggml-cpu.c.
        """
        hooks = []
        for name, module in model.named_modules():
            if isinstance(module, nn.Linear):
                # A tied head is stored as the embedding only.
                narrow = _rounding(self.formats.get(f"{name}.weight", self.formats["model.embed_tokens.weight"]))
                hooks.append(module.register_forward_pre_hook(lambda _, inputs, f=narrow: (f(inputs[0]),)))
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()


def _settings(config: ModelConfig, tokenizer: Tokenizer) -> dict[str, tuple[Any, Any]]:
    """Key to the value that is wanted and what llama.cpp takes where the key is not there."""
    width = config.d_model // config.n_heads
    return {
        "general.architecture": ("llama", None),
        "llama.context_length": (config.context, None),
        "llama.embedding_length": (config.d_model, None),
        "llama.block_count": (config.n_layers, None),
        "llama.feed_forward_length": (config.d_ff, None),
        "llama.attention.head_count": (config.n_heads, None),
        "llama.attention.head_count_kv": (config.kv_heads, config.n_heads),
        "llama.attention.key_length": (config.head_width, width),
        "llama.attention.value_length": (config.head_width, width),
        "llama.rope.dimension_count": (config.head_width, width),
        "llama.rope.freq_base": (config.rope_theta, 10_000.0),
        "llama.rope.scaling.type": ("none", "none"),
        "llama.attention.layer_norm_rms_epsilon": (config.norm_eps, None),
        "tokenizer.ggml.model": ("llama", None),
        "tokenizer.ggml.bos_token_id": (tokenizer.bos_id, 1),
        "tokenizer.ggml.eos_token_id": (tokenizer.eos_id, 2),
        "tokenizer.ggml.unknown_token_id": (tokenizer.unk_id, 0),
        "tokenizer.ggml.padding_token_id": (tokenizer.pad_id, -1),
        "tokenizer.ggml.add_bos_token": (True, True),
        "tokenizer.ggml.add_eos_token": (False, False),
        "tokenizer.ggml.add_space_prefix": (True, True),
    }


def _chat_settings(tokenizer: Tokenizer) -> dict[str, tuple[Any, Any]]:
    """Likewise, of a model that chats; llama.cpp finds the end of a turn by its name."""
    end = tokenizer.special_id(IM_END)
    return {"tokenizer.chat_template": (JINJA, None), "tokenizer.ggml.eot_token_id": (end, end)}


def _pieces(tokenizer: Tokenizer) -> dict[str, list[Any]]:
    """Text, score and kind of every piece; told a second time, and not by `gguf`, whose faults this is to find."""
    kinds = []
    for i in range(tokenizer.vocab_size):
        if tokenizer.is_byte(i):
            kinds.append(int(gguf.TokenType.BYTE))
        elif i == tokenizer.unk_id:
            kinds.append(int(gguf.TokenType.UNKNOWN))
        else:
            kinds.append(int(gguf.TokenType.CONTROL if i in tokenizer.special_ids else gguf.TokenType.NORMAL))
    every = range(tokenizer.vocab_size)
    return {
        "tokens": [tokenizer.piece(i) for i in every],
        "scores": [tokenizer.score(i) for i in every],
        "token_type": kinds,
    }


def _narrow(value: Any) -> Any:
    """A float as the file holds it."""
    if isinstance(value, list):
        return [_narrow(item) for item in value]
    return float(np.float32(value)) if isinstance(value, float) else value


def _distance(found: Tensor, wanted: Tensor) -> float:
    if found.shape != wanted.shape:
        return float("inf")
    return float((found - wanted.float()).norm() / wanted.float().norm().clamp_min(1e-30))


def _halves(weight: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """The rows of a query or key projection as ours are: llama.cpp's rows 2i and 2i + 1 of a head are i and i + K/2.

    Args:
        weight: (heads·K, D).
        heads: H, or the number of key heads.
    """
    rows, width = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, width).swapaxes(1, 2).reshape(rows, width)


def _rounding(form: str) -> Callable[[Tensor], Tensor]:
    """What llama.cpp does to the input of a product with a weight of this format."""
    if form == "F32":
        return lambda x: x
    if form in ("F16", "BF16"):
        dtype = torch.float16 if form == "F16" else torch.bfloat16
        return lambda x: x.to(dtype).float()
    block = 256 if form.startswith(("IQ", "TQ")) or form.endswith("_K") else 32
    return lambda x: _whole_numbers(x, block)


def _whole_numbers(x: Tensor, block: int) -> Tensor:
    """A tensor (..., D) in blocks of whole numbers from -127 to 127, each with a factor of its own (Q8_0, Q8_K)."""
    parts = x.reshape(-1, block)
    factor = parts.abs().amax(dim=1, keepdim=True) / 127
    whole = torch.where(factor > 0, parts / factor, 0).round()
    if block == 32:
        factor = factor.half().float()
    return (whole * factor).reshape(x.shape)
