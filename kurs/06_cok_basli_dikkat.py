# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 6. Çok başlı dikkat
#
# **Soru.** “Dede bahçedeki elmaları torununa verdi.” *verdi* aynı anda üç şey sorar: kim, neyi, kime? Tek bir dikkat, ağırlıklarını
# bunların arasında bölüştürmek zorundadır. Üç soruyu ayrı ayrı sorabilir mi?
#
# Bu bölümün sonunda genişliği başlara bölüp birleştirmeyi kendiniz yazmış, eğitilmiş bir modelin her başının nereye baktığını
# çizmiş, her başı tek tek susturup kaybın ne kadar arttığını ölçmüş, önbelleğin kaç bayt tuttuğunu hesaplamış olacaksınız.
# 4. ve 5. bölümler yeter.

# %%
from copy import deepcopy

import torch
from matplotlib import pyplot as plt
from torch import Tensor, nn
from torch.nn import functional as F

from fidan.generation.cache import KeyValueCache
from fidan.kurs import dikkat_haritasi, esit_mi, kaynak, ornek_belgeler, ornek_calistirma
from fidan.model.attention import MultiHeadAttention, SelfAttention, attention_weights
from fidan.model.build import blocks_of
from fidan.model.config import ModelConfig
from fidan.model.rope import rope_table, rotate
from fidan.trained import open_trained
from fidan.turkish import grouped

_ = torch.manual_seed(6)

# %% [markdown]
# ## Kuram
#
# $D$ genişliği $H$ başa bölünür; her başın genişliği $K = D/H$ olur. Her baş kendi sorgu, anahtar ve değer matrisiyle ayrı bir dikkat
# hesaplar; yanıtlar yan yana dizilir, bir çıkış matrisi onları karıştırır (Vaswani ve ark., 2017, arXiv 1706.03762, bölüm 3.2.2):
#
# $$\text{baş}_h = \operatorname{dikkat}\!\left(xW_{Q,h}^\top,\ xW_{K,h}^\top,\ xW_{V,h}^\top\right)
# \qquad y = \left[\text{baş}_1; \dots; \text{baş}_H\right] W_O^\top = \sum_{h=1}^{H} \text{baş}_h\, W_{O,h}^\top$$
#
# Sağdaki eşitlik işin özüdür: $W_O$'nun sütunları da başlara bölünür, çıktı **başların katkılarının toplamıdır**. Bir başı
# susturmak, toplamdan bir terim çıkarmaktır.
#
# **Neden çok baş?** Softmax'ın tek bir toplamı vardır: 1. *verdi* tek başla “dede”ye 0,5, “torun”a 0,5 ağırlık verirse yanıt ikisinin
# ortalamasıdır ve hangisinin veren olduğu kaybolur. Bir başın değerleri “kim”e, ötekininki “kime”ye ayrılırsa kaybolmaz.
#
# **Sayılarla.** Dede'nin değeri $(1, 0)$, torununki $(0, 1)$ olsun. Tek baş $(0{,}5;\ 0{,}5)$ verir; roller değişse de aynısını
# verir. Genişliği 1 olan iki baş: birincisi yalnızca verene bakar ve ilk öğeyi taşır, ikincisi alana bakar ve ikinci öğeyi:
# $(1, 1)$; roller değişince $(0, 0)$.
#
# **Parametre sayısı başların sayısından etkilenmez**: $W_Q$ her durumda $D \times D$'dir; yalnızca satırları bölüşülür. Başlar
# bedavadır, ama daralırlar: $K$ küçüldükçe her başın ayırt edebildiği şey azalır.
#
# **Gruplu sorgular (GQA)** (Ainslie ve ark., 2023, arXiv 2305.13245). Üretirken her tokenin anahtar ve değeri bir kez hesaplanıp
# saklanır (KV önbelleği, 13. bölüm). Bir token $L$ katmanda $2 \cdot L \cdot G \cdot K$ sayı tutar; $G$, anahtar başlarının sayısıdır. $H = 12$ sorgu
# başı 4 anahtar başını üçerli gruplar hâlinde paylaşırsa önbellek üçte bire iner.

# %%
baglam = torch.arange(0, 2049, 256)
fig, ax = plt.subplots(figsize=(7, 3))
for g in (12, 4, 1):
    sekil = ModelConfig(n_kv_heads=g)  # kütüphanenin 134M biçimi
    bayt = 2 * sekil.n_layers * sekil.kv_heads * sekil.head_width * 2  # bf16: sayı başına 2 bayt
    ax.plot(baglam, baglam * bayt / 2**20, marker="o", label=f"{g} anahtar başı: token başına {grouped(bayt)} bayt")
    print(
        f"{g:>2} anahtar başı: {grouped(sekil.parameters(32_000)):>11} parametre, 2.048 tokende {2048 * bayt / 2**20:.0f} MiB önbellek"
    )
ax.set(xlabel="bağlam (token)", ylabel="önbellek (MiB)")
ax.legend()
plt.show()

# %% [markdown]
# ## Elle yazalım
#
# Kütüphane gibi toplu çarpmayın; formüldeki gibi **baş baş** gidin. $h$ numaralı başın matrisi, $W_Q$'nun $hK$ ile $(h+1)K$ arasındaki
# satırlarıdır; $W_O$'nunki aynı aralıktaki sütunlar.


# %%
def benim_bas(x: Tensor, katman: SelfAttention, h: int, gorur: Tensor, tablolar: tuple | None = None) -> tuple:
    """(B, T, D) → h numaralı başın çıktıya katkısı (B, T, D) ve ağırlıkları (B, T, T)."""
    k_genislik = katman.width
    g = h * katman.kv_heads // katman.heads  # bu başın paylaştığı anahtar başı
    sorgu_satirlari = slice(h * k_genislik, (h + 1) * k_genislik)
    anahtar_satirlari = slice(g * k_genislik, (g + 1) * k_genislik)
    q = x @ katman.q_proj.weight[sorgu_satirlari].T
    k = x @ katman.k_proj.weight[anahtar_satirlari].T
    v = x @ katman.v_proj.weight[anahtar_satirlari].T
    if tablolar is not None:  # 3. bölüm: RoPE
        q, k = (rotate(y[:, None], *tablolar)[:, 0] for y in (q, k))
    puan = q @ k.transpose(1, 2) / k_genislik**0.5
    agirlik = puan.masked_fill(~gorur, -torch.inf).softmax(-1)
    return agirlik @ v @ katman.o_proj.weight[:, sorgu_satirlari].T, agirlik


def benim_cok_basli(x: Tensor, katman: SelfAttention, gorur: Tensor, tablolar: tuple | None = None) -> Tensor:
    """(B, T, D) → (B, T, D): başların katkılarının toplamı."""
    return sum(benim_bas(x, katman, h, gorur, tablolar)[0] for h in range(katman.heads))


# %% [markdown]
# ## Kütüphanede
#
# Kütüphane bütün başları tek çarpımla hesaplar, sonra biçimi değiştirir: $(B, T, H \cdot K)$ → $(B, T, H, K)$ → $(B, H, T, K)$.
# İkinci adım (`transpose`) unutulursa ne olduğunu birazdan göreceğiz.

# %%
kaynak(MultiHeadAttention.split)

# %%
kaynak(MultiHeadAttention.merge)

# %%
kaynak(MultiHeadAttention.look)

# %% [markdown]
# Modelin içine bakmak için hazır bir yol vardır: `with attention_weights(model) as agirliklar:`. O blok içindeki her ileri geçiş,
# katman katman dikkat ağırlıklarını bırakır. Hızlı çekirdekler ağırlıkları yazmadığı için bunlar ayrıca hesaplanır:

# %%
kaynak(attention_weights)

# %% [markdown]
# ## Kanıt
#
# Dört baş; dört, iki ve bir anahtar başı; RoPE'siz ve RoPE ile:

# %%
x = torch.randn(2, 9, 32)
ucgen = torch.ones(9, 9, dtype=torch.bool).tril()
tablolar = rope_table(9, 8, 10_000.0)
for g in (4, 2, 1):
    katman = SelfAttention(ModelConfig(d_model=32, n_heads=4, n_kv_heads=g), layer=0)
    esit_mi(benim_cok_basli(x, katman, ucgen), katman(x, None, None))
    esit_mi(benim_cok_basli(x, katman, ucgen, tablolar), katman(x, *tablolar))
    with attention_weights(katman) as agirliklar:
        katman(x, *tablolar)
    elle = torch.stack([benim_bas(x, katman, h, ucgen, tablolar)[1] for h in range(4)], 1)
    esit_mi(elle, agirliklar[0, "self"])

# %% [markdown]
# Parametre ve önbellek hesabı da tutmalı:

# %%
for g in (12, 4):
    sekil = ModelConfig(n_kv_heads=g)
    with torch.device("meta"):  # biçim var, bellek yok
        katman = SelfAttention(sekil, layer=0)
        bellek = KeyValueCache(sekil, 1, 2048, torch.bfloat16, torch.device("meta"))
    esit_mi(2 * 768 * 768 + 2 * 768 * g * 64, sum(p.numel() for p in katman.parameters()))
    esit_mi(2 * 12 * g * 64 * 2 * 2048, bellek.keys.nbytes + bellek.values.nbytes)

# %% [markdown]
# ### Eğitilmiş bir modelin başları
#
# Kursun küçük modelinin üç katmanında üçer baş var. Bir cümle verelim:

# %%
egitilmis = open_trained(ornek_calistirma().out, torch.device("cpu"))
model, tokenlastirici = egitilmis.model, egitilmis.tokenizer
cumle = "Ayşe bahçede kırmızı bir top buldu."
kimlikler = tokenlastirici.encode(cumle, bos=True)
parcalar = [tokenlastirici.piece(kimlik).replace("▁", "·") for kimlik in kimlikler]
with attention_weights(model) as agirliklar, torch.inference_mode():
    model(torch.tensor([kimlikler]))

fig, eksenler = plt.subplots(3, 3, figsize=(6.8, 6.4), sharex=True, sharey=True)
for katman in range(3):
    for h in range(3):
        ax = eksenler[katman, h]
        dikkat_haritasi(agirliklar[katman, "self"][0, h], parcalar, baslik=f"katman {katman}, baş {h}", ax=ax)
        ax.title.set_fontsize(9)
        ax.tick_params(labelsize=6)
        ax.set(xlabel="", ylabel="")
plt.show()

# %% [markdown]
# Gözle bakmak yetmez, sayalım. Yüzü aşkın öykü parçasında her başın ağırlığının ne kadarı önceki tokene, kendisine, `<s>`'ye gidiyor
# ve ortalama kaç token geriye bakıyor?

# %%
satirlar = [tokenlastirici.encode(metin, bos=True)[:129] for metin in ornek_belgeler(60_000, tohum=303)]
metin = torch.tensor([satir for satir in satirlar if len(satir) == 129])
with attention_weights(model) as agirliklar, torch.inference_mode():
    model(metin[:, :-1])

yer = torch.arange(128)
geri = (yer[:, None] - yer[None, :]).clamp_min(0)
entropiler = torch.zeros(3, 3)
print(f"{len(metin)} öykü parçası, 128'er token")
print("katman  baş  önceki token  kendisi   <s>  ortalama uzaklık  entropi (nat)")
for (katman, _), w in sorted(agirliklar.items()):
    for h, a in enumerate(w.mean(0)):  # öyküler üzerinden ortalama, (T, T)
        onceki, kendi = a.diagonal(-1).mean(), a.diagonal().mean()
        uzaklik = (a * geri).sum(-1).mean()
        entropiler[katman, h] = -(w[:, h] * w[:, h].clamp_min(1e-30).log()).sum(-1).mean()
        print(
            f"{katman:>6} {h:>4} {onceki:>13.2f} {kendi:>8.2f} {a[1:, 0].mean():>5.2f}"
            f" {uzaklik:>17.1f} {entropiler[katman, h]:>14.2f}"
        )

# %% [markdown]
# İki tür baş göze çarpar. **Geniş bakanların** entropisi yüksektir: onlarca tokene az az bakar, dizinin kaba bir ortalamasını alırlar.
# **Keskin bakanların** entropisi düşüktür: birkaç tokeni, çoğu kez yakındakileri seçerler. Hiçbiri “özne başı” diye
# adlandırılacak kadar temiz değildir. Büyük modellerde de başların çoğu karışık iş görür: ad takmadan önce sayın.
#
# ## Bozalım: başları karıştırmak, başları susturmak
#
# ### `transpose`'u unutmak
#
# $(B, T, H \cdot K)$ biçimini doğrudan $(B, H, T, K)$ diye “görmek” hata vermez, çünkü öğe sayısı aynıdır. Ama bellekteki sıra
# değişmediği için “baş”lar aslında tokenlerin parçalarıdır. 4 token, 2 baş için her hücrede hangi tokenin hangi
# parçası olduğuna bakın:

# %%
adlar = torch.tensor([[[10 * t + h] for h in range(2)] for t in range(4)]).view(1, 4, 2)  # token t, parça h → 10t + h
dogru, yanlis = adlar.view(1, 4, 2, 1).transpose(1, 2), adlar.view(1, 2, 4, 1)
for ad, dizilis in (("doğru", dogru), ("yanlış", yanlis)):
    for h in range(2):
        hucreler = [f"token {n // 10} parça {n % 10}" for n in dizilis[0, h, :, 0].tolist()]
        print(f"{ad:<7} baş {h}: {' | '.join(hucreler)}")

# %% [markdown]
# Yanlış dizilişte birinci başta yalnızca token 0 ve 1, ikincide yalnızca 2 ve 3 vardır: her baş dizinin bir dilimine
# kapanır, token 2 kendinden öncekileri hiç göremez. Bir tokenin parçaları da aynı başın içinde ayrı konumlar sanılır. Eğitilmiş modelde bir katman yanlış dizerse kayıp (bir sonraki tokenin çapraz
# entropisi) ne olur?


# %%
@torch.inference_mode()
def metnin_kaybi(model: nn.Module) -> float:
    """Bir sonraki tokenin ortalama kaybı (nat)."""
    return F.cross_entropy(model(metin[:, :-1]).flatten(0, 1), metin[:, 1:].flatten()).item()


def yanlis_diz(katman: SelfAttention) -> None:
    """Katmanın başlara ayırma ve birleştirme adımlarından `transpose`'u çıkarır."""
    katman.split = lambda y, heads: y.view(len(y), heads, -1, katman.width)
    katman.merge = lambda out: katman.o_proj(out.reshape(len(out), -1, katman.heads * katman.width))


saglam = metnin_kaybi(model)
print(f"olduğu gibi:         {saglam:.2f}")
karisik = []
for katman in range(3):
    bozuk = deepcopy(model)
    yanlis_diz(blocks_of(bozuk)[katman].self_attn)
    karisik.append(metnin_kaybi(bozuk))
    print(f"katman {katman} yanlış dizer: {karisik[-1]:.2f}")
assert min(karisik) > saglam + 0.05, "başları karışan katman kaybı artırmalı"
assert max(karisik) > saglam + 0.4, "en az bir katmanda kayıp çok artmalı"

# %% [markdown]
# Yine ne bir hata iletisi ne bir uyarı: yalnızca kayıp. (Baştan yanlış dizişle *eğitilen* bir model buna kısmen alışır; yanlış
# daha da zor fark edilir.)

# %% [markdown]
# ### Bir başı susturmak
#
# Çıktı, başların katkılarının toplamıydı. $W_O$'nun o başa ait sütunlarını sıfırlayınca yalnızca o baş susar. Dokuz başın her
# biri için kaybın artışı:

# %%
artis = torch.zeros(3, 3)
for katman in range(3):
    for h in range(3):
        bozuk = deepcopy(model)
        cikis = blocks_of(bozuk)[katman].self_attn.o_proj.weight
        cikis.data[:, h * 32 : (h + 1) * 32] = 0.0
        artis[katman, h] = metnin_kaybi(bozuk) - saglam

fig, ax = plt.subplots(figsize=(4.4, 3))
resim = ax.imshow(artis, cmap="Oranges", vmin=0)
for katman in range(3):
    for h in range(3):
        koyu = artis[katman, h] > 0.6 * artis.max()
        ax.text(h, katman, f"{artis[katman, h]:+.3f}", ha="center", va="center", color="white" if koyu else "black")
ax.set(xticks=range(3), yticks=range(3), xlabel="susturulan baş", ylabel="katman")
fig.colorbar(resim, ax=ax, label="kaybın artışı (nat/token)")
plt.show()

# %% [markdown]
# Başlar eşit değildir: en pahalısı susunca kayıp, en ucuzununkinin on katından çok artar. Yukarıdaki tabloyla yan yana koyun: keskin
# bakan üç başla geniş bakan üç başın ortalama artışını karşılaştıralım.

# %%
sira = entropiler.flatten().argsort()
keskin, genis = artis.flatten()[sira[:3]].mean().item(), artis.flatten()[sira[-3:]].mean().item()
print(f"en keskin üç baş susunca ortalama artış: {keskin:.3f} nat; en geniş üç baş: {genis:.3f} nat")
assert artis.max() > 10 * artis.min(), "başların önemi eşit değil"
assert keskin > 2 * genis, "keskin bakan başlar daha pahalı olmalı"

# %% [markdown]
# Geniş bakan bir baş susunca az şey yitiyor; belki de kaba bir ortalamayı başka başlar da bildiği için. Michel ve ark. (2019) büyük
# modellerde de başların çoğunun eğitimden sonra budanabildiğini ölçtü.
#
# Susturmanın gerçekten “toplamdan bir terim çıkarmak” olduğunu elle yazdığımızla doğrulayalım:

# %%
katman = SelfAttention(ModelConfig(d_model=32, n_heads=4), layer=0)
tam = katman(x, None, None)
katki = benim_bas(x, katman, 2, ucgen)[0]
katman.o_proj.weight.data[:, 16:24] = 0.0
esit_mi(tam - katki, katman(x, None, None))  # susturmak, toplamdan o terimi çıkarmaktır

# %% [markdown]
# ## Alıştırmalar
#
# **1.** **Tek başın sınırı.** “Sayılarla” örneğini kodlayın: aynı değerlerle tek başın yanıtı roller değişince değişmez, iki
# başınki değişir.
#
# **2.** **Gruplu sorguyu açmak.** 2 anahtar başlı bir katmanın $W_K$ ve $W_V$ satırlarını çoğaltarak, aynı sonucu veren 4 anahtar
# başlı bir katman kurun.
#
# **3.** **Başların sırası.** Bir katmanın başlarının yerini değiştirin (dört matrisin ilgili satır ve sütunlarını birlikte). Çıktının
# değişmediğini gösterin.
#
# **4.** **Ne kadar önbellek?** 134M biçiminde 16 kişi aynı anda 2.048'er tokenlik sohbet ederse bf16 önbellek kaç MiB
# tutar? $G = 12$ ve $G = 4$ için hesaplayın, `KeyValueCache` ile sınayın.

# %% tags=["cozum"]
# Çözüm 1: satırlar veren ile alan; roller değişince ağırlıklar yer değiştirir.
deger = torch.eye(2)
for veren, alan in ((0, 1), (1, 0)):
    tek_bas = 0.5 * deger[veren] + 0.5 * deger[alan]
    iki_bas = torch.stack((deger[veren, 0], deger[alan, 1]))
    esit_mi(tek_bas, torch.tensor([0.5, 0.5]))
    esit_mi(iki_bas, torch.full((2,), float(veren == 0)))

# %% tags=["cozum"]
# Çözüm 2: her anahtar başı, onu paylaşan iki sorgu başı için bir kez yazılır.
gruplu = SelfAttention(ModelConfig(d_model=32, n_heads=4, n_kv_heads=2), layer=0)
acik = SelfAttention(ModelConfig(d_model=32, n_heads=4), layer=0)
for ad in ("q_proj", "k_proj", "v_proj", "o_proj"):
    w = getattr(gruplu, ad).weight.data
    if ad in ("k_proj", "v_proj"):
        w = w.view(2, 8, 32).repeat_interleave(2, 0).reshape(32, 32)
    getattr(acik, ad).weight.data = w
esit_mi(acik(x, *tablolar), gruplu(x, *tablolar))

# %% tags=["cozum"]
# Çözüm 3: toplamda terimlerin sırası değişir, toplam değişmez.
once, sira = acik(x, *tablolar), [2, 0, 3, 1]
for ad in ("q_proj", "k_proj", "v_proj"):
    w = getattr(acik, ad).weight
    w.data = w.data.view(4, 8, 32)[sira].reshape(32, 32)
acik.o_proj.weight.data = acik.o_proj.weight.data.view(32, 4, 8)[:, sira].reshape(32, 32)
esit_mi(acik(x, *tablolar), once)

# %% tags=["cozum"]
# Çözüm 4: kişi · token · 2 (anahtar ve değer) · katman · G · K · 2 bayt.
for g, mib in ((12, 1152), (4, 384)):
    assert 16 * 2048 * 2 * 12 * g * 64 * 2 == mib * 2**20
    bellek = KeyValueCache(ModelConfig(n_kv_heads=g), 16, 2048, torch.bfloat16, torch.device("meta"))
    esit_mi(mib * 2**20, bellek.keys.nbytes + bellek.values.nbytes)

# %% [markdown]
# ## Sırada ne var
#
# Buraya kadar her dizi kendine baktı. **7. bölümde** yazılan metin başka bir diziye, kaynağa bakıyor.
#
# - Kod: `src/fidan/model/attention.py`; önbellek `src/fidan/generation/cache.py`.
# - Gruplu sorgular: Ainslie ve ark., *GQA* (2023, arXiv 2305.13245); tek anahtar başı: Shazeer (2019, arXiv 1911.02150).
# - Başları budamak: Michel ve ark., *Are Sixteen Heads Really Better than One?* (2019, arXiv 1905.10650).
