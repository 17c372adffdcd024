"""An order of pairs in which neighbours are of like length, so that a batch pads little, and yet a seeded shuffle.

All pairs are shuffled and cut into pools of `POOL` batches. Within a pool they are sorted by length and cut into
batches, and the batches of all pools are shuffled. Who shares a batch with whom changes with every epoch, as far as
lengths allow; lengths come in no order. Of 2,531 training pairs of Turkish law in batches of 32, 15 % of positions
are then padding, where a plain shuffle has 63 % (batches of 16: 13 and 56 %; of 64: 20 and 69 %).

The sequences of a run are counted through its epochs, while an epoch is seldom a whole number of batches. So the
first batch of an epoch may have begun in the one before: the cuts are where the batches of the run are, and only the
one across two epochs holds pairs of any length.
"""

import numpy as np
from numpy.typing import NDArray

POOL = 64  # batches whose pairs are sorted together
_STEP = 4  # ids: targets that differ by less count as alike, and are sorted by their sources

Ids = NDArray[np.int64]


def draw_order(sources: Ids, targets: Ids, batch: int, seed: int, epoch: int) -> Ids:
    """The pairs of an epoch, (N,), each once.

    Args:
        sources: (N,) ids of each source.
        targets: (N,) ids of each target.
        batch: pairs that are read together.
        seed: of the run.
        epoch: its number.
    """
    count = len(sources)
    random = np.random.Generator(np.random.Philox(key=[seed, epoch]))
    shuffled = random.permutation(count)
    head = min(-epoch * count % batch, count)  # pairs that fill the batch begun in the epoch before
    whole = (count - head) // batch * batch
    middle = shuffled[head : head + whole]
    batches = []
    for start in range(0, whole, POOL * batch):
        pool = middle[start : start + POOL * batch]
        batches.append(pool[_by_length(sources[pool], targets[pool])].reshape(-1, batch))
    if batches:
        middle = random.permutation(np.concatenate(batches)).reshape(-1)
    return np.concatenate([shuffled[:head], middle, shuffled[head + whole :]])


def _by_length(sources: Ids, targets: Ids) -> Ids:
    """Sorted by target, then by source, up and down in turn: where the target changes, the source stays."""
    step = targets // _STEP
    return np.lexsort((np.where(step % 2, -sources, sources), step))
