"""A handful of made-up laws, and their index."""

from pathlib import Path

import pytest

from fidan.law.article import Article, Law
from fidan.law.index import LawIndex
from fidan.law.index_writing import build_index

SHOWN = "9001"
OTHER = "9002"


def article(law: str, number: str, heading: str, *paragraphs: str, repealed: bool = False) -> Article:
    """An article of a made-up law."""
    return Article(law, "madde", number, heading, "", paragraphs, (), repealed)


GARDENS = (
    article(SHOWN, "1", "Amaç", "Bu Kanunun amacı, bostanların ve fidanlıkların işletilmesini düzenlemektir."),
    article(SHOWN, "2", "Bostan", "Bostan, bir bekçinin gözetiminde sebze yetiştirilen yerdir.",
            "Bostanı işleten kişiye bostancı denir."),
    article(SHOWN, "3", "Bostan kirası", "Bostan kira sözleşmesi, bir yıl için yapılır.",
            "Bostancı, kirayı iki ay geciktirirse sözleşme feshedilebilir. Bu hâlde bostan boşaltılır."),
    article(SHOWN, "4", "Hırsız kargalar", "Bostandan karpuz çalan kişi, bir aydan altı aya kadar hapis cezası ile "
            "cezalandırılır.", "Karga hakkında ceza verilmez."),
    article(SHOWN, "5", "İzin", "Bostan açmak isteyenlerin;\na) Onsekiz yaşını doldurmuş olması,\nb) Kürek tutmayı "
            "bilmesi,\ngerekir."),
    article(SHOWN, "6", "", repealed=True),
)  # fmt: skip
BOATS = (
    article(OTHER, "1", "Kayık", "Kayık, kürekle yürütülen araçtır.", "Kayıkçı, yolcuyu karşı kıyıya geçirir."),
    article(
        OTHER, "2", "Ücret", "Kayıkçıya yolcu başına beş lira ücret ödenir. [bold]Bayramda[/bold] ücret alınmaz."
    ),
    article(OTHER, "3", "Kaza", "Kayık devrilirse kayıkçı yolcunun zararını gidermekle yükümlüdür."),
)
LAWS = (
    Law(SHOWN, "BOSTAN KANUNU", "bostan", "in_force", "1930-01-01", "2024-05-06", "made up", GARDENS),
    Law(OTHER, "KAYIK KANUNU", "kayik", "in_force", "1931-01-01", "", "made up", BOATS),
)


@pytest.fixture(scope="session")
def gardens() -> tuple[Article, ...]:
    """The articles of the first law."""
    return GARDENS


@pytest.fixture(scope="session")
def everyday_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everyday words for the made-up laws."""
    folder = tmp_path_factory.mktemp("everyday")
    (folder / "all.tsv").write_text(f"{SHOWN}\t4\tkarpuzumu çaldılar; bahçeden aşırdılar\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def index_folder(tmp_path_factory: pytest.TempPathFactory, everyday_folder: Path) -> Path:
    """The folder of an index of the made-up laws."""
    folder = tmp_path_factory.mktemp("law") / "index"
    build_index(LAWS, folder, everyday=everyday_folder)
    return folder


@pytest.fixture(scope="session")
def index(index_folder: Path) -> LawIndex:
    """The index, open."""
    return LawIndex.open(index_folder)
