"""The part of an encoder-decoder's card that tells how good its answers are, beside what answers without a model.

What it leaves out: measuring (`fidan.evaluation.measures.questions`), and the card of a decoder (`evaluation`).
"""

from collections.abc import Mapping

from fidan.export.card.facts import AnswerFacts, CardFacts
from fidan.export.card.markdown import inline, number, table

_BASELINES = {
    "most frequent": "hep eğitimde en sık geçen yanıt",
    "nearest question": "eğitimdeki en benzer sorunun yanıtı",
}
_UNMEASURED = (
    "Ölçülmeyenler: yanıtların doğru olup olmadığı; bilmediğinde bunu söyleyip söylemediği; önyargı, zararlı içerik, "
    "eğitim metnini ezberden yazma; insanların beğenisi."
)


def answers(facts: CardFacts, measured: AnswerFacts) -> str:
    """What the answers are worth, how that was measured, and what it does not say."""
    rows = [("**bu model**", *_figures(measured.written))]
    rows += [(_BASELINES.get(name, inline(name)), *_figures(own)) for name, own in measured.baselines.items()]
    rounded = ""
    if facts.export.dtype != "float32":
        rounded = f" Ölçülen ağırlıklar float32 idi; bu depodakiler {facts.export.dtype} biçimine yuvarlandı."
    return "\n\n".join(
        [
            table(rows, ("Kendi yazdığı yanıtlar", "BLEU (külliyat)", "BLEU (yanıt)", "chrF", "ROUGE-L", "Birebir")),
            "Hepsinde yüksek olan iyidir; BLEU ve chrF 0–100, ROUGE-L 0–1 arasındadır.",
            table(
                [
                    ("Kayıp (nat/token)", number(measured.loss, 4), "düşük"),
                    ("Şaşkınlık (perplexity)", number(measured.perplexity, 2), "düşük"),
                    ("İlk tahmini doğru çıkan token", _share(measured.accuracy), "yüksek"),
                    ("İlk beş tahmininden biri doğru çıkan token", _share(measured.top_accuracy), "yüksek"),
                ],
                ("Doğru yanıtın başı verilince", "Değer", "İyi olan"),
            ),
            f"Eğitimde ne kendisi ne yanıtı görülmüş {number(measured.questions)} soru soruldu; model her yanıtı "
            "kendi yazdıklarına bakarak, hep en olası parçayı seçerek yazdı. "
            f"{number(measured.unfinished)} yanıt yer bitince yarıda kaldı. Sözcükleri benzeyen bir yanıt yanlış "
            f"olabilir: bir «değil» bütün anlamı değiştirir ama bu ölçüleri az etkiler.{rounded}",
            _UNMEASURED,
        ]
    )


def english_answers(measured: AnswerFacts) -> str:
    """The same in a sentence for readers without Turkish."""
    own = measured.written
    return (
        f"On {measured.questions:,} held-out questions its own answers reach corpus BLEU {own['corpus_bleu']:.1f}, "
        f"chrF {own['chrf']:.1f} and ROUGE-L {own['rouge_l']:.3f} against the reference answers; whether they are "
        "true was not measured."
    )


def _figures(own: Mapping[str, float]) -> tuple[str, ...]:
    bleus = [number(own[name], 1) for name in ("corpus_bleu", "sentence_bleu", "chrf")]
    return (*bleus, number(own["rouge_l"], 3), _share(own["exact"]))


def _share(value: float) -> str:
    return f"%{number(100 * value, 1)}"
