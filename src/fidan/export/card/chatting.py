"""What a card tells of a model that was taught to chat: from which conversations, how, and what it changed.

What it leaves out: how a chat is run (`usage`), and the answers it wrote (`record`).
"""

from pathlib import Path
from urllib.parse import quote

from fidan.export.card.facts import ChatFacts
from fidan.export.card.markdown import code, number, plain, table
from fidan.recipe import SftConfig

_SYNTHETIC = "synthetic:"


def conversations(config: SftConfig, done: ChatFacts) -> str:
    """Where the conversations came from; a file's terms are not recorded."""
    named = ", ".join(named_source(source, "kısa sohbet") for source in config.sources)
    return (
        f"Sohbetler: {named}; {number(done.conversations)} sohbet eğitimde "
        f"kullanıldı, {number(done.held_out_conversations)} sohbet değerlendirme için ayrıldı. Başı ya da yanıtı "
        "aynı olan sohbetler aynı yana düşer."
    )


def named_source(source: str, made: str) -> str:
    """A source by its name; `made` is what a synthetic one holds."""
    if source.startswith(_SYNTHETIC):
        return f"fidan'ın kendi ürettiği {number(int(source.removeprefix(_SYNTHETIC)))} {made}"
    if source.startswith("hf:"):
        name = source.removeprefix("hf:").split(":")[0]
        return f"<https://huggingface.co/datasets/{quote(name)}>"
    return f"{code(Path(source).name)} (koşulları kayıtlı değil)"


def course(config: SftConfig, done: ChatFacts) -> list[tuple[str, str]]:
    """Rows of the table of the training: what it read, and what of that counted."""
    counted = "yalnız yardımcının yazdıkları"
    if config.prompt_weight:
        counted += f"; ötekiler {plain(config.prompt_weight)} ağırlıkla"
    rows = [
        ("Görülen sohbet", f"{number(done.conversations)} (her biri {number(done.epochs, 1)} kez)"),
        ("Adım", f"{number(done.steps)}, her biri {number(config.batch_size * config.accumulate)} satır"),
        ("Kaybı sayılan", counted),
    ]
    if done.replayed_share:
        share = plain(round(100 * done.replayed_share))
        rows.append(("Yinelenen ön eğitim metni", f"kaybı sayılan tokenlerin %{share} kadarı"))
    return rows


def figures(done: ChatFacts) -> str:
    """What test conversations cost the model before and after it was taught."""
    if done.test is None:
        return ""
    test = done.test
    rows = [
        ("Bayt başına bit", number(test["bits_per_byte_before"], 4), number(test["bits_per_byte"], 4)),
        ("Kayıp (nat/token)", number(test["loss_before"], 4), number(test["loss"], 4)),
        ("İlk tahmini doğru çıkan token", _share(test["accuracy_before"]), _share(test["accuracy"])),
    ]
    head = (f"Yardımcının sözleri, {number(test['items'])} ayrılmış sohbette", "Sohbet eğitiminden önce", "sonra")
    return (
        f"{table(rows, head)}\n\nHer token, kendinden önceki doğru metin verilerek tahmin edildi. Bu sayılar yanıtın "
        "doğru ya da yararlı olup olmadığını söylemez."
    )


def _share(value: float) -> str:
    return f"%{number(100 * value, 1)}"
