"""The proof of a chapter: what the learner wrote gives what the library gives."""

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Numbers = npt.NDArray[Any]


def esit_mi(bizimki: object, kutuphane: object, sinir: float = 1e-6) -> None:
    """Compare two results and print how far apart they are.

    Floating-point numbers, tensors and arrays may differ by `sinir`, times the largest number of `kutuphane` where
    that is above 1 (fp32 keeps seven digits, not seven places); whole numbers may not differ. Sequences are compared
    one by one, everything else with `==`.

    Args:
        bizimki: what the chapter computed.
        kutuphane: what the library computed.
        sinir: the largest difference that counts as rounding.

    Raises:
        AssertionError: they differ; the message says where and by how much.
    """
    ours, theirs = _numbers(bizimki), _numbers(kutuphane)
    if ours is not None and theirs is not None:
        _compare(ours, theirs, sinir)
    elif isinstance(bizimki, list | tuple) and isinstance(kutuphane, list | tuple):
        if len(bizimki) != len(kutuphane):
            raise AssertionError(f"eşit değil: {len(bizimki)} öğe, kütüphanede {len(kutuphane)}.")
        for one, other in zip(bizimki, kutuphane, strict=True):
            esit_mi(one, other, sinir)
    elif bizimki != kutuphane:
        raise AssertionError(f"eşit değil: {bizimki!r}, kütüphanede {kutuphane!r}.")
    else:
        print(f"eşit: {str(bizimki)[:60]}")


def _numbers(value: object) -> Numbers | None:
    """As an array, or None of what is no number."""
    if isinstance(value, Tensor):
        wide = value.detach().cpu()
        return np.asarray(wide.to(torch.float64) if wide.is_floating_point() else wide)
    if isinstance(value, list | tuple) and not all(isinstance(part, int | float) for part in value):
        return None
    array = np.asarray(value)
    return array if array.dtype.kind in "biuf" else None


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, np.floating) else str(value)


def _compare(ours: Numbers, theirs: Numbers, limit: float) -> None:
    if ours.shape != theirs.shape:
        raise AssertionError(f"eşit değil: biçim {ours.shape}, kütüphanede {theirs.shape}.")
    with np.errstate(invalid="ignore"):  # infinity less infinity, where both agree
        apart = np.where(ours == theirs, 0.0, np.abs(ours.astype(np.float64) - theirs.astype(np.float64)))
    finite = np.abs(theirs[np.isfinite(theirs)].astype(np.float64))
    exact = ours.dtype.kind in "bui" and theirs.dtype.kind in "bui"
    allowed = 0.0 if exact else limit * max(1.0, float(finite.max(initial=0.0)))
    worst = float(apart.max(initial=0.0))
    if not worst <= allowed:  # NaN is no rounding either
        place = tuple(int(i) for i in np.unravel_index(int(np.argmax(np.nan_to_num(apart, nan=np.inf))), apart.shape))
        values = f"bizimki {_short(ours[place])}, kütüphanede {_short(theirs[place])}"
        raise AssertionError(f"eşit değil: en büyük fark {worst:.3g} (sınır {allowed:.1g}), yeri {place}: {values}.")
    print(
        f"eşit: biçim {ours.shape}, " + ("tıpatıp" if exact else f"en büyük fark {worst:.1e} (sınır {allowed:.0e})")
    )
