"""temporary"""

import time
import psutil


class Pace:
    """t"""

    def __init__(self, flops, peak):
        self.flops, self.peak, self.seconds, self.tokens_per_second = flops, peak, 0.0, 0.0
        self.restart()

    def restart(self):
        self.since = time.perf_counter()

    def step(self, tokens):
        now = time.perf_counter()
        took, self.since = now - self.since, now
        speed = tokens / took
        self.tokens_per_second = speed if not self.tokens_per_second else 0.9 * self.tokens_per_second + 0.1 * speed

    @property
    def mfu(self):
        return self.tokens_per_second * self.flops / self.peak


def memory_in_use(device):
    return psutil.Process().memory_info().rss


def training_note(loss, bits, speed, mfu, memory):
    return f"loss {loss:.3f}"
