"""The SwiGLU feed-forward layer (Shazeer, arXiv 2002.05202): a gate decides, value by value, what passes."""

from torch import Tensor, nn
from torch.nn import functional as F


class SwiGLU(nn.Module):
    """`down(silu(gate(x)) * up(x))`, without biases."""

    def __init__(self, d_model: int, d_ff: int) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(d_model, d_ff, bias=False)
        self.up_proj = nn.Linear(d_model, d_ff, bias=False)
        self.down_proj = nn.Linear(d_ff, d_model, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(…, D) → (…, D)."""
        out: Tensor = self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))
        return out
