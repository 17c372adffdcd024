# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 10. Kayıp
#
# **Soru.** Biri “Yarın yüzde 90 yağmur yağar” dedi ve yağmadı; öteki “yüzde 51” dedi ve o da yanıldı. İkisi aynı ölçüde mi
# yanıldı? Bir dil modeli her token için böyle bir yüzde söyler; ne kadar yanıldığını hangi sayı anlatır?
#
# Bu bölümün sonunda çapraz entropiyi ve gradyanını elle yazmış, etiketleri bir kaydırmış, dolguyu saymamayı öğrenmiş,
# iki küçük hatanın (kaydırmamak, dolguyu ortalamaya katmak) kaybı nasıl *güzelleştirdiğini* görmüş olacaksınız. Gereken:
# logaritma ve 9. bölümdeki model.

# %%
import math

import numpy as np
import torch
from matplotlib import pyplot as plt
from torch import Tensor
from torch.nn import functional as F

from fidan.corpus.pairs.pair import Pair
from fidan.kurs import esit_mi, kaynak, ornek_calistirma
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.tokenizer.pairs import EncodedPairs, encode_pairs
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.trained import locate
from fidan.training.batches import Batch, Batches
from fidan.training.distributed import World
from fidan.training.learner import Learner
from fidan.training.loss import IGNORE, chunk_elements, chunked_loss, plain_loss
from fidan.training.objective import Objective
from fidan.training.packed_tokens import PackedTokens
from fidan.training.pairs import PairBatches

_ = torch.manual_seed(10)

# %% [markdown]
# ## Kuram
#
# ### Şaşırmanın bedeli
#
# Model doğru tokene $p$ olasılığını verdiyse kayıp $-\ln p$'dir: emin ve haklıysa 0, emin ve haksızsa çok büyük. Baştaki
# iki tahminci “yağmayacak”a 0,10 ve 0,49 vermişti: kayıpları $-\ln 0{,}10 = 2{,}30$ ve $-\ln 0{,}49 = 0{,}71$. Kendinden
# emin yanılan üç kat öder.
#
# Model olasılık değil, logit ($z_1 \dots z_V$) verir; softmax ile birleşince kayıp:
#
# $$\ell = -\ln \frac{e^{z_y}}{\sum_j e^{z_j}} = \underbrace{\ln \sum_j e^{z_j}}_{\text{log-sum-exp}} - z_y, \qquad
# \frac{\partial \ell}{\partial z_j} = p_j - [j = y]$$
#
# Gradyan çok sade: “söylediğin olasılık eksi gerçek”. $e^{z}$ taşmasın diye log-sum-exp en büyük logit $m$ çıkarılarak
# hesaplanır: $m + \ln \sum_j e^{z_j - m}$.
#
# **Başlangıçta $\ln V$.** Yeni kurulan model her tokene aşağı yukarı aynı olasılığı verir: $p = 1/V$, kayıp $\ln V$.
# İlk adımda bundan çok farklı bir sayı görüyorsanız bir yerde yanlışlık vardır. Kursun modeli için $\ln 1000 = 6{,}91$;
# 134M modeli için $\ln 32.000 = 10{,}37$.

# %%
p = torch.linspace(0.002, 1, 400)
fig, ax = plt.subplots(figsize=(6, 2.8))
ax.plot(p, -p.log())
for deger, ad in ((0.10, "“yüzde 90 yağar”"), (0.49, "“yüzde 51 yağar”")):
    ax.plot(deger, -math.log(deger), "o", color="C1")
    ax.annotate(f"{ad}: {-math.log(deger):.2f}", (deger, -math.log(deger)), (deger + 0.03, -math.log(deger) + 0.25))
ax.set(xlabel="doğruya verilen olasılık p", ylabel="kayıp −ln p (nat)")
plt.show()

# %% [markdown]
# ### Etiket: bir sonraki token
#
# Model her konumda **bir sonraki** tokeni tahmin eder. Bu yüzden etiketler, girdinin bir sola kaymışıdır. $T$ tahmin için
# $T + 1$ token gerekir:
#
# | konum | 1 | 2 | 3 | 4 |
# |---|---|---|---|---|
# | girdi | `<s>` | ev | ler | imiz |
# | etiket | ev | ler | imiz | `</s>` |
#
# ### Sayılmayan konumlar
#
# Bir yığında boyları farklı satırlar varsa kısalar dolguyla uzatılır. Dolgu metin değildir; onu tahmin etmek ne
# ödüllendirilmeli ne cezalandırılmalıdır. Böyle konumların etiketi `IGNORE` (−100) olur ve kayıp yalnız sayılan
# konumların ortalamasıdır:
#
# $$\text{kayıp} = \frac{\sum_i [y_i \ne -100]\; \ell_i}{\sum_i [y_i \ne -100]}$$
#
# Payda önemlidir: bütün konumlara bölerseniz kayıp, dolgu arttıkça kendiliğinden küçülür. Satır satır ortalamak da başka
# bir şeydir: iki tokenlik bir yanıtın her tokeni, yirmi tokenlik bir yanıtınkinden on kat ağır sayılır.
#
# ### İki ek
#
# - **Etiket yumuşatma** (Szegedy ve ark., 2015, arXiv 1512.00567): doğru tokene 1 değil $1 - \varepsilon$ hedeflenir,
#   $\varepsilon$ sözlüğe eşit dağıtılır. Model “yüzde 100 eminim” demeye zorlanmaz.
# - **z-kaybı** (Chowdhery ve ark., 2022, arXiv 2204.02311): softmax bütün logitlere eklenen bir sabiti görmez; logitler
#   kayıp gidebilir. $\zeta \cdot (\ln \sum_j e^{z_j})^2$ onları sıfırın yakınında tutar.
#
# ## Elle yazalım


# %%
def benim_lse(z: Tensor) -> Tensor:
    """ln Σ exp(z), taşmadan; son eksen üzerinde."""
    m = z.amax(-1, keepdim=True)
    return (m + (z - m).exp().sum(-1, keepdim=True).log()).squeeze(-1)


def benim_kayip(z: Tensor, etiket: Tensor, yumusatma: float = 0.0, z_payi: float = 0.0) -> tuple[Tensor, int]:
    """(N, V) logitler, (N,) etiketler → sayılan konumların toplam kaybı ve kaç tane oldukları."""
    sayilan = etiket != IGNORE
    z, y = z[sayilan], etiket[sayilan]
    lse = benim_lse(z)
    dogru = lse - z.gather(1, y[:, None]).squeeze(1)  # −ln p(doğru)
    hepsi = lse - z.mean(1)  # −ln p'nin bütün sözlükteki ortalaması
    kayip = (1 - yumusatma) * dogru + yumusatma * hepsi + z_payi * lse.square()
    return kayip.sum(), int(sayilan.sum())


def benim_gradyanim(z: Tensor, etiket: Tensor) -> Tensor:
    """Toplam kaybın logitlere göre türevi: olasılık eksi gerçek; sayılmayan konumda sıfır."""
    sayilan = (etiket != IGNORE)[:, None]
    gercek = F.one_hot(etiket.clamp_min(0), z.shape[1])
    return ((z - benim_lse(z)[:, None]).exp() - gercek) * sayilan


# %% [markdown]
# Kaydırma ve dolgu da birer işlevdir. İkincisi kodlayıcı-çözücü içindir: çözücü `<s>` ile başlar, yanıtı okur; etiketi
# yanıt ve `</s>`'dir.


# %%
def benim_kaydir(tokenler: Tensor) -> tuple[Tensor, Tensor]:
    """(…, T + 1) token → T girdi ve T etiket."""
    return tokenler[..., :-1], tokenler[..., 1:]


def benim_dolgula(yanitlar: list[list[int]], bas: int, dolgu: int) -> tuple[Tensor, Tensor]:
    """</s> ile biten yanıtlar → (B, T) girdiler ve etiketler."""
    en_uzun = max(map(len, yanitlar))
    girdi = torch.full((len(yanitlar), en_uzun), dolgu)
    etiket = torch.full((len(yanitlar), en_uzun), IGNORE)
    for satir, yanit in enumerate(yanitlar):
        girdi[satir, : len(yanit)] = torch.tensor([bas, *yanit[:-1]])
        etiket[satir, : len(yanit)] = torch.tensor(yanit)
    return girdi, etiket


# %% [markdown]
# ## Kütüphanede
#
# Kaybın tanımı:

# %%
kaynak(plain_loss)

# %% [markdown]
# Toplam verir, ortalama değil: bir adım birden çok yığından oluşabilir (11. bölüm), bölme en sonda bir kez yapılır. Eğitimde
# ise aynı sayıyı `chunked_loss` hesaplar. Neden ikincisi? Logitler büyüktür: 8 × 1024 konum ve 32.000 token için fp32'de
# 1 GB, gradyanıyla 2 GB. `chunked_loss` konumları parça parça işler ve parçanın logitlerini yerinde gradyana çevirir;
# bellekte hiçbir zaman bir parçadan fazlası durmaz.

# %%
print("konum    logitler ve gradyanları   parça parça (CPU)")
for konum in (1024, 8192, 65_536):
    hepsi, parca = 2 * konum * 32_000 * 4, chunk_elements(torch.device("cpu")) * 4
    print(f"{konum:>6}   {hepsi / 2**20:>17,.0f} MB   {min(parca, hepsi / 2) / 2**20:>14,.0f} MB".replace(",", "."))

# %% [markdown]
# Girdi ve etiket nerede ayrılır? Ön eğitimde burada:

# %%
kaynak(Batches.take)

# %% [markdown]
# Soru–yanıt çiftlerinde burada:

# %%
kaynak(EncodedPairs.padded)

# %% [markdown]
# Ve toplam kayıp, adımın **sayılan** etiketlerinin sayısına (`step_targets`) burada bölünür:

# %%
kaynak(Learner.accumulate)

# %% [markdown]
# ## Kanıt
#
# ### Değer ve gradyan

# %%
gizli = torch.randn(60, 32, requires_grad=True)
bas_matrisi = torch.randn(200, 32, requires_grad=True)
etiketler = torch.randint(200, (60,))
etiketler[::4] = IGNORE
logitler = gizli @ bas_matrisi.T

for yumusatma, z_payi in ((0.0, 0.0), (0.1, 0.0), (0.1, 1e-3)):
    toplam, sayi = benim_kayip(logitler, etiketler, yumusatma, z_payi)
    esit_mi(toplam, plain_loss(gizli, bas_matrisi, etiketler, z_payi, yumusatma).objective)
    esit_mi(toplam, chunked_loss(gizli, bas_matrisi, etiketler, z_payi, yumusatma).objective)
assert sayi == 45, "60 konumun 15'i sayılmaz"
esit_mi(benim_kayip(logitler, etiketler)[0] / sayi, F.cross_entropy(logitler, etiketler, ignore_index=IGNORE))

# %%
girdiler = [gizli, bas_matrisi]
for yumusatma, z_payi in ((0.0, 0.0), (0.1, 1e-3)):
    toplam, _ = benim_kayip(logitler, etiketler, yumusatma, z_payi)
    otomatik = torch.autograd.grad(toplam, girdiler, retain_graph=True)
    parcali = torch.autograd.grad(chunked_loss(*girdiler, etiketler, z_payi, yumusatma).objective, girdiler)
    esit_mi(otomatik[0], parcali[0])
    esit_mi(otomatik[1], parcali[1])

elle = benim_gradyanim(logitler.detach(), etiketler)
parcali = torch.autograd.grad(chunked_loss(*girdiler, etiketler).objective, girdiler)
esit_mi(elle @ bas_matrisi.detach(), parcali[0])
esit_mi(elle.T @ gizli.detach(), parcali[1])

# %% [markdown]
# ### Kaydırma: ham tokenlerle karşılaştıralım
#
# Kursun çalıştırmasının paketlenmiş tokenlerinden üç dizi alalım. Ham pencereyi kendimiz okuyup kaydırıyoruz:

# %%
calistirma = ornek_calistirma()
tokenlastirici = Tokenizer.load(calistirma.folder("tokenizer"))
paket = PackedTokens.open(calistirma.folder("pack"), "train")
T = 32
yiginlar = Batches(paket, T, seed=1)
yigin = yiginlar.take(0, 3)
ham = torch.from_numpy(np.stack([paket.window(yer * T, T + 1) for yer in yiginlar.places(0, 3)]))
girdi, etiket = benim_kaydir(ham)
esit_mi(girdi, yigin.inputs)
esit_mi(etiket, yigin.labels)
assert (yigin.labels[:, :-1] == yigin.inputs[:, 1:]).all(), "etiket, bir sonraki girdi olmalı"
for sira in range(5):
    okunan, beklenen = (tokenlastirici.piece(int(t[0, sira])) for t in (yigin.inputs, yigin.labels))
    print(f"okunan {okunan:<9} tahmin edilecek {beklenen}")

# %% [markdown]
# ### Dolgu: soru–yanıt çiftleri

# %%
ciftler = [
    Pair("Çay kaç derecede demlenir?", "Doksan beş."),
    Pair("Kitaplar nerede?", "Üst rafta, sözlüklerin hemen yanında, mavi kutunun arkasında duruyor."),
    Pair("Geldiler mi?", "Evet."),
    Pair("Sınav ne zaman?", "Salı günü saat onda başlıyor."),
]
kodlanmis = encode_pairs(tokenlastirici, ciftler)
yanitlar = [[*tokenlastirici.encode(cift.answer), tokenlastirici.eos_id] for cift in ciftler]
girdi, etiket = benim_dolgula(yanitlar, tokenlastirici.bos_id, tokenlastirici.pad_id)
dolgulu = kodlanmis.padded(range(4))
esit_mi(girdi, torch.from_numpy(dolgulu.inputs))
esit_mi(etiket, torch.from_numpy(dolgulu.labels))

cift_yiginlari = PairBatches(kodlanmis, batch_size=4, seed=1)
sayilan = int((etiket != IGNORE).sum())
assert sayilan == sum(map(len, yanitlar)) == cift_yiginlari.targets(0, 4)
print(f"{etiket.numel()} konum, {sayilan} sayılan etiket")

# %% [markdown]
# ### Payda: eğitim döngüsü neye bölüyor?
#
# `Learner` eğitimin modelini ve eniyileyicisini taşır. Ona dolgulu bir yığın verip biriken kaybı (`partial`) ve gradyanı
# elle hesapladığımız ortalamayla karşılaştıralım.

# %%
tarif = calistirma.recipe
ogrenen = Learner(
    tarif,
    tarif.train,
    tokenlastirici.vocab_size,
    lambda model, govde, tur: Objective(model, govde, tur, tarif.train, tokenlastirici.bos_id),
    World(),
    None,
    {},
    begin=lambda model: None,
    say=print,
)
ogrenen.accumulate(Batch(girdi, etiket), 0, cift_yiginlari.targets(0, 4), last=True)
ikizi = Decoder(tarif.model, tokenlastirici.vocab_size)
ikizi.load_state_dict(ogrenen.model.state_dict())
toplam, sayi = benim_kayip(ikizi(girdi).flatten(0, 1), etiket.flatten())
(toplam / sayi).backward()
esit_mi((toplam / sayi), ogrenen.partial)
esit_mi(ikizi.lm_head.weight.grad, ogrenen.model.lm_head.weight.grad)
print(
    f"yeni modelin kaybı {(toplam / sayi).item():.2f}, ln {tokenlastirici.vocab_size} = {math.log(tokenlastirici.vocab_size):.2f}"
)

# %% [markdown]
# ## Bozalım: kaybı güzelleştiren iki hata
#
# ### Dolguyu ortalamaya katmak
#
# Eğitilmiş modelle, boyları farklı sekiz belge parçası. Yığın gereğinden geniş dolgulandıkça doğru kayıp değişmez;
# bütün konumlara bölünen kayıp ise “iyileşir”. Model aynı model.

# %%
model = locate(calistirma.out).load(torch.device("cpu"))
ayrilmis = PackedTokens.open(calistirma.folder("pack"), "valid")
satirlar = [ayrilmis.document(n).tolist()[1:boy] for n, boy in enumerate((9, 14, 20, 24, 32, 40, 48, 60))]


def genislikte(genislik: int) -> tuple[float, float]:
    """Kaybın doğru ortalaması ve bütün konumlara bölünmüşü."""
    girdi, etiket = benim_dolgula(satirlar, tokenlastirici.bos_id, tokenlastirici.pad_id)
    ek = genislik - girdi.shape[1]
    girdi, etiket = F.pad(girdi, (0, ek), value=tokenlastirici.pad_id), F.pad(etiket, (0, ek), value=IGNORE)
    with torch.no_grad():
        gizli = model.model(girdi).flatten(0, 1)
    toplam = plain_loss(gizli, model.lm_head.weight, etiket.flatten()).cross_entropy
    return (toplam / (etiket != IGNORE).sum()).item(), (toplam / etiket.numel()).item()


genislikler = [59, 64, 80, 96, 112, 128]
kayiplar = {genislik: genislikte(genislik) for genislik in genislikler}
print("genişlik  dolgu  doğru kayıp  bütün konumlara bölünmüş")
for genislik, (dogru, yanlis) in kayiplar.items():
    dolgu = 1 - sum(map(len, satirlar)) / (8 * genislik)
    print(f"{genislik:>8}   %{100 * dolgu:.0f}  {dogru:>11.2f}  {yanlis:>24.2f}")

# %% [markdown]
# Aynı model, aynı metin: genişlik 59'dan 128'e çıkınca yanlış kayıp yarıya iner. “Yığın boyunu değiştirdim, model iyileşti”
# diyen birçok not defterinin sırrı budur. Eğitimde de zararı vardır: gradyan dolgunun payı kadar küçülür, üstelik her
# yığında başka bir oranda.

# %%
dogrular, yanlislar = zip(*kayiplar.values(), strict=True)
esit_mi(dogrular, [dogrular[0]] * len(dogrular), sinir=1e-5)
assert yanlislar[-1] < 0.55 * yanlislar[0]
# Kütüphane sayılmayan etiketi gerçekten saymıyor mu? Üç kayıp da dolgusuz hesapla aynı olmalı.
sayilan_yer = etiketler != IGNORE
for islev in (plain_loss, chunked_loss):
    tam, secili = islev(gizli, bas_matrisi, etiketler), islev(gizli[sayilan_yer], bas_matrisi, etiketler[sayilan_yer])
    esit_mi(tam.objective, secili.objective)

# %% [markdown]
# ### Etiketi kaydırmamak
#
# Etiket, girdinin kendisi olursa model gördüğünü kopyalar. İki küçük çözücüyü aynı tohumla eğitelim: birinin etiketleri
# kütüphanenin verdiği, ötekinin etiketleri girdinin aynısı. İkisini de **dürüst** soruyla, yani bir sonraki tokenle
# sınayalım.


# %%
def egit(kaydir: bool, adim: int = 120) -> tuple[Decoder, list[float]]:
    """Tek bloklu küçük bir çözücü; etiketler kaydırılmış ya da girdinin kendisi."""
    torch.manual_seed(10)
    bicim = ModelConfig(d_model=64, n_layers=1, n_heads=2, d_ff=128, context=T)
    kucuk = Decoder(bicim, tokenlastirici.vocab_size)
    eniyileyici = torch.optim.AdamW(kucuk.parameters(), 1e-2, fused=True)
    egri = []
    for n in range(adim):
        yigin = yiginlar.take(16 * n, 16)
        etiket = yigin.labels if kaydir else yigin.inputs
        kayip = F.cross_entropy(kucuk(yigin.inputs).flatten(0, 1), etiket.flatten())
        kayip.backward()
        eniyileyici.step()
        eniyileyici.zero_grad()
        egri.append(kayip.item())
    return kucuk, egri


durust = torch.from_numpy(ayrilmis.window(0, 100 * (T + 1))).view(100, T + 1)
sonuc = {}
for ad, kaydir in (("kaydırılmış", True), ("kaydırılmamış", False)):
    kucuk, egri = egit(kaydir)
    with torch.no_grad():
        kayip = F.cross_entropy(kucuk(durust[:, :-1]).flatten(0, 1), durust[:, 1:].flatten()).item()
    yazilan = tokenlastirici.encode("Bir gün Ayşe")
    for _ in range(8):
        with torch.no_grad():
            yazilan.append(int(kucuk(torch.tensor([yazilan]))[0, -1].argmax()))
    sonuc[ad] = (egri, kayip)
    print(f"{ad:<14} eğitimde {egri[-1]:.3f}   ayrılmış metinde {kayip:>5.2f}   {tokenlastirici.decode(yazilan)!r}")

# %%
fig, ax = plt.subplots(figsize=(7, 3))
for ad, (egri, kayip) in sonuc.items():
    (cizgi,) = ax.plot(egri, label=f"{ad}: eğitim kaybı")
    ax.axhline(min(kayip, 15), color=cizgi.get_color(), linestyle="--", label=f"{ad}: ayrılmış metinde, dürüst")
ax.axhline(math.log(tokenlastirici.vocab_size), color="gray", linestyle=":", label="ln V")
ax.set(xlabel="adım", ylabel="kayıp (nat/token)", xlim=(0, 120))
ax.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
plt.show()

# %% [markdown]
# Kaydırmayan modelin eğitim kaybı sıfıra iner; raporda harika görünür. Dürüst soruda ise hiçbir şey bilmeyenden
# ($\ln 1000 = 6{,}91$) iki kat kötüdür: her tokenden sonra aynı tokenin geleceğinden emindir. Yazdığı da budur:
# “Ayşeeeeeeeee”. Kural: **gerçek bir metinde kaybın sıfıra gitmesi başarı değil, sızıntı belirtisidir.** Aynı belirtiyi
# nedensel maskesi düşen model de verir (5. bölüm).

# %%
egri, kayip = sonuc["kaydırılmamış"]
assert egri[-1] < 0.05, "kopyalamayı öğrenmeli"
assert kayip > math.log(tokenlastirici.vocab_size), "kopyalayan model hiçbir şey bilmeyenden kötüdür"
egri, kayip = sonuc["kaydırılmış"]
assert egri[-1] > 1.5, "kütüphanenin etiketleriyle kayıp sıfıra inmemeli: yoksa model cevabı görüyordur"
assert kayip < 4.5
esit_mi(egri[0], math.log(tokenlastirici.vocab_size), sinir=0.02)

# %% [markdown]
# ## Alıştırmalar
#
# **1.** Bütün logitlere 100 eklenince çapraz entropi değişir mi? z-kaybı? İkisini de `plain_loss` ile değil, `benim_kayip`
# ile sınayın; sonra log-sum-exp'i en büyüğü çıkarmadan yazıp ne olduğuna bakın.
#
# **2.** Etiket yumuşatmanın olası en küçük kaybı sıfır değildir. $\varepsilon = 0{,}1$, $V = 200$ için en iyi dağılımın kaybını
# formülle bulun (yumuşatılmış hedefin entropisi) ve logitleri o dağılımın logaritması yaparak kütüphaneyle doğrulayın.
#
# **3.** `chunked_loss`'un `weights` seçeneği her konuma bir ağırlık verir. Sohbet ince ayarında kullanıcının sözü 0,
# yardımcının sözü 1 ağırlık alır. Ağırlığı 0 olan konumun `IGNORE` ile aynı kaybı ve gradyanı verdiğini gösterin.
#
# **4.** “Evet.” yanıtının bir tokeni, en uzun yanıtın bir tokeninden satır ortalamasında kaç kat ağır sayılır? Token
# ortalamasında?

# %% tags=["cozum"]
# Çözüm 1: softmax sabiti görmez, z-kaybı görür; fp32'de exp(100) taşar.
sade, sade_kayik = (benim_kayip(logitler.detach() + c, etiketler)[0] for c in (0, 100))
esit_mi(sade, sade_kayik, sinir=1e-5)
z_li, z_li_kayik = (benim_kayip(logitler.detach() + c, etiketler, 0.0, 1e-3)[0] for c in (0, 100))
assert z_li_kayik > z_li + 100
assert (logitler.detach() + 100).exp().sum(-1).log().isinf().any()

# %% tags=["cozum"]
# Çözüm 2: hedef: doğruya 1 − ε + ε/V, ötekilere ε/V.
eps, v = 0.1, 200
hedef = torch.full((v,), eps / v)
hedef[7] += 1 - eps
entropi = -(hedef * hedef.log()).sum()
en_iyi = plain_loss(hedef.log()[None], torch.eye(v), torch.tensor([7]), label_smoothing=eps).objective
esit_mi(entropi, en_iyi)
print(f"en küçük kayıp {entropi.item():.3f} nat")
baskasi = plain_loss(3 * hedef.log()[None], torch.eye(v), torch.tensor([7]), label_smoothing=eps).objective
assert baskasi > en_iyi

# %% tags=["cozum"]
# Çözüm 3: IGNORE olanları sıfır ağırlıkla yeniden yazalım.
agirlik = (etiketler != IGNORE).float()
dolu = etiketler.clamp_min(0)
agirlikli = chunked_loss(gizli, bas_matrisi, dolu, weights=agirlik).objective
maskeli = chunked_loss(gizli, bas_matrisi, etiketler).objective
esit_mi(agirlikli, maskeli)
esit_mi(torch.autograd.grad(agirlikli, gizli)[0], torch.autograd.grad(maskeli, gizli)[0])

# %% tags=["cozum"]
# Çözüm 4: satır ortalamasında bir tokenin payı 1 / (satır sayısı · satırın boyu), token ortalamasında hep 1 / toplam.
boylar = [len(yanit) for yanit in yanitlar]
satir_payi = [1 / (len(boylar) * boy) for boy in boylar]
kat = max(satir_payi) / min(satir_payi)
print(f"boylar {boylar}: satır ortalamasında {kat:.1f} kat, token ortalamasında 1 kat")
esit_mi(kat, max(boylar) / min(boylar))
assert kat > 3

# %% [markdown]
# ## Sırada ne var
#
# Kaybı ve gradyanını biliyoruz. **11. bölümde** gradyanı ağırlıklara taşıyıp modeli eğitiyoruz.
#
# - Kod: `src/fidan/training/loss.py`, `batches.py`; çiftler için `src/fidan/tokenizer/pairs.py`.
# - Makaleler: Szegedy ve ark., *Rethinking the Inception Architecture* (arXiv 1512.00567), bölüm 7; Chowdhery ve ark.,
#   *PaLM* (arXiv 2204.02311), bölüm 5; Wijmans ve ark., *Cut Your Losses in Large-Vocabulary Language Models* (arXiv
#   2411.09009).
