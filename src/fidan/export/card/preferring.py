"""What a card tells of a model that learnt which of two answers is preferred: from which pairs, and how.

What it leaves out: the numbers that all trainings have (`record`).
"""

from fidan.export.card.chatting import named_source
from fidan.export.card.facts import PreferenceFacts
from fidan.export.card.markdown import number, plain
from fidan.recipe import DpoConfig, LoraConfig


def preferences(config: DpoConfig, done: PreferenceFacts) -> str:
    """Where the pairs came from; a file's terms are not recorded."""
    named = ", ".join(named_source(source, "yanıt çifti") for source in config.sources)
    return (
        f"Yeğlenen ve yeğlenmeyen yanıtlar: {named}; {number(done.pairs)} çift eğitimde kullanıldı, "
        f"{number(done.held_out_pairs)} çift ayrıldı. Sorusu aynı olan çiftler aynı yana düşer."
    )


def course(config: DpoConfig, done: PreferenceFacts) -> list[tuple[str, str]]:
    """Rows of the table of the training."""
    rows = [
        ("Görülen çift", f"{number(done.pairs)} (her biri {number(done.epochs, 1)} kez)"),
        ("Adım", f"{number(done.steps)}, her biri {number(config.batch_size * config.accumulate)} çift"),
        ("Yöntem", f"DPO (β = {plain(config.beta)})"),
        ("Ayrılmış çiftlerde kayıp", f"{number(done.loss, 4)} nat (eğitimden önce 0,6931)"),
    ]
    if config.label_smoothing:
        rows.append(("Ters sayılan çift", f"%{plain(100 * config.label_smoothing)}"))
    return rows


def adapters(config: LoraConfig) -> list[tuple[str, str]]:
    """A row for LoRA, where adapters learnt in place of the weights."""
    if not config.lora_rank:
        return []
    told = f"derece {number(config.lora_rank)}, α = {plain(config.lora_alpha)}; {', '.join(config.lora_targets)}"
    return [("LoRA", f"{told}; ağırlıklara katıldı")]
