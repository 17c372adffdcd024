"""An answer to a conversation: the template's prompt, its ends, and what is left out where it does not fit."""

import copy
from dataclasses import replace

import pytest
import torch

from fidan.corpus.conversations.conversation import Message
from fidan.generation.chat import ANSWER_SHARE, Reply, chat_prompt
from fidan.generation.engine import TorchEngine
from fidan.generation.generate import Stream, write
from fidan.recipe import GenerateConfig
from fidan.stages import Run
from fidan.tokenizer.chat import IM_END, MessageTooLong, encode_prompt
from fidan.trained import Trained, open_trained

GREEDY = GenerateConfig(max_new_tokens=12, temperature=0.0, repetition_penalty=1.0)
QUESTION = [Message("user", "Ali nerede?")]


@pytest.fixture(scope="module")
def trained(tiny_run: Run) -> Trained:
    return open_trained(tiny_run.out, torch.device("cpu"))


@pytest.fixture(scope="module")
def engine(trained: Trained) -> TorchEngine:
    return TorchEngine(trained.model)


def test_an_answer_is_what_the_model_writes_after_the_template(trained: Trained, engine: TorchEngine) -> None:
    prompt = encode_prompt(trained.tokenizer, QUESTION, engine.longest_prompt).ids
    reply = Reply(engine, trained.tokenizer, QUESTION, GREEDY)
    assert reply.finish is None
    (written,) = write(engine, trained.tokenizer, [prompt], GREEDY)
    assert "".join(reply) == written.text != ""
    assert (reply.finish, reply.dropped) == (written.finish, 0)


def test_an_answer_ends_at_the_end_of_its_turn(trained: Trained) -> None:
    tokenizer = trained.tokenizer
    prompt = encode_prompt(tokenizer, QUESTION, 60).ids
    ids = write(TorchEngine(trained.model), tokenizer, [prompt], GREEDY)[0].ids
    model = copy.deepcopy(trained.model)
    swapped = [ids[3], tokenizer.special_id(IM_END)]  # where the one was the likeliest, the other one is now
    with torch.no_grad():
        model.lm_head.weight[swapped] = model.lm_head.weight[swapped[::-1]]
    reply = Reply(TorchEngine(model), tokenizer, QUESTION, GREEDY)
    assert "".join(reply) == tokenizer.decode([*prompt, *ids[: ids.index(ids[3])]])[len(tokenizer.decode(prompt)) :]
    assert reply.finish == "end"


def test_old_messages_make_room_for_an_answer(trained: Trained, engine: TorchEngine) -> None:
    tokenizer = trained.tokenizer
    long = [Message("user", "bir " * 5), Message("assistant", "iki " * 5)] * 4 + QUESTION
    prompt = chat_prompt(engine, tokenizer, long, 1000)
    assert prompt.dropped > 0
    assert len(prompt.ids) <= engine.longest_prompt - engine.context // ANSWER_SHARE
    assert chat_prompt(engine, tokenizer, long, 1).dropped <= prompt.dropped
    assert Reply(engine, tokenizer, long, replace(GREEDY, max_new_tokens=1000)).dropped == prompt.dropped
    assert chat_prompt(engine, tokenizer, QUESTION, 1000).dropped == 0


def test_the_last_message_may_take_the_answers_room_but_not_more(trained: Trained, engine: TorchEngine) -> None:
    tokenizer = trained.tokenizer
    words = 1
    while len(encode_prompt(tokenizer, [Message("user", "bir " * words)], 10_000).ids) < engine.longest_prompt - 3:
        words += 1
    fits = [Message("user", "bir " * words)]
    assert len(chat_prompt(engine, tokenizer, fits, 1000).ids) > engine.context * (1 - 1 / ANSWER_SHARE)
    with pytest.raises(MessageTooLong) as refused:
        Reply(engine, tokenizer, [Message("user", "bir " * (words + 20))], GREEDY)
    assert refused.value.room == engine.longest_prompt < refused.value.needed


def test_a_stream_says_why_it_ended(trained: Trained, engine: TorchEngine) -> None:
    ids = trained.tokenizer.encode("Bir gün", bos=True)
    for config in (
        GREEDY,
        replace(GREEDY, stop=("a",)),
        replace(GREEDY, max_new_tokens=1000),
        replace(GREEDY, beams=2),
    ):
        (written,) = write(engine, trained.tokenizer, [ids], config)
        pieces = Stream(engine, trained.tokenizer, ids, config)
        assert "".join(pieces) == written.text
        assert pieces.finish == written.finish
