"""What Prometheus reads at `/metrics`: requests, tokens, slots, and how long a client waits for a token.

What the decoding loop counts is read from it when it is asked for, so the page's requests are among those; the
routes' counts and the times are of requests over HTTP. A registry of its own: several servers in one process do not
meet.
"""

import time
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from fidan.serving.batcher import Batcher, Piece

FIRST_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
TOKEN_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1)


class Metrics:
    """Of one server.

    Args:
        batcher: its decoding loop.
    """

    def __init__(self, batcher: Batcher) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter("fidan_requests", "Answered requests", ["route", "status"], registry=self._registry)
        self._first = Histogram(
            "fidan_first_token_seconds", "From a request's arrival to its first text",
            buckets=FIRST_SECONDS, registry=self._registry,
        )  # fmt: skip
        self._token = Histogram(
            "fidan_token_seconds",
            "A token's share of the time between two pieces of text",
            buckets=TOKEN_SECONDS,
            registry=self._registry,
        )
        self._registry.register(_Loop(batcher))

    def answered(self, route: str, status: int) -> None:
        """Count a request.

        Args:
            route: its path as it was declared, so that there are few.
            status: of its answer; 499 where the client left before.
        """
        self._requests.labels(route, str(status)).inc()

    def watch(self) -> "Watch":
        """The clock of a request that begins now."""
        return Watch(self._first, self._token)

    def text(self) -> bytes:
        """All of it, in Prometheus' text format."""
        return generate_latest(self._registry)


class Watch:
    """The times of one request's tokens."""

    def __init__(self, first: Histogram, token: Histogram) -> None:
        self._first, self._token = first, token
        self._begun = time.monotonic()
        self._last: dict[int, tuple[float, int]] = {}

    def note(self, found: Iterable[tuple[int, Piece]]) -> None:
        """Pieces have come."""
        now = time.monotonic()
        for number, piece in found:
            if number not in self._last:
                self._first.observe(now - self._begun)
            elif (more := piece.written - self._last[number][1]) > 0:
                self._token.observe((now - self._last[number][0]) / more)
            self._last[number] = now, piece.written


class _Loop(Collector):
    """What the decoding loop counts."""

    def __init__(self, batcher: Batcher) -> None:
        self._batcher = batcher

    def collect(self) -> Iterator[Metric]:
        stats = self._batcher.stats()
        yield GaugeMetricFamily("fidan_slots", "Rows that are decoded together", stats.slots)
        yield GaugeMetricFamily("fidan_running", "Texts being written", stats.running)
        yield GaugeMetricFamily("fidan_waiting", "Texts that wait for a slot", stats.waiting)
        yield CounterMetricFamily("fidan_texts", "Texts asked for", stats.requests)
        yield CounterMetricFamily("fidan_prompt_tokens", "Tokens read", stats.prompt_tokens)
        yield CounterMetricFamily("fidan_written_tokens", "Tokens written", stats.written_tokens)
        yield CounterMetricFamily("fidan_cancelled", "Texts nobody waited for", stats.cancelled)
        yield CounterMetricFamily("fidan_refused", "Texts turned away since the queue was full", stats.refused)
        yield CounterMetricFamily("fidan_failed", "Texts that ended with an error of the model", stats.failed)
