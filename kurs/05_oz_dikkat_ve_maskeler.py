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
# çarpımlı dikkati bilmeniz yeter.

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
# $$Q = xW_Q^\top \qquad K = xW_K^\top \qquad V = xW_V^\top \qquad
# y = \operatorname{softmax}\!\left(\frac{QK^\top}{\sqrt d} + M\right) V\, W_O^\top$$
#
# Yeni olan $M$'dir, yani **maske**: sorgu $t$'nin anahtar $s$'yi görmesi serbestse $M_{ts} = 0$, yasaksa $-\infty$. $e^{-\infty} = 0$ olduğundan
# yasak anahtarın ağırlığı tam sıfırdır; kalan ağırlıkların toplamı yine 1 olur. (Ağırlıkları softmax'tan *sonra* sıfırlamak
# yetmez: toplam 1'in altına düşer.)
#
# - **Nedensel maske** (Vaswani ve ark., 2017, arXiv 1706.03762, bölüm 3.2.3): $s \le t$. Yazan model geleceği görmez. Böylece
#   $T$ tokenlik tek bir dizi, bir geçişte $T$ ayrı tahmin sorusu olur.
# - **Dolgu maskesi**: bir yığında satırlar aynı boyda olmalıdır; kısa satırın sonu `<pad>` ile doldurulur. O yerleri kimse görmez.
# - **Nedensel ve dolgu**: ikisi birden.
# - **Belge maskesi**: ön eğitimde kısa belgeler art arda dizilip tek dizi yapılır. Bir belge ötekini görmemelidir.
#
# **Sayılarla.** Puanlar $(2, 1, 1)$ olsun. Maskesiz ağırlıklar $(0{,}58;\ 0{,}21;\ 0{,}21)$'dir. Üçüncü anahtar yasaksa puanlar
# $(2, 1, -\infty)$, ağırlıklar $e^2/(e^2+e) = 0{,}73$, $0{,}27$ ve $0$ olur.

# %%
puanlar = torch.tensor([2.0, 1.0, 1.0])
print("maskesiz:", [round(w, 2) for w in puanlar.softmax(-1).tolist()])
print("maskeli: ", [round(w, 2) for w in (puanlar + torch.tensor([0, 0, -torch.inf])).softmax(-1).tolist()])

# %% [markdown]
# Dört maskeyi çizelim. Yeşil: bakabilir, beyaz: bakamaz. Belge maskesinde iki kısa belge art arda dizili; her belge `<s>`
# ile başlar (kütüphane belgeleri bundan sayar).

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
fig, eksenler = plt.subplots(1, 4, figsize=(8, 2.6))
for ax, (ad, (gorur, sozcukler)) in zip(eksenler, maskeler.items(), strict=True):
    dikkat_haritasi(gorur.float(), sozcukler, baslik=ad, ax=ax)
    ax.title.set_fontsize(9)
    ax.tick_params(labelsize=7)
    ax.set(xlabel="", ylabel="")
eksenler[0].set(xlabel="anahtar", ylabel="sorgu")
plt.show()

# %% [markdown]
# ## Elle yazalım
#
# Maskeler mantıksal tablolardır (`True`: bakabilir). Öz-dikkat, 4. bölümün formülüne üç çarpım ve bir maske ekler. Tek başla
# yazıyoruz; çok baş 6. bölümde.


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
    """(B, T, D), tek başlı katmanın ağırlıkları ve (B, T, T) maske → (B, T, D) çıktı, (B, T, T) dikkat ağırlıkları."""
    q, k, v = (x @ m.weight.T for m in (katman.q_proj, katman.k_proj, katman.v_proj))
    puan = q @ k.transpose(1, 2) / q.shape[-1] ** 0.5
    agirlik = puan.masked_fill(~gorur, -torch.inf).softmax(-1)
    return agirlik @ v @ katman.o_proj.weight.T, agirlik


# %% [markdown]
# ## Kütüphanede

# %%
kaynak(causal_mask)

# %%
kaynak(causal_padding_mask)

# %%
kaynak(seen_by_all)

# %% [markdown]
# `seen_by_all` sizinkinde olmayan bir durumu düşünür: **hiçbir şey göremeyen** sorgu. Bütün puanları $-\infty$ olursa softmax
# $0/0$, yani NaN verir ve bu NaN bütün modele yayılır. Kütüphane böyle sorguları bir kez bulur (`blind`), onlara her yeri
# gösterir, sonra çıktılarını sıfırlar.
#
# Öz-dikkatin kendisi:

# %%
kaynak(SelfAttention.forward)

# %% [markdown]
# Nedensel maske orada matris olarak kurulmaz bile: `causal=True` bayrağı hazır çekirdeğe “üst üçgeni hiç hesaplama”
# der, işin yarısı kalır. `cos` ve `sin` 3. bölümün RoPE'si, `cache` üretimin önbelleğidir (13. bölüm).
#
# ## Kanıt
#
# Önce maskeler, sonra aynı ağırlıklarla katman: nedensel, kodlayıcıdaki gibi iki yönlü ama dolgulu, ikisi birden ve belgeli.

# %%
token_mu = torch.tensor([[True] * 7, [True] * 4 + [False] * 3])
kimlikler = torch.tensor([[1, 5, 6, 1, 7, 8, 9], [1, 5, 1, 6, 7, 1, 8]])
esit_mi(benim_nedensel(7), causal_mask(7).allowed)
esit_mi(benim_dolgu(token_mu)[:, None], padding_mask(token_mu).allowed)
esit_mi((benim_nedensel(7) & benim_dolgu(token_mu))[:, None], causal_padding_mask(token_mu).allowed)
esit_mi(benim_belge(kimlikler, 1)[:, None], added_mask(documents_of(kimlikler, 1), torch.float32) == 0)

# %%
sekil = ModelConfig(d_model=16, n_heads=1)
nedensel, iki_yonlu = (SelfAttention(sekil, layer=0, causal=c) for c in (True, False))
x = torch.randn(2, 7, 16)
belge = document_mask(documents_of(kimlikler, 1), torch.float32)

esit_mi(benim_oz_dikkat(x, nedensel, benim_nedensel(7))[0], nedensel(x, None, None))
esit_mi(benim_oz_dikkat(x, iki_yonlu, torch.ones(7, 7, dtype=torch.bool))[0], iki_yonlu(x, None, None))
esit_mi(benim_oz_dikkat(x, iki_yonlu, benim_dolgu(token_mu))[0], iki_yonlu(x, None, None, padding_mask(token_mu)))
ikisi = benim_nedensel(7) & benim_dolgu(token_mu)
esit_mi(benim_oz_dikkat(x, nedensel, ikisi)[0], nedensel(x, None, None, causal_padding_mask(token_mu)))
esit_mi(benim_oz_dikkat(x, nedensel, benim_belge(kimlikler, 1))[0], nedensel(x, None, None, documents=belge))

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
# maske yok. İki kayıp ölçeceğiz:
#
# - **eğitimdeki kayıp**: diziyi bir kerede ver, her yerde bir sonrakini tahmin et;
# - **dürüst kayıp**: yalnızca baştaki $n$ tokeni ver, $n+1$'inciyi tahmin et; her $n$ için ayrı ayrı. Üretimde model
#   tam da bunu yapar: geleceği ona verecek kimse yoktur.

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
    ax.plot(kayiplar, label=f"{ad}: eğitimdeki kayıp", linewidth=1)
    ax.plot(len(kayiplar), sonuc[ad][1], "o", color=ax.lines[-1].get_color(), label=f"{ad}: dürüst kayıp")
ax.set(xlabel="adım", ylabel="kayıp (nat/token)", ylim=(0, 8.5))
ax.legend(ncols=2, fontsize=8, loc="upper center")
plt.show()

# %%
print("ayrılmış metinde   bir kerede    dürüst   istemin sürdürülüşü")
for ad, (bir_kerede, durust, model) in sonuc.items():
    surdurme = acgozlu(model, "Bir gün Ayşe").replace("\n", " ")
    print(f"{ad:<16} {bir_kerede:>12.2f} {durust:>9.2f}   {surdurme}")

# %% [markdown]
# Maskesiz modelin eğitimdeki kaybı sıfıra doğru iner: yanıtı bir sağındaki tokenden *kopyalamayı* öğrenmiştir. Kaybı dürüstçe
# ölçünce neredeyse hiçbir şey bilmediği ortaya çıkar: 800 token arasından rastgele seçmenin kaybı $\ln 800 = 6{,}68$'dir,
# onunki bunun az altındadır. Üretirken kopyalayacak bir gelecek yoktur, elindeki son parçayı yineler durur. Maskeli modelin iki yüz adımlık Türkçesi de
# parlak değildir, ama gördüğünüz kayıp gerçek kaybıdır.
#
# **Unutmayın: eğitim kaybı umulmadık biçimde iyiyse önce sızıntı arayın.**
#
# Kütüphanenin modelinde iki kayıp *aynı sayı* olmalıdır: nedensel maske doğruysa bir kerede vermekle tek tek vermek
# arasında fark yoktur. Bu, bir çözücünün maskesini sınamanın en dürüst yoludur.

# %%
esit_mi(sonuc["maskeli"][1], sonuc["maskeli"][0], sinir=1e-5)
assert sonuc["maskesiz"][0] < sonuc["maskeli"][0] - 1.5, "geleceği gören model eğitimde çok daha iyi görünmeli"
assert sonuc["maskesiz"][1] > sonuc["maskeli"][1] + 1.0, "geleceği göremeyince çok daha kötü olmalı"

# %% [markdown]
# ### Dolguyu ortalamaya katmak
#
# “Ali geldi” satırı tek başınayken ve yanına uzun bir satır gelince dolgulanmışken aynı yanıtı vermelidir. Kodlayıcının
# yaptığı gibi iki yöne bakan katmanda, dolgu sayısını artırarak ölçelim: maskeliyken ve maskeyi unutunca.

# %%
satir, dolgu = torch.randn(1, 4, 16), torch.randn(16)
tek_basina = iki_yonlu(satir, None, None)
adetler = [0, 1, 2, 4, 8, 16, 32]
olculen = []
for adet in adetler:
    dolgulu = torch.cat((satir, dolgu.expand(1, adet, 16)), 1)
    gorur = torch.arange(4 + adet)[None] < 4
    maskeli = iki_yonlu(dolgulu, None, None, padding_mask(gorur))[:, :4]
    maskesiz = iki_yonlu(dolgulu, None, None)[:, :4]
    pay = benim_oz_dikkat(dolgulu, iki_yonlu, torch.ones_like(gorur)[:, None])[1][0, :4, 4:].sum(-1).mean()
    farklar = [((cikti - tek_basina).norm() / tek_basina.norm()).item() for cikti in (maskeli, maskesiz)]
    olculen.append((adet, *farklar, pay.item()))

print("dolgu  maskeli: fark  maskesiz: fark  dolguya giden ağırlık")
for adet, maskeli, maskesiz, pay in olculen:
    print(f"{adet:>5}  {maskeli:>13.6f}  {maskesiz:>14.2f}  {pay:>21.2f}")

# %%
fig, ax = plt.subplots(figsize=(6, 2.8))
ax.plot(adetler, [o[1] for o in olculen], marker="o", label="maskeli")
ax.plot(adetler, [o[2] for o in olculen], marker="o", label="maskesiz")
ax.set(xlabel="satırın sonundaki dolgu (token)", ylabel="yanıtın değişmesi (oran)")
ax.legend()
plt.show()
assert all(o[1] < 1e-5 for o in olculen), "maskelenen dolgu yanıtı değiştirmemeli"
assert olculen[-1][2] > 0.3, "maskelenmeyen dolgu yanıtı değiştirmeli"

# %% [markdown]
# Maskelenmeyen dolgu, ağırlıktan sayıca payını alır: dört dolguyla yarısını, otuz ikiyle onda dokuzunu. Satırın kendi anlamı dolgunun içinde
# erir; üstelik yanıt, yığında kimin yanına düştüğüne bağlı olur. Maskeyle fark sıfırdır. Aynı şeyi bütün bir kodlayıcı-çözücüde sınayalım: kısa kaynak tek başına ve dolgulu yığının içinde aynı logitleri
# vermelidir.

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
# Maskeyi yazın, `Mask` ile kütüphaneye verin, elle yazdığınızla karşılaştırın.
#
# **2.** **Etki haritası.** Kütüphanenin iki katmanlı çözücüsünde girdinin $s$ numaralı tokenini değiştirin, hangi
# çıktıların değiştiğini bulun. Tablo, nedensel maskenin kendisi olmalı.
#
# **3.** **Softmax'tan sonra maskelemek.** Ağırlıkları softmax'tan sonra sıfırlayın. Satır toplamları ne olur? Toplama bölerek
# düzeltirseniz $-\infty$ ile aynı sonucu bulur musunuz?

# %% tags=["cozum"]
# Çözüm 1: pencere, nedensel maskenin bir köşegen bandıdır. Hiçbir sorgu kör değildir, kendini görür.
yer = torch.arange(7)
pencere = benim_nedensel(7) & (yer[:, None] - yer[None, :] < 3)
esit_mi(benim_oz_dikkat(x, nedensel, pencere)[0], nedensel(x, None, None, Mask(pencere)))
assert pencere.sum(1).tolist() == [1, 2, 3, 3, 3, 3, 3]

# %% tags=["cozum"]
# Çözüm 2: s değişince yalnızca s ve sonrası değişir.
model = sonuc["maskeli"][2]
kimlikler = torch.randint(10, 800, (1, 7))
etki = torch.zeros(7, 7, dtype=torch.bool)
with torch.inference_mode():
    once = model(kimlikler)
    for s in range(7):
        degisik = kimlikler.clone()
        degisik[0, s] = 9
        etki[:, s] = ((model(degisik) - once).abs().amax(-1) > 1e-6)[0]
esit_mi(etki, benim_nedensel(7))

# %% tags=["cozum"]
# Çözüm 3: toplam 1'in altına düşer. Bölmek düzeltir; softmax'ın paydası yasak anahtarlar olmadan yeniden kurulmuş olur.
q, k, v = (torch.randn(1, 1, 7, 16) for _ in range(3))
sonradan = attention_weights(q, k) * benim_nedensel(7)
assert (sonradan.sum(-1)[0, 0, :-1] < 1).all()
duzeltilmis = sonradan / sonradan.sum(-1, keepdim=True)
esit_mi(duzeltilmis, attention_weights(q, k, causal=True))
esit_mi(duzeltilmis @ v, attend(q, k, v, causal=True))

# %% [markdown]
# ## Sırada ne var
#
# Bir sorgunun tek bir ağırlıklı ortalaması vardır; ama *verdi* aynı anda kimin, neyi, kime verdiğini bilmek ister. **6. bölümde**
# başlar çoğalıyor. Kaynağa bakan dikkat 7. bölümdedir.
#
# - Kod: `src/fidan/model/masks.py`, `src/fidan/model/document_mask.py`, `src/fidan/model/attention.py`.
# - Vaswani ve ark. (2017, arXiv 1706.03762), bölüm 3.2.3.
# - Belge maskelerini hızlı hesaplamak: Dong ve ark., *FlexAttention* (2024, arXiv 2412.05496).
# - Kayan pencere: Jiang ve ark., *Mistral 7B* (2023, arXiv 2310.06825).
