"""The demo keeps its promise: after two minutes of training the model writes grammatical Turkish, then it chats.

The grammar checker knows the small language of the synthetic text by rules of its own, so it can judge what the
model wrote; a model that has learnt letters but no endings fails it.
"""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from fidan.artifact import read_manifest
from fidan.corpus.synthetic.checker import check
from fidan.evaluation.written_answers import GREEDY
from fidan.generation.engine import TorchEngine
from fidan.generation.generate import write
from fidan.progress import SilentReporter
from fidan.recipe import GenerateConfig, load_recipe
from fidan.running import run_all
from fidan.stages import Run
from fidan.tokenizer.conversations import opening
from fidan.trained import open_trained
from fidan.training.chatting import splits_of
from fidan.training.conversations.answers import write_answers
from fidan.turkish import split_sentences

RECIPE = Path(__file__).parents[1] / "recipes" / "demo.toml"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Run:
    # One worker compiles the corpus' loops once; it makes the same files as two.
    recipe = load_recipe(RECIPE, ["corpus.workers=1"])
    run = Run(recipe, tmp_path_factory.mktemp("demo") / "run", SilentReporter())
    run_all(run)
    return run


def sentences(demo: Run, count: int) -> list[str]:
    """Sentences the model wrote from no more than a beginning, without the ones that the end cut off."""
    opened = open_trained(demo.out, torch.device("cpu"))
    config = replace(GenerateConfig(), temperature=0.7, top_p=0.9, repetition_penalty=1.0, max_new_tokens=150)
    prompts = [opened.tokenizer.encode("Bir gün", bos=True)] * count
    found: list[str] = []
    for written in write(TorchEngine(opened.model), opened.tokenizer, prompts, config, range(count)):
        for line in written.text.split("\n")[1:-1]:  # the first line is begun by us
            found += split_sentences(line)
    return found


def test_the_model_writes_grammatical_sentences(demo: Run) -> None:
    written = sentences(demo, 60)
    assert len(written) >= 80
    assert len(set(written)) >= 0.8 * len(written), "it repeats itself"
    wrong = [(sentence, problems) for sentence in written if (problems := check(sentence))]
    share = 1 - len(wrong) / len(written)
    assert share >= 0.75, f"{share:.2f} grammatical; for example {wrong[:5]}"


def test_it_answers_what_it_was_taught_and_knows_when_to_stop(demo: Run) -> None:
    config, manifest = demo.recipe.sft, read_manifest(demo.folder("evaluate"))
    assert config
    told = manifest.counts["conversations"]
    assert told["bits_per_byte"] < 0.6 < 2.5 < told["bits_per_byte_before"], "of the test conversations"
    openings = dict(map(opening, splits_of(config).train))  # each once
    short = [(asked, answer) for asked, answer in openings.items() if len(asked[-1].content) < 60]
    chosen = short[:: len(short) // 60][:60]
    opened = open_trained(demo.out, torch.device("cpu"))
    greedy = replace(GREEDY, max_new_tokens=40)
    written = write_answers(TorchEngine(opened.model), opened.tokenizer, [asked for asked, _ in chosen], greedy)
    assert sum(one.finish == "end" for one in written) >= 57
    right = sum(one.text == answer for one, (_, answer) in zip(written, chosen, strict=True))
    assert right >= 10, "of 60; sums are the hard ones"


def test_it_has_one_to_three_million_parameters() -> None:
    recipe = load_recipe(RECIPE)
    assert 1_000_000 <= recipe.model.parameters(recipe.tokenizer.vocab_size) <= 3_000_000
