"""The decoding loop of a server: texts as they would be alone, a bounded queue, cancelling, errors, the end."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import torch

from fidan.errors import FidanError
from fidan.generation.cache import KeyValueCache
from fidan.generation.engine import TorchEngine
from fidan.generation.generate import write
from fidan.recipe import GenerateConfig
from fidan.serving.batcher import Batcher, Piece, QueueFull, Request
from fidan.stages import Run
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.trained import Trained, open_trained

GREEDY = GenerateConfig(max_new_tokens=20, temperature=0.0, repetition_penalty=1.0)
CONFIGS = (GREEDY, GenerateConfig(max_new_tokens=15), GenerateConfig(max_new_tokens=30, top_k=9, no_repeat_ngram=3))
ENDLESS = replace(GREEDY, max_new_tokens=10_000)
PROMPTS = ["Bir gün", "Ali", "Bugün hava çok güzel, çünkü", "Ankara", "Kedi ile köpek", "Su"]


class Step:
    """The engine's own step, which can be held up, and told to fail or to give NaN in a row."""

    def __init__(self, engine: TorchEngine) -> None:
        self._step = engine.step
        self.gate = threading.Semaphore(0)
        self.held = False
        self.began = threading.Event()
        self.poisoned: int | None = None
        self.error: Exception | None = None

    def __call__(self, tokens: list[int], cache: KeyValueCache) -> torch.Tensor:
        self.began.set()
        if self.held:
            self.gate.acquire(timeout=30)
        if self.error is not None:
            raise self.error
        logits = self._step(tokens, cache)
        if self.poisoned is not None:
            logits[self.poisoned, 3] = torch.nan
            self.poisoned = None
        return logits


class Inbox:
    """The pieces of one request."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self._done = threading.Event()

    def __call__(self, piece: Piece) -> None:
        assert not self._done.is_set(), "a piece after the last"
        self.pieces.append(piece)
        if piece.finish or piece.error:
            self._done.set()

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)

    def last(self) -> Piece:
        assert self._done.wait(30)
        return self.pieces[-1]


@pytest.fixture(scope="module")
def trained(tiny_run: Run) -> Trained:
    return open_trained(tiny_run.out, torch.device("cpu"))


@pytest.fixture
def step(trained: Trained) -> Step:
    return Step(TorchEngine(trained.model))


Make = Callable[..., Batcher]


@pytest.fixture
def make(trained: Trained, step: Step) -> Iterator[Make]:
    made: list[Batcher] = []

    def batcher(slots: int = 3, queue: int = 50) -> Batcher:
        made.append(Batcher(TorchEngine(trained.model, step), trained.tokenizer, slots, queue))
        return made[-1]

    yield batcher
    step.held = False
    step.gate.release(1000)
    for one in made:
        one.close(0)


def request(tokenizer: Tokenizer, prompt: str, config: GenerateConfig = GREEDY, **more: int | None) -> Request:
    return Request(tokenizer.encode(prompt, bos=True), config, (tokenizer.eos_id,), **more)


def test_texts_are_what_they_would_be_alone(make: Make, trained: Trained) -> None:
    batcher = make(slots=3)
    asked = [
        request(trained.tokenizer, prompt, CONFIGS[(n + turn) % 3], seed=n)
        for turn in range(2)
        for n, prompt in enumerate(PROMPTS)
    ]
    inboxes = [Inbox() for _ in asked]
    for one, inbox in zip(asked, inboxes, strict=True):
        batcher.submit(one, inbox)
    for one, inbox in zip(asked, inboxes, strict=True):
        last = inbox.last()
        seeds = [one.seed or 0]
        (alone,) = write(TorchEngine(trained.model), trained.tokenizer, [one.prompt], one.config, seeds)
        assert (inbox.text, last.finish, last.written) == (alone.text, alone.finish, len(alone.ids))
    stats = batcher.stats()
    assert (stats.requests, stats.running, stats.waiting, stats.failed) == (12, 0, 0, 0)
    assert stats.written_tokens == sum(inbox.last().written for inbox in inboxes)
    assert stats.prompt_tokens == sum(len(one.prompt) for one in asked)


def test_a_stop_string_ends_a_text_and_nothing_else(make: Make, trained: Trained) -> None:
    engine = TorchEngine(trained.model)
    ids = trained.tokenizer.encode("Bir gün", bos=True)
    (free,) = write(engine, trained.tokenizer, [ids], GREEDY)
    stop = free.text[9:13]
    batcher, stopped, other = make(), Inbox(), Inbox()
    batcher.submit(request(trained.tokenizer, "Bir gün", replace(GREEDY, stop=(stop,))), stopped)
    batcher.submit(request(trained.tokenizer, "Bir gün"), other)
    assert stopped.last().finish == "stop"
    assert stopped.text == free.text[: free.text.index(stop)]
    other.last()
    assert other.text == free.text


def test_log_probabilities_are_of_the_models_own_distribution(make: Make, trained: Trained) -> None:
    config = GenerateConfig(max_new_tokens=6, temperature=1.7, repetition_penalty=1.5)
    batcher, inboxes = make(), [Inbox() for _ in range(3)]
    for inbox, count in zip(inboxes, (None, 0, 4), strict=True):
        batcher.submit(request(trained.tokenizer, "Ali", config, seed=5, logprobs=count), inbox)
    told = [[info for piece in inbox.pieces for info in piece.tokens] for inbox in inboxes if inbox.last()]
    assert told[0] == []
    ids = trained.tokenizer.encode("Ali", bos=True)
    text = [*ids, *(info.id for info in told[2])]
    with torch.inference_mode():
        expected = trained.model(torch.tensor([text]))[0, len(ids) - 1 :, : trained.tokenizer.vocab_size]
    expected = expected.log_softmax(-1)
    assert len(told[2]) == 6
    for place, (bare, info) in enumerate(zip(told[1], told[2], strict=True)):
        assert bare == info._replace(top=())
        assert info.logprob == pytest.approx(float(expected[place, info.id]), abs=1e-4)
        assert [one for one, _ in info.top] == expected[place].topk(4).indices.tolist()


def test_who_finds_the_queue_full_is_told_when_to_come_back(make: Make, trained: Trained, step: Step) -> None:
    step.held = True
    batcher, inboxes = make(slots=2, queue=1), [Inbox() for _ in range(3)]
    for inbox in inboxes:
        batcher.submit(request(trained.tokenizer, "Ali"), inbox)
    with pytest.raises(QueueFull, match="requests wait already") as full:
        batcher.submit(request(trained.tokenizer, "Ali"), Inbox())
    assert 1 <= full.value.retry_after <= 600
    assert batcher.stats().refused == 1
    step.held = False
    step.gate.release(1)
    assert [inbox.last().finish for inbox in inboxes] == ["length"] * 3


def test_first_come_first_served(make: Make, trained: Trained) -> None:
    batcher, order = make(slots=1), list[int]()
    inboxes = [Inbox() for _ in range(5)]

    def deliver(number: int) -> Callable[[Piece], None]:
        def to(piece: Piece) -> None:
            if piece.finish:
                order.append(number)
            inboxes[number](piece)

        return to

    for number in range(5):
        config = replace(GREEDY, max_new_tokens=20 - 4 * number)
        batcher.submit(request(trained.tokenizer, PROMPTS[number], config), deliver(number))
    for inbox in inboxes:
        inbox.last()
    assert order == list(range(5))


@pytest.mark.parametrize("running", [True, False])
def test_a_request_that_is_given_up_makes_room_and_hears_nothing_more(
    make: Make, trained: Trained, step: Step, running: bool
) -> None:
    step.held = True
    batcher, given_up, other, third = make(slots=1), Inbox(), Inbox(), Inbox()
    first = batcher.submit(request(trained.tokenizer, "Ali", ENDLESS), given_up if running else third)
    second = batcher.submit(request(trained.tokenizer, "Bir gün"), other if running else given_up)
    assert step.began.wait(30)
    batcher.cancel(first if running else second)
    heard = len(given_up.pieces)
    batcher.cancel(first if running else second)  # twice is once
    assert batcher.stats().cancelled == 1
    assert batcher.stats().waiting == (1 if running else 0)
    step.held = False
    step.gate.release(1)
    if running:
        assert other.last().finish == "length"
    else:
        third.last()
    assert len(given_up.pieces) == heard
    assert batcher.stats().running == 0


def test_damaged_logits_end_their_own_text(make: Make, trained: Trained, step: Step) -> None:
    step.held = True
    batcher, inboxes = make(), [Inbox() for _ in range(3)]
    for inbox in inboxes:
        batcher.submit(request(trained.tokenizer, "Ali"), inbox)
    assert step.began.wait(30)
    while batcher.stats().running < 3:
        step.gate.release(1)
        time.sleep(0.01)
    step.poisoned, step.held = 0, False
    step.gate.release(1)
    errors = [inbox.last().error for inbox in inboxes]
    assert "the model's logit of token 3 is nan" in errors[0]
    assert errors[1:] == ["", ""]
    assert inboxes[1].text == inboxes[2].text
    assert batcher.stats().failed == 1
    assert not batcher.stats().broken


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_error_of_the_loop_itself_ends_all_and_is_told(make: Make, trained: Trained, step: Step) -> None:
    batcher, inboxes = make(slots=1), [Inbox() for _ in range(2)]
    step.held, step.error = True, RuntimeError("no memory is left")
    for inbox in inboxes:
        batcher.submit(request(trained.tokenizer, "Ali"), inbox)
    step.gate.release(1)
    for inbox in inboxes:
        assert "no memory is left" in inbox.last().error
    assert "no memory is left" in batcher.stats().broken
    with pytest.raises(FidanError, match="loop is broken: RuntimeError: no memory is left"):
        batcher.submit(request(trained.tokenizer, "Ali"), Inbox())


def test_closing_finishes_what_runs(make: Make, trained: Trained) -> None:
    batcher, inboxes = make(slots=2), [Inbox() for _ in range(4)]
    for inbox in inboxes:
        batcher.submit(request(trained.tokenizer, "Ali"), inbox)
    batcher.close(30)
    assert [inbox.last().finish for inbox in inboxes] == ["length"] * 4
    with pytest.raises(FidanError, match="shutting down"):
        batcher.submit(request(trained.tokenizer, "Ali"), Inbox())


def test_closing_cuts_off_what_takes_too_long(make: Make, trained: Trained, step: Step) -> None:
    step.held = True
    batcher, running, waiting = make(slots=1), Inbox(), Inbox()
    batcher.submit(request(trained.tokenizer, "Ali", ENDLESS), running)
    batcher.submit(request(trained.tokenizer, "Bir gün", ENDLESS), waiting)
    assert step.began.wait(30)
    threading.Timer(0.1, step.gate.release, [1]).start()
    batcher.close(0.05)
    assert running.last().finish == waiting.last().finish == "stop"
    assert waiting.text == ""


def test_one_call_after_each_round_serves_all(make: Make, trained: Trained) -> None:
    batcher, inboxes, calls = make(slots=3), [Inbox() for _ in range(3)], list[int]()
    batcher.listen(lambda: calls.append(sum(len(inbox.pieces) for inbox in inboxes)))
    for inbox in inboxes:
        batcher.submit(request(trained.tokenizer, "Ali"), inbox)
    for inbox in inboxes:
        inbox.last()
    batcher.close(5)
    assert calls == sorted(set(calls))  # never without news
    assert calls[-1] == sum(len(inbox.pieces) for inbox in inboxes)
    assert len(calls) < calls[-1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"prompt": []}, "a prompt of 0 tokens"),
        ({"prompt": [5] * 64}, "a prompt of 64 tokens"),
        ({"prompt": [1, 800]}, "the token 800"),
        ({"prompt": [-1]}, "the token -1"),
        ({"config": replace(GREEDY, beams=2)}, "beams = 2"),
        ({"logprobs": 801}, "logprobs = 801"),
    ],
    ids=["empty", "long", "beyond", "negative", "beams", "logprobs"],
)
def test_what_cannot_be_written_is_refused(
    make: Make, trained: Trained, change: dict[str, object], message: str
) -> None:
    batcher = make()
    with pytest.raises(FidanError, match=message):
        batcher.submit(replace(request(trained.tokenizer, "Ali"), **change), Inbox())  # type: ignore[arg-type]
    assert batcher.stats().requests == 0
