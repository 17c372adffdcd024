"""Short forms of repealed codes, and provisional articles that have run out."""

from datetime import date
from pathlib import Path

import pytest

from fidan.law.article import Article
from fidan.law.assistant import Assistant
from fidan.law.cautions import lapsed, short_forms_read
from fidan.law.citations import find_citations
from fidan.law.index import LawIndex, build_index
from fidan.law.sources import find_sources
from fidan.law.statutes import read_laws

TODAY = date(2025, 1, 1)
LAW = """FIRIN KANUNU

Kanun Numarası : 9904

Madde 1 – Ekmek, temiz bez serilmiş ahşap bir tezgâhta yeni pişmiş hâliyle ve tartılarak satılır; tartı mühürlü olur.

Madde 2 – Odun kuru olur.

Geçici Madde 1 – Ekmek fırında pişirilir ve 31/12/2001 tarihine kadar tezgâhta satılır.
"""


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> LawIndex:
    folder = tmp_path_factory.mktemp("bakery")
    (folder / "firin.txt").write_text(LAW, encoding="utf-8")
    build_index(read_laws([folder / "firin.txt"]), folder / "index")
    return LawIndex.open(Path(folder / "index"))


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("Süre 31/12/2023 tarihine kadar uzatılmıştır.", date(2023, 12, 31)),
        ("31/12/2023 tarihine (bu tarih dâhil) kadar uygulanır.", date(2023, 12, 31)),
        ("11/6/2022 ilâ 1/7/2024 tarihleri arasında uygulanır.", date(2024, 7, 1)),
        ("31/12/2020 tarihine kadar, sonra 31/12/2030 tarihine kadar uygulanır.", None),
        ("1/1/2022 – 31/12/2023 tarihleri arasında uygulanır.", date(2023, 12, 31)),
        ("31/12/2023 tarihinde yürürlüğe girer.", None),
        ("31/2/2023 tarihine kadar uygulanır.", None),
    ],
)
def test_the_end_of_a_provisional_article_is_its_last_date(text: str, end: date | None) -> None:
    assert lapsed(Article("9904", "geçici", "1", "", "", (text,), (), False), TODAY) == end
    assert lapsed(Article("9904", "madde", "1", "", "", (text,), (), False), TODAY) is None


def test_an_article_that_has_run_out_comes_after_its_like_and_is_told(bakery: LawIndex) -> None:
    question = "Ekmek tezgâhta satılır mı?"
    assert [source.article.label for source in find_sources(bakery, question)][:2] == ["1", "geçici 1"]
    answer = Assistant(bakery).answer("9904 sayılı Kanun geçici m. 1")
    assert "geçici m.1: bu geçici maddenin süresi 31/12/2001 tarihinde dolmuş olabilir." in answer.caution
    assert Assistant(bakery).answer("9904 sayılı Kanun m. 1").caution == ""


def test_codes_without_their_first_letter_are_told(bakery: LawIndex) -> None:
    def told(question: str) -> list[str]:
        return short_forms_read(question, find_citations(question))

    assert told("BK 41 ve BK m. 49") == [
        "BK, yürürlükteki 6098 sayılı Türk Borçlar Kanunu olarak okundu; 818 sayılı eski kanunun madde numaraları "
        "başkadır."
    ]
    assert told("MK 134")[0].startswith("MK, yürürlükteki 4721")
    assert told("TBK 41, TMK 134 ve MK firması") == []
    assert "6098 sayılı" in Assistant(bakery).answer("BK 41").caution
