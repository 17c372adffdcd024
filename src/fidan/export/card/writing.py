"""`README.md`, the model card: a head for the Hugging Face Hub to read, a body in Turkish for people.

This file joins the parts (`about`, `usage`, `record`, `evaluation`) and writes the rest: the head, the files, how to
cite, the licence. Facts come in one `CardFacts`; what it does not hold is left out or said to be unknown. What it
leaves out: gathering them (`fidan.provenance`), and everything else of the folder (`fidan.export.repository`).
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from fidan.artifact import atomic_write
from fidan.export.card.about import english, responsibility, shape, title, use
from fidan.export.card.evaluation import evaluation
from fidan.export.card.facts import AnswerFacts, CardFacts, EvaluationFacts
from fidan.export.card.markdown import code, fence, inline, size, table
from fidan.export.card.record import data, samples, training
from fidan.export.card.usage import OWNER, commands, repository_name
from fidan.export.licence import HUB_LICENCES, LICENCE
from fidan.export.sums import SUMS, listed_files, sum_lines

if TYPE_CHECKING:
    from huggingface_hub import EvalResult

CARD, RECIPE = "README.md", "recipe.toml"
_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?", re.ASCII)  # the Hub refuses a head with another
_FILES = {
    "model.safetensors": "ağırlıklar",
    "config.json": "modelin yapısı",
    "generation_config.json": "örnekleme ayarları",
    "tokenizer.json": "Transformers'ın okuduğu sözlük",
    "tokenizer.model": "aynı sözlük, SentencePiece'in ve llama.cpp'nin okuduğu biçimde",
    "tokenizer_config.json": "sözlüğün ayarları",
    "chat_template.jinja": "sohbet kalıbı",
    "Modelfile": "Ollama için",
    RECIPE: "modelin bütün ayarları; `fidan run` bununla yineler",
    LICENCE: "ağırlıkların lisansı",
}


def write_card(folder: Path, facts: CardFacts) -> None:
    """Write the card of a folder whose other files are there."""
    text = f"---\n{front_matter(facts)}\n---\n\n{body(facts, folder)}\n"
    with atomic_write(folder / CARD, "w") as file:
        file.write(text)


def front_matter(facts: CardFacts) -> str:
    """The head: what the Hub searches and shows beside the card, as YAML without its dashes."""
    from huggingface_hub import ModelCardData  # a second to import, and only the card needs it

    licence, figures = facts.export.license, _figures(facts.measured) if facts.measured else []
    figures += _answer_figures(facts.answered) if facts.answered else []
    hub = [source.hub for source in facts.corpus.sources] if facts.corpus else []
    for tuning in (facts.recipe.finetune, facts.recipe.sft, facts.recipe.dpo) if facts.recipe else ():
        asked = [source for source in tuning.sources if source.startswith("hf:")] if tuning else []
        hub += [source.removeprefix("hf:").split(":")[0] for source in asked]
    hub = [name for name in hub if _HUB_ID.fullmatch(name)]
    task, family = ("text2text-generation", "t5gemma") if facts.encoder else ("text-generation", "llama")
    listed = licence in HUB_LICENCES
    head = ModelCardData(
        language=["tr"],
        license=licence if listed else "other",
        license_name=None if listed else licence,
        license_link=None if listed else LICENCE,
        library_name="transformers",
        pipeline_tag=task,
        tags=[family, "turkish", "fidan", *(["conversational"] if facts.chat else [])],
        datasets=list(dict.fromkeys(hub)) or None,
        metrics=list(dict.fromkeys(figure.metric_type for figure in figures)) or None,
        eval_results=figures or None,
        model_name=repository_name(facts.name) if figures else None,
    )
    return str(head.to_yaml())


def _figures(measured: EvaluationFacts) -> "list[EvalResult]":
    from huggingface_hub import EvalResult

    losses = (
        ("bits_per_byte", "Bits per byte", measured.bits_per_byte),
        ("perplexity", "Perplexity", measured.perplexity),
    )
    kinds = {"pairs": ("minimal-pairs", "Minimal pairs"), "choices": ("multiple-choice", "Multiple choice")}
    return [
        EvalResult(
            task_type="text-generation",
            task_name="Language modelling",
            dataset_type="held-out",
            dataset_name="Held-out documents of the corpus",
            metric_type=metric,
            metric_name=name,
            metric_value=round(value, 4),
        )
        for metric, name, value in losses
    ] + [
        EvalResult(
            task_type="text-generation",
            task_name=name,
            dataset_type=kind,
            dataset_name=f"{name}: {task.name}",
            dataset_config=task.name,  # sets of one type are told apart by it
            metric_type="accuracy",
            metric_name="Accuracy",
            metric_value=round(task.value, 4),
        )
        for task in measured.tasks
        for kind, name in [kinds[task.kind]]
    ]


def _answer_figures(measured: AnswerFacts) -> "list[EvalResult]":
    from huggingface_hub import EvalResult

    own = measured.written
    told = (
        ("bleu", "Corpus BLEU", own["corpus_bleu"]),
        ("chrf", "chrF", own["chrf"]),
        ("rouge", "ROUGE-L", own["rouge_l"]),
        ("perplexity", "Perplexity of the reference answers", measured.perplexity),
    )
    return [
        EvalResult(
            task_type="text2text-generation",
            task_name="Question answering in own words",
            dataset_type="held-out-questions",
            dataset_name="Held-out questions and answers",
            metric_type=metric,
            metric_name=name,
            metric_value=round(value, 4),
        )
        for metric, name, value in told
    ]


def body(facts: CardFacts, folder: Path) -> str:
    """The card below its head."""
    files = listed_files(folder)
    parts = [
        title(facts),
        english(facts),
        shape(facts),
        use(facts),
        responsibility(facts),
        commands(facts, frozenset(files)),
        samples(facts),
        data(facts),
        training(facts),
        evaluation(facts),
        _contents(files),
        _citation(facts),
        _licence(facts),
    ]
    return "\n\n".join(part for part in parts if part)


def _contents(files: dict[str, Path]) -> str:
    others = {name: path for name, path in files.items() if name != CARD and not name.startswith(".")}
    rows = [(code(name), _FILES.get(name, ""), size(path.stat().st_size)) for name, path in others.items()]
    sums = sum_lines({name: path for name, path in others.items() if path.suffix == ".safetensors"})
    check = (
        f"Her dosyanın SHA-256 özeti `{SUMS}` dosyasındadır. İndirdiğiniz klasörün içinde "
        f"`sha256sum -c {SUMS}` hepsini denetler. Ağırlıklarınki:"
    )
    return "\n\n".join(["## Dosyalar", table(rows, ("Dosya", "İçindeki", "Boyut")), check, fence(sums.rstrip("\n"))])


def _citation(facts: CardFacts) -> str:
    name = repository_name(facts.name)
    fields = {
        "title": f"{{{name.replace('_', chr(92) + '_')}: a Turkish language model}}",
        "year": facts.last.finished[:4] if facts.last else "",
        "howpublished": f"\\url{{https://huggingface.co/{OWNER}/{name}}}",
        "note": f"Trained with fidan {facts.last.package}" if facts.last else "Exported with fidan",
    }
    lines = ",\n".join(f"  {key} = {{{value}}}" for key, value in fields.items() if value)
    return f"## Kaynak gösterme\n\n{fence(f'@misc{{{name},{chr(10)}{lines}{chr(10)}}}', 'bibtex')}"


def _licence(facts: CardFacts) -> str:
    told = f"Ağırlıklar {inline(facts.export.license)} lisansı altındadır; metni `{LICENCE}` dosyasındadır."
    told += " Lütfen yukarıdaki sorumluluk notuna uyun."
    if facts.corpus and facts.corpus.others_wrote:
        told += " Eğitim metninin hakları yazarlarınındır; koşulları «Eğitim verisi» bölümündedir."
    return f"## Lisans\n\n{told}"
