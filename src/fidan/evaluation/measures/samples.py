"""Texts that a model writes, at fixed prompts and seeds: what no figure shows.

Each prompt has its seed, so that two evaluations of one model show the same text. What it leaves out: any choice
among the texts; what is shown is what came.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from fidan.evaluation.measure import Json, Table
from fidan.evaluation.metrics.diversity import distinct, repetition
from fidan.evaluation.subject import Subject
from fidan.generation.engine import TorchEngine
from fidan.generation.generate import write
from fidan.progress import Reporter
from fidan.recipe import GenerateConfig

PROMPTS = ("Bugün hava", "Ankara'da", "Bir varmış bir yokmuş,", "Türkiye'nin en", "İnsanlar neden")
SAMPLING = GenerateConfig(prompts=PROMPTS, max_new_tokens=100, temperature=0.8, top_p=0.95, repetition_penalty=1.1)


@dataclass(frozen=True)
class Samples:
    """Continuations of prompts.

    Attributes:
        config: the prompts, and how tokens are picked, for all models alike.
        seed: of the first prompt; the next ones have the next.
    """

    config: GenerateConfig = SAMPLING
    seed: int = 0

    section = "samples"
    version = 1

    def key(self, subject: Subject) -> Json:
        """See `Measure`."""
        return [asdict(self.config), self.seed, subject.weights, subject.tokenizer.hash]

    def figures(self, subject: Subject, reporter: Reporter) -> Json:
        """See `Measure`; a text a prompt."""
        reporter.say(f"{subject.name}: continues the prompts of the samples")
        prompts = [subject.tokenizer.encode(prompt, bos=True) for prompt in self.config.prompts]
        seeds = [self.seed + number for number in range(len(prompts))]
        engine = TorchEngine(subject.decoder)
        return [one.text for one in write(engine, subject.tokenizer, prompts, self.config, seeds)]

    def told(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> list[Json]:
        """See `Measure`."""
        return [
            {
                "prompt": prompt,
                "seed": self.seed + number,
                "texts": [
                    {
                        "text": texts[number],
                        "distinct_2": distinct([texts[number]]),
                        "repetition": repetition(texts[number]),
                    }
                    for texts in figures
                ],
            }
            for number, prompt in enumerate(self.config.prompts)
        ]

    def tables(self, subjects: Sequence[Subject], figures: Sequence[Json]) -> Iterator[Table]:
        """None."""
        return iter(())
