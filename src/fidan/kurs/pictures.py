"""One look for the pictures of the chapters, and the one picture that many of them draw: who looks at whom."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from cycler import cycler
from matplotlib import pyplot as plt
from torch import Tensor

STYLE: dict[str, Any] = {
    "figure.dpi": 110,
    "figure.constrained_layout.use": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "axes.prop_cycle": cycler(color=["#2e7d32", "#ef6c00", "#1565c0", "#6a1b9a", "#c62828", "#00838f"]),
    "font.size": 10,
    "legend.frameon": False,
}
plt.style.use(STYLE)


def dikkat_haritasi(
    agirliklar: Tensor,
    sorgular: Sequence[str],
    anahtarlar: Sequence[str] | None = None,
    baslik: str = "",
    ax: Any = None,
) -> Any:
    """Draw attention weights: a row a query, a column a key, dark where much is looked at.

    Args:
        agirliklar: (T, S).
        sorgular: T labels.
        anahtarlar: S labels; None: those of the queries.
        baslik: the title.
        ax: where to draw; None: on a figure of its own.

    Returns:
        The axes.

    Raises:
        ValueError: the labels are not as many as rows and columns.
    """
    keys = list(sorgular if anahtarlar is None else anahtarlar)
    weights = np.asarray(agirliklar.detach().cpu().float())
    if weights.shape != (len(sorgular), len(keys)):
        raise ValueError(f"{weights.shape} biçimli ağırlıklar, {len(sorgular)} sorgu ve {len(keys)} anahtar.")
    if ax is None:
        _, ax = plt.subplots(figsize=(1.5 + 0.42 * len(keys), 1.2 + 0.36 * len(sorgular)))
    ax.imshow(weights, cmap="Greens", vmin=0.0, vmax=max(1e-9, float(weights.max())))
    ax.set_xticks(range(len(keys)), keys, rotation=60, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(sorgular)), list(sorgular))
    ax.set_xlabel("anahtar: bakılan")
    ax.set_ylabel("sorgu: bakan")
    ax.set_title(baslik)
    ax.spines[:].set_visible(False)
    return ax
