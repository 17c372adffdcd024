# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 11. Eğitim döngüsü
#
# **Soru.** Sisli bir dağda, yalnızca ayağınızın altındaki eğimi hissederek vadiye inmek istiyorsunuz. Adımınız ne kadar
# olmalı? Ayağınızın altında birden uçurum açılırsa ne yaparsınız? Milyonlarca boyutlu bir dağda bir model de böyle iner.
#
# Bu bölümün sonunda geri yayılımı iki katmanlı bir ağda elle yapmış, AdamW'yi, öğrenme hızının planını, gradyan kırpmayı,
# biriktirmeyi ve EMA'yı yazmış, hepsini yirmi küsur satırlık bir döngüde birleştirip kütüphanenin eğitimiyle adım adım aynı
# kaybı almış olacaksınız. Gerekenler: 10. bölümdeki kayıp ve zincir kuralı.

# %%
import math
import shutil
import time
from collections.abc import Callable
from dataclasses import replace

import torch
from matplotlib import pyplot as plt
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import get_linear_schedule_with_warmup

from fidan.hardware import compile_problem
from fidan.kurs import esit_mi, kaynak, kurs_klasoru, ornek_calistirma
from fidan.model.build import build_model
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.model.feedforward import SwiGLU
from fidan.progress import SilentReporter
from fidan.recipe import TrainConfig
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.training import schedule
from fidan.training.batches import Batch, Batches
from fidan.training.checkpoint import checkpoints
from fidan.training.distributed import World
from fidan.training.ema import Average
from fidan.training.learner import Learner
from fidan.training.log import read_metrics
from fidan.training.loss import IGNORE
from fidan.training.loss_scale import LossScale
from fidan.training.next_token import NextToken
from fidan.training.objective import Objective
from fidan.training.optimizer import build_optimizers
from fidan.training.trainer import CHECKPOINTS, WEIGHTS, Trainer
from fidan.training.update import Update
from fidan.training.watch import GOOD, Watch
from fidan.weights import read_weights

_ = torch.manual_seed(11)

# %% [markdown]
# ## Kuram
#
# Döngü hep aynıdır: bir yığın alınır, kayıp hesaplanır, gradyan bulunur, bir adım atılır; sonra yeniden. En yalın adım
# düz gradyan inişidir:
#
# $$w \leftarrow w - \eta\, g$$
#
# $w$ bir ağırlık, $g$ kaybın ona göre türevi (gradyanı), $\eta$ öğrenme hızıdır. PyTorch'ta `kayip.backward()` gradyanları
# hesaplayıp her ağırlığın `.grad`'ına **ekler**; `zero_grad()` sonraki adımdan önce onları siler.
#
# ### Geri yayılım
#
# Kayıp, ağırlıkların uzun bir bileşke işlevidir. **Zincir kuralı** türevi sondan başa, her ara değeri bir kez kullanarak
# hesaplar (Rumelhart ve ark., 1986). İki katmanlı bir ağda $h = \tanh(W_1 x)$, $z = W_2 h$, $p = \mathrm{softmax}(z)$ ve $\ell$
# çapraz entropi ise:
#
# $$\begin{aligned}
# \frac{\partial \ell}{\partial z} &= p - y \\
# \frac{\partial \ell}{\partial W_2} &= (p - y)\,h^\top \\
# \frac{\partial \ell}{\partial h} &= W_2^\top (p - y) \\
# \frac{\partial \ell}{\partial W_1} &= \left(\frac{\partial \ell}{\partial h} \odot (1 - h^2)\right) x^\top
# \end{aligned}$$
#
# Burada $x$ bir sütun, $y$ doğru sınıfta 1, ötekilerde 0 olan vektördür. Kodda ise her satır bir örnektir (`x @ w1.T`), `y`
# sınıfların numaralarıdır, kayıp ortalama olduğu için gradyan `len(y)`'ye bölünür. Her türev bir öncekinin sonucunu kullanır.
# Geri yön ileri yönün yaklaşık iki katı iş tutar, çünkü her çarpım için iki türev gerekir: ağırlığa ve girdiye göre.
#
# ### AdamW
#
# Düz gradyan inişi her ağırlığa aynı hızı verir. Adam (Kingma ve Ba, 2014, arXiv 1412.6980) her ağırlığın gradyanının
# ortalamasını ($m$) ve karesinin ortalamasını ($v$) tutar, birini ötekinin köküne böler: adım gradyanın büyüklüğünden
# bağımsızlaşır. Ağırlık sönümü ($\lambda$) her adımda ağırlığı biraz küçültür: gradyanın ayakta tutmadığı ağırlık sıfıra
# döner, hiçbiri sınırsız büyümez. AdamW (Loshchilov ve Hutter, 2017, arXiv 1711.05101) onu bölmeden ayrı uygular:
#
# $$\begin{aligned}
# m &\leftarrow \beta_1 m + (1-\beta_1)\, g \\
# v &\leftarrow \beta_2 v + (1-\beta_2)\, g^2 \\
# w &\leftarrow w - \eta \left(\lambda w + \frac{m / (1-\beta_1^t)}{\sqrt{v / (1-\beta_2^t)} + \epsilon}\right)
# \end{aligned}$$
#
# $t$ adımın 1'den başlayan numarasıdır; küçücük $\epsilon$ sıfıra bölmeyi önler.
# $m$ ve $v$ sıfırdan başladığı için ilk adımlarda küçük kalır; $1-\beta^t$'ye bölmek bunu **düzeltir**. Elle: ilk adımda
# $m = 0{,}1\,g$ ve $v = 0{,}05\,g^2$ olur ($\beta_1 = 0{,}9$, $\beta_2 = 0{,}95$). Düzeltilince $g$ ve $g^2$; adım tam
# $\eta$ kadardır, gradyan ne olursa olsun.
#
# ### Öğrenme hızının planı
#
# İlk adımlarda $v$ birkaç örneğe dayanır, güvenilmez; bu yüzden hız küçükten başlayıp **ısınarak** çıkar. Sonda ise küçük
# adımlar gerekir; hız bir kosinüsle (arXiv 1608.03983), doğruyla ya da yalnız son bölümde düşen bir planla (WSD: ısın, sabit
# kal, in; arXiv 2405.18392) iner.
#
# ### Kırpma, biriktirme, EMA
#
# - **Kırpma** (Pascanu ve ark., 2012, arXiv 1211.5063): gradyanın boyu $c$'yi aşarsa $c/\|g\|$ ile çarpılır; yönü değişmez.
#   Adam tek bir adımı ölçekler, ama $m$ ve $v$ belleklidir: dev bir gradyan $m$'de kalır ve onlarca adım boyunca yenilerini
#   bastırır. Kırpma onu belleğe girmeden küçültür.
# - **Biriktirme**: belleğe sığmayan bir yığın parça parça geçirilir, gradyanlar toplanır. Her parçanın *toplam* kaybı, bütün
#   adımın token sayısına bölünürse sonuç büyük yığınınkiyle aynıdır.
# - **EMA**: ağırlıkların üstel hareketli ortalaması; gürültüsü süzülmüş, çoğu zaman daha iyi bir model. $n$. adımdan
#   (0'dan sayılır) sonra $\bar e \leftarrow c_n \bar e + (1 - c_n)\, w$; $c_n$ en çok $(1+n)/(10+n)$'dir. Başta küçüktür, yoksa
#   rastgele başlangıç uzun süre unutulmaz.
#
# ## Elle yazalım


# %%
def benim_geri_yayilimim(w1: Tensor, w2: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """(N, D) girdi, (N,) etiket → ortalama kayıp ve iki gradyan; autograd yok."""
    h = torch.tanh(x @ w1.T)
    p = (h @ w2.T).softmax(-1)
    kayip = -p[torch.arange(len(y)), y].log().mean()
    dz = (p - F.one_hot(y, p.shape[1])) / len(y)
    dh = dz @ w2
    return kayip, (dh * (1 - h**2)).T @ x, dz.T @ h


def benim_adamw(
    w: Tensor,
    g: Tensor,
    durum: dict[str, Tensor],
    t: int,
    hiz: float,
    sonum: float,
    b1: float = 0.9,
    b2: float = 0.95,
) -> None:
    """Bir ağırlığın t. adımı (1'den sayılır), yerinde."""
    m = durum["m"] = b1 * durum.get("m", torch.zeros_like(w)) + (1 - b1) * g
    v = durum["v"] = b2 * durum.get("v", torch.zeros_like(w)) + (1 - b2) * g**2
    adim = (m / (1 - b1**t)) / ((v / (1 - b2**t)).sqrt() + 1e-8)
    w -= hiz * (sonum * w + adim)


def benim_planim(tur: str, adim: int, toplam: int, isinma: int, son: float, inis: float = 0.2) -> float:
    """Hızın, tepe hıza oranı; adım 0'dan sayılır."""
    if adim < isinma:
        return (adim + 1) / isinma
    kalan = (toplam - adim - 1) / toplam  # bu adımdan sonra kalan pay
    isinmadan_sonra = 1 - isinma / toplam
    if tur == "cosine":
        boy = 0.5 * (1 + math.cos(math.pi * (1 - kalan / isinmadan_sonra)))
    else:
        inilen = isinmadan_sonra if tur == "linear" else min(inis, isinmadan_sonra)
        boy = min(1.0, kalan / inilen)
    return son + (1 - son) * boy


def benim_kirpma(gradyanlar: list[Tensor], sinir: float) -> tuple[list[Tensor], float]:
    """Hepsinin birlikte boyu sınırı aşıyorsa sınıra indir; boy da döner."""
    boy = torch.sqrt(sum(g.square().sum() for g in gradyanlar)).item()
    return [g / max(1.0, boy / sinir) for g in gradyanlar], boy


# %% [markdown]
# ## Kütüphanede
#
# Hangi ağırlığa ne kadar sönüm uygulanacağı rolüne bağlıdır: matrislere ve çıkış katmanına evet, gömmeye ve normlara hayır.
# (`_by_role` ağırlıkları bu dört role ayırır; Muon, matrisler için başka bir eniyileyicidir, 14. bölümde.)

# %%
kaynak(build_optimizers)

# %% [markdown]
# Bir adım ve ağırlıkların hareketi. Kırpma ayrı bir geçiş değildir; bölen olarak eniyileyiciye verilir. Kötü adımı
# atlamak da: `skip` 1 ise eniyileyici hiçbir şeye dokunmaz.

# %%
kaynak(Learner.move)

# %%
kaynak(schedule.rate)

# %% [markdown]
# EMA'da `lerp`, ortalamayı yeni ağırlığa doğru $1 - c_n$ payı kadar kaydırır; Kuram'daki formülün aynısıdır.

# %%
kaynak(Average.update)

# %% [markdown]
# ## Kanıt
#
# ### Geri yayılım

# %%
w1, w2 = torch.randn(16, 8, requires_grad=True), torch.randn(5, 16, requires_grad=True)
x, y = torch.randn(20, 8), torch.randint(5, (20,))
kayip = F.cross_entropy(torch.tanh(x @ w1.T) @ w2.T, y)
kayip.backward()
benim, g1, g2 = benim_geri_yayilimim(w1.detach(), w2.detach(), x, y)
esit_mi(benim, kayip)
esit_mi(g1, w1.grad)
esit_mi(g2, w2.grad)

# %% [markdown]
# ### AdamW: kütüphanenin eniyileyicisiyle beş adım
#
# Küçük bir çözücünün bütün ağırlıklarına rastgele gradyanlar verelim; kırpma 1'de, hız her adımda başka.

# %%
ayar = TrainConfig(tokens=100_000, learning_rate=0.01, weight_decay=0.1, warmup_steps=2)
kutuphaneninki = Decoder(ModelConfig(d_model=16, n_layers=1, n_heads=2, d_ff=32, context=16), 50)
benimki = {ad: p.detach().clone() for ad, p in kutuphaneninki.named_parameters()}
durumlar: dict[str, dict[str, Tensor]] = {ad: {} for ad in benimki}
eniyileyici = Update(build_optimizers(kutuphaneninki, ayar, torch.float32))


def sonumu(ad: str, p: Tensor) -> float:
    """Matrisler ve çıkış katmanı 0,1; gömme ve normlar 0."""
    return 0.0 if p.ndim < 2 or "embed" in ad else 0.1


for t in range(1, 6):
    for p in kutuphaneninki.parameters():
        p.grad = torch.randn_like(p) * 10.0 ** (3 - t)
    kirpilmis, boy = benim_kirpma([p.grad for p in kutuphaneninki.parameters()], 1.0)
    for (ad, w), g in zip(benimki.items(), kirpilmis, strict=True):
        benim_adamw(w, g, durumlar[ad], t, ayar.learning_rate / t, sonumu(ad, w))
    eniyileyici.set_rate(1 / t)
    eniyileyici.step(torch.tensor(max(1.0, boy)), torch.tensor(0.0))
for ad in ("model.embed_tokens.weight", "model.norm.weight", "model.layers.0.mlp.up_proj.weight", "lm_head.weight"):
    esit_mi(benimki[ad], kutuphaneninki.get_parameter(ad))
esit_mi(boy, torch.nn.utils.get_total_norm([p.grad for p in kutuphaneninki.parameters()]).item())

# %% [markdown]
# ### Plan: kütüphaneninki ve Transformers'ınki
#
# Transformers'ın doğrusal planı adımları 0'dan başlatır ve ilk adımın hızı 0'dır (boşa giden bir adım). Kütüphaneninki
# bir adım ileriden gider: ilk adımın hızı $1/\text{ısınma}$, son adımınki tam `final_learning_rate`.

# %%
TOPLAM, ISINMA = 100, 10
planlar = {}
for tur in ("cosine", "linear", "wsd"):
    ayar = TrainConfig(tokens=TOPLAM * 64, sequence_length=64, batch_size=1, schedule=tur, warmup_steps=ISINMA)
    planlar[tur] = [schedule.rate(ayar, n, (n + 1) / TOPLAM) for n in range(TOPLAM)]
    esit_mi([benim_planim(tur, n, TOPLAM, ISINMA, 0.1) for n in range(TOPLAM)], planlar[tur])

uzun = replace(ayar, warmup_steps=90)  # WSD: ısınmadan sonra inişten az yer kalıyor
uzun_plan = [schedule.rate(uzun, n, (n + 1) / TOPLAM) for n in range(TOPLAM)]
esit_mi([benim_planim("wsd", n, TOPLAM, 90, 0.1) for n in range(TOPLAM)], uzun_plan)

sifira = replace(ayar, schedule="linear", final_learning_rate=0.0)
bos = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=1.0)
onlarinki = get_linear_schedule_with_warmup(bos, ISINMA, TOPLAM)
onlarin = []
for _ in range(TOPLAM):
    bos.step()
    onlarinki.step()
    onlarin.append(onlarinki.get_last_lr()[0])
esit_mi(onlarin, [schedule.rate(sifira, n, (n + 1) / TOPLAM) for n in range(TOPLAM)])

fig, ax = plt.subplots(figsize=(6, 2.6))
for tur, plan in planlar.items():
    ax.plot(plan, label=tur)
ax.set(xlabel="adım", ylabel="hız / tepe hız", ylim=(0, 1.05))
ax.legend()
plt.show()

# %% [markdown]
# ### Yirmi küsur satırlık eğitim
#
# Şimdi hepsi bir arada. Yığınları kütüphaneden alıyoruz (10. bölümde sınadık); başlangıç ağırlıkları aynı tohumdan. İki
# kez 4 dizi bir adımdır. EMA'nın çarpanı 0,7'dir; $(1+n)/(10+n)$ ona $n = 20$'de ulaşır, yani otuz adımda ikisi
# de sınanır.

# %%
calistirma = ornek_calistirma()
tokenlastirici = Tokenizer.load(calistirma.folder("tokenizer"))
ADIM = 30
ayar = replace(
    calistirma.recipe.train,
    tokens=ADIM * 2 * 4 * 64,
    sequence_length=64,
    batch_size=4,  # bir geçişin dizileri
    accumulate=2,  # bir adımın geçişleri
    warmup_steps=5,
    optimizer="adamw",
    learning_rate=6e-3,
    ema=0.7,
    log_every=1,  # bundan sonrası: ne sıklıkla yazılsın, saklansın, ölçülsün
    checkpoint_every=10,
    keep_checkpoints=5,
    valid_every=ADIM,
    valid_tokens=2000,
    sample_every=0,
)
bicim = ModelConfig(d_model=64, n_layers=2, n_heads=2, d_ff=128, context=128)
tarif = replace(calistirma.recipe, train=ayar, model=bicim)
gorev = NextToken(tarif, calistirma.folder("pack"), tokenlastirici)


def benim_egitimim(yiginlar: Batches) -> tuple[Decoder, list[float], dict[str, Tensor]]:
    """Model, adım adım kayıplar, EMA."""
    torch.manual_seed(tarif.seed)
    model = build_model(bicim, tokenlastirici.vocab_size)
    durumlar = {ad: {} for ad, _ in model.named_parameters()}
    ema = {ad: p.detach().clone() for ad, p in model.named_parameters()}
    kayiplar = []
    dizi = ayar.batch_size * ayar.accumulate  # bir adımda
    for n in range(ADIM):
        kayip = 0.0
        for parca in range(ayar.accumulate):
            yigin = yiginlar.take(dizi * n + ayar.batch_size * parca, ayar.batch_size)
            logitler = model(yigin.inputs).flatten(0, 1)
            toplam = F.cross_entropy(logitler, yigin.labels.flatten(), reduction="sum")
            pay = toplam / (dizi * ayar.sequence_length)
            pay.backward()
            kayip += pay.item()
        oran = benim_planim(ayar.schedule, n, ADIM, ayar.warmup_steps, ayar.final_learning_rate)
        gradyanlar, _ = benim_kirpma([p.grad for p in model.parameters()], ayar.clip)
        with torch.no_grad():
            for (ad, p), g in zip(model.named_parameters(), gradyanlar, strict=True):
                benim_adamw(p, g, durumlar[ad], n + 1, oran * ayar.learning_rate, sonumu(ad, p))
                ema[ad] += (1 - min(ayar.ema, (1 + n) / (10 + n))) * (p - ema[ad])
        model.zero_grad()
        kayiplar.append(kayip)
    return model, kayiplar, ema


benim_model, benim_kayiplar, benim_ema = benim_egitimim(gorev.batches)

# %%
klasor = kurs_klasoru() / "bolum_11"
shutil.rmtree(klasor, ignore_errors=True)
_ = Trainer(gorev, klasor, SilentReporter()).run()
kayitlar = [kayit for kayit in read_metrics(klasor) if kayit["kind"] == "train"]
esit_mi(benim_kayiplar, [kayit["loss"] for kayit in kayitlar], sinir=1e-5)
agirliklar, ortalama = read_weights(klasor / WEIGHTS), read_weights(klasor / "ema.safetensors")
esit_mi(benim_model.lm_head.weight, agirliklar["lm_head.weight"], sinir=1e-4)
esit_mi(benim_ema["lm_head.weight"], ortalama["lm_head.weight"], sinir=1e-4)
for n in (0, 1, ADIM // 2 - 1, ADIM - 1):
    print(f"adım {n + 1:>2}: bizim {benim_kayiplar[n]:.5f}   kütüphane {kayitlar[n]['loss']:.5f}")

# %% [markdown]
# Otuz adımda, EMA'sıyla birlikte, aynı sayılar. Kütüphanenin yaptığı bundan çok da farklı bir şey değildir; fazlası
# birazdan göreceğimiz güvenlik ağlarıdır.
#
# ### Biriktirmek büyük yığına eşittir
#
# Sekiz diziyi bir kerede, sonra 4 + 4 olarak `Learner`'a verelim. Etiketlerin bir bölümünü de sayılmaz yapalım ki iki
# parçanın sayılan etiketleri eşit olmasın. Doğru payda **bütün adımın** etiket sayısıdır; parçaların ortalamasının
# ortalaması ise başka bir gradyan verir (Transformers'ta 2024'te düzeltilen hata buydu). `Learner`, modeli ve bir adımda
# değişen her şeyi tutar; `Trainer` onu kurup döngüyü yürütür.

# %%
ogrenen = Learner(
    tarif,
    ayar,
    tokenlastirici.vocab_size,
    lambda model, govde, tur: Objective(model, govde, tur, ayar, tokenlastirici.bos_id),
    World(),  # tek süreç
    None,  # sürdürülecek denetim noktası yok
    {},  # onun sayaçları da
    begin=lambda model: None,  # başlangıç ağırlıkları olduğu gibi kalsın
    say=print,
)
yigin = gorev.batches.take(0, 8)
etiket = yigin.labels.clone()
etiket[:4, 10:] = IGNORE  # ilk dört dizide yalnız 10 etiket sayılsın


def gradyan(parcalar: list[tuple[slice, float]]) -> Tensor:
    """Parçaları verilen paydalarla geçir; çıkış katmanının gradyanı."""
    ogrenen.optimizer.zero_grad()
    for dilim, payda in parcalar:
        ogrenen.accumulate(Batch(yigin.inputs[dilim], etiket[dilim]), 0, payda, last=True)
    return ogrenen.model.lm_head.weight.grad.clone()


hepsi, ilk, son = (int((e != IGNORE).sum()) for e in (etiket, etiket[:4], etiket[4:]))
tek = gradyan([(slice(0, 8), hepsi)])
esit_mi(gradyan([(slice(0, 4), hepsi), (slice(4, 8), hepsi)]), tek)
ortalamalar = gradyan([(slice(0, 4), 2 * ilk), (slice(4, 8), 2 * son)])
sapma = 100 * ((ortalamalar - tek).norm() / tek.norm()).item()
print(f"sayılan etiketler {ilk} + {son}; ortalamaların ortalaması gradyanı %{sapma:.0f} değiştirir")

# %% [markdown]
# ### Yarıda kalan eğitim
#
# Bir denetim noktası, sonraki adımın bağlı olduğu her şeyi tutar: ağırlıklar, $m$ ve $v$, EMA, sayaçlar. 10. adımın denetim
# noktasını başka bir klasöre koyup oradan sürdürelim. Sonuç yaklaşık değil, **bit bit** aynı olmalı.

# %%
yarida = kurs_klasoru() / "bolum_11_yarida"
shutil.rmtree(yarida, ignore_errors=True)
onuncu = checkpoints(klasor / CHECKPOINTS)[0]
_ = shutil.copytree(onuncu, yarida / CHECKPOINTS / onuncu.name)
_ = Trainer(NextToken(tarif, calistirma.folder("pack"), tokenlastirici), yarida, SilentReporter()).run()
surdurulen = read_weights(yarida / WEIGHTS)
assert all(torch.equal(surdurulen[ad], agirliklar[ad]) for ad in agirliklar)
print(f"{onuncu.name} → {ADIM}. adım: {len(agirliklar)} tensor, hepsi bit bit aynı")
print("denetim noktasında:", ", ".join(sorted(yol.name for yol in onuncu.iterdir())))

# %% [markdown]
# ### NaN denetimi: ağırlıklar oynamadan önce
#
# Bir gradyanın tek bir öğesi NaN olsun. Düz bir döngüde boy NaN olur, kırpma her gradyanı NaN yapar, bütün ağırlıklar
# bir adımda yok olur. Kütüphane önce yargılar, sonra oynatır. Sonlu olmayan kayıp ya da boy kötüdür. Son iyi adımların
# kaybının ortalaması (`recent`) belli olunca, yani `SETTLED` = 20 iyi adımdan sonra, onu `spike` nat (burada 2) aşan kayıp da:

# %%
kaynak(Watch.judge)

# %%
sade = Decoder(bicim, tokenlastirici.vocab_size)
duz = torch.optim.AdamW(sade.parameters(), 1e-3)
F.cross_entropy(sade(yigin.inputs).flatten(0, 1), yigin.labels.flatten()).backward()
sade.lm_head.weight.grad[0, 0] = float("nan")
_ = nn.utils.clip_grad_norm_(sade.parameters(), 1.0)
duz.step()
bozulan = sum(int(p.isnan().sum()) for p in sade.parameters())
print(f"düz döngü: {sade.parameter_count():_} ağırlığın {bozulan:_} tanesi NaN".replace("_", "."))

ogrenen.partial = torch.zeros(())
_ = gradyan([(slice(0, 8), hepsi)])
ogrenen.model.lm_head.weight.grad[0, 0] = float("nan")
onceki = {ad: p.detach().clone() for ad, p in ogrenen.model.named_parameters()}
ogrenen.move(0, 1.0)
(olay,) = ogrenen.watch.outcomes(0)
kipirdayan = sum(not torch.equal(onceki[ad], p) for ad, p in ogrenen.model.named_parameters())
print(f"kütüphane: kıpırdayan tensor {kipirdayan}, karar {'iyi' if olay.verdict == GOOD else 'kötü adım, atlandı'}")
assert bozulan == sade.parameter_count()
assert kipirdayan == 0, "kötü adım ağırlıkları oynatmamalı"
assert olay.verdict != GOOD

# %% [markdown]
# `Trainer` böyle bir adımda, hangi belgelerde olduğunu söyleyerek durur; `skip_bad_steps` ile belirli sayıda adımı atlayıp
# sürdürebilir. Sonraki adım sağlıklıysa eğitim kaldığı yerden gider:

# %%
ogrenen.partial = torch.zeros(())
_ = gradyan([(slice(0, 8), hepsi)])
ogrenen.move(1, 1.0)
assert ogrenen.watch.outcomes(1)[0].verdict == GOOD
assert not any(torch.equal(onceki[ad], p) for ad, p in ogrenen.model.named_parameters() if p.ndim > 1)

# %% [markdown]
# ### Karma duyarlık, kısaca
#
# Çarpımlar 16 bitle yapılırsa hem bellek hem zaman kazanılır; ağırlıkların aslı ve toplamlar fp32'de kalır (Micikevicius
# ve ark., 2017, arXiv 1710.03740). bf16'nın aralığı fp32'nin aynısıdır, ama iki–üç anlamlı basamak tutar. fp16 daha incedir, ama
# küçük gradyanları sıfırlar. Bu yüzden fp16'da kayıp önce büyük bir sayıyla çarpılır, eniyileyici geri böler:

# %%
olcek = LossScale(torch.device("cpu"), torch.float16)
kucuk = torch.tensor(1e-8)
print(f"1e-8 fp16'da: {kucuk.half().item():.1e}   bf16'da: {kucuk.bfloat16().item():.1e}")
print(
    f"{olcek.factor.item():.0f} ile çarpılıp fp16'da: {(kucuk * olcek.factor).half().item() / olcek.factor.item():.1e}"
)
print(f"1 + 0,001 bf16'da: {(torch.tensor(1.001).bfloat16()).item()}   (fp32'de 1.001)")
olcek.update(torch.tensor(1.0), torch.tensor(float("inf")))
esit_mi(olcek.factor, torch.tensor(32768.0))

# %% [markdown]
# Taşma görülünce (son satır) adım atlanır ve çarpan yarılanır.
#
# ### `torch.compile`, kısaca
#
# Python satır satır çalışırken her işlem belleği bir kez okur, bir kez yazar. `torch.compile` modülü bir kez izler,
# işlemlerin **grafını** çıkarır, komşu işlemleri tek çekirdekte birleştirir. SwiGLU'nun grafına bakalım; derleyici
# yerine grafı yazdırıp olduğu gibi çalıştıran bir arka uç veriyoruz:

# %%
ffn, girdi = SwiGLU(32, 88), torch.randn(4, 16, 32)
islemler: list[str] = []


def grafi_goster(graf: torch.fx.GraphModule, ornekler: list[Tensor]) -> Callable[..., object]:
    """Derlemeyen bir arka uç: işlemlerin adlarını not eder."""
    islemler.extend(dugum.name for dugum in graf.graph.nodes if dugum.op == "call_function")
    return graf.forward


esit_mi(torch.compile(ffn, backend=grafi_goster)(girdi), ffn(girdi))
print(" → ".join(islemler))

sorun = compile_problem(torch.device("cpu"))
if sorun:
    print(f"bu makinede derleyici yok, derlenmiş hali çalıştırılmadı: {sorun}")
else:
    basla = time.perf_counter()
    derlenmis = torch.compile(ffn)
    esit_mi(derlenmis(girdi), ffn(girdi), sinir=1e-5)
    print(f"ilk çağrı (derleme) {time.perf_counter() - basla:.0f} saniye sürdü")

# %% [markdown]
# (`linear_1` ikinci çarpımdır, `silu`'yu beklemez; `out` sondaki `down_proj`.) Derleyici iki çarpımı önce yapıp `silu` ile
# `mul`'u tek çekirdekte birleştirir: aradaki geniş vektör belleğe hiç yazılmaz. Derleme saniyeler, büyük modelde dakikalar
# alır; binlerce adımlık bir eğitimde GPU'da kazandırır, birkaç adımlık bir denemede kaybettirir. Tarifte
# `train.compile = true`; derleyici yoksa kütüphane bunu söyler ve onsuz sürdürür.
#
# ## Bozalım: ısınma, kırpma, düzeltme
#
# Aynı küçük model, aynı yığınlar, aynı tohum; her seferinde bir parça eksik (“hiçbiri”nde iki düzeltme birden).


# %%
def deney(
    tepe: float,
    isinma: int = 10,
    kirp: float = 1.0,
    b2: float = 0.95,
    duzelt: str = "m ve v",
    kotu_adim: int = -1,
) -> list[float]:
    """80 adımın kayıpları; kotu_adim'ın gradyanı 10.000 katına çıkar."""
    torch.manual_seed(11)
    model = Decoder(ModelConfig(d_model=64, n_layers=2, n_heads=2, d_ff=128, context=64), tokenlastirici.vocab_size)
    yiginlar = Batches(gorev.tokens, 32, seed=1)
    agirlik = list(model.parameters())
    m, v = ([torch.zeros_like(p) for p in agirlik] for _ in range(2))
    kayiplar = []
    for n in range(80):
        yigin = yiginlar.take(8 * n, 8)
        kayip = F.cross_entropy(model(yigin.inputs).flatten(0, 1), yigin.labels.flatten())
        gradyanlar = list(torch.autograd.grad(kayip, agirlik))
        if n == kotu_adim:
            gradyanlar = [10_000 * g for g in gradyanlar]
        if kirp:
            gradyanlar, _ = benim_kirpma(gradyanlar, kirp)
        hiz = tepe * min(1.0, (n + 1) / isinma) if isinma else tepe
        c1 = 1 - 0.9 ** (n + 1) if "m" in duzelt else 1.0
        c2 = 1 - b2 ** (n + 1) if "v" in duzelt else 1.0
        for p, g, mi, vi in zip(agirlik, gradyanlar, m, v, strict=True):
            mi.mul_(0.9).add_(g, alpha=0.1)
            vi.mul_(b2).addcmul_(g, g, value=1 - b2)
            p.data -= hiz * (mi / c1) / ((vi / c2).sqrt() + 1e-8)
        kayiplar.append(kayip.item())
    return kayiplar


DENEYLER = {
    "ısınma": {"ısınmalı, hız 0,1": {"tepe": 0.1, "isinma": 20}, "ısınmasız, hız 0,1": {"tepe": 0.1, "isinma": 0}},
    "kırpma (30. adım kötü)": {
        "kırpmalı": {"tepe": 0.01, "kotu_adim": 30},
        "kırpmasız": {"tepe": 0.01, "kirp": 0.0, "kotu_adim": 30},
    },
    "düzeltme (β₂ = 0,999)": {
        "m ve v": {"tepe": 0.01, "isinma": 0, "b2": 0.999},
        "hiçbiri": {"tepe": 0.01, "isinma": 0, "b2": 0.999, "duzelt": ""},
        "yalnız m": {"tepe": 0.01, "isinma": 0, "b2": 0.999, "duzelt": "m"},
    },
}
egriler = {baslik: {ad: deney(**secim) for ad, secim in grup.items()} for baslik, grup in DENEYLER.items()}

# %%
fig, eksenler = plt.subplots(3, 1, figsize=(5.5, 8), sharex=True, sharey=True)
print("deney                                       en büyük  son 10 adım")
for ax, (baslik, grup) in zip(eksenler, egriler.items(), strict=True):
    for ad, egri in grup.items():
        ax.plot(egri, label=ad)
        print(f"{baslik + ': ' + ad:<42}  {max(egri):>8.2f}  {sum(egri[-10:]) / 10:>11.2f}")
    ax.axhline(math.log(tokenlastirici.vocab_size), color="gray", linestyle=":")
    ax.set(title=baslik, ylabel="kayıp (nat/token)")
    ax.legend()
eksenler[-1].set(xlabel="adım")
plt.show()

# %% [markdown]
# - **Isınmasız** yüksek hızda model ilk adımlarda $\ln V$'nin (noktalı çizgi) çok üstüne fırlar. $v$ henüz bir iki yığına
#   dayanır; her ağırlık tam hızla, büyük ölçüde rastgele bir yöne gider. Bu küçük model 80 adımda toparlar; yitirdiği,
#   ilk adımlardır. (Hız 0,1 bu model için zaten çok yüksektir: ısınmalı eğri de ötekilerin 0,01 ile vardığı 5,5'e inemez.)
# - **Kırpmasız** tek bir kötü adım onlarca adım bozar: dev gradyan $m$'de kalır, model hep o tek yığının yönüne gider; $v$'de
#   kalır, sonraki adımlar küçücük olur. Kırpmada o adım öteki adımlardan farksızdır.
# - **Yalnız $m$ düzeltilirse** ilk adım $1/\sqrt{1 - 0{,}999} \approx 32$ kat büyüktür. Hiçbiri düzeltilmezse
#   $0{,}1/\sqrt{0{,}001} \approx 3$ kat. Kötü yanı: eğitim yine de öğrenir, kimse fark etmez, yalnızca daha kötü biter.

# %%
lnv = math.log(tokenlastirici.vocab_size)
isinmali, isinmasiz = egriler["ısınma"].values()
assert max(isinmasiz) > lnv + 1 > max(isinmali)
kirpmali, kirpmasiz = egriler["kırpma (30. adım kötü)"].values()
assert max(kirpmasiz[31:]) > max(kirpmali[31:]) + 0.5
assert sum(kirpmasiz[-10:]) > sum(kirpmali[-10:]) + 3
ikisi, hicbiri, yalniz_m = egriler["düzeltme (β₂ = 0,999)"].values()
assert max(yalniz_m) > max(hicbiri) > max(ikisi)
# Kütüphanenin ilk adımı, gradyan ne olursa olsun hız kadardır.
for carpan in (1e-3, 1.0, 1e3):
    yeni = Decoder(ModelConfig(d_model=16, n_layers=1, n_heads=2, d_ff=32, context=16), 50)
    once = yeni.model.embed_tokens.weight.detach().clone()  # gömmede sönüm yok
    for p in yeni.parameters():
        p.grad = carpan * torch.randn_like(p)
    yalin = TrainConfig(tokens=100_000, warmup_steps=2)
    adim = Update(build_optimizers(yeni, yalin, torch.float32))
    adim.set_rate(1.0)
    adim.step(torch.tensor(1.0), torch.tensor(0.0))
    boylar = (yeni.model.embed_tokens.weight - once).abs()
    esit_mi(boylar.median() / yalin.learning_rate, torch.tensor(1.0), sinir=1e-3)

# %% [markdown]
# ## Alıştırmalar
#
# **1.** `benim_geri_yayilimim`'i autograd'a bile güvenmeden sınayın: bir ağırlığı $10^{-6}$ oynatıp kaybın ne kadar
# değiştiğine bakın (fp64'te, sonlu farklar). Aynısı fp32'de ne verir?
#
# **2.** Sönümü gradyana eklemek (Adam + L2) ile AdamW'nin ayrık sönümü neden aynı değildir? Gradyanı sıfır olan bir
# ağırlığın ilk adımını ikisinde de hesaplayın ($\eta = 0{,}01$, $\lambda = 0{,}1$).
#
# **3.** EMA'nın çarpanı 0,999 iken bir adımın etkisi kaç adımda yarıya iner? `kaynak(Average)`'a bakın: ağırlığı 0 olan
# bir modülle, çarpanı 0,2 olarak kurun, sonra ağırlığı 1 yapın. İlk üç adımın her birinden sonra ortalamayı $1 - \prod c_n$ ile
# karşılaştırın.
#
# **4.** Üç planın altında kalan alanı (hızların toplamını) karşılaştırın: hangisi modelin en çok yol almasına izin
# verir? Ayarlar yukarıdaki çizimdekiler; kütüphanenin `schedule.rate(ayar, adim, done)` işlevini kullanın; `done`, bu
# adım bitince tamamlanan paydır.

# %% tags=["cozum"]
# Çözüm 1: (f(w + h) − f(w − h)) / 2h.
w1d, w2d, xd = torch.randn(16, 8).double(), torch.randn(5, 16).double(), x.double()
_, g1, _ = benim_geri_yayilimim(w1d, w2d, xd, y)
h = torch.zeros_like(w1d)
h[3, 2] = 1e-6
arti, eksi = (benim_geri_yayilimim(w1d + isaret * h, w2d, xd, y)[0] for isaret in (1, -1))
esit_mi((arti - eksi) / 2e-6, g1[3, 2])
# fp32'de kaybın son basamağı 5e-7 kadardır; 2h'ye bölününce 0,24'lük basamaklar olur, gradyan aralarında yiter.
arti, eksi = (benim_geri_yayilimim((w1d + isaret * h).float(), w2d.float(), x, y)[0] for isaret in (1, -1))
print(f"fp32'de fark / 2h: {(arti - eksi).item() / 2e-6}   gradyan: {g1[3, 2].item():.5f}")

# %% tags=["cozum"]
# Çözüm 2: ayrık sönüm w'yi ηλ oranında küçültür; L2'de sönümün boyu √v'ye bölünür, adım hep η olur.
w = torch.tensor([5.0, 0.5])
ayrik = w.clone()
benim_adamw(ayrik, torch.zeros(2), {}, 1, 0.01, 0.1)
l2 = w.clone()
benim_adamw(l2, 0.1 * w, {}, 1, 0.01, 0.0)
print("ayrık:", (w - ayrik).tolist(), " L2:", [round(fark, 4) for fark in (w - l2).tolist()])
esit_mi(w - ayrik, 0.01 * 0.1 * w)
esit_mi(w - l2, torch.full((2,), 0.01))

# %% tags=["cozum"]
# Çözüm 3: 0,999^n = 1/2 → n = ln 2 / −ln 0,999. Üçüncü adımda sınır 0,25'tir, çarpan 0,2 kalır.
yari = math.log(0.5) / math.log(0.999)
print(f"yarılanma: {yari:.0f} adım")
modul = nn.Linear(1, 1, bias=False)
_ = nn.init.zeros_(modul.weight)
ortalama_alan = Average(modul, 0.2)
_ = nn.init.ones_(modul.weight)
unutulan = 1.0
for n in range(3):
    ortalama_alan.update(n)
    unutulan *= min(0.2, (1 + n) / (10 + n))
    print(f"{n + 1}. adım: {ortalama_alan.tensors['weight'].item():.4f}", end="   ")
    esit_mi(ortalama_alan.tensors["weight"], torch.tensor([[1 - unutulan]]))
assert round(yari) == 693

# %% tags=["cozum"]
# Çözüm 4: kosinüs ile doğru aynı alanı bırakır; WSD uzun süre tepede kaldığı için çok daha fazlasını.
alan = {tur: sum(planlar[tur]) for tur in planlar}
print("  ".join(f"{tur} {toplam:.1f}" for tur, toplam in alan.items()))
esit_mi(
    list(alan.values()), [sum(benim_planim(tur, n, TOPLAM, ISINMA, 0.1) for n in range(TOPLAM)) for tur in planlar]
)
assert abs(alan["cosine"] - alan["linear"]) < 0.5
assert alan["wsd"] > 1.4 * alan["cosine"]

# %% [markdown]
# ## Sırada ne var
#
# Baştaki dağa dönelim. Adımın boyunu plan ve Adam belirler; uçuruma karşı kırpma ve yargı vardır; sis yığının gürültüsüdür,
# onu $m$ ile EMA süzer.
#
# Model eğitildi; peki ne kadar iyi? Kayıp tek başına yetmez, çünkü tokenlaştırıcıya bağlıdır. **12. bölümde** ölçütler var.
#
# - Kod: `src/fidan/training/trainer.py` döngünün kendisi, `learner.py` bir adım, `optimizer.py`, `schedule.py`, `watch.py`,
#   `ema.py`, `checkpoint.py`.
# - Makaleler: Kingma ve Ba, *Adam* (arXiv 1412.6980); Loshchilov ve Hutter, *Decoupled Weight Decay Regularization* (arXiv
#   1711.05101); Micikevicius ve ark., *Mixed Precision Training* (arXiv 1710.03740).
