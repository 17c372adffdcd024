"""Log-probabilities of given sequences: what minimal pairs, multiple choice and the harness ask of a model.

What it leaves out: long documents, which share nothing (`heldout`), and what the numbers mean.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from fidan.evaluation.predictions import predict
from fidan.evaluation.prefix_rows import Row, prefix_rows
from fidan.model.decoder import Decoder, Places
from fidan.progress import Reporter

ROW_NODES = 256  # of a row: attention looks at all pairs of them, and most of those are masked
BATCH_NODES = 4096  # of one forward pass


class Request(NamedTuple):
    """A sequence, and from where on it is scored.

    Attributes:
        ids: the whole sequence, `<s>` first.
        start: at least 1; `ids[start:]` are scored, each given all before it.
    """

    ids: Sequence[int]
    start: int


class Scored(NamedTuple):
    """What the model says of a request.

    Attributes:
        log_probabilities: (len(ids) - start,), in nats.
        greedy: whether each scored token was the likeliest.
    """

    log_probabilities: NDArray[np.float64]
    greedy: bool


@torch.inference_mode()
def score(
    model: Decoder,
    requests: Sequence[Request],
    *,
    autocast: AbstractContextManager[object],
    reporter: Reporter,
    what: str = "scoring",
) -> list[Scored]:
    """The log-probabilities of what is asked for, in the order of the requests.

    Args:
        model: put into evaluation mode.
        requests: in any order; those that begin alike are computed once up to where they part.
        autocast: the number format to compute in.
        reporter: shows progress.
        what: is scored, for the progress.

    Raises:
        ValueError: a request begins before 1, scores nothing, or has more than the context and one ids.
    """
    model.eval()
    context = model.config.context
    for number, request in enumerate(requests):
        if not 1 <= request.start < len(request.ids):
            raise ValueError(f"request {number}: start = {request.start} of {len(request.ids)} ids scores nothing.")
        if len(request.ids) > context + 1:
            raise ValueError(f"request {number}: {len(request.ids)} ids; the model's context is {context}.")
    sequences = [np.asarray(request.ids[:-1], np.int64) for request in requests]  # the last is predicted, not read
    results: list[Scored | None] = [None] * len(requests)
    with reporter.task(what, total=len(requests)) as task, autocast:  # weights are converted once
        for batch in _batches(prefix_rows(sequences, ROW_NODES)):
            for number, scored in _batch(model, batch, requests):
                results[number] = scored
            task.advance(sum(len(row.paths) for row in batch))
    return [result for result in results if result is not None]


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    longest = 0
    for row in rows:
        longest = max(longest, len(row.tokens))
        if batch and (len(batch) + 1) * longest > BATCH_NODES:
            yield batch
            batch, longest = [], len(row.tokens)
        batch.append(row)
    if batch:
        yield batch


def _batch(model: Decoder, batch: list[Row], requests: Sequence[Request]) -> Iterator[tuple[int, Scored]]:
    size = max(len(row.tokens) for row in batch)
    device = model.lm_head.weight.device
    tokens, positions = np.zeros((2, len(batch), size), np.int64)
    for place, row in enumerate(batch):
        tokens[place, : len(row.tokens)] = row.tokens
        positions[place, : len(row.tokens)] = row.positions
    mask = torch.from_numpy(np.stack([row.mask(size) for row in batch])).to(device)
    places = Places(torch.from_numpy(positions).to(device), mask)
    numbers, nodes, targets = [], [], []
    for place, row in enumerate(batch):
        for number, path in row.paths:
            request = requests[number]
            numbers.append((number, len(request.ids) - request.start))
            nodes.append(place * size + path[request.start - 1 :])
            targets.append(np.asarray(request.ids[request.start :], np.int64))
    asked = np.stack([np.concatenate(nodes), np.concatenate(targets)], axis=1)
    once, back = np.unique(asked, axis=0, return_inverse=True)  # what several requests ask is answered once
    hidden = model.model(torch.from_numpy(tokens).to(device), places=places).flatten(0, 1)
    wanted = torch.from_numpy(once).to(device)
    told = predict(hidden[wanted[:, 0]], model.lm_head.weight, wanted[:, 1]).at(back)
    start = 0
    for number, length in numbers:
        part = slice(start, start + length)
        yield number, Scored(told.log_probability[part], bool((told.rank[part] == 1).all()))
        start += length
