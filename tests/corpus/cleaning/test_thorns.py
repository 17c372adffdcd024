"""Turkish read by a Western table comes back; languages that write þ ð ý keep them."""

from pathlib import Path

import pytest

from fidan.corpus.cleaning.thorns import IMPOSSIBLE, POSSIBLE, SIX, SURE, judge, repair

DAMAGE = str.maketrans("şğıŞĞİ", SIX)

TURKISH = [
    "Sayın Başkan, değerli milletvekilleri; hepinizi saygıyla selamlıyorum.",
    "TÜRKİYE BÜYÜK MİLLET MECLİSİ",
    "TBMM Tutanak Müdürlüğü",
    "İstanbul'da dün akşam yağmur yağdı, sokaklar ıslandı.",
    "Kabul edenler… Kabul etmeyenler… Kabul edilmiştir. 4’üncü maddeyi okutuyorum:",
    "Ali’nin kızı Ayşe ağladı.",
    "şimdi 16’ncı maddeye geçiyoruz",
    "evet, biraz yağmurlu bir gün",
]
FOREIGN = [
    "Hann heitir Sigurður og býr á Íslandi, það er kalt þar.",
    "Þetta er góð bók um sögu landsins.",
    "Guðmundur",
    "Eiður Guðjohnsen, Chelsea",
    "Alþingi",
    "Tað er gott veður í Føroyum í dag.",
    "Nový příkaz byl úspěšně vytvořen, který je platný.",
    "Starý most je krásny a známy po celom svete.",
    "malý",
    "každý den",
    "Aýdym-saz sungaty biziň halkymyzyň baýlygydyr.",
    "Türkmenistanyň Prezidenti Ýaşlar baýramyny gutlady.",
    "Ý kiến của bạn là gì?",
    "Hwæt! We Gardena in geardagum, þeodcyninga, þrym gefrunon",
]
RIGHT = [
    "Karel Nový bu yıl Sparta Prag'a döndü, ağır bir sakatlık yaşamıştı.",
    "İzlandalı Gylfi Sigurðsson ve Eiður Guðjohnsen maça ilk on birde başladı.",
    "Miloš Novotný, Jiří Starý ile aynı takımda oynuyor, dedi ağabeyi.",
    "Reykjavík'te Alþingi önünde toplanan kalabalık dağıldı.",
]


@pytest.mark.parametrize("text", TURKISH)
def test_turkish_comes_back(text: str) -> None:
    assert repair(text.translate(DAMAGE)) == text


@pytest.mark.parametrize("text", FOREIGN + RIGHT)
def test_right_text_stays(text: str) -> None:
    assert repair(text) == text


@pytest.mark.parametrize("text", FOREIGN)
def test_other_languages_stay_below_each_other(text: str) -> None:
    assert repair("\n".join(FOREIGN)) == "\n".join(FOREIGN)
    assert repair(f"{FOREIGN[0]}\n{text}") == f"{FOREIGN[0]}\n{text}"


def test_soft_hyphens_do_not_hide_words() -> None:
    assert repair("Sa\xadyýn mil\xadlet\xadve\xadki\xadli, uyuþ\xadtu\xadru\xadcu") == (
        "Sa\xadyın mil\xadlet\xadve\xadki\xadli, uyuş\xadtu\xadru\xadcu"
    )


def test_neighbours_decide_what_a_line_cannot() -> None:
    page = "Sayýn Baþkan, deðerli milletvekilleri\n{}\nSaygýlar sunuyorum."
    assert repair("Þanlýurfa") == "Þanlýurfa"
    assert repair(page.format("Þanlýurfa")).split("\n")[1] == "Şanlıurfa"
    # A page in Icelandic keeps a word that looks Turkish by itself.
    assert repair("baðlý") == "bağlı"
    assert "baðlý" in repair("\n".join([*FOREIGN[:3], "baðlý"]))


def test_partly_right_lines_are_repaired_by_the_word() -> None:
    line = "Bu yöntemin özelliði, değişkenlerin aşağıdaki sýnýftan kalýtýmla gelmesi; yazarı Novotný."
    assert repair(line) == "Bu yöntemin özelliği, değişkenlerin aşağıdaki sınıftan kalıtımla gelmesi; yazarı Novotný."


def test_judgement() -> None:
    assert [judge(word) for word in ("deðil", "Baþkan", "Irak’ýn", "6’ncý")] == [SURE] * 4
    assert [judge(word) for word in ("þey", "sýra")] == [POSSIBLE] * 2
    assert [judge(word) for word in ("Sigurðsson", "nový", "baýram", "þú", "ð" * 3)] == [IMPOSSIBLE] * 5


def test_real_turkish(real_data: Path) -> None:
    rows = [line.split("\t", 1) for line in (real_data / "langid" / "lines.tsv").read_text("utf-8").splitlines()]
    lines = [row[1] for row in rows if row[0] == "Turkish"]
    assert lines
    assert [line for _, line in rows if repair(line) != line] == []
    damaged = [line for line in lines if line.translate(DAMAGE) != line and not set(line) & set(SIX)]
    restored = sum(repair(line.translate(DAMAGE)) == line for line in damaged)
    # Each line by itself; a headline of two words leaves too little to go by.
    assert restored >= 0.97 * len(damaged)
    page = "\n".join(damaged)
    assert repair(page.translate(DAMAGE)) == page
