# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 2. Tokenizasyon
#
# **Soru.** *Kitaplarımızdan* sözcüğünü daha önce hiç görmemiş bir model onu nasıl okur? Her sözcüğe bir numara verseniz
# Türkçede numara yetmez; her harfe bir numara verseniz cümleler uzar da uzar. Arada ne var?
#
# Bu bölümün sonunda BPE'yi hem öğrenen hem kodlayan kodu kendiniz yazmış, parçalarının SentencePiece'inkilerle aynı olduğunu
# görmüş, metni modelin okuyacağı yığınlara dizmiş olacaksınız. Gereken: temiz metin (1. bölüm).

# %%
import io
import unicodedata
from collections import Counter
from collections.abc import Mapping
from contextlib import nullcontext
from itertools import pairwise

import numpy as np
import sentencepiece
import torch
from matplotlib import pyplot as plt

from fidan.corpus.conversations.conversation import Message
from fidan.corpus.documents import read_documents, shards
from fidan.corpus.pairs.pair import Pair
from fidan.errors import FidanError
from fidan.evaluation.heldout import held_out_loss
from fidan.evaluation.texts import held_out_text
from fidan.kurs import esit_mi, kaynak, ornek_belgeler, ornek_calistirma, ornek_tokenlastirici
from fidan.progress import SilentReporter
from fidan.recipe import TokenizerConfig
from fidan.tokenizer.chat import encode_conversation
from fidan.tokenizer.fast_encoder import FastEncoder
from fidan.tokenizer.morphology import synthetic_gold
from fidan.tokenizer.pairs import EncodedPairs, encode_pairs
from fidan.tokenizer.report import measure
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.tokenizer.train import Sentences, learn
from fidan.trained import open_trained
from fidan.training.batches import Batches
from fidan.training.packed_tokens import PackedTokens
from fidan.turkish import lower, words

# %% [markdown]
# ## Kuram
#
# Model metin görmez, sayı görür. Metni sayılara bölmenin dört yolu vardır. 300 kilobaytlık metinden öğrenip başka bir metni
# bölelim:

# %%
egitim, olcum = ornek_belgeler(), ornek_belgeler(30_000, tohum=2)
tok = ornek_tokenlastirici(800)
butun, yeni = " ".join(egitim), " ".join(olcum)
bilinen = set(words(butun))
gorulmemis = sum(sozcuk not in bilinen for sozcuk in words(yeni)) / len(words(yeni))

print("birim        sözlük   yeni metnin uzunluğu   söyleyemediği")
print(f"bayt     {256:>10}   {len(yeni.encode()):>20}   yok")
print(f"harf     {len(set(butun)):>10}   {len(yeni):>20}   yeni harfler")
print(f"sözcük   {len(bilinen):>10}   {len(words(yeni)):>20}   sözcüklerin %{100 * gorulmemis:.0f} kadarı")
print(f"BPE      {tok.vocab_size:>10}   {len(tok.encode(yeni)):>20}   yok")

# %% [markdown]
# Bu küçük masal dilinde bile sözcük sözlüğü BPE'ninkinin altı katıdır ve yine de deliktir: Türkçede bir kökten
# sayısız biçim türer, sözlük metinle birlikte büyür durur. Baytlar ve harfler her şeyi söyler ama diziyi uzatır. **BPE** (Sennrich ve ark.,
# 2015, arXiv 1508.07909) ortadadır: sık geçen harf çiftlerini birleştire birleştire *parçalar* öğrenir. Sık sözcük tek parça
# olur, seyrek sözcük tanıdık parçalara ayrılır.
#
# **Öğrenme.** Harflerle başlayın. Her adımda en sık yan yana gelen çifti bulun, tek parça yapın, sözlüğe ekleyin:
#
# $$(a^*, b^*) = \arg\max_{(a,b)} \; \text{sayı}(a\,b)$$
#
# **Kodlama.** Yeni bir metni harflerine ayırın; birleşimi sözlükte olan komşulardan **en erken öğrenileni** birleştirin; birleşecek
# komşu kalmayınca durun.
#
# ### Elle bir örnek
#
# *dal, dallar, kol, kollar* sözcüklerinin önüne boşluğu gösteren ▁ işaretini koyalım. Sayılar: *▁d* 2, *da* 2, *al* 2, *▁k* 2, *ko* 2,
# *ol* 2, *ll* 2, *la* 2, *ar* 2. Hepsi eşit. Eşitlikte SentencePiece kısa olanı, sonra alfabede önce geleni seçer: *al*.
# Sonra *ar*, *ko*, *▁d*…
# Birazdan kodunuz bunu yapacak.
#
# ### Sözlük ne kadar büyük olsun?
#
# Büyük sözlük diziyi kısaltır (daha az hesap), ama her parça gömme ve çıkış katmanında $2 \times d$ parametre ister ve seyrek parça az
# örnek görür:

# %%
sozlukler = [400, 600, 800, 1600, 3200]
olculen = {v: measure(ornek_tokenlastirici(v), olcum, [synthetic_gold(1000)]) for v in sozlukler}
fig, (sol, sag) = plt.subplots(1, 2, figsize=(8, 2.9))
sol.plot(sozlukler, [o["bytes_per_token"] for o in olculen.values()], marker="o")
sol.set(ylabel="token başına bayt")
sag.plot(
    sozlukler,
    [o["boundaries"][0]["recall"] for o in olculen.values()],
    marker="o",
    label="ek sınırlarının bulunan payı",
)
sag.plot(
    sozlukler,
    [o["boundaries"][0]["precision"] for o in olculen.values()],
    marker="o",
    label="sınırların ek sınırı olan payı",
)
sag.set(ylabel="pay", ylim=(0, 1))
sag.legend(fontsize=8)
for ax in (sol, sag):
    ax.set(xscale="log", xlabel="sözlük (parça sayısı)")
    ax.set_xticks(sozlukler, [str(v) for v in sozlukler])
    ax.minorticks_off()
plt.show()
for v in sozlukler:
    print(
        f"{v:>5}",
        " · ".join(ornek_tokenlastirici(v).piece(i) for i in ornek_tokenlastirici(v).encode("kitaplarımızdan")),
    )

# %% [markdown]
# Sözlüğü her ikiye katlayış token başına hemen hemen aynı kadar bayt kazandırır, ama her seferinde parametreyi de ikiye katlar.
#
# BPE dilbilgisi bilmez; yine de parçaların bir kısmı eklere denk gelir, çünkü ekler sıktır. Parça sınırlarını zorla eklere
# oturtmak çekici görünür; ama bildiğimiz tek denetimli Türkçe karşılaştırmada (nanochat-turk) ham BPE bayt başına bitte her
# büyüklükte öndeydi. Kütüphane bu yüzden sade BPE kullanır (32.000 parça).
#
# ## Elle yazalım
#
# ### BPE'yi öğrenmek


# %%
def birlestir(parcalar: list[str], cift: tuple[str, str]) -> list[str]:
    """Çiftin her geçtiği yeri tek parça yapar."""
    sonuc: list[str] = []
    for parca in parcalar:
        if sonuc and (sonuc[-1], parca) == cift:
            sonuc[-1] += parca
        else:
            sonuc.append(parca)
    return sonuc


def birlesebilir(parca: str) -> bool:
    """Harf harfle, işaret işaretle birleşir; rakamlar tek tek kalır."""
    return parca.isalpha() or not any(harf.isalnum() for harf in parca)


def benim_bpe(metinler: list[str], adet: int) -> list[str]:
    """Öğrenilen parçalar, öğrenilme sırasıyla."""
    sayilar = Counter("▁" + sozcuk for metin in metinler for sozcuk in metin.split(" "))
    bolunmus = {sozcuk: list(sozcuk) for sozcuk in sayilar}
    ogrenilen = []
    for _ in range(adet):
        ciftler: Counter[tuple[str, str]] = Counter()
        for sozcuk, parcalar in bolunmus.items():
            for a, b in pairwise(parcalar):
                if birlesebilir((a + b).lstrip("▁")):
                    ciftler[a, b] += sayilar[sozcuk]
        cift = min(ciftler, key=lambda ab: (-ciftler[ab], len(ab[0] + ab[1]), ab[0] + ab[1]))
        ogrenilen.append(cift[0] + cift[1])
        bolunmus = {sozcuk: birlestir(parcalar, cift) for sozcuk, parcalar in bolunmus.items()}
    return ogrenilen


print(benim_bpe(["dal dallar kol kollar"], 8))

# %% [markdown]
# ### BPE ile kodlamak
#
# Sözlükte olmayan harf (örneğin bir emoji) UTF-8 baytlarına ayrılır; 256 baytın hepsi sözlüktedir. Böylece söylenemeyecek hiçbir
# metin kalmaz. Buna **baytlara düşme** (byte fallback) denir.


# %%
def benim_kodlamam(metin: str, numara: Mapping[str, int], sira: Mapping[str, int]) -> list[int]:
    """Metnin token numaraları; `sira` parçaların öğrenilme sırasıdır."""
    parcalar = list("▁" + metin.replace(" ", "▁")) if metin else []
    while True:
        adaylar = [(sira[a + b], i) for i, (a, b) in enumerate(pairwise(parcalar)) if a + b in sira]
        if not adaylar:
            break
        i = min(adaylar)[1]
        parcalar[i : i + 2] = [parcalar[i] + parcalar[i + 1]]
    ids: list[int] = []
    for parca in parcalar:
        ids += [numara[parca]] if parca in numara else [numara[f"<0x{bayt:02X}>"] for bayt in parca.encode()]
    return ids


# %% [markdown]
# ### Soru–yanıt çiftlerini dizmek
#
# Kodlayıcı-çözücü model (9. bölüm) bir kaynak okur, bir hedef yazar. Çözücü, hedefin her tokenini **öncekilere** bakarak tahmin eder.
# Öyleyse girdisi hedefin bir sağa kaydırılmış halidir: `<s>` ile başlar. Kısa satırlar dolguyla uzatılır; dolgunun etiketi −100'dür,
# kayıp onu saymaz.


# %%
def benim_ciftlerim(tok: Tokenizer, ciftler: list[Pair]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(B, S) kaynak, (B, T) çözücü girdisi, (B, T) etiket."""
    kaynaklar = [[*tok.encode(cift.question), tok.eos_id] for cift in ciftler]
    hedefler = [[*tok.encode(cift.answer), tok.eos_id] for cift in ciftler]
    girdiler = [[tok.bos_id, *hedef[:-1]] for hedef in hedefler]

    def dolgula(satirlar: list[list[int]], dolgu: int) -> np.ndarray:
        genislik = max(map(len, satirlar))
        return np.array([satir + [dolgu] * (genislik - len(satir)) for satir in satirlar])

    return dolgula(kaynaklar, tok.pad_id), dolgula(girdiler, tok.pad_id), dolgula(hedefler, -100)


# %% [markdown]
# ### Paketlemek
#
# Ön eğitimde dolgu israftır. Belgeler uç uca eklenir, şerit $T$'lik pencerelere kesilir: **paketleme**. Etiketler girdinin bir sola
# kaymışıdır.


# %%
def benim_seridim(tok: Tokenizer, metinler: list[str], uzunluk: int) -> np.ndarray:
    """Belgeler uç uca: <s> belge </s> <s> belge </s> …; ilk `uzunluk` token."""
    serit: list[int] = []
    for metin in metinler:
        if len(serit) >= uzunluk:
            break
        serit += tok.encode(metin, bos=True, eos=True)
    return np.array(serit[:uzunluk])


# %% [markdown]
# ## Kütüphanede
#
# Öğrenmeyi SentencePiece yapar (Kudo ve Richardson, 2018, arXiv 1808.06226). Kütüphanenin kararı ayarlardadır; `identity`
# metne dokunmamak, `split_digits` rakamları tek tek tutmak, `byte_fallback` bayta düşmektir:

# %%
kaynak(learn)

# %%
kaynak(Tokenizer.decode)

# %% [markdown]
# Kodlamanın da iki hali vardır: SentencePiece'inki ve aynı numaraları sözcükleri hatırlayarak çok daha çabuk veren `FastEncoder`.
# Büyük bir derlemi paketlerken ikincisi kullanılır; her paketlemede bir örneklem SentencePiece ile karşılaştırılır.
#
# Çiftleri dizen kod; kaydırma yalnızca burada yapılır:

# %%
kaynak(EncodedPairs.padded)

# %%
kaynak(Batches.take)

# %% [markdown]
# ## Kanıt
#
# **Öğrenme.** Aynı metinden, sizin kodunuz ve SentencePiece, ilk 150 parça. Metne bol bol yıl da ekliyoruz: rakamlar sık geçse bile
# birleşmemeli.

# %%
kucuk_metin = [metin.replace("\n", " ") for metin in ornek_belgeler(40_000, tohum=4)] + ["1923 ile 1938"] * 99
sp = Tokenizer(learn(Sentences(kucuk_metin), TokenizerConfig(vocab_size=500, character_coverage=1.0)))
ilk = next(i for i in range(sp.vocab_size) if not sp.is_byte(i) and i not in sp.special_ids)
onun_parcalari = [sp.piece(i) for i in range(ilk, ilk + 150)]
benim_parcalarim = benim_bpe(kucuk_metin, 150)
print(" ".join(benim_parcalarim[:30]), "…")
esit_mi(" ".join(benim_parcalarim), " ".join(onun_parcalari))

# %% [markdown]
# **Kodlama.** Sizin kodunuz, SentencePiece ve hızlı kodlayıcı; emoji, büyük İ, çift boşluk ve satır sonu da içinde:

# %%
numara = {tok.piece(i): i for i in range(tok.vocab_size)}
sira = {p: -tok.score(i) for p, i in numara.items() if not tok.is_byte(i) and i not in tok.special_ids and len(p) > 1}
denemeler = [metin[:120] for metin in olcum[:40]]
denemeler += [
    "İğne ile kuyu kazmak 🌱",
    "1923'te, 2  boşluk",
    "satır\nsonu",
    "",
    "Hâlâ café…",
    "<s> yalnızca yazıdır",
]
benimkiler = [benim_kodlamam(metin, numara, sira) for metin in denemeler]
assert benimkiler == [tok.encode(metin) for metin in denemeler]
esit_mi([i for ids in benimkiler for i in ids], [i for metin in denemeler for i in tok.encode(metin)])

satirlar = FastEncoder(tok).rows(olcum)
esit_mi(satirlar.ids, np.concatenate([tok.encode(metin, bos=True, eos=True) for metin in olcum]))
assert all(tok.decode(tok.encode(metin)) == metin for metin in [*denemeler, *olcum]), "gidiş dönüş bozuk"
print([tok.piece(i) for i in tok.encode("İğne 🌱 1923")])

# %% [markdown]
# Emoji dört bayttır, yıl dört rakamdır. Her metin harfi harfine geri gelir.
#
# **Çiftler.** Kaynak, girdi ve etiket; girdi ile etiketin bir kaydığına, etiketlerde dolgunun −100 olduğuna bakın:

# %%
ciftler = [
    Pair("Kedi nerede?", "Kedi ağaçta."),
    Pair("Top kimde?", "Ayşe'de."),
    Pair("Bugün hava nasıl?", "Hava çok güzel, güneşli."),
]
dizilmis = encode_pairs(tok, ciftler).padded([0, 1, 2])
for benimki, kutuphaneninki in zip(benim_ciftlerim(tok, ciftler), dizilmis[:3], strict=True):
    esit_mi(benimki, kutuphaneninki)
esit_mi(dizilmis.source_lengths, (dizilmis.source != tok.pad_id).sum(1))
for ad, satir in (("girdi ", dizilmis.inputs[1]), ("etiket", dizilmis.labels[1])):
    print(ad, " ".join(f"{'−100' if i < 0 else tok.piece(i):<6}" for i in satir.tolist()))

# %% [markdown]
# **Paketleme.** Kursun çalıştırmasının eğitim şeridi ve bir yığını:

# %%
calistirma = ornek_calistirma()
egitilmis = open_trained(calistirma.out, torch.device("cpu"))
kendi_tok = egitilmis.tokenizer
serit = PackedTokens.open(calistirma.folder("pack"), "train", kendi_tok.hash)
belgeler = [belge["text"] for belge in read_documents(shards(calistirma.folder("corpus"), "train")[0])]
benimki = benim_seridim(kendi_tok, belgeler, 1000)
esit_mi(benimki, serit.window(0, 1000))

yiginlar = Batches(serit, 128, seed=0)
yigin, yerler = yiginlar.take(0, 4), yiginlar.places(0, 4)
for satir, yer in enumerate(yerler):
    esit_mi(yigin.inputs[satir], serit.window(128 * yer, 128))
    esit_mi(yigin.labels[satir], serit.window(128 * yer + 1, 128))

# %% [markdown]
# ### Özel tokenler ve sohbet
#
# Bazı tokenler hiçbir metnin yazamayacağı işaretlerdir: `<s>`, `</s>`, `<pad>`, `<|im_start|>`, `<|im_end|>`. Sohbet bunlarla kalıba
# dökülür; modelin öğrendiği yalnızca yardımcının yazdıklarıdır (koyu yerine ✎ ile gösteriyoruz):

# %%
sohbet = encode_conversation(tok, [Message("user", "Merhaba!"), Message("assistant", "Size de!")])
print(
    " ".join(("✎" if yazilan else "") + tok.piece(i) for i, yazilan in zip(sohbet.ids, sohbet.written, strict=True))
)
yazdiklari = [i for i, yazilan in zip(sohbet.ids, sohbet.written, strict=True) if yazilan]
assert tok.decode(yazdiklari) == "Size de!"
assert yazdiklari[-1] == tok.special_id("<|im_end|>")

# %% [markdown]
# ## Bozalım: dört yanlış
#
# Zararı tek ölçüyle göreceğiz: aynı ayrılmış metnin baytı modele kaç bite mal oluyor (12. bölüm)?


# %%
model = egitilmis.model
ayrilmis = [belge.text for belge in held_out_text(calistirma.folder("corpus")).documents[:15]]


def bit_bayt(metinler: list[str], tok: Tokenizer) -> float:
    """Modelin bayt başına biti; bayt, yazının NFC halinindir ki yollar karşılaştırılabilsin."""
    ids = (
        (np.array(tok.encode(m, bos=True, eos=True)), len(unicodedata.normalize("NFC", m).encode())) for m in metinler
    )
    return held_out_loss(model, ids, stride=64, autocast=nullcontext(), reporter=SilentReporter()).bits_per_byte


nfd = [unicodedata.normalize("NFD", metin) for metin in ayrilmis]
ingilizce = [metin.lower() for metin in ayrilmis]
turkce = [lower(metin) for metin in ayrilmis]
baska_tok = ornek_tokenlastirici(1000)  # aynı büyüklükte, başka metinden
denenen = {
    "doğru yol": (ayrilmis, kendi_tok),
    "NFD girdi": (nfd, kendi_tok),
    "Türkçe küçük harf": (turkce, kendi_tok),
    "İngilizce küçük harf": (ingilizce, kendi_tok),
    "başka tokenlaştırıcı": (ayrilmis, baska_tok),
}
sonuc = {}
for ad, (metinler, hangisi) in denenen.items():
    sonuc[ad] = sum(len(hangisi.encode(metin)) for metin in metinler), bit_bayt(metinler, hangisi)
taban = np.log2(kendi_tok.vocab_size) * sonuc["doğru yol"][0] / sum(len(metin.encode()) for metin in ayrilmis)
print("                       token   bit/bayt")
for ad, (token, bit) in sonuc.items():
    print(f"{ad:<21} {token:>6}   {bit:>8.2f}")
print(f"(hiçbir şey bilmeyen, her tokene eşit bakan model {taban:.2f})")

# %%
assert sonuc["NFD girdi"][1] > 1.5 * sonuc["doğru yol"][1]
assert sonuc["başka tokenlaştırıcı"][1] > taban, "yanlış tokenlaştırıcı hiç bilmemekten de kötü olmalı"
assert sonuc["İngilizce küçük harf"][0] > sonuc["Türkçe küçük harf"][0], "parçalanan İ fazladan token ister"
harfler = unicodedata.normalize("NFD", "ığ")
print("NFC 'ığ':", [tok.piece(i) for i in tok.encode("ığ")], "  NFD:", [tok.piece(i) for i in tok.encode(harfler)])
print(
    "İ.lower():",
    [tok.piece(i) for i in tok.encode("İ".lower())],
    "  Türkçe:",
    [tok.piece(i) for i in tok.encode(lower("İ"))],
)

# %% [markdown]
# **NFD girdi** göze aynı görünür, ama *ş, ç, ğ, ö, ü* ikiye ayrılır; ayrılan işaretler sözlükte olmadığından bayta düşer. Model o
# dizileri hiç görmemiştir: hiçbir şey bilmeyen modelden de kötüdür, çünkü yanlış bildiğinden emindir. **Başka tokenlaştırıcı** da
# öyle: numaralar geçerlidir, hata çıkmaz, yalnızca anlamları başkadır. **Küçük harf** bilgiyi azaltır; İngilizcesi ayrıca her *İ*'ye
# fazladan iki bayt tokeni ekler, *I*'yı *i* yapar. Bu metinde *İ* ve *I* seyrek olduğundan aradaki fark küçüktür; büyük harfli bir başlıkta değildir.
#
# Kütüphane ikinci hatayı yakalar: her tokenlaştırıcının bir özeti vardır, paketlenmiş tokenler ve eğitilmiş model bu özeti taşır.

# %%
try:
    PackedTokens.open(calistirma.folder("pack"), "train", baska_tok.hash)
except FidanError as hata:
    print(str(hata).split(": ", 1)[1])
else:
    raise AssertionError("kütüphane başka tokenlaştırıcının tokenlerini kabul etti")

# %% [markdown]
# ### Bayta düşme olmadan
#
# Yaygın bir SentencePiece ayarı `byte_fallback`'i açmaz. Aynı metinden öyle bir tokenlaştırıcı öğrenelim ve gidiş dönüşte ne
# kaybettiğine bakalım:

# %%
bellek = io.BytesIO()
sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=iter(kucuk_metin), model_writer=bellek, model_type="bpe", vocab_size=500, minloglevel=2
)
eksik = sentencepiece.SentencePieceProcessor(model_proto=bellek.getvalue())
sinama = ["Fiyatı 25 ₺ 🌱", "“Hâlâ mı?” dedi.", "x² + y² = z²", "satır 1\nsatır 2", "iki  boşluk", "ﬁdan ½ kg"]
kayip = 0
for metin in sinama:
    donen, saglam = eksik.decode(eksik.encode(metin)), tok.decode(tok.encode(metin))
    kayip += donen != metin
    print(f"{metin!r:<24} → {donen!r:<28} fidan: {'aynısı' if saglam == metin else saglam!r}")
assert kayip == len(sinama)
esit_mi([tok.decode(tok.encode(metin)) == metin for metin in sinama], [True] * len(sinama))

# %% [markdown]
# Bilinmeyen harfler ⁇ olur; satır sonu ve çift boşluk kaybolur, *ﬁ* ve *½* başka harflere çevrilir. Modelin bir daha göremeyeceği
# şeyi hiçbir eğitim geri getirmez.
#
# ## Alıştırmalar
#
# **1.** **Çözme.** Parçaların baytlarını uç uca ekleyip baştaki boşluğu atan `benim_cozmem(ids)` yazın. Bayt parçalarının tek
# başına geçerli UTF-8 olmadığına dikkat edin. `tok.decode` ile karşılaştırın.
#
# **2.** Bir metnin kaç bayt tuttuğunu yalnızca tokenlerinden bulun: her parçanın bayt sayısını toplayın. `tok.count_bytes` ile
# karşılaştırın; baştaki boşluğu unutmayın.
#
# **3.** Üç çiftlik yığında kaç etiket kayba girer, kaç yer dolgudur? Elle sayın, diziden doğrulayın. Uzunlukları benzer çiftleri yan yana
# dizmek neden işe yarar?


# %% tags=["cozum"]
# Çözüm 1: baytlar birleşmeden harfe çevrilemez.
def benim_cozmem(ids: list[int]) -> str:
    """Özel token içermeyen numaraların metni."""
    baytlar = b""
    for i in ids:
        parca = tok.piece(i)
        baytlar += bytes([int(parca[3:5], 16)]) if tok.is_byte(i) else parca.replace("▁", " ").encode()
    return baytlar.removeprefix(b" ").decode("utf-8")


for metin in denemeler[-6:]:
    esit_mi(repr(benim_cozmem(tok.encode(metin))), repr(tok.decode(tok.encode(metin))))

# %% tags=["cozum"]
# Çözüm 2: ▁ bir bayttır (boşluk), bayt parçası bir bayttır; kodlamanın başa koyduğu boşluk metnin değildir.
for metin in ("Kedi ağaçta.", "İğne 🌱"):
    ids = tok.encode(metin)
    toplam = sum(1 if tok.is_byte(i) else len(tok.piece(i).replace("▁", " ").encode()) for i in ids) - 1
    esit_mi(toplam, tok.count_bytes(ids))
    assert toplam == len(metin.encode())

# %% tags=["cozum"]
# Çözüm 3: etiket sayısı yanıtların token sayısıyla birer </s>'dir; gerisi dolgudur.
sayilan = sum(len(tok.encode(cift.answer)) + 1 for cift in ciftler)
esit_mi(int((dizilmis.labels != -100).sum()), sayilan)
esit_mi(int((dizilmis.inputs == tok.pad_id).sum()), dizilmis.labels.size - sayilan)
# Benzer uzunluktakiler yan yana gelirse en uzunla en kısa arasındaki fark, yani dolgu azalır.
kisalar = encode_pairs(tok, ciftler[:2]).padded([0, 1])
assert (kisalar.labels == -100).mean() < (dizilmis.labels == -100).mean()

# %% [markdown]
# ## Sırada ne var
#
# Elimizde numaralar var; ama 412 numaralı parça 411'e benzemez. **3. bölümde** numaralar vektöre, vektörler konuma kavuşur.
#
# - Kod: `src/fidan/tokenizer/` (`train.py`, `tokenizer.py`, `fast_encoder.py`, `pairs.py`, `chat.py`), paketleme
#   `src/fidan/training/packing.py`.
# - BPE: Sennrich ve ark. (arXiv 1508.07909). SentencePiece: Kudo ve Richardson (arXiv 1808.06226). Parça sınırları ve ekler: Creutz ve
#   Lagus (2007).
