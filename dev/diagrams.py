"""The course's diagrams: both models, the application, and the way of the data, as the code has them.

    python dev/diagrams.py          draw them into kurs/sekiller

Each is one upright column or two, so that a phone shows it without scrolling sideways. `tests/kurs/test_diagrams.py`
holds that the files are what is drawn here, and that what they name is there. Labels are Turkish, in the words of
`kurs/sozluk.md`. What it leaves out: how a shape looks (`drawing`).
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from drawing import Drawing

FOLDER = Path(__file__).resolve().parents[1] / "kurs" / "sekiller"
WIDTH = 400.0
NORM = ("norm", "RMSNorm", (), "", 28.0)
BEFORE = 27.0  # of the stream, above where a sub-layer leaves it

Part = tuple[str, str, Sequence[str], str, float]  # what it is, label, notes, name in the code, height


def sub_layer(
    d: Drawing, stream: float, since: float, left: float, wide: float, parts: Sequence[Part], before: float = BEFORE
) -> float:
    """A piece of the residual stream, drawn on from y = since: what leaves it, through boxes, and is added to it.

    Returns:
        The y from which the stream is to be drawn on.
    """
    y = since + before
    right_of_stream = left > stream
    side = left if right_of_stream else left + wide
    middle, top = left + wide / 2, y - parts[0][4] / 2
    d.arrow((stream, y), (side, y))
    for number, (kind, label, notes, code, height) in enumerate(parts):
        if number:
            d.arrow((middle, top - 16), (middle, top))
        d.box(left, top, wide, height, kind, label, notes, code)
        top += height + 16
    d.line((stream, since), (stream, top))
    d.arrow((middle, top - 16), (middle, top), (stream + (9 if right_of_stream else -9), top))
    d.plus(stream, top)
    return top + 9


def row(d: Drawing, left: float, y: float, wide: float, words: Sequence[str]) -> None:
    """Tokens side by side."""
    each = (wide - 6 * (len(words) - 1)) / len(words)
    for number, word in enumerate(words):
        d.box(left + number * (each + 6), y, each, 28, "data", "", [word])


def decoder() -> Drawing:
    """The decoder-only model: `fidan.model.decoder`."""
    d = Drawing(
        "cozucu", WIDTH, 804, "Yalnız çözücüden oluşan dil modeli",
        "Tokenler gömmeye girer. Akış N bloktan geçer. Her blokta iki alt katman vardır: RMSNorm ve ardından RoPE "
        "ile nedensel maskeli öz-dikkat; RMSNorm ve ardından SwiGLU ileri besleme. Her alt katmanın çıktısı artık "
        "bağlantıyla akışa eklenir. Son RMSNorm'dan sonra çıkış katmanı logitleri, softmax olasılıkları verir.",
    )  # fmt: skip
    left, wide, stream = 24.0, 352.0, 56.0
    d.text(left, 30, "Tokenler", "title", "start")
    d.text(left + wide, 30, "(B, T)", "side", "end")
    row(d, left, 42, wide, ["Bugün", "hava", "çok", "güzel"])
    d.arrow((200, 70), (200, 90))
    d.box(left, 90, wide, 58, "data", "Gömme", ["her token için bir vektör: (B, T, D)"], "embed_tokens")
    d.group(left, 166, wide, 374)
    d.text(left + wide - 14, 186, "N × blok", "title", "end")
    attention: Part = (
        "attention", "Öz-dikkat", ["çok başlı, konum için RoPE,", "nedensel maske: geriye bakar"], "self_attn", 76
    )  # fmt: skip
    forward: Part = ("forward", "İleri besleme: SwiGLU", ["her konum kendi başına"], "mlp", 60)
    end = sub_layer(d, stream, 148, 130, 232, [(*NORM[:3], "input_layernorm", 46), attention], 72)
    d.text(64, 276, "artık", "side", "start")
    d.text(64, 292, "bağlantı", "side", "start")
    end = sub_layer(d, stream, end, 130, 232, [(*NORM[:3], "post_attention_layernorm", 46), forward])
    d.arrow((stream, end), (stream, 566))
    d.box(left, 566, wide, 46, "norm", "RMSNorm", [], "norm")
    d.arrow((200, 612), (200, 634))
    d.box(left, 634, wide, 60, "work", "Çıkış katmanı", ["her konum için V logit: (B, T, V)"], "lm_head")
    d.arrow((200, 694), (200, 724))
    d.text(212, 714, "softmax", "side", "start")
    d.box(left, 724, wide, 60, "data", "Olasılıklar", ["sözlükteki her token için", "sırada olma olasılığı"])
    return d


def encoder_decoder() -> Drawing:
    """Both stacks: `fidan.model.encoder_decoder` with sandwich norm."""
    d = Drawing(
        "kodlayici_cozucu", WIDTH, 1046, "Kodlayıcı-çözücü model",
        "Kaynağın ve metnin tokenleri aynı gömmeye girer. Solda kodlayıcı kaynağı iki yöne bakarak okur: RoPE ve "
        "dolgu maskesiyle öz-dikkat, sonra ileri besleme. Çıktısı bellektir. Sağda çözücünün her bloğunda nedensel "
        "maskeli öz-dikkat, belleğe bakan ve dolguyu görmeyen çapraz dikkat ve ileri besleme vardır. Her alt "
        "katmanın önünde ve ardında RMSNorm durur; sonucu artık bağlantıyla akışa eklenir. Çözücüden sonra çıkış "
        "katmanı gelir.",
    )  # fmt: skip
    d.text(14, 30, "Kaynak", "title", "start")
    d.text(186, 30, "(B, S)", "side", "end")
    row(d, 14, 42, 172, ["soru", "</s>", "dolgu"])
    d.text(214, 30, "Metin", "title", "start")
    d.text(386, 30, "(B, T)", "side", "end")
    row(d, 214, 42, 172, ["<s>", "yanıt", "…"])
    d.arrow((100, 70), (100, 92))
    d.arrow((300, 70), (300, 92))
    d.box(14, 92, 372, 58, "data", "Gömme", ["kaynak ve metin için ortak; √D ile çarpılır"], "embed_tokens")
    own, other, wide = 32.0, 368.0, 132.0
    d.group(8, 168, 186, 434)
    d.text(182, 190, "N × kodlayıcı", "title", "end")
    d.group(206, 168, 186, 636)
    d.text(218, 190, "N × çözücü", "title", "start")
    looks: Part = ("attention", "Öz-dikkat", ["iki yöne: RoPE,", "dolgu maskesi"], "self_attn", 76)
    forward: Part = ("forward", "İleri besleme", ["SwiGLU"], "mlp", 60)
    end = sub_layer(d, own, 150, 52, wide, [NORM, looks, NORM], 70)
    end = sub_layer(d, own, end, 52, wide, [NORM, forward, NORM])
    d.arrow((own, end), (own, 624))
    d.box(14, 624, 172, 30, "norm", "RMSNorm")
    d.arrow((100, 654), (100, 674))
    d.box(14, 674, 172, 64, "cross", "Bellek: (B, S, D)", ["kodlayıcının çıktısı,", "token başına bir vektör"])
    back: Part = ("attention", "Öz-dikkat", ["geriye: RoPE,", "nedensel maske"], "self_attn", 76)
    across: Part = ("cross", "Çapraz dikkat", ["sorgu akıştan gelir", "dolgu maskesi"], "cross_attn", 76)
    end = sub_layer(d, other, 150, 216, wide, [NORM, back, NORM], 70)
    at = end + BEFORE + NORM[4] / 2 + 16 + across[4] / 2
    end = sub_layer(d, other, end, 216, wide, [NORM, across, NORM])
    d.arrow((186, 706), (200, 706), (200, at), (216, at), kind="cross")
    end = sub_layer(d, other, end, 216, wide, [NORM, forward, NORM])
    d.arrow((other, end), (other, 826))
    d.box(214, 826, 172, 30, "norm", "RMSNorm")
    d.arrow((300, 856), (300, 876))
    d.box(214, 876, 172, 60, "work", "Çıkış katmanı", ["logitler: (B, T, V)"], "lm_head")
    d.arrow((300, 936), (300, 966))
    d.text(312, 956, "softmax", "side", "start")
    d.box(214, 966, 172, 60, "data", "Olasılıklar", ["sıradaki token"])
    d.text(14, 776, "Anahtar ve değer", "title", "start")
    for number, line in enumerate(["bellekten bir kez hesaplanır;", "üretimde her adım onları", "yeniden kullanır."]):
        d.text(14, 797 + 17 * number, line, "side", "start")
    return d


def application() -> Drawing:
    """How the law assistant is built, and the way of a question through it: `fidan.law`, `fidan.serving`."""
    d = Drawing(
        "uygulama", WIDTH, 1352, "Hukuk asistanı: yapımı ve bir sorunun yolu",
        "Üstte yapım: ham metin derleme, tokenlaştırıcıya, paketlenmiş tokenlere, ön eğitime, ince ayara, "
        "değerlendirmeye ve dışa aktarmaya gider; kanun metinleri maddelere ayrılır ve arama dizini olur, dizinden "
        "soru-yanıt çiftleri ince ayara gider. Altta soru: sayfa, API ya da uçbirim alır; soru Türk hukukuna "
        "ilişkin değilse ya da yeterince yakın madde yoksa kaynakların söylemediği bildirilir. Yoksa bulunan "
        "maddeden, model verilirse kodlayıcı-çözücü yanıtı yazar, denetimler geçilirse gösterilir; "
        "yoksa maddenin cümleleri gösterilir.",
    )  # fmt: skip
    d.text(14, 30, "Yapım", "title", "start")
    left, wide, height, step = 14.0, 186.0, 46.0, 66.0
    model = [
        ("data", "Ham metin", "CC100-tr"), ("work", "Derlem", "temiz, tekrarsız belgeler"),
        ("work", "Tokenlaştırıcı", "SentencePiece BPE"), ("work", "Paketlenmiş tokenler", "belleğe eşlenir"),
        ("forward", "Ön eğitim", "eksik metni onarır"), ("forward", "İnce ayar", "soru ve madde → yanıt"),
        ("norm", "Değerlendirme", "ayrılmış sorularla"), ("work", "Dışa aktarma", "Hugging Face, CTranslate2"),
    ]  # fmt: skip
    for number, (kind, label, note) in enumerate(model):
        y = 44 + number * step
        if number:
            d.arrow((left + wide / 2, y - step + height), (left + wide / 2, y))
        d.box(left, y, wide, height, kind, label, [note])
    right = 216.0
    law = [
        (0, "data", "Kanun metinleri", "resmî sitedeki biçimiyle"), (1, "work", "Maddeler", "ayrıştırılmış, tarihli"),
        (2, "cross", "Arama dizini", "fidan law index"),
    ]  # fmt: skip
    for number, kind, label, note in law:
        y = 44 + number * step
        if number:
            d.arrow((right + 80, y - step + height), (right + 80, y))
        d.box(right, y, 170, height, kind, label, [note])
    pairs = 44 + 5 * step
    d.arrow((right + 70, 44 + 2 * step + height), (right + 70, pairs))
    d.box(right, pairs, 154, height, "data", "Soru ve yanıtlar", ["fidan law dataset"])
    d.arrow((right, pairs + height / 2), (left + wide, pairs + height / 2))
    serve = 44 + 8 * step + 4
    d.arrow((left + wide / 2, serve - 20 - 4), (left + wide / 2, serve))
    d.arrow((379, 44 + 2 * step + height), (379, serve), kind="cross")
    d.box(left, serve, 372, 50, "attention", "Sunma", ["fidan serve --law · fidan law ask --model"])
    _question(d, serve + 50)
    return d


def _question(d: Drawing, y: float) -> None:
    """The way of a question, from the box whose lower edge is at y."""
    top, step, height = y + 62, 74.0, 50.0
    d.group(8, y + 18, 384, d.height - y - 28, "Bir sorunun yolu")
    left, wide, side, narrow = 20.0, 212.0, 284.0, 100.0
    steps = [
        ("data", "Soru", ["“Kiracım kirayı ödemiyor…”"]), ("attention", "Sayfa · API · uçbirim", ["soru alınır"]),
        ("norm", "İlk bakış", ["Türkçe mi? Türk hukuku mu?"]),
        ("cross", "Arama", ["önce anılan madde,", "sonra sözcükler (BM25F)"]),
        ("norm", "Eşik", ["yakın mı, yürürlükte mi?"]), ("data", "Madde", ["kanunu, metni, tarihi"]),
        ("forward", "Kodlayıcı-çözücü", ["madde ve soru → yanıt"]),
        ("norm", "Denetimler", ["sayı, atıf, olumsuzluk,", "taraflar, sözcükler"]),
        ("work", "Yanıt ve atıf", ["maddesi, tarihi, uyarısıyla"]),
    ]  # fmt: skip
    middle = [top + number * step + height / 2 for number in range(len(steps))]
    lower = 0.0
    for number, (kind, label, notes) in enumerate(steps):
        tall = height + 6 * (len(notes) - 1)
        if number:
            d.arrow((left + wide / 2, lower), (left + wide / 2, middle[number] - tall / 2))
        d.box(left, middle[number] - tall / 2, wide, tall, kind, label, notes)
        lower = middle[number] + tall / 2
    for number, told in ((2, "hayır"), (3, "yok"), (4, "hayır")):
        d.arrow((left + wide, middle[number]), (side, middle[number]), kind="stop")
        d.text((left + wide + side) / 2 - 3, middle[number] - 6, told, "side")
    d.box(side, middle[2] - 25, narrow, 2 * step + height, "stop", "Kaynaklar\nsöylemiyor", ["ve nedeni"])
    d.box(
        side,
        middle[5] - 25,
        narrow,
        2 * step + height,
        "data",
        "Maddenin\ncümleleri",
        ["soruya en çok", "yanıt verenler"],
    )
    d.arrow((left + wide, middle[5]), (side, middle[5]))
    d.text((left + wide + side) / 2 - 3, middle[5] - 7, "model", "side")
    d.text((left + wide + side) / 2 - 3, middle[5] + 16, "yoksa", "side")
    d.arrow((left + wide, middle[7]), (side, middle[7]))
    d.text((left + wide + side) / 2 - 3, middle[7] - 7, "hayır", "side")
    d.arrow((side + narrow / 2, middle[7] + 25), (side + narrow / 2, middle[8]), (left + wide, middle[8]))


def way_of_the_data() -> Drawing:
    """The stages of a run and the files that each leaves: `fidan.stages`, docs/architecture.md."""
    stages = [
        ("data", "Ham metin", "", "", ["tr.txt.xz  .jsonl  .parquet", "hf:sahip/ad  synthetic:20MB"]),
        ("work", "Derlem", "fidan corpus", "corpus/", ["train/00000.jsonl.zst …", "valid/ …", "report.html"]),
        ("work", "Tokenlaştırıcı", "fidan tokenizer", "tokenizer/",
         ["tokenizer.model", "tokenizer.json", "report.json"]),
        ("work", "Paketleme", "fidan pack", "pack/", ["train-00000.tokens.bin …", "index.json"]),
        ("forward", "Ön eğitim", "fidan train", "train/",
         ["checkpoints/step-000250/ …", "metrics.jsonl", "model.safetensors", "model.json", "report.html"]),
        ("forward", "İnce ayar", "fidan finetune", "finetune/", ["model.safetensors …"]),
        ("forward", "Sohbet öğretme", "fidan sft", "sft/", ["model.safetensors …"]),
        ("forward", "Yeğleme", "fidan dpo", "dpo/", ["model.safetensors …"]),
        ("norm", "Değerlendirme", "fidan evaluate", "evaluate/", ["evaluation.json", "evaluation.html"]),
        ("attention", "Üretim", "fidan generate", "generate/", ["samples.json"]),
        ("work", "Dışa aktarma", "fidan export", "export/", ["hugging_face/", "gguf/", "ctranslate2/"]),
        ("attention", "Sunma", "fidan serve", "", ["web sayfası, API, sohbet"]),
    ]  # fmt: skip
    heights = [max(50.0, 20.0 + 17 * (len(files) + bool(folder))) for _, _, _, folder, files in stages]
    d = Drawing(
        "veri_yolu", WIDTH, 50 + sum(heights) + 18 * len(stages) + 70, "Verinin yolu: aşamalar ve dosyaları",
        "Ham metin sırayla derlem, tokenlaştırıcı, paketleme, ön eğitim, isteğe bağlı ince ayar ya da sohbet öğretme "
        "ve yeğleme, değerlendirme, üretim ve dışa aktarma aşamalarından geçer; sonra sunulur. Her aşama kendi "
        "klasörüne dosyalarını ve bir bildirim (manifest.json) bırakır.",
    )  # fmt: skip
    d.text(14, 30, "Aşama", "title", "start")
    d.text(186, 30, "Bıraktığı dosyalar", "title", "start")
    y = 46.0
    for number, ((kind, label, command, folder, files), height) in enumerate(zip(stages, heights, strict=True)):
        if number:
            d.arrow((88, y - 18), (88, y))
        d.box(14, y, 148, height, kind, label, [], command)
        d.group(174, y, 214, height)
        lines = [(folder, "label")] * bool(folder) + [(file, "code") for file in files]
        baseline = y + (height - 17 * len(lines)) / 2 + 12.5
        for line, kind_of in lines:
            d.text(186, baseline, line, kind_of, "start", room=200)
            baseline += 17
        y += height + 18
    d.text(14, y + 10, "Her aşama klasörüne bir bildirim bırakır: manifest.json.", "side", "start")
    d.text(14, y + 28, "İnce ayar kodlayıcı-çözücünün, sohbet öğretme ve yeğleme", "side", "start")
    d.text(14, y + 45, "çözücünündür; tarifte bölümleri varsa çalışır.", "side", "start")
    return d


DIAGRAMS: tuple[Callable[[], Drawing], ...] = (decoder, encoder_decoder, application, way_of_the_data)


def main() -> None:
    """Write every diagram."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for draw in DIAGRAMS:
        diagram = draw()
        (FOLDER / f"{diagram.name}.svg").write_text(diagram.svg(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
