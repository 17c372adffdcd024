# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 14. Baştan sona bir LLM
#
# **Soru.** Elinizde yalnızca ham metin var; sonunda size yanıt veren bir model istiyorsunuz. Ham metinden konuşan modele kaç
# adım var? Adımlardan biri bozulursa bunu nereden anlarsınız?
#
# Bu bölümün sonunda önceki bölümlerin parçalarını tek bir hatta birleştirmiş, kütüphanenin eğitimiyle aynı kaybı almış, modele
# sohbet öğretmiş, eğitimi yarıda kesip sürdürmüş ve 134 milyonluk bir modelin kaça mal olacağını hesaplamış olacaksınız.
# Gerekenler: 1–13. bölümler; her adımda hangisine bakılacağı yazılıdır.

# %%
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import cos, log, pi, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import torch
import xxhash
from matplotlib import pyplot as plt
from torch import Tensor
from torch.nn import functional as F

import fidan
from fidan.artifact import read_manifest
from fidan.corpus.documents import read_documents, shards
from fidan.errors import FidanError
from fidan.generation.engines import plain_engine
from fidan.generation.generate import write
from fidan.kurs import esit_mi, kaynak, kurs_klasoru, ornek_calistirma
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder
from fidan.progress import SilentReporter
from fidan.recipe import GenerateConfig, Recipe, SftConfig, TokenizerConfig, load_recipe
from fidan.running import run_all, run_one
from fidan.stages import Run
from fidan.tokenizer.tokenizer import Tokenizer
from fidan.tokenizer.train import Sentences, learn
from fidan.trained import open_writer
from fidan.training.batches import Batches, WindowOrder
from fidan.training.conversations.answers import answer_questions
from fidan.training.log import read_metrics
from fidan.training.memory import training_memory
from fidan.training.muon import orthogonalize
from fidan.training.next_token import NextToken
from fidan.training.packed_tokens import PackedTokens
from fidan.turkish import grouped
from fidan.weights import read_weights

calistirma = ornek_calistirma()
tok = Tokenizer.load(calistirma.folder("tokenizer"))
tarif, egitim_ayari = calistirma.recipe, calistirma.recipe.train
KLASOR = kurs_klasoru() / "bolum_14"
shutil.rmtree(KLASOR, ignore_errors=True)
KLASOR.mkdir()

# %% [markdown]
# ## Kuram
#
# Yolun adımlarına **aşama** diyoruz. Her aşama bir öncekinin klasörünü okur, kendininkini yazar:
#
# ![Ham metinden modele: aşamalar](sekiller/veri_yolu.svg)
#
# | aşama | ne yapar | bölüm |
# |---|---|---|
# | `corpus` | ham metni temizler, süzer, kopyaları ayıklar, bir payını ayırır | 1 |
# | `tokenizer` | sözlüğü öğrenir | 2 |
# | `pack` | bütün belgeleri tek bir kimlik şeridi yapar | 2 |
# | `train` | sıradaki tokeni tahmin etmeyi öğretir | 3–11 |
# | `sft` | sohbeti öğretir (tarif isterse) | bu bölüm |
# | `evaluate` | ayrılmış metinde ölçer | 12 |
# | `generate` | örnek metin yazar | 13 |
# | `export` | öteki programların okuyacağı dosyaları yazar | 15 |
#
# Sohbet eden bir model için sekiz adım; yalnız metin sürdüren için yedi. Baştan sona tek bir sayıyı izleriz: eğitimin kaybı
# token başına nat'tır, bunu metnin baytına çeviririz. $B$ bayt metin $N$ token ise:
#
# $$\text{bayt başına bit} = \frac{\text{kayıp}}{\ln 2} \cdot \frac{N}{B}$$
#
# **Elle.** Hiçbir şey bilmeyen model $V = 1000$ tokenin hepsine aynı olasılığı verir: kaybı $\ln 1000 = 6{,}91$ nat, yani
# 9,97 bit. Bir token ortalama 2,7 bayt tutuyorsa bayt başına $9{,}97 / 2{,}7 \approx 3{,}7$ bit eder. Eğitim bu sayıyı
# indirmektir.
#
# ### Hazır çalıştırmanın klasörleri
#
# Her klasörde bir **bildirim** (`manifest.json`) vardır: aşamanın ayarları, girdilerinin ve çıktılarının **özetleri**, saydıkları. Bir
# aşamanın girdisinin özeti, öncekinin çıktısının özetine eşit değilse bir şey değişmiş demektir; o aşama yeniden çalışır.

# %%
bildirim = {
    ad: read_manifest(calistirma.folder(ad))
    for ad in ("corpus", "tokenizer", "pack", "train", "evaluate", "generate", "export")
}

derlem, paket = bildirim["corpus"].counts, bildirim["pack"].counts["train"]
one_cikan = {
    "corpus": f"{grouped(paket['documents'])} belge, {grouped(paket['text_bytes'])} bayt metin kaldı",
    "tokenizer": f"{tok.vocab_size} parça",
    "pack": f"{grouped(paket['tokens'])} token, token başına {paket['text_bytes'] / paket['tokens']:.2f} bayt",
    "train": f"{bildirim['train'].counts['steps']} adım, {grouped(bildirim['train'].counts['parameters'])} parametre",
    "evaluate": f"{bildirim['evaluate'].counts['bits_per_byte']:.3f} bit/bayt",
    "generate": f"{bildirim['generate'].counts['samples']} örnek metin",
    "export": f"logitlerin en büyük farkı {bildirim['export'].counts['max_logit_difference']:.0e}",
}
for ad, m in bildirim.items():
    boyut = sum(cikti["bytes"] for cikti in m.outputs.values())
    print(f"{ad:<10} {grouped(boyut):>10} bayt  {one_cikan[ad]}")

# %% [markdown]
# ### Kayıp eğrisi ve sınırları
#
# Bir kayıp eğrisi tek başına bir şey söylemez; neyin yanında olduğuna bakılır. Değerlendirme aşaması dört sınır ölçmüştür:
# eşit olasılık ($\ln V$), tek token sayımı, bir sıkıştırma programı ve 5 tokenlik sayım modeli.

# %%
kayitlar = read_metrics(calistirma.folder("train"))
ogrenme = [(k["step"], k["bits_per_byte"]) for k in kayitlar if k["kind"] == "train"]
sinama = [(k["step"], k["bits_per_byte"]) for k in kayitlar if k["kind"] == "valid"]
sinirlar = bildirim["evaluate"].counts["baselines"]
ADLAR = {
    "uniform": "eşit olasılık: ln V",
    "unigram": "tek token sayımı",
    "5-gram": "5'li sayım",
    "xz -9": "xz ile sıkıştırma",
}

fig, ax = plt.subplots(figsize=(7.5, 3.6))
ax.plot(*zip(*ogrenme, strict=True), linewidth=1, label="eğitim kaybı")
ax.plot(*zip(*sinama, strict=True), marker="o", markersize=4, label="ayrılmış metin")
for ad, deger in sinirlar.items():
    ax.axhline(deger, color="gray", linestyle=":", linewidth=1)
    yon = "top" if deger < 1 else "bottom"
    ax.annotate(f"{ADLAR[ad]}: {deger:.2f}".replace(".", ","), (800, deger), ha="right", va=yon, fontsize=8)
ax.set(xlabel="adım", ylabel="bayt başına bit", ylim=(0, 4), xlim=(0, 800))
ax.yaxis.set_major_formatter(lambda deger, _: f"{deger:.1f}".replace(".", ","))
ax.legend(loc="center right")
plt.show()

# %% [markdown]
# Model eşit olasılıktan başlar; yirmi adımda token sıklıklarını öğrenip tek token sayımını, ardından sıkıştırma programını geçer.
# 5'li sayımı ise bir dakikada geçemez: metnimizi az sayıda kalıptan bir program üretti, kalıpları ezberlemek burada işe
# yarar. İnternet metninde durum tersinedir.
#
# ## Elle yazalım
#
# Şimdi aynı hattı kendimiz kuralım: şerit, pencereler, eğitim, ölçüm, üretim. Katmanları yeniden yazmıyoruz; model, 3–9.
# bölümlerde parça parça kurduğunuz `Decoder`'dır.
#
# ### 1. Şerit ve pencereler
#
# Her belge `<s> … </s>` olur, hepsi uç uca eklenir. Şerit $T$'lik pencerelere bölünür; her epokta pencerelerin sırası tohumdan
# karılır. Etiket, girdinin bir sağıdır.


# %%
def benim_seridim(t: Tokenizer, metinler: list[str]) -> np.ndarray:
    """Belgelerin kimlikleri, uç uca."""
    return np.concatenate([[t.bos_id, *t.encode(metin), t.eos_id] for metin in metinler])


def benim_yiginim(serit: np.ndarray, adim: int, satir: int, uzunluk: int, tohum: int) -> tuple[Tensor, Tensor]:
    """`adim` numaralı adımın (0'dan) girdileri ve etiketleri, (satir, uzunluk)."""
    pencere = (len(serit) - 1) // uzunluk
    satirlar = []
    for n in range(adim * satir, (adim + 1) * satir):
        epok, sira = divmod(n, pencere)
        yer = np.random.Generator(np.random.Philox(key=[tohum, epok])).permutation(pencere)[sira] * uzunluk
        satirlar.append(serit[yer : yer + uzunluk + 1])
    ids = torch.from_numpy(np.stack(satirlar)).long()
    return ids[:, :-1], ids[:, 1:]


metinler = [belge["text"] for yol in shards(calistirma.folder("corpus"), "train") for belge in read_documents(yol)]
serit = benim_seridim(tok, metinler)
girdi, etiket = benim_yiginim(serit, 0, egitim_ayari.batch_size, egitim_ayari.sequence_length, tarif.seed)
print(grouped(len(serit)), "token;", "ilk yığın", tuple(girdi.shape))
print("girdi :", [tok.piece(i) for i in girdi[0, :7].tolist()])
print("etiket:", [tok.piece(i) for i in etiket[0, :7].tolist()])

# %% [markdown]
# ### 2. Eniyileyici
#
# Tarif blokların matrislerini **Muon** ile, kalanını AdamW ile (11. bölüm) hareket ettirir. Muon (Jordan ve ark., 2024) gradyanların
# ortalamasını alır ve onu **dikleştirir**: bütün tekil değerlerini 1'e yaklaştırır, böylece güçlü yönler zayıfları ezmez.
# Tekil değer ayrışımı pahalıdır; Newton–Schulz yinelemesi beş matris çarpımıyla yaklaşığını verir:
#
# $$X \leftarrow a X + (b S + c S^2) X, \qquad S = X X^\top, \qquad (a, b, c) = (3{,}4445;\ -4{,}7750;\ 2{,}0315)$$


# %%
def benim_diklestirmem(g: Tensor) -> Tensor:
    """Tekil değerleri 1 dolayına getirilmiş matris."""
    uzun = g.shape[0] > g.shape[1]
    x = (g.T if uzun else g) / g.norm()
    for _ in range(5):
        s = x @ x.T
        x = 3.4445 * x + (-4.7750 * s + 2.0315 * s @ s) @ x
    return x.T if uzun else x


def benim_muon(w: Tensor, g: Tensor, ortalama: Tensor, hiz: float, sonum: float) -> None:
    """Bir matrisin bir adımı, yerinde."""
    ortalama.lerp_(g, 1 - 0.95)
    adim = benim_diklestirmem(g.lerp(ortalama, 0.95))
    w.mul_(1 - hiz * sonum).sub_(hiz * sqrt(max(1, w.shape[0] / w.shape[1])) * adim)


def benim_hizim(n: int, toplam: int, isinma: int, son: float = 0.1) -> float:
    """Kosinüs planı: n numaralı adımın (0'dan) hızı, tepe hıza oranla."""
    if n < isinma:
        return (n + 1) / isinma
    ilerleme = (n + 1 - isinma) / (toplam - isinma)
    return son + (1 - son) * 0.5 * (1 + cos(pi * ilerleme))


# %% [markdown]
# ### 3. Döngü
#
# İleri, kayıp, geri, kırp, hareket et. `toplam` planın uzunluğudur; yüz adım atıp durabilmek için ayrı verilir.


# %%
def benim_egitimim(
    serit: np.ndarray,
    sozluk: int,
    adim: int,
    toplam: int,
    isinma: int,
    carpan: float = 1.0,
    tohum: int = tarif.seed,
    tarifi: Recipe = tarif,
) -> Iterator[tuple[Decoder, float]]:
    """Her adımdan sonra model ve o adımın kaybı; `carpan` bütün hızları çarpar."""
    torch.manual_seed(tohum)
    model, ayar = Decoder(tarifi.model, sozluk), tarifi.train
    adli = dict(model.named_parameters())
    matris = [p for ad, p in adli.items() if p.ndim == 2 and ".layers." in ad]
    ortalama = [torch.zeros_like(p) for p in matris]
    gruplar = [
        {"params": [model.lm_head.weight], "weight_decay": ayar.weight_decay},
        {"params": [p for ad, p in adli.items() if p.ndim == 1 or "embed" in ad], "weight_decay": 0.0},
    ]
    adamw = torch.optim.AdamW(gruplar, betas=(ayar.beta1, ayar.beta2))
    for n in range(adim):
        girdi, etiket = benim_yiginim(serit, n, ayar.batch_size, ayar.sequence_length, tohum)
        kayip = F.cross_entropy(model(girdi).flatten(0, 1), etiket.flatten())
        model.zero_grad()
        kayip.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), ayar.clip)
        hiz = carpan * benim_hizim(n, toplam, isinma)
        for grup in adamw.param_groups:
            grup["lr"] = hiz * ayar.learning_rate
        adamw.step()
        with torch.no_grad():
            for w, m in zip(matris, ortalama, strict=True):
                benim_muon(w, w.grad, m, hiz * ayar.muon_learning_rate, ayar.weight_decay)
        yield model, kayip.item()


# %% [markdown]
# ### 4. Ölçüm ve üretim


# %%
ayrilmis = [belge["text"] for yol in shards(calistirma.folder("corpus"), "valid") for belge in read_documents(yol)]


@torch.inference_mode()
def benim_bit_baytim(model: Decoder, t: Tokenizer, belgeler: list[str]) -> float:
    """Belgelerin bayt başına biti; uzun belgeler ardışık pencerelere bölünür."""
    nat, uzunluk = 0.0, model.config.context
    for belge in belgeler:
        ids = torch.tensor([t.encode(belge, bos=True, eos=True)])
        for bas in range(0, ids.shape[1] - 1, uzunluk):
            parca = ids[:, bas : bas + uzunluk + 1]
            nat += F.cross_entropy(model(parca[:, :-1])[0], parca[0, 1:], reduction="sum").item()
    return nat / log(2) / sum(len(belge.encode()) for belge in belgeler)


@torch.inference_mode()
def benim_metnim(model: Decoder, t: Tokenizer, istem: str, uzunluk: int) -> str:
    """İstemin açgözlü sürdürülüşü."""
    ids = t.encode(istem, bos=True)
    basta = len(ids)
    while len(ids) < basta + uzunluk and (yeni := int(model(torch.tensor([ids]))[0, -1].argmax())) != t.eos_id:
        ids.append(yeni)
    return t.decode(ids)


# %% [markdown]
# Hepsi bu. Yüz adım eğitip arada yazdıralım; plan ve tohum tarifinkidir.

# %%
ADIM = 100
benim_kayiplarim: list[float] = []
for model, kayip in benim_egitimim(serit, tok.vocab_size, ADIM, egitim_ayari.steps, egitim_ayari.warmup_steps):
    benim_kayiplarim.append(kayip)
    if len(benim_kayiplarim) in (1, 10, 30, 100):
        yazi = benim_metnim(model, tok, "Bir gün Ayşe", 16).replace("\n", " ⏎ ")
        print(f"adım {len(benim_kayiplarim):>3}  kayıp {kayip:.2f}  {yazi}")
benim_modelim = model
hazir = open_writer(calistirma.out)
print(f"adım {egitim_ayari.steps:>3}  (hazır)     {benim_metnim(hazir.engine.model, tok, 'Bir gün Ayşe', 16)}")

# %% [markdown]
# ## Kütüphanede
#
# Kütüphanenin hattı aynı aşamaların listesidir. `run_all` hepsini sırayla çalıştırır; bitmiş ve hâlâ geçerli olanı atlar:

# %%
kaynak(run_all)

# %% [markdown]
# Pencerelerin sırası ve yığınlar. Bellekte bir şerit yoktur; dosya belleğe eşlenir, yalnız istenen pencereler okunur:

# %%
kaynak(WindowOrder)

# %%
kaynak(Batches)

# %% [markdown]
# Muon'un dikleştirmesi: aynı biçimdeki matrisler üst üste konup birlikte çarpılır; CPU'da zamanın çoğunu bu kurtarır. GPU'da
# çarpımlar bf16'dadır:

# %%
kaynak(orthogonalize)

# %% [markdown]
# ## Kanıt
#
# ### Şerit, yığınlar, özetler

# %%
paketlenmis = PackedTokens.open(calistirma.folder("pack"), "train", tok.hash)
esit_mi(serit, paketlenmis.window(0, paketlenmis.tokens))
gorev = NextToken(tarif, calistirma.folder("pack"), tok)
for n in (0, 1, 500, 900):  # 892. adımda ikinci epok başlar
    yigin = gorev.batches.take(n * 8, 8)
    esit_mi(torch.stack(benim_yiginim(serit, n, 8, 128, tarif.seed)), torch.stack([yigin.inputs, yigin.labels]))

# %%
for ad, m in bildirim.items():
    for onceki in sorted(set(m.plan.inputs) & set(bildirim)):
        assert m.plan.inputs[onceki] == bildirim[onceki].output_hash, (ad, onceki)
    for dosya, cikti in m.outputs.items():
        assert xxhash.xxh3_128_hexdigest((calistirma.folder(ad) / dosya).read_bytes()) == cikti["xxh3_128"], dosya
print("Her aşamanın girdisi öncekinin çıktısıdır; her dosyanın özeti tutuyor.")

# %% [markdown]
# ### Dikleştirme ve kayıp
#
# Kütüphane her on adımın ortalamasını kaydeder. Bizimkilerle yan yana:

# %%
for bicim in ((96, 96), (256, 96), (96, 256)):
    g = torch.randn(bicim, generator=torch.Generator().manual_seed(3))
    esit_mi(benim_diklestirmem(g), orthogonalize(g[None], torch.float32)[0], sinir=1e-5)
esit_mi(benim_kayiplarim[0], bildirim["train"].counts["initial_loss"])
onlarin = [k["loss"] for k in kayitlar if k["kind"] == "train"][: ADIM // 10]
benim = np.mean(np.reshape(benim_kayiplarim, (-1, 10)), axis=1)
print("adımlar   bizim    kütüphane  fark")
for n, (a, b) in enumerate(zip(benim, onlarin, strict=True)):
    print(f"{10 * n + 1:>3}–{10 * n + 10:<3}  {a:>7.4f}  {b:>9.4f}  {abs(a - b):.0e}")
esit_mi(benim, np.array(onlarin), sinir=1e-3)

# %% [markdown]
# Aynı tohum, aynı başlangıç ağırlıkları, aynı yığınlar, aynı formüller: ilk adımın kaybı fp32'nin yuvarlaması kadar eşittir.
# Sonrasında iki program aynı toplamları başka sırayla yapar (kütüphane kaybı parça parça toplar, matrisleri üst üste çarpar);
# son basamaklar ayrılır ve her adım bir öncekinin farkını büyütür. Tablonun sağ sütunu bunun ne kadar olduğunu gösterir. Bu bir
# hata değildir; ama *ne kadarının* hata olmadığını bilmek için bir ölçü gerekir: yalnız tohumu değiştirince model ne kadar
# değişiyor? 2. alıştırmada ölçeceksiniz. Ayrılmış metinde:

# %%
benim_bit = benim_bit_baytim(benim_modelim, tok, ayrilmis)
esit_mi(benim_bit, gorev.validate(benim_modelim).bits_per_byte)
onlarin_biti = next(k["bits_per_byte"] for k in kayitlar if k["kind"] == "valid" and k["step"] == ADIM)
print(f"{ADIM}. adımda bit/bayt: bizim model {benim_bit:.4f}, kütüphanenin modeli {onlarin_biti:.4f}")
assert abs(benim_bit - onlarin_biti) < 0.005, "iki hat aynı modeli yetiştirmiyor"

# %% [markdown]
# ### Üretim

# %%
acgozlu = GenerateConfig(temperature=0.0, repetition_penalty=1.0, max_new_tokens=16)
for m in (benim_modelim, hazir.engine.model):
    yazilan = write(plain_engine(m, tok.bos_id), tok, [tok.encode("Bir gün Ayşe", bos=True)], acgozlu)[0]
    esit_mi(benim_metnim(m, tok, "Bir gün Ayşe", 16), "Bir gün Ayşe" + yazilan.text)

# %% [markdown]
# ### Sekizinci adım: sohbet
#
# Eğitilen model metni sürdürür; soruya yanıt vermesi gerektiğini bilmez. **Denetimli ince ayar** (SFT) ona kullanıcı ve
# yardımcının sırayla konuştuğu metinler gösterir; kayba yalnızca yardımcının tokenleri girer. Tarife bir bölüm eklemek yeter:
# önceki aşamalar geçerli kaldığı için yalnız `sft` çalışır. (Hazır çalıştırmaya dokunmamak için klasörlerini kopyalıyoruz.)


# %%
def kopya(ad: str, *asamalar: str) -> Path:
    """Hazır çalıştırmanın bu aşamalarıyla yeni bir çalıştırma klasörü."""
    for asama in asamalar:
        shutil.copytree(calistirma.folder(asama), KLASOR / ad / asama)
    return KLASOR / ad


sohbet = kopya("sohbet", "corpus", "tokenizer", "pack", "train")
sft = SftConfig(("synthetic:1000",), epochs=2, batch_size=8, learning_rate=5e-3, replay=0.2, samples=0, patience=0)
sonuc = run_one("sft", replace(calistirma, recipe=replace(tarif, sft=sft), out=sohbet)).counts
print(f"{sonuc['train_conversations']} konuşma, {sonuc['steps']} adım")
print(f"ayrılmış konuşmalarda kayıp: önce {sonuc['valid_loss_before']:.2f}, sonra {sonuc['best_loss']:.2f}")

sorular = ["Merhaba!", "Kimsin sen?", "Kar ne renktir?", "Kedinin kaç ayağı vardır?"]
sade = GenerateConfig(temperature=0.0, max_new_tokens=24)
for ad, yazar in (("önce", hazir), ("sonra", open_writer(sohbet))):
    for yanit in answer_questions(yazar.engine, yazar.tokenizer, sorular, sade, seed=0):
        print(f"{ad:>5} | {yanit['prompt']:<26} → {yanit['answer']}".replace("\n", " ⏎ "))

# %% [markdown]
# Konuşmanın biçimini yarım dakikada öğrendi; bilgiyi değil. Yarım milyon parametre ve bin kadar konuşmayla doğru yanıt beklenmez.
# Bilgi isteyen bir uygulamanın neden *arama* ile kurulduğunu 16. bölümde göreceksiniz.
#
# ## Bozalım: hattın bir adımı yanlış olursa
#
# Dört küçük eğitim yapalım; ellişer adım, aynı model, aynı bütçe. Her birinde tek bir aşama bozuk. Hepsini aynı ayrılmış
# metinde, bayt başına bitle ölçelim: sözlükleri farklı olsa da karşılaştırılabilirler.

# %%
kod = [yol.read_text(encoding="utf-8") for yol in sorted(Path(fidan.__file__).parent.glob("training/**/*.py"))]
yabanci = Tokenizer(learn(Sentences(kod), TokenizerConfig(vocab_size=tok.vocab_size)))
kopyali = benim_seridim(tok, [*metinler[:30]] * 50)
DENEYLER = {
    "doğru hat": (serit, tok, 1.0),
    "kopyalar ayıklanmamış": (kopyali, tok, 1.0),
    "öğrenme hızı 30 kat": (serit, tok, 30.0),
    "program kodunun sözlüğü": (benim_seridim(yabanci, metinler[:1500]), yabanci, 1.0),
}
KISA, ISINMA = 50, 12
bozulan: dict[str, tuple[float, float]] = {}
print("                          eğitimin son kaybı  ayrılmış bit/bayt")
for ad, (s, t, carpan) in DENEYLER.items():
    adimlar = list(benim_egitimim(s, t.vocab_size, KISA, KISA, ISINMA, carpan))
    son_kayip = float(np.mean([kayip for _, kayip in adimlar[-10:]]))
    bozulan[ad] = (son_kayip, benim_bit_baytim(adimlar[-1][0], t, ayrilmis))
    print(f"{ad:<24}  {bozulan[ad][0]:>18.2f}  {bozulan[ad][1]:>17.3f}")

# %%
fig, eksenler = plt.subplots(1, 2, figsize=(8, 2.2), sharey=True)
BASLIKLAR = ("eğitim kaybı (token başına nat)", "ayrılmış metin (bayt başına bit)")
for ax, sira, baslik in zip(eksenler, (0, 1), BASLIKLAR, strict=True):
    degerler = [olcum[sira] for olcum in bozulan.values()]
    cubuklar = ax.barh(list(bozulan), degerler, color=["#2e7d32", "#ef6c00", "#ef6c00", "#ef6c00"])
    ax.bar_label(cubuklar, [f"{deger:.2f}".replace(".", ",") for deger in degerler], padding=4)
    ax.set(xlabel=baslik, xlim=(0, 1.2 * max(degerler)))
eksenler[0].invert_yaxis()
plt.show()

dogru_kayip, dogru_bit = bozulan["doğru hat"]
assert all(bit > dogru_bit + 0.05 for ad, (_, bit) in bozulan.items() if ad != "doğru hat")
assert bozulan["kopyalar ayıklanmamış"][0] < dogru_kayip, "kopyalı derlemde eğitim kaybı daha düşük görünmeli"
assert bozulan["program kodunun sözlüğü"][0] < dogru_kayip, "küçük parçaların token başına kaybı daha düşük görünmeli"

# %% [markdown]
# Sol sütuna bakıp karar verseydik yanılırdık:
#
# - **Kopyalar.** Eğitim kaybı doğru hattınkinin yarısına iniyor, çünkü model otuz belgeyi ezberliyor. Görmediği metinde ise
#   çok daha kötü.
# - **Sözlük.** Program kodundan öğrenilen parçalar Türkçeyi harf harf böler. Küçük parçaları tahmin etmek kolaydır, token başına
#   kayıp düşer; ama metni yazmak için daha çok token gerekir ve bağlam kısalır. Bayt başına bit bunu görür.
# - **Öğrenme hızı.** Burada iki sütun da kötü. Kütüphanenin eğitimi, kayıp birden sıçrarsa ya da NaN olursa kendini durdurur
#   (11. bölüm); “yavaş yavaş kötü” olanı ise ancak eğriye bakan biri görür.

# %% [markdown]
# ### Elektrik kesilirse
#
# Bir eğitim günler sürebilir. 25. adımdan sonra fişi çekelim: hiçbir şey kaydedemeden ölsün. Denetim noktası her 15 adımdadır; aynı
# komut yeniden verilince 15. adımdan sürmeli ve sonunda **hiç kesilmemiş** eğitimle bit bit aynı ağırlıkları vermeli.
# (Kütüphanenin iletileri İngilizcedir.)


# %%
class ElektrikKesildi(Exception):
    """Programın yarıda ölmesi."""


class Kesinti(SilentReporter):
    """Söylenenleri yazar; eğitim `sinir` tokeni geçince her şeyi yarıda bırakır."""

    def __init__(self, sinir: float) -> None:
        self.kalan = sinir

    def say(self, text: str) -> None:
        print("  fidan:", text)

    @contextmanager
    def task(self, description: str, total: float | None = None, done: float = 0.0) -> Iterator[Any]:
        yield self

    def advance(self, amount: float, note: str = "") -> None:
        self.kalan -= amount
        if self.kalan < 0:
            raise ElektrikKesildi


kucuk = replace(
    egitim_ayari, tokens=40 * 512, sequence_length=64, warmup_steps=5, checkpoint_every=15, valid_every=40
)
kucuk_tarif = replace(
    tarif,
    train=replace(kucuk, sample_every=0),
    model=ModelConfig(d_model=48, n_layers=2, n_heads=2, d_ff=96, context=64),
)
kesilen = Run(kucuk_tarif, kopya("kesilen", "corpus", "tokenizer", "pack"), Kesinti(25 * 512))
try:
    run_one("train", kesilen)
    raise AssertionError("kesinti olmadı")
except ElektrikKesildi:
    print("elektrik kesildi; kalanlar:", sorted(yol.name for yol in kesilen.folder("train").glob("checkpoints/*")))

# %%
run_one("train", replace(kesilen, reporter=Kesinti(float("inf"))))
kesilmeyen = Run(kucuk_tarif, kopya("kesilmeyen", "corpus", "tokenizer", "pack"), SilentReporter())
run_one("train", kesilmeyen)
a, b = (read_weights(c.folder("train") / "model.safetensors") for c in (kesilen, kesilmeyen))
print("bütün ağırlıklar bit bit aynı:", all(torch.equal(a[ad], b[ad]) for ad in b))
assert all(torch.equal(a[ad], b[ad]) for ad in b), "kesilip süren eğitim başka bir model verdi"

# %% [markdown]
# Bu küçük eğitim kütüphanenin şu anki koduyla yapıldı; elle yazdığımız döngü onunla da kırk adım boyunca aynı kaybı vermeli:

# %%
kayiplar = [k for _, k in benim_egitimim(serit, tok.vocab_size, 40, 40, kucuk.warmup_steps, tarifi=kucuk_tarif)]
onlarin = [k["loss"] for k in read_metrics(kesilmeyen.folder("train")) if k["kind"] == "train"]
esit_mi(np.mean(np.reshape(kayiplar, (-1, 10)), axis=1), np.array(onlarin), sinir=1e-4)

# %% [markdown]
# Kesintisiz sürebilmek için denetim noktasında yalnız ağırlıkların değil, eniyileyicinin ortalamalarının ve *kaçıncı dizide* kalındığının da
# durması gerekir. Sıra $n$'nin işlevi olduğu için tek bir sayı yeter.
#
# Tarif değişirse ne olur? Öğrenme hızını değiştirip aynı klasörde değerlendirme isteyelim. Kütüphane eski ağırlıkları yeni
# tarifin sonucu saymaz:

# %%
baska = replace(kesilmeyen, recipe=replace(kucuk_tarif, train=replace(kucuk_tarif.train, learning_rate=0.01)))
try:
    run_one("generate", baska)
    raise AssertionError("başka tarifin ağırlıklarıyla metin yazıldı")
except FidanError as hata:
    print("fidan:", str(hata).split(". ")[0])

# %% [markdown]
# ### 134 milyon parametre kaça mal olur?
#
# `fidan doctor recipes/turkish-134m.toml` bunu makinenizde ölçer; aritmetiği elle yapılabilir. Matris çarpımlarına giren her
# ağırlık token başına 6 işlem ister (ileri 2, geri 4), dikkat puanları katman başına $12 \cdot d \cdot T$ (PaLM, ek B; arXiv
# 2204.02311). Bir GPU'nun tepe hızının ne kadarını kullanabildiğinize **MFU** denir.

# %%
buyuk = load_recipe(Path("recipes/turkish-134m.toml"))
b, V, T = buyuk.model, buyuk.tokenizer.vocab_size, buyuk.train.sequence_length
matrisler = b.n_layers * (4 * b.d_model**2 + 3 * b.d_model * b.d_ff) + V * b.d_model
token_basina = 6 * matrisler + 12 * b.n_layers * b.d_model * T
esit_mi(grouped(token_basina), grouped(b.flops_per_token(V, T)))
esit_mi(grouped(matrisler + V * b.d_model + (2 * b.n_layers + 1) * b.d_model), grouped(b.parameters(V)))

toplam = token_basina * buyuk.train.tokens
bellek = training_memory(buyuk, torch.device("cuda"), torch.bfloat16)
print(f"parametre {grouped(b.parameters(V))}; token {grouped(buyuk.train.tokens)}; toplam {toplam:.1e} işlem")
print(f"eğitim belleği {bellek.total / 2**30:.0f} GiB; paketlenmiş metin {2 * buyuk.train.tokens / 1e9:.0f} GB")
for gpu, tepe in {"T4 (fp16)": 65e12, "RTX 4090": 165e12, "A100": 312e12, "H100": 989e12}.items():
    print(f"  {gpu:<10} tepe {tepe / 1e12:>4.0f} TFLOP/s, MFU %40 ile {toplam / (0.4 * tepe) / 3600:>6.1f} saat")

# %% [markdown]
# %40 bir varsayımdır (17. bölüm her karta kendi oranını verir): A100'de olağandır; T4'te, bir de bu kadar küçük bir modelle H100'de ulaşmak zordur. Bellek `batch_size` küçültülüp `accumulate` artırılarak
# indirilir, sonuç değişmez (11. bölüm). Kümeye geçiş 17. bölümdedir.
#
# ## Alıştırmalar
#
# **1.** **Dikleştirme.** 64 × 32'lik rastgele bir matrisin tekil değerleri `benim_diklestirmem`'den önce ve sonra hangi aralıktadır?
# Gerçek dikleştirme ($U V^\top$, `torch.linalg.svd` ile) ile arasındaki açının kosinüsünü bulun.
#
# **2.** **Gürültü.** Tohumu değiştirip (başlangıç ağırlıkları ve yığınların sırası değişir) doğru hattı elli adım yeniden eğitin. Ayrılmış metindeki fark, kendi
# hattınızla kütüphaneninki arasındaki farktan büyük mü?
#
# **3.** **Özet zinciri.** `pack` klasörünün bir kopyasında tek bir baytı değiştirin. Bildirimdeki özet bunu yakalar mı? Kütüphane
# dosyanın boyu değişirse ne der?


# %% tags=["cozum"]
# Çözüm 1: tekil değerler 1 dolayında toplanır, yön korunur.
g = torch.randn(64, 32, generator=torch.Generator().manual_seed(14))
u, tekil, v = torch.linalg.svd(g, full_matrices=False)
sonra = torch.linalg.svdvals(benim_diklestirmem(g))
kosinus = F.cosine_similarity(benim_diklestirmem(g).flatten(), (u @ v).flatten(), dim=0)
print(f"önce {tekil.min():.2f}–{tekil.max():.2f}, sonra {sonra.min():.2f}–{sonra.max():.2f}; kosinüs {kosinus:.3f}")
assert 0.6 < sonra.min() < sonra.max() < 1.3
assert kosinus > 0.95

# %% tags=["cozum"]
# Çözüm 2: başka tohum başka bir model verir; fark yuvarlamanınkinden çok büyüktür.
baska_model = list(benim_egitimim(serit, tok.vocab_size, KISA, KISA, ISINMA, tohum=7))[-1][0]
tohum_farki = abs(benim_bit_baytim(baska_model, tok, ayrilmis) - dogru_bit)
print(f"başka tohum: {tohum_farki:.4f}; kütüphane ile: {abs(benim_bit - onlarin_biti):.6f} bit/bayt")
assert abs(benim_bit - onlarin_biti) < tohum_farki < 0.1

# %% tags=["cozum"]
# Çözüm 3: özet her biti görür; boyu değişen dosyayı açmak baştan reddedilir.
bozuk = kopya("bozuk", "pack") / "pack"
dosya = bozuk / "train-00000.tokens.bin"
baytlar = bytearray(dosya.read_bytes())
baytlar[1000] ^= 1
assert xxhash.xxh3_128_hexdigest(bytes(baytlar)) != bildirim["pack"].outputs[dosya.name]["xxh3_128"]
dosya.write_bytes(baytlar[:-2])
try:
    PackedTokens.open(bozuk, "train")
    raise AssertionError("eksik dosya açıldı")
except FidanError as hata:
    print("fidan:", hata.args[0].split(": ", 1)[1])

# %% [markdown]
# ## Sırada ne var
#
# Model konuşuyor, ama yalnız burada. **15. bölümde** onu Transformers'a, llama.cpp'ye ve Ollama'ya veriyoruz.
#
# - Kod: aşamalar `src/fidan/stages.py`, çalıştırma `src/fidan/running.py`, eğitim `src/fidan/training/trainer.py`.
# - Komut: `fidan run recipes/demo.toml` aynı yolu birkaç dakikada yürür; sohbet de içindedir.
# - Tek dosyada okunan hatlar: Karpathy'nin *nanoGPT* ve *nanochat* depoları.
# - Muon: Jordan ve ark., 2024; ağırlık sönümüyle büyük modellerde: Liu ve ark. (arXiv 2502.16982).
