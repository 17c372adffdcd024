# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Ham metinden kendi Türkçe dil modelinize
#
# Bu defter ham Türkçe metni sırayla temiz bir derleme, bir tokenlaştırıcıya, eğitilmiş bir modele ve Transformers ile
# Ollama'nın çalıştırdığı dosyalara dönüştürür. Hiçbir ayara dokunmadan baştan sona çalıştırın: bir iki dakika sürer,
# indirme ve GPU istemez, paketin kendi ürettiği küçük öyküleri kullanır. Sonra **Ayarlar** hücresinde iki sözcüğü
# değiştirip gerçek bir model yetiştirin.
#
# | `BOYUT` | model | metin | 2 CPU çekirdeği | Colab T4 | Colab A100 |
# | --- | --- | --- | --- | --- | --- |
# | `deneme` | 0,5 milyon parametre, 400 bin token | örnek | bir iki dakika, ölçüldü | ölçülmedi | ölçülmedi |
# | `kucuk` | 5,7 milyon parametre, 16 milyon token | kendi dosyanız ya da CC100-tr | 30 dakika, ölçüldü | ölçülmedi | ölçülmedi |
# | `134m` | 134.105.856 parametre, 3 milyar token | CC100-tr | 77 gün, hesap | 28 saat, hesap | 6 saat, hesap |
#
# *Ölçüldü*: bf16 birimleri olan iki güncel çekirdekte; `kucuk` için 329 MB metinle. *Hesap*: kartlarda gereken işlem
# sayısı, veri sayfasındaki tepe hızın %40'ına bölündü (eski bir kart olan T4 bu orana ulaşamayabilir); iki çekirdekte
# 3 milyar token, bu modelde ölçülen saniyede 452 tokene bölündü. GPU'larda ölçmedik. Eğitimden önceki bir hücre süreyi
# sizin makinenizde birkaç adım atarak ölçer: ona güvenin. CC100-tr'yi indirmek (5,7 GB) ve temizlemek bu sürelerin
# dışındadır: 332 MB'lık bir web derlemi iki çekirdekte 33 saniyede temizlendi; açılınca 20 GB'ı aşan CC100-tr aynı hızla
# yarım saatten uzun sürer (hesap).
#
# Colab'da **Çalışma zamanı → Çalışma zamanı türünü değiştir** ile bir GPU seçin. Ücretsiz Colab'da oturumun ne kadar
# süreceği belli değildir. Bu yüzden her aşama kaldığı yerden sürer: bağlantı koparsa hücreleri baştan çalıştırın,
# bitmiş olanlar atlanır.

# %% [markdown]
# ## Kurulum
#
# `fidan` kurulu değilse `DEPO`'dan kurulur: oraya bu defteri aldığınız deponun adresini yazın. Kuruluysa bu hücre bir şey
# yapmaz. Colab'da PyTorch hazırdır. GPU'su olmayan bir
# Linux makinesinde PyTorch'un küçük CPU sürümü için önce şunu çalıştırın:
# `pip install torch --index-url https://download.pytorch.org/whl/cpu`. Derlenecek bir paket yoktur: dil tanıma modeli
# (fastText'in `lid.176.ftz`'si) hazır bir tekerleğin içinde gelir ve NumPy 2 ile çalışır.

# %%
import importlib.util
import os

from IPython import get_ipython

DEPO = os.environ.get("FIDAN_DEPO", "")  # bu defteri aldığınız deponun adresi: "https://github.com/SAHİP/fidan"

if importlib.util.find_spec("fidan") is None:
    if not DEPO:
        raise RuntimeError("fidan kurulu değil: DEPO satırına bu defteri aldığınız deponun adresini yazın.")
    get_ipython().run_line_magic("pip", f"install -q git+{DEPO}")
    importlib.invalidate_caches()

COLAB = importlib.util.find_spec("google") is not None and importlib.util.find_spec("google.colab") is not None

# %% [markdown]
# ## Ayarlar
#
# - `KAYNAK`: `"ornek"` (paketin kendi metni), `"cc100-tr"` (indirilir) ya da bir dosyanın yolu: her satırda bir
#   paragraf, belgeler arasında boş satır; `.txt`, `.gz`, `.xz`, `.zst`, `.jsonl` olabilir.
# - `BOYUT`: `"deneme"`, `"kucuk"` ya da `"134m"`.
# - `DAKIKA`: eğitim en çok bu kadar sürer, sonra kaydedip durur; 0 sınır koymaz. Colab oturumu kapanmadan önce
#   durmasını istiyorsanız 110 gibi bir sayı verin. Aynı hücre kaldığı yerden sürer.
# - `HUB`: bitince modelin yükleneceği Hugging Face deposu, `"KULLANICI/AD"`; boşsa yüklenmez.

# %%
KAYNAK = os.environ.get("FIDAN_KAYNAK", "ornek")
BOYUT = os.environ.get("FIDAN_BOYUT", "deneme")
DAKIKA = float(os.environ.get("FIDAN_DAKIKA", "0"))
HUB = os.environ.get("FIDAN_HUB", "")  # örneğin "KULLANICI/turkish-llm-134m-cc100"

if BOYUT not in ("deneme", "kucuk", "134m"):
    raise ValueError(f"BOYUT = {BOYUT!r}: deneme, kucuk ya da 134m olmalı.")
if BOYUT == "134m" and KAYNAK == "ornek":
    raise ValueError('134m birkaç kalıplık örnek metinden bir şey öğrenmez: KAYNAK = "cc100-tr" yazın.')

# %% [markdown]
# ### Dosyalar nereye konur?
#
# Colab'ın kendi diski oturumla birlikte silinir. Bu yüzden örnek metin dışındaki çalıştırmalar Google Drive'a yazılır;
# bağlanırken Google izin ister. Drive'daki yeri hesaplayın: ham CC100-tr 5,7 GB'tır, temiz derlem ve tokenler birkaç
# katını ister (15 GB'lık ücretsiz Drive `cc100-tr` için yetmez; kendi dosyanız için yeter). Jupyter'de her şey bu
# klasördeki `runs` altındadır.

# %%
from pathlib import Path

from fidan.kurs import kurs_klasoru

if COLAB and KAYNAK != "ornek":
    from google.colab import drive

    drive.mount("/content/drive")
    KLASOR = Path("/content/drive/MyDrive/fidan")
else:
    KLASOR = kurs_klasoru()

KLASOR.mkdir(parents=True, exist_ok=True)
print("dosyalar:", KLASOR.resolve())

# %% [markdown]
# ## Ham metin
#
# CC100-tr, 2018'de taranmış Türkçe web sayfalarıdır (Common Crawl; Conneau ve ark. 2020, Wenzek ve ark. 2020). Kütüphane
# kaynağını ve koşullarını söyler, indirme kesilirse kaldığı yerden sürer, dosyanın tam olduğunu sonuna kadar açarak
# denetler. Metnin hakları yazarlarında kalır; içinde kişisel veri de olabilir.
#
# Kütüphanenin kendi iletileri, komut satırında olduğu gibi, İngilizcedir. Göreceğiniz sözcükler: `begins` başlıyor,
# `goes on` sürüyor, `up to date` zaten güncel, `runs again` yeniden çalışıyor, `held out` eğitimden ayrılmış metin,
# `loss` kayıp, `bits/byte` bayt başına bit, `tokens/s` saniyede token, `MFU` donanımın tepe hızından yararlanma payı,
# `best so far` şimdiye dek en iyisi.

# %%
from fidan.corpus.sources.download import download
from fidan.kurs import DefterBildirimi

bildir = DefterBildirimi()

if KAYNAK == "ornek":
    kaynak_yolu = "synthetic:2MB" if BOYUT == "deneme" else "synthetic:60MB"
elif KAYNAK == "cc100-tr":
    kaynak_yolu = str(download("cc100-tr", KLASOR / "veri", bildir))
else:
    kaynak_yolu = str(Path(KAYNAK).resolve())
print("kaynak:", kaynak_yolu)

# %% [markdown]
# ## Tarif
#
# Bir çalıştırmanın her kararı tek bir TOML dosyasındadır: hangi metin, kaç sözcük parçası, hangi model, kaç token. Aynı
# tarif, aynı metin ve aynı tohum (`seed`, varsayılanı 42) aynı modeli verir. Defter tarifi dosyaya yazar; isterseniz
# sonra defter olmadan `fidan run tarif.toml` ile de çalıştırırsınız. Yazmadığınız her ayarın bir varsayılanı vardır;
# yanlış yazılan bir anahtar hata verir ve en yakın doğrusunu söyler.

# %%
TARIFLER = {
    "deneme": """
[tokenizer]
vocab_size = 1000
sample_bytes = 20_000_000

[model]
d_model = 96
n_layers = 3
n_heads = 3
d_ff = 256
context = 128

[train]
tokens = 400_000
sequence_length = 128
batch_size = 8
optimizer = "muon" # kısa bir eğitimde AdamW'den çabuk öğrenir
learning_rate = 3e-3
embedding_learning_rate = 0.03
warmup_steps = 30
precision = "fp32"
valid_every = 100
valid_tokens = 10_000
checkpoint_every = 200
tensorboard = false

[evaluate]
max_bytes = 300_000
pairs = [] # dilbilgisi çiftleri bu boyda bir modele zordur
contamination = false
""",
    "kucuk": """
[tokenizer]
vocab_size = 8000
sample_bytes = 50_000_000

[model]
d_model = 192
n_layers = 6
n_heads = 3
d_ff = 512
context = 512

[train]
tokens = 16_000_000
sequence_length = 512
batch_size = 4
learning_rate = 2e-3
warmup_steps = 200
compile = true
valid_every = 500
valid_tokens = 100_000
checkpoint_every = 500
""",
    "134m": """
[tokenizer]
vocab_size = 32000

[model] # çıkış katmanı gömmeye bağlı değil: 134.105.856 parametre
d_model = 768
n_layers = 12
n_heads = 12
d_ff = 2048
context = 2048
tie_embeddings = false

[train]
tokens = 3_000_000_000
sequence_length = 2048
batch_size = 16
accumulate = 4 # adım başına 131.072 token
learning_rate = 1e-3
warmup_steps = 700
compile = true
valid_every = 500
valid_tokens = 500_000
checkpoint_every = 500
""",
}

# %%
import json

import torch

from fidan.hardware import device_name, dtype_name, has_fast_bf16, pick_device, pick_precision
from fidan.recipe import load_recipe

aygit = pick_device()
ad = KAYNAK if KAYNAK in ("ornek", "cc100-tr") else Path(KAYNAK).name.split(".")[0]
derlem_bolumu = f"[corpus]\nsources = [{json.dumps(kaynak_yolu)}]\n"
if KAYNAK == "ornek":  # öyküler kısadır ve tırnak doludur; onda birine ayıklanacak gürültü karıştırılır
    derlem_bolumu += "noise = 0.1\nvalid_fraction = 0.03\n\n[corpus.quality]\nmin_words = 10\nmin_alphabetic = 0.6\n"
yazim_bolumu = (
    '\n[generate]\nprompts = ["Bir gün Ayşe", "Bugün hava", "Ankara\'da"]\nmax_new_tokens = 80\n'
    '\n[export]\ngguf = ["Q8_0"]\n'
)
egitim_bolumu = TARIFLER[BOYUT]
if aygit.type == "cuda" and not has_fast_bf16(aygit) and "precision" not in egitim_bolumu:
    # T4 gibi kartlarda bf16 donanımda yoktur
    egitim_bolumu = egitim_bolumu.replace("[train]\n", '[train]\nprecision = "fp16"\n')

tarif_yolu = KLASOR / f"{ad}-{BOYUT}.toml"
tarif_yolu.write_text(derlem_bolumu + egitim_bolumu + yazim_bolumu, encoding="utf-8")
tarif = load_recipe(tarif_yolu)

print("aygıt:", device_name(aygit))
print("sayı biçimi:", dtype_name(pick_precision(tarif.train.precision, aygit)))
print("tarif:", tarif_yolu)

# %% [markdown]
# ## Temizlik ve tekrarlar
#
# Derlem aşaması yanlış okunmuş harfleri (`Ã§`, `þ ð ý`), HTML'yi ve noktalamayı onarır; menüleri ve çerez bildirimlerini
# çıkarır; sağlaması tutan kişisel verileri maskeler (`[TCKN]`, `[IBAN]` …); Türkçe olmayanı ve düzyazı olmayanı atar;
# aynı ve neredeyse aynı belgeleri bulur. Belgelerin yüzde biri doğrulama için ayrılır; model onları hiç görmez.

# %%
from fidan.running import run_one
from fidan.stages import Run

kosu = Run(tarif, KLASOR / tarif.name, bildir)
derlem = run_one("corpus", kosu)

# %%
from matplotlib import pyplot as plt

from fidan.artifact import read_json
from fidan.kurs import atilma_nedeni, huni


def tr(sayi: float, basamak: int = 0) -> str:
    """Sayıyı Türkçe yazar: 1.234,5."""
    return f"{sayi:,.{basamak}f}".translate(str.maketrans(",.", ".,"))


rapor = read_json(kosu.folder("corpus") / "report.json")
for ad, baslik in (("read", "okunan"), ("train", "eğitim"), ("valid", "doğrulama")):
    print(f"{baslik:<10} {tr(rapor[ad]['documents']):>12} belge {tr(rapor[ad]['bytes'] / 1e6, 2):>10} MB")
print()
for neden, sayi in sorted(rapor["dropped"].items(), key=lambda neden: -neden[1]["documents"])[:8]:
    print(f"{tr(sayi['documents']):>9} belge atıldı: {atilma_nedeni(neden)}")
print()
ONARIM = {
    "encoding": "harfleri onarıldı",
    "markup": "HTML'den arındı",
    "tckn": "kimlik numarası maskelendi",
    "vkn": "vergi numarası maskelendi",
    "iban": "IBAN maskelendi",
    "phone": "telefon numarası maskelendi",
    "email": "e-posta adresi maskelendi",
    "ip": "IP adresi maskelendi",
}
for tur, sayi in rapor["changes"].items():
    if sayi:
        print(f"{tr(sayi):>9} belge: {ONARIM[tur]}")

huni(rapor)
plt.show()

# %% [markdown]
# Bir süzgecin doğru çalıştığını anlamanın tek yolu attıklarını okumaktır. Her nedenden birkaç örnek
# `corpus/samples/dropped` altında durur; bütün sayılar ve örnekler `corpus/report.html` sayfasındadır. En çok belge atan
# üç nedenden birer örnek:

# %%
import itertools

en_cok = sorted(rapor["dropped"], key=lambda neden: -rapor["dropped"][neden]["documents"])
for neden in en_cok[:3]:
    ornekler = kosu.folder("corpus") / "samples" / "dropped" / f"{neden}.jsonl"
    with ornekler.open(encoding="utf-8") as dosya:
        for satir in itertools.islice(dosya, 1):
            metin = json.loads(satir)["text"].replace("\n", " ⏎ ")
            print(f"[{atilma_nedeni(neden)}]\n{metin[:300]}\n")

# %% [markdown]
# Tutulanlara da bakın: model bunları okuyacak.

# %%
from fidan.corpus.documents import read_documents, shards


def belgeler(bolum: str, en_cok_bayt: int) -> list[str]:
    """Temiz derlemin baştan bu kadar baytlık belgeleri."""
    metinler, bayt = [], 0
    for dosya in shards(kosu.folder("corpus"), bolum):
        for belge in read_documents(dosya):
            metinler.append(belge["text"])
            bayt += len(belge["text"].encode())
            if bayt >= en_cok_bayt:
                return metinler
    return metinler


for metin in belgeler("train", 2000)[:2]:
    print(metin[:400], end="\n\n")

# %% [markdown]
# ## Tokenlaştırıcı
#
# Çoğu defterde tokenlaştırıcı şöyle eğitilir:
#
# ```python
# spm.SentencePieceTrainer.train(input="cc100-tr.clean.txt.gz", model_prefix="tr_bpe32k", vocab_size=32000,
#                                character_coverage=0.9995, model_type="bpe", num_threads=8)
# ```
#
# Biz de SentencePiece BPE'yi `character_coverage=0.9995` ile kullanırız, ama varsayılanlardan birkaçını değiştiririz.
# Neden?
#
# | ayar | varsayılan | bizde | ne değişir |
# | --- | --- | --- | --- |
# | `normalization_rule_name` | `nmt_nfkc` | `identity` | varsayılan metni değiştirir: `½` → `1⁄2`, `ﬁ` → `fi` |
# | `remove_extra_whitespaces` | açık | kapalı | varsayılan art arda boşlukları tek boşluk yapar |
# | `byte_fallback` | kapalı | açık | sözlükte olmayan karakter `<unk>` değil, baytları olur |
# | `split_digits` | kapalı | açık | `1923` rakam rakam yazılır: sayılar tutarlı bölünür |
# | `allow_whitespace_only_pieces` | kapalı | açık | boşluk dizileri de sözlüğe girebilir |
# | özel tokenler | dolgu yok | `<pad>`, `<s>`, `</s>`, sohbet işaretleri | dosya sonradan değişmez |
#
# Bu ayarlarla her metin olduğu gibi geri gelir ve SentencePiece, Transformers, llama.cpp ve Ollama aynı kimlikleri
# verir. Normalizasyon derlem aşamasının işidir, tokenlaştırıcının değil. Ayrıca `.gz` bir dosyayı SentencePiece kendisi
# açmaz: yukarıdaki komut sıkıştırılmış baytları metin sanır. Kütüphane belgeleri açıp verir.

# %%
from fidan.tokenizer.tokenizer import Tokenizer, round_trip

_ = run_one("tokenizer", kosu)
tok = Tokenizer.load(kosu.folder("tokenizer"))


def parcalar(metin: str) -> str:
    """Bir metnin parçaları, aralarında çizgiyle."""
    return " | ".join(tok.piece(kimlik) for kimlik in tok.encode(metin))


for sozcuk in ("evlerimizden", "kitaplarını okuyordu", "görüşemeyeceğiz", "Iğdır'ın ışıkları", "1923", "🌱"):
    print(f"{sozcuk:<22} {parcalar(sozcuk)}")

# %% [markdown]
# `▁` sözcükten önceki boşluktur, `<0xF0>` gibi parçalar tek bir bayttır. Fide simgesi sözlükte yoktur, yine de kaybolmaz:
# baytlarıyla yazılır. Küçük bir metinde seyrek bir rakam bile bayta düşebilir.
#
# ### Hızlı deneyler
#
# **1. Gidiş dönüş.** Aynı metinden bir de varsayılan ayarlarla tokenlaştırıcı eğitip ikisine aynı metinleri verelim.

# %%
import io

import sentencepiece as spm

egitim_metni = belgeler("train", 2_000_000)
ayrilmis = belgeler("valid", 500_000)

dosya = io.BytesIO()
spm.SentencePieceTrainer.train(
    sentence_iterator=(satir for metin in egitim_metni for satir in metin.split("\n")),
    model_writer=dosya,
    vocab_size=1000,
    character_coverage=0.9995,
    model_type="bpe",
    minloglevel=2,
)
varsayilan = spm.SentencePieceProcessor(model_proto=dosya.getvalue())

for metin in ("iki  boşluk", "satır\nsonu", "½ bardak ﬁstık", "fide: 🌱", "Dağdan ılık bir rüzgâr esti."):
    geri = varsayilan.decode(varsayilan.encode(metin))
    print(f"{metin!r:<34} varsayılan: {geri!r:<34} biz: {tok.decode(tok.encode(metin))!r}")
    assert tok.decode(tok.encode(metin)) == metin

# %% [markdown]
# `⁇` işareti `<unk>`'tur: o karakter geri gelmez. Ayrılmış belgelerin hepsinde bizim tokenlaştırıcının gidiş dönüşü
# tutmalıdır:

# %%
assert all(tok.decode(tok.encode(metin)) == round_trip(metin) for metin in ayrilmis)
print(f"{tr(len(ayrilmis))} belgenin hepsi bayt bayt geri geldi")

# %% [markdown]
# **2. Kaç parça?** Sözlük büyüdükçe aynı metin daha az token olur (bir token daha çok bayt taşır), ama gömme katmanı
# büyür. *Bereket* (fertility) sözcük başına tokendir. *Ek sınırı*, tokenlerin Türkçe eklerin başladığı yerde bitip
# bitmediğini ölçer (F1): ekleri bilinen 4.000 çekimli sözcükle.

# %%
from fidan.recipe import TokenizerConfig
from fidan.tokenizer.morphology import synthetic_gold
from fidan.tokenizer.report import measure
from fidan.tokenizer.train import Sentences, learn

BOYLAR = {"deneme": (500, 750, 1000, 1500), "kucuk": (2000, 4000, 8000, 16000), "134m": (4000, 8000, 16000, 32000)}
cumle_metni = egitim_metni if BOYUT == "deneme" else belgeler("train", 20_000_000)
olcumler = []
print("sözlük   bayt/token   token/sözcük   bütün sözcük   bayt parçası   ek sınırı F1")
for boy in BOYLAR[BOYUT]:
    aday = Tokenizer(learn(Sentences(cumle_metni), TokenizerConfig(vocab_size=boy)))
    olcum = measure(aday, ayrilmis, gold=[synthetic_gold()])
    olcumler.append(olcum)
    print(
        f"{tr(boy):>6}   {tr(olcum['bytes_per_token'], 2):>10}   {tr(olcum['tokens_per_word'], 2):>12}   "
        f"{'%' + tr(100 * olcum['whole_words']):>12}   {'%' + tr(100 * olcum['byte_piece_share'], 1):>12}   "
        f"{tr(olcum['boundaries'][0]['f1'], 2):>12}"
    )

fig, (sol, sag) = plt.subplots(1, 2, figsize=(8, 2.8))
for ax, ad, baslik in (
    (sol, "bytes_per_token", "token başına bayt"),
    (sag, "tokens_per_word", "sözcük başına token"),
):
    ax.plot(BOYLAR[BOYUT], [olcum[ad] for olcum in olcumler], marker="o")
    ax.set(xlabel="sözlükteki parça", ylabel=baslik, xscale="log")
    ax.set_xticks(BOYLAR[BOYUT], [tr(boy) for boy in BOYLAR[BOYUT]])
    ax.minorticks_off()
    ax.yaxis.set_major_formatter(lambda deger, _: tr(deger, 2))
plt.show()

# %% [markdown]
# Yatay eksen logaritmiktir: aynı kazanç için sözlüğü her seferinde katlamak gerekir, gömme ve çıkış katmanı da onunla
# büyür. *Bayt parçası* sütununda satır sonları da vardır; satır sonu hep kendi başına bir bayttır. Token başına kayıp
# yalnız aynı tokenlaştırıcıyla eğitilmiş modeller arasında karşılaştırılabilir; bu yüzden aşağıda bayt başına bit
# ölçeceğiz.

# %% [markdown]
# ## Paketleme
#
# Belgeler tokene çevrilip art arda dizilir, aralarına `</s>` konur. Dosya belleğe eşlenir: 3 milyar token da olsa RAM'e
# sığması gerekmez.

# %%
paket = run_one("pack", kosu)
print(f"eğitim: {tr(paket.counts['train']['tokens'])} token, doğrulama: {tr(paket.counts['valid']['tokens'])} token")

# %% [markdown]
# ## Mimari
#
# Model LLaMA benzeri bir çözücüdür: RMSNorm (katmandan önce), RoPE, SwiGLU, yanlılık (bias) terimi yok. Parametre adları
# Hugging Face Llama'nınkilerle aynıdır, dışa aktarma bu yüzden yalnızca kopyalamaktır.
#
# **134M nereden gelir?** `hidden_size=768`, 12 katman, 12 baş, `intermediate_size=2048`, 32.000 parça. Gömme ile çıkış
# katmanı ayrıysa 134 milyon parametre eder; *aynı* matrisse (`tie_word_embeddings=true`) 24.576.000 parametre azalır ve
# model artık “134M” değildir. İkisi bir arada olmaz. Bellek ayırmadan sayalım (PyTorch'un `meta` aygıtı yalnızca
# biçimleri tutar):

# %%
from transformers import AutoModelForCausalLM, LlamaConfig

from fidan.export.llama import llama_shape
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder

for bagli in (False, True):
    config = ModelConfig(tie_embeddings=bagli)
    with torch.device("meta"):
        bizim = Decoder(config, 32_000)
        onlarin = AutoModelForCausalLM.from_config(LlamaConfig(**llama_shape(config, 32_000)))
    assert bizim.parameter_count() == onlarin.num_parameters() == config.parameters(32_000)
    durum = "bağlı" if bagli else "ayrı"
    print(f"çıkış katmanı {durum:<6} {tr(bizim.parameter_count()):>12} parametre (Transformers'ta da)")

for d_ff in (2048, 2304):
    print(f"d_ff = {d_ff}: {tr(ModelConfig(d_ff=d_ff).parameters(32_000))} parametre (çıkış katmanı ayrı)")

# %% [markdown]
# Hugging Face'in beklediği yapılandırma (`config.json`) aşağıdadır; dışa aktarma onu kendisi yazar. Bağlam
# (`max_position_embeddings`) tarifte `context`, RoPE'nin tabanı `rope_theta`'dır: uzun bağlam için ikisini eğitimden
# önce büyütün.

# %%
print(json.dumps(llama_shape(ModelConfig(), 32_000), indent=2))

# %% [markdown]
# **Ne kadar sürer?** 134M'nin bir tokenini öğrenmek için gereken işlem bellidir. Kartın tepe hızının %40'ına ulaşılırsa
# 2 ve 3 milyar token şu kadar saat ister (*hesap*; tepe hızlar NVIDIA'nın veri sayfalarından):

# %%
from fidan.hardware import HALF_TFLOPS

islem = ModelConfig().flops_per_token(32_000, 2048)
for kart, tera in HALF_TFLOPS:
    if kart in ("H100", "A100", "RTX 4090", "RTX 3090", "Tesla T4"):
        saat = islem * 1e9 / (0.4 * tera * 1e12) / 3600
        print(f"{kart:<10} 2 milyar token {tr(2 * saat, 1):>5} saat, 3 milyar token {tr(3 * saat, 1):>5} saat")

# %% [markdown]
# Aşağıdaki hücre *sizin* tarifinizi *sizin* makinenizde ölçer. Belleğe sığmıyorsa hangi ayarın sığdıracağını söyler;
# o satırı tarife yazın. Örneğin `batch_size`'ı yarıya indirip `accumulate`'i ikiye katlamak aynı adımı daha az
# bellekle atar.

# %%
from fidan.doctor import estimate

bedel = estimate(tarif, bildir.say)
print(f"parametre: {tr(bedel.parameters)}, okunacak token: {tr(bedel.tokens)}")
print(f"eğitim belleği: {tr(bedel.memory.total / 2**30, 2)} GiB, boş: {tr(bedel.free_bytes / 2**30, 1)} GiB")
if bedel.tokens_per_second is None:
    for ayar, bayt in bedel.savings:
        print(f"sığmıyor; {ayar} ile {tr(bayt / 2**30, 2)} GiB")
else:
    sure = f"{tr(bedel.hours, 1)} saat" if bedel.hours > 2 else f"{tr(60 * bedel.hours, 1)} dakika"
    print(f"saniyede {tr(bedel.tokens_per_second)} token, eğitim yaklaşık {sure}")

# %% [markdown]
# ## Ön eğitim
#
# Nedensel dil modeli: her konumda bir sonraki tokenin çapraz entropisi. Isınmadan sonra kosinüsle düşen öğrenme hızı,
# donanım izin verirse bf16. Eniyileyici `kucuk` ve `134m` için AdamW'dir; birkaç yüz adımlık `deneme`, blokların
# matrislerinde Muon kullanır. Denetim noktaları en geç beş dakikada bir yazılır.
#
# Durdurmak için hücrenin durdurma düğmesine bir kez basın: adım biter, her şey kaydedilir. Aynı hücre, kopan bir
# bağlantıdan sonra da, kaldığı yerden sürer.

# %%
import time
from dataclasses import replace

from fidan.errors import Stopped

bitis = time.monotonic() + 60 * DAKIKA if DAKIKA else None
try:
    egitim = run_one("train", replace(kosu, ends=bitis))
except Stopped as durdu:
    raise SystemExit(f"Eğitim durdu ve kaydedildi ({durdu}). Bu hücreyi yeniden çalıştırınca sürer.") from None

# %%
from fidan.kurs import kayip_egrisi

kayip_egrisi(kosu.folder("train"))
plt.show()

# %% [markdown]
# **Kaybım normal mi?** Hiçbir şey bilmeyen bir model her parçayı eşit olası görür; ilk kayıp $\ln V$ dolayındadır
# ($V$ sözlükteki parça sayısı). Oradan hızla düşmeli, sonra yavaşlamalıdır. Ayrılmış metnin eğrisi yükselirken eğitim
# kaybı düşüyorsa model ezberliyordur: daha çok metin ya da daha az token gerekir.

# %%
import math

from fidan.training.log import read_metrics

kayitlar = read_metrics(kosu.folder("train"))
ilk = next(kayit["loss"] for kayit in kayitlar if kayit["kind"] == "train")
son = [kayit["loss"] for kayit in kayitlar if kayit["kind"] == "train"][-1]
print(f"ln {tr(tok.vocab_size)} = {tr(math.log(tok.vocab_size), 2)}, ilk kayıp {tr(ilk, 2)}, son kayıp {tr(son, 2)}")
assert son < ilk

# %% [markdown]
# ## Değerlendirme
#
# Ölçütümüz **bayt başına bit**: ayrılmış metnin bir baytını yazmak için modelin gereksindiği bit. Tokenlaştırıcıdan
# bağımsızdır; farklı sözlüklerle eğitilmiş modelleri karşılaştırır. Yanına ölçek koyarız: her token eşit olası,
# yalnız sıklıklar, aynı metinden öğrenen bir 5-gram modeli ve `xz -9` sıkıştırması.

# %%
sonuc = run_one("evaluate", kosu).counts
OLCEK = {
    "uniform": "her token eşit olası",
    "unigram": "token sıklıkları",
    "5-gram": "5-gram modeli",
    "xz -9": "xz -9",
}
degerler = {OLCEK[ad]: deger for ad, deger in sonuc["baselines"].items()} | {"modelimiz": sonuc["bits_per_byte"]}
degerler = dict(sorted(degerler.items(), key=lambda oge: -oge[1]))

print(f"bayt başına bit: {tr(sonuc['bits_per_byte'], 3)} ± {tr(sonuc['bits_per_byte_error'], 3)}")
print(f"{tr(sonuc['documents'])} ayrılmış belge; token başına kayıp {tr(sonuc['loss'], 2)} nat")
for gorev in sonuc["tasks"]:
    print(f"dilbilgisi çiftleri: %{tr(100 * gorev['value'], 1)} doğru (yazı tura %{tr(100 * gorev['chance'])})")

_, ax = plt.subplots(figsize=(7, 2.6))
renkler = ["#2e7d32" if ad == "modelimiz" else "#bdbdbd" for ad in degerler]
cubuklar = ax.barh(list(degerler), list(degerler.values()), color=renkler)
ax.bar_label(cubuklar, [tr(deger, 2) for deger in degerler.values()], padding=4)
ax.invert_yaxis()
ax.set(xlabel="bayt başına bit (az olan iyidir)", xlim=(0, 1.15 * max(degerler.values())))
ax.xaxis.set_major_formatter(lambda deger, _: tr(deger, 1))
plt.show()

# %% [markdown]
# 5-gram modeli bütün eğitim metnini sayar; `deneme` ise onun ancak bir bölümünü bir kez okur, bu yüzden gerisinde kalması
# olağandır. Uzun bir eğitimin ilk hedefi onu geçmektir. Sayfanın tamamı: `evaluate/evaluation.html`.
#
# ## Üretim
#
# *Açgözlü* üretim her adımda en olası tokeni seçer ve çabuk tekrara düşer. *Örnekleme* olasılıklara göre kura çeker:
# `temperature` dağılımı sivriltir ya da yayar, `top_p` kuyruğu keser.

# %%
from fidan.generation.generate import prompt_ids, write
from fidan.recipe import GenerateConfig
from fidan.trained import open_writer

yazar = open_writer(kosu.out)
ORNEKLI = GenerateConfig(temperature=0.7, top_p=0.9, max_new_tokens=60)
AYARLAR = {
    "açgözlü": GenerateConfig(temperature=0, repetition_penalty=1.0, max_new_tokens=60),
    "örnekleme": ORNEKLI,
    "ışın araması": GenerateConfig(temperature=0, beams=4, repetition_penalty=1.0, max_new_tokens=60),
}


def surdur(istem: str, ayar: GenerateConfig, tohum: int = 42) -> str:
    """İstem ve modelin devamı."""
    istem_kimlikleri = prompt_ids(yazar.engine, yazar.tokenizer, istem)
    devam = write(yazar.engine, yazar.tokenizer, [istem_kimlikleri], ayar, [tohum])[0]
    return istem + devam.text


for ad, ayar in AYARLAR.items():
    print(f"[{ad}]\n{surdur(tarif.generate.prompts[0], ayar)}\n")

# %% [markdown]
# Şimdi bir soru:

# %%
SORU = "Türkiye'nin başkenti neresidir?"
for tohum in (1, 2):
    print(surdur(SORU, ORNEKLI, tohum), end="\n\n")

# %% [markdown]
# Bu bir **temel modeldir**: soruyu yanıtlamaz, metni sürdürür. Eğitim metninde soruların ardından ne geliyorsa (başka
# bir soru, bir haber, bir yorum) onu yazar. “Ankara” derse bunu bildiği için değil, bu sözcükler o metinde yan yana
# durduğu için der; yanlış bir kenti de aynı güvenle söyler. Yanıt veren bir model için sonraki adım sohbet öğretmektir
# (`[sft]`, `fidan sft`); olgular için ise arama gerekir.

# %% [markdown]
# ## Hugging Face klasörü
#
# Dışa aktarma aşaması bir model deposu yazar: `safetensors` ağırlıklar, `config.json`, `tokenizer.json` ve
# `tokenizer.model`, Türkçe bir model kartı, lisans, sağlama özetleri, Ollama için `Modelfile`; yanında GGUF. Yazdıktan
# sonra klasörü Transformers ile açıp aynı logitleri verdiğini denetler; vermezse hata verir.

# %%
aktarim = run_one("export", kosu)
hf = kosu.folder("export") / "hugging_face"
for dosya_yolu in sorted(kosu.folder("export").rglob("*")):
    if dosya_yolu.is_file() and dosya_yolu.name not in ("manifest.json", "plan.json"):
        yol = dosya_yolu.relative_to(kosu.folder("export"))
        print(f"{tr(dosya_yolu.stat().st_size):>14} bayt  {yol.as_posix()}")

# %% [markdown]
# `fidan verify` bunun daha titizini yapar: rastgele ve kötü niyetli metinlerle SentencePiece, `tokenizers`, Transformers ve
# (kuruluysa) llama.cpp'nin aynı kimlikleri, aynı metni ve aynı logitleri verdiğini kanıtlar. Aynı işlev:

# %%
from fidan.export.proof.verify import verify_export
from fidan.trained import locate

egitilen = locate(kosu.out)
ggufler = sorted((kosu.folder("export") / "gguf").glob("*.gguf"))
kanit = verify_export(
    hf, egitilen.build(torch.device("cpu")), egitilen.tokenizer, bildir, trained=True, ggufs=ggufler, fuzz=200
)
SONUC = {"equal": "eşit", "different": "FARKLI", "not installed": "kurulu değil"}
DENETIM = {
    "settings": "ayarlar",
    "weights": "ağırlıklar",
    "chat template": "sohbet kalıbı",
    "ids": "kimlikler",
    "decoded text": "geri çevrilen metin",
    "control symbols": "denetim simgeleri",
    "logits": "logitler",
    "greedy text": "açgözlü metin",
    "loads": "açılıyor",
    "same weights: mean |Δ|": "aynı ağırlıklarla, ortalama fark",
    "same weights: worst |Δ|": "aynı ağırlıklarla, en büyük fark",
    "price: mean |Δ|": "nicemlemenin bedeli, ortalama",
    "price: KL": "nicemlemenin bedeli, KL",
}
print()
for satir in kanit.rows:
    print(
        f"{SONUC[satir.verdict]:<13} {satir.runtime:<24} {DENETIM.get(satir.check, satir.check):<34}"
        f"{tr(satir.compared):>8} karşılaştırma"
    )
assert not kanit.different

# %% [markdown]
# ### Transformers ile
#
# Klasör artık `fidan` olmadan da açılır:

# %%
from transformers import AutoTokenizer
from transformers.utils import logging as transformers_gunlugu

transformers_gunlugu.disable_progress_bar()
hf_tok = AutoTokenizer.from_pretrained(hf)
hf_model = AutoModelForCausalLM.from_pretrained(hf, dtype=torch.bfloat16)

girdi = hf_tok(SORU, return_tensors="pt", return_token_type_ids=False)
torch.manual_seed(42)
cikti = hf_model.generate(
    **girdi,
    max_new_tokens=60,
    temperature=0.7,
    top_p=0.9,
    do_sample=True,
    eos_token_id=hf_tok.eos_token_id,
)
print(hf_tok.decode(cikti[0], skip_special_tokens=True))

# %% [markdown]
# ### `.pt` dosyasından Hugging Face klasörüne
#
# Başka bir programla eğittiğiniz model yalnız bir `state_dict` içeren `.pt` dosyasıysa, internetteki örnekler
# `model.load_state_dict(state, strict=False)` der. `strict=False` adı tutmayan ağırlıkları **sessizce atlar**: model
# rastgele ağırlıklarla kaydedilir ve kimse fark etmez. `fidan import-pt` bunu yapmaz: dosyadaki hiçbir kodu
# çalıştırmadan açar, biçimi tensörlerden okur, eksik ya da fazla ağırlıkta durur, sonucu Transformers ile kanıtlar.
# Aynı işlevi kendi modelimizin `.pt` kopyasıyla deneyelim. Dosya baş sayısını ve bağlamı söylemez; onları biz veririz.

# %%
import shutil

from fidan.export.foreign.importing import import_checkpoint
from fidan.export.foreign.settings import ForeignOptions

pt = KLASOR / "bes_model.pt"
torch.save(egitilen.build(torch.device("cpu")).state_dict(), pt)
hedef = KLASOR / "bes_model_hf"
if hedef.exists():
    shutil.rmtree(hedef)  # defter yeniden çalıştırılıyorsa
secenek = ForeignOptions(heads=tarif.model.n_heads, context=tarif.model.context, rope="half-split")
alinan = import_checkpoint(pt, hedef, kosu.folder("tokenizer"), secenek, bildir)
print(
    f"{tr(alinan.parameters)} parametre alındı; logitlerde en büyük fark {alinan.verification.max_logit_difference:.1e}"
)

# %% [markdown]
# ## Ollama
#
# İki yol vardır. Hugging Face klasöründeki `Modelfile` `FROM .` der: Ollama klasörü kendisi çevirir ve isterseniz
# `--quantize q4_K_M` ile nicemler. `gguf` klasöründeki `Modelfile` ise hazır GGUF dosyasını gösterir. `num_ctx` modelin
# eğitildiği bağlamdır; daha büyüğünü yazmak modeli bozar. Temel modelin `SYSTEM` iletisi olmaz: ona bir yönerge vermek
# onu yardımcı yapmaz.

# %%
print((hf / "Modelfile").read_text(encoding="utf-8"))

# %%
from fidan.export import ollama

OLLAMA_ADI = f"fidan-{BOYUT}"
if shutil.which("ollama"):
    ollama.create(OLLAMA_ADI, hf)
    print(f"deneyin: ollama run {OLLAMA_ADI} 'Bir gün'")
else:
    print("Bu makinede ollama kurulu değil (https://ollama.com/download). Kurduktan sonra şu klasörde:")
    print(f"  cd {hf.as_posix()}\n  ollama create {OLLAMA_ADI} -f Modelfile\n  ollama run {OLLAMA_ADI} 'Bir gün'")

# %% [markdown]
# ## Hugging Face Hub'a yüklemek
#
# Yalnızca `HUB` doluysa ve bir erişim anahtarınız varsa yüklenir (`hf auth login`, ya da `HF_TOKEN` değişkeni; Colab'da sol
# kenardaki anahtar simgesi). Önce model kartını (`README.md`) okuyun: ölçümler kendiliğinden yazılmıştır, verinin
# kaynağını ve sınırlarını siz tamamlarsınız.

# %%
from huggingface_hub import get_token

if HUB and get_token():
    from fidan.export.push import push_folder

    print(push_folder(hf, HUB, private=True, reporter=bildir))
else:
    print("yüklenmedi: HUB boş" if not HUB else "yüklenmedi: Hugging Face erişim anahtarı yok (hf auth login)")

# %% [markdown]
# ## Sorumluluk
#
# - Web metniyle eğitilen bir model o metnin **önyargılarını ve yanlışlarını yineler**, uygunsuz içerik üretebilir.
# - Tıbbi, hukuki ve mali konularda **uzman doğrulaması olmadan** kullanmayın.
# - Eğitim metninin hakları kaynağına aittir. Ham metni paylaşmayın; temizlik kişisel verileri maskeler, ama hepsini
#   bulduğunu kimse garanti edemez.
#
# ## Lisans
#
# Kod Apache-2.0 ile lisanslıdır. Yayımlayacağınız ağırlıklar için sorumlu kullanım notuyla Apache-2.0'ı ya da OpenRAIL-M
# türünde bir lisansı öneririz (`[export] license`); eğitim verisini ve koşullarını yanında belirtin.
#
# ## Sırada ne var
#
# - Gerçek model: **Ayarlar**'da `KAYNAK = "cc100-tr"`, `BOYUT = "kucuk"`, sonra `"134m"`.
# - Neden böyle? Kursun bölümleri (`kurs/`) her parçayı elle yazdırır ve kütüphaneyle karşılaştırır.
# - Aynı iş, defter olmadan: `fidan run tarif.toml`, sonra `fidan chat`, `fidan serve`.
