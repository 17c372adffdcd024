# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 12. Ölçütler
#
# **Soru.** İki arkadaşınız aynı metinle birer Türkçe model yetiştirdi. Biri “Benimkinin şaşkınlığı 2,9” diyor, öbürü
# “Benimkinin 4,3, ama benim sözlüğüm büyük.” Hangisi daha iyi? Bu iki sayıyla söylenebilir mi?
#
# Bu bölümün sonunda doğruluğu, top-k doğruluğu, şaşkınlığı, bayt başına biti, BLEU'yu, chrF'yi ve güven aralığını
# kendiniz yazmış olacaksınız. Her birinin hangi soruya yanıt verdiğini ve nasıl yanılttığını da göreceksiniz.
# Gereken: kaybın ne olduğu (10. bölüm).

# %%
import math
import re
from collections import Counter
from contextlib import nullcontext

import numpy as np
import torch
from matplotlib import pyplot as plt
from sacrebleu.metrics import BLEU, CHRF
from torch import Tensor

from fidan.corpus.documents import read_documents, shards
from fidan.evaluation.baselines.kneser_ney import n_gram
from fidan.evaluation.baselines.simple import Rows, gather
from fidan.evaluation.heldout import held_out_loss
from fidan.evaluation.metrics.likelihood import bits_per_byte, cross_entropy, perplexity, ranks, top_k_accuracy
from fidan.evaluation.metrics.overlap import corpus_bleu, corpus_chrf, sentence_bleu
from fidan.evaluation.metrics.statistics import compare_ratios, ratio, resampled_sums
from fidan.evaluation.texts import held_out_text
from fidan.kurs import esit_mi, kaynak, ornek_belgeler, ornek_calistirma, ornek_tokenlastirici
from fidan.progress import SilentReporter
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.trained import open_trained
from fidan.turkish import lower

# %% [markdown]
# ## Kuram
#
# Dil modeli her adımda sözlükteki bütün tokenlere bir olasılık verir. Gerçekte gelen tokenin olasılığı $p_t$ olsun.
# Bu olasılıklara dört ayrı soru sorulabilir:
#
# | ölçüt | soru | formül |
# |---|---|---|
# | doğruluk | Modelin ilk seçimi tuttu mu? | sırası 1 olanların payı |
# | top-k doğruluk | Gelen token ilk $k$ seçim arasında mıydı? | sırası $\le k$ olanların payı |
# | şaşkınlık | Model kaç eşit seçenek arasında kararsız? | $\exp\left(-\frac{1}{N}\sum_t \ln p_t\right)$ |
# | bayt başına bit | Metnin bir baytını yazmak kaç bit tutar? | $-\sum_t \log_2 p_t \,/\, \text{bayt}$ |
#
# İlk üçü **token başınadır**, sonuncusu **metin başınadır**. Bölümün sorusunun yanıtı bu farkta saklı.
#
# ### Elle bir örnek
#
# “Kar yağıyor” metni 13 bayttır (*ğ* ve *ı* ikişer bayt tutar). Dört tokene bölünsün ve model gelenlere sırasıyla
# $\frac12, \frac14, \frac18, \frac14$ olasılık versin. Token başına bitler 1, 2, 3, 2'dir; toplam 8 bit, ortalama 2 bit.
# Şaşkınlık $2^2 = 4$, bayt başına bit $8/13 \approx 0{,}62$.

# %%
olasiliklar = torch.tensor([1 / 2, 1 / 4, 1 / 8, 1 / 4])
nat = -olasiliklar.log().sum().item()
print("bayt           :", len("Kar yağıyor".encode()))
print("şaşkınlık      :", round(perplexity(nat, tokens=4), 2))
print("bayt başına bit:", round(bits_per_byte(nat, text_bytes=len("Kar yağıyor".encode())), 2))

# %% [markdown]
# ### Gerçek bir modelde
#
# Kursun bir dakikada yetişen küçük modeline hiç görmediği bir belge okutalım ve her tokenin kaç bit tuttuğunu çizelim.
# Eğitimde görülmeyen bu belgelere **ayrılmış** (held-out) metin denir; ölçütler yalnızca onlarda hesaplanır.

# %%
calistirma = ornek_calistirma()
egitilmis = open_trained(calistirma.out, torch.device("cpu"))
model, tokenlastirici = egitilmis.model, egitilmis.tokenizer
ayrilmis = [belge.text for belge in held_out_text(calistirma.folder("corpus")).documents]
DOLGU = -100  # hesaba katılmayan yerin etiketi


def oku(metinler: list[str]) -> tuple[Tensor, Tensor]:
    """Metinlerin ilk 127 tokeninin logitleri ve etiketleri; kısa satırların sonu dolgudur."""
    satirlar = [tokenlastirici.encode(metin, bos=True, eos=True)[:128] for metin in metinler]
    genislik = max(map(len, satirlar))
    ids = torch.full((len(satirlar), genislik), tokenlastirici.pad_id)
    etiket = torch.full((len(satirlar), genislik - 1), DOLGU)
    for sira, satir in enumerate(satirlar):
        ids[sira, : len(satir)] = torch.tensor(satir)
        etiket[sira, : len(satir) - 1] = torch.tensor(satir[1:])
    with torch.inference_mode():
        return model(ids[:, :-1]), etiket


cumle = ayrilmis[0][: ayrilmis[0].index(".", 70) + 1]
logitler, etiketler = oku([cumle])
bit = torch.nn.functional.cross_entropy(logitler[0], etiketler[0], reduction="none")[:-1] / math.log(2)
parcalar = [tokenlastirici.piece(i).replace("▁", "_") for i in etiketler[0, :-1].tolist()]

fig, ax = plt.subplots(figsize=(8, 3))
ax.bar(range(len(parcalar)), bit.numpy())
ax.set_xticks(range(len(parcalar)), parcalar, rotation=70, fontsize=7)
ax.set(xlabel="gelen token (_ boşluktur)", ylabel="−log₂ p (bit)", title=cumle, xlim=(-1, len(parcalar)))
ax.title.set_fontsize(8)
plt.show()

# %% [markdown]
# Yeni bir sözcüğün başı çok bit tutar; başlamış sözcüğün sonu az: *Ah*'tan sonra *met*, *Sam*'dan sonra *sun* gelmesi
# modeli pek şaşırtmaz. Bir ölçüt bu çubukların özetidir.
#
# ### Yazılan metni ölçmek: BLEU ve chrF
#
# Modele bir soru sorup yazdığı yanıtı bir insanın yanıtıyla karşılaştırmak isteyebilirsiniz. **BLEU** (Papineni ve ark.,
# 2002) $n = 1 \dots 4$ için modelin $n$'li sözcük dizilerinin ne kadarının gerçek yanıtta bulunduğuna bakar
# (kesinlik $P_n$) ve kısa yazıp kaçanları $K$ ile cezalandırır:
#
# $$\text{BLEU} = 100 \cdot K \cdot \exp\Big(\tfrac14 \sum_{n=1}^{4} \ln P_n\Big), \qquad
# K = \min\big(1,\; e^{\,1 - \text{gerçek uzunluk} / \text{uzunluk}}\big)$$
#
# **Derlem BLEU'su** sayımları bütün metinlerde toplar, sonra böler; **cümle BLEU'su** tek metnindir ve ortalaması derlem
# BLEU'su değildir. Tek cümlede dörtlü eşleşme çoğu kez yoktur. Orada $\ln 0$ yerine küçük bir pay konur: ilk boş
# dizinin kesinliği $\frac{1}{2 \cdot \text{dizi sayısı}}$, ikincisininki $\frac{1}{4 \cdot \text{dizi sayısı}}$…
#
# Türkçede bir ek yanlışsa sözcüğün tamamı yanlış sayılır: *evlerimizde* ile *evlerimizden* BLEU'ya göre *ev* ile *dağ*
# kadar ayrıdır. **chrF** (Popović, 2015) sözcük yerine 1–6 harflik dizilere bakar ve duyarlığı kesinlikten iki kat önemli
# sayar ($\beta = 2$): $\text{chrF} = 100 \cdot (1+\beta^2) \frac{P R}{\beta^2 P + R}$.
#
# ### Ne kadar emin olabiliriz?
#
# Elimizdeki birkaç düzine belge başka bir birkaç düzine belge de olabilirdi. **Bootstrap** (Efron ve Tibshirani, 1993)
# bunu taklit eder: belgelerden yerine koyarak aynı sayıda belge çeker, ölçütü yeniden hesaplar, bunu binlerce kez yapar.
# Sonuçların ortadaki yüzde 95'i güven aralığıdır. İki model karşılaştırılırken ikisi **aynı** çekilen belgelerde
# ölçülür; buna eşli bootstrap denir (Koehn, 2004). Zor belge ikisine de zor olduğundan farkın aralığı çok daralır.
#
# ## Elle yazalım
#
# ### Olasılık ölçütleri


# %%
def benim_siram(logitler: Tensor, etiketler: Tensor) -> Tensor:
    """Dolgu olmayan her etiketin sırası: kendisinden büyük logitlerin sayısı, artı 1."""
    dolu = etiketler != DOLGU
    satir, dogru = logitler[dolu], etiketler[dolu]
    kendi = satir[torch.arange(len(dogru)), dogru]
    return 1 + (satir > kendi[:, None]).sum(1)


def benim_top_k(logitler: Tensor, etiketler: Tensor, k: int) -> float:
    """Sırası k ya da daha iyi olanların payı; k = 1 doğruluktur."""
    return (benim_siram(logitler, etiketler) <= k).float().mean().item()


def benim_nat(logitler: Tensor, etiketler: Tensor) -> tuple[float, int]:
    """Dolgu olmayan etiketlerin toplam −ln p'si ve sayısı."""
    dolu = etiketler != DOLGU
    olasilik = logitler[dolu].double().softmax(-1)
    return -olasilik[torch.arange(int(dolu.sum())), etiketler[dolu]].log().sum().item(), int(dolu.sum())


def benim_saskinlik(nat: float, token: int) -> float:
    return math.exp(nat / token)


def benim_bayt_basina_bit(nat: float, bayt: int) -> float:
    return nat / math.log(2) / bayt


# %% [markdown]
# ### BLEU ve chrF


# %%
def diziler(parcalar: list[str] | str, n: int) -> Counter[tuple[str, ...]]:
    """n'li diziler ve sayıları."""
    return Counter(zip(*(parcalar[i:] for i in range(n)), strict=False))


def benim_bleu(metinler: list[str], gercekler: list[str]) -> float:
    """Her metnin bir gerçeği olan derlem BLEU'su; listelerde tek metin varsa cümle BLEU'su."""
    eslesen, toplam, uzunluk, gercek_uzunluk = Counter(), Counter(), 0, 0
    for metin, gercek in zip(metinler, gercekler, strict=True):
        a, b = (re.findall(r"[\w']+|[^\w\s]", yazi) for yazi in (metin, gercek))
        uzunluk, gercek_uzunluk = uzunluk + len(a), gercek_uzunluk + len(b)
        for n in range(1, 5):
            eslesen[n] += (diziler(a, n) & diziler(b, n)).total()
            toplam[n] += diziler(a, n).total()
    if not any(eslesen.values()):
        return 0.0
    ln, bos, uzunluklar = 0.0, 1, [n for n in range(1, 5) if toplam[n]]
    for n in uzunluklar:
        if not eslesen[n]:
            bos *= 2
        ln += math.log((eslesen[n] or 1 / bos) / toplam[n])
    kisalik = min(1.0, math.exp(1 - gercek_uzunluk / uzunluk))
    return 100 * kisalik * math.exp(ln / len(uzunluklar))


def benim_chrf(metinler: list[str], gercekler: list[str], beta: float = 2.0) -> float:
    """Boşluklar atılmış harflerin 1–6'lı dizileriyle derlem chrF'si."""
    kesinlik, duyarlik = [], []
    for n in range(1, 7):
        bitisik = [("".join(m.split()), "".join(g.split())) for m, g in zip(metinler, gercekler, strict=True)]
        cift = [(diziler(m, n), diziler(g, n)) for m, g in bitisik]
        eslesen = sum((a & b).total() for a, b in cift)
        kesinlik.append(eslesen / sum(a.total() for a, _ in cift))
        duyarlik.append(eslesen / sum(b.total() for _, b in cift))
    p, r = sum(kesinlik) / 6, sum(duyarlik) / 6
    return 100 * (1 + beta**2) * p * r / (beta**2 * p + r)


# %% [markdown]
# ### Güven aralığı


# %%
def benim_araligim(bitler: np.ndarray, baytlar: np.ndarray, cekilis: int = 2000) -> tuple[float, float]:
    """Σ bit / Σ bayt oranının yüzde 95'lik bootstrap aralığı."""
    uretec = np.random.default_rng(0)
    secim = uretec.integers(0, len(bitler), (cekilis, len(bitler)), dtype=np.int32)
    oranlar = bitler[secim].sum(1) / baytlar[secim].sum(1)
    return tuple(np.quantile(oranlar, [0.025, 0.975]))


# %% [markdown]
# ## Kütüphanede

# %%
kaynak(ranks)

# %%
kaynak(top_k_accuracy)

# %%
kaynak(bits_per_byte)

# %% [markdown]
# Sizinkinden farkı, yanlış kullanımı reddetmesidir: bütün etiketler dolguysa, logitlerde NaN varsa, bölünecek bayt yoksa
# anlaşılır bir hata verir. BLEU ve chrF'yi kütüphane kendisi yazmaz; yayınlanmış sayılarla karşılaştırılabilsin diye
# herkesin kullandığı **sacrebleu**'ya bırakır (Post, 2018). Her ayar puanı değiştirir: ayarını yazmayan bir BLEU
# sayısının anlamı yoktur.

# %%
kaynak(corpus_bleu)

# %%
kaynak(resampled_sums)

# %% [markdown]
# `resampled_sums` bütün sütunları aynı belgelerle yeniden çeker: eşli bootstrap'ın “eşli”si budur.
#
# ## Kanıt
#
# Olasılık ölçütleri, uzunlukları farklı sekiz ayrılmış belgede (kısa olanların sonu dolgu):

# %%
metinler = [metin[: 60 + 40 * sira] for sira, metin in enumerate(ayrilmis[:8])]
logitler, etiketler = oku(metinler)
nat, token = benim_nat(logitler, etiketler)

esit_mi(benim_siram(logitler, etiketler), ranks(logitler, etiketler))
for k in (1, 5):
    esit_mi(benim_top_k(logitler, etiketler, k), top_k_accuracy(logitler, etiketler, k))
esit_mi(nat / token, cross_entropy(logitler, etiketler))
esit_mi(benim_saskinlik(nat, token), perplexity(nat, token))
bayt = sum(len(metin.encode()) for metin in metinler)
esit_mi(benim_bayt_basina_bit(nat, bayt), bits_per_byte(nat, bayt))
print(
    f"doğruluk %{100 * benim_top_k(logitler, etiketler, 1):.0f}, ilk beşte %{100 * benim_top_k(logitler, etiketler, 5):.0f}"
)

# %% [markdown]
# BLEU ve chrF, hem kütüphaneyle hem doğrudan sacrebleu'yla:

# %%
gercekler = [
    "Kitabı dün akşam İzmir'deki kütüphaneden aldım.",
    "Çocuklar bahçede oynarken yağmur başladı.",
    "Davacı, kararın kaldırılmasını istedi.",
    "Bu yıl zeytin ağaçları çok meyve verdi.",
]
yazilanlar = [
    "Kitabı dün akşam İzmir'deki kütüphaneye götürdüm.",
    "Çocuklar bahçede oynarken birden yağmur başladı.",
    "Davacı kararın kaldırılmasını talep etti.",
    "Zeytin ağaçları bu yıl çok meyve verdi.",
]
kaynaklar = [[gercek] for gercek in gercekler]

esit_mi(benim_bleu(yazilanlar, gercekler), corpus_bleu(yazilanlar, kaynaklar))
esit_mi(benim_bleu(yazilanlar, gercekler), BLEU().corpus_score(yazilanlar, [gercekler]).score)
esit_mi(benim_chrf(yazilanlar, gercekler), corpus_chrf(yazilanlar, kaynaklar, word_order=0))
esit_mi(benim_chrf(yazilanlar, gercekler), CHRF().corpus_score(yazilanlar, [gercekler]).score)

tek = [benim_bleu([yazilan], [gercek]) for yazilan, gercek in zip(yazilanlar, gercekler, strict=True)]
esit_mi(tek, [sentence_bleu(yazilan, [gercek]) for yazilan, gercek in zip(yazilanlar, gercekler, strict=True)])
print("cümle BLEU'ları:", [round(bleu, 1) for bleu in tek], "ortalama", round(sum(tek) / 4, 1))
print("derlem BLEU'su :", round(benim_bleu(yazilanlar, gercekler), 1))
print("derlem chrF'si :", round(benim_chrf(yazilanlar, gercekler), 1))

# %% [markdown]
# Üçüncü yanıtın anlamı doğrudur ama cümle BLEU'su düşüktür: “talep etti” ile “istedi” ortak sözcük taşımaz. BLEU ve
# chrF anlamı değil, sözcükleri ve harfleri ölçer.
#
# Güven aralığı. Belgeler modelin bağlamından (128 token) uzun olabilir; kütüphanenin `held_out_loss` işlevi belgeyi örtüşen
# pencerelere böler ve her tokeni bir kez sayar. Aynı belgeleri bir de **5-gram** ile ölçelim: beş tokenlik dizileri sayan,
# hiç öğrenmeyen bir model (Kneser–Ney). Bir ölçüt ancak böyle bir **taban** ile yan yana anlam kazanır.


# %%
def model_natlari(metinler: list[str]) -> np.ndarray:
    """Modelin her belgeye harcadığı nat."""
    belgeler = ((np.array(tokenlastirici.encode(m, bos=True, eos=True)), len(m.encode())) for m in metinler)
    return held_out_loss(model, belgeler, stride=64, autocast=nullcontext(), reporter=SilentReporter()).nats


def diz(metinler: list[str], tok: Tokenizer) -> Rows:
    """Belgelerin token dizileri, art arda."""
    return gather((np.array(tok.encode(metin, bos=True, eos=True)) for metin in metinler), tok.vocab_size, None)


egitim = [belge["text"] for parca in shards(calistirma.folder("corpus"), "train") for belge in read_documents(parca)][
    :1500
]
baytlar = np.array([len(metin.encode()) for metin in ayrilmis], dtype=np.float64)
bit_model = model_natlari(ayrilmis) / math.log(2)
sayan = n_gram(diz(egitim, tokenlastirici), diz(ayrilmis, tokenlastirici), tokenlastirici.vocab_size)
bit_sayan = np.asarray(sayan.bits)

esit_mi(benim_nat(*oku(metinler[:1]))[0], model_natlari(metinler[:1])[0], sinir=1e-5)
esit_mi(benim_araligim(bit_model, baytlar), ratio(bit_model, baytlar)[2:])
for ad, bitler in (("bir dakikalık model", bit_model), ("5-gram", bit_sayan)):
    deger, _, alt, ust = ratio(bitler, baytlar)
    print(f"{ad:<20} {deger:.2f} bit/bayt, %95 aralık {alt:.2f}–{ust:.2f}")
fark = compare_ratios(bit_model, bit_sayan, baytlar, baytlar)
eslenmemis = math.hypot(*(a.high - a.low for a in (ratio(bit_model, baytlar), ratio(bit_sayan, baytlar))))
print(
    f"{'fark':<20} {fark.difference:+.2f} bit/bayt, %95 aralık {fark.low:+.2f} … {fark.high:+.2f}; {len(baytlar)} belge"
)
print(f"aralığın genişliği   eşli {fark.high - fark.low:.2f}, eşlenmemiş olsa yaklaşık {eslenmemis:.2f}")

# %% [markdown]
# Farkın aralığı sıfırı içermez: sayan model, bizim bir dakikalık modelimizden **gerçekten** iyidir. Şaşırmayın: öyküleri birkaç
# kalıptan çıkan bu küçük dilde beş tokenlik geçmiş çok şey söyler, bizim model ise bir dakika eğitildi. Yalnızca kendi
# modelimize baksaydık bunu bilemezdik. Kütüphane bu tabanları her değerlendirmede kendiliğinden hesaplar.
#
# ## Bozalım: dört yanlış ölçüm
#
# ### Dolguyu doğruluğa katmak
#
# Kısa belgelerin sonu dolguyla doldurulur. Dolgu etiketi hesaptan çıkarılmazsa model onu da “bilmelidir”. Dolguyla eğitilen
# bir model bunu ilk yüz adımda öğrenir; bu öğrenmeyi taklit edip dolgu yerlerine kusursuz bir tahmin koyalım. Aynı metni
# gitgide geniş yığınlara koyunca doğruluğa ne olur?

# %%
logitler, etiketler = oku(metinler)
dolgulu = []
for genislik in (logitler.shape[1], 160, 256, 512):
    ek = genislik - logitler.shape[1]
    genis = torch.nn.functional.pad(logitler, (0, 0, 0, ek))
    etiket = torch.nn.functional.pad(etiketler, (0, ek), value=DOLGU)
    genis[etiket == DOLGU, tokenlastirici.pad_id] = 100.0  # dolguyu ezberlemiş model
    yanlis = etiket.masked_fill(etiket == DOLGU, tokenlastirici.pad_id)
    pay = (etiket == DOLGU).float().mean().item()
    dolgulu.append((genislik, pay, benim_top_k(genis, yanlis, 1), top_k_accuracy(genis, etiket, 1)))

print("genişlik  dolgu payı  dolgu sayılırsa doğruluk  kütüphanenin doğruluğu")
for genislik, pay, sayilirsa, kutuphane in dolgulu:
    print(f"{genislik:>8}  {100 * pay:>9.0f}%  {100 * sayilirsa:>23.0f}%  {100 * kutuphane:>21.0f}%")

# %%
gercek = benim_top_k(logitler, etiketler, 1)
assert all(abs(kutuphane - gercek) < 1e-6 for _, _, _, kutuphane in dolgulu), "kütüphane dolguyu saymış"
assert dolgulu[-1][2] > 0.8 > 0.6 > gercek, "dolgu doğruluğu şişirmedi"

# %% [markdown]
# Model hep aynı modeldir, doğru bildiği tokenler da aynıdır. Değişen tek şey, boş yerlerin sayısıdır.
#
# ### Eğitim metninde ölçmek
#
# 5-gram modelini bir kendi eğitim belgelerinde, bir ayrılmış belgelerde ölçelim; yanına kendi modelimizi koyalım:

# %%
ezber = {}
for ad in ("5-gram", "bir dakikalık model"):
    ezber[ad] = []
    for belgeler in (egitim[:45], ayrilmis):
        if ad == "5-gram":
            olculen = n_gram(diz(egitim, tokenlastirici), diz(belgeler, tokenlastirici), tokenlastirici.vocab_size)
            bitler = np.asarray(olculen.bits)
        else:
            bitler = model_natlari(belgeler) / math.log(2)
        ezber[ad].append(bitler.sum() / sum(len(metin.encode()) for metin in belgeler))

print("bit/bayt             eğitim metninde  ayrılmış metinde")
for ad, (gorulen, gorulmeyen) in ezber.items():
    print(f"{ad:<20} {gorulen:>15.2f}  {gorulmeyen:>16.2f}")

assert ezber["5-gram"][0] < 0.6 * ezber["5-gram"][1], "ezberlenen metin ayrılmış metinden çok ucuz olmalı"

# %% [markdown]
# 5-gram kendi eğitim metninde neredeyse iki kat iyi görünür: belgeleri ezberlemiştir. Bizim modelin farkı küçüktür, çünkü
# eğitim metninin üçte ikisini, onu da yalnızca bir kez görmüştür. Aynı metnin üzerinden onlarca kez geçen bir ince ayarda
# o da ezberler. Eğitim metninde ölçülen sayı, modelin ne öğrendiğini değil, ne ezberlediğini söyler.
#
# ### Şaşkınlığı sözlükler arasında karşılaştırmak
#
# Bölümün sorusu. Aynı metinde, aynı sayma yöntemiyle, yalnızca sözlüğü değiştirerek dört model yapalım:

# %%
egitim_metni, olcum_metni = ornek_belgeler(), ornek_belgeler(30_000, tohum=2)
olcum_baytlari = sum(len(metin.encode()) for metin in olcum_metni)
sozlukler = [400, 800, 1600, 3200]
tablo = []
for sozluk in sozlukler:
    tok = ornek_tokenlastirici(sozluk)
    olcum = diz(olcum_metni, tok)
    nat = float(np.sum(n_gram(diz(egitim_metni, tok), olcum, sozluk).bits)) * math.log(2)
    token = int((olcum.lengths - 1).sum())
    tablo.append((perplexity(nat, token), bits_per_byte(nat, olcum_baytlari)))

print("sözlük  şaşkınlık  bit/bayt")
for sozluk, (saskinlik, bit) in zip(sozlukler, tablo, strict=True):
    print(f"{sozluk:>6}  {saskinlik:>9.2f}  {bit:>8.3f}")

fig, (sol, sag) = plt.subplots(1, 2, figsize=(8, 2.8))
for ax, sira, ad in ((sol, 0, "şaşkınlık (token başına)"), (sag, 1, "bayt başına bit")):
    ax.plot(sozlukler, [satir[sira] for satir in tablo], marker="o")
    ax.set(xscale="log", xlabel="sözlük (parça sayısı)", ylabel=ad)
    ax.set_xticks(sozlukler, [str(sozluk) for sozluk in sozlukler])
    ax.minorticks_off()
plt.show()

# %%
saskinliklar, bitler = zip(*tablo, strict=True)
print("şaşkınlığa göre en iyi:", sozlukler[saskinliklar.index(min(saskinliklar))])
print("bayt başına bite göre :", sozlukler[bitler.index(min(bitler))])
assert min(saskinliklar) == saskinliklar[0], "küçük sözlük token başına hep kolay görünmeli"
assert bitler[0] == max(bitler), "küçük sözlük metin başına en pahalısı olmalı"

# %% [markdown]
# İki ölçüt **ters** sonuç veriyor. Küçük sözlükte tokenler harf harf gelir; her biri kolay tahmin edilir, ama metni yazmak için
# çok daha fazlası gerekir. Şaşkınlık yalnızca tokenlaştırıcısı aynı olan modelleri karşılaştırır. Bayt başına bit metnin
# kendisine böldüğü için herkese uyar. Bölümün sorusunun yanıtı: o iki sayıyla söylenemez; token başına kaç bayt düştüğü de
# bilinmelidir (2. alıştırma).
#
# ### BLEU'dan önce `.lower()` demek
#
# Büyük harfleri yok saymak için iki metni de küçültüp BLEU ölçen çoktur. Python'un `.lower()`'ı İngilizcedir: *I*'yı *i*
# yapar, *İ*'yi ise iki karaktere böler (*i* ve üste konan nokta, U+0307).

# %%
print([f"U+{ord(harf):04X}" for harf in "İ".lower()], "IŞIK".lower(), lower("IŞIK"))

buyukler = ["IŞIKLAR KAPANINCA İKİ ÇOCUK SUSTU.", "İZMİR'DE ILIK BİR AKŞAM VARDI.", "KIŞIN IRMAK KIYISI ISSIZDI."]
kucukler = ["ışıklar kapanınca iki çocuk sustu.", "izmir'de ılık bir akşam vardı.", "kışın ırmak kıyısı ıssızdı."]
kucultme = {"büyük harf kalsın": lambda yazi: yazi, "str.lower": str.lower, "fidan.turkish.lower": lower}
skorlar = {}
print("\nküçültme              BLEU   chrF")
for ad, kucult in kucultme.items():
    yazilan, beklenen = [kucult(yazi) for yazi in buyukler], [[kucult(yazi)] for yazi in kucukler]
    skorlar[ad] = corpus_bleu(yazilan, beklenen), corpus_chrf(yazilan, beklenen, word_order=0)
    print(f"{ad:<20} {skorlar[ad][0]:>5.1f}  {skorlar[ad][1]:>5.1f}")

esit_mi(skorlar["fidan.turkish.lower"], (100.0, 100.0))
assert skorlar["str.lower"][0] < 20, "İngilizce küçültme Türkçe metni bozmalı"

# %% [markdown]
# Metinler harfi harfine aynıdır; yalnızca biri büyük harfle yazılmıştır. Doğru küçültme 100 verir.
#
# ## Alıştırmalar
#
# **1.** **Ortalama ters sıra** (MRR): her etiketin $1 / \text{sıra}$ değerinin ortalaması. `benim_siram` ile yazın; sonucu,
# logitleri büyükten küçüğe dizip etiketin yerini arayarak sınayın.
#
# **2.** Şaşkınlığı $P$, token başına düşen bayt sayısı $b$ olan bir modelin bayt başına biti nedir? Formülü yazın, yukarıdaki
# tabloyla sınayın. Girişteki iki arkadaştan birincinin bir tokeni ortalama 1,6, ikincinin 2,5 bayt tutuyorsa
# hangisi daha iyi?
#
# **3.** **chrF++** chrF'ye bir ve ikili sözcük dizilerini de katar: sekiz kesinliğin ve sekiz duyarlığın ortalamasıyla
# hesaplanır. Yazın, `corpus_chrf(…, word_order=2)` ile karşılaştırın. Noktalama sözcükten ayrılır.
#
# **4.** Güven aralığını yarıya indirmek için kaç kat belge gerekir? `benim_araligim` ile deneyin: belgeleri dört kez
# yineleyin.

# %% tags=["cozum"]
# Çözüm 1: sıra 1 ise 1, sıra 2 ise 1/2 … değer katar.
logitler, etiketler = oku(metinler)
mrr = (1 / benim_siram(logitler, etiketler)).mean().item()
dolu = etiketler != DOLGU
dizilmis = logitler[dolu].argsort(-1, descending=True)
yerler = (dizilmis == etiketler[dolu][:, None]).nonzero()[:, 1] + 1
esit_mi(mrr, (1 / yerler).mean().item())
assert benim_top_k(logitler, etiketler, 1) < mrr < 1

# %% tags=["cozum"]
# Çözüm 2: token başına log2(P) bit, b bayta dağılır: log2(P) / b.
for sozluk, (saskinlik, bit) in zip(sozlukler, tablo, strict=True):
    token = int((diz(olcum_metni, ornek_tokenlastirici(sozluk)).lengths - 1).sum())
    esit_mi(math.log2(saskinlik) / (olcum_baytlari / token), bit)
birinci, ikinci = math.log2(2.9) / 1.6, math.log2(4.3) / 2.5
assert ikinci < birinci
print(f"birinci {birinci:.2f} bit/bayt, ikinci {ikinci:.2f}: şaşkınlığı büyük olan daha iyi")

# %% tags=["cozum"]
# Çözüm 3: harf dizilerinin yanına sözcük dizilerini koyun.
p, r = [], []
for uzunluk, bol in [(n, lambda yazi: "".join(yazi.split())) for n in range(1, 7)] + [
    (n, lambda yazi: re.findall(r"[\w']+|[^\w\s]", yazi)) for n in (1, 2)
]:
    cift = [(diziler(bol(m), uzunluk), diziler(bol(g), uzunluk)) for m, g in zip(yazilanlar, gercekler, strict=True)]
    ortak = sum((a & b).total() for a, b in cift)
    p.append(ortak / sum(a.total() for a, _ in cift))
    r.append(ortak / sum(b.total() for _, b in cift))
P, R = sum(p) / 8, sum(r) / 8
esit_mi(100 * 5 * P * R / (4 * P + R), corpus_chrf(yazilanlar, kaynaklar))

# %% tags=["cozum"]
# Çözüm 4: aralık belge sayısının kareköküyle daralır; yarısı için dört kat gerekir.
alt, ust = benim_araligim(bit_model, baytlar)
alt4, ust4 = benim_araligim(np.tile(bit_model, 4), np.tile(baytlar, 4))
print(f"{len(baytlar)} belge: {ust - alt:.3f} genişlikte, {4 * len(baytlar)} belge: {ust4 - alt4:.3f}")
assert 0.4 < (ust4 - alt4) / (ust - alt) < 0.6

# %% [markdown]
# ## Sırada ne var
#
# Model ölçüldü; şimdi yazsın. **13. bölümde** olasılıklardan metne giden yollar var: açgözlü seçim, örnekleme, ışın
# araması.
#
# - Kod: `src/fidan/evaluation/metrics/` (`likelihood.py`, `overlap.py`, `statistics.py`), pencereler
#   `src/fidan/evaluation/heldout.py`, tabanlar `src/fidan/evaluation/baselines/`.
# - BLEU: Papineni ve ark. (2002), *BLEU: a Method for Automatic Evaluation of Machine Translation*; ayarların önemi: Post
#   (2018), arXiv 1804.08771. chrF: Popović (2015), *chrF: character n-gram F-score*.
# - Güven aralığı: Efron ve Tibshirani (1993), *An Introduction to the Bootstrap*; eşlisi Koehn (2004), *Statistical
#   Significance Tests for Machine Translation Evaluation*.
