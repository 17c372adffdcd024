# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 13. Üretim ve arama
#
# **Soru.** Aynı modele aynı başlangıcı iki kez verdiniz; birinde düzgün ama kendini yineleyen bir metin çıktı, öbüründe
# canlı ama yarısı uydurma sözcük olan bir metin. Model değişmedi. Ne değişti?
#
# Bu bölümün sonunda açgözlü seçimi, sıcaklığı, top-k, top-p ve min-p süzgeçlerini, ışın aramasını ve KV önbelleğini kendiniz
# yazmış olacaksınız. Gereken: nedensel maske (5. bölüm) ve RoPE (3. bölüm).

# %%
import time
from collections.abc import Callable
from itertools import pairwise

import torch
from matplotlib import pyplot as plt
from torch import Tensor

from fidan.corpus.documents import read_documents, shards
from fidan.evaluation.metrics.diversity import distinct, repetition
from fidan.evaluation.texts import held_out_text
from fidan.generation.cache import KeyValueCache
from fidan.generation.engine import TorchEngine
from fidan.generation.generate import write
from fidan.generation.penalties import penalise_repetition
from fidan.generation.sampling import draw, filtered, keep_top_p, pick
from fidan.generation.search import beam_search
from fidan.kurs import esit_mi, kaynak, ornek_calistirma
from fidan.recipe import GenerateConfig
from fidan.trained import open_trained
from fidan.turkish import fold, words

calistirma = ornek_calistirma()
egitilmis = open_trained(calistirma.out, torch.device("cpu"))
model, tok = egitilmis.model, egitilmis.tokenizer
KAPALI = {"repetition_penalty": 1.0, "top_p": 1.0}  # kütüphanenin varsayılan süzgeçleri kapalı
_ = torch.set_grad_enabled(False)

# %% [markdown]
# ## Kuram
#
# Model metin yazmaz; yalnızca **bir sonraki tokenin olasılıklarını** söyler. Metni, bu olasılıklardan bir token seçip sona
# ekleyen ve modele yeniden soran bir döngü yazar. Döngünün adı **üretim**, seçme kuralının adı **çözümleme yöntemidir**.
# Logitler $z$ olsun:
#
# - **Açgözlü**: en olası token, $\arg\max_i z_i$.
# - **Sıcaklık**: $\operatorname{softmax}(z / \tau)$'dan çekmek. $\tau < 1$ dağılımı sivriltir, $\tau > 1$ düzleştirir.
# - **Top-k** (Fan ve ark., 2018, arXiv 1805.04833): yalnızca en olası $k$ token.
# - **Top-p** (Holtzman ve ark., 2019, arXiv 1904.09751): olasılıkları toplamı $p$'ye **ulaşan** en küçük küme.
# - **Min-p** (Nguyen ve ark., 2024, arXiv 2407.01082): en olasının en az $p$ katı kadar olası olanlar.
#
# Süzülen tokenlerin logiti $-\infty$ olur; kalanlar softmax'la yeniden 1'e tamamlanır.
#
# ### Elle bir örnek
#
# “Kahvaltıda bir bardak …” için model şunları söylesin: *çay* 0,50, *süt* 0,25, *kahve* 0,15, *su* 0,07, *kitap* 0,03.
# Top-k 2 *çay* ve *süt*ü bırakır. Top-p 0,8'de *çay* ve *süt* 0,75 eder, yetmez; 0,8'i **aşan** *kahve* de kalır. Min-p 0,1'in
# eşiği $0{,}1 \cdot 0{,}50 = 0{,}05$'tir: yalnızca *kitap* gider.

# %%
icecek = ["çay", "süt", "kahve", "su", "kitap"]
logit = torch.tensor([[0.50, 0.25, 0.15, 0.07, 0.03]]).log()
ayarlar = {"hepsi": {}, "τ = 0,5": {"temperature": 0.5}, "top-k 2": {"top_k": 2}, "top-p 0,8": {"top_p": 0.8}}
ayarlar["min-p 0,1"] = {"min_p": 0.1}
print(" " * 10, *(f"{ad:>6}" for ad in icecek))
for ad, ayar in ayarlar.items():
    olasilik = filtered(logit, GenerateConfig(**{"temperature": 1.0, **KAPALI, **ayar})).softmax(-1)[0]
    print(f"{ad:<10}", *(f"{p:>6.2f}" if p > 0 else "     –" for p in olasilik.tolist()))

# %% [markdown]
# ### Gerçek dağılımlarda kesme yerleri
#
# Kursun küçük modeline iki başlangıç verelim. Birinde model oldukça emin, öbüründe kararsız:


# %%
def son_logit(ids: list[int]) -> Tensor:
    """Önbelleksiz: bütün dizi okunur, son konumun (V,) logitleri alınır."""
    return model(torch.tensor([ids]))[0, -1]


fig, eksenler = plt.subplots(1, 2, figsize=(8, 3.2), sharey=True)
for ax, baslangic in zip(eksenler, ["Mehmet", "Ertesi gün"], strict=True):
    olasilik, sirali = son_logit(tok.encode(baslangic, bos=True)).softmax(-1).sort(descending=True)
    ax.bar(range(100), olasilik[:100].numpy(), color="#a5d6a7")
    p90 = int((olasilik.cumsum(0) < 0.9).sum()) + 1
    min_p = int((olasilik >= 0.1 * olasilik[0]).sum())
    for yer, ad, renk in (
        (20, "top-k 20", "#1565c0"),
        (p90, "top-p 0,9", "#ef6c00"),
        (min_p, "min-p 0,1", "#6a1b9a"),
    ):
        ax.axvline(yer - 0.5, ymax=0.75, color=renk, label=f"{ad}: {yer} token")
    ax.set(title=f"“{baslangic} …”", xlabel="tokenin sırası", yscale="log", ylim=(1e-4, 10))
    ax.legend(fontsize=8, ncols=2, loc="upper right")
eksenler[0].set_ylabel("olasılık")
plt.show()

# %% [markdown]
# Top-k her yerde aynı yerden keser. Top-p ve min-p dağılıma bakar: model eminken dar, kararsızken geniş tutar.
#
# ### Işın araması
#
# Açgözlü seçim bir adımda en iyiyi alır, ama en olası *metni* bulmaz: bugün ucuz görünen token yarın pahalıya patlayabilir.
# **Işın araması** $B$ adayı birlikte taşır. Her adımda her aday her tokenle uzatılır, en olası $B$ uzatma kalır. Biten bir
# metnin puanı, uzunluğuna göre düzeltilmiş log olasılığıdır (Wu ve ark., 2016, arXiv 1609.08144, bölüm 7):
#
# $$\text{puan}(y) = \frac{1}{|y|^{\alpha}} \sum_{t=1}^{|y|} \ln p(y_t \mid y_{<t})$$
#
# $\alpha = 0$ düz log olasılıktır. Her token toplamı biraz daha düşürdüğünden $\alpha = 0$ kısa metinleri kayırır; $\alpha = 1$
# token başına ortalamadır.
#
# ### KV önbelleği
#
# Nedensel dikkatte bir konumun anahtarı ve değeri, sonradan gelenlerden etkilenmez. Öyleyse bir kez hesaplanıp saklanabilir:
# yeni token yalnızca kendi sorgusunu, anahtarını ve değerini hesaplar, eskilere önbellekten bakar. $n$ token yazmak için
# modelden geçen konum sayısı $n(n+1)/2$'den $n$'ye iner.
#
# ## Elle yazalım
#
# ### Süzgeçler


# %%
def benim_top_k(logit: Tensor, k: int) -> Tensor:
    """En büyük k logit dışındakiler -inf olur."""
    return logit.masked_fill(logit < logit.sort(descending=True).values[k - 1], -torch.inf)


def benim_top_p(logit: Tensor, p: float) -> Tensor:
    """Olasılıkları p'ye ulaşan en küçük küme; eşiği aşan token içeridedir."""
    olasilik, sira = logit.softmax(-1).sort(descending=True, stable=True)
    onceki = olasilik.cumsum(-1) - olasilik  # kendisinden olasıların toplamı
    kalan = sira[onceki < p]
    sonuc = torch.full_like(logit, -torch.inf)
    sonuc[kalan] = logit[kalan]
    return sonuc


def benim_min_p(logit: Tensor, p: float) -> Tensor:
    """Olasılığı en büyüğün p katından küçük olanlar -inf olur."""
    olasilik = logit.softmax(-1)
    return logit.masked_fill(olasilik < p * olasilik.max(), -torch.inf)


def benim_cekimim(logit: Tensor, sicaklik: float, rastgele: float) -> int:
    """0–1 arası rastgele bir sayının, olasılıklar yan yana dizilince düştüğü token."""
    if sicaklik == 0:
        return int(logit.argmax())
    yukseklik = (logit / sicaklik).softmax(-1).double().cumsum(-1)
    return int((yukseklik <= rastgele * yukseklik[-1]).sum())


# %% [markdown]
# ### Işın araması


# %%
def benim_isinim(ids: list[int], isin: int, uzunluk: int, alfa: float = 1.0) -> list[tuple[list[int], float]]:
    """En iyi metinler (kapanış tokeni hariç) ve puanları."""
    acik: list[tuple[list[int], float]] = [([], 0.0)]
    biten: list[tuple[list[int], float]] = []
    for n in range(1, uzunluk + 1):
        adaylar = []
        for yazi, puan in acik:
            artan = son_logit(ids + yazi).log_softmax(-1).topk(2 * isin)
            adaylar += [
                ([*yazi, i], puan + v) for v, i in zip(artan.values.tolist(), artan.indices.tolist(), strict=True)
            ]
        adaylar.sort(key=lambda aday: -aday[1])
        acik = []
        for sira, (yazi, puan) in enumerate(adaylar[: 2 * isin]):
            if yazi[-1] == tok.eos_id or n == uzunluk:
                if sira < isin:
                    biten.append((yazi[:-1] if yazi[-1] == tok.eos_id else yazi, puan / n**alfa))
            elif len(acik) < isin:
                acik.append((yazi, puan))
        biten = sorted(biten, key=lambda metin: -metin[1])[:isin]
        if not acik or (len(biten) == isin and acik[0][1] / n**alfa <= biten[-1][1]):
            break
    return biten


# %% [markdown]
# Arama bir ağaçta yürür. “Mehmet” için üç ışının ilk beş adımını çizelim: yeşiller kalan adaylar, griler elenenler,
# kalın yol beşinci adımda önde olan.


# %%
def agac(ids: list[int], isin: int, derinlik: int) -> list[list[tuple[int, int, float]]]:
    """Her adımın en iyi 2 · isin adayı: ata sırası, token, toplam log olasılık."""
    adimlar, acik = [], [([], 0.0)]
    for _ in range(derinlik):
        adaylar = []
        for ata, (yazi, puan) in enumerate(acik):
            artan = son_logit(ids + yazi).log_softmax(-1).topk(2 * isin)
            adaylar += [(ata, int(i), puan + float(v)) for v, i in zip(artan.values, artan.indices, strict=True)]
        adaylar = sorted(adaylar, key=lambda aday: -aday[2])[: 2 * isin]
        acik = [([*acik[ata][0], token], puan) for ata, token, puan in adaylar[:isin]]
        adimlar.append(adaylar)
    return adimlar


adimlar = agac(tok.encode("Mehmet", bos=True), isin=3, derinlik=5)
yol, ata = set(), 0
for x in range(len(adimlar), 0, -1):
    yol.add((x, ata))
    ata = adimlar[x - 1][ata][0]
fig, ax = plt.subplots(figsize=(8, 3.4))
for x, adaylar in enumerate(adimlar, 1):
    for y, (ata, token, puan) in enumerate(adaylar):
        renk = "#2e7d32" if y < 3 else "#bdbdbd"
        ax.plot([x - 1 + (0.32 if x > 1 else 0.05), x - 0.32], [-ata, -y], color=renk, lw=3 if (x, y) in yol else 1)
        yazi = tok.piece(token).replace("▁", "_").replace("<0x0A>", "satır sonu")
        ax.text(
            x, -y, f"{yazi}  {puan:.1f}", ha="center", va="center", color="#757575" if y > 2 else renk, fontsize=8
        )
ax.text(0, 0, "Mehmet", ha="right", va="center", fontsize=9)
ax.set(xlim=(-0.5, 5.5), ylim=(-5.5, 0.6), xlabel="adım; sayılar toplam ln p", yticks=[], xticks=range(1, 6))
ax.spines["left"].set_visible(False)
plt.show()
print("önde biten yolun adım adım sırası:", [y + 1 for _, y in sorted(yol)])

# %% [markdown]
# Sıra bir yerde 1'den büyükse, açgözlü seçim o adımda başka bir tokene gitmiş ve bu yolu kaçırmıştır.
#
# ### KV önbelleği
#
# Kütüphanenin modeli her katmanda önbelleğe `append(katman, anahtarlar, değerler)` der ve eskilerle birlikte hepsini geri
# ister. Yazalım:


# %%
class BenimOnbellegim:
    """Her katmanın o ana kadarki anahtarları ve değerleri."""

    def __init__(self) -> None:
        self.saklanan: dict[int, tuple[Tensor, Tensor]] = {}

    def append(self, katman: int, anahtar: Tensor, deger: Tensor) -> tuple[Tensor, Tensor]:
        """(B, G, T, K) yeni anahtar ve değerleri sona ekler, bütününü geri verir."""
        if katman in self.saklanan:
            eski_anahtar, eski_deger = self.saklanan[katman]
            anahtar, deger = torch.cat([eski_anahtar, anahtar], 2), torch.cat([eski_deger, deger], 2)
        self.saklanan[katman] = anahtar, deger
        return anahtar, deger


def adim_adim(ids: list[int], onbellek: object, konum_ver: bool = True) -> Tensor:
    """Tokenleri birer birer okur; (T, V) logitler."""
    logitler = [
        model(torch.tensor([[token]]), konum if konum_ver else 0, onbellek)[0, -1] for konum, token in enumerate(ids)
    ]
    return torch.stack(logitler)


# %% [markdown]
# ## Kütüphanede

# %%
kaynak(filtered)

# %%
kaynak(keep_top_p)

# %% [markdown]
# Sizinkinden uzun olmasının nedeni hızdır: 32.000 tokeni baştan sona sıralamak, yarım katman kadar zaman alır. Kütüphane önce
# en olası 256 tokene bakar, $p$'ye ulaşılmadıysa dört katına çıkar. Sonuç aynıdır.

# %%
kaynak(beam_search)

# %% [markdown]
# Kütüphane bütün adayları tek yığında okur ve önbelleği adaylarla birlikte seçer (`decoding.select`). Kural ve sıra
# Transformers'ınkidir; aynı ayarlar orada da aynı metni verir.

# %%
kaynak(KeyValueCache.append)

# %% [markdown]
# Yer baştan ayrılır, her adımda `cat` ile kopyalanmaz; satırların uzunlukları farklı da olabilir.
#
# ## Kanıt
#
# Süzgeçlerin bıraktığı **dağılım**, on başlangıçta:

# %%
baslangiclar = [
    "Mehmet",
    "Ertesi gün",
    "Bir gün",
    "Küçük bir",
    "Annesi",
    "Dedesi ona",
    "Kedi",
    "O gece",
    "Sonunda",
    "Okulda",
]
istemler = [tok.encode(baslangic, bos=True) for baslangic in baslangiclar]
logitler = torch.stack([son_logit(ids) for ids in istemler])


def ayni_mi(benimki: list[Tensor], **ayar: float) -> None:
    """Benim süzgecimden geçen dağılım ile kütüphaneninki."""
    kutuphane = filtered(logitler, GenerateConfig(**{"temperature": 1.0, **KAPALI, **ayar}))
    esit_mi(torch.stack(benimki).softmax(-1), kutuphane.softmax(-1))


ayni_mi([logit / 0.7 for logit in logitler], temperature=0.7)
ayni_mi([benim_top_k(logit, 20) for logit in logitler], top_k=20)
ayni_mi([benim_top_p(logit, 0.9) for logit in logitler], top_p=0.9)
ayni_mi([benim_min_p(logit, 0.05) for logit in logitler], min_p=0.05)
# Sıra da önemlidir: sıcaklık, top-k, top-p.
ayni_mi([benim_top_p(benim_top_k(logit / 0.7, 50), 0.9) for logit in logitler], temperature=0.7, top_k=50, top_p=0.9)

# %% [markdown]
# Çekim: aynı rastgele sayılarla aynı tokenler, yirmi kez; sıcaklık 0'da en olası token.

# %%
sayilar = torch.Generator().manual_seed(13)
benimki = [
    benim_cekimim(logitler[0], 1.0, float(torch.rand((), generator=sayilar, dtype=torch.float64))) for _ in range(20)
]
kutuphaneninki = draw(logitler[:1].expand(20, -1), [torch.Generator().manual_seed(13)] * 20)
esit_mi(benimki, kutuphaneninki)
acgozlu = GenerateConfig(temperature=0, **KAPALI)
esit_mi([benim_cekimim(logit, 0, 0.5) for logit in logitler], pick(logitler, acgozlu, []))

# %% [markdown]
# Işın araması: bütün metinler ve puanlar, üç başlangıçta:

# %%
motor = TorchEngine(model)


def kutuphanenin_isini(ids: list[int], isin: int, uzunluk: int, alfa: float) -> list[tuple[list[int], float]]:
    ayar = GenerateConfig(temperature=0, beams=isin, length_penalty=alfa, max_new_tokens=uzunluk, **KAPALI)
    return [(metin.ids, metin.score) for metin in beam_search(motor, ids, ayar, [tok.eos_id], tok.vocab_size)]


for ids, alfa in ((istemler[0], 1.0), (istemler[1], 0.0), (istemler[6], 0.6)):
    benimki, kutuphaneninki = benim_isinim(ids, 3, 16, alfa), kutuphanenin_isini(ids, 3, 16, alfa)
    assert [metin for metin, _ in benimki] == [metin for metin, _ in kutuphaneninki]
    esit_mi(repr(tok.decode(benimki[0][0])), repr(tok.decode(kutuphaneninki[0][0])))
    esit_mi([puan for _, puan in benimki], [puan for _, puan in kutuphaneninki], sinir=1e-5)

# %% [markdown]
# Önbellek: birer birer okunan bir belge, bir kerede okunanla aynı logitleri verir; sizin önbelleğinizle de kütüphaneninkiyle
# de:

# %%
belge = tok.encode(held_out_text(calistirma.folder("corpus")).documents[0].text, bos=True)[:100]
butun = model(torch.tensor([belge]))[0]
kutuphane_onbellegi = KeyValueCache(model.config, 1, len(belge), torch.float32, torch.device("cpu"))

esit_mi(adim_adim(belge, BenimOnbellegim()), butun, sinir=1e-5)
esit_mi(adim_adim(belge, kutuphane_onbellegi), butun, sinir=1e-5)

# %% [markdown]
# Önbellek ne kazandırır? Modelden geçen konum sayısını sayabiliriz; zamanın oranı ise makineden makineye değişir (bu yüzden onu
# yalnızca yazıyoruz):


# %%
def sure(yap: Callable[[], object]) -> float:
    """Üç denemenin en kısası, saniye."""
    sureler = []
    for _ in range(3):
        basla = time.perf_counter()
        yap()
        sureler.append(time.perf_counter() - basla)
    return min(sureler)


satirlar = []
for n in (25, 100):
    onbelleksiz = sure(lambda n=n: [son_logit(belge[:son]) for son in range(1, n + 1)])
    onbellekli = sure(lambda n=n: adim_adim(belge[:n], BenimOnbellegim()))
    satirlar.append((n, n * (n + 1) // 2, n, onbelleksiz / onbellekli))

print("token  konum: önbelleksiz  önbellekli  zamanın oranı")
for n, onbelleksiz, onbellekli, oran in satirlar:
    print(f"{n:>5}  {onbelleksiz:>19}  {onbellekli:>10}  {oran:>11.1f} ×")

# %% [markdown]
# Oran konum sayısı kadar büyük değildir: bu küçük modelde bir adımın zamanının çoğu hesap değil, çağrıların kendisidir. Büyük
# modelde tek tokenlik adım, ağırlıkları bellekten okumakla geçer; birkaç token birden okumak neredeyse aynı zamanı alır.
# **Tahminli üretim** (speculative decoding; Leviathan ve ark., 2022, arXiv 2211.17192) bundan yararlanır: küçük bir model
# birkaç token önerir, büyük model hepsini bir kerede denetler ve ilk uyuşmadığı yerden keser. Dağılım değişmez, yalnızca hız
# artar.
#
# ## Bozalım: beş küçük hata
#
# ### Top-p'nin eşiği aşan tokeni atması
#
# “Toplamı $p$'yi geçmeyenler kalsın” demek doğal görünür, ama yanlıştır: en olası token tek başına $p$'yi geçiyorsa geriye
# **hiçbir şey** kalmaz.


# %%
def yanlis_top_p(logit: Tensor, p: float) -> Tensor:
    """Eşiği aşan tokeni da atar."""
    olasilik, sira = logit.softmax(-1).sort(descending=True)
    return logit.scatter(0, sira[olasilik.cumsum(-1) > p], -torch.inf)


her_yerde = butun  # belgenin 100 konumunun dağılımları
print("top-p   boş kalan konum   kalan olasılık: yanlış  kütüphane")
for p in (0.3, 0.6, 0.9):
    yanlis = torch.stack([yanlis_top_p(logit, p) for logit in her_yerde])
    dogru = keep_top_p(her_yerde, p)
    bos = int((yanlis == -torch.inf).all(-1).sum())
    kutle = [(her_yerde.softmax(-1) * (suzulen > -torch.inf)).sum(-1) for suzulen in (yanlis, dogru)]
    print(f"{p:>5.1f}  {bos:>12} / 100  {kutle[0].mean():>22.2f}  {kutle[1].mean():>9.2f}")
    en_az = her_yerde.softmax(-1).masked_fill(dogru == -torch.inf, 2.0).amin(-1)
    assert bool((kutle[1] >= p - 1e-6).all()), "kütüphanenin kümesi p'ye ulaşmıyor"
    assert bool((kutle[1] - en_az < p + 1e-6).all()), "kütüphanenin kümesi gereğinden büyük"
    assert bos > 0

# %% [markdown]
# Boş kalan kümenin softmax'ı NaN'dır; üretim orada durur ya da çöp yazar. Model eminken, yani en kolay yerde olur bu. İki
# `assert`, kütüphanenin kümesinin $p$'ye ulaştığını ve bir token eksiğinin ulaşmadığını her konumda sınar.
#
# ### Sıcaklık 0'a bölmek
#
# $\tau \to 0$ açgözlü seçimdir, ama $z / 0$ değildir:

# %%
bolunmus = (logitler / 0.0).softmax(-1)
print("τ = 0,   bölünce  : NaN olan olasılık payı", f"%{100 * bolunmus.isnan().float().mean():.0f}")
print("τ = 0,01 bölünce  : en olasının olasılığı ", f"{(logitler / 0.01).softmax(-1).amax(-1).mean():.3f}")
assert bolunmus.isnan().all()
esit_mi(pick(logitler, GenerateConfig(temperature=0, **KAPALI), []), logitler.argmax(-1))

# %% [markdown]
# ### Önbellekle okurken konumu vermemek
#
# Önbellekli modele her seferinde **tek** token verilir. Kaçıncı olduğunu söylemezseniz RoPE hepsini 0. konumda sanar:

# %%
hedef = torch.tensor(belge[1:])


def bit(logitler: Tensor) -> float:
    """Gerçekten gelen token başına bit."""
    return float(torch.nn.functional.cross_entropy(logitler[:-1], hedef)) / 0.6931


dogru_konum, konumsuz = adim_adim(belge, BenimOnbellegim()), adim_adim(belge, BenimOnbellegim(), konum_ver=False)
print(f"konumlarıyla: token başına {bit(dogru_konum):.2f} bit")
print(f"konumsuz    : token başına {bit(konumsuz):.2f} bit")
fark = (dogru_konum - konumsuz).abs().amax(-1)
print("logitlerde en büyük fark, 1., 2., 10. ve 100. tokende:", [round(float(fark[i]), 1) for i in (0, 1, 9, 99)])
assert bit(konumsuz) > bit(dogru_konum) + 0.5, "konumsuz okuma zarar vermeli"

# %% [markdown]
# Hata ilk tokende görünmez, hiçbir şey de çökmez; model yalnızca metni daha kötü bilir. Böyle hataları ancak “önbellekli =
# önbelleksiz” sınaması yakalar.
#
# ### Işın aramasında uzunluğu unutmak

# %%
uzunluklar = {}
for alfa in (0.0, 1.0):
    metinler = [kutuphanenin_isini(ids, 4, 60, alfa)[0] for ids in istemler[:6]]
    uzunluklar[alfa] = [len(metin) for metin, _ in metinler]
print("başlangıç     " + "".join(f"{baslangic[:7]:>8}" for baslangic in baslangiclar[:6]))
for alfa, uzunluk in uzunluklar.items():
    print(f"α = {alfa:.0f}, token  " + "".join(f"{n:>8}" for n in uzunluk))
ortalama = {alfa: sum(uzunluk) / len(uzunluk) for alfa, uzunluk in uzunluklar.items()}
print(f"ortalama: düzeltmesiz {ortalama[0.0]:.0f}, düzeltmeli {ortalama[1.0]:.0f} token")
assert ortalama[0.0] < ortalama[1.0], "düzeltmesiz arama kısa metinleri kayırmalı"

# %% [markdown]
# Her fazladan token toplam log olasılığı düşürür; düzeltmesiz aramada metni bitiren `</s>` bu yüzden erken kazanır. Çeviride
# sonu kesilmiş cümleler, sohbette tek sözcüklük yanıtlar böyle çıkar. Düzeltmenin fazlası da uzun ve boş metni kayırır; $\alpha$
# görevde denenerek seçilir.
#
# ### Sıcaklığın bedeli: yineleme mi, uydurma mı?
#
# On başlangıçtan dörder metin yazdırıp üç şeyi ölçelim: aynı dörtlünün bir metinde ne kadar **yinelendiği**, bütün
# metinlerdeki farklı ikililerin payı (**çeşitlilik**) ve sözcüklerin ne kadarının eğitim metninde **hiç geçmediği**.

# %%
bilinen: set[str] = set()
for parca in shards(calistirma.folder("corpus"), "train"):
    for kayit in read_documents(parca):
        bilinen.update(words(fold(kayit["text"])))


def olc(**ayar: float) -> tuple[float, float, float]:
    """Yineleme, çeşitlilik, uydurma payları."""
    config = GenerateConfig(**{**KAPALI, "max_new_tokens": 80, **ayar})
    yazilan = [metin.text for metin in write(motor, tok, istemler * 4, config, list(range(40)))]
    sozcukler = [sozcuk for metin in yazilan for sozcuk in words(fold(metin))]
    uydurma = sum(sozcuk not in bilinen for sozcuk in sozcukler) / len(sozcukler)
    return sum(map(repetition, yazilan)) / len(yazilan), distinct(yazilan), uydurma


denenen = {"açgözlü": {"temperature": 0}, "τ = 0,5": {"temperature": 0.5}, "τ = 1": {"temperature": 1.0}}
denenen |= {"τ = 1,5": {"temperature": 1.5}, "τ = 1, top-p 0,8": {"temperature": 1.0, "top_p": 0.8}}
denenen |= {"τ = 1, min-p 0,1": {"temperature": 1.0, "min_p": 0.1}}
olculen = {ad: olc(**ayar) for ad, ayar in denenen.items()}
print("                  yineleme  çeşitlilik  uydurma")
for ad, (yineleme, cesitlilik, uydurma) in olculen.items():
    print(f"{ad:<17} {100 * yineleme:>8.1f}%  {100 * cesitlilik:>9.0f}%  {100 * uydurma:>6.1f}%")

# %%
assert olculen["açgözlü"][0] > olculen["τ = 1"][0], "açgözlü üretim daha çok yinelemeli"
assert olculen["τ = 1,5"][2] > olculen["τ = 1"][2] > olculen["τ = 0,5"][2], "sıcaklık uydurma sözcüğü artırmalı"
assert olculen["τ = 1, top-p 0,8"][2] < olculen["τ = 1"][2], "top-p kuyruktaki uydurmaları kesmeli"

# %% [markdown]
# Açgözlü üretim bildiği sözcüklerde kalır ama kendini yineler; sıcaklık arttıkça yineleme biter, uydurma başlar. (Açgözlünün
# çeşitliliğini bir şey daha düşürür: her başlangıcın dört metni birbirinin aynısıdır.) Top-p ve min-p ortada durur: dağılımın
# uzun kuyruğunu keser, uydurmaların bir kısmından kurtarır, çeşitliliğe pek dokunmaz. Oranların büyüklüğü modelimizin bir
# dakikalık olmasındandır. Bölümün sorusunun yanıtı: model aynıydı, çözümleme yöntemi değişmişti.
#
# ## Alıştırmalar
#
# **1.** **Yineleme cezası** (Keskar ve ark., 2019, arXiv 1909.05858): daha önce yazılmış tokenlerin pozitif logitleri cezaya
# bölünür, negatifleri cezayla çarpılır. Yazın, `penalise_repetition` ile karşılaştırın. Neden ikisi de bölünmüyor?
#
# **2.** **Durma.** `write`, ayarlarındaki `stop` dizilerinden birine gelince durur. Üretilen metni kendiniz ilk “\n”den keserek
# aynı sonucu bulun.
#
# **3.** Top-k ile top-p'nin sırası sonucu değiştirir mi? Yukarıdaki içecek örneğinde top-k 3 ve top-p 0,8'i iki sırayla
# uygulayın.
#
# **4.** Sıcaklık arttıkça dağılımın entropisi artar mı? On başlangıcın dağılımlarında, $\tau = 0{,}25$'ten 2'ye sınayın.

# %% tags=["cozum"]
# Çözüm 1: negatif bir logiti bölmek onu büyütür, yani tersine ödüllendirir.
ids = istemler[0] + tok.encode("Mehmet'in kedisi")
gorulen = torch.zeros(1, model.vocabulary, dtype=torch.bool)
gorulen[0, ids] = True
logit = son_logit(ids)
cezali = logit.clone()
for token in set(ids):
    cezali[token] = logit[token] / 1.3 if logit[token] > 0 else logit[token] * 1.3
esit_mi(cezali, penalise_repetition(logit[None], gorulen, 1.3)[0])
assert bool((cezali <= logit).all())

# %% tags=["cozum"]
# Çözüm 2: stop dizisi metne girmez.
ayar = {"temperature": 0.7, "max_new_tokens": 60, **KAPALI}
uzun = write(motor, tok, istemler, GenerateConfig(**ayar), list(range(10)))
kesik = write(motor, tok, istemler, GenerateConfig(stop=("\n",), **ayar), list(range(10)))
assert [metin.text.split("\n")[0] for metin in uzun] == [metin.text for metin in kesik]
print("kesilen metinlerden biri:", kesik[3].text)
assert any(metin.finish == "stop" for metin in kesik)

# %% tags=["cozum"]
# Çözüm 3: evet. Önce top-k yapılırsa kalan üç token yeniden 1'e tamamlanır; çay ve süt birlikte 0,83 olur, kahve elenir.
logit = torch.tensor([0.50, 0.25, 0.15, 0.07, 0.03]).log()
once_k = benim_top_p(benim_top_k(logit, 3), 0.8)
once_p = benim_top_k(benim_top_p(logit, 0.8), 3)
print("önce top-k:", [ad for ad, z in zip(icecek, once_k, strict=True) if z > -torch.inf])
print("önce top-p:", [ad for ad, z in zip(icecek, once_p, strict=True) if z > -torch.inf])
esit_mi(
    once_k[None], filtered(logit[None], GenerateConfig(**{**KAPALI, "temperature": 1.0, "top_k": 3, "top_p": 0.8}))
)
assert int((once_p > -torch.inf).sum()) == 3 > int((once_k > -torch.inf).sum())

# %% tags=["cozum"]
# Çözüm 4: evet, her dağılımda.
entropiler = []
for tau in (0.25, 0.5, 1.0, 2.0):
    ln_p = (logitler / tau).log_softmax(-1)
    entropiler.append(-(ln_p.exp() * ln_p).sum(-1))
print("ortalama entropi (nat):", [round(float(entropi.mean()), 2) for entropi in entropiler])
assert all(bool((az < cok).all()) for az, cok in pairwise(entropiler))

# %% [markdown]
# ## Sırada ne var
#
# Artık bütün parçalar elinizde: **14. bölümde** ham metinden yazan modele kadar hepsi tek tarifle birleşir.
#
# - Kod: `src/fidan/generation/` (`sampling.py`, `penalties.py`, `search.py`, `cache.py`, `generate.py`); ayarlar
#   `GenerateConfig`, kılavuz `docs/generation.md`.
# - Holtzman ve ark., *The Curious Case of Neural Text Degeneration* (arXiv 1904.09751): en olası metin neden en iyi metin
#   değildir.
# - Ölçütler: Li ve ark. (arXiv 1510.03055) çeşitlilik, Welleck ve ark. (arXiv 1908.04319) yineleme.
