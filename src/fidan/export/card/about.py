"""The first part of a model card: what the model is, what it is for, and how to use it responsibly.

What it leaves out: how it is run (`usage`), the record of data and training (`record`), the figures (`evaluation`).
"""

from fidan.export.card.answers import english_answers
from fidan.export.card.facts import CardFacts, EvaluationFacts
from fidan.export.card.markdown import inline, number, plain, table

_PERSONAL = {
    "tckn": "T.C. kimlik numarası",
    "vkn": "vergi numarası",
    "iban": "IBAN",
    "phone": "telefon numarası",
    "email": "e-posta adresi",
    "ip": "IP adresi",
    "plate": "plaka",
}


def title(facts: CardFacts) -> str:
    """The heading and a paragraph that says what this is."""
    does, _ = _does(facts)
    family = "T5Gemma yapısında, kodlayıcılı ve kod çözücülü küçük" if facts.encoder else "LLaMA yapısında küçük"
    origin = (
        "Ham metinden bu klasöre kadar her adım *fidan* ile yapıldı: küçük Türkçe dil modellerini baştan, herkesin "
        "yineleyebileceği biçimde yetiştiren bir Python paketi. Neyle ve nasıl eğitildiği aşağıda, bütün ayarları "
        "`recipe.toml` dosyasında."
        if facts.recipe
        else "Bu klasör yalnız başına bir modelden *fidan* ile dışa aktarıldı; eğitiminin kaydı yanında değildi. "
        "Aşağıda bilinmeyenler bilinmiyor diye yazılmıştır."
    )
    trained = "baştan eğitilmiş, " if facts.recipe else ""
    return (
        f"# {inline(facts.name)}\n\n"
        f"{does}, {trained}**{number(facts.parameters)} parametreli**, {family} bir dil modeli. {origin}"
    )


def _does(facts: CardFacts) -> tuple[str, str]:
    """What the model does, in Turkish and in English."""
    if facts.encoder and facts.finetuning:
        return "Türkçe sorulara yanıt yazan", "answers questions in Turkish"
    if facts.encoder:
        return "Türkçe okuyup Türkçe yazan", "reads a Turkish text and writes another"
    if facts.chat:
        return "Türkçe sohbet eden", "chats in Turkish"
    return "Verilen Türkçe metni sürdüren", "continues Turkish text; it was not trained to follow instructions"


def english(facts: CardFacts) -> str:
    """The summary for readers without Turkish."""
    _, kind = _does(facts)
    family = "An encoder-decoder, shaped as T5Gemma," if facts.encoder else "A LLaMA-like language model"
    told = [f"**In English.** {family} of {facts.parameters:,} parameters that {kind}."]
    if facts.training and facts.corpus:
        told.append(
            f"It was trained from scratch with fidan on {facts.training.tokens:,} tokens from "
            f"{facts.corpus.train_documents:,} Turkish documents."
        )
    if facts.finetuning:
        told.append(f"It learnt to answer from {facts.finetuning.pairs:,} pairs of a question and an answer.")
    if facts.chatting:
        told.append(f"It learnt to chat from {facts.chatting.conversations:,} conversations.")
    if facts.preferring:
        told.append(f"It was then tuned by DPO on {facts.preferring.pairs:,} pairs of a better and a worse answer.")
    if facts.measured:
        told.append(_english_figures(facts.measured))
    if facts.answered:
        told.append(english_answers(facts.answered))
    told.append(
        "It repeats the prejudices and errors of its training text and can write untrue or improper things: do not "
        "rely on it for medical, legal or financial matters without an expert's check. The weights are under "
        f"{inline(facts.export.license)}."
    )
    return "> " + " ".join(told)


def _english_figures(measured: EvaluationFacts) -> str:
    loss = f"On {measured.documents:,} held-out documents it needs {measured.bits_per_byte:.4f} bits per byte"
    called = {"pairs": "minimal pairs of good and bad sentences", "choices": "multiple-choice questions"}
    tests = [
        f"{100 * task.value:.1f}% of {task.items:,} {called[task.kind]} ({inline(task.name)}; guessing: "
        f"{100 * task.chance:.1f}%)"
        for task in measured.tasks
    ]
    return f"{loss}; it is right in {', in '.join(tests)}." if tests else f"{loss}; nothing else was measured."


def shape(facts: CardFacts) -> str:
    """The shape, as a table."""
    model = facts.model
    heads = f"{model.n_heads}, her biri {model.head_width} boyutlu"
    if model.kv_heads != model.n_heads:
        heads += f" (anahtar ve değer için {model.kv_heads})"
    head = "gömme katmanıyla ortak" if model.tie_embeddings else "gömme katmanından ayrı"
    gate = "GeGLU" if model.feedforward == "geglu" else "SwiGLU"
    parts = f"RoPE (θ = {number(model.rope_theta)}), {gate}"
    if facts.encoder:
        kind = f"kodlayıcı ve kod çözücü: her alt katmanın önünde ve arkasında RMSNorm, {parts}"
        layers, mark = f"kodlayıcıda {model.encoder_layers}, kod çözücüde {model.n_layers}", "kaynağın sonuna `</s>`"
    else:
        kind = f"yalnız kod çözücü: ön normlu RMSNorm, {parts}"
        layers, mark = f"{model.n_layers}", "metnin başına `<s>`"
    rows = [
        ("Parametre", f"{number(facts.parameters)} (çıkış katmanı {head})"),
        ("Yapı", kind),
        ("Katman", layers),
        ("Genişlik", f"{number(model.d_model)} (ileri besleme {number(model.d_ff)})"),
        ("Dikkat başı", heads),
        ("Bağlam", f"{number(model.context)} token"),
        ("Sözlük", f"{number(facts.vocabulary)} parça, bayt yedekli SentencePiece BPE; {mark} konur"),
    ]
    if facts.tokenizer:
        rows.append(
            (
                "Sözlüğün verimi",
                f"token başına {number(facts.tokenizer.bytes_per_token, 2)} bayt, kelime başına "
                f"{number(facts.tokenizer.tokens_per_word, 2)} token (eğitimde kullanılmayan metinde)",
            )
        )
    rows.append(("Ağırlıkların biçimi", f"{facts.export.dtype}, safetensors"))
    return "## Model\n\n" + table(rows, ("Özellik", "Değer"))


def use(facts: CardFacts) -> str:
    """What it is for, and where its limits are."""
    limits = [
        f"{number(facts.model.context)} tokenden uzun bir metni bütün olarak göremez.",
        "Bu boyutta bir model bilgiyi güvenilir biçimde saklayamaz: yazdığı adlar, tarihler ve sayılar çoğu kez "
        "uydurmadır.",
    ]
    if facts.recipe and facts.recipe.corpus.language.turkish:
        limits.append("Türkçe dışındaki diller ve program kodu için eğitilmedi.")
    if facts.encoder:
        limits.insert(
            0,
            "Yanıtını aklından yazar: bir kaynağa bakmaz, yanıtın doğru olup olmadığını bilmez, bilmediği soruyu da "
            "yanıtlar. Hukuki bir soruda yanıtı yalnızca maddenin kendisiyle karşılaştırarak kullanın."
            if facts.finetuning
            else "Bir temel modeldir: eksik metni tamamlar. Soru yanıtlamak için eğitilmedi.",
        )
    elif not facts.chat:
        limits.insert(0, "Bir temel modeldir: metni sürdürür. Soru yanıtlamak ya da yönerge izlemek için eğitilmedi.")
    if facts.corpus and not facts.corpus.others_wrote:
        limits.append(
            "Yalnızca fidan'ın kendi ürettiği yapay metinle eğitildi; gerçek yaşamdan hiç metin görmedi. Yolun "
            "çalıştığını göstermek içindir, kullanılmak için değil."
        )
    if facts.training:
        share = facts.training.tokens / facts.parameters
        limits.append(f"Eğitimde parametre başına {plain(float(f'{share:.2g}'))} token gördü.")
    work = "soru yanıtlatmak" if facts.encoder and facts.finetuning else "metin sürdürmek"
    return "\n".join(
        [
            "## Kullanım amacı ve sınırları",
            "",
            f"Araştırma, öğretim ve deneme içindir: küçük bir Türkçe dil modelini incelemek, {work}, kendi "
            "verinizle başka bir göreve uyarlamak.",
            "",
            *(f"- {limit}" for limit in limits),
        ]
    )


def responsibility(facts: CardFacts) -> str:
    """The note on responsible use."""
    notes = [
        "Model, eğitim metnindeki **önyargıları** yineleyebilir; **yanlış bilgi** ve **uygunsuz içerik** üretebilir.",
        "Tıp, hukuk ve finans gibi yanlışın zarar verdiği konularda, yazdıklarını **bir uzman doğrulamadan** "
        "kullanmayın.",
        "Ürettiği metni paylaşırken bir dil modelinin yazdığını belirtin.",
    ]
    others_wrote = facts.corpus is not None and facts.corpus.others_wrote
    if facts.recipe and others_wrote and (masked := facts.recipe.corpus.cleaning.personal_data):
        kinds = ", ".join(_PERSONAL[kind] for kind in masked)
        notes.append(
            f"Eğitim metninde biçiminden tanınan kişisel veriler ({kinds}) maskelendi; tanınmayanlar ve kişi adları "
            "kalmış olabilir. Modelin yazdığı bir ad ya da numara gerçek birine ait olabilir."
        )
    notes.append("Bu depoda eğitim metni paylaşılmaz.")
    return "\n".join(["## Sorumluluk notu", "", *(f"- {note}" for note in notes)])
