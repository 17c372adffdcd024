"""Forms written by hand, against what the inflector makes of them."""

from __future__ import annotations

import pytest

from fidan.corpus.synthetic.nouns import Name, Pronoun, compound, noun, particle
from fidan.corpus.synthetic.numerals import clock, digits, numeral, ordinal, ordinal_digits
from fidan.corpus.synthetic.phonology import soften
from fidan.corpus.synthetic.verbs import able, copula, finite, nonfinite, verb

# entry: key=form …
NOUNS = """
ev: acc=evi dat=eve loc=evde abl=evden gen=evin ins=evle pl=evler 1=evim 3=evi 4=evimiz 6=evleri pl.4.abl=evlerimizden
kapı: acc=kapıyı dat=kapıya loc=kapıda gen=kapının ins=kapıyla 3=kapısı 3.acc=kapısını 3.loc=kapısında 3.ins=kapısıyla
göz: acc=gözü dat=göze gen=gözün pl=gözler 1=gözüm pl.3=gözleri pl.3.dat=gözlerine
okul: acc=okulu dat=okula loc=okulda pl=okullar 5=okulunuz 3.gen=okulunun
kuş: loc=kuşta abl=kuştan acc=kuşu pl.acc=kuşları
ağaç~: acc=ağacı dat=ağaca loc=ağaçta abl=ağaçtan gen=ağacın pl=ağaçlar 3.dat=ağacına
kitap~: acc=kitabı dat=kitaba loc=kitapta abl=kitaptan gen=kitabın ins=kitapla 1=kitabım 1.acc=kitabımı 6=kitapları
çocuk~: acc=çocuğu dat=çocuğa loc=çocukta gen=çocuğun pl=çocuklar 2=çocuğun
renk~: acc=rengi dat=renge loc=renkte gen=rengin 3=rengi
kanat~: acc=kanadı 3.loc=kanadında pl.3=kanatları
köpek~: acc=köpeği dat=köpeğe 3.acc=köpeğini
top: acc=topu dat=topa loc=topta gen=topun
saç: acc=saçı dat=saça 1=saçım
hukuk: acc=hukuku dat=hukuka gen=hukukun
ip: acc=ipi dat=ipe abl=ipten
süt: acc=sütü dat=süte loc=sütte
saat*: acc=saati dat=saate loc=saatte abl=saatten gen=saatin pl=saatler 1=saatim 3.loc=saatinde
gol*: acc=golü pl=goller loc=golde dat=gole
rol*: acc=rolü pl=roller
hayal*: acc=hayali pl=hayaller 1=hayalim
dikkat*: acc=dikkati dat=dikkate
kalp~*: acc=kalbi 1=kalbim loc=kalpte pl=kalpler
harf*: acc=harfi pl=harfler
burun>burn: acc=burnu dat=burna loc=burunda pl=burunlar 1=burnum 3.acc=burnunu
şehir>şehr: acc=şehri dat=şehre loc=şehirde gen=şehrin 3=şehri pl=şehirler
oğul>oğl: acc=oğlu 1=oğlum 3.dat=oğluna pl=oğullar
isim>ism: acc=ismi 1=ismim loc=isimde
akıl>akl: 3=aklı 3.dat=aklına 1.dat=aklıma
ağız>ağz: acc=ağzı 3.loc=ağzında
vakit>vakt: acc=vakti 1=vaktim
boyun>boyn: dat=boyna 3.dat=boynuna
su: acc=suyu dat=suya loc=suda abl=sudan gen=suyun ins=suyla 1=suyum 3=suyu 3.acc=suyunu pl=sular
ne: acc=neyi dat=neye gen=neyin ins=neyle
araba: acc=arabayı dat=arabaya gen=arabanın 1=arabam 2=araban 3=arabası 4=arabamız 3.abl=arabasından
hayvanat_bahçesi+: acc=hayvanat_bahçesini dat=hayvanat_bahçesine loc=hayvanat_bahçesinde gen=hayvanat_bahçesinin
gökyüzü+: dat=gökyüzüne loc=gökyüzünde abl=gökyüzünden
anne: 1=annem 3=annesi 3.dat=annesine 3.ins=annesiyle 1.ins=annemle 4.gen=annemizin
diş: acc=dişi loc=dişte pl.1.acc=dişlerimi
"""

NAMES = [
    (Name("Ankara"), "acc", "Ankara'yı"),
    (Name("Ankara"), "dat", "Ankara'ya"),
    (Name("Ankara"), "loc", "Ankara'da"),
    (Name("Ayşe"), "gen", "Ayşe'nin"),
    (Name("İzmir"), "dat", "İzmir'e"),
    (Name("Zeynep"), "acc", "Zeynep'i"),
    (Name("Zeynep"), "loc", "Zeynep'te"),
    (Name("Türkiye"), "gen", "Türkiye'nin"),
    (Name("Ahmet"), "dat", "Ahmet'e"),
    (Name("Gaziantep"), "dat", "Gaziantep'e"),
    (Name("Sivas"), "abl", "Sivas'tan"),
    (Name("Ufuk"), "gen", "Ufuk'un"),
    (Name("Van Gölü", compound=True), "dat", "Van Gölü'ne"),
    (Name("Özgür"), "ins", "Özgür'le"),
    (Name("Ali"), "ins", "Ali'yle"),
    (Name("Galata Kulesi", compound=True), "acc", "Galata Kulesi'ni"),
    (Name("Işıl"), "acc", "Işıl'ı"),
    (Name("Kemal", front=True), "dat", "Kemal'e"),
    (digits(3), "loc", "3'te"),
    (digits(6), "loc", "6'da"),
    (digits(1923), "loc", "1923'te"),
    (digits(10), "dat", "10'a"),
    (digits(20), "acc", "20'yi"),
    (digits(4), "dat", "4'e"),
    (digits(100), "gen", "100'ün"),
    (Pronoun(1), "dat", "bana"),
    (Pronoun(2), "dat", "sana"),
    (Pronoun(3), "loc", "onda"),
    (Pronoun(3), "acc", "onu"),
    (Pronoun(1), "gen", "benim"),
    (Pronoun(4), "gen", "bizim"),
    (Pronoun(6), "dat", "onlara"),
    (Pronoun(3), "ins", "onunla"),
    (compound(noun("okul"), noun("bahçe")), "loc", "okul bahçesinde"),
    (compound(noun("elma"), noun("ağaç~")), "dat", "elma ağacına"),
    (numeral(4), "acc", "dördü"),
    (numeral(25), "dat", "yirmi beşe"),
    (numeral(11), "loc", "on birde"),
]

# stem tense person flags(n negative, q question, a ability) form
FINITE = """
gel past 1 - geldim|gel past 2 q geldin mi|gel past 6 - geldiler
gel past 4 n gelmedik|bak past 3 - baktı|koş past 3 - koştu
gör past 3 - gördü|oku past 1 n okumadım|iç past 6 - içtiler
uç past 3 - uçtu|düş past 3 q düştü mü|sor past 3 q sordu mu
gel mis 3 - gelmiş|oku mis 3 - okumuş|gör mis 1 - görmüşüm|yap mis 6 - yapmışlar|kal mis 3 q kalmış mı
gel prog 1 - geliyorum|başla prog 3 - başlıyor
bekle prog 1 - bekliyorum|oyna prog 6 - oynuyorlar|söyle prog 3 - söylüyor
oku prog 3 - okuyor|yürü prog 3 - yürüyor|git~ prog 3 - gidiyor
et~ prog 3 - ediyor|de prog 3 - diyor|ye prog 3 - yiyor
seyret~ prog 3 - seyrediyor|gel prog 2 q geliyor musun
gel prog 1 q geliyor muyum|gel prog 6 q geliyorlar mı|ara prog 3 - arıyor
gel prog 3 n gelmiyor|oku prog 1 n okumuyorum
gör prog 3 n görmüyor|başla prog 3 n başlamıyor|bil prog 2 nq bilmiyor musun
gel aor 3 - gelir|al aor 3 - alır|bil aor 3 - bilir
bul aor 3 - bulur|dur aor 3 - durur|gör aor 3 - görür|kal aor 3 - kalır
ol aor 3 - olur|öl aor 3 - ölür|san aor 3 - sanır|var aor 3 - varır|ver aor 3 - verir|vur aor 3 - vurur
yap aor 3 - yapar|git~ aor 3 - gider|et~ aor 3 - eder
sev aor 1 - severim|koş aor 3 - koşar|iç aor 2 q içer misin
çalış aor 3 - çalışır|oku aor 3 - okur|başla aor 3 - başlar
seyret~ aor 3 - seyreder|ye aor 3 - yer|de aor 6 - derler
gel aor 3 n gelmez|gel aor 1 n gelmem|gel aor 4 n gelmeyiz
gel aor 2 n gelmezsin|yap aor 1 n yapmam|gel aor 2 nq gelmez misin
gel fut 1 - geleceğim|gel fut 3 - gelecek|yap fut 4 - yapacağız
git~ fut 3 - gidecek|oku fut 1 - okuyacağım|de fut 3 - diyecek
ye fut 1 - yiyeceğim|gel fut 2 q gelecek misin
gel fut 1 n gelmeyeceğim|başla fut 6 - başlayacaklar|unut fut 1 n unutmayacağım
gel necess 1 - gelmeliyim|oku necess 3 - okumalı
git~ necess 4 n gitmemeliyiz|gel cond 1 - gelsem|oku cond 3 - okusa
gel aorcond 3 - gelirse|kaybol aorcond 2 - kaybolursan|yağ aorcond 3 - yağarsa
gel imp 2 - gel|gel imp 5 - gelin|oku imp 5 - okuyun|gel imp 3 - gelsin|bekle imp 2 n bekleme|ye imp 5 - yiyin
git~ opt 4 - gidelim|oku opt 4 - okuyalım|ye opt 4 - yiyelim
gel opt 1 - geleyim|git~ opt 4 q gidelim mi|bak opt 1 - bakayım
gel progpast 3 - geliyordu|bekle progpast 1 - bekliyordum
oyna progpast 6 - oynuyorlardı|gel progpast 2 q geliyor muydun
gel progmis 3 - geliyormuş|yaşa progmis 3 - yaşıyormuş|gel mispast 3 - gelmişti|unut mispast 1 - unutmuştum
gel aorpast 3 - gelirdi|sev aorpast 1 - severdim
gel futpast 3 - gelecekti|git~ futpast 1 - gidecektim|gel aorpast 3 n gelmezdi
gel past 3 a gelebildi|bul past 1 na bulamadım
oku aor 3 a okuyabilir|ye aor 1 na yiyemem|git~ prog 3 na gidemiyor
gel prog 1 a gelebiliyorum|uç prog 3 na uçamıyor|yap aor 2 qa yapabilir misin|gör fut 1 na göremeyeceğim
"""

# stem shape person case flags form
NONFINITE = """
gel en 0 nom - gelen|oku en 0 nom - okuyan|git~ en 0 nom - giden
ye en 0 nom - yiyen|de en 0 nom - diyen|gel en 0 nom n gelmeyen
gel dik 3 acc - geldiğini|gör dik 3 acc - gördüğünü
yap dik 1 nom - yaptığım|ol dik 3 acc - olduğunu|gel dik 0 abl - geldikten
kaybet~ dik 3 acc - kaybettiğini|bil dik 1 nom n bilmediğim
gel ecek 3 acc - geleceğini|yap ecek 6 acc - yapacaklarını
gel ince 0 nom - gelince|oku ince 0 nom - okuyunca
git~ ince 0 nom - gidince|gör ince 0 nom - görünce|ye ince 0 nom - yiyince
gel ip 0 nom - gelip|oku ip 0 nom - okuyup|dön ip 0 nom - dönüp
git~ ip 0 nom - gidip|ye ip 0 nom - yiyip|de ip 0 nom - deyip
koş erek 0 nom - koşarak|gül erek 0 nom - gülerek
oku erek 0 nom - okuyarak|de erek 0 nom - diyerek|git~ erek 0 nom - giderek
gel ken 0 nom - gelirken|yürü ken 0 nom - yürürken
oku ken 0 nom - okurken|git~ ken 0 nom - giderken|bak yorken 0 nom - bakıyorken
gel mek 0 nom - gelmek|oku mek 0 nom - okumak
gel me 3 acc - gelmesini|oku me 1 dat - okumama|git~ me 0 dat - gitmeye
gel meden 0 nom - gelmeden|bak dikce 0 nom - baktıkça|gör dikce 0 nom - gördükçe
"""

COPULAS = [
    ("hasta", "past", 1, "hastaydım"),
    ("mutlu", "past", 3, "mutluydu"),
    ("güzel", "past", 3, "güzeldi"),
    ("mutlu", "mis", 3, "mutluymuş"),
    ("öğretmen", "pres", 1, "öğretmenim"),
    ("hasta", "pres", 2, "hastasın"),
    ("evde", "past", 4, "evdeydik"),
    ("var", "past", 3, "vardı"),
    ("var", "mis", 3, "varmış"),
    ("yok", "past", 3, "yoktu"),
    ("yok", "mis", 3, "yokmuş"),
    ("değil", "past", 3, "değildi"),
    ("kırmızı", "dir", 3, "kırmızıdır"),
    ("kış", "dir", 3, "kıştır"),
    ("küçük", "past", 3, "küçüktü"),
    ("genç", "mis", 3, "gençmiş"),
    ("yorgun", "cond", 3, "yorgunsa"),
    ("üzgün", "past", 6, "üzgündüler"),
]


def _noun_cases() -> list[tuple[str, str, str]]:
    cases = []
    for line in NOUNS.strip().split("\n"):
        entry, forms = line.split(": ")
        cases += [(entry, key, form.replace("_", " ")) for key, form in (item.split("=") for item in forms.split())]
    return cases


def _verb_cases(table: str) -> list[list[str]]:
    splits = 4 if table is FINITE else 5
    return [item.split(" ", splits) for line in table.strip().split("\n") for item in line.split("|")]


def test_the_tables_are_large_enough() -> None:
    count = len(_noun_cases()) + len(NAMES) + len(COPULAS) + len(_verb_cases(FINITE)) + len(_verb_cases(NONFINITE))
    assert count > 380


@pytest.mark.parametrize(("entry", "key", "form"), _noun_cases())
def test_nouns(entry: str, key: str, form: str) -> None:
    assert noun(entry).form(key) == form


@pytest.mark.parametrize(("word", "key", "form"), NAMES, ids=[form for _, _, form in NAMES])
def test_names_numbers_pronouns(word: Name | Pronoun, key: str, form: str) -> None:
    assert word.form(key) == form


@pytest.mark.parametrize(("stem", "tense", "person", "flags", "form"), _verb_cases(FINITE))
def test_finite(stem: str, tense: str, person: str, flags: str, form: str) -> None:
    base = able(verb(stem)) if "a" in flags else verb(stem)
    assert finite(base, tense, int(person), negative="n" in flags, question="q" in flags) == form


@pytest.mark.parametrize(("stem", "shape", "person", "case", "flags", "form"), _verb_cases(NONFINITE))
def test_nonfinite(stem: str, shape: str, person: str, case: str, flags: str, form: str) -> None:
    assert nonfinite(verb(stem), shape, int(person), case, negative="n" in flags) == form


@pytest.mark.parametrize(("predicate", "tense", "person", "form"), COPULAS)
def test_copula(predicate: str, tense: str, person: int, form: str) -> None:
    assert copula(predicate, tense, person) == form


@pytest.mark.parametrize(
    ("word", "shape", "form"),
    [("Ali", "DA", "de"), ("Bora", "DA", "da"), ("kitap", "DA", "da"), ("Ayşe", "mI", "mi"), ("top", "mI", "mu"),
     ("güzel", "mI", "mi"), ("süt", "mI", "mü"), ("kız", "mI", "mı")],
)  # fmt: skip
def test_particles(word: str, shape: str, form: str) -> None:
    assert particle(word, shape) == form


def test_numbers_and_clock() -> None:
    assert [numeral(n).text for n in (0, 7, 11, 40, 99)] == ["sıfır", "yedi", "on bir", "kırk", "doksan dokuz"]
    assert numeral(1923).text == "bin dokuz yüz yirmi üç"
    assert [ordinal(n) for n in (1, 3, 4, 6, 20)] == ["birinci", "üçüncü", "dördüncü", "altıncı", "yirminci"]
    assert [ordinal_digits(n) for n in (1, 3, 6, 10)] == ["1'inci", "3'üncü", "6'ncı", "10'uncu"]
    assert clock(3, 0) == "saat üç"
    assert clock(4, 30) == "saat dört buçuk"
    assert clock(12, 30) == "saat yarım"
    assert clock(3, 5) == "saat üçü beş geçiyor"
    assert clock(3, 50) == "saat dörde on var"
    assert clock(12, 45) == "saat bire çeyrek var"
    with pytest.raises(ValueError, match="999999"):
        numeral(-1)


def test_softening() -> None:
    assert [soften(word) for word in ("kitap", "ağaç", "kanat", "çocuk", "renk")] == [
        "kitab",
        "ağac",
        "kanad",
        "çocuğ",
        "reng",
    ]


def test_mistakes_are_named() -> None:
    with pytest.raises(ValueError, match="unknown part"):
        noun("ev").form("nowhere")
    with pytest.raises(ValueError, match="compound"):
        noun("gökyüzü+").form("pl")
