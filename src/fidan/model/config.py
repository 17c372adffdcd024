"""The shape of a model, and what follows from it by arithmetic: parameters and floating-point operations.

One config is for both models. Without encoder layers it is a decoder alone, and by default a Llama; with them it is
an encoder-decoder, and with sandwich norm a T5Gemma. Field names are short and ours; `fidan.export` writes them under
Hugging Face's names. No torch in here, so that a recipe can be read and costed without it.
"""

from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_origin, get_type_hints


def _later(default: Any) -> Any:
    """A setting that came later: a manifest leaves it out where it has its default (`fidan.settings.added`)."""
    return field(default=default, metadata={"added": True})


@dataclass(frozen=True)
class ModelConfig:
    """By default a LLaMA-like decoder: pre-norm, RMSNorm, RoPE, SwiGLU, no biases.

    The defaults are the project's 134M shape: with a vocabulary of 32,000 it has 134,105,856 parameters, and
    109,529,856 with `tie_embeddings`.
    """

    d_model: int = 768
    n_layers: int = 12
    n_heads: int = 12
    n_kv_heads: int | None = None  # None: as many as n_heads; fewer is grouped-query attention
    head_dim: int | None = None  # None: d_model / n_heads
    d_ff: int = 2048
    context: int = 2048
    rope_theta: float = 10_000.0
    norm_eps: float = 1e-5
    init_std: float = 0.02
    embedding_std: float = 0.0  # of the embedding's first values; 0: init_std
    tie_embeddings: bool = False
    dropout: float = 0.0  # while training: of what each sub-layer adds to the stream, and of the embeddings
    drop_path: float = 0.0  # while training: whole sub-layers, a sequence at a time; grows with depth to this
    encoder_layers: int = _later(0)  # above 0: an encoder-decoder; n_layers are the decoder's, all else is of both
    norm: Literal["rmsnorm", "layernorm"] = _later("rmsnorm")
    norm_place: Literal["pre", "sandwich"] = _later("pre")  # of each sub-layer: before it, or before and after it
    feedforward: Literal["swiglu", "geglu", "gelu"] = _later("swiglu")
    positions: Literal["rope", "sinusoidal", "learnt"] = _later("rope")
    layer_scale: float = _later(0.0)  # first value of a learnt gain on what each sub-layer adds; 0: there is none

    def __post_init__(self) -> None:
        for name, kind in get_type_hints(type(self)).items():
            if get_origin(kind) is Literal and getattr(self, name) not in get_args(kind):
                raise ValueError(f"{name} = {getattr(self, name)!r}: must be one of {', '.join(get_args(kind))}.")
        least = {"d_model": 1, "n_layers": 1, "n_heads": 1, "d_ff": 1, "context": 8, "encoder_layers": 0}
        for name, limit in least.items():
            if getattr(self, name) < limit:
                raise ValueError(f"{name} = {getattr(self, name)}: must be at least {limit}.")
        for name in ("rope_theta", "norm_eps", "init_std"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} = {getattr(self, name)}: must be positive.")
        if not 0 <= self.layer_scale <= 1:
            raise ValueError(f"layer_scale = {self.layer_scale}: from above 0 to 1, such as 0.1; 0 is none.")
        if self.embedding_std < 0:
            raise ValueError(f"embedding_std = {self.embedding_std}: must not be negative; 0 is init_std.")
        for name in ("dropout", "drop_path"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: from 0 to below 1.")
        if self.head_dim is None and self.d_model % self.n_heads:
            near = next(n for n in range(self.n_heads, 0, -1) if self.d_model % n == 0)
            raise ValueError(
                f"d_model = {self.d_model} cannot be split among n_heads = {self.n_heads} heads: "
                f"choose a multiple of {self.n_heads}, n_heads = {near}, or set head_dim."
            )
        if self.positions == "sinusoidal" and self.d_model % 2:
            raise ValueError(f"d_model = {self.d_model}: sinusoidal positions come in pairs and need an even one.")
        if self.positions == "rope" and (self.head_width < 2 or self.head_width % 2):
            raise ValueError(f"head width = {self.head_width}: rotary positions need an even one of at least 2.")
        if self.kv_heads < 1 or self.n_heads % self.kv_heads:
            raise ValueError(f"n_kv_heads = {self.n_kv_heads}: must divide n_heads = {self.n_heads}.")

    @property
    def kv_heads(self) -> int:
        """G, the number of key/value heads."""
        return self.n_heads if self.n_kv_heads is None else self.n_kv_heads

    @property
    def head_width(self) -> int:
        """K, the width of one head."""
        return self.d_model // self.n_heads if self.head_dim is None else self.head_dim

    @property
    def embedding_scale(self) -> float:
        """What embeddings are multiplied by: √D where there is an encoder or a sinusoid to be heard beside, else 1.

        Vaswani et al. (arXiv 1706.03762, section 3.4), and T5Gemma.
        """
        return self.d_model**0.5 if self.encoder_layers or self.positions == "sinusoidal" else 1.0

    def llama_shaped(self) -> list[str]:
        """What keeps the model from being a Llama, each as `name = value`; empty: it is one."""
        return self._unlike(
            {"encoder_layers": 0, "norm": "rmsnorm", "norm_place": "pre", "feedforward": "swiglu"}
        ) + self._unlike({"positions": "rope", "layer_scale": 0.0})

    def t5gemma_shaped(self) -> list[str]:
        """What keeps the model from being a T5Gemma, each as `name = value`; empty: it is one."""
        missing = [] if self.encoder_layers else ["encoder_layers = 0"]
        gated = self._unlike({"feedforward": "swiglu"}) if self.feedforward != "geglu" else []
        alike = self._unlike({"norm": "rmsnorm", "norm_place": "sandwich", "positions": "rope", "layer_scale": 0.0})
        if self.d_model % self.n_heads:  # Transformers refuses it, even with a head_dim
            alike.append(f"d_model = {self.d_model} for n_heads = {self.n_heads}")
        return missing + gated + alike

    def _unlike(self, wanted: dict[str, Any]) -> list[str]:
        return [f"{name} = {getattr(self, name)!r}" for name, value in wanted.items() if getattr(self, name) != value]

    def layer_matrices(self, cross: bool = False) -> int:
        """Parameters in the matrices of one block: four of attention, eight with `cross`, and the feed-forward's."""
        attention = 2 * self.d_model * self.head_width * (self.n_heads + self.kv_heads)
        feedforward = (2 if self.feedforward == "gelu" else 3) * self.d_model * self.d_ff
        return attention * (2 if cross else 1) + feedforward

    def layer_parameters(self, cross: bool = False) -> int:
        """Parameters of one block: its matrices, and its vectors (norms, layer scales).

        Args:
            cross: a block of an encoder-decoder's decoder, which attends to the source, too.
        """
        vectors = self._norm_parameters() * (2 if self.norm_place == "sandwich" else 1)
        vectors += self.d_model if self.layer_scale else 0
        return self.layer_matrices(cross) + vectors * (3 if cross else 2)

    def _norm_parameters(self) -> int:
        return self.d_model * (2 if self.norm == "layernorm" else 1)  # LayerNorm has a bias

    def parameters(self, vocabulary: int) -> int:
        """Every parameter of the model, a tied or shared matrix counted once."""
        embeddings = vocabulary * self.d_model * (1 if self.tie_embeddings else 2)
        stack = self._norm_parameters() + (self.context * self.d_model if self.positions == "learnt" else 0)
        decoder = self.n_layers * self.layer_parameters(cross=self.encoder_layers > 0) + stack
        encoder = self.encoder_layers * self.layer_parameters() + stack if self.encoder_layers else 0
        return embeddings + encoder + decoder

    def flops_per_token(self, vocabulary: int, sequence_length: int, source_length: int | None = None) -> int:
        """Floating-point operations to train on one token of a sequence: forward and backward.

        6 for each weight that takes part in a matrix product (the head included, the embedding look-up not), plus
        12·H·K·T a layer for the attention scores and their use (PaLM, appendix B: arXiv 2204.02311). Causal
        attention needs half of the latter; the full figure is the convention, so MFU compares with others'.
        Of an encoder-decoder the tokens are the target's, and each bears its share of the work on the source.

        Args:
            vocabulary: V.
            sequence_length: T.
            source_length: S, of an encoder-decoder; None: as long as the target.

        Raises:
            ValueError: a source length for a model without an encoder.
        """
        scores = 12 * self.n_heads * self.head_width
        matrices = self.n_layers * self.layer_matrices() + vocabulary * self.d_model
        target = 6 * matrices + scores * self.n_layers * sequence_length
        if not self.encoder_layers:
            if source_length is not None:
                raise ValueError(f"source_length = {source_length}: the model has no encoder.")
            return target
        source = sequence_length if source_length is None else source_length
        # Cross-attention: queries and outputs are the target's work, keys and values the source's.
        queries, keys = (2 * self.d_model * self.head_width * heads for heads in (self.n_heads, self.kv_heads))
        target += self.n_layers * (6 * queries + scores * source)
        read = 6 * (self.encoder_layers * self.layer_matrices() + self.n_layers * keys)
        read += scores * self.encoder_layers * source
        return target + read * source // sequence_length
