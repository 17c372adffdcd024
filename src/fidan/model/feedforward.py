"""The feed-forward layer: each position by itself, into a wider space, through a bend, and back.

Attention moves information between positions; here it is worked on, and here most of a model's knowledge is. Three
kinds: GELU (Hendrycks & Gimpel, arXiv 1606.08415) bends every value of the wide space; in the gated two (Shazeer,
arXiv 2002.05202) one product, bent, decides value by value what passes of another. A gate is a third matrix: at equal
parameters d_ff is two thirds as wide. No biases.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from fidan.model.config import ModelConfig


class SwiGLU(nn.Module):
    """`down(silu(gate(x)) * up(x))`."""

    def __init__(self, d_model: int, d_ff: int) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(d_model, d_ff, bias=False)
        self.up_proj = nn.Linear(d_model, d_ff, bias=False)
        self.down_proj = nn.Linear(d_ff, d_model, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(…, D) → (…, D)."""
        out: Tensor = self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))
        return out


class GeGLU(nn.Module):
    """`down(gelu(gate(x)) * up(x))`, GELU in its tanh form, as in Gemma."""

    def __init__(self, d_model: int, d_ff: int) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(d_model, d_ff, bias=False)
        self.up_proj = nn.Linear(d_model, d_ff, bias=False)
        self.down_proj = nn.Linear(d_ff, d_model, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(…, D) → (…, D)."""
        out: Tensor = self.down_proj(F.gelu(self.gate_proj(x), approximate="tanh") * self.up_proj(x))
        return out


class GELU(nn.Module):
    """`down(gelu(up(x)))`, GELU in its exact form: x times the chance that a normal variable is below x."""

    def __init__(self, d_model: int, d_ff: int) -> None:
        super().__init__()
        self.up_proj = nn.Linear(d_model, d_ff, bias=False)
        self.down_proj = nn.Linear(d_ff, d_model, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(…, D) → (…, D)."""
        out: Tensor = self.down_proj(F.gelu(self.up_proj(x)))
        return out


def build_feedforward(config: ModelConfig) -> SwiGLU | GeGLU | GELU:
    """The layer that a config asks for."""
    kinds: dict[str, type[SwiGLU | GeGLU | GELU]] = {"swiglu": SwiGLU, "geglu": GeGLU, "gelu": GELU}
    return kinds[config.feedforward](config.d_model, config.d_ff)
