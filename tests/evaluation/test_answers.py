"""Answers measured: the reference given, equal to a computation of another kind; and as a model writes them."""

import math
from collections.abc import Sequence
from contextlib import nullcontext

import pytest
import torch
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from torch import Tensor

from fidan.corpus.pairs.pair import Pair
from fidan.errors import FidanError
from fidan.evaluation.answers import answer_loss
from fidan.evaluation.baselines.answers import most_frequent_answer, nearest_answers
from fidan.evaluation.written_answers import GREEDY, answer_figures, answer_scores, judge_answers
from fidan.generation.encoder_decoder_engine import EncoderDecoderEngine
from fidan.model.config import ModelConfig
from fidan.model.encoder_decoder import EncoderDecoder
from fidan.progress import SilentReporter
from fidan.recipe import GenerateConfig
from fidan.tokenizer.pairs import encode_pairs, encode_source
from fidan.tokenizer.tokenizer import Tokenizer

PAIRS = [
    Pair("Kira süresi ne kadardır?", "Kira sözleşmesi en az bir yıl sürer."),
    Pair("Vekil kimdir?", "İşi gören kişidir."),
    Pair("Oy hakkı kaç yaşında başlar?", "On sekiz yaşını dolduran herkes oy verebilir, kısıtlılar dışında."),
    Pair("Ne?", "Hiç."),
]


@pytest.fixture(scope="module")
def answerer(tokenizer: Tokenizer) -> EncoderDecoder:
    """Weights so large that its predictions differ much."""
    torch.manual_seed(0)
    shape = ModelConfig(d_model=32, n_layers=2, encoder_layers=2, n_heads=4, d_ff=64, context=128)
    model = EncoderDecoder(shape, tokenizer.vocab_size)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(3.0)
    return model.eval()


@pytest.mark.parametrize("batch_tokens", [1, 100, 100_000])
def test_the_loss_is_that_of_each_pair_alone_whatever_the_batch(
    answerer: EncoderDecoder, tokenizer: Tokenizer, batch_tokens: int
) -> None:
    encoded = encode_pairs(tokenizer, PAIRS)
    found = answer_loss(
        answerer, encoded, autocast=nullcontext(), reporter=SilentReporter(), top=5, batch_tokens=batch_tokens
    )
    nats, correct, in_top, tokens = 0.0, 0, 0, 0
    for number, pair in enumerate(PAIRS):  # unpadded, from the text, by torch's own log_softmax and topk
        source = torch.tensor([encode_source(tokenizer, pair.question).ids])
        target = torch.tensor(tokenizer.encode(pair.answer, bos=True, eos=True))
        with torch.inference_mode():
            logs = answerer(source, target[None, :-1])[0].double().log_softmax(1)
        wanted = target[1:]
        own = -float(logs.gather(1, wanted[:, None]).sum())
        assert math.isclose(found.nats[number], own, rel_tol=1e-6)
        best = logs.topk(5).indices
        assert found.correct[number] == int((best[:, 0] == wanted).sum())
        assert found.in_top[number] == int((best == wanted[:, None]).any(1).sum())
        nats, tokens = nats + own, tokens + len(wanted)
        correct, in_top = correct + int(found.correct[number]), in_top + int(found.in_top[number])
    assert int(found.tokens.sum()) == tokens
    assert math.isclose(found.loss, nats / tokens, rel_tol=1e-6)
    assert math.isclose(found.perplexity, math.exp(nats / tokens), rel_tol=1e-5)
    assert found.accuracy == correct / tokens
    assert found.top_k_accuracy == in_top / tokens


class Script:
    """An engine that writes a given answer to each source, and knows nothing else."""

    context = 64

    def __init__(self, tokenizer: Tokenizer, answers: dict[tuple[int, ...], list[int]]) -> None:
        self.longest_prompt = self.context
        self.vocabulary, self._answers, self._end = tokenizer.vocab_size, answers, tokenizer.eos_id

    def beginning(self, prompt: Sequence[int]) -> Sequence[int]:
        return [1]

    def open(self, prompts: Sequence[Sequence[int]], new_tokens: int, copies: int = 1) -> "Lines":
        return Lines([[*self._answers[tuple(prompt)], self._end] for prompt in prompts], self.vocabulary)


class Lines:
    """Rows of a script; each logit is large at the next id."""

    def __init__(self, rows: list[list[int]], vocabulary: int) -> None:
        self._rows, self._place, self._vocabulary = rows, 0, vocabulary

    @property
    def logits(self) -> Tensor:
        made = torch.zeros(len(self._rows), self._vocabulary)
        for row, ids in enumerate(self._rows):
            made[row, ids[min(self._place, len(ids) - 1)]] = 9.0
        return made

    def advance(self, tokens: Sequence[int]) -> None:
        self._place += 1

    def select(self, rows: Sequence[int]) -> None:
        self._rows = [self._rows[row] for row in rows]


def script(tokenizer: Tokenizer, answers: Sequence[str]) -> Script:
    sources = [tuple(encode_source(tokenizer, pair.question).ids) for pair in PAIRS]
    return Script(tokenizer, {s: tokenizer.encode(a) for s, a in zip(sources, answers, strict=True)})


class Foreign:
    """Our tokenizer, as any other that has what pairs need."""

    def __init__(self, own: Tokenizer) -> None:
        self.own, self.hash, self.vocab_size = own, own.hash, own.vocab_size
        self.bos_id, self.eos_id, self.pad_id, self.unk_id = own.bos_id, own.eos_id, own.pad_id, own.unk_id

    def encode(self, text: str) -> list[int]:
        return self.own.encode(text)

    def decode(self, ids: Sequence[int]) -> str:
        return self.own.decode(ids)


@pytest.mark.parametrize("batch", [1, 3, 32])
@pytest.mark.parametrize("foreign", [False, True])
def test_written_answers_come_in_the_order_of_the_questions(tokenizer: Tokenizer, batch: int, foreign: bool) -> None:
    wanted = [pair.answer for pair in PAIRS]
    reader = Foreign(tokenizer) if foreign else tokenizer
    judged = judge_answers(script(tokenizer, wanted), reader, PAIRS, GREEDY, SilentReporter(), batch=batch)
    assert [answer.text for answer in judged.answers] == wanted
    assert {answer.finish for answer in judged.answers} == {"end"}
    assert judged.figures.exact == judged.figures.rouge_l == 1
    assert math.isclose(judged.figures.corpus_bleu, 100)
    assert math.isclose(judged.figures.chrf, 100)
    assert judged.figures.n == 4
    assert judged.cut_sources == 0


def test_figures_are_sacrebleus_on_the_references_as_they_stand() -> None:
    references = [pair.answer for pair in PAIRS]
    answers = ["kira sözleşmesi en az bir yıl sürer", "İşi gören kişidir.", "Herkes oy verebilir.", ""]
    found = answer_figures(answers, references)
    assert found.corpus_bleu == BLEU().corpus_score(answers, [references]).score
    assert found.chrf == CHRF().corpus_score(answers, [references]).score
    each = [BLEU(effective_order=True).sentence_score(a, [r]).score for a, r in zip(answers, references, strict=True)]
    assert math.isclose(found.sentence_bleu, sum(each) / 4)
    assert found.exact == 0.5  # casing and punctuation aside, which the others see
    assert answer_scores(answers, references).chrf[0] < 100
    with pytest.raises(FidanError, match="1 answers for 2 references"):
        answer_figures(["a"], ["a", "b"])


def test_an_answer_that_is_broken_off_says_so_and_a_long_question_is_counted(tokenizer: Tokenizer) -> None:
    wanted = [pair.answer for pair in PAIRS]
    short = GenerateConfig(max_new_tokens=2, temperature=0, top_p=1, repetition_penalty=1)
    judged = judge_answers(script(tokenizer, wanted), tokenizer, PAIRS, short, SilentReporter())
    assert {answer.finish for answer in judged.answers} == {"length"}
    assert all(w.startswith(answer.text) for w, answer in zip(wanted, judged.answers, strict=True))
    with pytest.raises(KeyError):  # the script knows no cut source: the limit reaches the engine
        judge_answers(script(tokenizer, wanted), tokenizer, PAIRS, GREEDY, SilentReporter(), max_source=4)


def test_what_cannot_be_judged_is_refused(tokenizer: Tokenizer) -> None:
    engine = script(tokenizer, [pair.answer for pair in PAIRS])
    with pytest.raises(FidanError, match="no questions to answer"):
        judge_answers(engine, tokenizer, [], GREEDY, SilentReporter())
    stops = GenerateConfig(temperature=0, stop=("son",))
    with pytest.raises(FidanError, match=r"stop = \['son'\]: only our own tokenizer"):
        judge_answers(engine, Foreign(tokenizer), PAIRS, stops, SilentReporter())


def test_a_models_answers_do_not_depend_on_the_batch(answerer: EncoderDecoder, tokenizer: Tokenizer) -> None:
    engine = EncoderDecoderEngine(answerer, tokenizer.bos_id)
    short = GenerateConfig(max_new_tokens=12, temperature=0, top_p=1, repetition_penalty=1)
    one, all_ = (
        judge_answers(engine, tokenizer, PAIRS, short, SilentReporter(), batch=size).answers for size in (1, 4)
    )
    assert one == all_


def test_the_baselines_are_the_most_frequent_and_the_nearest_answer() -> None:
    training = [
        Pair("Kira nedir?", "Bir sözleşme."),
        Pair("Vekâlet nedir?", "Bir yetki."),
        Pair("Anayasanın 3. maddesi ne zaman yürürlüğe girdi?", "7 Kasım 1982'de."),
        Pair("Anayasanın 5. maddesi ne zaman yürürlüğe girdi?", "7 kasım 1982'de"),
    ]
    assert most_frequent_answer(training) == "7 Kasım 1982'de."
    asked = ["KİRALAR nedir", "Vekâletin anlamı nedir?", "Anayasanın 5. maddesinin tarihi?", "Xyz"]
    assert nearest_answers(training, asked) == ["Bir sözleşme.", "Bir yetki.", "7 kasım 1982'de", "Bir sözleşme."]
    with pytest.raises(FidanError, match="no training pairs"):
        nearest_answers([], asked)
