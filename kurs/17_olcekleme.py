# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 17. Ölçekleme
#
# **Soru.** “134 milyon parametrelik bir modeli Colab'ın bedava GPU'sunda kaç saatte, kiralık bir A100'de kaç liraya
# eğitirim? İki GPU'm olsa yarı sürede biter mi?”
#
# Bu bölümün sonunda bir eğitimin işlem sayısını, belleğini, süresini ve bedelini kâğıt üzerinde hesaplayabilecek; veri
# paralelliğini elle kurup tek süreçle aynı sonucu verdiğini gösterebilecek; küçük modellerin kaybından büyüğünkini
# kestirebileceksiniz. 9. bölümdeki modeli ve 11. bölümdeki eğitim döngüsünü bilmeniz yeter. GPU gerekmez.

# %%
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
import torch
from matplotlib import pyplot as plt
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch.nn import functional as F
from torch.utils.flop_counter import FlopCounterMode

from fidan.generation.cache import KeyValueCache
from fidan.hardware import HALF_TFLOPS, measure_matmul
from fidan.kurs import esit_mi, kaynak, kurs_klasoru, ornek_calistirma
from fidan.model.build import build_model
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.progress import SilentReporter
from fidan.recipe import TrainConfig, load_recipe
from fidan.running import run_one
from fidan.stages import Run
from fidan.training.batches import Batch, Batches
from fidan.training.distributed import World
from fidan.training.log import read_metrics
from fidan.training.memory import training_memory
from fidan.training.optimizer import build_optimizers
from fidan.training.pace import Pace
from fidan.training.packed_tokens import PackedTokens
from fidan.training.trainer import WEIGHTS
from fidan.training.update import Update
from fidan.weights import read_weights

# %% [markdown]
# ## Kuram
#
# ### İşlem: 6 · N · D
#
# Bir ağırlık her tokende bir çarpım ve bir toplamaya girer: ileri yönde 2 işlem. Geri yönde aynı matris iki kez daha
# çarpılır (girdinin ve ağırlığın gradyanı): 4 işlem. $N$ parametreyi $D$ tokenle eğitmenin işlem sayısı (FLOP):
#
# $$C \approx 6\,N\,D$$
#
# (Kaplan ve ark., 2020, arXiv 2001.08361.) Gömme matrisi çarpılmaz, ona yalnız bakılır; $N$'ye girmez.
# Dikkatin puanları ise ağırlıksız çarpımlardır: katman başına token başına $12 \cdot D_{\text{model}} \cdot T$ işlem daha
# (Chowdhery ve ark., 2022, PaLM, arXiv 2204.02311, ek B).
#
# **MFU** (model FLOPs utilisation), bunun saniyede yapılan kısmının donanımın tepe hızına oranıdır: saniyedeki token ×
# token başına işlem ÷ tepe. İyi bir tek GPU eğitimi %30–50 arasındadır; kalan zaman bellek beklemekle geçer.
#
# ### Bellek: parametre başına 16 bayt, bir de etkinleştirmeler
#
# AdamW ile fp32 ağırlıkta her parametre için ağırlık 4, gradyan 4, iki moment 8 bayt durur. Üstüne geri yayılımın
# ileriden sakladıkları gelir: yığınla ve dizinin uzunluğuyla büyüyen, çoğu zaman asıl yeri tutan **etkinleştirmeler**.
#
# ### Veri paralelliği
#
# $n$ süreç aynı modeli tutar, yığını bölüşür, gradyanları toplar. Kayıp örneklerin *ortalaması* olduğuna göre:
#
# $$\nabla L = \frac{1}{B}\sum_{i=1}^{B} \nabla \ell_i = \frac{1}{n}\sum_{r=1}^{n} \Big(\frac{n}{B}\sum_{i \in \text{parça } r} \nabla \ell_i\Big)$$
#
# Yani parçaların gradyanlarının **ortalaması** bütünün gradyanıdır. DDP bunu yapar. **ZeRO/FSDP** (Rajbhandari ve ark.,
# 2020, arXiv 1910.02054) ayrıca momentleri, gradyanları ve ağırlıkları da süreçlere böler.
#
# ### Kaç token?
#
# Hoffmann ve ark. (2022, *Chinchilla*, arXiv 2203.15556) yüzlerce eğitime şu eğriyi uydurdu:
#
# $$L(N, D) = 1{,}69 + \frac{406{,}4}{N^{0{,}34}} + \frac{410{,}7}{D^{0{,}28}}$$
#
# Sabit işlemle en düşük kayıp, parametre başına 20 kadar tokende çıkar. Sayılar onların verisine aittir; eğrinin *biçimi*
# geneldir. Küçük bir örnek: $N = 134$ milyon için $20N = 2{,}7$ milyar token, $6ND \approx 2{,}2 \cdot 10^{18}$ işlem eder;
# saniyede $10^{14}$ işlem yapan bir GPU'da altı saat. Aşağıda bunu inceltelim.


# %%
def chinchilla(n: float, d: float) -> float:
    """Hoffmann ve ark.nın kestirdiği kayıp (token başına nat)."""
    return 1.69 + 406.4 / n**0.34 + 410.7 / d**0.28


islem = 6 * 134e6 * 2.7e9
boylar = np.geomspace(2e7, 2e9, 60)
fig, ax = plt.subplots(figsize=(7, 3))
for kat in (1, 10, 100):
    kayiplar = [chinchilla(n, kat * islem / (6 * n)) for n in boylar]
    (cizgi,) = ax.plot(
        boylar, kayiplar, label=f"{kat} × {islem:.1e} işlem".replace("e+18", " · 10¹⁸").replace(".", ",")
    )
    en_iyi = int(np.argmin(kayiplar))
    ax.plot(boylar[en_iyi], kayiplar[en_iyi], "o", color=cizgi.get_color())
ax.axvline(134e6, color="gray", linestyle=":")
ax.text(1.4e8, 3.9, "134 M", color="gray")
ax.set(xscale="log", xlabel="parametre (aynı işlemle: büyük model, az token)", ylabel="kestirilen kayıp (nat)")
ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
plt.show()

# %% [markdown]
# ## Elle yazalım
#
# Beş küçük hesap: işlem, MFU, bellek, ZeRO, veri paralelliği.


# %%
def benim_islem(bicim: ModelConfig, sozluk: int, dizi: int) -> int:
    """Bir tokeni eğitmenin işlem sayısı."""
    dikkat = 4 * bicim.d_model * bicim.d_model
    ileri_besleme = 3 * bicim.d_model * bicim.d_ff
    carpilan = bicim.n_layers * (dikkat + ileri_besleme) + sozluk * bicim.d_model  # çıkış katmanıyla, gömmesiz
    return 6 * carpilan + 12 * bicim.n_layers * bicim.d_model * dizi


def benim_mfu(saniyede_token: float, token_islemi: float, tepe: float) -> float:
    """Tepe hızın kullanılan payı."""
    return saniyede_token * token_islemi / tepe


def benim_saklanan(model: Decoder, girdi: Tensor) -> int:
    """İleri geçişin geri yayılım için sakladığı bayt; ağırlıklar sayılmaz."""
    agirliklar = {p.untyped_storage().data_ptr() for p in model.parameters()}
    saklanan: dict[int, Tensor] = {}

    def sakla(tensor: Tensor) -> Tensor:
        if (adres := tensor.untyped_storage().data_ptr()) not in agirliklar:
            saklanan[adres] = tensor
        return tensor

    with saved_tensors_hooks(sakla, lambda tensor: tensor):
        model.model(girdi)
    return sum(tensor.untyped_storage().nbytes() for tensor in saklanan.values())


def benim_zero(parametre: int, surec: int, asama: int) -> float:
    """Bir sürecin ağırlık, gradyan ve momentlerine düşen bayt; aşama 0 DDP, 3 FSDP'dir."""
    bolunen = [8, 4, 4][:asama]  # sırayla: momentler, gradyanlar, ağırlıklar
    return parametre * (16 - sum(bolunen) + sum(bolunen) / surec)


# %% [markdown]
# Veri paralelliğini ağsız, tek süreçte kuralım: her “süreç” yığının kendi parçasını alır, gradyanlar sonunda toplanır.
# `paylastir`, hangi sürecin hangi dizileri okuyacağını söyler; üç yanlışı da bununla yapacağız.

# %%
calistirma = ornek_calistirma()
SOZLUK, DIZI = 1000, 64
egitim = Batches(PackedTokens.open(calistirma.folder("pack"), "train"), DIZI, seed=1)
sinav = Batches(PackedTokens.open(calistirma.folder("pack"), "valid"), DIZI, seed=1).take(0, 128)
BICIM = ModelConfig(d_model=32, n_layers=2, n_heads=2, d_ff=80, context=DIZI)


def kayip(model: Decoder, yigin: Batch) -> Tensor:
    """Token başına ortalama kayıp."""
    return F.cross_entropy(model(yigin.inputs).flatten(0, 1), yigin.labels.flatten())


def paylastir(sira: int, surec: int, ilk: int, satir: int) -> tuple[int, int]:
    """Bu sürecin ilk dizisi ve kaç dizi okuyacağı."""
    return ilk + sira * (satir // surec), satir // surec


def benim_gradyan(model: Decoder, ilk: int, satir: int, surec: int, yontem: str = "ortalama") -> list[Tensor]:
    """Süreçlerin birlikte bulduğu gradyan."""
    model.zero_grad()
    for sira in range(surec):
        kim = 0 if yontem == "aynı veri" else sira
        bolen = 1 if yontem == "toplam" else surec
        (kayip(model, egitim.take(*paylastir(kim, surec, ilk, satir))) / bolen).backward()
    return [p.grad.clone() for p in model.parameters()]


# %% [markdown]
# ## Kütüphanede
#
# Kütüphane işlemi modelin biçiminden sayar:

# %%
kaynak(ModelConfig.flops_per_token)

# %% [markdown]
# Belleği de formülden değil, modelin kendisinden bulur: bir ve iki bloklu modelin ileri geçişi *verisiz* tensörlerle
# yürütülür, autograd'ın sakladıkları sayılır, fark bütün bloklara çarpılır. Blok değişirse hesap da değişir.

# %%
kaynak(training_memory)

# %% [markdown]
# Dağıtık eğitimde ise `World` kim olduğunuzu bilir. `torchrun` süreçleri başlatır; tarif aynı kalır, bir adımın dizileri
# bölüşülür:

# %%
kaynak(World.share)

# %% [markdown]
# ## Kanıt
#
# ### İşlem sayısı
#
# Elle sayım, kütüphane ve üçüncü bir tanık: PyTorch'un, yürütülen her matris çarpımını sayan `FlopCounterMode`'u.

# %%
tarif = load_recipe(Path("recipes/turkish-134m.toml"))
buyuk = tarif.model
esit_mi(benim_islem(buyuk, 32_000, 2048), buyuk.flops_per_token(32_000, 2048))
esit_mi(benim_islem(BICIM, SOZLUK, DIZI), BICIM.flops_per_token(SOZLUK, DIZI))

torch.manual_seed(17)
model = build_model(BICIM, SOZLUK)
with FlopCounterMode(display=False) as sayac:
    kayip(model, egitim.take(0, 1)).backward()
dikkatsiz = benim_islem(BICIM, SOZLUK, DIZI) - 12 * BICIM.n_layers * BICIM.d_model * DIZI
esit_mi(sayac.get_flop_counts()["Global"][torch.ops.aten.mm] / DIZI, dikkatsiz)

token_islemi = buyuk.flops_per_token(32_000, 2048)
print(f"\n134 M: token başına {token_islemi / 1e9:.2f} milyar işlem; 6N ile {6 * buyuk.parameters(32_000) / 1e9:.2f}")

# %% [markdown]
# 6N kestirimi burada %10 kadar eksik: gömmeyi fazla saymış, dikkatin puanlarını ise hiç saymamış. Uzun dizilerde ikinci
# pay büyür.
#
# ### MFU
#
# Kütüphanenin saati `Pace`'tir; sınamak için ona sahte bir saat verelim. İlk adım ısınmadır, sayılmaz.

# %%
zaman = iter([0.0, 5.0, 6.0, 7.0, 7.0, 7.0, 7.0, 7.0])
hiz = Pace(token_islemi, 312e12, torch.device("cpu"), clock=lambda: next(zaman))
for _ in range(3):
    hiz.step(131_072)
hiz.measure()
esit_mi(benim_mfu(131_072 / 1.0, token_islemi, 312e12), hiz.mfu)

basla = time.perf_counter()
for n in range(5):
    benim_gradyan(model, 8 * n, 8, 1)
sure = time.perf_counter() - basla
olculen = benim_mfu(
    5 * 8 * DIZI / sure, benim_islem(BICIM, SOZLUK, DIZI), measure_matmul(torch.device("cpu"), torch.float32, 0.2)
)
print(f"bu minik modelin bu makinede MFU'su: %{100 * olculen:.0f} (her makinede başka)")

# %% [markdown]
# Genişliği 32 olan bir modelin çarpımları donanımı doldurmaz: MFU düşüktür. Büyük matrisler bu yüzden “bedava” hızlanır.
#
# ### Bellek
#
# Bir adımdan sonra duranları gerçekten sayalım: ağırlık, gradyan, momentler; bir de ileri geçişin sakladıkları.

# %%
eniyileyici = torch.optim.AdamW(model.parameters())
benim_gradyan(model, 0, 8, 1)
eniyileyici.step()
momentler = sum(t.nbytes for durum in eniyileyici.state.values() for t in durum.values() if t.ndim)
agirlik_bayti = sum(p.nbytes for p in model.parameters())

minik = replace(
    tarif,
    model=BICIM,
    tokenizer=replace(tarif.tokenizer, vocab_size=SOZLUK),
    train=replace(tarif.train, sequence_length=DIZI, batch_size=8, accumulate=1, compile=False),
)
kestirim = training_memory(minik, torch.device("cuda"), torch.float32)
esit_mi(agirlik_bayti, kestirim.weights)
esit_mi(momentler, kestirim.optimizer)
esit_mi(benim_saklanan(model, egitim.take(0, 8).inputs), kestirim.work)
esit_mi(benim_zero(model.parameter_count(), 1, 0), 4 * kestirim.weights)

# %% [markdown]
# Son baytına kadar aynı. (Gradyanlar, etkinleştirmeler bırakıldıkça gelir; `work` ikisinden büyük olanıdır, burada
# etkinleştirmeler.) Aynı hesap 134 M için, tarifin kendi yığınıyla, bir GPU'da:


# %%
def gib(bayt: float) -> str:
    """GiB olarak."""
    return f"{bayt / 2**30:.1f}"


print("                               ağırlık  momentler  etkinleştirme+gradyan  kayıp  toplam (GiB)")
for ad, degisen in {
    "tarif: yığın 16": {},
    "etkinleştirmeler saklanmadan": {"activation_checkpointing": True},
    "yığın 4, dört kat biriktirme": {"batch_size": 4, "accumulate": 16},
}.items():
    m = training_memory(replace(tarif, train=replace(tarif.train, **degisen)), torch.device("cuda"), torch.bfloat16)
    print(f"{ad:<30} {gib(m.weights):>7} {gib(m.optimizer):>10} {gib(m.work):>22} {gib(m.loss):>6} {gib(m.total):>8}")

print("\nZeRO: 134 M ve 7 milyar parametrenin bir sürece düşen durumu (GiB)")
print("süreç    DDP (0)   momentler (1)   + gradyanlar (2)   + ağırlıklar (3, FSDP)")
for parametre in (buyuk.parameters(32_000), 7_000_000_000):
    for surec in (1, 8, 64):
        satir = [gib(benim_zero(parametre, surec, asama)) for asama in range(4)]
        print(f"{surec:>5} {satir[0]:>10} {satir[1]:>15} {satir[2]:>18} {satir[3]:>24}")

# %% [markdown]
# Sığdırmanın iki yolu var: etkinleştirmeleri saklamayıp geri yayılımda yeniden hesaplamak (üçte bir kadar çok işlem) ya da
# yığını küçültüp gradyan biriktirmek (11. bölüm; sonuç aynıdır). 134 M'lik bir modelde bölünecek durum 2 GiB'dir; FSDP'ye
# ihtiyaç yoktur. 7 milyarda ise 104 GiB tek GPU'ya sığmaz, sekize bölünce sığar.
#
# ### Veri paralelliği
#
# Önce gradyan: iki, dört ya da sekiz parçanın ortalaması bütünle aynı mı? Kim neyi okur sorusunda da kütüphaneyle anlaşalım.

# %%
butun = torch.cat([g.flatten() for g in benim_gradyan(model, 0, 16, 1)])
for surec in (2, 4, 8):
    parcali = torch.cat([g.flatten() for g in benim_gradyan(model, 0, 16, surec)])
    esit_mi(parcali, butun)
    esit_mi([paylastir(r, surec, 48, 16) for r in range(surec)][-1], World(surec - 1, surec).share(48, 16))

# %% [markdown]
# Şimdi gerçek süreçlerle: kütüphanenin eğitimini bir kez tek süreçte, bir kez `torchrun` ile iki süreçte (aralarında gloo)
# yürütüp **ağırlıkları** karşılaştıralım. (Windows'ta torchrun her kurulumda çalışmaz; orada bu hücre atlanır.)

# %%
TARIF = Path(str(resources.files("fidan.kurs"))) / "kurs.toml"
AYARLAR = [
    "train.log_every=1",
    "train.tokens=4096",
    "train.warmup_steps=1",
    "train.valid_tokens=128",
    "train.sample_every=0",
    "train.optimizer=adamw",
    "train.learning_rate=1e-3",
]


def hazir_klasor(ad: str) -> Path:
    """Derlemi, tokenlaştırıcısı ve tokenleri hazır, eğitimi olmayan bir çalıştırma."""
    klasor = kurs_klasoru() / "bolum_17" / ad
    shutil.rmtree(klasor, ignore_errors=True)
    for asama in ("corpus", "tokenizer", "pack"):
        shutil.copytree(calistirma.folder(asama), klasor / asama)
    return klasor


def kayitlari(klasor: Path, neyi: str) -> list[float]:
    """Eğitimin her adımından bir sayı."""
    return [kayit[neyi] for kayit in read_metrics(klasor / "train") if kayit["kind"] == "train"]


# %%
tek, cift = hazir_klasor("tek"), hazir_klasor("cift")
run_one("train", Run(load_recipe(TARIF, AYARLAR), tek, SilentReporter()))
if os.name != "nt":
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    ayarlar = [parca for ayar in AYARLAR for parca in ("--set", ayar)]
    komut = [*torchrun, "-m", "fidan.cli", "train", str(TARIF), "--out", str(cift), *ayarlar]
    sonuc = subprocess.run(
        komut, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}, check=False
    )
    assert sonuc.returncode == 0, sonuc.stderr
    birde, ikide = (read_weights(klasor / "train" / WEIGHTS) for klasor in (tek, cift))
    fark = max((ikide[ad] - birde[ad]).abs().max().item() for ad in birde)
    for adim, (bir, iki) in enumerate(zip(kayitlari(tek, "loss"), kayitlari(cift, "loss"), strict=True), 1):
        print(f"adım {adim}: kayıp tek süreçte {bir:.6f}, iki süreçte {iki:.6f}")
    esit_mi(kayitlari(cift, "loss"), kayitlari(tek, "loss"))
    esit_mi(kayitlari(cift, "gradient_norm"), kayitlari(tek, "gradient_norm"), sinir=1e-5)
    print(f"{len(birde)} tensörün ağırlıklarında en büyük fark {fark:.0e}")
    assert fark < 3e-4, fark

# %% [markdown]
# Kayıplar ve gradyanların normu aynı, ağırlıklar yuvarlama kadar ayrı. (AdamW gradyanı kendi büyüklüğüne böler: gradyanı sıfıra çok yakın bir
# ağırlıkta, toplama sırasının son basamağı da adıma yansır.)
#
# ## Hesap: kaç saat, kaç lira, saniyede kaç token?
#
# ### Eğitimin süresi ve bedeli
#
# Süre = işlem ÷ (tepe × MFU). Tepe hızlar üreticilerin bilgi sayfalarından (`fidan.hardware.HALF_TFLOPS`); MFU'lar ve saat
# ücretleri **varsayımdır**: kendi ölçtüğünüzü ve kendi kiranızı yazın. `fidan doctor recipes/turkish-134m.toml` bu hızı
# sizin makinenizde *ölçer*.

# %%
GPULAR = {  # ad: (tepenin tablodaki adı, varsayılan MFU, varsayılan ücret $/saat, bant genişliği GB/s)
    "T4": ("Tesla T4", 0.25, 0.35, 320),
    "4090": ("RTX 4090", 0.40, 0.45, 1008),
    "A100": ("A100", 0.40, 1.30, 1555),
    "H100": ("H100", 0.35, 2.50, 3350),
}
tepeler = dict(HALF_TFLOPS)
toplam_islem = token_islemi * tarif.train.tokens
print(f"turkish-134m: {tarif.train.tokens / 1e9:.0f} milyar token, {toplam_islem:.2e} işlem\n")
print("GPU    tepe (TFLOP/s)   MFU   token/s   süre (saat)   bedel ($)   110 dakikalık oturum")
for gpu, (ad, mfu, ucret, _) in GPULAR.items():
    hizi = tepeler[ad] * 1e12 * mfu / token_islemi
    saat = tarif.train.tokens / hizi / 3600
    sol = f"{gpu:<6} {tepeler[ad]:>14.0f}   %{100 * mfu:.0f}   {hizi / 1000:>3.0f} bin"
    print(f"{sol}   {saat:>11.1f}   {saat * ucret:>9.0f}   {int(np.ceil(saat * 60 / 110)):>20}")

# %% [markdown]
# T4'ün bf16 donanımı yoktur (fp16 ile, kayıp ölçeğiyle eğitilir) ve 15 GiB'ine tarifin yığını sığmaz; yukarıdaki tabloda
# yığını 4'e indiren satır sığar. Son sütun Colab içindir. Oturum kapanmadan kaydedip biten komut:
#
# ```sh
# fidan train recipes/turkish-134m.toml --max-minutes 110
# ```
#
# Aynı komut yeniden verilince kaldığı yerden, biti bitine aynı sonuçla sürer. İki GPU'nun yarı sürede bitirmesi
# için adımın sonunda gradyanların (134 M × 4 bayt ≈ 0,5 GB) alışverişinin hesaptan kısa sürmesi gerekir: tek makinede öyledir,
# yavaş bir ağda değildir.
#
# ### Çok eğitmek neyi satın alır?
#
# Chinchilla oranı *eğitimi* en ucuza getirir. Model çok kullanılacaksa küçük modeli uzun eğitmek daha iyidir: her yanıtı ucuz
# olur. Aynı eğriden okuyalım: 134 M'yi 20 kattan çok tokenle eğitmek, hangi büyüklükte bir “20 kat” modele denktir?


# %%
def denk_model(kayip_degeri: float) -> float:
    """Parametre başına 20 tokenle bu kayba ulaşan modelin parametresi (ikiye bölerek arama)."""
    alt, ust = 1e6, 1e12
    for _ in range(100):
        orta = (alt * ust) ** 0.5
        alt, ust = (orta, ust) if chinchilla(orta, 20 * orta) > kayip_degeri else (alt, orta)
    return alt


print("134 M'nin tokeni   parametre başına   eğitim işlemi   kestirilen kayıp   denk 20 kat model")
for oran in (20, 22, 50, 100, 200):
    tahmin = chinchilla(134.1e6, oran * 134.1e6)
    print(
        f"{oran * 0.1341:>12.1f} milyar {oran:>18} {oran / 20:>14.1f}x {tahmin:>18.2f}"
        f" {denk_model(tahmin) / 1e6:>14.0f} milyon"
    )

# %% [markdown]
# On kat eğitim, üretimi üç kat kadar pahalı olan bir modelin kaybını küçük modele sığdırır; ama eğri doyar, çünkü $N$'li
# terim tokenle küçülmez. (Sabitler Chinchilla'nın verisinindir; Besiroglu ve ark., 2024, arXiv 2404.10102, başka bulur. Türkçe
# metinde sayı değişir, biçim değişmez.)
#
# ### Üretim belleğe bakar
#
# Tek bir token üretmek için bütün ağırlıklar ve KV önbelleği bellekten bir kez okunur, her ağırlıkla 2 işlem yapılır. bf16'da
# bu bayt başına 1 işlemdir; H100 ise bir bayt okurken 295 işlem yapabilir. Yani tek kullanıcıda hızı **bant genişliği**
# belirler; yığın büyüdükçe ağırlıklar bir kez okunup paylaşılır, ta ki işlem tavanına varılana dek (“roofline”, Williams ve
# ark., 2009).


# %%
def onbellek_bayti(bicim: ModelConfig, uzunluk: int) -> int:
    """Bir dizinin bf16 anahtar ve değerleri."""
    return 2 * bicim.n_layers * bicim.kv_heads * bicim.head_width * uzunluk * 2


onbellek = KeyValueCache(buyuk, 3, 1024, torch.bfloat16, torch.device("cpu"))
esit_mi(3 * onbellek_bayti(buyuk, 1024), onbellek.keys.nbytes + onbellek.values.nbytes)
okunan = 2 * (buyuk.parameters(32_000) - 32_000 * buyuk.d_model)  # gömmeden yalnız bir satır okunur


def uretim_tavani(gpu: str, yigin: int, uzunluk: int = 1024) -> float:
    """Saniyede en çok kaç token: bant genişliği ile işlem tavanının küçüğü."""
    ad, _, _, bant = GPULAR[gpu]
    bellek = bant * 1e9 * yigin / (okunan + yigin * onbellek_bayti(buyuk, uzunluk))
    return min(bellek, tepeler[ad] * 1e12 / (buyuk.flops_per_token(32_000, uzunluk) / 3))


yiginlar = 2 ** np.arange(11)
fig, ax = plt.subplots(figsize=(7, 3.2))
for gpu in GPULAR:
    ax.plot(yiginlar, [uretim_tavani(gpu, int(y)) for y in yiginlar], marker="o", markersize=3, label=gpu)
ax.set(xscale="log", yscale="log", xlabel="birlikte yazılan dizi (yığın)", ylabel="tavan (token/s)")
ax.legend(title="bağlam 1024")
plt.show()
bir, altmis_dort = uretim_tavani("A100", 1), uretim_tavani("A100", 64)
print(f"A100'de yığın 1: saniyede en çok {bir / 1000:.0f} bin token; yığın 64: {altmis_dort / 1000:.0f} bin")
print(f"önbellek, 1024 token: {onbellek_bayti(buyuk, 1024) / 1e6:.0f} MB; ağırlıklar: {okunan / 1e6:.0f} MB")

# %% [markdown]
# Eğriler düzleşir ama tavan işlem değil, yine bellektir: altı diziden sonra önbellekler ağırlıklardan çok okunur. Gruplu sorgu
# dikkati (6. bölüm) ve nicemleme (15. bölüm) okunan baytı azalttığı için üretimi hızlandırır.
#
# ### Küçüklerden büyüğe: ölçekleme eğrisi
#
# Ölçekleme eğrileri asıl burada işe yarar: birkaç saniyelik minik modellerin kaybına bir eğri uydurup eğitmediğiniz
# modelinkini kestirirsiniz. Dört genişliği aynı tokenlerle eğitip beşinciyi, *eğitmeden önce*, kestirelim. Eğri Chinchilla'nın
# parametre terimidir: $L(N) = E + A\,N^{-\alpha}$.


# %%
def egit(genislik: int, adim: int = 150, satir: int = 8) -> tuple[int, float]:
    """Parametre sayısı ve ayrılmış metinde kayıp."""
    torch.manual_seed(17)
    bicim = replace(BICIM, d_model=genislik, d_ff=genislik * 8 // 3 // 8 * 8)
    model = build_model(bicim, SOZLUK)
    ayar = TrainConfig(tokens=adim * satir * DIZI, optimizer="muon", learning_rate=3e-2, warmup_steps=1)
    guncelleme = Update(build_optimizers(model, ayar, torch.float32))
    for n in range(adim):
        kayip(model, egitim.take(n * satir, satir)).backward()
        guncelleme.set_rate(min(1.0, (n + 1) / 20) * (1 - 0.9 * n / adim))
        guncelleme.step(torch.tensor(1.0), torch.tensor(0.0))
        guncelleme.zero_grad()
    with torch.no_grad():
        return model.parameter_count(), kayip(model, sinav).item()


def uydur(n: np.ndarray, kayiplar: np.ndarray) -> tuple[float, float, float]:
    """E, A, α: her E için log-log doğru, en az karesel hata."""

    def hata(e: float) -> tuple[float, np.ndarray]:
        dogru = np.polyfit(np.log(n), np.log(kayiplar - e), 1)
        return float(np.square(e + np.exp(np.polyval(dogru, np.log(n))) - kayiplar).sum()), dogru

    e = min(np.linspace(0, kayiplar.min() - 0.01, 400), key=lambda e: hata(e)[0])
    egim, sabit = hata(e)[1]
    return float(e), float(np.exp(sabit)), float(-egim)


# %%
boylar, kayiplar = (np.array(x) for x in zip(*[egit(d) for d in (8, 12, 16, 32)], strict=True))
E, A, alfa = uydur(boylar, kayiplar)
buyuk_n = build_model(replace(BICIM, d_model=64, d_ff=168), SOZLUK).parameter_count()
tahmin = E + A * buyuk_n**-alfa
olculen_n, olculen_kayip = egit(64)
print(f"eğri: L(N) = {E:.2f} + {A:.0f} · N^-{alfa:.2f}")
print(f"{buyuk_n / 1000:.0f} bin parametre: kestirilen {tahmin:.2f}, sonra ölçülen {olculen_kayip:.2f}")

fig, ax = plt.subplots(figsize=(7, 3.2))
n = np.geomspace(boylar.min(), 4e5, 50)
ax.plot(n, E + A * n**-alfa, "--", color="gray", label="dört küçükten uydurulan eğri")
ax.plot(boylar, kayiplar, "o", label="eğitilen küçük modeller")
ax.plot(olculen_n, olculen_kayip, "s", label="sonradan eğitilen")
ax.set(xscale="log", xlabel="parametre (bin)", ylabel="ayrılmış metinde kayıp (nat)")
ax.set_xticks([20e3, 50e3, 100e3, 200e3, 400e3], ["20", "50", "100", "200", "400"])
ax.minorticks_off()
ax.legend()
plt.show()
assert olculen_n == buyuk_n
assert np.all(np.diff(kayiplar) < 0), "büyük model aynı tokenlerle daha iyi öğrenmeli"
assert abs(tahmin - olculen_kayip) < 0.35, "eğri büyük modeli kestirebilmeli"

# %% [markdown]
# ## Bozalım: toplam, aynı veri, büyük yığın
#
# Dağıtık eğitimde yapılan üç yanlışı, dört süreçle ve aynı başlangıçla ölçelim:
#
# - **toplam**: gradyanlar ortalama alınmadan toplanır,
# - **aynı veri**: her süreç yığının aynı parçasını okur (örnekleyiciye kimliğini söylemeyi unutmak),
# - **büyük yığın**: süreç sayısı artınca yığın büyür, öğrenme hızı aynı kalır.


# %%
def dene(yontem: str, eniyileyici: str, hiz: float, surec: int = 4, satir: int = 8, adim: int = 80) -> float:
    """Ayrılmış metinde son kayıp."""
    torch.manual_seed(17)
    model = build_model(BICIM, SOZLUK)
    tur = {
        "AdamW": lambda p: torch.optim.AdamW(p, lr=hiz, betas=(0.9, 0.95)),
        "SGD": lambda p: torch.optim.SGD(p, lr=hiz),
    }
    opt = tur[eniyileyici](model.parameters())
    for n in range(adim):
        opt.param_groups[0]["lr"] = hiz * min(1.0, (n + 1) / 10) * (1 - 0.9 * n / adim)
        for p, gradyan in zip(model.parameters(), benim_gradyan(model, n * satir, satir, surec, yontem), strict=True):
            p.grad = gradyan
        opt.step()
    with torch.no_grad():
        return kayip(model, sinav).item()


son = {(yontem, "SGD"): dene(yontem, "SGD", 1.5, adim=40) for yontem in ("ortalama", "toplam")}
son |= {(yontem, "AdamW"): dene(yontem, "AdamW", 1e-2) for yontem in ("ortalama", "toplam", "aynı veri")}
for (yontem, ad), deger in son.items():
    print(f"{ad:<6} {yontem:<10} ayrılmış metinde kayıp {deger:.2f}".replace("nan", "NaN: eğitim dağıldı"))

# %% [markdown]
# **Toplam**, SGD'de öğrenme hızını süreç sayısıyla çarpmaktır: eğitim dağılır. AdamW ise gradyanı kendi büyüklüğüne böldüğü
# için aynı kaybı verir; yanlış *gizli kalır* ve ancak gradyan kırpmada, SGD'ye geçince ya da kayda bakınca ortaya çıkar.
# **Aynı veri** sessizce dört süreçlik işe tek süreçlik yığın sığdırır: dörtte bir metin, dört katı elektrik, daha yüksek kayıp.
# Kütüphane ikisini de ölçer: `World.share` her diziyi tek bir sürece verir, kayıp bütün süreçlerin etiket sayısına bölünür.

# %%
gorulen = {yontem: set() for yontem in ("share", "aynı veri")}
for sira in range(4):
    ilk, satir = World(sira, 4).share(0, 8)
    gorulen["share"].update(egitim.places(ilk, satir))
    gorulen["aynı veri"].update(egitim.places(*World(0, 4).share(0, 8)))
print(f"bir adımda görülen dizi: share ile {len(gorulen['share'])}, aynı veriyle {len(gorulen['aynı veri'])}")
assert gorulen["share"] == set(egitim.places(0, 8)), "süreçler yığının tamamını, birer kez okumalı"
assert not son["toplam", "SGD"] < son["ortalama", "SGD"] + 0.3, "toplanan gradyan SGD'yi dağıtmalı"
assert abs(son["toplam", "AdamW"] - son["ortalama", "AdamW"]) < 0.05, "AdamW'de toplam gizli kalır"
assert son["aynı veri", "AdamW"] > son["ortalama", "AdamW"] + 0.3, "aynı veriyi okumak öğrenmeyi yavaşlatmalı"

# %% [markdown]
# **Büyük yığın.** Token sayısı sabitken yığın 8 kat büyürse adım sayısı 8 kat azalır. Aynı öğrenme hızıyla model yolun
# başında kalır. SGD'de hız yığınla doğru orantılı (Goyal ve ark., 2017, arXiv 1706.02677), AdamW'de karekökü ile (Malladi ve
# ark., 2022, arXiv 2205.10287) büyütülür:

# %%
yiginla = {}
for satir, kat in ((8, 1.0), (64, 1.0), (64, 8**0.5), (64, 8.0)):
    yiginla[satir, kat] = dene("ortalama", "AdamW", 1e-2 * kat, surec=1, satir=satir, adim=800 // satir)
    print(f"yığın {satir:>2}, adım {800 // satir:>3}, öğrenme hızı × {kat:.1f}: kayıp {yiginla[satir, kat]:.2f}")
assert yiginla[64, 1.0] > yiginla[8, 1.0] + 0.5
assert yiginla[64, 8**0.5] < yiginla[64, 1.0]

# %% [markdown]
# Karekök kuralı kaybın bir kısmını geri getirir, tamamını değil: bu kadar az adımda hiçbir hız küçük yığına yetişemez. Her
# eğitimin bir **kritik yığını** vardır (McCandlish ve ark., 2018, arXiv 1812.06162); onun altında yığını büyütmek süreyi
# kısaltır, üstünde yalnız token harcar.
#
# ## Alıştırmalar
#
# **1.** Parçaların ortalaması, *parçalar eşit sayıda etiket taşıdığında* bütünün ortalamasıdır. İkinci yarının etiketlerinin
# çoğunu dolgu (−100) yapın ve ortalamaların ortalamasının yanlış olduğunu gösterin. Kütüphanenin yolunu (toplamı, bütün
# etiketlerin sayısına bölmek) uygulayın ve bütünle eşitliğini kanıtlayın.
#
# **2.** `ModelConfig(n_kv_heads=4)` 134 M'lik modelin önbelleğini kaça böler, A100'de 64 dizilik üretim tavanını kaç kat
# yükseltir? İşlem tavanını hesaba katmayın.
#
# **3.** Elinizde bir 4090 ve 24 saat var. Tablodaki MFU ile kaç işlem yapar, Chinchilla oranıyla (token = 20 × parametre)
# en büyük kaç parametreli modeli eğitirsiniz? $C = 6ND$ yeter.

# %% tags=["cozum"]
# Çözüm 1: payda bütün süreçlerin etiket sayısıdır.
yigin = egitim.take(0, 8)
etiketler = yigin.labels.clone()
etiketler[4:, 5:] = -100


def gradyani(etiket: Tensor, satirlar: slice, bolen: float | None) -> Tensor:
    """Satırların gradyanı; bölen yoksa kendi etiketlerinin ortalaması."""
    model.zero_grad()
    toplam = F.cross_entropy(model(yigin.inputs[satirlar]).flatten(0, 1), etiket[satirlar].flatten(), reduction="sum")
    (toplam / (bolen or (etiket[satirlar] != -100).sum())).backward()
    return torch.cat([p.grad.flatten() for p in model.parameters()])


yarilar = slice(0, 4), slice(4, 8)
tam = gradyani(etiketler, slice(0, 8), None)
yanlis = sum(gradyani(etiketler, yari, None) for yari in yarilar) / 2
dogru = sum(gradyani(etiketler, yari, float((etiketler != -100).sum())) for yari in yarilar)
esit_mi(dogru, tam)
print(f"ortalamaların ortalaması bütünden %{100 * (yanlis - tam).norm() / tam.norm():.0f} ayrılır")
assert (yanlis - tam).norm() > 0.1 * tam.norm()

# %% tags=["cozum"]
# Çözüm 2: 12 yerine 4 anahtar başı önbelleği üçe böler.
gruplu = replace(buyuk, n_kv_heads=4)
esit_mi(onbellek_bayti(buyuk, 1024) / onbellek_bayti(gruplu, 1024), 3.0)


def bellek_tavani(bicim: ModelConfig, yigin: int) -> float:
    """A100'ün bant genişliğiyle saniyede token."""
    agirlik = 2 * (bicim.parameters(32_000) - 32_000 * bicim.d_model)
    return GPULAR["A100"][3] * 1e9 * yigin / (agirlik + yigin * onbellek_bayti(bicim, 1024))


print(f"{bellek_tavani(gruplu, 64) / bellek_tavani(buyuk, 64):.1f} kat")
assert 2.5 < bellek_tavani(gruplu, 64) / bellek_tavani(buyuk, 64) < 3.0

# %% tags=["cozum"]
# Çözüm 3: C = 6 · N · 20N, yani N = √(C / 120).
gunluk_islem = tepeler["RTX 4090"] * 1e12 * GPULAR["4090"][1] * 24 * 3600
en_buyuk_n = (gunluk_islem / 120) ** 0.5
print(f"{gunluk_islem:.1e} işlem: {en_buyuk_n / 1e6:.0f} milyon parametre, {20 * en_buyuk_n / 1e9:.1f} milyar token")
esit_mi(6 * en_buyuk_n * 20 * en_buyuk_n, gunluk_islem)
assert 200e6 < en_buyuk_n < 240e6

# %% [markdown]
# ## Sırada ne var
#
# Kurs burada bitiyor. Artık ham metinden konuşan, kaynak gösteren bir modele giden her adımı yazdınız, kanıtladınız ve bir kez
# de bozdunuz. Kendi modelinize başlamak için `fidan doctor recipes/turkish-134m.toml`, sonra `fidan run
# recipes/turkish-134m.toml --out runs/134m`.
#
# - Kod: `src/fidan/training/distributed.py`, `memory.py`, `pace.py`; `src/fidan/doctor.py`, `src/fidan/hardware.py`.
# - Derlem aşamasını makinelere yaymak (Slurm, Ray): `docs/scaling.md`.
# - Makaleler: Kaplan ve ark. (2020, arXiv 2001.08361); Hoffmann ve ark. (2022, arXiv 2203.15556); Rajbhandari ve ark. (2020,
#   ZeRO, arXiv 1910.02054); McCandlish ve ark. (2018, arXiv 1812.06162).
