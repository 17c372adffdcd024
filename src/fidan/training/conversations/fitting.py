"""Which conversations share a row: best fit, the longest first.

Each goes to the fullest row that still has room for it, else to a new one. That is bin packing's "best-fit
decreasing", which needs at most 11/9 of the rows of the best packing and 4 more (Johnson, 1973); on conversations,
most of which are short, rows are full but for the last few. Since no position attends to another conversation, who
shares a row with whom changes no loss, so one packing serves all epochs. What it leaves out: the tensors (`rows`).
"""

from collections.abc import Sequence

import numpy as np


def best_fit(lengths: Sequence[int] | np.ndarray, room: int) -> list[list[int]]:
    """Items to rows; each item is in one, and the lengths of a row's items add up to `room` at most.

    Args:
        lengths: of the items, from 1 to `room`; among equal ones the earlier comes first.
        room: of a row.

    Returns:
        The places of the items of each row, the longest first.
    """
    rows: list[list[int]] = []
    with_room: list[list[int]] = [[] for _ in range(room + 1)]  # numbers of the rows that have so much left
    known = 0  # bit n: a row has n left, so that the fullest that will do is found at once
    for place in np.argsort(-np.asarray(lengths), kind="stable"):
        length = int(lengths[place])
        assert 1 <= length <= room, f"an item of {length} for rows of {room}"
        fitting = known >> length
        if fitting:
            left = length + (fitting & -fitting).bit_length() - 1
            number = with_room[left].pop()
            if not with_room[left]:
                known ^= 1 << left
        else:
            left, number = room, len(rows)
            rows.append([])
        rows[number].append(int(place))
        with_room[left - length].append(number)
        known |= 1 << (left - length)
    return rows
