"""How the model writes, as `/ayar` shows and changes it: each setting of `GenerateConfig` under a Turkish name.

A value is refused here, with its range in Turkish, before `GenerateConfig` sees it; what settings ask of each other
is in `_conflict`. What it leaves out: what they do to a text (`fidan.generation`).
"""

import math
import re
from dataclasses import dataclass, replace
from typing import Any

from fidan.errors import FidanError
from fidan.recipe import GenerateConfig
from fidan.serving.terminal.words import nearest, plain

_NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
NONE = "-"  # the value that takes a stop string back
SEED = "tohum"


class SettingError(FidanError):
    """A setting that there is not, or a value it cannot have; the message is in Turkish, for the chat's user."""


@dataclass(frozen=True)
class Setting:
    """A number of `GenerateConfig`.

    Attributes:
        name: what the user calls it.
        field: of `GenerateConfig`.
        meaning: in a few words.
        low: the least value; None: there is none.
        high: the greatest; None: there is none.
        whole: whether it must be a whole number.
        above: whether it must be greater than `low`.
    """

    name: str
    field: str
    meaning: str
    low: float | None = None
    high: float | None = None
    whole: bool = False
    above: bool = False

    @property
    def range(self) -> str:
        """What it can be, in words."""
        parts = ["tam sayı" if self.whole else "sayı"]
        if self.low is not None:
            parts.append(f"{self.low:g}'dan büyük" if self.above else f"en az {self.low:g}")
        if self.high is not None:
            parts.append(f"en çok {self.high:g}")
        return ", ".join(parts)

    def read(self, text: str) -> float | int:
        """The value that a user typed, with a comma or a point.

        Raises:
            SettingError: not a number, or out of range.
        """
        value = float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else math.nan
        fits = math.isfinite(value) and not (self.whole and value % 1)
        if self.low is not None:
            fits = fits and (value > self.low if self.above else value >= self.low)
        if not fits or (self.high is not None and value > self.high):
            raise SettingError(f"{self.name} {text}: olmaz; {self.range}. {self.meaning}.")
        return int(value) if self.whole else value


_MOST = 100_000  # of what is counted in tokens
SETTINGS = (
    Setting("uzunluk", "max_new_tokens", "bir cevabın en çok kaç token olacağı", 1, _MOST, whole=True),
    Setting("sıcaklık", "temperature", "seçimin ne kadar rastgele olacağı; 0: hep en olası", 0, 100),
    Setting("ilk_k", "top_k", "yalnız en olası k token; 0: kapalı", 0, _MOST, whole=True),
    Setting("ilk_p", "top_p", "yalnız olasılıkları toplamda p eden en olası tokenler; 1: kapalı", 0, 1, above=True),
    Setting("en_az_p", "min_p", "en olasının en az p katı kadar olası olanlar; 0: kapalı", 0, 1),
    Setting("tipik_p", "typical_p", "olağana en yakın, toplamı p eden tokenler; 1: kapalı", 0, 1, above=True),
    Setting("tekrar_cezası", "repetition_penalty", "önce geçen tokenler için ceza; 1: kapalı", 0, 100, above=True),
    Setting("sıklık_cezası", "frequency_penalty", "bir tokenin her yazılışı için ceza; 0: kapalı", -100, 100),
    Setting("varlık_cezası", "presence_penalty", "bir kez yazılmış olmanın cezası; 0: kapalı", -100, 100),
    Setting("yinelenmez_n", "no_repeat_ngram", "n tokenlık dizi iki kez yazılmaz; 0: kapalı", 0, _MOST, whole=True),
    Setting("ışın", "beams", "ışın aramasında aynı anda izlenen metin; 1: kapalı", 1, 32, whole=True),
    Setting("uzunluk_cezası", "length_penalty", "ışın aramasında puan, olasılık / uzunluk üzeri bu", -100, 100),
)  # fmt: skip
STOP = "dur"
STOP_MEANING = "cevabın, yazılmadan önce biteceği metin; -: yok"


def show(config: GenerateConfig, seed: int) -> str:
    """All settings, a line each: name, value, what it is."""
    rows = [(each.name, number(getattr(config, each.field)), each.meaning) for each in SETTINGS]
    stops = " | ".join(text.replace("\n", "\\n") for text in config.stop) or NONE
    rows += [(STOP, stops, STOP_MEANING), (SEED, str(seed), "rastgeleliğin başlangıcı: aynı tohum, aynı cevaplar")]
    names, values = (max(len(row[column]) for row in rows) for column in (0, 1))
    return "\n".join(f"{name:<{names}}  {value:<{values}}  {meaning}" for name, value, meaning in rows)


def number(value: float) -> str:
    """A number as Turkish writes it: 0,7."""
    return (str(value) if isinstance(value, int) else f"{value:g}").replace(".", ",")


def find(name: str) -> Setting | None:
    """The setting with a Turkish or an English name; None: it is no number of `GenerateConfig`."""
    wanted = plain(name)
    return next((each for each in SETTINGS if wanted in (plain(each.name), each.field)), None)


def change(config: GenerateConfig, name: str, text: str) -> GenerateConfig:
    """The settings with one of them changed.

    Args:
        config: as they are.
        name: as the user typed it.
        text: the value.

    Raises:
        SettingError: no such setting (the nearest is named), or a value it cannot have (the range is).
    """
    if plain(name) in (STOP, "stop"):
        return replace(config, stop=() if text == NONE else (text,))
    setting = find(name)
    if setting is None:
        raise SettingError(f"{name}: böyle bir ayar yok. {suggestion(name)}")
    changed: dict[str, Any] = {setting.field: setting.read(text)}
    _refuse_conflict(config, setting.name, **changed)
    return replace(config, **changed)


def suggestion(name: str) -> str:
    """A sentence that helps with a name nobody knows."""
    names = [*(each.name for each in SETTINGS), STOP, SEED]
    like = nearest(name, names)
    return f"Belki: /ayar {like}" if like else f"Ayarlar: {', '.join(names)}."


def _refuse_conflict(config: GenerateConfig, name: str, **changed: Any) -> None:
    """What `GenerateConfig` asks of two settings together, said before it says so."""
    beams = changed.get("beams", config.beams)
    if beams > 1 and changed.get("temperature", config.temperature) > 0:
        way = "Önce /ayar sıcaklık 0" if name == "ışın" else "Önce /ayar ışın 1"
        raise SettingError(f"{name}: ışın araması rastgele seçmez, sıcaklık 0 olmalı. {way}")
    if beams == 1 and changed.get("length_penalty", config.length_penalty) != 1:
        way = "Önce /ayar uzunluk_cezası 1" if name == "ışın" else "Önce /ayar ışın 2 (ya da daha çok)"
        raise SettingError(f"{name}: uzunluk cezası yalnız ışın aramasında var. {way}")
