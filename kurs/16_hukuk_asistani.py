# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 16. Hukuk asistanı
#
# **Soru.** “Kiracım iki aydır kirayı ödemiyor; hangi madde?” Dil modeli bu soruya her durumda akıcı bir yanıt yazar.
# Yanıtın doğru olduğunu, hangi kanunun hangi maddesine dayandığını nereden bileceğiz? Kanunda yanıt yoksa kim susacak?
#
# Bu bölümün sonunda küçük bir kanunu maddelerine ayırmış, BM25 aramasını on beş satırda yazıp kütüphaneninkiyle
# karşılaştırmış, maddesini gösteren ya da susan bir asistan kurmuş ve onu ölçmüş olacaksınız. 12. bölümdeki ölçütleri ve
# 9. bölümdeki kodlayıcı-çözücüyü bilmeniz yeter.
#
# Buradaki **Örnek Kira Kanunu uydurmadır**; bu bölüm için yazıldı, hiçbir gerçek kanunun metni değildir. Kütüphanenin
# verdiği yanıtlar da **hukuki danışmanlık değildir**.

# %%
import json
import math
import random
import re
from collections.abc import Callable
from dataclasses import asdict, replace

import numpy as np
import torch
from matplotlib import pyplot as plt

from fidan.corpus.pairs.pair import Pair
from fidan.corpus.pairs.split import group_pairs, split_pairs
from fidan.evaluation.baselines.answers import nearest_answers
from fidan.generation.engine import Engine
from fidan.generation.engines import plain_engine
from fidan.generation.generate import write
from fidan.kurs import esit_mi, kaynak, kurs_klasoru, ornek_tokenlastirici
from fidan.law.assistant import NOTICE, SILENT, Assistant
from fidan.law.bm25 import Field, Weights, idf, impact
from fidan.law.citations import Citation, parse_citations
from fidan.law.evaluate import Sources, evaluate
from fidan.law.index import LawIndex, build_index
from fidan.law.questions import Question
from fidan.law.scope import calibrated
from fidan.law.scoring import bm25f
from fidan.law.statutes import read_laws
from fidan.law.support import check_support
from fidan.law.terms import terms
from fidan.model.build import build_model
from fidan.model.config import ModelConfig
from fidan.recipe import GenerateConfig
from fidan.tokenizer.pairs import IGNORE, encode_pairs, encode_source
from fidan.training.pairs.batches import PairBatches

# %% [markdown]
# ## Kuram
#
# ### Neden önce arama?
#
# 134 milyon parametre, dokuz yüz kanunun kırk bin maddesini güvenle ezberleyemez; ezberlese bile kanun değişir, ağırlıklar
# değişmez. Üstelik model bilmediğini bilmez: her soruya bir şey yazar. Çözüm işi ikiye bölmektir (Lewis ve ark., 2020,
# arXiv 2005.11401): önce maddeyi **ara**, sonra yanıtı **yalnızca o maddeden** ver. Böylece dört şey kazanılır:
#
# - **atıf**: yanıtın dayandığı madde yanında durur, okur denetler,
# - **güncellik**: kanun değişince yalnızca dizin yeniden kurulur,
# - **susma**: yeterince yakın madde yoksa “kaynaklarda yer almıyor” denir,
# - **denetim**: yazılan her sayı ve her “değil” maddeyle karşılaştırılabilir.
#
# Uygulamanın bütünü şöyledir:
#
# ![Uygulamanın şeması: soru, dizinde arama, madde, yanıt, denetim, atıf](sekiller/uygulama.svg)
#
# ### BM25
#
# Aramanın puanı yarım yüzyıllık bir fikirdir: sorudaki her sözcük için “bu maddede ne kadar geçiyor” ile “ne kadar ender”
# çarpılır, toplanır (Robertson ve Zaragoza, 2009, *The Probabilistic Relevance Framework: BM25 and Beyond*):
#
# $$\operatorname{puan}(s, m) = \sum_{t \in s} \ln\!\left(1 + \frac{N - n_t + 0{,}5}{n_t + 0{,}5}\right) \cdot
# \frac{f_{t,m}}{f_{t,m} + k_1\left(1 - b + b\,\frac{|m|}{\overline{|m|}}\right)}$$
#
# $N$ madde sayısı, $n_t$ terimi taşıyan maddelerin sayısı, $f_{t,m}$ terimin maddedeki sayısı, $|m|$ maddenin uzunluğudur.
# $k_1$ yinelemenin ne kadar çabuk doyduğunu, $b$ uzun maddelerin ne kadar cezalandırıldığını söyler.
#
# Küçük bir örnek: 13 maddeden 2'sinde geçen *depozito*nun enderliği $\ln(1 + 11{,}5/2{,}5) = \ln 5{,}6 \approx 1{,}72$'dir.
# Ortalama uzunlukta bir maddede bir kez geçerse katkısı $1{,}72 \cdot 1/(1 + 1{,}2) \approx 0{,}78$, on kez geçerse
# $1{,}72 \cdot 10/11{,}2 \approx 1{,}54$ olur: on kat değil, iki kat.

# %%
sayi = torch.arange(0.0, 11.0, 0.1)
fig, (sol, sag) = plt.subplots(1, 2, figsize=(8, 3))
for k1 in (0.0, 1.2, 4.0):
    sol.plot(sayi, sayi / (sayi + k1).clamp_min(1e-9), label=f"k₁ = {k1:g}".replace(".", ","))
oran = torch.arange(0.2, 4.0, 0.05)
for b in (0.0, 0.75, 1.0):
    sag.plot(oran, 1 / (1 + 1.2 * (1 - b + b * oran)), label=f"b = {b:g}".replace(".", ","))
sol.set(xlabel="terimin maddedeki sayısı (f)", ylabel="enderliğin çarpanı", ylim=(0, 1.05))
sag.set(xlabel="maddenin uzunluğu / ortalama", ylabel="bir kez geçenin çarpanı", ylim=(0, 1.05))
sol.legend()
sag.legend()
plt.show()

# %% [markdown]
# ### Türkçe aramanın iki güçlüğü
#
# Kanun *kiracı*, vatandaş *kiracım* der; kanun *ödemezse*, vatandaş *ödemiyor* der. Aynı sözcük aranırken ekler sonda
# değiştiği için kütüphane sözcüğün **ilk beş harfine** bakar; Can ve ark. (2008, *Information Retrieval on Turkish
# Texts*) bunun bir kök bulucu kadar iyi olduğunu ölçmüştür. İkinci güçlük büyük harftir: *KİRA* küçültülünce *kira*,
# *ISI* küçültülünce *ısı* olmalıdır (1. bölüm).

# %%
for yazi in ("Kiracım ödemiyor", "KİRACI ÖDEMEZSE", "TBK'daki ISITMA gideri"):
    print(f"{yazi:<24} → {terms(yazi)}")
assert terms("KİRACI ISITMA") == terms("kiracı ısıtma") == ["kirac", "isitm"], "İ ile ı Türkçe küçülmeli"

# %% [markdown]
# ## Elle yazalım
#
# ### Kanun
#
# Resmî sitelerdeki gibi yazalım: kanunun adı, numarası, bölümler, kenar başlıkları, ortasından bölünmüş satırlar ve
# değişiklik notları.

# %%
ILK = """ÖRNEK KİRA KANUNU

Kanun Numarası : 9903

Kabul Tarihi : 1/3/2020

BİRİNCİ BÖLÜM

Genel Hükümler

Amaç

Madde 1 – Bu Kanun, konutların kiralanmasında kiracı ile kiraya verenin hak ve borçlarını düzenler.

Tanımlar

Madde 2 – (1) Bu Kanunda geçen;

a) Depozito: Kiracının verebileceği zarara karşılık ödediği parayı,

b) Kira dönemi: Sözleşmenin yapıldığı günden başlayan bir yılı,

ifade eder.

Sözleşmenin biçimi

Madde 3 – (1) Kira sözleşmesi yazılı yapılır.

(2) Sözlü yapılan sözleşmeyi kanıtlama yükü, ona dayanan taraftadır."""

# %%
ORTA = """Depozito

Madde 4 – (1) (Değişik: 5/6/2023-9950/2 md.) Depozito, iki aylık kira
bedelini aşamaz.

(2) Depozito, kiralananın boşaltılmasından sonra on beş gün içinde geri verilir.

İKİNCİ BÖLÜM

Borçlar

Kira bedelinin ödenmesi

Madde 5 – Kiracı, kira bedelini her ayın ilk beş günü içinde öder.

Ödenmeyen kira

Madde 6 – (1) Kiracı kira bedelini ödemezse kiraya veren ona yazılı olarak en az otuz gün
süre verir.

(2) Bu süre içinde de ödenmezse kiraya veren sözleşmeyi feshedebilir.

Onarım

Madde 7 – (1) Küçük onarımları kiracı yapar.

(2) Çatının, tesisatın ve ısıtma düzeninin onarımı kiraya verene aittir."""

# %%
SON = """Kira artışı

Madde 8 – Yeni kira döneminde bedel en çok yüzde yirmi artırılabilir.

Alt kira

Madde 9 – Kiracı, kiraya verenin yazılı izni olmadan konutu başkasına kiralayamaz.

Evcil hayvan

Madde 10 – Kiracı konutta evcil hayvan besleyebilir. Komşuları sürekli rahatsız eden hayvanın
uzaklaştırılması istenebilir.

Erken çıkma

Madde 11 – Sözleşme bitmeden konuttan çıkan kiracı, bunu üç ay önce bildirmemişse iki aylık kira
bedeli tutarında tazminat öder.

Konutun satılması

Madde 12 – Konutun satılması sözleşmeyi sona erdirmez; alıcı, kiraya verenin yerine geçer.

Madde 13 – (Mülga: 5/6/2023-9950/7 md.)

Geçici Madde 1 – Bu Kanunun yayımından önce yapılan sözlü sözleşmeler bir yıl içinde yazılı yapılır."""

KANUN = "\n\n".join([ILK, ORTA, SON])
klasor = kurs_klasoru() / "hukuk"
klasor.mkdir(exist_ok=True)
dosya = klasor / "9903-ornek-kira-kanunu.txt"
_ = dosya.write_text(KANUN, encoding="utf-8")

# %% [markdown]
# ### Maddelere ayırmak
#
# Arayacağımız birim maddedir. “Madde 6 –” ile başlayan blok yeni bir maddeyi açar; noktalamayla bitmeyen blok ise bir
# sonrakinin başlığıdır.


# %%
def benim_maddeler(metin: str) -> dict[str, str]:
    """Maddenin adı → metni."""
    maddeler: dict[str, list[str]] = {}
    acik = ""
    for blok in (" ".join(blok.split()) for blok in metin.split("\n\n")):
        if bas := re.match(r"(Geçici )?Madde (\d+) – ", blok):
            acik = f"geçici {bas[2]}" if bas[1] else bas[2]
            maddeler[acik] = [blok[bas.end() :]]
        elif not blok.endswith((".", ",", ";")):
            acik = ""  # başlık
        elif acik:
            maddeler[acik].append(blok)
    return {ad: " ".join(bloklar) for ad, bloklar in maddeler.items()}


bizim = benim_maddeler(KANUN)
print(", ".join(bizim))
print("6:", bizim["6"])

# %% [markdown]
# ### BM25 ve atıf
#
# Puan formülünü olduğu gibi kodlayın. Atıf da bir düzenli ifadedir: kanunun kısa adı, bir ek, bir sayı.


# %%
def benim_bm25(sorgu: list[str], belgeler: list[list[str]], k1: float = 1.2, b: float = 0.75) -> list[float]:
    """Her belgenin puanı."""
    toplam = len(belgeler)
    ortalama = sum(map(len, belgeler)) / toplam
    puan = [0.0] * toplam
    for terim in set(sorgu):
        tasiyan = sum(terim in belge for belge in belgeler)
        enderlik = math.log(1 + (toplam - tasiyan + 0.5) / (tasiyan + 0.5))
        for yer, belge in enumerate(belgeler):
            f = belge.count(terim)
            puan[yer] += enderlik * f / (f + k1 * (1 - b + b * len(belge) / ortalama))
    return puan


KISA_ADLAR = {"TCK": "5237", "TMK": "4721", "TBK": "6098"}


def benim_atiflar(metin: str) -> list[Citation]:
    """“TCK 299”, “TMK'nın 10. maddesi”, “TBK m. 305”."""
    bulunan = re.findall(r"\b(TCK|TMK|TBK)(?:'\w+)?\s+(?:m\.\s?)?(\d+)", metin)
    return [Citation(KISA_ADLAR[ad], madde) for ad, madde in bulunan]


# %% [markdown]
# ## Kütüphanede
#
# Aynı çarpan, aynı doyma; ama bir maddenin beş **alanı** vardır (başlık, kanunun adı, bölüm, metin, günlük sözcükler) ve
# her birinin sayısı kendi ağırlığıyla toplanıp *sonra* doyurulur (BM25F):

# %%
kaynak(impact)

# %% [markdown]
# Terimler için ilk beş harf:

# %%
kaynak(terms)

# %% [markdown]
# Kütüphanenin araması bunlara üç şey daha ekler: Snowball kökleri, yan yana iki sözcük (*kıdem tazminatı*) ve komşu
# maddelerin puanından bir pay. Kanunu okuyup dizinini kuralım. Dizin diskte durur; kırk bin maddede bir arama on
# milisaniye kadar sürer.

# %%
kanunlar = list(read_laws([dosya]))
kurulan = build_index(kanunlar, klasor / "dizin")
dizin = LawIndex.open(klasor / "dizin")
print(f"{kanunlar[0].name}: {kurulan.articles} madde ({kurulan.repealed} mülga), sürümü {kanunlar[0].version}")
for madde in dizin.articles[3:6]:
    print(f"\n[{madde.label}] {madde.heading} | {madde.section}\n{madde.text}")

# %% [markdown]
# ## Kanıt
#
# ### Maddeler
#
# İki maddede ayrışıyoruz ve ikisinde de haklı olan kütüphane: *Değişik* notu metin değildir, *Mülga* madde artık yoktur.

# %%
kutuphane = {madde.label: " ".join(madde.text.split()) for madde in dizin.articles}
esit_mi(" ".join(bizim), " ".join(kutuphane))
farkli = [ad for ad in bizim if bizim[ad] != kutuphane[ad]]
assert farkli == ["4", "13"], farkli
print("\n4, bizim:     ", bizim["4"][:62], "…")
print("4, kütüphane: ", kutuphane["4"][:46], "…")
print("4, notu:      ", dizin.article(Citation("9903", "4")).amended)
assert dizin.article(Citation("9903", "13")).repealed

# %% [markdown]
# ### BM25
#
# BM25'i yalın bir dizinde karşılaştıralım: başlıksız, bölümsüz, adsız; geriye tek alan, metin kalır. Sayılar yuvarlama
# kadar yakındır (kütüphane 32 bitle toplar). Dördüncü satır, dizin kurulurken hesaplanıp 16 bitle saklanan katkılardır. Kuramdaki örneğin 1,72'si ile 0,78'i de çıkmalı:

# %%
yalin = [replace(madde, heading="", section="") for madde in dizin.articles]
duz_bm25 = Weights(1.2, {"body": Field(1.0, 0.75)})
build_index([replace(kanunlar[0], title="", articles=tuple(yalin))], klasor / "yalin", weights=duz_bm25)
yalin_dizin = LawIndex.open(klasor / "yalin")
yasayan = [madde for madde in yalin if not madde.repealed]
belgeler = [terms(madde.text) for madde in yasayan]
sorgu = terms("Kiracım kira bedelini ödemezse ne kadar süre verilir?")
for k1, b in ((1.2, 0.75), (0.5, 0.0), (3.0, 0.9)):
    puanlar = bm25f(yalin_dizin, sorgu, Weights(k1, {"body": Field(1.0, b)}))
    onlarin = [puan for puan, madde in zip(puanlar.tolist(), yalin, strict=True) if not madde.repealed]
    esit_mi(benim_bm25(sorgu, belgeler, k1, b), onlarin)

saklanan = [puan for puan, madde in zip(bm25f(yalin_dizin, sorgu).tolist(), yalin, strict=True) if not madde.repealed]
esit_mi(benim_bm25(sorgu, belgeler), saklanan, sinir=1e-3)
esit_mi(idf(2, 13), math.log(5.6))
bir_kez = impact(np.array([[1]], np.uint8), np.ones((1, 1), np.float32), idf(2, 13), k1=1.2)
esit_mi(bir_kez, [math.log(5.6) / 2.2])

# %% [markdown]
# Bütün alanlarıyla dizinde bir şey değişir: bir terim *herhangi bir alanda* geçiyorsa madde onu taşır. *kira* kanunun
# adındadır, yani her maddededir; enderliği sıfıra iner. Doğrusu da budur: bu kanunda *kira* hiçbir maddeyi ötekinden
# ayırmaz.

# %%
for sozcuk in ("kira", "depozito", "süre"):
    terim = terms(sozcuk)[0]
    metinde, alanda = (len(d.postings(terim)[0]) for d in (yalin_dizin, dizin))
    print(
        f"{sozcuk:<9} metninde geçen madde {metinde:>2}, herhangi bir alanında {alanda:>2}: enderlik {idf(alanda, 13):.2f}"
    )
assert len(dizin.postings("kira")[0]) == dizin.searchable

# %% [markdown]
# ### Atıflar
#
# Kolay biçimlerde bir, zorlarında yalnız kütüphane:

# %%
for metin in ("TCK 299 ne diyor?", "TMK'nın 10. maddesi ile TBK m. 305"):
    esit_mi([atif.short() for atif in benim_atiflar(metin)], [atif.short() for atif in parse_citations(metin)])

zorlar = {
    "4857 sayılı İş Kanunu'nun 17 ve 18 inci maddeleri": ["İş K. m.17", "İş K. m.18"],
    "Türk Borçlar Kanunu madde 5-7": ["TBK m.5", "TBK m.6", "TBK m.7"],
    "Anayasanın geçici 3. maddesi": ["Anayasa geçici m.3"],
    "TCK 2023 yılında değişti": [],
}
for metin, beklenen in zorlar.items():
    elle, bulunan = ([atif.short() for atif in bul(metin)] for bul in (benim_atiflar, parse_citations))
    print(f"{metin:<50} elle: {', '.join(elle) or '–':<11} kütüphane: {', '.join(bulunan) or '–'}")
    assert bulunan == beklenen, bulunan

# %% [markdown]
# ## Asistan
#
# `Assistant` parçaları birleştirir: soru → bulunan maddeler → yeterince yakın mı? → maddenin yanıtlayan cümleleri → atıf.
# Bir model vermedikçe hiçbir şey *üretmez*, maddenin kendi cümlelerini seçer. Bölümün sorusunu soralım:

# %%
asistan = Assistant(dizin)
SORU = "Kiracım iki aydır kirayı ödemiyor; hangi madde?"
yanit = asistan.answer(SORU)
print(yanit.text)
print("neden:", yanit.reason)
print("sıra: ", [atif.article for atif in asistan.find(SORU, 5)])

# %% [markdown]
# Sustu, çünkü 6. madde ancak beşinci sıradadır: kanun *ödemezse*, soru *ödemiyor* diyor; ilk beş harf (*odeme*, *odemi*)
# tutmaz. Kök aramanın sınırı budur. Kütüphane boşluğu **günlük sözcüklerle** kapatır: vatandaşın bir maddenin konusuna ne
# dediğini insanlar bir tabloya yazar ve o sözcükler maddenin beşinci alanı olur.

# %%
GUNLUK = {
    "4": "kapora; depozitomu geri alamıyorum",
    "5": "kira günü; kira ayın kaçında yatırılır",
    "6": "kirasını ödemiyor; kirayı vermiyor; kira borcu birikti; tahliye",
    "7": "tamir; kombi bozuldu; musluk damlatıyor; çatı akıyor",
    "8": "kira zammı; ev sahibi kirayı artırdı; fahiş artış",
    "9": "eve birini almak; odayı kiralamak",
    "10": "kedi; köpek",
    "11": "evden erken taşınmak; sözleşmeyi bozmak",
    "12": "ev sahibi evi sattı; yeni ev sahibi",
}


def dizin_kur(ad: str, gunluk: dict[str, str]) -> LawIndex:
    """Kanunun, günlük sözcükleriyle dizini."""
    tablo = klasor / f"{ad}-gunluk"
    tablo.mkdir(exist_ok=True)
    satirlar = [f"9903\t{madde}\t{sozcukler}\n" for madde, sozcukler in gunluk.items()]
    (tablo / "kira.tsv").write_text("".join(satirlar), encoding="utf-8")
    build_index(read_laws([dosya]), klasor / ad, everyday=tablo)
    return LawIndex.open(klasor / ad)


# %%
gunluk_dizin = dizin_kur("gunluk", GUNLUK)
asistan = Assistant(gunluk_dizin)


def sor(soru: str) -> None:
    """Soruyu ve yanıtı yazar."""
    yanit = asistan.answer(soru)
    atiflar = "; ".join(parca.short for parca in yanit.passages)
    print(f"— {soru}\n  {' '.join(yanit.text.split())} {f'[{atiflar}]' if atiflar else f'({yanit.reason})'}\n")


sor(SORU)

# %% [markdown]
# Birkaç soru daha: bir madde anılarak, mülga bir madde, olmayan bir madde, kanunun bilmediği bir konu, başka bir ülke,
# başka bir dil.

# %%
sor("Örnek Kira Kanunu'nun 4. maddesi ne diyor?")
sor("Örnek Kira Kanunu m. 13 ne diyor?")
sor("Örnek Kira Kanunu m. 40 ne diyor?")
sor("Boşanınca nafakayı kim öder?")
sor("Almanya'da kira artışı ne kadardır?")
sor("Who pays for the repairs of the house?")
assert [atif.article for atif in asistan.answer(SORU).citations] == ["6"]
assert asistan.answer("Boşanınca nafakayı kim öder?").text == SILENT

# %% [markdown]
# ### Sayfa ve API
#
# Aynı nesne `fidan serve` ile bir web sayfasının **Hukuk** sekmesinde ve bir API'de durur:
#
# ```sh
# fidan law index 9903-ornek-kira-kanunu.txt --out dizin
# fidan serve --model runs/kurs --law dizin
# curl localhost:8000/v1/law/ask -H 'Content-Type: application/json' -d '{"question": "Depozito kaç günde geri verilir?"}'
# ```
#
# API'nin gövdesi, `Answer`'ın alanlarıdır; uyarı her yanıttadır:

# %%
govde = asdict(asistan.answer("Depozito kaç günde geri verilir?"))
print(json.dumps(govde, ensure_ascii=False, indent=1))
assert govde["notice"] == NOTICE
assert "hukuki danışmanlık değildir" in NOTICE

# %% [markdown]
# ### Ölçelim
#
# Günlük sözcükleri yazarken gördüğümüz soru sınav sorusu olamaz. İşte görmediklerimiz: on soru, yanıtlayan maddeleriyle;
# yedi soru da bu kanunun yanıtlamadığı konulardan.

# %%
ICINDE = {
    "Kiracı üç aydır ödeme yapmadı, ona kaç gün süre vermem gerekir?": "6",
    "Ev sahibi depozitoyu kaç gün içinde geri vermeli?": "4",
    "EV SAHİBİ KİRAYI EN ÇOK NE KADAR ARTIRABİLİR?": "8",
    "Kiracının köpek beslemesi yasak mı?": "10",
    "ISITMA BOZULDU, ONARIMINI KİM YAPAR?": "7",
    "KİRALIK KONUT SATILIRSA SÖZLEŞME NE OLUR?": "12",
    "Kirayı en geç ayın kaçında yatırmalıyım?": "5",
    "Odamı başkasına kiralayabilir miyim?": "9",
    "Sözleşmeyi yazılı mı yapmalıyız?": "3",
    "Sözleşmem bitmeden taşınırsam tazminat öder miyim?": "11",
}
DISINDA = [
    "Boşanınca nafakayı kim öder?",
    "Hız sınırını aşmanın cezası nedir?",
    "Vergi borcum kaç taksitle ödenir?",
    "Marka tescili kaç yıl geçerlidir?",
    "İşten çıkarıldım, kıdem tazminatı alır mıyım?",
    "Askerlik kaç ay sürer?",
    "Miras kaç kişiye bölünür?",
]

# %%
sorular = [Question(soru, (Citation("9903", madde),)) for soru, madde in ICINDE.items()]
sorular += [Question(soru, ()) for soru in DISINDA]


def olc(asistan: Assistant, dizin: LawIndex) -> dict:
    """Kütüphanenin ölçümü: arama ve yanıtlar."""
    kaynaklar = Sources(asistan.find, lambda atif: dizin.find(atif) is not None, dizin.names, asistan.answer)
    return evaluate(sorular, kaynaklar)


olculen = olc(asistan, gunluk_dizin)
for ad, deger in {**olculen["retrieval"], **olculen["answers"]}.items():
    if isinstance(deger, dict) and "low" in deger:
        aralik = "" if deger["low"] is None else f"  (%95 aralık {deger['low']:.2f}–{deger['high']:.2f})"
        print(f"{ad:<22} {deger['value']:.2f}{aralik}")

# %% [markdown]
# `recall@k` doğru maddenin ilk $k$'de olduğu soruların payı, MRR doğru maddenin sırasının tersinin ortalamasıdır. Aralıklara
# bakın: on soruda on doğru bile “gerçek oran 0,72 de olabilir” demektir. Üstelik soruları, günlük sözcükleri yazan el
# yazdı; sınav kolaydı. Kütüphane yürürlükteki 917 kanunda 281 sorunun 0,68'inde doğru maddeyi ilk sırada bulur
# (`docs/law.md`). İki ölçütü elle de hesaplayalım:


# %%
def benim_sira(soru: str, madde: str, asistan: Assistant) -> float:
    """Doğru maddenin sırasının tersi; ilk 10'da yoksa 0."""
    bulunan = [atif.article for atif in asistan.find(soru, 10)]
    return 1 / (bulunan.index(madde) + 1) if madde in bulunan else 0.0


for bu_asistan, bu_dizin in ((asistan, gunluk_dizin), (Assistant(dizin), dizin)):
    tersler = [benim_sira(soru, madde, bu_asistan) for soru, madde in ICINDE.items()]
    ilk5 = [ters >= 1 / 5 for ters in tersler]
    olcum = olc(bu_asistan, bu_dizin)["retrieval"]
    esit_mi(sum(tersler) / len(tersler), olcum["mrr"]["value"])
    esit_mi(sum(ilk5) / len(ilk5), olcum["recall@5"]["value"])

# %% [markdown]
# ### Yazılan, maddeyle denetlenir
#
# Asistana bir model verirseniz (`Assistant(dizin, write=…)`), yanıtı model maddeyi okuyarak yazar; ama yalnızca madde onu
# **desteklerse** gösterilir. `check_support` sayılara, atıflara, olumsuzluğa, taraflara ve sözcüklere bakar:

# %%
IDDIALAR = [
    ("6", "Kira bedelini ödemeyen kiracıya kiraya veren yazılı olarak en az otuz gün süre verir.", True),
    ("6", "Kiracı kira bedelini ödemezse kiraya veren ona yazılı olarak en az 30 gün süre verir.", True),
    ("6", "Kiracı kira bedelini ödemezse kiraya veren ona yazılı olarak en az on gün süre verir.", False),
    ("6", "Bu süre içinde de ödenmezse kiraya veren sözleşmeyi feshedemez.", False),
    ("6", "Kiraya verenin süre vermesi TBK m.315 gereğidir.", False),
    ("6", "Kiracı ödemezse kapısı mühürlenir, eşyası satılır.", False),
    ("7", "Çatının onarımı kiraya verene aittir.", True),
    ("7", "Çatının onarımı kiracıya aittir.", False),
]


def denetle(madde: str, iddia: str) -> bool:
    """Maddenin iddiayı destekleyip desteklemediğini yazar."""
    atif = Citation("9903", madde)
    sonuc = check_support(iddia, "\n\n".join(gunluk_dizin.article(atif).paragraphs), atif, terms)
    print(f"{'✓' if sonuc.supported else '✗'} [m.{madde}] {iddia}")
    if sonuc.failures:
        print(f"      {'; '.join(sonuc.failures)}")
    return sonuc.supported


for madde, iddia, beklenen in IDDIALAR:
    assert denetle(madde, iddia) == beklenen, iddia

# %% [markdown]
# Denetim sözcüklere bakar, anlamaz. Şu cümlede taraflar yer değiştirmiştir; ikisi de yalın hâlde durduğu için denetim bunu
# görmez. Yanıtın altında maddenin tamamının gösterilmesi bu yüzdendir.

# %%
assert denetle("6", "Kiraya veren kira bedelini ödemezse kiracı ona yazılı olarak en az otuz gün süre verir.")

# %% [markdown]
# ### Modelin payı: soru–yanıt çiftleri
#
# Yanıtı yazan kodlayıcı-çözücü, `Soru` ve `Cevap` sütunlu bir tablodan ince ayarla öğrenir (tarifte `[finetune]`). Kodlayıcı
# soruyu (ve isterseniz maddeyi) okur, çözücü yanıtı yazar. Her maddeden bir yanıt ve onu soran dört soru yazalım:

# %%
CIFTLER = {
    "2": "Kira dönemi bir yıldır.|Kira dönemi ne demek?|Kira dönemi ne kadar sürer?|Dönem kaç yıldır?|Kira dönemi nedir?",
    "3": "Kira sözleşmesi yazılı yapılır.|Sözleşme nasıl yapılır?|Sözleşme yazılı mı olmalı?|Kira sözleşmesinin biçimi nedir?"
    "|Yazılı sözleşme gerekir mi?",
    "4": "Depozito on beş gün içinde geri verilir.|Depozito ne zaman geri verilir?|Depozitomu kaç günde alırım?"
    "|Depozitonun geri verilme süresi nedir?|Depozito kaç gün içinde ödenir?",
    "5": "Kira her ayın ilk beş günü içinde ödenir.|Kira ne zaman ödenir?|Kirayı ayın kaçında ödemeliyim?"
    "|Kira bedeli hangi günlerde ödenir?|Kiranın ödeme günü nedir?",
    "6": "Kirasını ödemeyen kiracıya en az otuz gün süre verilir.|Kiracı kirayı ödemezse ne olur?"
    "|Ödenmeyen kira için kaç gün süre verilir?|Kirasını ödemeyene ne yapılır?|Kiracım kirayı ödemiyor, ne yapayım?",
    "7": "Küçük onarımları kiracı yapar.|Küçük onarımları kim yapar?|Onarım kime aittir?|Musluğun onarımını kim yapar?"
    "|Evin onarımını kim öder?",
    "8": "Kira en çok yüzde yirmi artırılabilir.|Kira artışı en çok ne kadardır?|Kira yüzde kaç artırılabilir?"
    "|Ev sahibi kirayı ne kadar artırır?|Kira artışının sınırı nedir?",
    "9": "Konut izinsiz başkasına kiralanamaz.|Konut başkasına kiralanır mı?|Evi başkasına kiralayabilir miyim?"
    "|Alt kira için izin gerekir mi?|Kiracı odayı başkasına kiralar mı?",
    "10": "Kiracı evcil hayvan besleyebilir.|Evcil hayvan besleyebilir miyim?|Kedi beslenir mi?|Evcil hayvan yasak mı?"
    "|Kiralık evde köpek besleyebilir miyim?",
    "12": "Konutun satılması sözleşmeyi sona erdirmez.|Konut satılırsa ne olur?|Ev satılırsa sözleşme biter mi?"
    "|Konutun satılması kirayı etkiler mi?|Ev sahibi evi satarsa ne olur?",
}
ayrik = {madde: satir.split("|") for madde, satir in CIFTLER.items()}
ciftler = [Pair(soru, yanit) for yanit, *sorulari in ayrik.values() for soru in sorulari]
madde_of = {yanit: madde for madde, (yanit, *_) in ayrik.items()}
print(f"{len(ciftler)} çift, yanıtı ortak olanlar birleşince {len(set(group_pairs(ciftler)))} grup")

# %% [markdown]
# Aynı yanıtın dört sorusu varsa çiftleri rastgele bölmek **sızıntıdır**: sınavdaki yanıtı model eğitimde görmüştür.
# `split_pairs` yanıtı ya da sorusu ortak çiftleri bir grup sayar ve grubu bölmez. Küçücük bir kodlayıcı-çözücüyü iki bölmeyle
# de eğitip sınayalım; yanında hiç öğrenmeyen bir rakip olsun: *en yakın eğitim sorusunun yanıtını veren arama*.

# %%
tok = ornek_tokenlastirici()
BICIM = ModelConfig(
    d_model=64,
    n_layers=2,
    encoder_layers=2,
    n_heads=4,
    d_ff=128,
    context=96,
    norm_place="sandwich",
    tie_embeddings=True,
)


def yetistir(ciftler: list[Pair], adim: int = 240, satir: int = 16) -> Engine:
    """Çiftleri öğrenen bir kodlayıcı-çözücü."""
    torch.manual_seed(16)
    model = build_model(BICIM, tok.vocab_size)
    yiginlar = PairBatches(encode_pairs(tok, ciftler), satir, seed=0)
    eniyileyici = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for i in range(adim):
        yigin = yiginlar.take(i * satir, satir)
        logitler = model.lm_head(model.body(yigin.source, yigin.inputs))
        kayip = torch.nn.functional.cross_entropy(logitler.mT, yigin.labels, ignore_index=IGNORE)
        eniyileyici.param_groups[0]["lr"] = 3e-3 * min(1, (i + 1) / 20) * (1 - i / adim)
        eniyileyici.zero_grad()
        kayip.backward()
        eniyileyici.step()
    return plain_engine(model, tok.bos_id)


# %%
def yazdir(motor: Engine, sorular: list[str]) -> list[str]:
    """Modelin açgözlü yanıtları."""
    kaynaklar = [encode_source(tok, soru).ids for soru in sorular]
    return [
        yazi.text.strip() for yazi in write(motor, tok, kaynaklar, GenerateConfig(temperature=0.0, max_new_tokens=48))
    ]


# %%
def dogru_payi(yanitlar: list[str], sinav: list[Pair]) -> float:
    """Yanıtı harfi harfine tutan çiftlerin payı."""
    return sum(yanit == cift.answer for yanit, cift in zip(yanitlar, sinav, strict=True)) / len(sinav)


def rastgele_bol(tohum: int) -> tuple[list[Pair], list[Pair]]:
    """Beşte biri sınav, gruplara bakmadan."""
    karisik = random.Random(tohum).sample(ciftler, len(ciftler))
    return karisik[8:], karisik[:8]


gruplu = split_pairs(ciftler, valid=0, test=0.2, seed=0)
bolmeler = {"rastgele": rastgele_bol(1), "gruplu": (list(gruplu.train), list(gruplu.test))}
motorlar, pay = {}, {}
for ad, (egitim, sinav) in bolmeler.items():
    motorlar[ad] = yetistir(egitim)
    sinav_sorulari = [cift.question for cift in sinav]
    yazilan = yazdir(motorlar[ad], sinav_sorulari)
    pay[ad] = dogru_payi(yazilan, sinav), dogru_payi(nearest_answers(egitim, sinav_sorulari), sinav)
    ortak = sum(cift.answer in {bilinen.answer for bilinen in egitim} for cift in sinav)
    print(f"{ad:<9} sınavdaki {len(sinav)} yanıttan eğitimde görülen: {ortak}")
    print(f"          doğru yanıt: model {pay[ad][0]:.2f}, en yakın soru {pay[ad][1]:.2f}")
    print(f"          örnek: {sinav[0].question} → {yazilan[0]}\n")

# %% [markdown]
# Model de eğitim de aynıdır; değişen yalnız bölmedir. Rastgele bölmede model “dört sorudan üçünün yanıtını”
# ezberlemiştir ve dördüncüde onu yineler; hiç öğrenmeyen arama bile dörtte üçünü bilir. Gruplu bölme gerçeği
# söyler: model görmediği bir maddeyi **bilemez**. Öğrendiği hukuk değil, yanıtların listesidir. Sekiz soru az; en yakın
# soruyu yirmi rastgele bölmeyle de sınayalım:

# %%
paylar = []
for tohum in range(20):
    egitim, sinav = rastgele_bol(tohum)
    paylar.append(dogru_payi(nearest_answers(egitim, [cift.question for cift in sinav]), sinav))
print(f"öğrenmeyen aramanın doğru payı, 20 rastgele bölme: ortalama {np.mean(paylar):.2f}, en az {min(paylar):.2f}")
assert np.mean(paylar) > 0.4, "rastgele bölmede ezber ödüllenmeli"
assert not {cift.answer for cift in gruplu.train} & {cift.answer for cift in gruplu.test}, "yanıt sızmış"
assert pay["rastgele"][0] >= 0.5 > pay["gruplu"][0]

# %% [markdown]
# ## Bozalım: aramayı, Türkçeyi, eşiği çıkarmak
#
# On yedi soruyu beş düzene soralım ve **yanlış yanıtları** sayalım. Bir hukuk uygulamasında susmak bir eksiktir, yanlış
# yanıt ise zarardır.
#
# - **asistan**: yukarıdaki,
# - **eşiksiz**: ne bulursa yanıtlar,
# - **günlük sözcüksüz**: vatandaşın sözcükleri dizinde yok,
# - **Türkçesiz arama**: `benim_bm25`, ama sözcükler Python'un İngilizce küçültmesiyle ve eklerine dokunmadan; eşik aynı,
# - **aramasız**: az önce eğittiğimiz model, maddeyi görmeden yazar.


# %%
def kutuphaneyle(asistan: Assistant) -> Callable[[str], list[str]]:
    """Sorudan, yanıtın dayandığı maddelere."""
    return lambda soru: [atif.article for atif in asistan.answer(soru).citations]


def kucult(metin: str) -> list[str]:
    """Türkçe bilmeyen bir terim bulucu."""
    return re.findall(r"\w+", str.lower(metin))


adlar = [madde.label for madde in yasayan]
metinler = [
    f"{madde.heading} {madde.text} {GUNLUK.get(madde.label, '')}" for madde in dizin.articles if not madde.repealed
]
duz = [kucult(metin) for metin in metinler]


def turkcesiz(soru: str) -> list[str]:
    """En yüksek puanlı madde, sorunun sözcüklerinin yarısını taşıyorsa."""
    sozcukler = kucult(soru)
    puan = benim_bm25(sozcukler, duz)
    yer = puan.index(max(puan))
    return [adlar[yer]] if sum(sozcuk in duz[yer] for sozcuk in sozcukler) >= len(sozcukler) / 2 else []


def aramasiz(soru: str) -> list[str]:
    """Modelin yazdığı yanıtın maddesi; listede olmayan bir yanıt “?” olur."""
    return [madde_of.get(yazdir(motorlar["rastgele"], [soru])[0], "?")]


# %%
duzenler = {
    "asistan": kutuphaneyle(asistan),
    "eşiksiz": kutuphaneyle(Assistant(gunluk_dizin, model=calibrated(0.0))),
    "günlük sözcüksüz": kutuphaneyle(Assistant(dizin)),
    "Türkçesiz arama": turkcesiz,
    "aramasız": aramasiz,
}
print("                       kanunun yanıtladığı 10 soru   yanıtlamadığı 7 soru")
print("                       doğru   yanlış   sustu        yanlış   sustu")
sonuc = {}
for ad, duzen in duzenler.items():
    icinde = [(duzen(soru), madde) for soru, madde in ICINDE.items()]
    disinda = [duzen(soru) for soru in DISINDA]
    dogru = sum(bulunan[:1] == [madde] for bulunan, madde in icinde)
    sustu, sustu_disinda = sum(not bulunan for bulunan, _ in icinde), sum(not bulunan for bulunan in disinda)
    sonuc[ad] = dogru, len(icinde) - dogru - sustu, sustu, len(disinda) - sustu_disinda, sustu_disinda
    d, y, s, yd, sd = sonuc[ad]
    print(f"{ad:<22} {d:>5}   {y:>6}   {s:>5}   {yd:>15}   {sd:>5}")

# %%
fig, ax = plt.subplots(figsize=(8, 2.8))
dogrular = [d + sd for d, _, _, _, sd in sonuc.values()]
susulan = [s for _, _, s, _, _ in sonuc.values()]
yanlislar = [y + yd for _, y, _, yd, _ in sonuc.values()]
ax.barh(list(sonuc), dogrular, color="#2e7d32", label="doğru (yanıt ya da susma)")
ax.barh(list(sonuc), susulan, left=dogrular, color="#bdbdbd", label="gereksiz susma")
sol = [d + s for d, s in zip(dogrular, susulan, strict=True)]
cubuk = ax.barh(list(sonuc), yanlislar, left=sol, color="#c62828", label="yanlış yanıt")
ax.bar_label(cubuk, [n or "" for n in yanlislar], label_type="center", color="white")
ax.invert_yaxis()
ax.set(xlabel="soru", xlim=(0, 17))
ax.legend(loc="lower center", bbox_to_anchor=(0.45, 1.0), ncols=3)
plt.show()

# %%
assert sonuc["asistan"][0] >= 9, "asistan kanunun yanıtladığı soruların maddesini bulmalı"
assert sonuc["asistan"][1] + sonuc["asistan"][3] == 0, "asistan yanlış yanıt vermemeli"
assert sonuc["eşiksiz"][3] >= 2, "eşiksiz, konu dışı sorulara da madde gösterir"
assert sonuc["günlük sözcüksüz"][0] < sonuc["asistan"][0]
assert sonuc["Türkçesiz arama"][0] <= 5, "küçültme ve ekler bilinmeden maddeler bulunamamalı"
assert sonuc["aramasız"][3] == len(DISINDA), "aramasız model hiç susmaz"

# %% [markdown]
# Her düzen başka türlü bozulur:
#
# - **Eşik** olmayınca konu dışı yedi sorunun beşi bir kira maddesiyle yanıtlanır: *öder*, *yıl*, *ay* gibi tek bir sözcük
#   tutmuştur. Kanunun yanıtladığı sorularda ise hiçbir şey değişmez; eşiğin değeri yalnız susulması gereken yerde görünür.
# - **Günlük sözcükler** olmayınca iki soru yanıtsız kalır; yanlış yanıt çıkmaz, çünkü eşik durur.
# - **Türkçe** olmayınca büyük harfle yazılan sorular da, ekleri değişen sözcükler de bulunamaz: onda sekizi susar.
# - **Arama** olmayınca susan kalmaz. Model, kanunun yanıtladığı on sorunun dördünü yanlış, konu dışı yedi sorunun hepsini
#   bir kira kuralıyla yanıtlar; hiçbirinin yanında dayandığı madde yazmaz.

# %%
for soru in ("Marka tescili kaç yıl geçerlidir?", "Kiracının köpek beslemesi yasak mı?"):
    print(
        f"— {soru}\n  aramasız: {yazdir(motorlar['rastgele'], [soru])[0]}\n  asistan:  {asistan.answer(soru).text}\n"
    )

# %% [markdown]
# ## Alıştırmalar
#
# **1.** `benim_bm25` ile şunu gösterin: $k_1 \to 0$ iken terimin maddede kaç kez geçtiği, $b = 0$ iken maddenin uzunluğu
# puanı değiştirmez.
#
# **2.** Asistan “Ayakkabımı kapının önünde bırakabilir miyim?” sorusunda haklı olarak susar. “Evi devredebilir miyim?”
# sorusunda ise susmamalıdır: 9. madde yanıtlar. Yalnız günlük sözcük ekleyerek düzeltin; öteki on sorunun yanıtı
# değişmesin.
#
# **3.** Kanun değişti: 6. maddedeki süre *otuz* günden *on beş* güne indi. Kanun metnini değiştirip dizini yeniden kurun.
# Asistanın yeni süreyi söylediğini, aramasız modelin eskisini söylemeyi sürdürdüğünü ve `check_support`un modelin yazdığını
# yeni maddeyle reddettiğini gösterin.
#
# **4.** `benim_atiflar`ı `TBK m. 5-7` ve `TMK 17 ve 18` gibi yazılan birden çok maddeyi de okuyacak biçimde genişletin.

# %% tags=["cozum"]
# Çözüm 1: k₁ → 0 iken kesir f / f = 1'e gider (k₁ = 0, geçmeyen terimde 0 / 0 olurdu); b = 0 iken uzunluk formülden düşer.
bir, bes = [["kira", "ev"], ["ev", "ev"]], [["kira"] * 5 + ["ev"], ["ev", "ev"]]
esit_mi(benim_bm25(["kira"], bir, k1=1e-9)[0], benim_bm25(["kira"], bes, k1=1e-9)[0])
kisa, uzun = [["kira", "ev"], ["ev"]], [["kira", *["ev"] * 50], ["ev"]]
esit_mi(benim_bm25(["kira"], kisa, b=0.0)[0], benim_bm25(["kira"], uzun, b=0.0)[0])
assert benim_bm25(["kira"], kisa)[0] != benim_bm25(["kira"], uzun)[0]

# %% tags=["cozum"]
# Çözüm 2: 9. maddenin günlük sözcüklerine “devretmek” eklenir; ilk beş harf (devre) tutar.
assert asistan.answer("Evi devredebilir miyim?").citations != (Citation("9903", "9"),)
yeni_dizin = dizin_kur("yeni", {**GUNLUK, "9": f"{GUNLUK['9']}; evi devretmek"})
yeni = Assistant(yeni_dizin)
assert yeni.answer("Evi devredebilir miyim?").citations == (Citation("9903", "9"),)
assert yeni.answer("Ayakkabımı kapının önünde bırakabilir miyim?").abstained
assert [kutuphaneyle(yeni)(soru)[:1] for soru in ICINDE] == [[madde] for madde in ICINDE.values()]

# %% tags=["cozum"]
# Çözüm 3: dizin bir saniyede yeniden kurulur; model yeniden eğitilmedikçe eskiyi söyler.
_ = dosya.write_text(KANUN.replace("otuz gün\nsüre", "on beş gün\nsüre"), encoding="utf-8")
degisik = dizin_kur("degisik", GUNLUK)
_ = dosya.write_text(KANUN, encoding="utf-8")
soru = next(cift.question for cift in bolmeler["rastgele"][0] if "otuz gün" in cift.answer)
eski_yanit, yeni_yanit = yazdir(motorlar["rastgele"], [soru])[0], Assistant(degisik).answer(soru).text
print(f"— {soru}\nmodel:  ", eski_yanit)
print("asistan:", yeni_yanit)
assert "otuz gün" in eski_yanit
assert "on beş gün" in yeni_yanit
yeni_madde = degisik.article(Citation("9903", "6"))
red = check_support(eski_yanit, "\n\n".join(yeni_madde.paragraphs), Citation("9903", "6"), terms)
assert not red.supported
assert "sayı kaynakta yok: 30 gün" in red.failures


# %% tags=["cozum"]
# Çözüm 4: sayıdan sonra “-” bir aralık, “ve” ya da “,” bir madde daha açar.
def benim_cok_atiflar(metin: str) -> list[Citation]:
    """“TBK 5-7” üç, “TMK 17 ve 18” iki atıftır."""
    atiflar = []
    for ad, liste in re.findall(r"\b(TCK|TMK|TBK)(?:'\w+)?\s+(?:m\.\s?)?(\d+(?:(?:-| ve |, )\d+)*)", metin):
        for parca in re.split(r" ve |, ", liste):
            ilk, _, son = parca.partition("-")
            atiflar += [Citation(KISA_ADLAR[ad], str(n)) for n in range(int(ilk), int(son or ilk) + 1)]
    return atiflar


for metin in ("TBK m. 5-7", "TMK 17 ve 18", "TCK 141, 142 ve TBK m. 3"):
    esit_mi(str(benim_cok_atiflar(metin)), str(parse_citations(metin)))

# %% [markdown]
# ## Sırada ne var
#
# Asistanı gerçek kanunlarla kurmak için kanun metinlerini `fidan law index` ile dizine alın; yanıtları kendi modelinize
# yazdırmak için `recipes/law-qa.toml` ile bir kodlayıcı-çözücü yetiştirip `--model` ile verin. Öyle bir model bir GPU'da
# saatler ister: **17. bölümde** bu saatlerin ve liraların hesabı var.
#
# - Kod: `src/fidan/law/assistant.py` (akış), `bm25.py` ve `search.py` (arama), `parsing.py` (maddeler), `citations.py`
#   (atıflar), `support.py` (denetim), `src/fidan/corpus/pairs/split.py` (gruplu bölme), `src/fidan/serving/` (API ve sayfa).
# - Gerçek kanunlardaki sayılar ve sınırlar: `docs/law.md`.
# - Robertson ve Zaragoza (2009), *The Probabilistic Relevance Framework: BM25 and Beyond*; Lewis ve ark. (2020),
#   *Retrieval-Augmented Generation for Knowledge-Intensive NLP Tasks* (arXiv 2005.11401); Can ve ark. (2008), *Information
#   Retrieval on Turkish Texts*.
