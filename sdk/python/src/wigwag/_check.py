"""Wrong types are found before anything is sent, in words that say what to do."""

import json
import math
import os
from collections.abc import Mapping, Sequence
from typing import Optional


def text(name: str, value: object) -> str:
    """A str."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {_kind(value)}")
    return value


def optional_text(name: str, value: object) -> Optional[str]:
    """A str, or None."""
    return None if value is None else text(name, value)


def texts(name: str, value: object) -> list[str]:
    """Several str; a single one is no list of its letters."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TypeError(f"{name} must be a list of str, not {_kind(value)}")
    return [text(f"{name}[{place}]", each) for place, each in enumerate(value)]


def flag(name: str, value: object) -> bool:
    """A bool."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, not {_kind(value)}")
    return value


def whole(name: str, value: object, least: int, most: int = 2**53) -> int:
    """An int within bounds; by default as far as JSON's numbers are exact everywhere."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} must be an int, not {_kind(value)}")
    if not least <= value <= most:
        raise ValueError(f"{name} must be {least} to {most}, not {value}")
    return value


def optional_whole(name: str, value: object, least: int, most: int = 2**53) -> Optional[int]:
    """An int within bounds, or None."""
    return None if value is None else whole(name, value, least, most)


def milliseconds(name: str, value: object) -> int:
    """Seconds as whole milliseconds."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} must be a number of seconds, not {_kind(value)}")
    if not (math.isfinite(value) and 0 < value <= 86_400):
        raise ValueError(f"{name} must be more than 0 and at most 86400 seconds, not {value}")
    return max(1, round(value * 1_000))


def path(name: str, value: object) -> Optional[str]:
    """A path of a file, or None."""
    if value is None:
        return None
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{name} must be a path, not {_kind(value)}")
    return text(name, os.fspath(value))


def encoded(name: str, value: object) -> str:
    """A mapping as JSON."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a dict, not {_kind(value)}")
    try:
        return json.dumps(dict(value), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as why:
        kind = TypeError if isinstance(why, TypeError) else ValueError
        raise kind(f"{name} cannot be written as JSON: {why}") from None


def _kind(value: object) -> str:
    return "None" if value is None else type(value).__name__
