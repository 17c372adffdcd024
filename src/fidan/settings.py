"""From TOML to frozen dataclasses and back, with errors a person can act on.

What it does: turn nested mappings into dataclasses by their type hints, refuse unknown keys (naming the nearest
known one) and wrong types, apply `section.key=value` overrides, say which settings decide a result, and write
dataclasses as the TOML that gives them back.
What it leaves out: what the settings mean. The dataclasses themselves, and the checks of their values, live in
`fidan.recipe`.
"""

import dataclasses
import difflib
import json
import tomllib
import types
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from fidan.errors import RecipeError

T = TypeVar("T")


def incidental(default: Any) -> Any:
    """A setting that changes how a stage runs but not what it makes (workers, log intervals).

    It is left out of a manifest's comparison, so changing it does not make a finished stage run again.
    """
    return dataclasses.field(default=default, metadata={"incidental": True})


def added(default: Any) -> Any:
    """A setting that came later than the others of its section.

    It is left out of a manifest where it has its default, so that what was made before there was such a setting is
    not made again.
    """
    return dataclasses.field(default=default, metadata={"added": True})


def decisive(settings: Any) -> Any:
    """The settings that decide a result, as plain JSON values.

    Those that are `incidental` are left out, and so are `added` ones that have their default.
    """
    if dataclasses.is_dataclass(settings) and not isinstance(settings, type):
        return {
            f.name: decisive(getattr(settings, f.name))
            for f in dataclasses.fields(settings)
            if not f.metadata.get("incidental")
            and not (f.metadata.get("added") and getattr(settings, f.name) == f.default)
        }
    if isinstance(settings, tuple | list):
        return [decisive(item) for item in settings]
    return settings


def build(cls: type[T], data: Mapping[str, Any], where: str) -> T:
    """An instance of the dataclass `cls` from a mapping.

    Args:
        cls: a frozen dataclass; its type hints say what is allowed, its `__post_init__` checks values.
        data: keys as in the TOML file.
        where: how to name this table in an error, e.g. `recipes/demo.toml [train]`.

    Raises:
        RecipeError: an unknown key, a missing one, a wrong type or a refused value.
    """
    hints = get_type_hints(cls)
    fields = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    for key in data:
        if key not in fields:
            raise RecipeError(f"{where}: unknown key {key!r}.{nearest(key, fields)}")
    values = {key: _convert(value, hints[key], _inside(where, key)) for key, value in data.items()}
    missing = [
        name
        for name, f in fields.items()
        if name not in values and f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise RecipeError(f"{where}: missing {', '.join(missing)}.")
    try:
        return cls(**values)
    except RecipeError:
        raise
    except ValueError as error:
        raise RecipeError(f"{where}: {error}") from error


def override(data: dict[str, Any], assignments: Iterable[str]) -> dict[str, Any]:
    """A copy of `data` with each `section.key=value` set; values are TOML, a bare word is a string.

    Raises:
        RecipeError: an assignment without `=`, or one that goes through a value that is not a table.
    """
    result: dict[str, Any] = _copy(data)
    for assignment in assignments:
        path, separator, text = assignment.partition("=")
        if not separator or not path.strip():
            raise RecipeError(f"--set {assignment}: write it as section.key=value.")
        *parents, key = path.strip().split(".")
        table = result
        for parent in parents:
            table = table.setdefault(parent, {})
            if not isinstance(table, dict):
                raise RecipeError(f"--set {assignment}: {parent!r} is a value, not a section.")
        table[key] = _parse(text.strip())
    return result


def to_toml(settings: Any, table: str = "") -> str:
    """A dataclass as TOML text that `build` reads back as an equal one.

    Args:
        settings: the dataclass; its dataclasses become tables, those inside a list inline tables.
        table: the header to write above its values; empty at the top.
    """
    values = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    tables = {key: value for key, value in values.items() if dataclasses.is_dataclass(value)}
    lines = [f"[{table}]"] if table else []
    lines += [f"{key} = {_toml(value)}" for key, value in values.items() if key not in tables and value is not None]
    nested = [to_toml(value, f"{table}.{key}" if table else key) for key, value in tables.items()]
    return "\n".join(["\n".join(lines) + "\n", *nested])


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # JSON may hold a bare DEL, TOML not
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if dataclasses.is_dataclass(value):
        known = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return f"{{ {', '.join(f'{key} = {_toml(item)}' for key, item in known.items() if item is not None)} }}"
    return repr(value)


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if isinstance(value, list) else value


def _parse(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text  # a bare word: `--set train.device=cpu` needs no quotes


def nearest(key: str, known: Iterable[str]) -> str:
    """A sentence for an error that helps with a word nobody knows: the known one most like it, or all of them."""
    known = sorted(known)
    match = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return f" Did you mean {match[0]!r}?" if match else f" Known: {', '.join(known)}."


def _inside(where: str, key: str) -> str:
    if where.endswith("]"):
        return f"{where[:-1]}.{key}]"
    return f"{where} [{key}]"


def _convert(value: Any, hint: Any, where: str) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        if value is None:
            return None
        (hint,) = (a for a in arguments if a is not type(None))
        return _convert(value, hint, where)
    if origin is Literal:
        if value not in arguments:
            raise RecipeError(f"{where} = {value!r}: must be one of {', '.join(map(repr, arguments))}.")
        return value
    if origin is tuple:
        if not isinstance(value, list):
            raise RecipeError(f"{where} = {value!r}: must be a list.")
        return tuple(_convert(item, arguments[0], f"{where}[{i}]") for i, item in enumerate(value))
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        if isinstance(value, str) and hasattr(hint, "short_form"):
            value = hint.short_form(value)
        if not isinstance(value, Mapping):
            raise RecipeError(f"{where} = {value!r}: must be a table.")
        return build(hint, value, where)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise RecipeError(f"{where} = {value!r}: must be {_name(hint)}, not {_name(type(value))}.")
    return value


def _name(hint: type) -> str:
    names = {int: "a whole number", float: "a number", str: "a string", bool: "true or false", list: "a list"}
    return names.get(hint, hint.__name__)
