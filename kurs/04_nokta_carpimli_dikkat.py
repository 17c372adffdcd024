# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 4. Nokta çarpımlı dikkat
#
# **Soru.** “Kedi ağaca çıktı, çünkü *o* korkmuştu.” Bir model *o* sözcüğünü okurken *kedi*nin bilgisine nasıl ulaşır?
# Cümlenin neresine bakacağını kim söyler?
#
# Bu bölümün sonunda ölçekli nokta çarpımlı dikkati on beş satırda kendiniz yazmış, kütüphanenin koduyla karşılaştırmış,
# ölçeği unutunca ne olduğunu sayılarla görmüş olacaksınız. Önceki bölümden yalnızca şunu bilmeniz yeter: her token bir
# vektördür.

# %%
import torch
from matplotlib import pyplot as plt
from torch import Tensor

from fidan.kurs import dikkat_haritasi, esit_mi, kaynak
from fidan.model.scaled_dot_product import attend, attention_weights

_ = torch.manual_seed(4)

# %% [markdown]
# ## Kuram
#
# Dikkat, bir **sözlükten yumuşak aramadır**. Sıradan bir sözlükte sorduğunuz sözcük ya vardır ya yoktur. Burada her
# token üç vektör taşır:
#
# - **sorgu** (query, $q$): “Ben ne arıyorum?”
# - **anahtar** (key, $k$): “Bende ne bulunur?”
# - **değer** (value, $v$): “Beni seçene ne veririm?”
#
# Sorgu ile her anahtarın ne kadar uyuştuğunu nokta çarpımı söyler. Bu **puanlar** softmax'tan geçince toplamı 1 olan
# **dikkat ağırlıkları** olur; yanıt, değerlerin bu ağırlıklarla ortalamasıdır (Vaswani ve ark., 2017, bölüm 3.2.1):
#
# $$\operatorname{dikkat}(Q, K, V) = \operatorname{softmax}\!\left(\frac{Q K^\top}{\sqrt{d}}\right) V$$
#
# **Neden $\sqrt{d}$?** $q$ ile $k$'nin $d$ öğesi birbirinden bağımsız, ortalaması 0, varyansı 1 olsun. Nokta çarpımı $d$
# tane böyle çarpımın toplamıdır; varyansı $d$, standart sapması $\sqrt{d}$ olur. Bölmezsek genişlik arttıkça puanlar
# büyür, softmax tek bir anahtara yapışır. Yapışan softmax'ın gradyanı sıfırdır: model artık öğrenemez. Birazdan
# ölçeceğiz.
#
# Biçimler bütün kursta aynı harflerle yazılır: $B$ yığın, $H$ baş, $T$ sorgu sayısı, $S$ anahtar sayısı, $K$ başın
# genişliği. Sorgular $(B, H, T, K)$, anahtarlar ve değerler $(B, H, S, K)$ biçimindedir.
#
# ### Elle bir örnek
#
# Dört token, genişlik 2. *o*nun sorgusu *kedi*nin anahtarına yakın olsun:

# %%
sozcukler = ["kedi", "ağaca", "çıktı", "o"]
anahtar = torch.tensor([[2.0, 0.0], [0.0, 2.0], [-1.0, 1.0], [0.5, 0.5]])
sorgu = torch.tensor([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [2.0, -0.5]])

agirlik = attention_weights(sorgu[None, None], anahtar[None, None])[0, 0]
dikkat_haritasi(agirlik, sozcukler, baslik="Kim kime bakıyor?")
plt.show()
print("“o” satırı:", {sozcuk: round(float(w), 2) for sozcuk, w in zip(sozcukler, agirlik[3], strict=True)})

# %% [markdown]
# Her satır bir sorgudur ve toplamı 1'dir. *o* satırında ağırlığın çoğu *kedi*dedir: yanıt vektörü neredeyse *kedi*nin
# değeri olur. Sayıları burada biz seçtik; gerçek modelde bunları eğitim seçer.
#
# ## Elle yazalım
#
# Formülü olduğu gibi kodlayın. Üç satır yeter; softmax'ı da hazır almayın.


# %%
def benim_softmax(puan: Tensor) -> Tensor:
    """Son eksen üzerinde softmax."""
    # En büyüğü çıkarmak sonucu değiştirmez, ama exp'in taşmasını önler.
    ust = torch.exp(puan - puan.amax(-1, keepdim=True))
    return ust / ust.sum(-1, keepdim=True)


def benim_dikkat(q: Tensor, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """(B, H, T, K), (B, H, S, K), (B, H, S, K) → yanıtlar (B, H, T, K) ve ağırlıklar (B, H, T, S)."""
    genislik = q.shape[-1]
    puan = q @ k.transpose(-2, -1) / genislik**0.5
    agirlik = benim_softmax(puan)
    return agirlik @ v, agirlik


# %% [markdown]
# ## Kütüphanede
#
# Kütüphane aynı formülü iki kez bulundurur. `attention_weights` okumak ve çizmek içindir; ağırlıkları geri verir:

# %%
kaynak(attention_weights)

# %% [markdown]
# `attend` ise modelin hesapladığıdır. Ağırlıkları belleğe hiç yazmayan hazır çekirdekleri çağırır; uzun dizilerde
# belleği ve zamanı kurtaran budur:

# %%
kaynak(attend)

# %% [markdown]
# Sizin yazdığınızda olmayan iki şey var: maske (bir sonraki bölüm) ve anahtar başlarının sorgu başlarından az olabilmesi
# (`repeat_interleave`, 6. bölüm).
#
# ## Kanıt
#
# İkisi aynı sayıları veriyor mu? `esit_mi` en büyük farkı yazar, fark yuvarlamadan büyükse hücreyi durdurur.

# %%
q, k, v = (torch.randn(2, 3, 7, 16) for _ in range(3))
yanit, agirlik = benim_dikkat(q, k, v)

esit_mi(agirlik, attention_weights(q, k))
esit_mi(yanit, attend(q, k, v))
esit_mi(agirlik.sum(-1), torch.ones(2, 3, 7))

# %% [markdown]
# Bir özellik daha: anahtar–değer çiftlerinin **sırası sonucu değiştirmez**. Dikkat kendi başına kimin önce geldiğini
# bilmez; konum bilgisini 3. bölümdeki gibi ayrıca vermek gerekir.

# %%
karisik = torch.randperm(7)
esit_mi(attend(q, k[:, :, karisik], v[:, :, karisik]), attend(q, k, v))

# %% [markdown]
# ## Bozalım: ölçeği unutmak
#
# $\sqrt{d}$'ye bölmeyi unutalım ve iki şeyi ölçelim:
#
# - **Entropi.** $S$ anahtara eşit bakan bir sorgunun entropisi $\ln S$'dir, tek anahtara bakanınki 0.
# - **Duyarlık.** Softmax'ın $p$ ağırlıklarının puanlara göre türevi $\operatorname{diag}(p) - p\,p^\top$ matrisidir. Köşegeninin
#   toplamı $1 - \sum_i p_i^2$'dir: gradyanın softmax'tan ne kadar geçebildiğini söyler.


# %%
def olc(genislik: int, olcekli: bool) -> tuple[float, float]:
    """64 sorgu ve 64 anahtarın dikkat ağırlıklarının ortalama entropisi ve softmax'ın ortalama duyarlığı."""
    q, k = torch.randn(64, genislik), torch.randn(64, genislik)
    agirlik = (q @ k.T / (genislik**0.5 if olcekli else 1.0)).softmax(-1)
    entropi = -(agirlik * agirlik.clamp_min(1e-30).log()).sum(-1)
    duyarlik = 1 - agirlik.square().sum(-1)
    return entropi.mean().item(), duyarlik.mean().item()


genislikler = [4, 16, 64, 256, 1024]
olculen = {olcekli: [olc(genislik, olcekli) for genislik in genislikler] for olcekli in (True, False)}

print("           √d'ye bölünmüş        bölünmemiş")
print("genişlik  entropi  duyarlık  entropi  duyarlık")
for genislik, (h1, d1), (h0, d0) in zip(genislikler, olculen[True], olculen[False], strict=True):
    print(f"{genislik:>8}  {h1:>7.2f}  {d1:>8.2f}  {h0:>7.2f}  {d0:>8.2f}")

fig, (sol, sag) = plt.subplots(1, 2, figsize=(8, 3))
for olcekli, ad in ((True, "√d'ye bölünmüş"), (False, "bölünmemiş")):
    for ax, hangisi in ((sol, 0), (sag, 1)):
        ax.plot(genislikler, [deger[hangisi] for deger in olculen[olcekli]], marker="o", label=ad)
sol.axhline(torch.tensor(64.0).log().item(), color="gray", linestyle=":", label="herkese eşit: ln 64")
sol.set(xscale="log", xlabel="başın genişliği (d)", ylabel="dikkatin entropisi (nat)", ylim=(0, 4.5))
sag.set(xscale="log", xlabel="başın genişliği (d)", ylabel="softmax'ın duyarlığı", ylim=(0, 1.05))
sol.legend()
plt.show()

# %% [markdown]
# Ölçekli dikkat genişlikten etkilenmez. Bölünmeyen dikkat ise genişlik arttıkça tek anahtara yapışır; duyarlığı 0'a
# yaklaşınca gradyan geçmez olur ve o baş bir daha öğrenemez. Kütüphanenin ölçeği unutmadığını da sınayalım:

# %%
assert olculen[True][-1][0] > 3.0, "ölçekli dikkat geniş başlarda da dağılmış kalmalı"
assert olculen[False][-1][1] < 0.1, "ölçeksiz dikkat tek anahtara yapışmalı"
q, k = torch.randn(1, 1, 64, 1024), torch.randn(1, 1, 64, 1024)
duyarlik = (1 - attention_weights(q, k).square().sum(-1)).mean().item()
assert duyarlik > 0.9, f"kütüphanenin dikkati tek anahtara yapışmış: duyarlık {duyarlik:.2f}"

# %% [markdown]
# ## Alıştırmalar
#
# **1.** Softmax'tan önce en büyük puanı çıkarmazsak ne olur? `puan = torch.tensor([1000.0, 1001.0])` ile deneyin, sonra
# `benim_softmax` ile karşılaştırın.
#
# **2.** **Sıcaklık.** Puanları ayrıca bir $\tau$ sayısına bölen `sicak_dikkat(q, k, v, tau)` yazın. $\tau \to 0$ ve
# $\tau \to \infty$ iken yanıt neye yaklaşır? İkisini de sınayın.
#
# **3.** Bir sorgunun yalnızca $n$ anahtara bakmasına izin verin: en büyük $n$ puan dışındakiler $-\infty$ olsun. $n = S$
# iken kütüphaneyle aynı sonucu verdiğini gösterin.

# %% tags=["cozum"]
# Çözüm 1: exp(1000) taşar (inf), inf / inf ise NaN'dır.
puan = torch.tensor([1000.0, 1001.0])
dogrudan = torch.exp(puan) / torch.exp(puan).sum()
assert dogrudan.isnan().all()
esit_mi(benim_softmax(puan), puan.softmax(-1))


# %% tags=["cozum"]
# Çözüm 2: τ → 0 en yüksek puanlı değeri seçer, τ → ∞ değerlerin düz ortalamasını verir.
def sicak_dikkat(q: Tensor, k: Tensor, v: Tensor, tau: float) -> Tensor:
    """Puanları tau'ya da bölünmüş dikkat."""
    return benim_dikkat(q / tau, k, v)[0]


q, k, v = (torch.randn(1, 1, 5, 16) for _ in range(3))
esit_mi(sicak_dikkat(q, k, v, 1.0), attend(q, k, v))
en_iyi = (q @ k.transpose(-2, -1)).argmax(-1)[0, 0]
esit_mi(sicak_dikkat(q, k, v, 1e-6)[0, 0], v[0, 0, en_iyi])
esit_mi(sicak_dikkat(q, k, v, 1e6), v.mean(2, keepdim=True).expand_as(v), sinir=1e-5)


# %% tags=["cozum"]
# Çözüm 3: en büyük n puanın en küçüğü eşiktir.
def seyrek_dikkat(q: Tensor, k: Tensor, v: Tensor, n: int) -> Tensor:
    """Her sorgu yalnızca en yüksek puanlı n anahtara bakar."""
    puan = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5
    esik = puan.topk(n, -1).values[..., -1:]
    return puan.masked_fill(puan < esik, -torch.inf).softmax(-1) @ v


esit_mi(seyrek_dikkat(q, k, v, 5), attend(q, k, v))
esit_mi(seyrek_dikkat(q, k, v, 1)[0, 0], v[0, 0, en_iyi])

# %% [markdown]
# ## Sırada ne var
#
# Burada her sorgu her anahtarı gördü. Metin yazan bir model ise geleceği görmemelidir: **5. bölümde** maskeler var.
#
# - Kod: `src/fidan/model/scaled_dot_product.py`; CPU'daki hızlı yol `src/fidan/model/cpu_attention.py`.
# - Makale: Vaswani ve ark., *Attention Is All You Need* (arXiv 1706.03762), bölüm 3.2.1 ve 4. dipnot.
# - Ağırlıkları belleğe yazmadan hesaplamak: Dao ve ark., *FlashAttention* (arXiv 2205.14135).
