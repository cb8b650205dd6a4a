"""Makes dataclasses of JSON in the words of docs/protocol.md: `invite_id` is `inviteID` there."""

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Any, Callable, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

_WORDS = {"id": "ID", "ids": "IDs", "url": "URL"}


def key_of(name: str) -> str:
    """The name of a field in the protocol."""
    first, *rest = name.split("_")
    return first + "".join(_WORDS.get(word, word.capitalize()) for word in rest)


def decode(shape: Callable[..., T], fields: Mapping[str, Any]) -> T:
    """One `shape`, a dataclass; what is absent has its default."""
    known = _plan(shape)
    given = ((part, fields.get(part.key)) for part in known)
    return shape(**{part.name: part.read(value) for part, value in given if value is not None})


class _Part(NamedTuple):
    name: str
    key: str
    read: Callable[[Any], Any]


@cache
def _plan(shape: Any) -> tuple[_Part, ...]:
    hints = get_type_hints(shape)
    fields = dataclasses.fields(shape)
    return tuple(
        _Part(field.name, field.metadata.get("key") or key_of(field.name), _reader(hints[field.name]))
        for field in fields
    )


def _reader(hint: Any) -> Callable[[Any], Any]:
    if dataclasses.is_dataclass(hint):
        return lambda value: decode(hint, value)  # type: ignore[arg-type]
    arguments = get_args(hint)
    if get_origin(hint) is Union:
        return _reader(next(argument for argument in arguments if argument is not type(None)))
    if get_origin(hint) is tuple:
        read = _reader(arguments[0])
        return lambda value: tuple(read(each) for each in value)
    return lambda value: value
