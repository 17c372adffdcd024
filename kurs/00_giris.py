# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 0. Giriş ve kurulum
#
# **Soru.** Telefonunuz “Bugün hava çok” yazdığınızda “güzel” sözcüğünü önerir. Bunu nereden bilir? Bir dil modeli
# tam olarak nedir ve iyi olduğu nasıl ölçülür?
#
# Bu bölümün sonunda kursu bilgisayarınızda çalıştırmış, yalnızca sayarak iki dil modeli kurmuş ve bunları bir dakikada
# eğitilen gerçek bir modelle **aynı ölçüyle** karşılaştırmış olacaksınız. Python bilmeniz yeter; türev ve matris çarpımı
# gereken yerde anlatılır.
#
# ### Kurulum
#
# Bilgisayarınızda Python 3.11 veya üstü ve `make` varsa depoyu indirip şunu çalıştırın:
#
# ```sh
# make course
# ```
#
# Bu komut `.venv` klasörünü kurar ve bütün bölümleri sırayla yürütür; birkaç dakika sürer, ağ bağlantısı yalnızca kurulum
# içindir. Bölümleri tek tek açmak için her sayfanın başındaki defteri Jupyter'da ya da Colab'da açın. Her bölüm
# baştan sona, kendi içinde çalışır: hücreleri sırayla yürütün, değiştirin, bozun.
#
# Her bölümün düzeni aynıdır: bir soru, kuram, **elle yazılmış** kısa bir sürüm, kütüphanenin kendi kodu, ikisinin aynı
# sonucu verdiğinin **kanıtı**, bir şeyi bilerek **bozan** deney, çözümlü alıştırmalar. Gösterilen her çıktı o hücrenin
# gerçek çıktısıdır.

# %%
import json
import math

import numpy as np
import torch
from matplotlib import pyplot as plt

from fidan.evaluation.baselines.kneser_ney import n_gram
from fidan.evaluation.baselines.simple import Rows, gather, unigram
from fidan.kurs import esit_mi, kaynak, ornek_calistirma
from fidan.trained import open_writer
from fidan.training.log import read_metrics
from fidan.training.packed_tokens import PackedTokens

calistirma = ornek_calistirma()
print("Kurulum tamam. PyTorch", torch.__version__.split("+")[0])

# %% [markdown]
# Son satır, kursun yanında taşıdığı küçük modeli bir kez eğitti: paketin kendi ürettiği 3 MB öykü, 1000 parçalık bir
# sözlük, yarım milyon parametre. Öteki bölümler aynı modelin içine bakar.
#
# ## Kuram
#
# **Dil modeli**, bir metnin olasılığını söyleyen işlevdir. Metin **token** denen parçalara bölünür (2. bölüm) ve olasılık
# soldan sağa çarpanlara ayrılır:
#
# $$P(x_1, \dots, x_n) = \prod_{i=1}^{n} P(x_i \mid x_1, \dots, x_{i-1})$$
#
# Yani model tek bir soruya yanıt verir: *buraya kadar bunlar yazıldı; sıradaki token ne olabilir?* Yanıt, sözlükteki her
# token için bir olasılıktır. Eğittiğimiz modele soralım:

# %%
yazar = open_writer(calistirma.out)
istem = "Bir gün Ayşe"
kimlikler = [yazar.tokenizer.bos_id, *yazar.tokenizer.encode(istem)]
olasilik = yazar.engine.open([kimlikler], 1).logits[0].softmax(-1)
ust = olasilik.topk(8)

fig, ax = plt.subplots(figsize=(6, 2.8))
adlar = [f"“{yazar.tokenizer.piece(int(i)).replace('▁', '␣')}”" for i in ust.indices]
ax.barh(adlar[::-1], ust.values.tolist()[::-1])
ax.set(xlabel="olasılık", title=f"“{istem}” sonrasında gelebilecek tokenler")
plt.show()

# %% [markdown]
# (␣ bir boşluktur: “␣bir” yeni bir sözcüğü başlatır, boşluksuz bir parça ise önceki sözcüğü sürdürür.)
#
# **Nasıl ölçeriz?** Modelin hiç görmediği bir metni veririz ve her tokene verdiği olasılığa bakarız. $p$ olasılıklı bir
# olayın bilgisi $-\log_2 p$ **bittir**: yazı turada gelen tura 1 bit, kesin bilinen şey 0 bit. Metnin toplam biti, onu bu
# modelle sıkıştırırsak kaç bit tutacağıdır (Shannon, 1948). Metnin UTF-8 bayt sayısına bölünce
# **bayt başına bit** çıkar:
#
# $$\text{bayt başına bit} = \frac{-\sum_i \log_2 P(x_i \mid x_{<i})}{\text{bayt sayısı}}$$
#
# Küçük olan iyidir. Ölçü, metni kaç tokene böldüğümüze bağlı değildir; bu yüzden sözlüğü farklı modeller de
# karşılaştırılabilir (12. bölüm).
#
# ## Elle yazalım
#
# En basit modeller sayar. **Tek token modeli** bağlama hiç bakmaz: bir token eğitim metninde ne kadar sıksa o kadar
# olasıdır. **İkili model** (bigram) yalnızca bir önceki tokene bakar. Hiç görülmemiş bir token olanaksız sayılmasın
# diye her sayıma 1 eklenir (Laplace).


# %%
def benim_tek_token(egitim: list[list[int]], metin: list[int], sozluk: int) -> float:
    """Bir belgenin biti. Belgenin ilk kimliği (<s>) verilidir, ötekiler tahmin edilir."""
    sayim = [1] * sozluk
    for belge in egitim:
        for kimlik in belge[1:]:
            sayim[kimlik] += 1
    toplam = sum(sayim)
    return sum(-math.log2(sayim[kimlik] / toplam) for kimlik in metin[1:])


def benim_ikili(egitim: list[list[int]], sozluk: int) -> np.ndarray:
    """(V, V) olasılıklar: satır önceki token, sütun sıradaki. Az görülen satır tek token modeline yaslanır."""
    sayim = np.zeros((sozluk, sozluk))
    for belge in egitim:
        np.add.at(sayim, (belge[:-1], belge[1:]), 1)
    tek = (sayim.sum(0) + 1) / (sayim.sum() + sozluk)
    cesit = (sayim > 0).sum(1, keepdims=True)  # önceki tokenden sonra kaç farklı token geldi (Witten ve Bell, 1991)
    return (sayim + np.maximum(cesit, 1) * tek) / (sayim.sum(1, keepdims=True) + np.maximum(cesit, 1))


# %% [markdown]
# ## Kütüphanede
#
# Kütüphane, eğitilen her modelin yanına böyle basit modelleri **ölçü çubuğu** olarak koyar. Bir sinir ağı sayan bir
# modeli geçemiyorsa bir şey bozuktur.

# %%
kaynak(unigram)

# %% [markdown]
# Kütüphanenin sürümü döngü yerine NumPy dizileriyle sayar; belgeler tek bir dizide uç uca durur (`Rows`).
#
# ## Kanıt

# %%
egitim = PackedTokens.open(calistirma.folder("pack"), "train")
ayrilmis = PackedTokens.open(calistirma.folder("pack"), "valid")
sozluk = yazar.tokenizer.vocab_size


def satirlar(paket: PackedTokens) -> Rows:
    """Bir bölümün bütün belgeleri."""
    return gather((paket.document(i) for i in range(paket.documents)), sozluk)


egitim_belgeleri = [egitim.document(i).tolist() for i in range(egitim.documents)]
ayrilmis_belgeler = [ayrilmis.document(i).tolist() for i in range(ayrilmis.documents)]
kutuphane = unigram(satirlar(egitim), satirlar(ayrilmis), sozluk)

bizimki = [benim_tek_token(egitim_belgeleri, belge, sozluk) for belge in ayrilmis_belgeler[:20]]
esit_mi(bizimki, kutuphane.bits[:20])

ikili = benim_ikili(egitim_belgeleri, sozluk)
esit_mi(ikili.sum(1), np.ones(sozluk))

# %% [markdown]
# Şimdi hepsini yan yana koyalım: hiçbir şey bilmeyen model, tek token, ikili, kütüphanenin beşli modeli (Kneser–Ney) ve
# eğitilen sinir ağı. Hepsi aynı ayrılmış metinde.

# %%
bayt = sum(ayrilmis.document_bytes(i) for i in range(ayrilmis.documents))
ikili_bit = sum(-np.log2(ikili[belge[:-1], belge[1:]]).sum() for belge in ayrilmis_belgeler)
besli = n_gram(satirlar(egitim), satirlar(ayrilmis), sozluk)
kayit = json.loads((calistirma.folder("evaluate") / "evaluation.json").read_text(encoding="utf-8"))
agin = kayit["texts"][0]["models"][0]["bits_per_byte"]["value"]

olcumler = {
    "rastgele (log₂ V)": float((satirlar(ayrilmis).lengths - 1).sum() * math.log2(sozluk) / bayt),
    "tek token": float(np.sum(kutuphane.bits) / bayt),
    "ikili": float(ikili_bit / bayt),
    "beşli (Kneser–Ney)": float(np.sum(besli.bits) / bayt),
    "sinir ağı": agin,
}
for ad, deger in olcumler.items():
    print(f"{ad:<20} {deger:.2f} bit/bayt")

fig, ax = plt.subplots(figsize=(6, 2.6))
ax.barh(list(olcumler)[::-1], list(olcumler.values())[::-1])
ax.set(xlabel="bayt başına bit (küçük olan iyi)")
plt.show()

# %% [markdown]
# Bağlam uzadıkça ölçü düşer; bir dakika eğitilen ağ, ikili modelin yarısından azına iner. Ama **beşli model ağı geçiyor**.
# Buna şaşırmayın: bu öyküler kalıplardan üretildi, beş tokenlik kalıplar hep yinelenir ve saymak onları ezberlemeye
# yeter. Gerçek web metninde de yarış yakındır: bayt başına bit, bir saat eğitilen 8,8 milyon parametreli modelimizde
# 1,56, aynı tokenlerin beşli modelinde 1,54'tür (`dev/LOG.md`). Sayan model orada durur: daha uzun bağlamların çoğu eğitim
# metninde bir kez bile geçmez. Ağ ise **hiç görmediği** bağlamlarda da iş görür, çünkü benzer tokenleri benzer vektörlerle
# gösterir; metin ve parametre arttıkça düşmeyi sürdürür. Kursun geri kalanı bunun nasıl olduğudur.
#
# Çıkarılacak ders: “kayıp düştü” tek başına bir şey demez. Ölçünün yanında her zaman bir ölçü çubuğu durmalıdır.

# %%
assert olcumler["rastgele (log₂ V)"] > olcumler["tek token"] > olcumler["ikili"]
assert olcumler["ikili"] > max(olcumler["sinir ağı"], olcumler["beşli (Kneser–Ney)"])

# %% [markdown]
# ## Bozalım: 1 eklemeyi unutmak
#
# Eğitimde hiç görülmemiş bir token ayrılmış metinde çıkarsa ne olur? Aynı sayımı bu kez 1 eklemeden yapalım.

# %%
ham = np.bincount(np.concatenate([belge[1:] for belge in egitim_belgeleri]), minlength=sozluk)
with np.errstate(divide="ignore"):
    ham_bit = -np.log2(ham / ham.sum())
    ikili_ham = np.zeros((sozluk, sozluk))
    for belge in egitim_belgeleri:
        np.add.at(ikili_ham, (belge[:-1], belge[1:]), 1)
    ikili_ham_bit = -np.log2(ikili_ham / np.maximum(ikili_ham.sum(1, keepdims=True), 1))

tek_sonsuz = sum(bool(np.isinf(ham_bit[belge[1:]]).any()) for belge in ayrilmis_belgeler)
ikili_sonsuz = sum(bool(np.isinf(ikili_ham_bit[belge[:-1], belge[1:]]).any()) for belge in ayrilmis_belgeler)
print(f"{len(ayrilmis_belgeler)} ayrılmış belgeden sonsuz kayıplı olanlar:")
print(f"  tek token modeli: {tek_sonsuz}")
print(f"  ikili model:      {ikili_sonsuz}")
assert ikili_sonsuz > len(ayrilmis_belgeler) // 4
assert np.isfinite(kutuphane.bits).all(), "kütüphanenin modeli hiçbir tokeni olanaksız saymamalı"

# %% [markdown]
# Tek bir “olanaksız” token bütün metnin olasılığını sıfır, kaybını sonsuz yapar. Bu yüzden hiçbir dil modeli bir tokene
# sıfır olasılık vermez; sinir ağlarında bunu softmax sağlar (4. ve 10. bölümler).
#
# ## Alıştırmalar
#
# **1.** İkili modelle metin yazın: `<s>` ile başlayın, her adımda sıradaki tokeni `ikili` tablosunun satırından
# örnekleyin. Aynı istemi sinir ağının yazdığıyla karşılaştırın.
#
# **2.** Ortalama kaybı nat (doğal logaritma) olarak 1,64, bayt sayısı token başına 2,76 olan bir modelin bayt başına biti
# kaçtır? Eğitim günlüğündeki son doğrulama satırıyla sınayın.
#
# **3.** Sözlüğü 1000 olan, hiçbir şey öğrenmemiş bir modelin token başına kaybı kaç nattır? Eğitim günlüğünün ilk
# satırıyla karşılaştırın.

# %% tags=["cozum"]
# Çözüm 1
uretec = np.random.default_rng(0)
yazilan = [yazar.tokenizer.bos_id]
while len(yazilan) < 40 and yazilan[-1] != yazar.tokenizer.eos_id:
    yazilan.append(int(uretec.choice(sozluk, p=ikili[yazilan[-1]])))
print("ikili model:", yazar.tokenizer.decode(yazilan))
ornekler = json.loads((calistirma.folder("generate") / "samples.json").read_text(encoding="utf-8"))
print("sinir ağı:  ", ornekler[0]["prompt"] + ornekler[0]["continuation"][:160])
assert yazilan[0] == yazar.tokenizer.bos_id
assert (ikili[yazilan[:-1], yazilan[1:]] > 0).all()

# %% tags=["cozum"]
# Çözüm 2: nat → bit için ln 2'ye, token → bayt için token başına bayta bölünür.
son = [satir for satir in read_metrics(calistirma.folder("train")) if satir["kind"] == "valid"][-1]
token_basina_bayt = son["loss"] / math.log(2) / son["bits_per_byte"]
print(f"{1.64 / math.log(2) / 2.76:.2f} bit/bayt; günlükte token başına {token_basina_bayt:.2f} bayt")
assert 2.5 < token_basina_bayt < 3.1

# %% tags=["cozum"]
# Çözüm 3: her token 1/V olasılıklıdır, kayıp ln V'dir.
ilk = read_metrics(calistirma.folder("train"))[0]
print(f"ln 1000 = {math.log(1000):.2f}; günlüğün ilk satırında ({ilk['step']}. adım) {ilk['loss']:.2f}")
assert ilk["loss"] < math.log(1000) < ilk["loss"] + 0.5

# %% [markdown]
# ## Sırada ne var
#
# Modelin öğrendiği her şey metinden gelir. **1. bölüm** ham metni temiz bir derleme dönüştürür.
#
# - Kod: `src/fidan/evaluation/baselines/`; bütün yol için `README.tr.md`, klasörler veri sırasındadır.
# - Terimler: `kurs/sozluk.md`.
# - Makaleler: Shannon, *A Mathematical Theory of Communication* (1948); Bengio ve ark., *A Neural Probabilistic Language
#   Model* (JMLR 3, 2003): “benzer tokenlere benzer vektörler” düşüncesi.
