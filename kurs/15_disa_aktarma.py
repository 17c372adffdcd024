# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 15. Dışa aktarma
#
# **Soru.** Modeliniz bilgisayarınızda konuşuyor. Bir arkadaşınız onu telefonunda, bir başkası Ollama'da, bir üçüncüsü kendi
# Python kodunda kullanmak istiyor. Onlara hangi dosyaları verirsiniz ve verdiğinizin **aynı model** olduğunu nereden
# bilirsiniz?
#
# Bu bölümün sonunda bir ağırlık dosyasını çıplak baytlarından okumuş, ağırlıkları elle nicemlemiş, llama.cpp'nin dosyasını
# kendi kodunuzla açmış ve dışa aktarmada en sık yapılan hataların modele kaç bite mal olduğunu ölçmüş olacaksınız.
# Gerekenler: RoPE (3. bölüm), bayt başına bit (12. bölüm).

# %%
import hashlib
import json
import os
import pickle
import shutil
import struct
from contextlib import closing, nullcontext
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import gguf
import numpy as np
import tokenizers
import torch
from matplotlib import pyplot as plt
from torch import Tensor
from torch.nn import functional as F
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.utils import logging as transformers_kaydi

from fidan.errors import FidanError
from fidan.evaluation.heldout import held_out_loss
from fidan.export.foreign.file import open_foreign
from fidan.export.foreign.importing import half_split, import_checkpoint
from fidan.export.foreign.names import foreign_name
from fidan.export.foreign.settings import ForeignOptions
from fidan.export.gguf import interleaved, write_gguf
from fidan.export.hugging_face import write_folder
from fidan.export.ollama import check_for_ollama, modelfile
from fidan.export.proof.gguf_file import GgufFile
from fidan.kurs import esit_mi, kaynak, kurs_klasoru, ornek_calistirma
from fidan.llama_cpp.model import NotInstalled
from fidan.llama_cpp.opening import open_gguf
from fidan.model.decoder import Decoder
from fidan.progress import SilentReporter
from fidan.recipe import load_recipe
from fidan.trained import open_trained
from fidan.training.packed_tokens import PackedTokens
from fidan.weights import read_weights

calistirma = ornek_calistirma()
egitilmis = open_trained(calistirma.out, torch.device("cpu"))
model, tokenlastirici = egitilmis.model, egitilmis.tokenizer
HF = calistirma.folder("export") / "hugging_face"
KLASOR = kurs_klasoru() / "bolum_15"
shutil.rmtree(KLASOR, ignore_errors=True)
KLASOR.mkdir()
transformers_kaydi.disable_progress_bar()

# %% [markdown]
# ## Kuram
#
# ### Bir model hangi dosyalardır?
#
# Eğitilmiş bir model üç şeydir: **ağırlıklar**, onları hangi hesapla kullanacağını söyleyen **biçim** ve metni sayıya çeviren
# **tokenlaştırıcı**. Biri eksik ya da yanlışsa öbür ikisi işe yaramaz. Kursun çalıştırmasının dışa aktardığı klasör:

# %%
NEYE_YARAR = {
    "config.json": "biçim: katman, baş, genişlik, RoPE",
    "model.safetensors": "ağırlıklar",
    "tokenizer.model": "tokenlaştırıcı: SentencePiece, llama.cpp, Ollama okur",
    "tokenizer.json": "aynı tokenlaştırıcı: Transformers okur",
    "tokenizer_config.json": "başa <s> konur mu, dolgu hangisi",
    "generation_config.json": "örnekleme ayarları, bitiş tokeni",
    "Modelfile": "Ollama için tarif",
    "README.md": "model kartı: nasıl yetişti, ne kadar iyi",
    "recipe.toml": "modeli yeniden yetiştiren tarif",
    "LICENSE": "lisans",
    "SHA256SUMS": "dosyaların özetleri",
    ".gitattributes": "büyük dosyalar git'e nasıl konur",
}
for ad, yarar in NEYE_YARAR.items():
    kb = f"{(HF / ad).stat().st_size / 1000:.1f}".replace(".", ",")
    print(f"{ad:<22} {kb:>8} kB  {yarar}")

# %% [markdown]
# ### Veri ile program
#
# PyTorch'un `.pt` dosyası bir **pickle**'dır: Python nesnelerini yeniden kuran küçük bir *program*. Açmak, o programı
# çalıştırmaktır. **safetensors** ise yalnız veridir: 8 baytlık bir uzunluk $N$, $N$ baytlık bir JSON başlık, ardından sayıların
# kendisi. Başlık her tensörün adını, türünü, biçimini ve baytlarının yerini söyler.
#
# ### GGUF ve nicemleme
#
# **GGUF** llama.cpp'nin dosyasıdır: `GGUF` imzası, sürüm, ayarlar (biçim ve tokenlaştırıcının *tamamı*), tensörlerin listesi,
# hizalanmış veri. Tek dosya her şeyi taşır. Ağırlıklar çoğu kez **nicemlenir**: `Q8_0` her satırı 32'lik bloklara böler,
# blok başına bir fp16 ölçek $d$ ve 32 tam sayı saklar:
#
# $$d = \frac{\max_i |w_i|}{127}, \qquad q_i = \operatorname{yuvarla}(w_i / d), \qquad \hat w_i = d\, q_i$$
#
# 32 ağırlık $2 + 32 = 34$ bayt tutar: ağırlık başına 8,5 bit. `Q4_0` 16 basamak kullanır: $2 + 16 = 18$ bayt, 4,5 bit.
# Yuvarlama hatası $\pm d/2$ aralığına düzgün yayılır, standart sapması $d/\sqrt{12}$'dir. Normal dağılmış 32 sayının en
# büyüğü ortalama $2{,}4\,\sigma$ dolayındadır; öyleyse `Q8_0`'ın bağıl hatası $2{,}4 / (127\sqrt{12}) \approx \%0{,}5$
# olmalı. Ölçeceğiz.
#
# **Elle.** Blok $(0{,}5;\ -1{,}27;\ 0{,}013;\ 0)$ olsun (kalan 28 sayı da 0). $d = 1{,}27/127 = 0{,}01$; $q = (50, -127, 1, 0)$.
# Geriye $(0{,}5;\ -1{,}27;\ 0{,}01;\ 0)$ gelir: büyükler tam, küçük olan %23 yanlış.
#
# ### RoPE'nin iki düzeni
#
# RoPE bir başın sayılarını ikişer ikişer döndürür. Hugging Face $i$ ile $i + K/2$'yi çift sayar (**yarım yarım**), llama.cpp
# $2i$ ile $2i+1$'i (**yan yana**). İkisi de doğrudur; ama ağırlıklar hangisiyle eğitildiyse öyle kullanılmalıdır. Geçiş,
# `q_proj` ve `k_proj` satırlarını yeniden dizmektir. Satır sırası sorguda ve anahtarda aynı değiştiği için puanlar
# değişmez. fidan'ın kendi düzeni Hugging Face'inkidir; dışa aktarınca ağırlıklara dokunulmaz, GGUF'a giderken bu iki
# matris dizilir.
#
# ## Elle yazalım
#
# ### safetensors

# %%
TURLER = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


def benim_safetensors(yol: Path) -> dict[str, Tensor]:
    """Bir safetensors dosyasının tensörleri."""
    ham = yol.read_bytes()
    (uzunluk,) = struct.unpack("<Q", ham[:8])
    baslik = json.loads(ham[8 : 8 + uzunluk])
    tensorler = {}
    for ad, bilgi in baslik.items():
        if ad == "__metadata__":
            continue
        bas, son = (8 + uzunluk + yer for yer in bilgi["data_offsets"])
        sayilar = torch.frombuffer(bytearray(ham[bas:son]), dtype=TURLER[bilgi["dtype"]])
        tensorler[ad] = sayilar.reshape(bilgi["shape"])
    return tensorler


agirliklar = benim_safetensors(HF / "model.safetensors")
print(len(agirliklar), "tensör,", sum(w.numel() for w in agirliklar.values()), "sayı")
for ad in list(agirliklar)[:4]:
    print(f"  {ad:<45} {tuple(agirliklar[ad].shape)}")

# %% [markdown]
# ### GGUF'un başlığı
#
# Her ayarın önünde türünün numarası durur: 8 bir yazı, 9 bir liste, ötekiler sayı.

# %%
SAYI = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}


def benim_degerim(dosya: BinaryIO, tur: int) -> Any:
    """Dosyanın sıradaki değeri."""
    if tur == 8:
        return dosya.read(benim_degerim(dosya, 10)).decode()
    if tur == 9:
        icindeki, adet = benim_degerim(dosya, 4), benim_degerim(dosya, 10)
        return [benim_degerim(dosya, icindeki) for _ in range(adet)]
    return struct.unpack(f"<{SAYI[tur]}", dosya.read(struct.calcsize(f"<{SAYI[tur]}")))[0]


def benim_gguf_basligim(yol: Path) -> tuple[dict[str, Any], dict[str, tuple[tuple[int, ...], int, int]]]:
    """Ayarlar; tensör adı → biçim, türün numarası, dosyadaki yeri."""
    with yol.open("rb") as dosya:
        imza, _, tensor_sayisi, ayar_sayisi = struct.unpack("<4sIQQ", dosya.read(24))
        assert imza == b"GGUF"
        ayarlar = {}
        for _ in range(ayar_sayisi):
            ad, tur = benim_degerim(dosya, 8), benim_degerim(dosya, 4)
            ayarlar[ad] = benim_degerim(dosya, tur)
        liste = []
        for _ in range(tensor_sayisi):
            ad, boyut = benim_degerim(dosya, 8), benim_degerim(dosya, 4)
            bicim = struct.unpack(f"<{boyut}Q", dosya.read(8 * boyut))[::-1]  # GGUF sondan başa yazar
            liste.append((ad, bicim, benim_degerim(dosya, 4), benim_degerim(dosya, 10)))
        veri = -(-dosya.tell() // 32) * 32  # veri 32'nin katında başlar
    return ayarlar, {ad: (bicim, tur, veri + yer) for ad, bicim, tur, yer in liste}


# %% [markdown]
# ### Nicemleme ve satırların dizilişi


# %%
def benim_q8_0(w: np.ndarray) -> bytes:
    """fp32 ağırlıkların Q8_0 baytları."""
    blok = w.reshape(-1, 32)
    d = np.abs(blok).max(1, keepdims=True) / np.float32(127)
    ters = np.divide(np.float32(1), d, out=np.zeros_like(d), where=d > 0)
    x = np.abs(blok * ters)
    tam = np.floor(x)
    q = np.sign(blok) * (tam + (x - tam >= 0.5))  # yarımlar sıfırdan uzağa
    parcalar = [d.astype("<f2").view(np.uint8), q.astype(np.int8).view(np.uint8)]
    return np.concatenate(parcalar, axis=1).tobytes()


# %%
def benim_q8_0_acilmis(baytlar: bytes) -> np.ndarray:
    """Q8_0 baytlarından fp32, (blok, 32)."""
    blok = np.frombuffer(baytlar, np.uint8).reshape(-1, 34)
    return blok[:, :2].copy().view("<f2").astype(np.float32) * blok[:, 2:].view(np.int8)


def benim_dizilisim(w: np.ndarray, bas: int) -> np.ndarray:
    """Yarım yarım düzenden yan yana düzene: her başta i → 2i, i + K/2 → 2i + 1."""
    yeni, genislik = np.empty_like(w), len(w) // bas
    for h in range(bas):
        for i in range(genislik // 2):
            yeni[h * genislik + 2 * i] = w[h * genislik + i]
            yeni[h * genislik + 2 * i + 1] = w[h * genislik + i + genislik // 2]
    return yeni


ornek = np.zeros(32, np.float32)
ornek[:3] = 0.5, -1.27, 0.013
print("baytlar :", len(benim_q8_0(ornek)), " tam sayılar:", list(benim_q8_0(ornek)[2:5]), "(129, −127'dir)")
print("açılmış :", benim_q8_0_acilmis(benim_q8_0(ornek))[0, :4].round(4))

# %% [markdown]
# ## Kütüphanede
#
# Hugging Face klasörünü yazan işlevde ağırlıkların adını ya da sırasını değiştiren hiçbir şey yok; parametre adları baştan
# Llama'nınkilerdir:

# %%
kaynak(write_folder)

# %% [markdown]
# GGUF'u yazan işlev bellekte tek tensör tutar; dosya ya bütün olarak görünür ya hiç. Ağırlıkların nicemlenmesini llama.cpp'nin
# kendi `gguf` paketi yapar; satırların dizilişi bizimdir:

# %%
kaynak(write_gguf)

# %%
kaynak(interleaved)

# %% [markdown]
# ## Kanıt
#
# ### Aynı ağırlıklar, aynı kimlikler, aynı logitler
#
# Önce elle okuduğumuz safetensors:

# %%
kutuphaneninki = read_weights(HF / "model.safetensors")
esit_mi(set(agirliklar) == set(kutuphaneninki), True)
esit_mi(
    torch.cat([agirliklar[ad].flatten() for ad in kutuphaneninki]),
    torch.cat([w.flatten() for w in kutuphaneninki.values()]),
)

# %% [markdown]
# Sonra klasörün tamamı, onu hiç tanımayan bir programda: Transformers. Kimlikler bire bir, logitler $10^{-5}$'te aynı olmalı.

# %%
onlarinki = AutoModelForCausalLM.from_pretrained(HF, dtype=torch.float32).eval()
onlarin_tokenlastiricisi = AutoTokenizer.from_pretrained(HF)
METINLER = [
    "Iğdır'da ılık bir ilkbahar günü, çocuklar bahçede oynuyor.",
    "  iki boşluk,\tsekme 🌱 ve 3,14",
    "Bir gün Ayşe annesine bir mektup yazıyor.",
]
for metin in METINLER:
    ids = tokenlastirici.encode(metin, bos=True)
    esit_mi(ids, onlarin_tokenlastiricisi(metin)["input_ids"])
    with torch.inference_mode():
        esit_mi(model(torch.tensor([ids])), onlarinki(torch.tensor([ids])).logits, sinir=1e-5)

# %% [markdown]
# ### GGUF, bayt bayt
#
# Beş türde yazalım; elle okuduğumuz başlığı `gguf` paketinin okuduğuyla ve modelin biçimiyle karşılaştıralım.

# %%
TURLERI = ("F32", "F16", "BF16", "Q8_0", "Q4_0")
gguflar = {tur: KLASOR / f"kurs-{tur}.gguf" for tur in TURLERI}
for tur, yol in gguflar.items():
    write_gguf(HF, tur, yol)

ayarlar, tensorler = benim_gguf_basligim(gguflar["Q8_0"])
okuyucu = gguf.GGUFReader(gguflar["Q8_0"])
esit_mi([yer for _, _, yer in tensorler.values()], [int(t.data_offset) for t in okuyucu.tensors])
esit_mi(list(tensorler) == [t.name for t in okuyucu.tensors], True)
esit_mi(ayarlar == {ad: alan.contents() for ad, alan in okuyucu.fields.items() if not ad.startswith("GGUF.")}, True)
bicim = model.config
for ad, beklenen in {
    "llama.block_count": bicim.n_layers,
    "llama.attention.head_count": bicim.n_heads,
    "llama.context_length": bicim.context,
    "llama.rope.freq_base": bicim.rope_theta,
    "llama.attention.layer_norm_rms_epsilon": bicim.norm_eps,
    "tokenizer.ggml.bos_token_id": tokenlastirici.bos_id,
    "tokenizer.ggml.add_bos_token": True,
    "tokenizer.ggml.add_space_prefix": True,
}.items():
    print(f"{ad:<39}", end="")
    esit_mi(ayarlar[ad], beklenen)

# %% [markdown]
# Şimdi veri. `attn_q` dosyada *dizilmiş* ve *nicemlenmiş* olmalı; ikisini de elle yapıp dosyanın baytlarıyla karşılaştıralım.
# Bir bit bile farklı olmamalı.

# %%
ham = gguflar["Q8_0"].read_bytes()


def dosyada(ad: str) -> bytes:
    """Bir tensörün dosyadaki Q8_0 baytları."""
    (satir, sutun), tur, yer = tensorler[ad]
    assert gguf.GGMLQuantizationType(tur).name == "Q8_0"
    return ham[yer : yer + satir * sutun // 32 * 34]


for katman in range(bicim.n_layers):
    on_ek = f"model.layers.{katman}"
    for parca, onlarca in (("q", "attn_q"), ("k", "attn_k")):
        w = benim_dizilisim(agirliklar[f"{on_ek}.self_attn.{parca}_proj.weight"].numpy(), bicim.n_heads)
        assert benim_q8_0(w) == dosyada(f"blk.{katman}.{onlarca}.weight"), "baytlar farklı"
    w = agirliklar[f"{on_ek}.mlp.down_proj.weight"].numpy()
    assert benim_q8_0(w) == dosyada(f"blk.{katman}.ffn_down.weight"), "baytlar farklı"
esit_mi(benim_q8_0(agirliklar["lm_head.weight"].numpy()) == dosyada("output.weight"), True)
esit_mi(benim_dizilisim(w, 4), interleaved(w, 4))

# %% [markdown]
# ### llama.cpp'nin kendisi
#
# Dosyanın doğru olduğuna son karar llama.cpp'nindir. Burada kuruluysa (`pip install xllamacpp`) ona soralım.

# %%
ids = tokenlastirici.encode(METINLER[2], bos=True)
yerler = [len(ids) // 2, len(ids) - 1]
with torch.inference_mode():
    bizim = model(torch.tensor([ids]))[0].log_softmax(-1)


def benim_acgozlum(m: Decoder, ids: list[int], adet: int) -> list[int]:
    """Her adımda en olası token."""
    satir = list(ids)
    with torch.inference_mode():
        for _ in range(adet):
            satir.append(int(m(torch.tensor([satir]))[0, -1].argmax()))
    return satir[len(ids) :]


try:
    with closing(open_gguf(gguflar["F32"])) as llama:
        esit_mi([llama.ids(metin) for metin in METINLER], [tokenlastirici.encode(m, bos=True) for m in METINLER])
        esit_mi(bizim[yerler], llama.log_probabilities(ids, yerler), sinir=1e-4)
        yazilan = llama.greedy(ids, 12)
        print("llama.cpp sürdürdü:", tokenlastirici.decode([*ids, *yazilan]))
        esit_mi(benim_acgozlum(model, ids, 12), yazilan)
except NotInstalled:
    print("llama.cpp burada kurulu değil: bu karşılaştırma yapılmadı.")

# %% [markdown]
# ### Başkasının `.pt` dosyası
#
# Yön ters olsun: elinizde Meta'nın adlarıyla (`layers.0.attention.wq`) ve yan yana düzenle kaydedilmiş bir `.pt` var. Bunu
# kendi modelimizden yapıp içe aktaralım; sonuç yine aynı logitleri vermeli.

# %%
meta = {}
for ad, w in agirliklar.items():
    baslar = bicim.n_heads if ".q_proj." in ad or ".k_proj." in ad else 0
    meta[foreign_name(ad, "Meta")] = torch.from_numpy(benim_dizilisim(w.numpy(), baslar)) if baslar else w
ayar = {
    "n_heads": bicim.n_heads,
    "norm_eps": bicim.norm_eps,
    "rope_theta": bicim.rope_theta,
    "max_seq_len": bicim.context,
}
torch.save({"model": meta, "args": ayar}, KLASOR / "meta.pt")

gelen = import_checkpoint(KLASOR / "meta.pt", KLASOR / "gelen", HF, ForeignOptions(), SilentReporter())
print(f"{list(meta)[1]} → {gelen.parameters} parametre, {gelen.config.n_layers} katman, {gelen.config.n_heads} baş")
geri_gelen = open_trained(KLASOR / "gelen", torch.device("cpu")).model
with torch.inference_mode():
    esit_mi(geri_gelen(torch.tensor([ids])), model(torch.tensor([ids])))

# %% [markdown]
# ### Açılınca çalışan dosya
#
# Pickle'ın neden tehlikeli olduğunu zararsız bir örnekle görelim. Aşağıdaki “denetim noktası” açılınca bir klasör oluşturur;
# kötü niyetli biri aynı yerden dosyalarınızı silebilirdi.

# %%
iz = KLASOR / "tuzagin_izi"


class Tuzak:
    """Pickle'a “beni kurmak için os.mkdir'i çağır” der."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(iz),)


pickle.loads(pickle.dumps(Tuzak()))  # noqa: S301 - kendi yazdığımız, zararsız pickle
print("pickle açıldı; klasör oluştu mu?", iz.exists())
iz.rmdir()

torch.save({"model": meta, "surpriz": Tuzak()}, KLASOR / "tuzak.pt")
try:
    open_foreign(KLASOR / "tuzak.pt")
    raise AssertionError("tuzak açıldı")
except FidanError as hata:
    print("fidan:", str(hata).replace(f"{KLASOR}{os.sep}", ""))
assert not iz.exists(), "reddedilen dosyanın kodu çalışmış"

# %% [markdown]
# (Kütüphanenin iletileri İngilizcedir: “Bu dosya açılırken şunu çağırmak istiyor; hiçbir şey çalıştırılmadı.”) Kütüphane
# dosyayı `weights_only=True` ile açar: yalnız tensör ve düz değer kurulur, geri kalanı adıyla reddedilir. Kural basit:
# tanımadığınız bir `.pt` dosyasını `pickle` ile ya da `weights_only=False` ile açmayın; safetensors isteyin.
#
# ## Bozalım: nicemleme, düzen, ayar
#
# ### Nicemleme kaça mal olur?
#
# `GgufFile` ağırlıkları dosyadan, llama.cpp olmadan geri okur. Her türün ayrılmış metindeki bitini ölçelim.


# %%
def bit_bayt(m: Decoder) -> float:
    """Çalıştırmanın ayrılmış metninde bayt başına bit."""
    belgeler = PackedTokens.open(calistirma.folder("pack"), "valid", tokenlastirici.hash).spread(10**9)
    return held_out_loss(m, belgeler, stride=128, autocast=nullcontext(), reporter=SilentReporter()).bits_per_byte


dogrusu = bit_bayt(model)
print("tür    dosya (kB)  bit/ağırlık  bağıl hata  bayt başına bit")
olculen = {}
duz = torch.cat([w.flatten() for ad, w in agirliklar.items() if w.ndim == 2])
for tur, yol in gguflar.items():
    dosya = GgufFile(yol, model)
    acilan = torch.cat([dosya.weights[ad].flatten() for ad, w in agirliklar.items() if w.ndim == 2])
    hata = ((acilan - duz).norm() / duz.norm()).item()
    bayt = sum(t.n_bytes for t in gguf.GGUFReader(yol).tensors if len(t.shape) == 2)
    olculen[tur] = (8 * bayt / duz.numel(), hata, bit_bayt(dosya.model(bicim, model.vocabulary)))
    bit, _, bb = olculen[tur]
    print(
        f"{tur:<5} {yol.stat().st_size / 1000:>11.0f} {bit:>12.2f}  %{100 * hata:<9.3f} {bb:>10.4f} ({bb - dogrusu:+.4f})"
    )

# %%
w = np.sort(agirliklar["model.layers.0.mlp.up_proj.weight"].numpy()[:1, :32])
fig, (sol, sag) = plt.subplots(1, 2, figsize=(8, 3))
sol.plot(w[0], "o", color="black", markersize=4, label="ağırlık")
for tur in (gguf.GGMLQuantizationType.Q8_0, gguf.GGMLQuantizationType.Q4_0):
    sol.step(range(32), gguf.dequantize(gguf.quantize(w, tur), tur)[0], where="mid", label=tur.name)
sol.set(xlabel="bloktaki yeri (küçükten büyüğe)", ylabel="değer", title="32 ağırlıklık bir blok")
sol.legend(loc="upper left")
for tur, (bit, hata, _) in olculen.items():
    if hata:
        sag.plot(bit, 100 * hata, "o", color="#2e7d32")
        sag.annotate(tur, (bit, 100 * hata), textcoords="offset points", xytext=(6, 4))
sag.set(xlabel="ağırlık başına bit", ylabel="bağıl hata (yüzde)", yscale="log", xlim=(3, 19), ylim=(0.01, 20))
sag.set_xticks([4, 8, 16])
sag.yaxis.set_major_formatter(lambda deger, _: f"{deger:g}".replace(".", ","))
plt.show()

assert 0.004 < olculen["Q8_0"][1] < 0.007, "Q8_0 hatası formülün söylediği gibi değil"
assert abs(olculen["Q8_0"][2] - dogrusu) < 0.005, "Q8_0 modeli değiştirmiş"
assert olculen["Q4_0"][1] > 10 * olculen["Q8_0"][1]
assert olculen["Q4_0"][2] > dogrusu + 0.005

# %% [markdown]
# Sekiz bit bedavaya yakındır: dosya dörtte birine iner, bit ancak dördüncü basamakta oynar. Bağıl hata da formülün söylediği
# gibi yüzde yarım kadardır. Dört bitte hata on katını aşar ve modelde görünür. Bizimki kadar küçük bir modelde her ağırlık
# değerlidir; milyarlarca parametreli modeller dört biti daha kolay kaldırır. Q4_0 dosyasında ağırlık başına bitin 4,5'ten
# büyük çıkmasının nedeni çıkış katmanıdır: onun hatası doğrudan logitlere girdiği için Q8_0 olarak yazılır.
#
# ### RoPE düzenini karıştırmak
#
# Ağırlıkları yan yana dizip yarım yarım döndüren bir programa verelim. Dosya açılır, hiçbir uyarı çıkmaz, biçimlerin hepsi
# tutar; ama bit iki katını aşar.

# %%
bozuk = deepcopy(model)
with torch.no_grad():
    for katman in bozuk.model.layers:
        for matris in (katman.self_attn.q_proj, katman.self_attn.k_proj):
            matris.weight.copy_(torch.from_numpy(interleaved(matris.weight.numpy(), bicim.n_heads)))
duzen_biti = bit_bayt(bozuk)
print(f"doğru düzen {dogrusu:.3f}, karışık düzen {duzen_biti:.3f} bit/bayt")
for ad, m in (("doğru", model), ("karışık", bozuk)):
    print(f"{ad:>8}:", tokenlastirici.decode([*ids, *benim_acgozlum(m, ids, 24)]).replace("\n", " ⏎ "))
assert duzen_biti > 1.5 * dogrusu, "karışık düzen modeli bozmadı"
with torch.no_grad():
    for katman in bozuk.model.layers:
        for matris in (katman.self_attn.q_proj, katman.self_attn.k_proj):
            matris.weight.copy_(half_split(matris.weight, bicim.n_heads))
esit_mi(bit_bayt(bozuk), dogrusu)

# %% [markdown]
# ### Tokenlaştırıcının ayarları
#
# Parçalar aynı, ayar yanlış olsun. `tokenizer.json` bir JSON'dur; üç yerini değiştirip her belgenin ilk 32 tokenindeki biti
# ölçelim. (`<s>` olmadan ilk token tahmin edilemez; bu yüzden onu hiçbirinde saymıyoruz.)


# %%
tarifi = json.loads((HF / "tokenizer.json").read_text(encoding="utf-8"))
KUCULT = {"type": "Sequence", "normalizers": [{"type": "Lowercase"}, *tarifi["normalizer"]["normalizers"]]}
BOSLUKSUZ = {"type": "Sequence", "normalizers": tarifi["normalizer"]["normalizers"][1:]}
DEGISIKLIKLER = {
    "doğru": {},
    "başta <s> yok": {"post_processor": None},
    "başta boşluk yok": {"normalizer": BOSLUKSUZ},
    "küçük harfe çevirir": {"normalizer": KUCULT},
}
depo = PackedTokens.open(calistirma.folder("pack"), "valid", tokenlastirici.hash)
belgeler = [tokenlastirici.decode(depo.document(i).tolist()) for i in range(depo.documents)]


def baslangic_biti(degisiklik: dict[str, Any]) -> float:
    """Belgelerin başında, ilk token sayılmadan, metnin bayt başına biti."""
    t = tokenizers.Tokenizer.from_str(json.dumps(tarifi | degisiklik))
    bit, bayt = 0.0, 0
    for belge in belgeler:
        satir = t.encode(belge).ids[:33]
        atla = 2 if satir[0] == tokenlastirici.bos_id else 1
        with torch.inference_mode():
            kayip = F.cross_entropy(model(torch.tensor([satir[:-1]]))[0], torch.tensor(satir[1:]), reduction="none")
        bit += kayip[atla - 1 :].sum().item() / np.log(2)
        bayt += tokenlastirici.count_bytes(satir[atla:])
    return bit / bayt


ayar_biti = {ad: baslangic_biti(degisiklik) for ad, degisiklik in DEGISIKLIKLER.items()}
for ad, bit in ayar_biti.items():
    print(f"{ad:<20} {bit:.3f} bit/bayt")
assert all(bit > ayar_biti["doğru"] for ad, bit in ayar_biti.items() if ad != "doğru")

# %% [markdown]
# Hepsi sessiz hatalardır: program çalışır, model biraz ya da çok kötüdür, kimse nedenini bilmez. `tokenizer_config.json` ve GGUF'un
# `add_bos_token`, `add_space_prefix` ayarları bu yüzden vardır; her dışa aktarmanın sonunda kütüphane kimlikleri yüzlerce tuhaf
# metinde karşılaştırır.
#
# ### Bağlı gömme
#
# Bazı modellerin çıkış katmanı gömme matrisinin kendisidir (**bağlı gömme**; Press ve Wolf, 2016, arXiv 1608.05859); dosyada o zaman tek matris durur. Bizimkinde iki ayrı matris var. `config.json`'daki tek sözcük yanlış
# olursa ne olur?

# %%
yanlis = KLASOR / "yanlis"
shutil.copytree(HF, yanlis)
sekil = json.loads((yanlis / "config.json").read_text(encoding="utf-8"))
(yanlis / "config.json").write_text(json.dumps(sekil | {"tie_word_embeddings": True}), encoding="utf-8")

bagli = Decoder(replace(bicim, tie_embeddings=True), model.vocabulary)
bagli.load_state_dict({**agirliklar, "lm_head.weight": agirliklar["model.embed_tokens.weight"]})
bagli_bit = bit_bayt(bagli)
esit_bit = np.log2(model.vocabulary) * (depo.tokens - depo.documents) / depo.text_bytes
print(f"çıkış katmanı yerine gömme: {bagli_bit:.2f} bit/bayt (doğrusu {dogrusu:.2f}; eşit olasılıkla {esit_bit:.2f})")
assert bagli_bit > 3 * dogrusu
try:
    write_gguf(yanlis, "F16", KLASOR / "yanlis.gguf")
    raise AssertionError("yanlış klasörden GGUF yazıldı")
except FidanError as hata:
    print("fidan:", str(hata).replace(f"{KLASOR}{os.sep}", ""))

# %% [markdown]
# Kütüphane böyle bir klasörden GGUF yazmayı reddeder: dosyada `config.json`'un söylemediği bir matris vardır.
#
# ### Ollama
#
# Ollama bir klasörü ya da GGUF'u bir **Modelfile** ile alır. Bizimki, temel (sohbet eğitimi görmemiş) bir model için
# şablonu çıplak istem yapar. `TEMPLATE` satırı olmasa Ollama metnin çevresine sohbet işaretleri koyar, model bunları hiç
# görmediği için saçmalardı.

# %%
print((HF / "Modelfile").read_text(encoding="utf-8"))
esit_mi((HF / "Modelfile").read_text(encoding="utf-8") == modelfile(HF, ".", "apache-2.0"), True)
check_for_ollama(HF)
print("ollama bu makinede", "kurulu." if shutil.which("ollama") else "kurulu değil; aşağıdaki komut çalıştırılmadı.")

# %% [markdown]
# Kendi bilgisayarınızda, klasörün içinde:
#
# ```sh
# ollama create kurs -f Modelfile
# ollama run kurs "Bir gün Ayşe"
# ```
#
# `check_for_ollama` Ollama'nın dönüştürücüsünün sessizce yanlış anlayacağı ne varsa önceden arar. `TEMPLATE` satırını silip
# deneyelim:

# %%
eksik = KLASOR / "eksik"
shutil.copytree(HF, eksik)
satirlar = (eksik / "Modelfile").read_text(encoding="utf-8").splitlines()
(eksik / "Modelfile").write_text("\n".join(s for s in satirlar if not s.startswith("TEMPLATE")), encoding="utf-8")
try:
    check_for_ollama(eksik)
    raise AssertionError("eksik Modelfile kabul edildi")
except FidanError as hata:
    print("fidan:", str(hata).replace(f"{KLASOR}{os.sep}", ""))

# %% [markdown]
# ## Alıştırmalar
#
# **1.** **Q4_0.** Blokta mutlak değeri en büyük ağırlık $m$ (işaretiyle) olsun: $d = m / (-8)$,
# $q_i = \min(15, \lfloor w_i / d + 8{,}5 \rfloor)$. İlk 16 sayı baytların alt, son 16'sı üst yarısına yazılır. `benim_q4_0`
# yazın; dosyadaki `blk.0.ffn_up` ile bayt bayt karşılaştırın.
#
# **2.** **Boyut.** `benim_boyutum(bicim, sozluk, tur)`, bir modelin ağırlıklarının kaç bayt tutacağını hesaplasın (normlar
# F32, Q4_0'da çıkış katmanı Q8_0). Bu modelin dosyasıyla doğrulayın, sonra `turkish-134m` tarifinin F16, Q8_0 ve Q4_0
# boyutlarını bulun.
#
# **3.** **Geri diziliş.** `benim_dizilisim`'in tersini yazın: yan yana düzenden yarım yarım düzene. Kütüphanenin `half_split`
# işleviyle karşılaştırın.
#
# **4.** **Özetler.** `SHA256SUMS` dosyasındaki her satırı `hashlib` ile doğrulayın. Bir dosyanın tek bitini değiştirince
# yakalandığını gösterin.


# %% tags=["cozum"]
# Çözüm 1: fp16 ölçek, sonra yarım baytlar.
def benim_q4_0(w: np.ndarray) -> bytes:
    """fp32 ağırlıkların Q4_0 baytları."""
    blok = w.reshape(-1, 32)
    m = np.take_along_axis(blok, np.abs(blok).argmax(1, keepdims=True), axis=1)
    d = m / np.float32(-8)
    ters = np.divide(np.float32(1), d, out=np.zeros_like(d), where=d != 0)
    q = np.minimum(15, np.floor(blok.astype(np.float64) * ters + 8.5)).astype(np.uint8)
    yarimlar = q[:, :16] | (q[:, 16:] << 4)
    return np.concatenate([d.astype("<f2").view(np.uint8), yarimlar], axis=1).tobytes()


basliklar = benim_gguf_basligim(gguflar["Q4_0"])[1]
(satir, sutun), _, yer = basliklar["blk.0.ffn_up.weight"]
dosyadaki = gguflar["Q4_0"].read_bytes()[yer : yer + satir * sutun // 32 * 18]
assert benim_q4_0(agirliklar["model.layers.0.mlp.up_proj.weight"].numpy()) == dosyadaki


# %% tags=["cozum"]
# Çözüm 2: matrislerin sayısı çarpı ağırlık başına bayt; normlar 4 bayt.
BAYT = {"F32": 4, "F16": 2, "Q8_0": 34 / 32, "Q4_0": 18 / 32}


def benim_boyutum(bicim: Any, sozluk: int, tur: str) -> int:
    """Ağırlıkların baytları; gömme ve çıkış katmanı ayrı."""
    d, ff = bicim.d_model, bicim.d_ff
    blok = bicim.n_layers * (2 * d * bicim.head_width * (bicim.n_heads + bicim.kv_heads) + 3 * d * ff)
    norm = 4 * d * (2 * bicim.n_layers + 1)
    cikis = sozluk * d * BAYT["Q8_0" if tur == "Q4_0" else tur]
    return round((blok + sozluk * d) * BAYT[tur] + cikis + norm)


for tur in BAYT:
    assert benim_boyutum(bicim, model.vocabulary, tur) == sum(
        int(t.n_bytes) for t in gguf.GGUFReader(gguflar[tur]).tensors
    )
buyuk = load_recipe(Path("recipes/turkish-134m.toml"))
for tur in BAYT:
    print(f"turkish-134m, {tur:<4}: {benim_boyutum(buyuk.model, buyuk.tokenizer.vocab_size, tur) / 1e6:.0f} MB")


# %% tags=["cozum"]
# Çözüm 3: iki atamanın yönü değişir.
def benim_geri_dizilisim(w: Tensor, bas: int) -> Tensor:
    """Her başta 2i → i, 2i + 1 → i + K/2."""
    cift, tek = w.unflatten(0, (bas, -1))[:, ::2], w.unflatten(0, (bas, -1))[:, 1::2]
    return torch.cat([cift, tek], dim=1).flatten(0, 1)


w = agirliklar["model.layers.0.self_attn.q_proj.weight"]
dizilmis = torch.from_numpy(benim_dizilisim(w.numpy(), bicim.n_heads))
esit_mi(benim_geri_dizilisim(dizilmis, bicim.n_heads), w)
esit_mi(benim_geri_dizilisim(dizilmis, bicim.n_heads), half_split(dizilmis, bicim.n_heads))

# %% tags=["cozum"]
# Çözüm 4: özet baytların tamamına bakar.
satirlar = [satir.split("  ") for satir in (HF / "SHA256SUMS").read_text(encoding="utf-8").splitlines()]
ozetler = {ad: ozet for ozet, ad in satirlar}
for ad, ozet in ozetler.items():
    assert hashlib.sha256((HF / ad).read_bytes()).hexdigest() == ozet, ad
baytlar = bytearray((HF / "model.safetensors").read_bytes())
baytlar[-1] ^= 1
assert hashlib.sha256(baytlar).hexdigest() != ozetler["model.safetensors"]
print(len(satirlar), "dosyanın özeti tutuyor")

# %% [markdown]
# ## Sırada ne var
#
# Model artık her yerde çalışıyor. **16. bölümde** onu tek başına bırakmayacağız: kanun maddelerini arayan, bulduğunu gösteren bir
# hukuk asistanı kuracağız.
#
# - Kod: `src/fidan/export/` (`hugging_face.py`, `gguf.py`, `ollama.py`, `foreign/`); karşılaştırmalar `src/fidan/export/proof/`.
# - Komutlar: `fidan export`, `fidan verify`, `fidan import-pt`.
# - Q4_K_M gibi türler için llama.cpp gerekir: `src/fidan/export/quantize.py`.
# - Nicemlemenin kuramı: Dettmers ve ark., *LLM.int8()* (arXiv 2208.07339); Frantar ve ark., *GPTQ* (arXiv 2210.17323).
# - RoPE: Su ve ark., *RoFormer* (arXiv 2104.09864).
