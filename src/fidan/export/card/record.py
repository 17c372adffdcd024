"""The second part of a model card, its record: samples, data and training.

Every figure comes from the run's manifests; where there is none the card says that it is unknown. What it leaves
out: what the model is and is for (`about`), and what was measured (`evaluation`).
"""

from pathlib import Path
from urllib.parse import quote

from fidan.export.card.chatting import conversations, course
from fidan.export.card.facts import (
    CardFacts,
    ChatFacts,
    CorpusFacts,
    CourseFacts,
    FinetuneFacts,
    PreferenceFacts,
    SourceFacts,
    TrainingFacts,
)
from fidan.export.card.markdown import code, duration, fence, inline, number, plain, size, table, wrapped
from fidan.export.card.preferring import adapters, preferences
from fidan.export.card.preferring import course as course_of_preferences
from fidan.recipe import DpoConfig, FinetuneConfig, Recipe, SftConfig, TrainConfig

MOST_SAMPLES = 8
SAMPLE_CHARACTERS = 1500


def samples(facts: CardFacts) -> str:
    """What the model writes, as it came."""
    if not facts.samples or facts.recipe is None:
        return ""
    parts = [f"## Örnek metinler\n\n{_how_sampled(facts, facts.recipe)}"]
    for sample in facts.samples[:MOST_SAMPLES]:
        answers = facts.encoder or sample.answer
        text = sample.continuation if answers else sample.prompt + sample.continuation
        shown = text if len(text) <= SAMPLE_CHARACTERS else f"{text[:SAMPLE_CHARACTERS]}…"
        parts += [f"{'Soru' if answers else 'Başlangıç'}: {code(sample.prompt)}", fence(wrapped(shown))]
    return "\n\n".join(parts)


def _how_sampled(facts: CardFacts, recipe: Recipe) -> str:
    config = recipe.generate
    settings = [f"sıcaklık {plain(config.temperature)}" if config.temperature else "hep en olası parça"]
    if config.temperature:
        settings += [f"top-k {config.top_k}"] if config.top_k else []
        settings += [f"top-p {plain(config.top_p)}"] if config.top_p < 1 else []
    settings += [f"yineleme cezası {plain(config.repetition_penalty)}"] if config.repetition_penalty != 1 else []
    settings += [f"en çok {number(config.max_new_tokens)} token", f"tohum {recipe.seed}"]
    given = "Sorular" if facts.encoder else "Başlangıçlar"
    told = (
        "Modelin kendi yazdıkları; hiçbiri seçilmedi ya da düzeltilmedi. "
        f"{given} elle verildi. Ayarlar: {', '.join(settings)}."
    )
    if facts.export.weights != "last":
        told += " Bunları son adımın ağırlıkları yazdı; bu depodaki ağırlıklar ise onların ortalamasıdır."
    return told


def data(facts: CardFacts) -> str:
    """Where the text came from, under which terms, and what was kept of it."""
    head = "## Eğitim verisi"
    if facts.corpus is None or facts.recipe is None:
        return f"{head}\n\nNeyle eğitildiği bilinmiyor: bu klasörün yanında bir kayıt yoktu."
    corpus = facts.corpus
    rows = [(inline(s.name), _kind(s), number(s.documents), size(s.bytes)) for s in corpus.sources]
    parts = [
        head,
        table(rows, ("Kaynak", "Tür", "Kalan belge", "Kalan metin")),
        "\n".join(_terms(source) for source in corpus.sources),
        _kept(corpus),
    ]
    if steps := _cleaning(facts.recipe):
        parts.append(f"Yapılan işler: {'; '.join(steps)}. Her eşik `recipe.toml` dosyasındadır.")
    if facts.recipe.finetune and facts.finetuning:
        parts.append(_pairs(facts.recipe.finetune, facts.finetuning))
    if facts.recipe.sft and facts.chatting:
        parts.append(conversations(facts.recipe.sft, facts.chatting))
    if facts.recipe.dpo and facts.preferring:
        parts.append(preferences(facts.recipe.dpo, facts.preferring))
    parts.append(f"Temiz derlemin kimliği (xxh3-128): `{corpus.hash}`")
    return "\n\n".join(parts)


def _pairs(config: FinetuneConfig, done: FinetuneFacts) -> str:
    """Where questions and answers came from; a file's terms are not recorded."""
    named = []
    for source in config.sources:
        name = source.removeprefix("hf:").split(":")[0]
        address = f"<https://huggingface.co/datasets/{quote(name)}>"
        named.append(address if source.startswith("hf:") else f"{code(Path(source).name)} (koşulları kayıtlı değil)")
    return (
        f"Soru ve yanıtlar: {', '.join(named)}; {number(done.pairs)} çift eğitimde kullanıldı, "
        f"{number(done.held_out_pairs)} çift değerlendirme için ayrıldı. Sorusu ya da yanıtı aynı olan çiftler aynı "
        "yana düşer."
    )


def _kind(source: SourceFacts) -> str:
    kinds = {
        "dataset": "yayımlanmış derlem",
        "hub": "Hugging Face veri kümesi",
        "synthetic": "yapay metin",
        "file": "kendi dosyası",
    }
    return kinds[source.kind]


def _terms(source: SourceFacts) -> str:
    name = f"- **{inline(source.name)}:** "
    if source.kind == "dataset":
        return f"{name}{source.about}. {source.credit}. *Terms:* {source.terms}. <{source.page}>"
    if source.kind == "hub":
        address = f"https://huggingface.co/datasets/{quote(source.hub)}"
        return f"{name}koşulları veri kümesinin sayfasındadır: <{address}>"
    if source.kind == "synthetic":
        return f"{name}fidan'ın kendi sözlük ve kalıplarından ürettiği metin; başkasının metni değildir."
    return f"{name}koşulları kayıtlı değil; modeli yayımlayan bildirmelidir."


def _kept(corpus: CorpusFacts) -> str:
    return (
        f"Okunan {number(corpus.read_documents)} belgeden ({size(corpus.read_bytes)}) "
        f"{number(corpus.train_documents)} belge ({size(corpus.train_bytes)}) eğitimde kullanıldı, "
        f"{number(corpus.held_out_documents)} belge ({size(corpus.held_out_bytes)}) değerlendirme için ayrıldı; "
        "ötekiler elendi."
    )


def _cleaning(recipe: Recipe) -> list[str]:
    corpus = recipe.corpus
    steps = {
        "bozuk kodlanmış harfler onarıldı": corpus.cleaning.encoding,
        "HTML kalıntıları temizlendi": corpus.cleaning.markup,
        "menü, çerez uyarısı gibi kalıp metinler çıkarıldı": corpus.cleaning.boilerplate,
        "kişisel veriler maskelendi": bool(corpus.cleaning.personal_data),
        "pek çok belgede yinelenen satırlar çıkarıldı": corpus.repeated_lines.enabled,
        "dili Türkçe olmayan belgeler elendi": corpus.language.turkish,
        "düzyazıya benzemeyen belgeler elendi": corpus.quality.enabled,
        "birebir aynı belgelerden yalnız biri tutuldu": corpus.drop_duplicates,
        "neredeyse aynı belgelerden yalnız biri tutuldu": corpus.near_duplicates.enabled,
        "değerlendirme sorularını içeren belgeler elendi": bool(corpus.decontamination.files),
    }
    return [step for step, done in steps.items() if done]


def training(facts: CardFacts) -> str:
    """How it was trained, on what, and by which version of the program."""
    head = "## Eğitim"
    if facts.last is None or facts.recipe is None:
        return f"{head}\n\nNasıl eğitildiği bilinmiyor: bu klasörün yanında bir kayıt yoktu."
    parts = [head]
    if facts.training:
        goal = ""
        if facts.encoder:
            goal = "Ön eğitim: metinden çıkarılan parçaları yerine koymak ve yarım bırakılan metni sürdürmek.\n\n"
        parts.append(goal + table(_rows_of_text(facts, facts.recipe, facts.training), ("Ayar", "Değer")))
    if facts.finetuning and facts.recipe.finetune:
        rows = _rows_of_pairs(facts, facts.recipe, facts.recipe.finetune, facts.finetuning)
        before = "Ardından soru yanıtlamak:" if facts.training else "Soru yanıtlamak, ön eğitim olmadan:"
        parts.append(f"{before}\n\n" + table(rows, ("Ayar", "Değer")))
    if facts.chatting and facts.recipe.sft:
        rows = _rows_of_chat(facts, facts.recipe, facts.recipe.sft, facts.chatting)
        parts.append("Ardından sohbet etmek:\n\n" + table(rows, ("Ayar", "Değer")))
    if facts.preferring and facts.recipe.dpo:
        rows = _rows_of_preferences(facts, facts.recipe, facts.recipe.dpo, facts.preferring)
        parts.append("Ardından iki yanıttan yeğleneni öğrenmek:\n\n" + table(rows, ("Ayar", "Değer")))
    return "\n\n".join(parts)


def _rows_of_pairs(
    facts: CardFacts, recipe: Recipe, config: FinetuneConfig, done: FinetuneFacts
) -> list[tuple[str, ...]]:
    learning = config.learning(recipe.train, done.pairs)
    return [
        ("Görülen çift", f"{number(done.pairs)} (her biri {number(done.epochs, 1)} kez)"),
        ("Adım", f"{number(done.steps)}, her biri {number(learning.sequences_per_step)} çift"),
        ("Ağırlıklar", _weights(facts)),
        ("Eniyileyici", _optimizer(learning)),
        ("Öğrenme hızı", _schedule(learning)),
        ("Etiket yumuşatma", plain(config.label_smoothing)),
        *_ran_on(recipe, done),
    ]


def _rows_of_chat(facts: CardFacts, recipe: Recipe, config: SftConfig, done: ChatFacts) -> list[tuple[str, ...]]:
    rows = round(done.steps * config.batch_size * config.accumulate / max(done.epochs, 1e-9))  # of an epoch
    learning = config.learning(recipe.train, rows)
    return [
        *course(config, done),
        *adapters(config),
        ("Ağırlıklar", _weights(facts) if facts.last is done else _kept_step(done)),
        ("Eniyileyici", _optimizer(learning)),
        ("Öğrenme hızı", _schedule(learning)),
        *_ran_on(recipe, done),
    ]


def _rows_of_preferences(
    facts: CardFacts, recipe: Recipe, config: DpoConfig, done: PreferenceFacts
) -> list[tuple[str, ...]]:
    learning = config.learning(recipe.train, done.pairs)
    return [
        *course_of_preferences(config, done),
        *adapters(config),
        ("Ağırlıklar", _weights(facts)),
        ("Eniyileyici", _optimizer(learning)),
        ("Öğrenme hızı", _schedule(learning)),
        *_ran_on(recipe, done),
    ]


def _rows_of_text(facts: CardFacts, recipe: Recipe, done: TrainingFacts) -> list[tuple[str, ...]]:
    config = recipe.train
    batch = f"{number(config.sequences_per_step)} × {number(config.sequence_length)} token"
    if config.batch_ramp:
        batch += f" (eğitimin ilk %{plain(100 * config.batch_ramp)} kadarında sekizde birden büyüyerek)"
    weights = [] if facts.last is not done else [("Ağırlıklar", _weights(facts))]
    return [
        ("Tarif", code(recipe.name)),
        ("Görülen token", f"{number(done.tokens)} (derlemin {number(done.epochs, 2)} katı)"),
        ("Adım", f"{number(done.steps)}, her biri {batch}"),
        ("Başlangıç", "parça ikililerinin sayımından" if config.start == "bigrams" else "rastgele ağırlıklar"),
        ("Eniyileyici", _optimizer(config)),
        ("Öğrenme hızı", _schedule(config)),
        *_extras(recipe),
        *weights,
        *_ran_on(recipe, done),
    ]


def _ran_on(recipe: Recipe, done: CourseFacts) -> list[tuple[str, ...]]:
    return [
        ("Sayı biçimi", _precision(done.precision)),
        ("Donanım", _hardware(done)),
        ("Süre", duration(done.seconds)),
        ("Tohum", f"{recipe.seed}"),
        ("Program", f"fidan {inline(done.package)}" + (f", kaynak {code(done.commit)}" if done.commit else "")),
        ("Bitiş", inline(done.finished[:10])),
    ]


def _optimizer(config: TrainConfig) -> str:
    betas = f"β₁ = {plain(config.beta1)}, β₂ = {plain(config.beta2)}"
    common = f"ağırlık sönümü {plain(config.weight_decay)}"
    if config.clip:
        common += f", gradyan normu en çok {plain(config.clip)}"
    if config.optimizer == "muon":
        momentum = plain(config.muon_momentum)
        return f"blokların matrislerinde Muon (momentum {momentum}), ötekilerde AdamW ({betas}); {common}"
    return f"AdamW ({betas}); {common}"


def _schedule(config: TrainConfig) -> str:
    rate = plain(config.learning_rate)
    if config.optimizer == "muon":
        rate = f"Muon {plain(config.muon_learning_rate)}, AdamW {rate}"
    if config.embedding_learning_rate:
        rate += f" (gömmede {plain(config.embedding_learning_rate)})"
    fall = {
        "cosine": "sonra kosinüs eğrisiyle",
        "linear": "sonra doğrusal olarak",
        "wsd": f"sonra sabit, son %{plain(round(100 * config.decay, 6))} içinde",
    }[config.schedule]
    end = f"{fall} tepenin {plain(config.final_learning_rate)} katına"
    return f"{rate}; {number(config.warmup_steps)} adım ısınma, {end}"


def _extras(recipe: Recipe) -> list[tuple[str, ...]]:
    """What is off unless a recipe turns it on."""
    told = {
        f"bırakma (dropout) {plain(recipe.model.dropout)}": recipe.model.dropout,
        f"katman bırakma (drop path) {plain(recipe.model.drop_path)}": recipe.model.drop_path,
        f"z-kaybı {plain(recipe.train.z_loss)}": recipe.train.z_loss,
        "dikkat belge sınırını geçmez": recipe.train.document_mask,
    }
    on = [text for text, value in told.items() if value]
    return [("Ek ayarlar", ", ".join(on))] if on else []


def _precision(name: str) -> str:
    return name if name == "float32" else f"matris çarpımları {name}, ağırlıklar float32"


def _weights(facts: CardFacts) -> str:
    if facts.recipe and facts.export.weights == "ema":
        decay = getattr(facts.recipe, facts.recipe.trainings[-1]).ema
        return f"adımların üstel hareketli ortalaması (sönüm {plain(decay)})"
    tuned = facts.preferring or facts.chatting or facts.finetuning
    return _kept_step(tuned) if tuned else "son adımınkiler"


def _kept_step(done: PreferenceFacts | ChatFacts | FinetuneFacts) -> str:
    return f"{number(done.best_step)}. adımınkiler"


def _hardware(done: CourseFacts) -> str:
    named = f"{inline(done.hardware)} ({inline(done.device)})" if done.hardware else inline(done.device)
    return f"{number(done.processes)} süreç, her biri {named}" if done.processes > 1 else named
