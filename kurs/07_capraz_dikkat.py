# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 7. Çapraz dikkat
#
# **Soru.** *Ev*in çoğulu *evler*, *kitap*ınki *kitaplar*. Eki seçerken aklınız sözcüğün son ünlüsüne gider. Yazan bir model, elindeki
# harfi yazarken kaynağın neresine bakacağını nasıl bilir?
#
# Bu bölümün sonunda çapraz dikkati kendiniz yazmış; saniyeler içinde, uydurma köklerle eğitilen bir kodlayıcı-çözücünün hiç görmediği
# gerçek Türkçe adları çoğul yaptığını, *-lar* mı *-ler* mi derken son ünlüye baktığını görmüş; çapraz dikkati kesince geriye ne kaldığını
# ölçmüş olacaksınız. 5. bölüm (öz-dikkat, maskeler) ve 6. bölüm (başlar) yeter.

# %%
import random

import torch
from matplotlib import pyplot as plt
from torch import Tensor
from torch.nn import functional as F

from fidan.corpus.synthetic.lexicon import NOUNS
from fidan.kurs import dikkat_haritasi, esit_mi, kaynak
from fidan.model.attention import attention_weights
from fidan.model.build import build_model
from fidan.model.config import ModelConfig
from fidan.model.cross_attention import CrossAttention, Source
from fidan.model.encoder_decoder import EncoderDecoder
from fidan.model.masks import padding_mask

_ = torch.manual_seed(7)

# %% [markdown]
# ## Kuram
#
# Kodlayıcı kaynağı okur ve her token için bir vektör bırakır: $m_1, \dots, m_S$. Buna **bellek** diyelim. Çözücü metni yazar; yazdığı her
# tokenin vektörü $x_t$ belleğe sorar. **Sorgu metinden, anahtar ve değer kaynaktan** gelir (Vaswani ve ark., 2017, arXiv
# 1706.03762, bölüm 3.2.3; düşüncenin kökü: Bahdanau ve ark., 2014, arXiv 1409.0473):
#
# $$Q = xW_Q^\top \qquad K = mW_K^\top \qquad V = mW_V^\top \qquad
# y = \operatorname{softmax}\!\left(\frac{QK^\top}{\sqrt d} + M\right) V\,W_O^\top$$
#
# Öz-dikkatten üç farkı vardır:
#
# - Ağırlıklar kare değildir: $T$ sorgu, $S$ anahtar.
# - **Nedensel maske yoktur.** Kaynak baştan sona verilmiştir, gelecekten sızacak bir şey yoktur. Maske $M$ yalnızca kaynağın
#   dolgusunu gizler.
# - **RoPE yoktur.** Metnin 3. harfiyle kaynağın 5. harfi arasında bir “uzaklık” tanımlı değildir; sırayı kodlayıcı ile çözücü kendi
#   vektörlerine zaten işlemiştir.
#
# Bir de kazanç: $K$ ve $V$ metne bağlı değildir. Kaynak bir kez okunur, anahtarlar ve değerler bir kez hesaplanıp **saklanır**; her yeni
# token yalnızca kendi sorgusunu hesaplar. $T$ token yazarken $T$ kez yerine bir kez.
#
# **Sayılarla.** Kaynak *ev*: iki harf, bellek vektörlerinin anahtarları $e: (2, 0)$, $v: (0, 2)$. Çözücü *l*'yi yazmış, eki seçiyor; sorgusu
# “ünlü arıyorum” desin: $(2, 0)$. Puanlar $4/\sqrt2 = 2{,}83$ ve $0$; ağırlıklar $0{,}94$ ve $0{,}06$. Yanıt neredeyse bütünüyle *e*'nin
# değeridir: ince ünlü, öyleyse *-ler*.

# %%
ornek = torch.softmax(torch.tensor([2.0, 0.0]) @ torch.tensor([[2.0, 0.0], [0.0, 2.0]]).T / 2**0.5, 0)
print({harf: round(float(w), 2) for harf, w in zip("ev", ornek, strict=True)})

# %% [markdown]
# ## Elle yazalım
#
# Tek başlı. Belleğin dolgusunu gizlemeyi unutmayın.


# %%
def benim_anahtar_deger(bellek: Tensor, katman: CrossAttention) -> tuple[Tensor, Tensor]:
    """(B, S, D) bellek → anahtarlar ve değerler; metne bakmadan, bir kez."""
    return bellek @ katman.k_proj.weight.T, bellek @ katman.v_proj.weight.T


def benim_capraz_dikkat(x: Tensor, k: Tensor, v: Tensor, token_mu: Tensor, katman: CrossAttention) -> tuple:
    """(B, T, D) metin, (B, S, K) anahtar ve değer, (B, S) True: token → çıktı (B, T, D), ağırlıklar (B, T, S)."""
    q = x @ katman.q_proj.weight.T
    puan = q @ k.transpose(1, 2) / q.shape[-1] ** 0.5
    agirlik = puan.masked_fill(~token_mu[:, None], -torch.inf).softmax(-1)
    return agirlik @ v @ katman.o_proj.weight.T, agirlik


# %% [markdown]
# ## Kütüphanede

# %%
kaynak(CrossAttention)

# %% [markdown]
# Sizinkinden farkı başlara bölmesi (6. bölüm) ve saklanan anahtar–değerleri `source.keys_values`'tan almasıdır. Kaynağın
# ne olduğu küçük bir kayıttır:

# %%
kaynak(Source)

# %% [markdown]
# Kodlayıcı-çözücü onu `source` ile kurar: kaynağı okur, dolgusunu maskeler. `keys_values` ise her katmanın anahtar ve değerlerini
# bir kerede hazırlar; üretimde her adımda yeniden kullanılır:

# %%
kaynak(EncoderDecoder.source)

# %%
kaynak(EncoderDecoder.keys_values)

# %% [markdown]
# ## Kanıt
#
# Aynı ağırlıklar; 5 ve 8 harflik iki kaynak, birincisi dolgulu:

# %%
katman = CrossAttention(ModelConfig(d_model=16, n_heads=1), layer=0)
x, bellek = torch.randn(2, 6, 16), torch.randn(2, 8, 16)
token_mu = torch.arange(8)[None] < torch.tensor([[5], [8]])
kaynak_kaydi = Source(bellek, padding_mask(token_mu))

k, v = benim_anahtar_deger(bellek, katman)
cikti, agirlik = benim_capraz_dikkat(x, k, v, token_mu, katman)
esit_mi(cikti, katman(x, kaynak_kaydi))
with attention_weights(katman) as agirliklar:
    saklanan = katman(x, kaynak_kaydi._replace(keys_values=[(k[:, None], v[:, None])]))
esit_mi(cikti, saklanan)
esit_mi(agirlik, agirliklar[0, "cross"][:, 0])
esit_mi(agirliklar[0, "cross"][0, 0, :, 5:], torch.zeros(6, 3))

# %% [markdown]
# ### Saniyede öğrenilen bir iş: çoğul eki
#
# Tokenlerimiz harfler. Model yalnızca **uydurma** köklerle eğitilecek (*tavor*, *ükir*, …); sınavda gerçek adlar gelecek: kütüphanenin
# sözlüğündeki altı yüzü aşkın ad. Çocuklara uydurma sözcük verip ek istemek eski bir deneydir (Berko, 1958); kuralı bilen,
# sözcüğü bilmeden de doğru yapar.

# %%
HARFLER = "abcçdefgğhıijklmnoöprsştuüvyz"
DOLGU, BAS, SON = 0, 1, 2
numara = {harf: n for n, harf in enumerate(HARFLER, 3)}
UNLULER = "aeıioöuü"


def cogul(ad: str) -> str:
    """Kural: son ünlü kalınsa -lar, inceyse -ler."""
    son_unlu = [harf for harf in ad if harf in UNLULER][-1]
    return ad + ("lar" if son_unlu in "aıou" else "ler")


def uydur(rastgele: random.Random) -> str:
    """Bir ile dört heceli, Türkçede olmayan (ya da rastlantıyla olan) bir kök."""
    kok = ""
    for _ in range(rastgele.choice([1, 2, 2, 3, 3, 4])):
        bas = rastgele.choice("bcçdfghjklmnprsştvyz" + ("ğ" if kok else "")) if rastgele.random() < 0.85 else ""
        son = rastgele.choice("bcçdfgğhklmnprsştvyz") if rastgele.random() < 0.4 else ""
        kok += bas + rastgele.choice(UNLULER) + son
    return kok[:11]


def satir(sozcukler: list[str]) -> Tensor:
    """Sözcükler → (B, S) kimlikler, kısaları dolgulu."""
    boy = max(map(len, sozcukler))
    return torch.tensor([[numara[h] for h in s] + [DOLGU] * (boy - len(s)) for s in sozcukler])


adlar = sorted(
    {ad for grup in NOUNS.values() for ad in grup if not ad.compound and set(ad.text) <= set(HARFLER)}, key=str
)
gercek = {ad.text: ad.form("pl") for ad in adlar if len(ad.text) <= 11}
rastgele = random.Random(7)
print("uydurma:  ", ", ".join(cogul(uydur(rastgele)) for _ in range(6)))
istisnalar = ("saat", "kalp", "gol", "rol")
print(f"gerçek:    {len(gercek)} ad; kurala uymayanlardan: {', '.join(gercek[ad] for ad in istisnalar)}")

# %% [markdown]
# Kurala uymayan adlara dikkat edin: *saat* kalın ünlüyle biter ama *saatler* denir. Uydurma kökler arasında böyle bir şey yok; model
# bunları bilemez, bilmemesi gerekir.
#
# Çözücünün girdisi bir adım kaydırılmış hedeftir (10. bölüm). Konumları öğrenilmiş seçtik: harf kopyalamak için kodlayıcının “ben
# beşinci harfim” diyebilmesi gerekir, RoPE ise yalnızca uzaklık söyler.

# %%
sekil = ModelConfig(
    d_model=64,
    n_layers=1,
    n_heads=2,
    d_ff=128,
    context=32,
    encoder_layers=1,
    positions="learnt",
    norm_place="sandwich",
)
model = build_model(sekil, len(HARFLER) + 3)


def ornek_kaybi(kokler: list[str]) -> Tensor:
    """Köklerden çoğullara: harf başına çapraz entropi, dolgu sayılmadan."""
    hedef = satir([cogul(kok) for kok in kokler])
    hedef = torch.cat((hedef, torch.zeros(len(hedef), 1, dtype=torch.long)), 1)
    uzunluk = (hedef != DOLGU).sum(1)
    hedef[torch.arange(len(hedef)), uzunluk] = SON
    girdi = torch.cat((torch.full((len(hedef), 1), BAS), hedef[:, :-1]), 1)
    kok = satir(kokler)
    logitler = model(kok, girdi, kok != DOLGU)
    return F.cross_entropy(logitler.flatten(0, 1), hedef.flatten(), ignore_index=DOLGU)


ADIM = 300
eniyileyici = torch.optim.AdamW(model.parameters(), 4e-3, betas=(0.9, 0.98))
for n in range(ADIM):
    eniyileyici.param_groups[0]["lr"] = 4e-3 * min(1.0, (n + 1) / 50) * (1 - n / ADIM)
    deger = ornek_kaybi([uydur(rastgele) for _ in range(48)])
    eniyileyici.zero_grad()
    deger.backward()
    eniyileyici.step()
    if n % 80 == 0 or n == ADIM - 1:
        print(f"adım {n:>3}: kayıp {deger.item():.3f}")
_ = model.eval()


# %%
@torch.inference_mode()
def yaz(kokler: list[str], dolgu: int = 0, maske: bool = True, kes: bool = False) -> list[str]:
    """Kökleri çoğul yapar, açgözlü; kaynağa `dolgu` kadar fazladan dolgu ekler, istenirse maskesiz ya da kaynaksız."""
    kok = F.pad(satir(kokler), (0, dolgu), value=DOLGU)
    kaynagi = model.source(kok, kok != DOLGU if maske else None)
    if kes:  # hiçbir sorgu hiçbir şey görmesin: kütüphane sıfır verir (5. bölüm, kör sorgular)
        kaynagi = kaynagi._replace(mask=padding_mask(torch.zeros_like(kok, dtype=torch.bool)))
    kaynagi = kaynagi._replace(keys_values=model.keys_values(kaynagi.memory))  # bir kez
    yazilan = torch.full((len(kok), 1), BAS)
    for _ in range(max(map(len, kokler)) + 4):
        logitler = model.lm_head(model.decode(yazilan, kaynagi)[:, -1])
        yazilan = torch.cat((yazilan, logitler.argmax(-1, keepdim=True)), 1)
    metinler = []
    for kimlikler in yazilan[:, 1:].tolist():
        son = kimlikler.index(SON) if SON in kimlikler else len(kimlikler)
        metinler.append("".join(HARFLER[n - 3] if n > 2 else "?" for n in kimlikler[:son]))
    return metinler


def dogruluk(yazilanlar: dict[str, str]) -> float:
    """Kurala göre bütünüyle doğru yazılanların oranı; ad → yazılan."""
    return sum(yazilan == cogul(ad) for ad, yazilan in yazilanlar.items()) / len(yazilanlar)


yazilanlar = dict(zip(gercek, yaz(list(gercek)), strict=True))
temel = dogruluk(yazilanlar)
print(f"hiç görmediği {len(gercek)} gerçek adda doğruluk (kurala göre): {temel:.1%}")
print("örnekler:        ", ", ".join(yazilanlar[ad] for ad in ("ev", "kitap", "çiçek", "göz", "uçurtma", "öğretmen")))
print("kurala uymayanlar:", ", ".join(f"{yazilanlar[ad]} (doğrusu {gercek[ad]})" for ad in istisnalar))
assert temel > 0.9, "model kuralı öğrenmiş olmalı"

# %% [markdown]
# Tek bir gerçek sözcük görmeden, yüzde birkaçı dışında hepsini doğru yazıyor: harfleri kopyalamayı ve büyük ünlü uyumunu öğrendi.
# Kurala uymayan *saat*, *kalp* gibi alıntılarda ise dürüstçe yanılıyor: kuralı uyguluyor, istisnayı bilmesinin yolu yoktu.
#
# ### Hizalama: yazarken nereye bakıyor?
#
# Her satır bir adım: modelin o adımda yazdığı harf. Her sütun kaynağın bir harfi.


# %%
@torch.inference_mode()
def bakis(kok: str) -> Tensor:
    """Kökü çoğul yaparken çapraz dikkatin ağırlıkları: (H, T, S)."""
    girdi = torch.tensor([[BAS, *(numara[h] for h in cogul(kok))]])
    with attention_weights(model) as agirliklar:
        model(satir([kok]), girdi)
    return agirliklar[0, "cross"][0]


fig, eksenler = plt.subplots(1, 4, figsize=(8, 3.2))
for i, kok in enumerate(("kitap", "çiçek")):
    for h in range(2):
        ax = eksenler[2 * i + h]
        dikkat_haritasi(bakis(kok)[h], [*cogul(kok), "son"], list(kok), baslik=f"{cogul(kok)}, baş {h}", ax=ax)
        ax.title.set_fontsize(9)
        ax.set_xticks(range(len(kok)), list(kok), rotation=0, ha="center")
        ax.set(xlabel="kaynak", ylabel="yazılan harf" if ax is eksenler[0] else "")
plt.show()

# %%
kopya, ek_unlusu, siradan = [], [], []
for kok in list(gercek)[::3]:
    w = bakis(kok).amax(0)  # iki baştan hangisi daha çok bakıyorsa
    son_unlu = max(i for i, h in enumerate(kok) if h in UNLULER)
    kopya.append(w[torch.arange(len(kok)), torch.arange(len(kok))].mean())
    ek_unlusu.append(w[len(kok) + 1, son_unlu])
    siradan.append(w[len(kok) + 1].mean())
print(f"kök yazılırken aynı yerdeki harfe ağırlık:          {torch.stack(kopya).mean():.2f}")
print(f"ekin ünlüsü seçilirken kökün son ünlüsüne ağırlık:  {torch.stack(ek_unlusu).mean():.2f}")
assert torch.stack(ek_unlusu).mean() > 0.5, "ekin ünlüsü seçilirken kökün son ünlüsüne bakılmalı"
print(f"o anda ortalama bir harfe ağırlık:                  {torch.stack(siradan).mean():.2f}")

# %% [markdown]
# Kökü yazarken köşegende iner: her adımda kaynağın sıradaki harfine bakar. *l*'den sonra ekin ünlüsünü seçerken ise başlardan biri geri
# döner, kökün **son ünlüsüne** bakar. Bunu ona kimse söylemedi; kayıp öğretti.
#
# ## Bozalım: çapraz dikkati kesmek, kaynağın dolgusunu açmak
#
# - **Kesik**: hiçbir sorgu kaynağı görmesin. Çözücü yalnız kalır.
# - **Maskesiz dolgu**: kaynak, yığındaki daha uzun bir kaynağın boyuna dolgulanır; maske verilmez.

# %%
sinav = list(gercek)[::3]


def boy_boy(dolgu: int, maske: bool) -> float:
    """Sınavdaki adların doğruluğu; aynı boydakiler bir yığında, böylece eklenenden başka dolgu yok."""
    yazilan = {}
    for boy in sorted({len(ad) for ad in sinav}):
        yigin = [ad for ad in sinav if len(ad) == boy]
        yazilan |= dict(zip(yigin, yaz(yigin, dolgu, maske), strict=True))
    return dogruluk(yazilan)


dolgular = [0, 1, 2, 4, 8]
maskeli = [boy_boy(dolgu, True) for dolgu in dolgular]
maskesiz = [boy_boy(dolgu, False) for dolgu in dolgular]
kesik_yazilan = yaz(sinav, kes=True)
kesik = dogruluk(dict(zip(sinav, kesik_yazilan, strict=True)))

print("eklenen dolgu  maskeli  maskesiz")
for dolgu, a, b in zip(dolgular, maskeli, maskesiz, strict=True):
    print(f"{dolgu:>13} {a:>8.1%} {b:>9.1%}")
print(f"çapraz dikkat kesikken: {kesik:.1%}; {len(sinav)} adın hepsine “{kesik_yazilan[0]}” yazıyor")

# %%
fig, ax = plt.subplots(figsize=(6, 2.8))
ax.plot(dolgular, [100 * a for a in maskeli], marker="o", label="dolgu maskeli")
ax.plot(dolgular, [100 * b for b in maskesiz], marker="o", label="dolgu maskesiz")
ax.axhline(100 * kesik, color="gray", linestyle=":", label="çapraz dikkat kesik")
ax.set(xlabel="kaynağa eklenen dolgu (harf)", ylabel="doğru yazılan ad (%)", ylim=(-5, 105))
ax.legend()
plt.show()

# %%
esit_mi(maskeli, [maskeli[0]] * len(dolgular), sinir=0.01)
assert maskesiz[-1] < maskeli[-1] - 0.3, "maskelenmeyen dolgu doğruluğu düşürmeli"
assert kesik < 0.01, "kaynağı görmeyen çözücü kökü bilemez"
assert len(set(kesik_yazilan)) == 1, "kaynağı görmeyen çözücü her kaynağa aynı şeyi yazar"

# %% [markdown]
# Çapraz dikkat kesilince çözücü sözcüğün ne olduğunu bilemez, her kaynağa aynı şeyi yazar; çoğul ekine benzer bir sonu yine de bilir,
# çünkü çoğulların neye benzediği çözücünün kendi ağırlıklarındadır. Maskesiz dolgu da neredeyse o kadar yıkıcıdır: tek bir dolgu harfi
# adların çoğunu bozar, ikisi neredeyse hepsini. Model eğitimde dolguyu hiç görmemişti; vektörü rastgele bir harf gibi hem kodlayıcının
# öz-dikkatine hem çapraz dikkate karışır. Maskeyle tek bir yanıt bile değişmez.
#
# Son bir sınama, bütün kütüphane yolu için: dolgulu yığındaki kısa kaynağın logitleri, tek başınayken verdiğiyle aynı olmalı. Kesik
# çapraz dikkat de tam sıfır eklemelidir.

# %%
girdi = torch.tensor([[BAS, *(numara[h] for h in "ev")]])
yigin = satir(["ev", "öğretmen"])
with torch.inference_mode():
    esit_mi(model(yigin, girdi.expand(2, -1), yigin != DOLGU)[:1], model(satir(["ev"]), girdi), sinir=5e-6)
    hic = padding_mask(torch.zeros(2, 8, dtype=torch.bool))
    esit_mi(katman(x, Source(bellek, hic)), torch.zeros(2, 6, 16))

# %% [markdown]
# ## Alıştırmalar
#
# **1.** **Sırasız bellek.** Bellek vektörlerinin sırasını karıştırın. Çapraz dikkatin çıktısı değişir mi? Öyleyse sıra bilgisi nerede
# saklanıyor?
#
# **2.** **Saklamanın kazancı.** $S$ tokenlik kaynağa bakarak $T$ token yazılırken $K$ ve $V$ çarpımları kaç çarpma–toplama tutar? Her
# adımda yeniden hesaplamakla bir kez hesaplamayı karşılaştırın: $D = 768$, $S = 512$, $T = 128$, 12 katman.
#
# **3.** **Modeli şaşırtmak.** Ünlü uyumuna uymayan kökler verin: son ünlüsü kalın, öncekiler ince olsun (*kitap* gibi: *i*, *a*) ya da
# tersi. Model hangi ünlüye göre ek seçiyor? Yüz uydurma kökle sınayın.

# %% tags=["cozum"]
# Çözüm 1: değişmez; dikkat bir torbaya bakar. Sırayı kodlayıcı her vektörün içine yazmıştır (3. bölüm).
karisik = torch.randperm(8)
karisik_kayit = Source(bellek[:, karisik], padding_mask(token_mu[:, karisik]))
esit_mi(katman(x, karisik_kayit), katman(x, kaynak_kaydi))

# %% tags=["cozum"]
# Çözüm 2: bir token için anahtar ve değer 2·D·D çarpma–toplamadır. Bir kez hesaplamak T kat ucuzdur.
genislik, s, t, katmanlar = 768, 512, 128, 12
bir_kez = katmanlar * s * 2 * genislik**2
print(f"bir kez {bir_kez / 1e9:.1f} milyar, her adımda {t * bir_kez / 1e9:.0f} milyar çarpma–toplama")
with torch.device("meta"):
    bir_katman = CrossAttention(ModelConfig(), layer=0)
esit_mi(bir_kez, katmanlar * s * (bir_katman.k_proj.weight.numel() + bir_katman.v_proj.weight.numel()))

# %% tags=["cozum"]
# Çözüm 3: son ünlüye göre; baştaki ünlüler onu şaşırtmaz.
kokler = set()
while len(kokler) < 100:
    kok = uydur(rastgele)
    kalin = [h in "aıou" for h in kok if h in UNLULER]
    if len(kok) <= 8 and len(kalin) >= 2 and kalin[-1] not in kalin[:-1]:
        kokler.add(kok)
kokler = sorted(kokler)
ekler = [yazilan[-3:] for yazilan in yaz(kokler)]
dogru = sum(ek == cogul(kok)[-3:] for kok, ek in zip(kokler, ekler, strict=True))
print(f"100 şaşırtıcı kökün {dogru} tanesinde ek son ünlüye uyuyor")
assert dogru >= 90

# %% [markdown]
# ## Sırada ne var
#
# Dikkatin üç türünü de gördünüz. **8. bölümde** bloğun öteki yarısı var: ileri besleme, normalizasyon ve onları bir arada tutan artık
# bağlantı. Kodlayıcı-çözücünün tamamı 9. bölümdedir; bir hukuk asistanı olarak işe koşulması 16. bölümde.
#
# - Kod: `src/fidan/model/cross_attention.py`, `src/fidan/model/encoder_decoder.py`, `src/fidan/model/encoder.py`.
# - Bahdanau, Cho ve Bengio (2014, arXiv 1409.0473): hizalamanın ilk çizimleri oradadır.
# - Vaswani ve ark. (2017, arXiv 1706.03762), bölüm 3.2.3. Uydurma sözcük deneyi: Berko, *The Child's Learning of English
#   Morphology* (1958).
