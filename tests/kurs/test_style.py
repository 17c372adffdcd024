"""The course, its guides and README.tr.md keep the rules of Turkish prose; and the checker sees what breaks them."""

from pathlib import Path

import pytest

from tests.kurs.glossary import GLOSSARY, ROOT, Term, read_terms
from tests.kurs.prose import cover, labels, markdown_cells, prose_of
from tests.kurs.style import Fault, faults_of

PLACES = ("README.tr.md", "kurs/*.md", "kurs/*.py", "kurs/sekiller/*.svg", "notebooks/*.py", "belgeler/**/*.md")
TERMS = read_terms(GLOSSARY.read_text(encoding="utf-8"))


def pages() -> list[Path]:
    """Everything in Turkish that is read."""
    return sorted(path for place in PLACES for path in ROOT.glob(place) if "en" not in path.parent.parts)


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_turkish_prose_keeps_the_rules(path: Path) -> None:
    faults = faults_of(prose_of(path), TERMS, words=path != GLOSSARY, paragraphs=path.suffix != ".svg")
    name = path.relative_to(ROOT).as_posix()
    assert not faults, "\n" + "\n".join(f"{name}:{line}: {written!r} → {right}" for line, written, right in faults)


def test_there_is_something_to_read() -> None:
    assert {"README.tr.md", "kurs/sozluk.md", "kurs/sekiller/cozucu.svg"} <= {
        path.relative_to(ROOT).as_posix() for path in pages()
    }


def written(markdown: str, terms: list[Term] = TERMS) -> list[tuple[str, str]]:
    return [(fault.written, fault.right) for fault in faults_of(cover(markdown), terms)]


@pytest.mark.parametrize(
    ("text", "word", "right"),
    [
        ("Bir tokenizer gerekir.", "tokenizer", "tokenlaştırıcı"),
        ("Tokenizer'ı eğitin.", "Tokenizer'ı", "tokenlaştırıcı"),
        ("Jetonlaştırıcının işi budur.", "Jetonlaştırıcının", "tokenlaştırıcı"),
        ("Öğrenme oranını düşürün.", "Öğrenme oranını", "öğrenme hızı"),
        ("Önce öğrenme\noranı seçilir.", "öğrenme oranı", "öğrenme hızı"),
        ("Perpleksitesi düşüktür.", "Perpleksitesi", "şaşkınlık"),
        ("Embedding'ler toplanır.", "Embedding'ler", "gömme"),
        ("Her head kendine bakar.", "head", "baş"),
        ("INFERENCE hızlıdır.", "INFERENCE", "üretim"),
        ("Bu bir self-attention katmanıdır.", "self-attention", "öz-dikkat"),
        ("Batch büyür.", "Batch", "yığın"),
        ("Metrikler aşağıdadır.", "Metrikler", "ölçüt"),
        ("Prompt'u yazın.", "Prompt'u", "istem"),
        ("Checkpoint'ten sürer.", "Checkpoint'ten", "denetim noktası"),
        ("Validasyon kaybı.", "Validasyon", "doğrulama"),
        ("Kelimeleri sayın.", "Kelimeleri", "sözcük"),
        ("Kitaplığın kodu.", "Kitaplığın", "kütüphane"),
        ("Bekleyin...", "...", "…"),
        ('Buna "token" denir.', '"token"', "“ ”"),
        ("Türkiye’nin başkenti.", "Türkiye’nin", "düz kesme imi: '"),
        ("Bu 10-20 dakika sürer.", "10-20", "aralıkta –"),
        ("İki  boşluk.", "İki boşluk", ""),
        ("Boşluk , virgül.", "Boşluk ,", "noktalamadan önce boşluk yok"),
        ("Yarısı, 50% kadarı.", "50%", "yüzde imi sayıdan önce: %50"),
        ("Sözlükte 32,000 parça var.", "32,000", "binlikte nokta: 32.000"),
        ("Parametre sayısı 134,105,856.", "134,105,856", "binlikte nokta: 32.000"),
        ("Hız 0.05 olsun.", "0.05", "ondalık virgül: 0,05"),
        ("Yaklaşık 2.5 saat.", "2.5", ""),
        ("Bunu yapabilirsin.", "yapabilirsin", "okura siz denir"),
        ("Şimdi sen de bak, hücreyi çalıştır.", "sen", "okura siz denir"),
        ("Hücreyi çalıştır.", "çalıştır", "okura siz denir"),
        ("Bunun icin bakın.", "icin", "için"),
        ("Bütün tokenlara bakar.", "tokenlara", "kesmesiz, ince ünlüyle: tokenler, tokeni"),
        ("Her token'ın yeri.", "token'ın", "kesmesiz, ince ünlüyle: tokenler, tokeni"),
        ("Model egitim görür.", "egitim", "eğitim"),
        ("Bunun ıçin bakın.", "ıçin", "i ile ı, noktalı ve noktasız harfler"),
        ("Ilk adım budur.", "Ilk", "i ile ı, noktalı ve noktasız harfler"),
        ("Bu paragraf burada biter\n\nBaşka bir paragraf.", "Bu paragraf burada biter", "cümle noktalamayla biter"),
        ("Go\u0308mme bir vektördür.", "Go\u0308mme bir vektördür.", "NFC biçimi"),
    ],
)
def test_what_breaks_a_rule_is_seen(text: str, word: str, right: str) -> None:
    if not right:  # what is written tells less than the rule
        right = {"İki  boşluk.": "tek boşluk", "Yaklaşık 2.5 saat.": "ondalık virgül: 2,5"}[text]
        assert right in [found for _, found in written(text)]
        return
    assert (word, right) in written(text)


@pytest.mark.parametrize(
    "text",
    [
        "Her tokene bir gömme (embedding) verilir.",
        "**Gömmeler** (embeddings, $E$) öğrenilir.",
        "*Yığın* (batch) ve öğrenme hızı (learning rate) seçilir; **çapraz dikkat** (cross-attention) sonra.",
        "Kodda `tokenizer` ve `batch_size` vardır.",
        "Bakınız: [Attention Is All You Need](https://arxiv.org/abs/1706.03762), bölüm 3.2.1.",
        "Vaswani ve ark., *Attention Is All You Need*, 2017; “Layer Normalization of the stack”.",
        'Formül $loss = -\\log p$ ve\n\n$$batch ... "x" 0.5$$\n\nbitti.',
        "```python\nloss.backward()  # 0.5 ...\n```",
        "![Kayıp eğrisi](loss.png){ width=50 }",
        '!!! note "Bir not"\n    İçindeki metin.',
        "Python 3.11 ve PyTorch 2.6 ister; sürüm 1.2 de olur. Bölüm 3.5'e bakın.",
        "Modelin 134.105.856 parametresi, 1.980 çifti ve 0,05 hızı vardır; 10–20 dakika, %95 olasılıkla.",
        "Tarih 2026-11-26, arXiv 2104.09864, Apache-2.0, UTF-8 ve 5'er satır.",
        "Kadın metin okudu; odun yandı. Modelin maskesi, maskenin satırı, anayasa ve istifa.",
        "Kursun sonu, versin diye; LayerScale ve *Deep\nResidual Learning for Images*; 5 ayrılmış (held-out) belge.",
        "OpenAI, ChatML, Stackoverflow, FlexAttention ve transformer geçer.",
        "Ne yapabilirsiniz? Hücreyi çalıştırın, sonra değiştirin.",
        "# Başlıkta nokta olmaz\n\n- Listede de\n\n| a  | b |\n| --- | --- |\n\nBir satır",
        '<div class="kapi" markdown>\n\nMetin burada.\n\n</div>',
        '---\ntitle: "Sayfa"\nbatch: 1\n---\n\nMetin.',
    ],
)
def test_what_is_right_is_left(text: str) -> None:
    assert written(text) == []


def test_the_english_word_is_given_once() -> None:
    assert written("Bir gömme (embedding) vardır. Gömme (embedding) toplanır.") == [("embedding", "gömme")]
    assert written("Bir vektör (embedding) vardır.") == [("embedding", "gömme")]


def test_faults_are_on_their_line() -> None:
    chapter = (
        "# %% [markdown]\n# # Başlık\n#\n# Bir loss.\n\n# %%\nloss = 0.5  # batch ...\n\n# %% [markdown]\n# Batch.\n"
    )
    assert faults_of(cover(markdown_cells(chapter)), TERMS) == [
        Fault(4, "loss", "kayıp"),
        Fault(10, "Batch", "yığın"),
    ]
    assert faults_of(cover("```sh\nx\n```\n\n`a\nb` metric."), TERMS) == [Fault(6, "metric", "ölçüt")]


def test_labels_of_a_diagram_are_prose() -> None:
    lines = [
        "<svg>",
        "<style>",
        '.batch { fill: "x" }',
        "</style>",
        '<text class="code">loss</text>',
        "<text>Loss</text>",
    ]
    assert faults_of(labels("\n".join(lines)), TERMS) == [Fault(6, "Loss", "kayıp")]
