# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 8. İleri besleme, normalizasyon, artık bağlantı, DropPath
#
# **Soru.** Yirmi dört kişi kulaktan kulağa oynuyor. Son kişiye hangi söz ulaşır? Ve söz yanlış çıktıysa ilk kişi
# hatasını nereden öğrenir? Yirmi dört katmanlı bir model de böyle bir sıradır: söz ileri gider, hata geri döner.
#
# Bu bölümün sonunda bir bloğun dikkat dışındaki bütün parçalarını kendiniz yazmış olacaksınız: ileri besleme (GELU,
# SwiGLU), normalizasyon (LayerNorm, RMSNorm), artık bağlantı, Dropout, DropPath, LayerScale. Sonra onları birer birer
# söküp yirmi dört katmanın başına ne geldiğini ölçeceksiniz. Önceden bilmeniz gereken: matris çarpımı ve türev.

# %%
import math
from collections.abc import Callable

import torch
from matplotlib import pyplot as plt
from torch import Tensor, nn
from torch.nn import functional as F

from fidan.kurs import esit_mi, kaynak, ornek_belgeler
from fidan.model.block import Block
from fidan.model.config import ModelConfig
from fidan.model.drop_path import drop_path, drop_path_rate
from fidan.model.feedforward import GELU, GeGLU, SwiGLU
from fidan.model.layer_scale import LayerScale
from fidan.model.norm import LayerNorm, RMSNorm

_ = torch.manual_seed(8)

# %% [markdown]
# ## Kuram
#
# ### İleri besleme: her token kendi başına
#
# Dikkat, tokenler arasında bilgi taşır. **İleri besleme** ise taşınanı işler: her konumun vektörünü tek başına alır, daha
# geniş bir uzaya açar, orada büker ve geri daraltır. Bükme olmasaydı iki matris tek bir matrise çarpılırdı ve katman
# eklemenin hiçbir yararı kalmazdı.
#
# $$\operatorname{FFN}_{\text{GELU}}(x) = W_{\text{down}}\,\operatorname{GELU}(W_{\text{up}}\,x), \qquad
# \operatorname{GELU}(x) = x\,\Phi(x) = \tfrac{x}{2}\left(1 + \operatorname{erf}\tfrac{x}{\sqrt 2}\right)$$
#
# $\Phi(x)$, normal dağılan bir sayının $x$'ten küçük olma olasılığıdır (Hendrycks ve Gimpel, 2016, arXiv 1606.08415).
# **SwiGLU** bir matris daha kullanır: birinci çarpım bükülür ve ikincisinin neresinin geçeceğine öğe öğe karar verir,
# tıpkı bir kapı gibi (Shazeer, 2020, arXiv 2002.05202):
#
# $$\operatorname{SwiGLU}(x) = W_{\text{down}}\left(\operatorname{SiLU}(W_{\text{gate}}\,x) \odot W_{\text{up}}\,x\right), \qquad
# \operatorname{SiLU}(x) = \frac{x}{1 + e^{-x}}$$
#
# Üç matris iki matristen pahalıdır; eşit parametre için genişlik üçte ikiye iner. 134M modelinde $D = 768$ için
# $4D = 3072$ yerine $d_{ff} = 2048$ olmasının nedeni budur.

# %%
x = torch.linspace(-4, 4, 401, requires_grad=True)
islevler = {"ReLU": F.relu, "GELU": F.gelu, "SiLU": F.silu}
fig, (sol, sag) = plt.subplots(1, 2, figsize=(8, 3))
for ad, islev in islevler.items():
    (turev,) = torch.autograd.grad(islev(x).sum(), x)
    sol.plot(x.detach(), islev(x).detach(), label=ad)
    sag.plot(x.detach(), turev, label=ad)
sol.set(xlabel="girdi x", ylabel="etkinleştirme f(x)", ylim=(-0.6, 4))
sag.set(xlabel="girdi x", ylabel="türev f′(x)")
sol.legend()
plt.show()

# %% [markdown]
# ReLU'nun türevi eksi tarafta tam sıfırdır: oraya düşen bir nöron gradyan almaz. GELU ve SiLU'nun küçük bir çukuru
# vardır; eksi taraftan da geri dönebilirler.
#
# ### Normalizasyon: her vektör aynı boya
#
# Katmanlar üst üste bindikçe vektörlerin boyu değişir. Normalizasyon her vektörü işlenmeden önce aynı boya getirir.
# **LayerNorm** (Ba ve ark., 2016, arXiv 1607.06450) ortalamayı çıkarır ve standart sapmaya böler, **RMSNorm** (Zhang ve
# Sennrich, 2019, arXiv 1910.07467) yalnızca karelerin ortalamasının köküne böler:
#
# $$\operatorname{LayerNorm}(x) = \frac{x - \bar x}{\sqrt{\operatorname{var}(x) + \epsilon}} \odot g + b, \qquad
# \operatorname{RMSNorm}(x) = \frac{x}{\sqrt{\frac1D \sum_i x_i^2 + \epsilon}} \odot g$$
#
# Elle bir örnek: $x = (3, 4, 0, 5)$. Karelerin ortalaması $50 / 4 = 12{,}5$, kökü $3{,}54$. RMSNorm $(0{,}85;\ 1{,}13;\ 0;\ 1{,}41)$
# verir. LayerNorm önce ortalamayı, 3'ü çıkarır: $(0, 1, -3, 2)$; varyans $14/4 = 3{,}5$, kökü $1{,}87$; sonuç
# $(0;\ 0{,}53;\ -1{,}60;\ 1{,}07)$. RMSNorm'da sıfır sıfır kalır.
#
# ### Artık bağlantı: söz yazılı kalsın
#
# Kulaktan kulağa oyununda her kişi sözü baştan söyler. Oysa bir kâğıt elden ele dolaşsa ve herkes kâğıda yalnızca bir
# **ekleme** yapsa ilk söz sonuna kadar durur. Artık bağlantı budur (He ve ark., 2015, arXiv 1512.03385):
#
# $$x \leftarrow x + f(x) \qquad\Longrightarrow\qquad \frac{\partial\,(x + f(x))}{\partial x} = I + J_f$$
#
# $I$ terimi gradyana katmanların arasından kesintisiz bir yol açar. Artık bağlantı olmazsa $L$ katmanın türevi $J_L \cdots J_2 J_1$
# çarpımıdır: çarpanlar 1'den küçükse söner, büyükse patlar. İkisini de göreceğiz.
#
# Normalizasyonun yeri de önemlidir. $N$ normalizasyon, $f$ alt katman (dikkat ya da ileri besleme) olsun:
#
# | yer | formül | nerede |
# |---|---|---|
# | sonra (post) | $N(x + f(x))$ | 2017'nin ilk Transformer'ı; akışın kendisi normalize edilir |
# | önce (pre) | $x + f(N(x))$ | Llama; kütüphanede `norm_place = "pre"`. Akışa dokunulmaz (Xiong ve ark., 2020, arXiv 2002.04745) |
# | sandviç | $x + N(f(N(x)))$ | T5Gemma; kütüphanede `norm_place = "sandwich"`. Hiçbir alt katman akışı boğamaz |
#
# ### Dropout, DropPath, LayerScale
#
# Üçü de alt katmanın akışa **eklediği** şeye uygulanır. *Dropout* (Srivastava ve ark., 2014) eğitimde tek tek değerleri
# siler. *DropPath* (Huang ve ark., 2016, arXiv 1603.09382) bir dizi için alt katmanın tamamını siler: model o adımda
# daha sığdır, katmanlar birbirine yaslanamaz. İkisi de $p$ olasılıkla siler ve kalanı $1 - p$'ye böler; beklenen değer
# böylece değişmez: $(1 - p) \cdot \frac{x}{1 - p} + p \cdot 0 = x$. *LayerScale* (Touvron ve ark., 2021, arXiv
# 2103.17239) küçük başlayan, öğrenilen bir çarpandır.
#
# ## Elle yazalım
#
# Her parça bir iki satırdır.


# %%
def benim_gelu(x: Tensor) -> Tensor:
    """x çarpı, normal bir sayının x'ten küçük olma olasılığı."""
    return x * 0.5 * (1 + torch.erf(x / math.sqrt(2)))


def benim_silu(x: Tensor) -> Tensor:
    """x çarpı sigmoid(x)."""
    return x / (1 + torch.exp(-x))


def benim_gelu_ffn(x: Tensor, up: Tensor, down: Tensor) -> Tensor:
    """(…, D) → (…, D); ağırlıklar nn.Linear'daki gibi (çıktı, girdi) biçimindedir."""
    return benim_gelu(x @ up.T) @ down.T


def benim_swiglu(x: Tensor, gate: Tensor, up: Tensor, down: Tensor) -> Tensor:
    """Birinci çarpım bükülür, ikincisinin kapısı olur."""
    return (benim_silu(x @ gate.T) * (x @ up.T)) @ down.T


def benim_rmsnorm(x: Tensor, g: Tensor, eps: float = 1e-5) -> Tensor:
    """Karelerin ortalamasının köküne böl."""
    return x / (x.square().mean(-1, keepdim=True) + eps).sqrt() * g


def benim_layernorm(x: Tensor, g: Tensor, b: Tensor, eps: float = 1e-5) -> Tensor:
    """Ortalamayı çıkar, sapmaya böl."""
    x = x - x.mean(-1, keepdim=True)
    return x / (x.square().mean(-1, keepdim=True) + eps).sqrt() * g + b


def benim_droppath(x: Tensor, p: float, tohum: int) -> Tensor:
    """(B, T, D): her satırı p olasılıkla sil, kalanı 1 - p'ye böl."""
    torch.manual_seed(tohum)
    kalan = torch.empty(x.shape[0]).bernoulli_(1 - p)
    return x * kalan[:, None, None] / (1 - p)


# %% [markdown]
# ## Kütüphanede
#
# İleri beslemenin iki çeşidi ve iki normalizasyon:

# %%
kaynak(SwiGLU)

# %%
kaynak(RMSNorm)

# %%
kaynak(LayerNorm)

# %%
kaynak(drop_path)

# %% [markdown]
# Sizin yazdığınızdan iki farkı var. Normalizasyon, girdi bf16 olsa bile **fp32'de** hesaplanır: kareler toplamı yarım
# duyarlıkta kaybolur. Bir de DropPath'in oranı katmana göre büyür; ilk katmanlar neredeyse hiç silinmez:

# %%
kaynak(drop_path_rate)

# %% [markdown]
# Bir alt katmanın akışa nasıl bağlandığı ise tek bir yerde yazılıdır. Yukarıdaki tabloyu, Dropout'u, DropPath'i ve
# LayerScale'i bu on beş satırda bulun:

# %%
kaynak(Block._added)

# %% [markdown]
# ## Kanıt
#
# Önce elle örneğimiz, sonra rastgele sayılar. Kazançları da rastgele seçiyoruz; hepsi 1 olsaydı unutulmuş bir çarpanı
# göremezdik.

# %%
ornek = torch.tensor([3.0, 4.0, 0.0, 5.0])
esit_mi(RMSNorm(4, 0.0)(ornek), ornek / 12.5**0.5)
esit_mi(LayerNorm(4, 0.0)(ornek), torch.tensor([0.0, 1.0, -3.0, 2.0]) / 3.5**0.5)

x = 3 * torch.randn(2, 7, 32) + 1
rms, katman_normu = RMSNorm(32, 1e-5), LayerNorm(32, 1e-5)
for parametre in [rms.weight, katman_normu.weight, katman_normu.bias]:
    _ = nn.init.normal_(parametre)
esit_mi(benim_rmsnorm(x, rms.weight), rms(x))
esit_mi(benim_layernorm(x, katman_normu.weight, katman_normu.bias), katman_normu(x))

gelu, swiglu = GELU(32, 96), SwiGLU(32, 64)
esit_mi(benim_gelu_ffn(x, gelu.up_proj.weight, gelu.down_proj.weight), gelu(x))
kapili = [swiglu.gate_proj.weight, swiglu.up_proj.weight, swiglu.down_proj.weight]
esit_mi(benim_swiglu(x, *kapili), swiglu(x))

satirlar = torch.randn(1000, 1, 8)
benim = benim_droppath(satirlar, 0.3, tohum=1)
_ = torch.manual_seed(1)
esit_mi(benim, drop_path(satirlar, 0.3))

# %% [markdown]
# Şimdi bağlantılar. Bir bloğun dikkatini susturursak ($W_o = 0$) geriye akış, normalizasyon ve ileri besleme kalır.
# Önce pre, sonra sandviç. LayerScale de açık, çarpanı 0,1.

# %%
for yer in ("pre", "sandwich"):
    bicim = ModelConfig(
        d_model=32, n_layers=1, n_heads=2, d_ff=64, norm_place=yer, layer_scale=0.1, positions="sinusoidal"
    )
    blok = Block(bicim, layer=0)
    _ = nn.init.zeros_(blok.self_attn.o_proj.weight)
    agirlik = dict(blok.mlp.named_parameters())
    kapili = [agirlik[f"{ad}_proj.weight"] for ad in ("gate", "up", "down")]
    bir = torch.ones(32)
    eklenen = benim_swiglu(benim_rmsnorm(x, bir), *kapili)
    if yer == "sandwich":
        eklenen = benim_rmsnorm(eklenen, bir)
    print(f"{yer:<9}", end="")
    esit_mi(x + 0.1 * eklenen, blok(x, None, None))

# %% [markdown]
# ## Bozalım: yirmi dört katmandan parça sökmek
#
# Küçük bir model kuralım: bir bayt okusun, sonraki baytı tahmin etsin. Gövdesi kütüphanenin `SwiGLU` ve `RMSNorm`
# katmanlarından 24 tanesi. Dikkat yok; bu bölümün konusu değil. İki anahtarımız var: artık bağlantı ve normalizasyon.


# %%
KATMAN, GENISLIK = 24, 32
Silme = Callable[[Tensor], Tensor]  # eğitimde eklenene uygulanan; birazdan DropPath olacak


class Kule(nn.Module):
    """24 ileri besleme; artık bağlantısı ve normalizasyonu sökülebilir."""

    def __init__(self, artik: bool, norm: bool, silme: Silme | None = None) -> None:
        super().__init__()
        self.artik, self.norm, self.silme = artik, norm, silme
        self.gomme = nn.Embedding(256, GENISLIK)
        self.katmanlar = nn.ModuleList(SwiGLU(GENISLIK, 88) for _ in range(KATMAN))
        self.normlar = nn.ModuleList(RMSNorm(GENISLIK, 1e-5) for _ in range(KATMAN + 1))
        self.cikis = nn.Linear(GENISLIK, 256, bias=False)

    def forward(self, baytlar: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Logitler ve her katmandaki akış."""
        akis = [self.gomme(baytlar)]
        for katman, norm in zip(self.katmanlar, self.normlar, strict=False):
            x = akis[-1]
            eklenen = katman(norm(x) if self.norm else x)
            if self.training and self.silme:
                eklenen = self.silme(eklenen)
            akis.append(x + eklenen if self.artik else eklenen)
        son = self.normlar[-1](akis[-1]) if self.norm else akis[-1]
        return self.cikis(son), akis


# %% [markdown]
# Karşılaştırmak için iki çizgi: baytların yalnızca **sıklığını** bilen bir tahminin kaybı ve bir önceki bayta bakan en
# iyi tahminin kaybı (ikili sayımlar). Bir bayt görüp sonrakini tahmin eden model ikincisinin altına inemez.

# %%
metin = torch.tensor(list("".join(ornek_belgeler(100_000)).encode()))
ikili = torch.zeros(256, 256, dtype=torch.float64)
_ = ikili.index_put_((metin[:-1], metin[1:]), torch.ones(len(metin) - 1, dtype=torch.float64), accumulate=True)
toplam = ikili.sum()
siklik_kaybi = -(ikili.sum(0) / toplam * (ikili.sum(0) / toplam).clamp_min(1e-12).log()).sum().item()
ikili_kaybi = (
    -(ikili / toplam * (ikili / ikili.sum(1, keepdim=True).clamp_min(1)).clamp_min(1e-12).log()).sum().item()
)
print(
    f"hiçbir şey bilmeyen: ln 256 = {math.log(256):.2f}   sıklık: {siklik_kaybi:.2f}   ikili sayım: {ikili_kaybi:.2f}"
)


# %% [markdown]
# Dört kuleyi aynı tohumla kurup aynı baytlarla eğitiyoruz. İlk adımda akışın boyunu (rms) ve kaybın akışa göre
# gradyanını katman katman not ediyoruz.


# %%
def kuleyi_egit(kule: Kule, adim: int = 60) -> tuple[list[float], list[float], list[float]]:
    """Kayıplar; ilk adımda her katmandaki akışın rms'si ve gradyanının boyu."""
    eniyileyici = torch.optim.AdamW(kule.parameters(), 3e-3, fused=True)
    kayiplar, boylar, gradyanlar = [], [], []
    for n in range(adim):
        yer = torch.randint(len(metin) - 1, (256,))
        logitler, akis = kule(metin[yer])
        for x in akis:
            x.retain_grad()
        kayip = F.cross_entropy(logitler, metin[yer + 1])
        kayip.backward()
        if n == 0:
            boylar = [x.detach().square().mean().sqrt().item() for x in akis]
            gradyanlar = [x.grad.norm().item() for x in akis]
        eniyileyici.step()
        eniyileyici.zero_grad()
        kayiplar.append(kayip.item())
    return kayiplar, boylar, gradyanlar


KULELER = {
    "ikisi de var": (True, True),
    "norm yok": (True, False),
    "artık yok": (False, True),
    "ikisi de yok": (False, False),
}
olculen = {}
for ad, (artik, norm) in KULELER.items():
    _ = torch.manual_seed(8)
    olculen[ad] = kuleyi_egit(Kule(artik, norm))

# %%
print("              akışın boyu      gradyanın boyu      kayıp")
print("kule          ilk    son       ilk       son       ilk    en büyük  son 10 adım")
for ad, (kayiplar, boylar, gradyanlar) in olculen.items():
    son = sum(kayiplar[-10:]) / 10
    print(
        f"{ad:<12}  {boylar[0]:<5.2f}  {boylar[-1]:<8.2g}  {gradyanlar[0]:<8.2g}  {gradyanlar[-1]:<8.2g}  "
        f"{kayiplar[0]:<5.2f}  {max(kayiplar):<8.3g}  {f'{son:.2f}' if son < 100 else 'patladı'}"
    )

fig, (sol, orta, sag) = plt.subplots(1, 3, figsize=(8, 3.2))
for ad, (kayiplar, boylar, gradyanlar) in olculen.items():
    sol.plot([b or float("nan") for b in boylar], label=ad)
    orta.plot([g or float("nan") for g in gradyanlar])
    sag.plot(kayiplar)
sag.axhline(siklik_kaybi, color="gray", linestyle=":")
sag.axhline(ikili_kaybi, color="gray", linestyle=":")
sag.text(0, siklik_kaybi, "sıklık", ha="left", va="bottom", color="gray", fontsize=8)
sag.text(0, ikili_kaybi, "ikili sayım", ha="left", va="bottom", color="gray", fontsize=8)
sol.set(yscale="log", xlabel="katman", ylabel="akışın boyu (rms)")
orta.set(yscale="log", xlabel="katman", ylabel="gradyanın boyu")
sag.set(xlabel="adım", ylabel="kayıp (nat/bayt)", ylim=(1.8, 7))
fig.legend(*sol.get_legend_handles_labels(), loc="outside upper center", ncols=4)
plt.show()

# %% [markdown]
# Dört kule, dört ayrı son:
#
# - **İkisi de var.** Akışın ve gradyanın boyu baştan sona aynı kalır; kayıp ikili sayımın sınırına doğru iner.
# - **Norm yok.** İlk adım sağlıklı görünür. Sonra ağırlıklar biraz büyür, akış biraz büyür; onu normalize eden kimse
#   yoktur, SwiGLU iki büyük sayıyı çarpar ve bu 24 kez yinelenir. Kule bir yandan öğrenir, bir yandan kaybı kimi
#   adımda milyarların üstüne sıçrar: sağdaki dikey çizgiler.
# - **Artık bağlantı yok.** Norm akışı ayakta tutar, ama gradyan geriye doğru yaklaşık **bin kat büyür**: çarpım bu kez
#   sönmez, patlar. Model baytların sıklığını öğrenir (çıkış katmanı bunu tek başına yapar), gördüğü baytı ise hiç
#   kullanamaz: kaybı “sıklık” çizgisinde kalır. Söz son kişiye ulaşmamıştır.
# - **İkisi de yok.** Her katman akışı küçültür; altıncı katmandan önce sayılar fp32'nin en küçük sayısının da altına iner
#   ve tam **0** olur. Gradyan da tam sıfırdır; kayıp $\ln 256$'dan kıpırdamaz.

# %%
kayip = {ad: sum(kayiplar[-10:]) / 10 for ad, (kayiplar, _, _) in olculen.items()}
gradyan_orani = {ad: gradyanlar[0] / gradyanlar[-1] for ad, (_, _, gradyanlar) in olculen.items()}
assert kayip["ikisi de var"] < 2.9
assert 0.3 < gradyan_orani["ikisi de var"] < 3, "artık bağlantı gradyanı taşımalı"
assert not max(olculen["norm yok"][0]) < 1e3, "normsuz kule patlamalı"
assert gradyan_orani["artık yok"] > 100, "artık bağlantısız gradyan katman katman büyümeli"
assert abs(kayip["artık yok"] - siklik_kaybi) < 0.15, "artık bağlantısız kule sıklıktan fazlasını öğrenmemeli"
assert olculen["ikisi de yok"][2][0] == 0.0, "ilk katmana gradyan ulaşmamalı"
assert abs(kayip["ikisi de yok"] - math.log(256)) < 0.05

# %% [markdown]
# ### Bölmeyi unutan DropPath
#
# $1 - p$'ye bölmeyi unutan bir DropPath eğitimde yanlış görünmez. Ama değerlendirmede hiçbir şey silinmez ve her katman
# akışa eğitimde gördüğünün $1/(1-p)$ katını ekler. Bir bloktan aynı vektörü 20.000 kez geçirelim; eğitimde eklenenin
# ortalamasını değerlendirmede eklenene oranlayalım. 1 olmalı.

# %%
ORAN = 0.5


def bolmeyen_droppath(x: Tensor) -> Tensor:
    """DropPath, ama kalan 1 - p'ye bölünmüyor."""
    return x * x.new_empty(x.shape[0], 1, 1).bernoulli_(1 - ORAN)


def oran(egitimde: Tensor, degerlendirmede: Tensor) -> float:
    """Eğitimde eklenenin ortalaması, değerlendirmede eklenenin kaç katı?"""
    return ((egitimde.mean(0) * degerlendirmede[0]).sum() / degerlendirmede[0].square().sum()).item()


_ = torch.manual_seed(8)
bicim = ModelConfig(d_model=32, n_layers=1, n_heads=2, d_ff=64, drop_path=ORAN, positions="sinusoidal")
blok = Block(bicim, layer=0)
_ = nn.init.zeros_(blok.self_attn.o_proj.weight)
ayni = torch.randn(1, 1, 32).expand(20_000, 1, 32)
with torch.no_grad():
    tam = blok.eval()(ayni, None, None) - ayni
    kutuphane_orani = oran(blok.train()(ayni, None, None) - ayni, tam)
    bolmeyen_orani = oran(bolmeyen_droppath(tam), tam)
silinen = (drop_path(torch.ones(20_000, 1, 1), 0.3) == 0).float().mean().item()
print(
    f"kütüphane {kutuphane_orani:.2f}   bölmeyen {bolmeyen_orani:.2f}   0,3 oranında silinen satırlar: {silinen:.2f}"
)
assert abs(kutuphane_orani - 1) < 0.03, "DropPath ortalamayı kaydırıyor"
assert abs(bolmeyen_orani - (1 - ORAN)) < 0.03
assert abs(silinen - 0.3) < 0.02

# %% [markdown]
# 24 katmanda ne olur? Aynı kuleyi iki DropPath'le eğitip her kip için akışın sonunda birikenin boyuna ve kayba bakalım.


# %%
def satir_satir(silme: Silme) -> Silme:
    """(N, D)'nin her satırı ayrı bir dizi sayılsın."""
    return lambda x: silme(x[:, None])[:, 0]


yer = torch.arange(4000)
boy = {}
print("DropPath  kip             biriken (rms)  kayıp")
for ad, silme in {"bölen": lambda x: drop_path(x, ORAN), "bölmeyen": bolmeyen_droppath}.items():
    _ = torch.manual_seed(8)
    kule = Kule(True, True, satir_satir(silme))
    _ = kuleyi_egit(kule)
    for kip in ("eğitim", "değerlendirme"):
        with torch.no_grad():
            logitler, akis = kule.train(kip == "eğitim")(metin[yer])
        boy[ad, kip] = (akis[-1] - akis[0]).square().mean().sqrt().item()
        kayip = F.cross_entropy(logitler, metin[yer + 1]).item()
        print(f"{ad:<8}  {kip:<14}  {boy[ad, kip]:>13.2f}  {kayip:>5.2f}")

# %% [markdown]
# Bölende iki kip aynı boyu verir; bölmeyende değerlendirmedeki akış eğitimdekinin yaklaşık 1,75 katıdır. Kayıp az
# bozulur, çünkü son RMSNorm boyu siler: normalizasyon böyle hataları **gizler**. Bu yüzden parçaları kayıpla değil,
# tanımlarıyla sınarız.

# %%
assert abs(boy["bölen", "eğitim"] / boy["bölen", "değerlendirme"] - 1) < 0.15
assert boy["bölmeyen", "değerlendirme"] > 1.4 * boy["bölmeyen", "eğitim"]

# %% [markdown]
# ## Alıştırmalar
#
# **1.** Gemma'nın kapısı SiLU değil, GELU'nun tanh'lı yaklaşımıdır:
# $\frac{x}{2}\left(1 + \tanh\left(\sqrt{2/\pi}\,(x + 0{,}044715\,x^3)\right)\right)$. `benim_geglu` yazın, kütüphanenin
# `GeGLU` sınıfıyla karşılaştırın.
#
# **2.** Hangi normalizasyon neyi görmez? $x$'i 5'le çarpınca ve $x$'e 5 ekleyince RMSNorm'un ve LayerNorm'un çıktısı
# değişir mi? Dördünü de sınayın.
#
# **3.** $D = 768$ için genişliği $4D$ olan `GELU` ile aynı sayıda parametresi olan `SwiGLU`'nun genişliği kaçtır? Hesaplayın
# ve gerçekten sayın.
#
# **4.** LayerScale'in çarpanı 0'a giderken yeni kurulmuş bir blok neye yaklaşır? $10^{-1}$, $10^{-3}$, $10^{-5}$ için
# `blok(x) - x` farkının boyunu ölçün.


# %% tags=["cozum"]
# Çözüm 1: kapı tanh'lı GELU'dan geçer.
def benim_geglu(x: Tensor, gate: Tensor, up: Tensor, down: Tensor) -> Tensor:
    """down(gelu(gate(x)) * up(x))."""
    kapi = x @ gate.T
    kapi = 0.5 * kapi * (1 + torch.tanh(math.sqrt(2 / math.pi) * (kapi + 0.044715 * kapi**3)))
    return (kapi * (x @ up.T)) @ down.T


x = torch.randn(2, 7, 32)
geglu = GeGLU(32, 64)
esit_mi(benim_geglu(x, geglu.gate_proj.weight, geglu.up_proj.weight, geglu.down_proj.weight), geglu(x))

# %% tags=["cozum"]
# Çözüm 2: ikisi de çarpanı görmez; eklenen sabiti yalnızca LayerNorm görmez.
rms, katman_normu = RMSNorm(32, 1e-9), LayerNorm(32, 1e-9)
esit_mi(rms(5 * x), rms(x))
esit_mi(katman_normu(5 * x), katman_normu(x))
esit_mi(katman_normu(x + 5), katman_normu(x), sinir=1e-5)
assert (rms(x + 5) - rms(x)).abs().max() > 0.5, "RMSNorm eklenen sabiti görür"

# %% tags=["cozum"]
# Çözüm 3: 2 · D · 4D = 3 · D · F, yani F = 8D / 3.
genislik = 8 * 768 // 3
sayilar = [sum(p.numel() for p in kat.parameters()) for kat in (GELU(768, 4 * 768), SwiGLU(768, genislik))]
print(f"genişlik {genislik}, parametre sayısı {sayilar[1]:_}".replace("_", "."))
assert genislik == 2048
assert sayilar[0] == sayilar[1]

# %% tags=["cozum"]
# Çözüm 4: birim dönüşüme; farkın boyu çarpanla orantılıdır.
boylar = []
for carpan in (1e-1, 1e-3, 1e-5):
    _ = torch.manual_seed(1)
    blok = Block(ModelConfig(d_model=32, n_layers=1, n_heads=2, d_ff=64, layer_scale=carpan), layer=0)
    boylar.append((blok(x, None, None) - x).norm().item())
    esit_mi(LayerScale(32, carpan)(x), carpan * x)
print("fark:", ", ".join(f"{boy:.1e}" for boy in boylar))
assert boylar[0] > 50 * boylar[1] > 50 * 50 * boylar[2]

# %% [markdown]
# ## Sırada ne var
#
# Bütün parçalar elimizde. **9. bölümde** onları bir bloğa, blokları iki modele diziyoruz.
#
# - Kod: `src/fidan/model/feedforward.py`, `norm.py`, `drop_path.py`, `layer_scale.py`; hepsini bağlayan `block.py`.
# - Makaleler: He ve ark., *Deep Residual Learning* (arXiv 1512.03385); Xiong ve ark., *On Layer Normalization in the
#   Transformer Architecture* (arXiv 2002.04745); Shazeer, *GLU Variants Improve Transformer* (arXiv 2002.05202).
