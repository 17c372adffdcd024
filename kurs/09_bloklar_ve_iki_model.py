# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 9. Bloklar ve iki model
#
# **Soru.** Bir masalcı yalnızca o ana kadar söylediklerine bakarak masalını sürdürür. Bir çevirmen ise önce mektubu
# baştan sona okur, sonra ona baka baka yazar. Bu iki iş için iki ayrı makine mi gerekir, yoksa aynı tuğladan iki ev mi
# yapılır?
#
# Bu bölümün sonunda iki modeli de bir avuç işlev çağrısıyla kurmuş, 134.105.856 parametrenin her birinin nerede olduğunu
# kâğıt üzerinde saymış ve kütüphanenin çözücüsünün Hugging Face'in Llama'sıyla aynı logitleri verdiğini göstermiş
# olacaksınız. Gerekenler: 5.–8. bölümlerin parçaları.

# %%
from collections.abc import Mapping
from itertools import permutations

import torch
from matplotlib import pyplot as plt
from torch import Tensor
from torch.nn import functional as F
from transformers import LlamaConfig, LlamaForCausalLM

from fidan.export.llama import llama_shape
from fidan.kurs import esit_mi, kaynak, ornek_calistirma
from fidan.model.block import Block
from fidan.model.build import build_model
from fidan.model.config import ModelConfig
from fidan.model.decoder import Decoder, DecoderStack
from fidan.model.encoder_decoder import EncoderDecoder
from fidan.model.rope import rope_table, rotate
from fidan.trained import locate
from fidan.training.packed_tokens import PackedTokens
from fidan.turkish import grouped

_ = torch.manual_seed(9)

# %% [markdown]
# ## Kuram
#
# ### Tuğla: blok
#
# Bir **blok**, akışa sırayla ekleme yapan iki ya da üç alt katmandır. $N$ normalizasyon olsun (8. bölüm):
#
# $$\begin{aligned}
# x &\leftarrow x + \operatorname{özdikkat}(N_1(x)) \\
# x &\leftarrow x + \operatorname{çaprazdikkat}(N_2(x),\ M) \qquad \text{(yalnızca kaynağa bakan çözücüde)} \\
# x &\leftarrow x + \operatorname{FFN}(N_3(x))
# \end{aligned}$$
#
# ### Masalcı: yalnız çözücü
#
# Tokenler gömülür, $L$ bloktan geçer, bir kez daha normalize edilir ve çıkış katmanı her konum için sözlükteki her
# tokene bir puan (logit) verir. Öz-dikkat nedenseldir: kimse geleceği görmez. Llama (Touvron ve ark., 2023, arXiv
# 2302.13971) ve fidan'ın 134M modeli böyledir.
#
# ![Yalnız çözücü modelin şeması: gömme, bloklar, normalizasyon, çıkış katmanı](sekiller/cozucu.svg)
#
# ### Çevirmen: kodlayıcı-çözücü
#
# İki yığıt vardır. **Kodlayıcı** kaynağın tamamını iki yönde okur ve her tokene bir vektör verir: bellek $M$. **Çözücü**
# yazarken her blokta hem kendi yazdığına hem belleğe bakar. fidan'ınki T5Gemma biçimindedir (arXiv 2504.06225): sandviç
# normalizasyon, iki yığıtın ortak kullandığı tek bir gömme, ve gömmenin $\sqrt D$ ile çarpımı.
#
# ![Kodlayıcı-çözücü modelin şeması: kaynağı okuyan kodlayıcı, ona çapraz dikkatle bakan çözücü](sekiller/kodlayici_cozucu.svg)
#
# **Neden $\sqrt D$?** Gömmenin değerleri küçük başlar (standart sapması 0,02). Sandviç normalizasyonda ise her alt katmanın
# eklediği, normalizasyonun belirlediği boydadır. Çarpan olmazsa tokenin kendi sesi daha ilk eklemede boğulur; birazdan
# ölçeceğiz.
#
# ### 134 milyon nerede? Elle sayalım
#
# $D = 768$, $L = 12$, $d_{ff} = 2048$, $V = 32.000$:
#
# | parça | formül | parametre |
# |---|---|---:|
# | gömme | $V D$ | 24.576.000 |
# | bir blokta dikkat | $4 D^2$ | 2.359.296 |
# | bir blokta SwiGLU | $3 D\, d_{ff}$ | 4.718.592 |
# | bir blokta iki norm | $2 D$ | 1.536 |
# | 12 blok | $12 \times 7.079.424$ | 84.953.088 |
# | son norm | $D$ | 768 |
# | çıkış katmanı | $V D$ | 24.576.000 |
# | **toplam** | | **134.105.856** |
#
# Çıkış katmanı gömmeyle **bağlıysa** (aynı matris iki işte; Press ve Wolf, 2016, arXiv 1608.05859) bir $VD$ eksilir ve
# 109.529.856 parametre kalır. Yani “134 milyonluk ve bağlı” bir model bu biçimde olamaz: ikisinden biri doğrudur.

# %%
D, L, F_GENISLIK, V = 768, 12, 2048, 32_000
parcalar = {"gömme": V * D, "dikkat": L * 4 * D * D, "ileri besleme": L * 3 * D * F_GENISLIK, "çıkış katmanı": V * D}
normlar = L * 2 * D + D
toplam = sum(parcalar.values()) + normlar
print("toplam:", grouped(toplam), "  bağlı:", grouped(toplam - V * D))

fig, ax = plt.subplots(figsize=(8, 2))
for satir, bagli in enumerate((False, True)):
    sol = 0.0
    for n, (ad, sayi) in enumerate(parcalar.items()):
        if bagli and ad == "çıkış katmanı":
            continue
        ax.barh(satir, sayi / 1e6, left=sol, color=f"C{n}", label=None if bagli else ad)
        ax.text(sol + sayi / 2e6, satir, f"{sayi / 1e6:.1f}", ha="center", va="center", color="white")
        sol += sayi / 1e6
ax.set_yticks([0, 1], ["ayrı çıkış katmanı", "bağlı çıkış katmanı"])
ax.set(xlabel="parametre (milyon)")
fig.legend(loc="outside upper center", ncols=4)
plt.show()

# %% [markdown]
# Küçük modellerde sözlük pahalıdır: gömme ile çıkış katmanı parametrelerin üçte birinden çoğudur. Normların payı (binde
# 0,15) çizimde görünmez bile.
#
# ## Elle yazalım
#
# Modül sınıfı kullanmadan, yalnızca işlevlerle. Ağırlıklar bir sözlüktedir (`state_dict`): adından bulunur. Önce alt
# katmanlar. `rotate` 3. bölümden, gerisi 5.–8. bölümlerden tanıdık.

# %%
Agirliklar = Mapping[str, Tensor]


def benim_norm(x: Tensor, w: Agirliklar, ad: str) -> Tensor:
    """RMSNorm."""
    return x * (x.square().mean(-1, keepdim=True) + 1e-5).rsqrt() * w[f"{ad}.weight"]


def benim_swiglu(x: Tensor, w: Agirliklar, ad: str) -> Tensor:
    """İleri besleme."""
    gate, up, down = (w[f"{ad}.{hangi}_proj.weight"] for hangi in ("gate", "up", "down"))
    return (F.silu(x @ gate.T) * (x @ up.T)) @ down.T


def benim_cok_basli(
    x: Tensor, m: Tensor, w: Agirliklar, ad: str, bas: int, tablo: tuple[Tensor, Tensor] | None, gorulen: Tensor
) -> Tensor:
    """Sorgular x'ten, anahtarlar ve değerler m'den; tablo varsa RoPE. gorulen: (…, T, S), bakılabilen yerler."""
    q, k, v = (
        (girdi @ w[f"{ad}.{hangi}_proj.weight"].T).unflatten(-1, (bas, -1)).transpose(1, 2)
        for girdi, hangi in ((x, "q"), (m, "k"), (m, "v"))
    )
    if tablo is not None:
        q, k = rotate(q, *tablo), rotate(k, *tablo)
    puan = (q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5).masked_fill(~gorulen, -torch.inf)
    return (puan.softmax(-1) @ v).transpose(1, 2).flatten(2) @ w[f"{ad}.o_proj.weight"].T


# %% [markdown]
# Şimdi blok. Bir sözlük, hangi alt katmanın önünde ve arkasında hangi normun durduğunu söyler; adlar Hugging Face'in
# Llama'sınındır ve T5Gemma'sınındır.

# %%
PRE = {"self_attn": ("input_layernorm", None), "mlp": ("post_attention_layernorm", None)}
SANDVIC = {
    "self_attn": ("pre_self_attn_layernorm", "post_self_attn_layernorm"),
    "cross_attn": ("pre_cross_attn_layernorm", "post_cross_attn_layernorm"),
    "mlp": ("pre_feedforward_layernorm", "post_feedforward_layernorm"),
}


def benim_blok(
    x: Tensor,
    w: Agirliklar,
    ad: str,
    bas: int,
    tablo: tuple[Tensor, Tensor],
    gorulen: Tensor,
    bellek: tuple[Tensor, Tensor] | None = None,
) -> Tensor:
    """Her alt katman için: normdan oku, hesapla, sandviçte bir kez daha normla, akışa ekle."""
    normlar = PRE if f"{ad}.input_layernorm.weight" in w else SANDVIC
    for alt in ["self_attn", "cross_attn", "mlp"] if bellek else ["self_attn", "mlp"]:
        once, sonra = normlar[alt]
        y = benim_norm(x, w, f"{ad}.{once}")
        if alt == "self_attn":
            y = benim_cok_basli(y, y, w, f"{ad}.{alt}", bas, tablo, gorulen)
        elif alt == "cross_attn":
            y = benim_cok_basli(y, bellek[0], w, f"{ad}.{alt}", bas, None, bellek[1])
        else:
            y = benim_swiglu(y, w, f"{ad}.{alt}")
        x = x + (benim_norm(y, w, f"{ad}.{sonra}") if sonra else y)
    return x


# %% [markdown]
# Ve iki model. Masalcı bir yığıt, çevirmen iki yığıttır:


# %%
def benim_yigit(x: Tensor, w: Agirliklar, ad: str, bicim: ModelConfig, nedensel: bool, **bellek: object) -> Tensor:
    """Blokları sırayla, sonra son norm."""
    boy = x.shape[1]
    tablo = rope_table(boy, bicim.head_width, bicim.rope_theta)
    gorulen = torch.ones(boy, boy, dtype=torch.bool)
    gorulen = gorulen.tril() if nedensel else gorulen
    for katman in range(bicim.n_layers if nedensel else bicim.encoder_layers):
        x = benim_blok(x, w, f"{ad}.layers.{katman}", bicim.n_heads, tablo, gorulen, **bellek)
    return benim_norm(x, w, f"{ad}.norm")


def benim_masalci(tokenler: Tensor, w: Agirliklar, bicim: ModelConfig) -> Tensor:
    """(B, T) → (B, T, V) logitler."""
    x = w["model.embed_tokens.weight"][tokenler]
    return benim_yigit(x, w, "model", bicim, nedensel=True) @ w["lm_head.weight"].T


def benim_cevirmen(kaynak_: Tensor, girdi: Tensor, w: Agirliklar, bicim: ModelConfig, carpan: float) -> Tensor:
    """(B, S), (B, T) → (B, T, V) logitler; carpan gömmeninkidir, √D olmalı."""
    gomme = w["encoder.embed_tokens.weight"] * carpan
    bellek = benim_yigit(gomme[kaynak_], w, "encoder", bicim, nedensel=False)
    hepsi = torch.ones(girdi.shape[1], kaynak_.shape[1], dtype=torch.bool)
    x = benim_yigit(gomme[girdi], w, "decoder", bicim, nedensel=True, bellek=(bellek, hepsi))
    return x @ w["lm_head.weight"].T


# %% [markdown]
# ## Kütüphanede
#
# Kütüphanede de tek bir blok vardır. Bağlanışı (`_added`) 8. bölümde gördünüz; kalanı şudur:

# %%
kaynak(Block.forward)

# %%
kaynak(DecoderStack.forward)

# %%
kaynak(EncoderDecoder.__init__)

# %% [markdown]
# Sizinkinde olmayanlar: önbellek (13. bölüm), bir dizide birden çok belge (`documents`), boyları farklı satırlar
# (`places`), belleği kısmak için blokları geri yayılımda yeniden hesaplama (`checkpoint`).
#
# ## Kanıt
#
# Yeni kurulan bir modelin ağırlıkları küçüktür ve normları 1'dir; bir yanlış böyle bir modelde görünmeyebilir. Bu
# yüzden önce ağırlıkları **canlandırıyoruz**.


# %%
def canlandir(model: torch.nn.Module) -> Agirliklar:
    """Matrisleri büyüt, normların kazançlarını dağıt; ağırlıkları adlarıyla geri ver."""
    with torch.no_grad():
        for p in model.parameters():
            _ = p.mul_(4.0) if p.ndim > 1 else p.add_(0.3 * torch.randn_like(p))
    return {ad: p.detach() for ad, p in model.state_dict().items()}


bicim = ModelConfig(d_model=64, n_layers=3, n_heads=4, d_ff=160, context=64)
cozucu = Decoder(bicim, 301)
w = canlandir(cozucu)
tokenler = torch.randint(301, (2, 17))

x = torch.randn(2, 17, 64)
tablo = rope_table(17, 16, bicim.rope_theta)
ucgen = torch.ones(17, 17, dtype=torch.bool).tril()
esit_mi(benim_blok(x, w, "model.layers.0", 4, tablo, ucgen), cozucu.model.layers[0](x, *tablo))
esit_mi(benim_masalci(tokenler, w, bicim), cozucu(tokenler))

ikili = ModelConfig(d_model=64, n_layers=2, encoder_layers=3, n_heads=4, d_ff=160, context=64, norm_place="sandwich")
kodlayici_cozucu = EncoderDecoder(ikili, 301)
w2 = canlandir(kodlayici_cozucu)
kaynak_tokenler = torch.randint(301, (2, 23))
esit_mi(benim_cevirmen(kaynak_tokenler, tokenler, w2, ikili, 64**0.5), kodlayici_cozucu(kaynak_tokenler, tokenler))

# %% [markdown]
# **Hugging Face'in Llama'sı.** Adlar ve RoPE'nin düzeni aynı olduğu için ağırlıklar hiç dokunulmadan yüklenir
# (`strict=True`). Bu, kütüphaneyi kendisinden bağımsız bir gerçeklemeyle sınar.

# %%
llama = LlamaForCausalLM(LlamaConfig(**llama_shape(bicim, 301))).eval()
print(llama.load_state_dict(cozucu.state_dict(), strict=True))
esit_mi(cozucu(tokenler), llama(tokenler).logits, sinir=1e-5)

# %% [markdown]
# **Parametreler.** 134 milyonluk modeli bellek ayırmadan kurabiliriz: `meta` aygıtında tensorların biçimi vardır, içi
# yoktur.

# %%
with torch.device("meta"):
    ayri = build_model(ModelConfig(), V)
    bagli = build_model(ModelConfig(tie_embeddings=True), V)
assert toplam == ayri.parameter_count() == 134_105_856
assert toplam - V * D == bagli.parameter_count() == 109_529_856
assert bagli.lm_head.weight is bagli.model.embed_tokens.weight, "bağlı: aynı matris, kopyası değil"
print("ayrı", grouped(ayri.parameter_count()), "· bağlı", grouped(bagli.parameter_count()))

# %% [markdown]
# ## Bozalım: yanlış sıra, unutulan norm, yanlış bağ
#
# Bu kez eğitilmiş bir modelle: kursun bir dakikada yetişen küçük çözücüsü (3 blok, $V = 1000$). Ayrılmış metindeki
# kaybına bakıyoruz. Hiçbir şey bilmeyen bir model $\ln 1000 = 6{,}91$ verirdi.

# %%
calistirma = ornek_calistirma()
model = locate(calistirma.out).load(torch.device("cpu"))
ayrilmis = PackedTokens.open(calistirma.folder("pack"), "valid")
diziler = torch.from_numpy(ayrilmis.window(0, 60 * 128)).view(60, 128)
egitilmis = {ad: p.detach() for ad, p in model.state_dict().items()}


def kayip(w: Agirliklar) -> float:
    """Elle yazılan modelin, bu ağırlıklarla, ayrılmış metindeki kaybı: token başına nat."""
    with torch.no_grad():
        logitler = benim_masalci(diziler[:, :-1], w, model.config)
    return F.cross_entropy(logitler.flatten(0, 1), diziler[:, 1:].flatten()).item()


def sirali(w: Agirliklar, sira: tuple[int, ...]) -> Agirliklar:
    """Blokların yeri değişmiş ağırlıklar."""
    yeni = dict(w)
    for yer, hangi in enumerate(sira):
        for ad in w:
            if ad.startswith(f"model.layers.{yer}."):
                yeni[ad] = w[ad.replace(f"layers.{yer}.", f"layers.{hangi}.")]
    return yeni


saglam = kayip(egitilmis)
siralar = {sira: kayip(sirali(egitilmis, sira)) for sira in permutations(range(3))}
for sira, deger in siralar.items():
    print("blok sırası", " ".join(str(n + 1) for n in sira), f"  kayıp {deger:.2f}  (+{deger - saglam:.2f})")

# %% [markdown]
# Ağırlıkların hepsi yerli yerinde; yalnızca blokların sırası değişti ve kayıp en az yarım nat arttı. En az zararı son iki
# bloğun yer değiştirmesi verir, en çok zararı tam ters sıra; bir yoruma göre ilk blok ötekilerin beklediği hazırlığı
# yapar. Yine de model tümüyle çökmez; ters sırada bile hiçbir şey bilmeyenden iyidir.
# Artık bağlantının bir yüzü daha: katmanlar birbirine zincirle değil, ortak bir akışla bağlıdır.
#
# Şimdi öteki iki unutkanlık: son norm ve yanlış bağ (çıkış katmanı ayrı eğitilmiş bir modelde onun yerine gömmeyi
# kullanmak; bir dışa aktarma ayarını yanlış yazınca olan budur).


# %%
def normsuz_kayip() -> float:
    """Son norm atlanırsa: kazancı 1 yapmak yetmez, akış olduğu gibi çıkış katmanına gider."""
    akis = {}
    kanca = model.model.norm.register_forward_pre_hook(lambda _, girdi: akis.update(x=girdi[0]))
    with torch.no_grad():
        _ = model(diziler[:, :-1])
    kanca.remove()
    logitler = akis["x"] @ egitilmis["lm_head.weight"].T
    return F.cross_entropy(logitler.flatten(0, 1), diziler[:, 1:].flatten()).item()


def kutuphane_kaybi() -> float:
    """Kütüphanenin modelinin kaybı."""
    with torch.no_grad():
        logitler = model(diziler[:, :-1])
    return F.cross_entropy(logitler.flatten(0, 1), diziler[:, 1:].flatten()).item()


bozuk = {
    "sağlam": saglam,
    "son norm unutulmuş": normsuz_kayip(),
    "çıkış katmanı yerine gömme": kayip({**egitilmis, "lm_head.weight": egitilmis["model.embed_tokens.weight"]}),
    "bloklar ters sırada": siralar[2, 1, 0],
}
for ad, deger in bozuk.items():
    print(f"{ad:<27} {deger:>5.2f}")

fig, ax = plt.subplots(figsize=(7, 2.4))
ax.barh(list(bozuk), list(bozuk.values()), color=["C0", "C1", "C1", "C1"])
ax.axvline(6.91, color="gray", linestyle=":")
ax.text(7.3, 0, "hiçbir şey bilmeyen: ln 1000", ha="left", va="center", color="gray")
ax.invert_yaxis()
ax.set(xlabel="ayrılmış metinde kayıp (nat/token)")
plt.show()

# %%
esit_mi(saglam, kutuphane_kaybi(), sinir=1e-5)
assert saglam < 2.5
oteki = {sira: deger for sira, deger in siralar.items() if sira != (0, 1, 2)}
assert min(oteki.values()) > saglam + 0.2, "her sıra değişikliği zarar vermeli"
assert max(oteki, key=oteki.get) == (2, 1, 0)
assert bozuk["çıkış katmanı yerine gömme"] > 6.91
assert bozuk["son norm unutulmuş"] > saglam + 0.1

# %% [markdown]
# Yanlış bağ modeli bitirir, hiçbir şey bilmeyenden de kötü yapar: gömme bir tokeni *okumak* için, çıkış katmanı *yazmak*
# için öğrenilmiştir. Unutulan son norm ise sinsidir: kayıp artar ama model çökmez. Norm bir vektörün yönünü değil boyunu
# (ve kazancını) değiştirir; model hâlâ konuşur, ama her konumda başka bir sıcaklıkla. Böyle bir yanlışı örnek
# metinlere bakarak bulamazsınız; logitleri karşılaştırarak bulursunuz.
#
# ### $\sqrt D$ unutulursa
#
# Yeni kurulmuş, gerçekçi genişlikte ($D = 512$) bir kodlayıcı-çözücünün kodlayıcısına bakalım. İlk bloktan çıkan akış,
# tokenin kendi gömmesine ne kadar benziyor (kosinüs)? Ve tokenin gömmesi akıştaki en yakın gömme mi?

# %%
genis = ModelConfig(
    d_model=512, n_layers=6, encoder_layers=6, n_heads=8, d_ff=1024, context=64, norm_place="sandwich"
)
_ = torch.manual_seed(9)
ceviren = EncoderDecoder(genis, 2000)
w3 = {ad: p.detach() for ad, p in ceviren.state_dict().items()}
cumle = torch.randint(2000, (1, 48))
gomme = w3["encoder.embed_tokens.weight"]
hepsi = torch.ones(48, 48, dtype=torch.bool)
benzerlik, bulunan = {}, {}
for ad, carpan in {"√D ile": genis.embedding_scale, "çarpansız": 1.0}.items():
    x = gomme[cumle] * carpan
    benzerlik[ad], bulunan[ad] = [1.0], [1.0]
    for katman in range(6):
        x = benim_blok(x, w3, f"encoder.layers.{katman}", 8, rope_table(48, 64, genis.rope_theta), hepsi)
        yon = F.normalize(x, dim=-1) @ F.normalize(gomme, dim=-1).T
        benzerlik[ad].append(yon[0, torch.arange(48), cumle[0]].mean().item())
        bulunan[ad].append((yon.argmax(-1) == cumle).float().mean().item())

fig, (sol, sag) = plt.subplots(1, 2, figsize=(8, 2.8))
for ad in benzerlik:
    sol.plot(benzerlik[ad], marker="o", label=ad)
    sag.plot([100 * oran for oran in bulunan[ad]], marker="o")
sol.set(xlabel="blok", ylabel="kosinüs: akış ile gömme", ylim=(-0.05, 1.05))
sag.set(xlabel="blok", ylabel="kendi gömmesine en yakın (%)", ylim=(-5, 105))
sol.legend()
plt.show()

# %%
print(f"ilk bloktan sonra kosinüs: √D ile {benzerlik['√D ile'][1]:.2f}, çarpansız {benzerlik['çarpansız'][1]:.2f}")
assert genis.embedding_scale == 512**0.5, "kodlayıcı-çözücünün gömmesi √D ile çarpılmalı"
assert benzerlik["√D ile"][1] > 0.5 > 0.2 > benzerlik["çarpansız"][1]
assert bulunan["√D ile"][-1] > 0.95
assert bulunan["çarpansız"][-1] < 0.1
with torch.no_grad():
    dogru, yanlis = (benim_cevirmen(cumle, cumle, w3, genis, carpan) for carpan in (512**0.5, 1.0))
    esit_mi(dogru, ceviren(cumle, cumle))
print(f"çarpan unutulunca logitlerdeki bağıl fark: {((yanlis - dogru).norm() / dogru.norm()).item():.2f}")

# %% [markdown]
# Çarpan olmazsa tek bir blok, tokenin kim olduğunu siler: altı blok sonra 48 tokenin hiçbiri kendi gömmesine en yakın
# değildir. Çarpanla hepsi tanınır. Eğitim bunu zamanla onarabilirdi (gömmeler büyürdü), ama bir modeli $\sqrt D$ ile
# eğitip onsuz çalıştırmak, onu başka bir modele çevirmek demektir.
#
# ## Alıştırmalar
#
# **1.** Kodlayıcı-çözücünün parametrelerini elle sayan `benim_parametre_sayisi(bicim, sozluk)` yazın (sandviç norm,
# SwiGLU, ayrı çıkış katmanı, tek gömme). Hem gerçek modelle hem `bicim.parameters(...)` ile karşılaştırın.
#
# **2.** **Logit merceği.** Eğitilmiş modelde her bloktan sonra durup son normu ve çıkış katmanını uygulayın. Ayrılmış
# metindeki kayıp bloktan bloğa nasıl düşer?
#
# **3.** Son tokeni değiştirin. Çözücünün önceki konumlardaki logitleri değişir mi? Kodlayıcının çıktısı?
#
# **4.** Bağlı bir modelde tek matrisin gradyanı iki işten gelir. Ayrı bir modele aynı ağırlıkları verip iki gradyanı
# toplayın; bağlı modelinkine eşit mi?


# %% tags=["cozum"]
# Çözüm 1: çözücünün bloğunda iki dikkat, üç çift norm; kodlayıcınınkinde bir dikkat, iki çift norm vardır.
def benim_parametre_sayisi(bicim: ModelConfig, sozluk: int) -> int:
    """Sandviç normlu, SwiGLU'lu, gömmesi ortak kodlayıcı-çözücü."""
    d, dikkat, ffn = bicim.d_model, 4 * bicim.d_model**2, 3 * bicim.d_model * bicim.d_ff
    kodlayici = bicim.encoder_layers * (dikkat + ffn + 4 * d) + d
    cozucu = bicim.n_layers * (2 * dikkat + ffn + 6 * d) + d
    return kodlayici + cozucu + 2 * sozluk * d


for secilen, sozluk in ((ikili, 301), (genis, 2000)):
    assert benim_parametre_sayisi(secilen, sozluk) == secilen.parameters(sozluk)
    assert benim_parametre_sayisi(secilen, sozluk) == EncoderDecoder(secilen, sozluk).parameter_count()

# %% tags=["cozum"]
# Çözüm 2: kayıp her blokta düşer; son bloktan sonraki, modelin kendi kaybıdır.
with torch.no_grad():
    x = egitilmis["model.embed_tokens.weight"][diziler[:, :-1]]
    boy = x.shape[1]
    tablo, ucgen = rope_table(boy, 32, model.config.rope_theta), torch.ones(boy, boy, dtype=torch.bool).tril()
    mercek = []
    for katman in range(4):
        logitler = benim_norm(x, egitilmis, "model.norm") @ egitilmis["lm_head.weight"].T
        mercek.append(F.cross_entropy(logitler.flatten(0, 1), diziler[:, 1:].flatten()).item())
        if katman < 3:
            x = benim_blok(x, egitilmis, f"model.layers.{katman}", 3, tablo, ucgen)
print("gömmeden ve bloklardan sonra kayıp:", *(f"{deger:.2f}" for deger in mercek))
esit_mi(mercek[-1], saglam, sinir=1e-5)
assert mercek == sorted(mercek, reverse=True)

# %% tags=["cozum"]
# Çözüm 3: çözücüde yalnızca son konum değişir (nedensel maske), kodlayıcıda hepsi.
baska = tokenler.clone()
baska[:, -1] = (baska[:, -1] + 1) % 301
esit_mi(cozucu(baska)[:, :-1], cozucu(tokenler)[:, :-1])
assert (cozucu(baska)[:, -1] - cozucu(tokenler)[:, -1]).abs().max() > 0.1
fark = (kodlayici_cozucu.encode(baska) - kodlayici_cozucu.encode(tokenler)).abs().amax(-1)
assert fark.min() > 1e-4

# %% tags=["cozum"]
# Çözüm 4: gradyanlar toplanır.
kucuk = ModelConfig(d_model=64, n_layers=1, n_heads=4, d_ff=160, context=64, tie_embeddings=True)
bagli_kucuk, ayri_kucuk = Decoder(kucuk, 301), Decoder(ModelConfig(d_model=64, n_layers=1, n_heads=4, d_ff=160), 301)
_ = ayri_kucuk.load_state_dict(bagli_kucuk.state_dict())
for secilen in (bagli_kucuk, ayri_kucuk):
    F.cross_entropy(secilen(tokenler)[:, :-1].flatten(0, 1), tokenler[:, 1:].flatten()).backward()
iki_is = ayri_kucuk.model.embed_tokens.weight.grad + ayri_kucuk.lm_head.weight.grad
esit_mi(iki_is, bagli_kucuk.model.embed_tokens.weight.grad)

# %% [markdown]
# ## Sırada ne var
#
# Model artık logit veriyor. İyi mi, kötü mü? **10. bölümde** bunu tek bir sayıya indiriyoruz: kayıp.
#
# - Kod: `src/fidan/model/block.py`, `stack.py`, `decoder.py`, `encoder.py`, `encoder_decoder.py`; sayımlar `config.py`.
# - Makaleler: Vaswani ve ark., *Attention Is All You Need* (arXiv 1706.03762); Touvron ve ark., *LLaMA* (arXiv
#   2302.13971); Zhang ve ark., *Encoder-Decoder Gemma* (arXiv 2504.06225).
