"""Every request against aiogram's typed methods, so that what is accepted was written by others.

`Schema.check` turns raw parameters (form strings, JSON values, uploads) into plain Python values, or refuses:
an unknown method, an unknown parameter at any depth, a wrong type. aiogram's own models let unknown fields pass;
here they are refused, so that a misspelt parameter shows in a test instead of doing nothing.
`decode` is the lenient twin for benchmarks: same values, no models.
"""

from __future__ import annotations

import types
import typing
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from .errors import ApiError, bad_request

if TYPE_CHECKING:
    from aiogram.methods import TelegramMethod

Params = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file sent along with a request."""

    name: str
    data: bytes
    mime: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Method:
    """One method: its model, and which fields hold JSON or chat ids."""

    name: str
    model: type[TelegramMethod[Any]]
    structured: frozenset[str]
    chat_ids: frozenset[str]


@cache
def _names() -> dict[str, str]:
    """Lower-case name → aiogram's class (imported late: it takes a second)."""
    import aiogram.methods

    return {name.lower(): name for name in aiogram.methods.__all__ if name != "TelegramMethod"}


@cache
def known_method(name: str) -> Method | None:
    """A method that aiogram knows, whatever the case of its name."""
    import aiogram.methods

    class_name = _names().get(name.lower())
    model = getattr(aiogram.methods, class_name) if class_name else None
    if model is None or not isinstance(getattr(model, "__api_method__", None), str):
        return None
    model.model_rebuild()
    kinds = {field: _kinds(info.annotation) for field, info in model.model_fields.items()}
    return Method(
        model.__api_method__,
        model,
        frozenset(field for field, kind in kinds.items() if "structure" in kind and "str" not in kind),
        frozenset(field for field, kind in kinds.items() if {"int", "str"} <= kind),
    )


def check(method: Method, raw: Params) -> tuple[Params, list[str]]:
    """Plain values of a valid request, and the paths of fields that aiogram does not know.

    An upload that is no parameter itself is an attachment ("attach://name") and passes through under its own name.
    """
    from pydantic import ValidationError

    fields = method.model.model_fields
    attached = {name: value for name, value in raw.items() if isinstance(value, Upload) and name not in fields}
    unknown = [name for name in raw if name not in fields and name not in attached]
    values: Params = {}
    for name, value in raw.items():
        if name in fields and not (value == "" and name in method.structured):
            values[name] = _typed(method, name, value)
    try:
        model = method.model.model_validate(values)
    except ValidationError as error:
        raise bad_request(f"invalid parameters of {method.name}: {_first_lines(error)}") from None
    unknown += list(extras(model))
    plain = {name: _plain(value) for name, value in model.model_dump(exclude_unset=True).items()}
    return {**plain, **attached}, unknown


_LENIENT_STRUCTURED = frozenset({
    "reply_markup", "reply_parameters", "entities", "caption_entities", "link_preview_options", "allowed_updates",
    "commands", "scope", "permissions", "reaction", "media", "ephemeral_message_parameters", "message_ids",
})  # fmt: skip
_LENIENT_TEXTS = frozenset({"text", "caption", "name", "description", "short_description", "url", "secret_token"})
_WORDS = {"true": True, "false": False}


def decode(raw: Params) -> Params:
    """Values as a benchmark needs them: numbers, switches and JSON decoded, nothing checked."""
    return {name: _guessed(name, value) if isinstance(value, str) else value for name, value in raw.items()}


def _guessed(name: str, value: str) -> Any:
    if name in _LENIENT_TEXTS:
        return value
    if name in _LENIENT_STRUCTURED:
        return msgspec.json.decode(value)
    if value.lstrip("-").isdigit() and name != "callback_query_id":
        return int(value)
    return _WORDS.get(value.lower(), value)


def _typed(method: Method, name: str, value: Any) -> Any:
    """A form's string as what the model expects."""
    from aiogram.types import BufferedInputFile

    if isinstance(value, Upload):
        return BufferedInputFile(value.data, value.name)
    if isinstance(value, str) and name in method.structured:
        return _json(name, value)
    if isinstance(value, str) and name in method.chat_ids and value.lstrip("-").isdigit():
        return int(value)
    return value


def _json(name: str, value: str) -> Any:
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError:
        raise ApiError(400, f"Bad Request: can't parse {name.replace('_', ' ')} JSON object") from None


def _plain(value: Any) -> Any:
    from aiogram.types import BufferedInputFile

    if isinstance(value, BufferedInputFile):
        return Upload(value.filename or "file", value.data)
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, timedelta):
        return int(value.total_seconds())
    return value


def extras(value: Any, path: str = "") -> typing.Iterator[str]:
    """The paths of all fields, at any depth, that aiogram's models do not have."""
    from pydantic import BaseModel

    if isinstance(value, BaseModel):
        for name in value.model_extra or ():
            yield f"{path}{name}"
        for name in value.model_fields_set:
            if name in type(value).model_fields:
                yield from extras(getattr(value, name), f"{path}{name}.")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from extras(item, f"{path}{index}.")


def _kinds(annotation: Any) -> set[str]:
    """Which of "str", "int" and "structure" (a list or a model) a field may hold."""
    from pydantic import BaseModel

    origin = typing.get_origin(annotation)
    if origin in {typing.Union, types.UnionType}:
        return set().union(*(_kinds(part) for part in typing.get_args(annotation)))
    if origin is typing.Annotated:
        return _kinds(typing.get_args(annotation)[0])
    if origin is list or annotation is list:
        return {"structure"}
    if isinstance(annotation, type):
        if issubclass(annotation, str):
            return {"str"}
        if issubclass(annotation, int) and annotation is not bool:
            return {"int"}
        if issubclass(annotation, BaseModel):
            return {"structure"}
    return set()


def _first_lines(error: Any) -> str:
    problems = [f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()]
    return "; ".join(problems[:4])
