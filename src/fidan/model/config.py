"""The shape of a model, and what follows from it by arithmetic: parameters and floating-point operations.

Field names are short and ours; `fidan.export` writes them under Hugging Face's names. No torch in here, so that a
recipe can be read and costed without it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelConfig:
    """A LLaMA-like decoder: pre-norm, RMSNorm, RoPE, SwiGLU, no biases.

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

    def __post_init__(self) -> None:
        least = {"d_model": 1, "n_layers": 1, "n_heads": 1, "d_ff": 1, "context": 8}
        for name, limit in least.items():
            if getattr(self, name) < limit:
                raise ValueError(f"{name} = {getattr(self, name)}: must be at least {limit}.")
        for name in ("rope_theta", "norm_eps", "init_std"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} = {getattr(self, name)}: must be positive.")
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
        if self.head_width < 2 or self.head_width % 2:
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

    def layer_parameters(self) -> int:
        """Parameters of one block: four attention matrices, three feed-forward ones, two norms."""
        attention = 2 * self.d_model * self.head_width * (self.n_heads + self.kv_heads)
        return attention + 3 * self.d_model * self.d_ff + 2 * self.d_model

    def parameters(self, vocabulary: int) -> int:
        """Every parameter of the model, a tied matrix counted once."""
        embeddings = vocabulary * self.d_model * (1 if self.tie_embeddings else 2)
        return embeddings + self.n_layers * self.layer_parameters() + self.d_model

    def flops_per_token(self, vocabulary: int, sequence_length: int) -> int:
        """Floating-point operations to train on one token: forward and backward.

        6 for each weight that takes part in a matrix product (the head included, the embedding look-up not), plus
        12·H·K·T a layer for the attention scores and their use (PaLM, appendix B: arXiv 2204.02311). Causal
        attention needs half of the latter; the full figure is the convention, so MFU compares with others'.
        """
        matrices = self.n_layers * (self.layer_parameters() - 2 * self.d_model) + vocabulary * self.d_model
        return 6 * matrices + 12 * self.n_layers * self.n_heads * self.head_width * sequence_length
