"""The third part of a model card: how good the model is, how that was measured, and what was not.

Beside every figure stands what does without a language model, so that a reader can tell whether it is good. What it
leaves out: measuring (`fidan.evaluation`), and samples, which belong to no test (`record`).
"""

import re
from collections.abc import Sequence

from fidan.export.card.answers import answers
from fidan.export.card.chatting import figures
from fidan.export.card.facts import CardFacts, EvaluationFacts, TaskFacts
from fidan.export.card.markdown import inline, number, table
from fidan.recipe import OWN_PAIRS

_OTHER_WEIGHTS = {
    "last": "bu sayılar son adımın ağırlıklarınındır; bu depodakiler onların ortalamasıdır ve ayrıca ölçülmedi.",
    "ema": "bu sayılar ağırlıkların ortalamasınındır; bu depodakiler son adımınkilerdir ve ayrıca ölçülmedi.",
}
_BASELINES = {
    "uniform": "her parça eşit olasılıkla: sözlükten başka hiçbir şey bilmeden",
    "unigram": "parçaların eğitim metnindeki sıklığı; öncesine bakmadan",
    "xz -9": "`xz -9` sıkıştırması",
}
_OWN = "fidan'ın kendi kümesi"
_N_GRAM = re.compile(r"(\d+)-gram")


def evaluation(facts: CardFacts) -> str:
    """What was measured and how, and what was not."""
    head, measured = "## Değerlendirme", facts.evaluation
    if facts.answers:
        other = [] if facts.answered else [f"**Dikkat:** {_OTHER_WEIGHTS[facts.answers.weights]}"]
        return "\n\n".join([head, *other, answers(facts, facts.answers)])
    if facts.encoder:
        return f"{head}\n\nBu ağırlıkların yanıtları ölçülmedi."
    if measured is None:
        return f"{head}\n\nBu ağırlıkların ayrılmış metindeki kaybı ölçülmedi. {_unmeasured(())}"
    parts = [head]
    if facts.measured is None:
        parts.append(f"**Dikkat:** {_OTHER_WEIGHTS[measured.weights]}")
    parts += [_loss(measured), _how_measured(measured, facts)]
    if measured.baselines:
        parts.append(_scale(measured))
    if measured.tasks:
        parts.append(_tasks(measured.tasks))
    if facts.chatting and (told := figures(facts.chatting)):
        parts.append(told)
    parts += [_contamination(measured), _unmeasured(measured.tasks)]
    return "\n\n".join(parts)


def _loss(measured: EvaluationFacts) -> str:
    rows = [
        ("Bayt başına bit", _plus_minus(measured.bits_per_byte, measured.bits_per_byte_error, 4), "düşük"),
        ("Kayıp (nat/token)", number(measured.loss, 4), "düşük"),
        ("Şaşkınlık (perplexity)", number(measured.perplexity, 2), "düşük"),
        ("İlk tahmini doğru çıkan token", _share(measured.accuracy), "yüksek"),
    ]
    return table(rows, ("Ayrılmış metinde", "Değer", "İyi olan"))


def _how_measured(measured: EvaluationFacts, facts: CardFacts) -> str:
    more = ""
    if facts.export.dtype != "float32":
        more = f" Ölçülen ağırlıklar float32 idi; bu depodakiler {facts.export.dtype} biçimine yuvarlandı."
    if facts.recipe:
        more += (
            " Belgeler değerlendirme için ayrı verilen kaynaklardandır."
            if facts.recipe.corpus.valid_sources
            else " Belgeler eğitim metniyle aynı kaynaklardan ayrıldı; başka türden metinde sonuç daha kötü olabilir."
        )
    return (
        f"Eğitimde kullanılmamış {number(measured.documents)} belge ({number(measured.text_bytes)} bayt, "
        f"{number(measured.tokens)} token) {number(measured.context)} tokenlik pencerelerle baştan sona okundu; "
        f"pencere her kez {number(measured.stride)} token kaydı, her token bir kez sayıldı. Hesap "
        f"{measured.precision} ile yapıldı. ± standart hatadır. Bayt başına bit, sözlükleri farklı modelleri de "
        f"karşılaştırır; perplexity ve doğru çıkan token oranı yalnızca aynı sözlüğü kullananları.{more}"
    )


def _scale(measured: EvaluationFacts) -> str:
    """Bits a byte of the model among those of the baselines, the best first."""
    found = [(bits, _baseline(name), number(bits, 4)) for name, bits in measured.baselines.items()]
    found.append((measured.bits_per_byte, "**bu model**", f"**{number(measured.bits_per_byte, 4)}**"))
    rows = [(name, bits) for _, name, bits in sorted(found)]
    return (
        "Ölçek: aynı metin, sinir ağı olmadan bayt başına kaç bit tutar (üstteki daha iyi):\n\n"
        f"{table(rows, ('Yöntem', 'Bayt başına bit'))}"
    )


def _baseline(name: str) -> str:
    if match := _N_GRAM.fullmatch(name):
        before = int(match[1]) - 1
        return f"{name}: önceki {before} parçaya bakan sayım (Kneser-Ney); eğitim metninden"
    return _BASELINES.get(name, inline(name))


def _tasks(tasks: Sequence[TaskFacts]) -> str:
    rows = [
        (_task(task), number(task.items), _plus_minus(100 * task.value, _percent(task.error), 1, "%"), _rivals(task))
        for task in tasks
    ]
    parts = [table(rows, ("Görev", "Adet", "Doğru (yüksek olan iyidir)", "Dil bilmeden"))]
    kinds = {task.kind for task in tasks}
    if "pairs" in kinds:
        parts.append(
            "Küçük çift, yalnız bir yerde ayrılan iki cümledir: biri dilbilgisine uygun, öteki değil. Model uygun "
            "olana daha yüksek olasılık verirse doğru sayılır; oran, olguların oranlarının ortalamasıdır."
        )
    if "choices" in kinds:
        parts.append("Çoktan seçmelide modelin en yüksek olasılığı verdiği seçenek onun yanıtı sayılır.")
    if blind := [_task(task) for task in tasks if not task.above_chance]:
        parts.append(f"**Dil bilmeden yapılandan daha iyi olduğu gösterilemeyenler:** {'; '.join(blind)}.")
    return "\n\n".join(parts)


def _task(task: TaskFacts) -> str:
    if task.kind == "choices":
        return f"çoktan seçmeli: {inline(task.name)}"
    return f"küçük çiftler: {_OWN if task.name == OWN_PAIRS else inline(task.name)}"


def _rivals(task: TaskFacts) -> str:
    guessing = f"rastgele {_share(task.chance)}"
    return guessing if task.length is None else f"{guessing}, kısa cümleyi seçerek {_share(task.length)}"


def _contamination(measured: EvaluationFacts) -> str:
    found = measured.contamination
    if not found:
        return "Bu metinlerin ve soruların eğitim metninde geçip geçmediğine bakılmadı."
    looked_for = sum(one.looked_for for one in found)
    told = (
        "Bu metinler ve sorular eğitim metninde arandı: 13 sözcüklük ortak bir dizi ya da 8–12 sözcüklük bir metnin "
        f"bütünü. Daha kısaları aranamaz; {number(sum(one.items for one in found))} belge ve sorudan "
        f"{number(looked_for)} tanesi arandı."
    )
    met = [
        f"{'ayrılmış metin' if one.set == measured.text else inline(one.set)} "
        f"({number(one.items)} içinden {number(one.contaminated)})"
        for one in found
        if one.contaminated
    ]
    if not met:
        return f"{told} Hiçbirine rastlanmadı."
    return (
        f"{told} **Eğitim metninde parçasına rastlananlar:** {'; '.join(met)}. Bunların sonuçları olduğundan iyi "
        "görünebilir."
    )


def _unmeasured(tasks: Sequence[TaskFacts]) -> str:
    kinds = {task.kind for task in tasks}
    skills = ["soruları kendi sözcükleriyle yanıtlama" if "choices" in kinds else "soru yanıtlama"]
    skills += ["özetleme"] if "choices" in kinds else ["okuduğunu anlama"]
    skills += [] if "pairs" in kinds else ["dilbilgisi"]
    return (
        f"Ölçülmeyenler: {', '.join(skills)} gibi görevlerdeki başarı; önyargı, zararlı içerik, eğitim metnini "
        "ezberden yazma; insanların beğenisi."
    )


def _plus_minus(value: float, error: float | None, digits: int, unit: str = "") -> str:
    return f"{unit}{number(value, digits)}" + ("" if error is None else f" ± {number(error, digits)}")


def _share(value: float) -> str:
    return f"%{number(100 * value, 1)}"


def _percent(error: float | None) -> float | None:
    return None if error is None else 100 * error
