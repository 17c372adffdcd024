"""Made-up laws in the form of the official text, and an index of them."""

from pathlib import Path

import pytest

from fidan.law.index import LawIndex, build_index
from fidan.law.statutes import read_laws

GARDEN = """# BAHÇE KANUNU (No. 9901)

> Resmî kaynak: https://example.org/9901

---

BAHÇE
KANUNU
[1]

Kanun
Numarası : 9901

Kabul
Tarihi : 3/5/1999

Yayımlandığı
Resmî Gazete : Tarih: 9/5/1999 Sayı: 11111

BİRİNCİ KISIM

Genel Hükümler

BİRİNCİ BÖLÜM

Bahçe ve Bahçıvan

A. Amaç

I.
Bahçenin tanımı

Madde
1 –
Bahçe, içinde en az bir ağaç bulunan
topraktır.

Bahçıvan
bahçeye bakan kişidir.

II. Bahçıvanın
görevleri

Madde 2- (1) (Değişik: 8/8/2011-KHK-648/ 33 md.) Bahçıvan;

a) Ağaçları sular,

b)
Otları
[2]
yolar,

ile yükümlüdür.

(2) Sulama suyu (…) kuyudan alınır.

3317

Çit:

MADDE 3 – (Mülga: 4/6/2015-7001/5 md.)

Madde 4 ilâ 6 – (Mülga: 4/6/2015-7001/6 md.)

Ceza hükmü

Madde 7/A - (Ek: 1/2/2003-4800/1 md.) Çiti yıkan kimseye elli gün adlî para cezası verilir.

Değiştirilen hükümler

Madde 8 – 9902 sayılı Kanunun 5 inci maddesi aşağıdaki şekilde değiştirilmiştir.

“Madde 5 – Kuyular kapalı tutulur.

Madde 6 – Kapağı açık bırakan sorumludur.”

İKİNCİ KISIM

Son Hükümler

Yürürlük

Madde 9 – Bu Kanun yayımı tarihinde yürürlüğe girer.

Madde 10 – Bu Kanunu Cumhurbaşkanı yürütür.

Mükerrer Madde 10 – Bahçe her yıl yeniden ölçülür.

Ek Madde 1 – Çardak yapımı izne bağlıdır.

Geçici Madde 1 – Eski bahçeler üç yıl içinde kaydedilir.

9901 SAYILI KANUNA EK VE DEĞİŞİKLİK GETİREN MEVZUATIN
YÜRÜRLÜĞE GİRİŞ TARİHİNİ GÖSTERİR LİSTE

7001

Madde 3, Ek Madde 2

4/6/2015

[1] Bu Kanunun adı değiştirilmiştir.

[2] 14/7/2023 tarihli ve 7456 sayılı Kanunun 2 nci maddesiyle “dikenleri” ibaresi “otları” şeklinde değiştirilmiştir.
"""

WELL = """KUYU KANUNU

Kanun Numarası : 9902

Kabul Tarihi : 1/1/1950

Kuyunun derinliği

Madde 1 – Kuyu en az on arşın derin olur. Kuyu suyu içilir.

Madde 2 – Kuyunun kapağı ağaçtan yapılır.
"""


@pytest.fixture(scope="session")
def law_files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two laws as text files."""
    folder = tmp_path_factory.mktemp("laws")
    paths = [folder / "9901-bahce-kanunu.txt", folder / "9902-kuyu-kanunu.txt"]
    for path, text in zip(paths, (GARDEN, WELL), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


@pytest.fixture(scope="session")
def everyday_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everyday words for one of their articles, and lines that point nowhere."""
    folder = tmp_path_factory.mktemp("everyday")
    (folder / "bahce.tsv").write_text(
        "# bahçe\n9901\t7/A\tduvarı devirdi; parmaklığı kırdı\n9901\t99\tboş\nTMK\t1\tyok\nYok Kanunu\t1\tyok\n",
        encoding="utf-8",
    )
    return folder


@pytest.fixture(scope="session")
def index_folder(law_files: list[Path], everyday_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of both laws; not to be written to."""
    out = tmp_path_factory.mktemp("index") / "laws"
    build_index(read_laws(law_files), out, sources=law_files, everyday=everyday_folder)
    return out


@pytest.fixture(scope="session")
def index(index_folder: Path) -> LawIndex:
    return LawIndex.open(index_folder)
