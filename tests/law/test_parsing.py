"""The official text cut into articles: every form an article begins in, and what is no article of the law."""

import pytest

from fidan.law.article import Article
from fidan.law.parsing import parse_articles
from tests.law.conftest import GARDEN


def articles(text: str) -> dict[str, Article]:
    return {article.label: article for article in parse_articles("9901", text)[0]}


@pytest.fixture(scope="module")
def garden() -> dict[str, Article]:
    return articles(GARDEN)


def test_every_form_of_an_article_is_found_and_nothing_else(garden: dict[str, Article]) -> None:
    assert list(garden) == [
        "1", "2", "3", "4", "5", "6", "7/A", "8", "9", "10", "mükerrer 10", "ek 1", "geçici 1",
    ]  # fmt: skip
    assert {garden["mükerrer 10"].kind, garden["ek 1"].kind, garden["geçici 1"].kind} == {"mükerrer", "ek", "geçici"}


@pytest.mark.parametrize(
    "beginning",
    [
        "Madde 1 – ", "Madde\n1 –\n", "MADDE 1- ", "MADDE 1\n-", "Madde 1 — ", "Madde 1. - ", "Madde 1 [1] – ",
        "Madde\n\n1- ", "M adde 1 – ", "Bir başlık MADDE 1- ",
    ],
)  # fmt: skip
def test_an_article_begins_in_many_ways(beginning: str) -> None:
    (first, second) = parse_articles("1", f"{beginning}(1) Ağaç\ndikilir.\n\nMadde 2 – Ağaç sulanır.\n")[0]
    assert (first.number, first.paragraphs) == ("1", ("(1) Ağaç dikilir.",))
    assert second.paragraphs == ("Ağaç sulanır.",)


@pytest.mark.parametrize(
    ("beginning", "label"),
    [
        ("Geçici Madde 2 – ", "geçici 2"), ("GEÇİCİ MADDE 2- ", "geçici 2"), ("Ek Madde 3 – ", "ek 3"),
        ("Mükerrer Madde 298 - ", "mükerrer 298"), ("Ek Geçici Madde 4 – ", "ek geçici 4"),
        ("Muvakkat Madde 1 – ", "geçici 1"), ("MADDE 12/A- ", "12/A"), ("Madde 95 /b – ", "95/B"),
        ("Geçici Madde – ", "geçici"),
    ],
)  # fmt: skip
def test_kinds_and_numbers_are_told_apart(beginning: str, label: str) -> None:
    assert articles(f"{beginning}Ağaç dikilir.\n")[label].text == "Ağaç dikilir."


@pytest.mark.parametrize(
    ("beginning", "numbers"),
    [
        ("Madde 3 ilâ 5 – (Mülga: 1/1/2000-4500/1 md.)", ["3", "4", "5"]),
        ("Madde 3–5 – (Mülga: 1/1/2000-4500/1 md.)", ["3", "4", "5"]),
        ("MADDE 3- 4- 5- (1/1/2000 tarihli ve 4500 sayılı Kanun ile ilgili olup yerine işlenmiştir.)", list("345")),
        ("MADDE 3 ila\n\n5- (1/1/2000 tarihli ve 4500 sayılı Kanunla ilgili olup yerine işlenmiştir.)", list("345")),
        ("Madde 3, 5 – (Mülga: 1/1/2000-4500/1 md.)", ["3", "5"]),
        ("Madde 3 – 18-19 Haziran gecesi yıkılan bahçeler onarılır.", ["3"]),
    ],
)  # fmt: skip
def test_articles_that_share_a_text_are_each_there(beginning: str, numbers: list[str]) -> None:
    assert list(articles(f"{beginning}\n\nMadde 6 – Son.\n")) == [*numbers, "6"]


def test_paragraphs_are_unwrapped_and_keep_their_lettered_lines(garden: dict[str, Article]) -> None:
    assert garden["1"].paragraphs == (
        "Bahçe, içinde en az bir ağaç bulunan topraktır.", "Bahçıvan bahçeye bakan kişidir.",
    )  # fmt: skip
    assert garden["2"].paragraphs == (
        "(1) Bahçıvan;\na) Ağaçları sular,\nb) Otları yolar,\nile yükümlüdür.", "(2) Sulama suyu kuyudan alınır.",
    )  # fmt: skip


def test_notes_stand_beside_the_text(garden: dict[str, Article]) -> None:
    assert garden["2"].amended == ("Değişik: 8/8/2011-KHK-648/ 33 md.",)
    assert len(garden["2"].notes) == 1
    assert garden["2"].notes[0].startswith("14/7/2023 tarihli ve 7456")
    assert not garden["1"].notes


def test_a_note_that_goes_on_after_a_blank_line_is_one_note() -> None:
    text = "Madde 1 – (1/1/2000 tarihli ve 4500 sayılı Ağaç Kanunu\n\nile ilgili olup yerine işlenmiştir.)\n"
    (article,) = parse_articles("1", text)[0]
    assert not article.paragraphs
    assert article.amended[0].endswith("yerine işlenmiştir.")
    assert not article.repealed


def test_repealed_articles_are_known(garden: dict[str, Article]) -> None:
    assert [label for label, article in garden.items() if article.repealed] == ["3", "4", "5", "6"]
    annulled = (
        "Madde 1 – (İptal: Anayasa Mahkemesinin 1/2/2003 tarihli ve E.: 2000/1, K.: 2003/2 sayılı Kararı ile.)\n"
    )
    assert articles(annulled)["1"].repealed
    partly = "Madde 1 – (Mülga birinci fıkra: 1/2/2003-4800/1 md.)\n\nAğaç dikilir.\n"
    assert not articles(partly)["1"].repealed


def test_headings_are_the_articles_own_and_the_places_above(garden: dict[str, Article]) -> None:
    above = "BİRİNCİ KISIM Genel Hükümler / BİRİNCİ BÖLÜM Bahçe ve Bahçıvan / A. Amaç"
    assert (garden["1"].section, garden["1"].heading) == (above, "Bahçenin tanımı")
    assert (garden["2"].section, garden["2"].heading) == (above, "Bahçıvanın görevleri")
    assert (garden["3"].heading, garden["7/A"].heading) == ("Çit", "Ceza hükmü")
    assert garden["9"].section == "İKİNCİ KISIM Son Hükümler"
    assert garden["10"].heading == ""


def test_another_laws_articles_in_quotation_marks_stay_in_the_article(garden: dict[str, Article]) -> None:
    assert "Kuyular kapalı tutulur." in garden["8"].text
    assert "Kapağı açık bırakan sorumludur.”" in garden["8"].text


def test_a_lower_number_in_the_middle_begins_no_article() -> None:
    text = "\n\n".join(f"Madde {n} – Kural {n}." for n in (1, 2, 3, 4, 2, 5, 6))
    assert list(articles(text)) == ["1", "2", "3", "4", "5", "6"]
    assert "Kural 2." in articles(text)["4"].text


LISTS = """Madde 1 – (1) Bahçeye;

a) Keçi,

b)
(Mülga: 18/6/2014-6545/62 md.)

c) Ayı,

ç)

d) (Mülga: 1/1/2001-4600/1 md.; Yeniden düzenleme: 24/11/2016-6763/25 md.)

Kurt,

e) (…)
2
büyük köpek,

f)
(Mülga: 2/7/2012-6352/82 md.)

Sokulması hâlinde ceza verilir. 2

(2) (Mülga: 2/7/2012-6352/82 md.)

(3) Bahçıvan, yazılı olarak,

hemen şikâyet eder.

Madde 2 – Bahçe 2

[1] Birinci not.

[2] 14/7/2023 tarihli ve 7456 sayılı Kanunla değiştirilmiştir.
"""


def test_a_repealed_item_takes_nothing_from_what_follows_it() -> None:
    found = articles(LISTS)
    assert found["1"].paragraphs == (
        "(1) Bahçeye;\na) Keçi,\nc) Ayı,\nd) Kurt,\ne) büyük köpek,\nSokulması hâlinde ceza verilir.",
        "(3) Bahçıvan, yazılı olarak, hemen şikâyet eder.",
    )
    assert found["1"].notes == ("14/7/2023 tarihli ve 7456 sayılı Kanunla değiştirilmiştir.",)
    assert found["2"].text == "Bahçe 2"


def test_pages_lists_and_what_follows_the_law_are_left_out(garden: dict[str, Article]) -> None:
    everything = "\n".join(article.text for article in garden.values())
    assert "SAYILI KANUNA" not in everything
    assert "3317" not in garden["2"].text.split()
    after = "Madde 1 – Bu Kanunu Cumhurbaşkanı yürütür.\n\n5 – 9903 sayılı Kanunun hükmü:\n\nMadde 1 – Başka.\n"
    assert articles(after)["1"].text == "Bu Kanunu Cumhurbaşkanı yürütür."
    annex = "Madde 1 – Harç alınır.\n\n(1) SAYILI TARİFE\n\nKapı 10\n\nMadde 2 – Harç ödenir.\n"
    assert articles(annex)["1"].text == "Harç alınır."


def test_the_version_is_the_newest_amending_act_and_no_day_ahead() -> None:
    assert parse_articles("9901", GARDEN)[1] == "2023-07-14"
    assert (
        parse_articles("1", "Madde 1 – (Ek: 1/2/2003-4800/1 md.) 31/12/2030 tarihine kadar sürer.")[1] == "2003-02-01"
    )
