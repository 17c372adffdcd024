# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 3. Gömme ve konum
#
# **Soru.** “Ali Ayşe'yi gördü” ile “Ayşe Ali'yi gördü” aynı dört parçadan kurulur: *Ali*, *Ayşe*, *'yi*, *gördü*. Kimin
# kimi gördüğünü yalnızca sıra söyler. Bir model parçaların sırasını nereden bilir?
#
# Bu bölümün sonunda bir token kimliğini vektöre çevirmeyi, konumu üç ayrı yolla (sinüs dalgaları, öğrenilmiş vektörler,
# RoPE) vermeyi kendiniz yazmış; RoPE'nin işareti ya da düzeni karışan bir modelin ne kadar kötüleştiğini ölçmüş
# olacaksınız. Önceki bölümden yalnızca şunu bilmeniz yeter: metin, sözlükteki sıra numaralarına (token kimliklerine) çevrilir.
# Dikkatin formülüne de burada birkaç kez dokunacağız; ayrıntısı 4. bölümdedir.

# %%
import math
from copy import deepcopy

import torch
from matplotlib import pyplot as plt
from torch import Tensor, nn
from torch.nn import functional as F

from fidan.export.gguf import interleaved
from fidan.kurs import esit_mi, kaynak, ornek_belgeler, ornek_calistirma
from fidan.model.attention import SelfAttention
from fidan.model.build import build_model
from fidan.model.config import ModelConfig
from fidan.model.positions import sinusoids
from fidan.model.rope import rope_table, rotate
from fidan.model.stack import Stack
from fidan.trained import open_trained
from fidan.turkish import grouped

_ = torch.manual_seed(3)

# %% [markdown]
# ## Kuram
#
# ### Gömme: numaradan vektöre
#
# Token kimliği yalnızca bir sıra numarasıdır: 17, 16'ya 400'den daha “yakın” değildir. Bu yüzden her tokene $D$ sayılık
# bir vektör verilir. Vektörler $(V, D)$ biçimli bir matriste durur ($V$ sözlüğün büyüklüğü) ve eğitimle öğrenilir. $t$ kimliğinin
# vektörü, matrisin $t$ numaralı satırıdır. Bunu bir matris çarpımı olarak da yazabiliriz: $t$ yerinde 1, başka her yerde 0
# olan $e_t$ vektörü (İngilizcesi *one-hot*) matrisle çarpılınca o satırı seçer:
#
# $$x = e_t^\top E = E_{t,:}$$
#
# ### Konum 1: sinüs dalgaları
#
# Vaswani ve ark. (2017, arXiv 1706.03762, bölüm 3.5) gömmeye, konumdan hesaplanan bir vektör ekler. $p$ konum, $i$ çiftin
# numarasıdır:
#
# $$P_{p,\,2i} = \sin\!\left(p \cdot 10000^{-2i/D}\right) \qquad P_{p,\,2i+1} = \cos\!\left(p \cdot 10000^{-2i/D}\right)$$
#
# Bir saatin kolları gibi: ilk çift hızlı döner (yelkovan), sonrakiler yavaş (akrep). Bütün kollara birlikte bakan, saatin kaç
# olduğunu bilir.
#
# ### Konum 2: öğrenilmiş vektörler
#
# Dalga yerine, her konuma gömme gibi öğrenilen bir vektör de verilebilir (GPT-2 böyleydi). Basittir; ama eğitimde
# görülmemiş bir konumun vektörü rastgele kalır.
#
# ### Konum 3: RoPE
#
# Su ve ark. (2021, arXiv 2104.09864) hiçbir şey **eklemez**: dikkatte kullanılan sorgu ve anahtarı konumları kadar **döndürür**. Başın
# $K$ sayısını $K/2$ çifte ayıralım. Her çift, düzlemde bir nokta, yani bir karmaşık sayıdır: $z = a + bj$. $p$ konumundaki
# tokenin $i$ numaralı çifti $p\,\theta_i$ açısıyla döner:
#
# $$\tilde z = z\, e^{\,j\,p\,\theta_i} \qquad \theta_i = \theta^{-2i/K}, \quad \theta = 10000$$
#
# $p$ konumundaki sorgu ile $s$ konumundaki anahtarın nokta çarpımı, karmaşık sayılarla şöyledir ($\bar k$, $k$'nin eşleniği):
#
# $$\tilde q \cdot \tilde k = \operatorname{Re}\sum_i q_i\, e^{\,j\,p\,\theta_i}\; \overline{k_i\, e^{\,j\,s\,\theta_i}}
# = \operatorname{Re}\sum_i q_i\, \bar k_i\; e^{\,j\,(p-s)\,\theta_i}$$
#
# Konumların kendisi yok oldu, yalnızca **uzaklık** $p - s$ kaldı. “Üç token önceki ek” demek için cümlenin neresinde
# olduğunuzun önemi yoktur.
#
# **Sayılarla.** $K = 2$, $\theta_0 = 1$ olsun ve her konum 90° dönsün (gerçekte 1 radyan, 57,3° döner). $q = (1, 0)$ konum 2'de 180°
# döner: $(-1, 0)$. $k = (1, 0)$ konum 1'de 90° döner: $(0, 1)$. Nokta çarpımları 0'dır. İkisini beş konum kaydırın: açılar
# 630° ve 540° olur, yani $(0, -1)$ ile $(-1, 0)$; çarpım yine 0. Aradaki açı, 90°, hiç değişmedi.

# %%
dalgalar = sinusoids(64, 48)
fig, (sol, sag) = plt.subplots(1, 2, figsize=(8, 3.2), width_ratios=(3, 2))
resim = sol.imshow(dalgalar.T, cmap="PiYG", aspect="auto", vmin=-1, vmax=1)
sol.set(xlabel="konum", ylabel="vektörün öğesi", title="Sinüs dalgaları")
fig.colorbar(resim, ax=sol, label="değer")
benzerlik = dalgalar @ dalgalar.T / (dalgalar[0] @ dalgalar[0])
for p in (8, 32, 56):
    sag.plot(benzerlik[p], label=f"konum {p}")
sag.set(xlabel="konum", ylabel="nokta çarpımı / en büyüğü", title="Kim kime benziyor?", ylim=(0, 1.2))
sag.legend(ncols=3, fontsize=7, loc="upper center", columnspacing=0.8, handlelength=1.0)
plt.show()

# %% [markdown]
# Solda her sütun bir konumun vektörüdür: üst satırlar hızlı, alt satırlar yavaş dalgalanır; en alttakiler 64 konumda
# yerinden kıpırdamaz gibidir. Sağda bir konumun vektörü ötekilerle çarpılıyor: eğrinin biçimi hep aynıdır, yalnızca yeri
# kayar. Komşu konumlar birbirine en çok benzeyenlerdir.
#
# RoPE'nin çiftlerini de çizelim. Her ok, $(1, 0)$ diye başlayan bir çiftin bir konumdaki yeridir:

# %%
cos, sin = rope_table(8, 8, 10_000.0)
fig, eksenler = plt.subplots(1, 4, figsize=(8, 2.4))
for cift, ax in enumerate(eksenler):
    ax.add_patch(plt.Circle((0, 0), 1, fill=False, color="lightgray"))
    for p in range(8):
        x, y = float(cos[p, cift]), float(sin[p, cift])
        renk = plt.get_cmap("viridis")(p / 8)
        ax.plot([0, x], [0, y], color=renk, linewidth=1.2)
        ax.plot(x, y, "o", color=renk, markersize=4)
        if cift == 0 or (cift == 1 and p in (0, 7)):
            ax.text(1.22 * x, 1.22 * y, str(p), ha="center", va="center", fontsize=8)
    ax.set(xlim=(-1.45, 1.45), ylim=(-1.45, 1.45), aspect="equal", xticks=[], yticks=[])
    ax.set_title(f"çift {cift}: konum başına\n{math.degrees(10_000.0 ** (-cift / 4)):.3g}°", fontsize=9)
    ax.spines[:].set_visible(False)
plt.show()

# %% [markdown]
# Sayılar konumlardır (0–7). Birinci çift sekiz konumda bir turu aşar, dördüncüsü yerinden kıpırdamaz gibidir: hızlılar
# komşuları ayırır, yavaşlar uzağı.
#
# ## Elle yazalım
#
# Üç işlev. RoPE'yi bilerek formüldeki gibi karmaşık sayılarla yazıyoruz; kütüphane başka türlü hesaplar, sonuç aynı
# çıkmalıdır. Başın $i$ numaralı sayısı $i + K/2$ numaralı ile çifttir (Hugging Face'in Llama düzeni: “yarı yarıya”).


# %%
def benim_gomme(kimlikler: Tensor, tablo: Tensor) -> Tensor:
    """(B, T) kimlik ve (V, D) tablo → (B, T, D): bir tek yeri 1 olan vektörlerle çarparak."""
    birler = (kimlikler[..., None] == torch.arange(len(tablo))).float()
    return birler @ tablo


def benim_dalgalar(konum_sayisi: int, genislik: int) -> Tensor:
    """(konum_sayisi, genislik) sinüs tablosu, formüldeki gibi sayı sayı."""
    tablo = torch.empty(konum_sayisi, genislik)
    for p in range(konum_sayisi):
        for i in range(genislik // 2):
            aci = p * 10_000.0 ** (-2 * i / genislik)
            tablo[p, 2 * i], tablo[p, 2 * i + 1] = math.sin(aci), math.cos(aci)
    return tablo


def benim_dondur(x: Tensor, konumlar: Tensor, theta: float = 10_000.0) -> Tensor:
    """(…, T, K) → (…, T, K): her çift, konumu kadar döner."""
    yari = x.shape[-1] // 2
    z = torch.complex(x[..., :yari], x[..., yari:])
    acilar = konumlar[:, None].float() * theta ** (-torch.arange(yari) / yari)
    z = z * torch.exp(1j * acilar)
    return torch.cat((z.real, z.imag), -1)


# %% [markdown]
# ## Kütüphanede
#
# Sinüs tablosu, RoPE'nin tablosu ve döndürme. Kütüphane karmaşık sayı kullanmaz (bf16'da yoktur); $(a + bj)(c + sj)$ çarpımını
# $ac - bs$ ve $bc + as$ diye açar:

# %%
kaynak(sinusoids)

# %%
kaynak(rope_table)

# %%
kaynak(rotate)

# %% [markdown]
# Gömmenin nerede toplandığını yığıtın `embed` işlevi gösterir. Sizinkinde olmayan iki ayrıntı: sinüslü modelde gömme
# önce $\sqrt{D}$ ile çarpılır ki dalgaların yanında sesi duyulsun; eğitimde bir kısmı düşürülür (*Dropout*, 8. bölüm).

# %%
kaynak(Stack.embed)

# %% [markdown]
# ## Kanıt
#
# Önce parçalar tek tek:

# %%
tablo = nn.Embedding(50, 16)
kimlikler = torch.randint(50, (2, 12))
esit_mi(benim_gomme(kimlikler, tablo.weight), tablo(kimlikler))
esit_mi(benim_dalgalar(40, 16), sinusoids(40, 16))

x = torch.randn(2, 3, 40, 16)
cos, sin = rope_table(40, 16, 10_000.0)
esit_mi(benim_dondur(x, torch.arange(40)), rotate(x, cos, sin))
dortte_bir = torch.tensor([[[[1.0, 0.0]]]])  # 90° dönünce (0, 1) olmalı: saatin tersine
esit_mi(rotate(dortte_bir, torch.zeros(1, 2), torch.ones(1, 2)), torch.tensor([[[[0.0, 1.0]]]]))

# %% [markdown]
# Sonra üç modelin girişi. Aynı kimlikler, üç ayrı konum yolu:

# %%
for yol in ("sinusoidal", "learnt", "rope"):
    sekil = ModelConfig(d_model=16, n_layers=1, n_heads=2, d_ff=32, context=40, positions=yol)
    yigit = build_model(sekil, 50).model
    beklenen = benim_gomme(kimlikler, yigit.embed_tokens.weight)
    if yol == "sinusoidal":
        beklenen = beklenen * 16**0.5 + benim_dalgalar(12, 16)
    elif yol == "learnt":
        beklenen = beklenen + benim_gomme(torch.arange(12), yigit.embed_positions.weight)
    print(f"{yol:<11}", end=" ")
    esit_mi(beklenen, yigit.embed(kimlikler, slice(0, 12)))

# %% [markdown]
# **Puan yalnızca uzaklığa bağlı.** Sorgu ile anahtarı aynı miktarda kaydıralım; puan değişmemeli. fp32'de 1.000'e varan
# açıların yuvarlaması 1e-5 kadardır, sınırı ona göre açıyoruz. Elle yazdığımız formülle ise, kaydırmadan, ölçü yine 1e-6'dır.

# %%
q, k = torch.randn(16), torch.randn(16)
cos, sin = rope_table(1040, 16, 10_000.0)


def puan(p: int, s: int) -> Tensor:
    """p konumundaki q ile s konumundaki k'nin puanı, kütüphanenin döndürmesiyle."""
    donen_q, donen_k = (rotate(v[None, None, None], cos[n : n + 1], sin[n : n + 1]) for v, n in ((q, p), (k, s)))
    return (donen_q * donen_k).sum()


z_q, z_k = (torch.complex(v[:8], v[8:]) for v in (q, k))
formul = torch.stack(
    [(z_q * z_k.conj() * torch.exp(1j * n * 10_000.0 ** (-torch.arange(8) / 8))).real.sum() for n in range(20)]
)
esit_mi(formul, torch.stack([puan(n, 0) for n in range(20)]))
for kayma in (10, 100, 1000):
    esit_mi(formul, torch.stack([puan(n + kayma, kayma) for n in range(20)]), sinir=5e-5)

# %% [markdown]
# ## Bozalım: konumsuz, ters işaretli, karışık düzenli
#
# ### Konum olmazsa
#
# Baştaki iki cümleyi tek bir öz-dikkat katmanına verelim (iki yöne de bakan, kodlayıcıdaki gibi). *gördü* tokeninin
# çıktısı iki cümlede ne kadar farklı?

# %%
gommeler = dict(zip(["Ali", "Ayşe", "'yi", "gördü"], torch.randn(4, 32), strict=True))
cumleler = [["Ali", "Ayşe", "'yi", "gördü"], ["Ayşe", "Ali", "'yi", "gördü"]]
katman = SelfAttention(ModelConfig(d_model=32, n_heads=2), layer=0, causal=False)
tablolar = rope_table(4, 16, 10_000.0)

konum_farki = {}
for ad, (c, s) in {"konumsuz": (None, None), "RoPE ile": tablolar}.items():
    ciktilar = [katman(torch.stack([gommeler[t] for t in cumle])[None], c, s)[0, 3] for cumle in cumleler]
    konum_farki[ad] = ((ciktilar[0] - ciktilar[1]).norm() / ciktilar[0].norm()).item()
    print(f"{ad:<9} “gördü”nün çıktısındaki fark: {konum_farki[ad]:.4f}")

assert konum_farki["konumsuz"] < 1e-5, "konumsuz dikkat sırayı görmemeli"
assert konum_farki["RoPE ile"] > 0.01, "RoPE'li dikkat sırayı görmeli"

# %% [markdown]
# Konumsuz dikkat bir torba görür: kimin kimi gördüğünü ayırt edemez. RoPE ile çıktı, ağırlıklar daha eğitilmemişken bile
# sıraya göre değişir.
#
# ### Küçük theta
#
# $\theta$ küçülürse bütün çiftler hızlanır, saatin akrebi kalmaz. İki şeye bakalım:
#
# - bütün öğeleri 1 olan bir sorgu ile anahtarın puanı uzaklıkla nasıl değişiyor;
# - **samanlıkta iğne**: sorgunun tıpatıp aynısı olan bir anahtar $n$ token geride, yüz rastgele anahtarın arasında. En yüksek
#   puanı o mu alıyor?

# %%
uzaklik = torch.arange(513)
sorgular, saman = torch.randn(400, 64), torch.randn(400, 100, 64)
en_iyi_saman = (saman @ sorgular[:, :, None]).amax((1, 2))
egriler, bulunan = {}, {}
for theta in (2, 100, 10_000, 500_000):
    cos, sin = rope_table(513, 64, theta)
    egriler[theta] = rotate(torch.ones(1, 1, 513, 64), cos, sin)[0, 0] @ torch.ones(64) / 64
    donen = rotate(sorgular[:, None, None].expand(-1, 1, 513, -1), cos, sin)[:, 0]
    igne = (donen * sorgular[:, None]).sum(-1)
    bulunan[theta] = (igne > en_iyi_saman[:, None]).float().mean(0)[1:].unflatten(0, (32, 16)).mean(1)

fig, (sol, sag) = plt.subplots(1, 2, figsize=(8, 3))
for theta in egriler:
    sol.plot(uzaklik, egriler[theta], label=f"θ = {grouped(theta)}", linewidth=1)
    sag.plot(uzaklik[8:512:16], 100 * bulunan[theta], label=f"θ = {grouped(theta)}")
sol.set(xlabel="uzaklık (token)", ylabel="puan / en büyüğü", ylim=(-0.9, 1.6))
sag.set(xlabel="iğnenin uzaklığı (token)", ylabel="bulunan iğne (%)", ylim=(0, 105))
sol.legend(fontsize=8, ncols=2, loc="upper right")
plt.show()

print("                                    bulunan iğne, şu kadar token gerideyken")
print("        θ  en yavaş çiftin bir turu    1–16  113–128  497–512")
for theta, oran in bulunan.items():
    tur = grouped(round(2 * math.pi * theta ** (62 / 64)))
    print(f"{grouped(theta):>9} {tur:>19} token {oran[0]:>7.0%} {oran[7]:>8.0%} {oran[31]:>8.0%}")

# %%
esit_mi(benim_dondur(torch.ones(513, 64), uzaklik) @ torch.ones(64) / 64, egriler[10_000], sinir=1e-5)
assert bulunan[100][7] < 0.1 < 0.5 < bulunan[10_000][7], "küçük theta'da uzaktaki iğne kaybolmalı"

# %% [markdown]
# $\theta = 2$ iken en yavaş çift bile on iki tokende bir tur atar: yüz token gerideki iğne, sorgunun tıpatıp aynısı olduğu
# hâlde, samanın içinde kaybolur. $\theta = 10.000$ iken aynı uzaklıkta çoğu bulunur, $\theta = 500.000$ iken neredeyse hepsi:
# yavaş çiftler, uzaktaki anahtarın içeriğini bozmadan taşır. Uzun bağlamlı modeller $\theta$'yı bu yüzden büyütür. (Eğitilen
# bir model içerik için yavaş çiftleri seçebilir; buradaki rastgele vektörler seçemez, o yüzden bu sınav serttir.)
#
# ### Eğitilmiş bir modelin RoPE'sini bozmak
#
# Kursun küçük modeli (ilk çağrıda bir dakikada yetişir) RoPE ile eğitildi. Yeniden eğitmeden dört şey yapalım:
#
# - **konumsuz**: hiçbir şey dönmesin (kosinüs 1, sinüs 0);
# - **işareti ters**: herkes öteki yöne dönsün;
# - **düzeni karışık**: sorgu ve anahtar ağırlıkları çiftleri yan yana olan düzene ($2i$ ile $2i+1$) çevrilsin, ama döndürme
#   yarı yarıya kalsın. GGUF dosyalarının ünlü hatası budur: llama.cpp çiftleri yan yana bekler, Hugging Face yarı
#   yarıya; çeviri unutulur ya da iki kez yapılırsa model yüklenir, hata vermez ve kötüleşir;
# - **$\theta$ = 100**: tablo başka bir $\theta$ ile hesaplansın.
#
# Kaybı (10. bölüm; küçüğü iyidir) eğitimde olmayan öykülerde ölçüyoruz.


# %%
def donmez(model: nn.Module) -> None:
    """Açıları sıfırlar."""
    model.model.cos.fill_(1.0)
    model.model.sin.zero_()


def ters_doner(model: nn.Module) -> None:
    """Açıların işaretini çevirir."""
    model.model.sin.neg_()


def duzeni_karisir(model: nn.Module) -> None:
    """Sorgu ve anahtarın satırlarını, döndürmeden habersiz, yan yana düzene dizer."""
    for parca in model.modules():
        if isinstance(parca, SelfAttention):
            for matris in (parca.q_proj, parca.k_proj):
                matris.weight.data = torch.from_numpy(interleaved(matris.weight.detach().numpy(), parca.heads))


def baska_theta(model: nn.Module) -> None:
    """Tabloları θ = 100 ile yeniden yapar."""
    model.model.cos, model.model.sin = rope_table(model.config.context, model.config.head_width, 100.0)


# %%
egitilmis = open_trained(ornek_calistirma().out, torch.device("cpu"))
satirlar = [egitilmis.tokenizer.encode(metin, bos=True)[:129] for metin in ornek_belgeler(60_000, tohum=303)]
metin = torch.tensor([satir for satir in satirlar if len(satir) == 129])


@torch.inference_mode()
def metnin_kaybi(model: nn.Module) -> float:
    """Bir sonraki tokenin ortalama kaybı (nat)."""
    return F.cross_entropy(model(metin[:, :-1]).flatten(0, 1), metin[:, 1:].flatten()).item()


kayiplar = {"olduğu gibi": metnin_kaybi(egitilmis.model)}
yollar = {"konumsuz": donmez, "işareti ters": ters_doner, "düzeni karışık": duzeni_karisir, "θ = 100": baska_theta}
for ad, boz in yollar.items():
    bozuk = deepcopy(egitilmis.model)
    boz(bozuk)
    kayiplar[ad] = metnin_kaybi(bozuk)

print(f"{metin[:, 1:].numel()} token; kayıp (nat) ve şaşkınlık:")
for ad, kayip in kayiplar.items():
    print(f"  {ad:<15} {kayip:5.2f}  {math.exp(kayip):8.1f}")
fig, ax = plt.subplots(figsize=(6, 2.2))
ax.barh(list(kayiplar), list(kayiplar.values()), color=["#2e7d32", *["#ef6c00"] * 4])
ax.invert_yaxis()
ax.set(xlabel="kayıp (nat/token)")
plt.show()

# %% [markdown]
# Dört bozma da kaybı en az 0,5 nat artırır, en çok da konumun hiç olmaması. Öğrenilmiş sayıların hiçbiri değişmedi
# (üçüncüde yalnızca satırların sırası değişti), program da hata vermedi. Kayba bakmasaydınız fark eder miydiniz? Aynı istemi iki modele sürdürtelim:

# %%
assert min(list(kayiplar.values())[1:]) > kayiplar["olduğu gibi"] + 0.5, "RoPE'si bozulan model kötüleşmeli"


@torch.inference_mode()
def surdur(model: nn.Module, istem: str, yeni: int = 30) -> str:
    """İstemi en olası tokenlerle sürdürür (13. bölüm)."""
    kimlikler = egitilmis.tokenizer.encode(istem, bos=True)
    for _ in range(yeni):
        kimlikler.append(int(model(torch.tensor([kimlikler]))[0, -1].argmax()))
    return egitilmis.tokenizer.decode(kimlikler).replace("\n", " ")


print("olduğu gibi:   ", surdur(egitilmis.model, "Bir gün Ayşe"))
bozuk = deepcopy(egitilmis.model)
duzeni_karisir(bozuk)
print("düzeni karışık:", surdur(bozuk, "Bir gün Ayşe"))

# %% [markdown]
# Bozuk modelin metni ilk bakışta yine Türkçeye benzer. Bir dakikada yetişen sağlam model de acemidir; tek bir metne bakıp
# hangisinin bozuk olduğundan emin olamazsınız. Kayıp ise kuşkuya yer bırakmaz: şaşkınlık birkaç katına çıktı.
# Bu yüzden `fidan verify`, dışa aktarılan modelin logitlerini
# kütüphaneninkiyle karşılaştırır (15. bölüm).

# %% [markdown]
# ## Alıştırmalar
#
# **1.** **Gömmenin gradyanı.** Bir yığında yalnızca 3 ve 7 numaralı tokenler geçsin. Gömme matrisinin hangi satırları
# gradyan alır? Gradyanın matris çarpımıyla yazılan gömmedekiyle aynı olduğunu gösterin.
#
# **2.** **Dalgaların dönmesi.** $p + n$ konumunun sinüs vektörü, $p$'ninkinin $p$'ye bağlı olmayan bir matrisle çarpımıdır.
# $n = 5$ için bu matrisi kurun ve kütüphanenin tablosunda sınayın.
#
# **3.** **Yan yana düzen.** Çiftleri $2i$ ve $2i+1$ olan `yan_yana_dondur(x, konumlar)` yazın. Ağırlıkları `interleaved` ile dizilmiş
# sorgu ve anahtarlarla, bu düzende de puanların kütüphaneninkiyle aynı olduğunu gösterin: yanlış olan düzenin kendisi değil,
# karışmasıdır.
#
# **4.** **Konumsuz çözücü.** Nedensel maskeli (5. bölüm) *tek* katmanda, konumsuz, son token sırayı göremez. İki katmanda görür mü?

# %% tags=["cozum"]
# Çözüm 1: yalnızca geçen satırlar gradyan alır; öteki satırlar 0 ile çarpılmıştı.
tablo = nn.Embedding(10, 4)
yigin, agirlik = torch.tensor([[3, 7, 3]]), torch.randn(1, 3, 4)
(tablo(yigin) * agirlik).sum().backward()
kendi = tablo.weight.detach().clone().requires_grad_()
(benim_gomme(yigin, kendi) * agirlik).sum().backward()
esit_mi(kendi.grad, tablo.weight.grad)
assert tablo.weight.grad.abs().sum(1).nonzero().flatten().tolist() == [3, 7]

# %% tags=["cozum"]
# Çözüm 2: her (sin, cos) çifti n·θ_i kadar döner: sin(a + b) = sin a cos b + cos a sin b.
n, genislik = 5, 16
donus = torch.zeros(genislik, genislik)
for i in range(genislik // 2):
    b = n * 10_000.0 ** (-2 * i / genislik)
    donus[2 * i, 2 * i : 2 * i + 2] = torch.tensor([math.cos(b), math.sin(b)])
    donus[2 * i + 1, 2 * i : 2 * i + 2] = torch.tensor([-math.sin(b), math.cos(b)])
esit_mi(sinusoids(40, genislik)[:35] @ donus.T, sinusoids(40, genislik)[5:], sinir=5e-6)


# %% tags=["cozum"]
# Çözüm 3: yan yana sayılar birer karmaşık sayıdır; puan, satırların dizilişinden etkilenmez.
def yan_yana_dondur(x: Tensor, konumlar: Tensor) -> Tensor:
    """Çiftleri (2i, 2i + 1) olan RoPE."""
    z = torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous())
    frekans = 10_000.0 ** (-torch.arange(z.shape[-1]) / z.shape[-1])
    return torch.view_as_real(z * torch.exp(1j * konumlar[:, None] * frekans)).flatten(-2)


x, konumlar = torch.randn(12, 32), torch.arange(12)
w_q, w_k = torch.randn(16, 32), torch.randn(16, 32)
q, k = ((x @ w.T)[None, None] for w in (w_q, w_k))
q2, k2 = (yan_yana_dondur(x @ torch.from_numpy(interleaved(w.numpy(), 1)).T, konumlar) for w in (w_q, w_k))
tablolar = rope_table(12, 16, 10_000.0)
beklenen = rotate(q, *tablolar)[0, 0] @ rotate(k, *tablolar)[0, 0].T
esit_mi(q2 @ k2.T, beklenen)

# %% tags=["cozum"]
# Çözüm 4: görür. Birinci katmanda her token yalnızca kendinden öncekileri toplar; bu toplamlar sıraya göre değişir.
alt, ust = (SelfAttention(ModelConfig(d_model=32, n_heads=2), layer=n, causal=True) for n in (0, 1))
girdiler = [torch.stack([gommeler[t] for t in cumle])[None] for cumle in cumleler]
tek = [alt(x, None, None)[0, 3] for x in girdiler]
iki = [ust(x + alt(x, None, None), None, None)[0, 3] for x in girdiler]
esit_mi(tek[0], tek[1])
assert (iki[0] - iki[1]).norm() > 1e-3 * iki[0].norm()

# %% [markdown]
# Son alıştırmanın sonucu bilinen bir olgudur: nedensel maske konumu dolaylı yoldan ele verir; konumsuz çözücüler de
# eğitilebilir (Kazemnejad ve ark., 2023, arXiv 2305.19466).
#
# ## Sırada ne var
#
# Tokenlerin artık vektörü ve konumu var. **4. bölümde** birbirlerine bakmaya başlıyorlar.
#
# - Kod: `src/fidan/model/positions.py`, `src/fidan/model/rope.py`, `src/fidan/model/stack.py`; GGUF'a çeviri
#   `src/fidan/export/gguf.py`.
# - Su ve ark., *RoFormer* (2021, arXiv 2104.09864). Vaswani ve ark. (2017, arXiv 1706.03762), bölüm 3.5.
# - Uzun bağlam için $\theta$'yı büyütmek: Xiong ve ark. (2023, arXiv 2309.16039).
