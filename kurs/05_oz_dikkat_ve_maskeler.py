# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 5. Öz-dikkat ve maskeler
#
# **Soru.** Sınav kâğıdında her sorunun yanıtı bir alt satırda yazsa öğrenci ne öğrenir? Bir sonraki sözcüğü tahmin etmeyi
# öğrenen model de metnin tamamını aynı anda görür. Yanıta bakmasını kim engeller?
#
# Bu bölümün sonunda öz-dikkati ve dört maskeyi (nedensel, dolgu, ikisi birlikte, belge) kendiniz yazmış; geleceği gören bir
# modelin kaybının nasıl aldatıcı biçimde düştüğünü ve kısa bir satırın dolgudan nasıl etkilendiğini ölçmüş olacaksınız. 4. bölümdeki nokta
# çarpımlı dikkati bilmeniz yeter; sonraki bölümlerden ödünç aldıklarımızı yerinde tek cümleyle söyleyeceğiz.

# %%
import torch
from matplotlib import pyplot as plt
from torch import Tensor, nn
from torch.nn import functional as F

from fidan.kurs import dikkat_haritasi, esit_mi, kaynak, ornek_belgeler, ornek_tokenlastirici
from fidan.model.attention import SelfAttention
from fidan.model.build import build_model
from fidan.model.config import ModelConfig
from fidan.model.document_mask import added_mask, document_mask, documents_of
from fidan.model.masks import Mask, causal_mask, causal_padding_mask, padding_mask, seen_by_all
from fidan.model.scaled_dot_product import attend, attention_weights

_ = torch.manual_seed(5)

# %% [markdown]
# ## Kuram
#
# 4. bölümde sorgu, anahtar ve değer hazır geldi. **Öz-dikkatte** üçü de aynı diziden, $x$'ten çıkar: her token hem sorar
# hem yanıtlar. Üç matris öğrenilir, dördüncüsü yanıtı modelin genişliğine geri taşır:
#
# $$\begin{aligned}
# Q &= xW_Q^\top \qquad K = xW_K^\top \qquad V = xW_V^\top \\
# y &= \operatorname{softmax}\!\left(\frac{QK^\top}{\sqrt d} + M\right) V\, W_O^\top
# \end{aligned}$$
#
# (Devrikler, PyTorch'un bir katmanın ağırlığını (çıkış, giriş) biçiminde saklamasındandır.)
#
# Yeni olan $M$'dir, yani **maske**: sorgu $t$'nin anahtar $s$'yi görmesi serbestse $M_{ts} = 0$, yasaksa $-\infty$. $e^{-\infty} = 0$ olduğundan
# yasak anahtarın ağırlığı tam sıfırdır; kalan ağırlıkların toplamı yine 1 olur. (Ağırlıkları
# softmax'tan *sonra* sıfırlamak neden aynı şey değildir? 3. alıştırmanın sorusu bu.)
#
# - **Nedensel maske** (causal mask; Vaswani ve ark., 2017, arXiv 1706.03762, bölüm 3.2.3): $s \le t$. Yazan model geleceği görmez. Böylece
#   $T$ tokenlik tek bir dizi, bir geçişte $T$ ayrı tahmin sorusu olur.
# - **Dolgu maskesi**: bir yığında satırlar aynı boyda olmalıdır; kısa satırın sonu dolguyla (padding, `<pad>`) doldurulur.
#   Dolgu *bakılan* olamaz. *Bakan* olabilir: o yerlerin çıktısı da hesaplanır, ama kullanılmaz ve kayba katılmaz.
# - **Nedensel ve dolgu**: ikisi birden.
# - **Belge maskesi**: ön eğitimde kısa belgeler art arda dizilip tek dizi yapılır. Bir belge ötekini
#   görmemelidir. Bu maske nedenseldir de: her token kendisini ve kendi belgesinde önce gelenleri görür.
#
# **Sayılarla.** Puanlar $(2, 1, 1)$ olsun. Maskesiz ağırlıklar $(0{,}58;\ 0{,}21;\ 0{,}21)$'dir. Üçüncü anahtar yasaksa puanlar
# $(2, 1, -\infty)$, ağırlıklar $e^2/(e^2+e) = 0{,}73$, $0{,}27$ ve $0$ olur.

# %%
puanlar = torch.tensor([2.0, 1.0, 1.0])
print("maskesiz:", [round(w, 2) for w in puanlar.softmax(-1).tolist()])
print("maskeli: ", [round(w, 2) for w in (puanlar + torch.tensor([0, 0, -torch.inf])).softmax(-1).tolist()])

# %% [markdown]
# Dört maskeyi çizelim. Yeşil: bakabilir, beyaz: bakamaz. Dolgunun sütunu beyazdır; satırı yeşil olabilir. Belge
# maskesinde iki kısa belge art arda dizili; her belge `<s>` ile başlar. `documents_of` her tokenin kaçıncı belgede olduğunu
# `<s>`'leri sayarak bulur; `added_mask` formüldeki $M$'yi verir (0 serbest, $-\infty$ yasak), `== 0` onu evet–hayır tablosuna çevirir.

# %%
tek = ["<s>", "Ali", "eve", "geldi", "<pad>", "<pad>"]
cift = ["<s>", "Ali", "geldi", "<s>", "Ayşe", "gitti"]
token_mu = torch.tensor([[t != "<pad>" for t in tek]])
belgeler = documents_of(torch.tensor([[t == "<s>" for t in cift]]).long(), bos_id=1)
maskeler = {
    "nedensel": (causal_mask(6).allowed, tek),
    "dolgu": (padding_mask(token_mu).allowed[0, 0].expand(6, 6), tek),
    "nedensel ve dolgu": (causal_padding_mask(token_mu).allowed[0, 0], tek),
    "belge": (added_mask(belgeler, torch.float32)[0, 0] == 0, cift),
}
fig, eksenler = plt.subplots(2, 2, figsize=(5, 5))
for ax, (ad, (gorur, sozcukler)) in zip(eksenler.flat, maskeler.items(), strict=True):
    dikkat_haritasi(gorur.float(), sozcukler, baslik=ad, ax=ax)
    ax.tick_params(labelsize=9)
    ax.set(xlabel="", ylabel="")
eksenler[1, 0].set(xlabel="anahtar: bakılan", ylabel="sorgu: bakan")
plt.show()

# %% [markdown]
# ## Elle yazalım
#
# Maskeler mantıksal tablolardır (`True`: bakabilir). Öz-dikkat, 4. bölümün formülüne üç çarpım ve bir maske ekler. Tek dikkat başıyla
# yazıyoruz; çok baş 6. bölümde. Maske, (B, T, T) biçimine *yayılan* (broadcasting) herhangi bir tablo olabilir: (T, T) her
# satır için, (B, 1, S) her sorgu için yinelenmiş sayılır. (S anahtar sayısıdır; öz-dikkatte T'ye eşittir.)


# %%
def benim_nedensel(uzunluk: int) -> Tensor:
    """(T, T): sorgu t, anahtar s ≤ t'yi görür."""
    yer = torch.arange(uzunluk)
    return yer[None, :] <= yer[:, None]


def benim_dolgu(token_mu: Tensor) -> Tensor:
    """(B, S), True: token → (B, 1, S): hiçbir sorgu dolguyu görmez."""
    return token_mu[:, None, :]


def benim_belge(kimlikler: Tensor, bas: int) -> Tensor:
    """(B, T) kimlik → (B, T, T): yalnızca kendi belgesinin öncesi."""
    belge = (kimlikler == bas).cumsum(1)
    return benim_nedensel(kimlikler.shape[1]) & (belge[:, :, None] == belge[:, None, :])


def benim_oz_dikkat(x: Tensor, katman: SelfAttention, gorur: Tensor) -> tuple[Tensor, Tensor]:
    """(B, T, D), tek başlı katman, (B, T, T)'ye yayılan maske → (B, T, D) çıktı, (B, T, T) ağırlıklar."""
    q, k, v = (x @ m.weight.T for m in (katman.q_proj, katman.k_proj, katman.v_proj))
    puan = q @ k.transpose(1, 2) / q.shape[-1] ** 0.5
    agirlik = puan.masked_fill(~gorur, -torch.inf).softmax(-1)
    return agirlik @ v @ katman.o_proj.weight.T, agirlik


# %% [markdown]
# ## Kütüphanede
#
# Bir `Mask`, iki tablodur: görülebilen yerler ve az sonra anlatacağımız `blind`.

# %%
kaynak(Mask)

# %%
kaynak(causal_mask)

# %%
kaynak(causal_padding_mask)

# %%
kaynak(seen_by_all)

# %% [markdown]
# `seen_by_all` kodunuzun ele almadığı bir durumu gözetir: **hiçbir şey göremeyen** sorgu. Bütün puanları $-\infty$ olursa softmax
# $0/0$, yani NaN verir ve bu NaN bütün modele yayılır. Kütüphane böyle sorguları bir kez bulur (`blind`), onlara her yeri
# gösterir, sonra çıktılarını sıfırlar.
#
# Öz-dikkatin kendisi aşağıda. Üç çarpımla `look`'a bakın: o, 4. bölümün `attend`'ini maskeyle çağırır. Şimdilik atlayın: `split`
# ve `merge` (başlara ayırıp birleştirirler, 6. bölüm), `cos`, `sin` ve `rotate` (3. bölümün RoPE'si), `cache` (üretimin önbelleği,
# 13. bölüm), `documents` (belge maskesinin çekirdeği) ve `self.seen` (ağırlıkları okumak için).

# %%
kaynak(SelfAttention.forward)

# %% [markdown]
# Nedensel maske orada matris olarak kurulmaz bile: `causal=True` bayrağı hazır çekirdeğe “üst üçgeni hiç hesaplama”
# der, iş yarıya iner.
#
# ## Kanıt
#
# Kütüphanenin maskelerinde fazladan bir baş ekseni vardır; `[:, None]` onu sizinkine ekler. Katmana verilen iki `None` RoPE'nin
# yeridir: burada konum yok. Önce maskeler, sonra aynı ağırlıklarla katman: nedensel, kodlayıcıdaki gibi iki yönlü ama dolgulu, ikisi birden ve belgeli.

# %%
token_mu = torch.tensor([[True] * 7, [True] * 4 + [False] * 3])
kimlikler = torch.tensor([[1, 5, 6, 1, 7, 8, 9], [1, 5, 1, 6, 7, 1, 8]])
ikisi = benim_nedensel(7) & benim_dolgu(token_mu)
eklenen = added_mask(documents_of(kimlikler, 1), torch.float32)

esit_mi(benim_nedensel(7), causal_mask(7).allowed)
esit_mi(benim_dolgu(token_mu)[:, None], padding_mask(token_mu).allowed)
esit_mi(ikisi[:, None], causal_padding_mask(token_mu).allowed)
esit_mi(benim_belge(kimlikler, 1)[:, None], eklenen == 0)

# %%
sekil = ModelConfig(d_model=16, n_heads=1)
nedensel, iki_yonlu = (SelfAttention(sekil, layer=0, causal=c) for c in (True, False))
x = torch.randn(2, 7, 16)
belge = document_mask(documents_of(kimlikler, 1), torch.float32)

bizim = benim_oz_dikkat(x, nedensel, benim_nedensel(7))[0]
esit_mi(bizim, nedensel(x, None, None))

bizim = benim_oz_dikkat(x, iki_yonlu, torch.ones(7, 7, dtype=torch.bool))[0]
esit_mi(bizim, iki_yonlu(x, None, None))

bizim = benim_oz_dikkat(x, iki_yonlu, benim_dolgu(token_mu))[0]
esit_mi(bizim, iki_yonlu(x, None, None, padding_mask(token_mu)))

bizim = benim_oz_dikkat(x, nedensel, ikisi)[0]
esit_mi(bizim, nedensel(x, None, None, causal_padding_mask(token_mu)))

bizim = benim_oz_dikkat(x, nedensel, benim_belge(kimlikler, 1))[0]
esit_mi(bizim, nedensel(x, None, None, documents=belge))

# %% [markdown]
# **Kör sorgular.** İkinci satırı tümüyle dolgu olan bir yığın: sizin yazdığınız NaN verir, kütüphane sıfır.

# %%
bos_satir = torch.tensor([[True] * 7, [False] * 7])
benimki = benim_oz_dikkat(x, iki_yonlu, benim_dolgu(bos_satir))[0]
kutuphaneninki = iki_yonlu(x, None, None, padding_mask(bos_satir))
print("elle yazılan, boş satır:  ", benimki[1, 0, :3].tolist())
print("kütüphanenin, boş satırı: ", kutuphaneninki[1, 0, :3].tolist())
assert benimki[1].isnan().all()
esit_mi(kutuphaneninki[1], torch.zeros(7, 16))
esit_mi(benimki[0], kutuphaneninki[0])

# %% [markdown]
# ## Bozalım: maskeyi unutmak
#
# ### Geleceği görmek
#
# Küçücük iki model yetiştirelim. Ağırlıkların ilk değerleri, metin, adımlar aynı; tek fark, birinin öz-dikkatinde nedensel
# maske yok. `yetistir`in içini 11. bölümde açacağız. Şimdilik: **kayıp**, doğru tokene verilen olasılığın eksi doğal
# logaritmasıdır (birimi nat), azı iyidir; her adım ağırlıkları onu azaltacak yönde biraz değiştirir. Tokenlaştırıcının 800 tokeni
# var. Metni 33 tokenlik pencerelere kesiyoruz; belge maskesini burada kendimiz de kullanmıyoruz. İki kayıp ölçeceğiz:
#
# - **tek geçişte kayıp**: diziyi bir kerede ver, her yerde bir sonrakini tahmin et (eğitim bunu azaltır);
# - **dürüst kayıp**: yalnızca baştaki $n$ tokeni ver, $n+1$'inciyi tahmin et; her $n$ için ayrı ayrı. Üretimde model
#   tam da bunu yapar: geleceği ona verecek kimse yoktur.
#
# Şekilde eğriler her adımın eğitim yığınında tek geçişte kayıptır; noktalar, eğitimden sonra ayrılmış metinde dürüst kayıp.

# %%
tokenlastirici = ornek_tokenlastirici()
akis = [kimlik for metin in ornek_belgeler() for kimlik in tokenlastirici.encode(metin, bos=True, eos=True)]
pencereler = torch.tensor(akis[: len(akis) // 33 * 33]).view(-1, 33)
egitim, ayrilmis = pencereler[:-64], pencereler[-64:]


def kayip(model: nn.Module, pencere: Tensor) -> Tensor:
    """Bir sonraki tokenin ortalama çapraz entropisi (10. bölüm)."""
    return F.cross_entropy(model(pencere[:, :-1]).flatten(0, 1), pencere[:, 1:].flatten())


def yetistir(maskeli: bool, adim: int = 200) -> tuple[nn.Module, list[float]]:
    """İki katmanlı bir çözücü ve eğitim kayıpları; `maskeli` değilse öz-dikkati geleceği görür."""
    torch.manual_seed(5)
    sekil = ModelConfig(d_model=64, n_layers=2, n_heads=2, d_ff=128, context=64)
    model = build_model(sekil, tokenlastirici.vocab_size)
    if not maskeli:
        for parca in model.modules():
            if isinstance(parca, SelfAttention):
                parca.causal = False
    eniyileyici = torch.optim.AdamW(model.parameters(), 4e-3, betas=(0.9, 0.95))
    kayiplar = []
    for n in range(adim):
        eniyileyici.param_groups[0]["lr"] = 4e-3 * min(1.0, (n + 1) / 20) * (1 - n / adim)
        deger = kayip(model, egitim[torch.randint(len(egitim), (16,))])
        eniyileyici.zero_grad()
        deger.backward()
        eniyileyici.step()
        kayiplar.append(deger.item())
    return model.eval(), kayiplar


# %%
@torch.inference_mode()
def durust_kayip(model: nn.Module, pencere: Tensor) -> float:
    """Her token yalnızca kendinden öncekiler verilerek tahmin edilir."""
    tek_tek = [F.cross_entropy(model(pencere[:, :n])[:, -1], pencere[:, n]) for n in range(1, pencere.shape[1])]
    return torch.stack(tek_tek).mean().item()


@torch.inference_mode()
def yerlerin_kaybi(model: nn.Module, pencere: Tensor) -> Tensor:
    """(32,): tek geçişte kayıp, her yer için ayrı."""
    logitler = model(pencere[:, :-1]).transpose(1, 2)
    return F.cross_entropy(logitler, pencere[:, 1:], reduction="none").mean(0)


@torch.inference_mode()
def acgozlu(model: nn.Module, istem: str, yeni: int = 20) -> str:
    """İstemi en olası tokenlerle sürdürür."""
    kimlikler = tokenlastirici.encode(istem, bos=True)
    for _ in range(yeni):
        kimlikler.append(int(model(torch.tensor([kimlikler]))[0, -1].argmax()))
    return tokenlastirici.decode(kimlikler)


sonuc = {}
fig, ax = plt.subplots(figsize=(7, 3))
for ad, maskeli in (("maskeli", True), ("maskesiz", False)):
    model, kayiplar = yetistir(maskeli)
    with torch.inference_mode():
        sonuc[ad] = kayip(model, ayrilmis).item(), durust_kayip(model, ayrilmis), model
    ax.plot(kayiplar, label=f"{ad}: eğitimde, tek geçişte", linewidth=1)
    ax.plot(len(kayiplar), sonuc[ad][1], "o", color=ax.lines[-1].get_color(), label=f"{ad}: ayrılmış metinde, dürüst")
ax.set(xlabel="adım", ylabel="kayıp (nat/token)", ylim=(0, 8.5))
ax.legend(ncols=2, fontsize=8, loc="upper center")
plt.show()

# %%
print("ayrılmış metinde:")
print("model     tek geçişte  ilk 31 yer  son yer  dürüst")
for ad, (tek_gecis, durust, model) in sonuc.items():
    yerler = yerlerin_kaybi(model, ayrilmis)
    ilkler, son = yerler[:-1].mean().item(), yerler[-1].item()
    print(f"{ad:<9} {tek_gecis:>10.2f} {ilkler:>11.2f} {son:>8.2f} {durust:>7.2f}")

sayim = torch.bincount(egitim.flatten(), minlength=tokenlastirici.vocab_size)
siklik_kaybi = -(sayim / sayim.sum()).log()[ayrilmis[:, 1:]].mean().item()
print(f"model yok, yalnızca eğitim metnindeki token sıklıkları: {siklik_kaybi:.2f}\n")

for ad, (_, _, model) in sonuc.items():
    surdurme = acgozlu(model, "Bir gün Ayşe").replace("\n", " ")
    print(f"{ad}:\n    {surdurme}")

# %% [markdown]
# Maskesiz modelin tek geçişte kaybı sıfıra doğru iner: yanıtı bir sağındaki tokenden *kopyalamayı* öğrenmiştir. Kanıtı yerlere göre
# kayıptadır: sağında komşu olan ilk 31 yerde 0,27, komşusu olmayan son yerde 5,01. Ortalamadaki 0,42'nin üçte birinden çoğu o tek
# yerden gelir. Dürüst kaybı 6,36'dır: 800 token arasından rastgele seçmenin kaybı $\ln 800 = 6{,}68$, hiçbir şeye bakmadan
# yalnızca token sıklıklarını bilmenin kaybı 5,75'tir; model bundan da kötüdür. Üretirken kopyalayacak bir gelecek yoktur, elindeki
# son parçayı yineler durur. Maskeli modelin iki yüz adımlık Türkçesi de parlak değildir, ama gördüğünüz kayıp gerçek kaybıdır.
#
# **Unutmayın: eğitim kaybı umulmadık biçimde iyiyse önce sızıntı arayın.**
#
# Kütüphanenin modelinde iki kayıp *aynı sayı* olmalıdır: nedensel maske doğruysa bir kerede vermekle tek tek vermek
# arasında fark yoktur. Bu, bir çözücünün maskesini sınamanın en dürüst yoludur.

# %%
esit_mi(sonuc["maskeli"][1], sonuc["maskeli"][0], sinir=1e-5)
assert sonuc["maskesiz"][0] < sonuc["maskeli"][0] - 1.5, "geleceği gören model eğitimde çok daha iyi görünmeli"
assert sonuc["maskesiz"][1] > sonuc["maskeli"][1] + 1.0, "geleceği göremeyince çok daha kötü olmalı"
kopya = yerlerin_kaybi(sonuc["maskesiz"][2], ayrilmis)
assert kopya[-1] > kopya[:-1].max() + 2.0, "kopyalanacak komşusu olmayan yerde kayıp yükselmeli"

# %% [markdown]
# ### Dolguyu ortalamaya katmak
#
# Dört tokenlik bir satır, tek başınayken de yanına uzun bir satır gelip dolgulanınca da aynı yanıtı vermelidir. Kodlayıcının
# yaptığı gibi iki yöne bakan katmanda, dolgu sayısını artırarak ölçelim: maskeliyken ve maskeyi unutunca. Tokenlerin yerinde
# dört rastgele vektör var; ölçü, yanıttaki farkın boyunun yanıtın boyuna oranıdır (1'i aşabilir).

# %%
satir, dolgu = torch.randn(1, 4, 16), torch.randn(16)
tek_basina = iki_yonlu(satir, None, None)
adetler = [0, 1, 2, 4, 8, 16, 32]
olculen = []
for adet in adetler:
    dolgulu = torch.cat((satir, dolgu.expand(1, adet, 16)), 1)
    gorur = torch.arange(4 + adet)[None] < 4
    ciktilar = [iki_yonlu(dolgulu, None, None, maske)[:, :4] for maske in (padding_mask(gorur), None)]
    farklar = [((y - tek_basina).norm() / tek_basina.norm()).item() for y in ciktilar]
    agirlik = benim_oz_dikkat(dolgulu, iki_yonlu, torch.ones_like(gorur)[:, None])[1]
    olculen.append((adet, *farklar, agirlik[0, :4, 4:].sum(-1).mean().item()))

print("farkın boyu / yanıtın boyu; maskesizken dolguya giden ağırlık")
print("dolgu   maskeli  maskesiz  ağırlık")
for adet, maskeyle, maskesizken, pay in olculen:
    print(f"{adet:>5}  {maskeyle:>8.6f}  {maskesizken:>8.2f}  {pay:>7.2f}")

# %%
fig, ax = plt.subplots(figsize=(6, 2.8))
ax.plot(adetler, [o[1] for o in olculen], marker="o", label="maskeli")
ax.plot(adetler, [o[2] for o in olculen], marker="o", label="maskesiz")
ax.set(xlabel="satırın sonundaki dolgu (token)", ylabel="farkın boyu / yanıtın boyu")
ax.legend()
plt.show()
assert all(o[1] < 1e-5 for o in olculen), "maskelenen dolgu yanıtı değiştirmemeli"
assert olculen[-1][2] > 0.3, "maskelenmeyen dolgu yanıtı değiştirmeli"

# %% [markdown]
# Maskelenmeyen dolgu, ağırlıktan sayıca payını alır: $n$ dolguyla aşağı yukarı $n/(4+n)$; dördüyle yarısını, otuz ikisiyle onda dokuzunu. Satırın kendi anlamı dolgunun içinde
# erir; üstelik yanıt, yığında kimin yanına düştüğüne bağlı olur. Maskeyle fark sıfırdır. Aynı şeyi bütün bir kodlayıcı-çözücüde (bir metni okuyup
# başka bir metin yazan model, 9. bölüm) sınayalım: kısa kaynak tek başına ve dolgulu yığının içinde aynı **logitleri** (tokenlerin,
# softmax'tan önceki puanları) vermelidir.

# %%
torch.manual_seed(50)
sekil = ModelConfig(d_model=32, n_layers=2, n_heads=2, d_ff=64, context=32, encoder_layers=2, init_std=0.2)
cevirici = build_model(sekil, 40).eval()
kisa, metin = torch.randint(4, 40, (1, 5)), torch.randint(4, 40, (1, 6))
dolgulu = torch.cat((kisa, torch.full((1, 7), 3)), 1)
with torch.inference_mode():
    yalniz = cevirici(kisa, metin)
    esit_mi(cevirici(dolgulu, metin, torch.arange(12)[None] < 5), yalniz, sinir=5e-6)
    kayma = (cevirici(dolgulu, metin) - yalniz).abs().max().item()
print(f"maske verilmezse logitler {kayma:.2f} kadar oynuyor")
assert kayma > 0.01

# %% [markdown]
# ## Alıştırmalar
#
# **1.** **Pencere.** Her sorgu yalnızca kendisini ve önceki iki tokeni görsün (Mistral gibi modellerdeki kayan pencere).
# Maskeyi yazın, kütüphaneye verin (`nedensel(x, None, None, Mask(maskeniz))`), `benim_oz_dikkat` ile karşılaştırın.
#
# **2.** **Etki haritası.** Yukarıda eğittiğiniz maskeli modelde (`sonuc["maskeli"][2]`) girdinin $s$ numaralı tokenini
# değiştirin, hangi çıktıların değiştiğini bulun. Tablo, nedensel maskenin kendisi olmalı. Sonra aynısını maskesizde
# deneyin: ne değişti?
#
# **3.** **Softmax'tan sonra maskelemek.** (1, 1, 7, 16) biçimli rastgele `q` ve `k` için `attention_weights(q, k)`'yi hesaplayıp
# geleceğe giden ağırlıkları sıfırlayın. Satır toplamları ne olur, son satırınki neden 1 kalır? Toplama bölünce
# `attention_weights(q, k, causal=True)` ile aynı sonucu bulur musunuz? Bir de `q`'yu 200 ile çarpın: bölmek hâlâ kurtarır mı?

# %% tags=["cozum"]
# Çözüm 1: pencere, nedensel maskenin bir köşegen bandıdır. Hiçbir sorgu kör değildir, kendini görür.
yer = torch.arange(7)
pencere = benim_nedensel(7) & (yer[:, None] - yer[None, :] < 3)
esit_mi(benim_oz_dikkat(x, nedensel, pencere)[0], nedensel(x, None, None, Mask(pencere)))
assert pencere.sum(1).tolist() == [1, 2, 3, 3, 3, 3, 3]

# %% tags=["cozum"]
# Çözüm 2: s değişince yalnızca s ve sonrası değişir; maskesizde her çıktı.
kimlikler = torch.randint(10, 800, (1, 7))
etki = {ad: torch.zeros(7, 7, dtype=torch.bool) for ad in sonuc}
with torch.inference_mode():
    for ad, (_, _, model) in sonuc.items():
        once = model(kimlikler)
        for s in range(7):
            degisik = kimlikler.clone()
            degisik[0, s] = 9
            etki[ad][:, s] = ((model(degisik) - once).abs().amax(-1) > 1e-6)[0]
esit_mi(etki["maskeli"], benim_nedensel(7))
assert etki["maskesiz"].all()

# %% tags=["cozum"]
# Çözüm 3: toplam 1'in altına düşer; yalnızca son satır, önünde yasak anahtar olmadığı için, 1 kalır.
# Bölmek düzeltir: softmax'ın paydası yasak anahtarlar olmadan yeniden kurulmuş olur.
q, k, v = (torch.randn(1, 1, 7, 16) for _ in range(3))
sonradan = attention_weights(q, k) * benim_nedensel(7)
assert (sonradan.sum(-1)[0, 0, :-1] < 1).all()
esit_mi(sonradan.sum(-1)[0, 0, -1], 1.0)
duzeltilmis = sonradan / sonradan.sum(-1, keepdim=True)
esit_mi(duzeltilmis, attention_weights(q, k, causal=True))
esit_mi(duzeltilmis @ v, attend(q, k, v, causal=True))

# Puanlar büyüyünce softmax bütün ağırlığı yasak bir anahtara verebilir: serbestlere tam 0 kalır,
# bölmek 0/0'dır. −∞ önceden eklenirse yasak anahtar yarışa hiç girmez.
sonradan = attention_weights(200 * q, k) * benim_nedensel(7)
bolunmus = sonradan / sonradan.sum(-1, keepdim=True)
print("NaN olan satır:", int(bolunmus.isnan().any(-1).sum()))
assert bolunmus.isnan().any()
assert not attention_weights(200 * q, k, causal=True).isnan().any()

# %% [markdown]
# ## Sırada ne var
#
# Bir sorgunun tek bir ağırlıklı ortalaması vardır; ama “Ali kitabı Ayşe'ye verdi” cümlesinde *verdi* aynı anda kimin, neyi, kime
# verdiğini bilmek ister. **6. bölümde** başlar çoğalıyor. Kaynağa bakan dikkat 7. bölümdedir.
#
# - Kod: `src/fidan/model/masks.py`, `src/fidan/model/document_mask.py`, `src/fidan/model/attention.py`.
# - Vaswani ve ark. (2017, arXiv 1706.03762), bölüm 3.2.3.
# - Belge maskelerini hızlı hesaplamak: Dong ve ark., *FlexAttention* (2024, arXiv 2412.05496).
# - Kayan pencere: Jiang ve ark., *Mistral 7B* (2023, arXiv 2310.06825).
