"""Find the catalogs' messages in the source, for Babel.

Babel's own Python extractor sees positional arguments only, and ours are named. The rules:

- ``N_("…")`` marks a msgid.
- ``Text("…")`` is one too; ``plural="…"`` adds the plural form, ``context="…"`` the context, by name or by position.
- What is not a string literal is passed over: such a msgid was marked with ``N_`` where it is written.
- A comment that starts with a comment tag, in the lines right above the call, goes to the translators.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Collection, Iterator, Mapping
from typing import IO

# Gettext's own functions with their arguments: Babel knows them without being told.
Found = tuple[int, str, tuple[str, ...], list[str]]

# The parameters of `Text`, in order.
_TEXT = ("msgid", "params", "plural", "context")


def extract(
    source: IO[bytes],
    keywords: Collection[str],  # noqa: ARG001 (Babel's signature)
    comment_tags: Collection[str],
    options: Mapping[str, object],  # noqa: ARG001 (Babel's signature)
) -> Iterator[Found]:
    """Yield ``(line, gettext function, its arguments, comments)`` for each message, in the order of the lines."""
    code = source.read()
    comments = _comments(code)
    calls = (node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call))
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        message = _message(call)
        if message is not None:
            yield call.lineno, *message, _above(call.lineno, comments, tuple(comment_tags))


def _message(call: ast.Call) -> tuple[str, tuple[str, ...]] | None:
    """Return the gettext function that says the same, with its arguments, or None where there is no message."""
    match _name(call.func):
        case "N_":
            parameters: tuple[str, ...] = ("msgid",)
        case "Text":
            parameters = _TEXT
        case _:
            return None
    # Not strict: a call may leave out what has a default.
    given = dict(zip(parameters, call.args, strict=False))
    given |= {word.arg: word.value for word in call.keywords if word.arg}
    msgid, plural, context = (_literal(given.get(name)) for name in ("msgid", "plural", "context"))
    if not msgid:
        return None
    function = ("np" if plural and context else "n" if plural else "p" if context else "") + "gettext"
    return function, tuple(word for word in (context, msgid, plural) if word)


def _name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _literal(value: ast.expr | None) -> str:
    """A string literal's value, else nothing; the parser has joined implicitly concatenated ones already."""
    match value:
        case ast.Constant(value=str() as text):
            return text
        case _:
            return ""


def _comments(code: bytes) -> dict[int, str]:
    """Return the comments that have a line of their own, by line."""
    tokens = tokenize.tokenize(io.BytesIO(code).readline)
    return {
        token.start[0]: token.string.lstrip("# ").rstrip()
        for token in tokens
        if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip()
    }


def _above(line: int, comments: Mapping[int, str], tags: tuple[str, ...]) -> list[str]:
    """Return the block of comments right above the line, from its first tag on."""
    block: list[str] = []
    while (line := line - 1) in comments:
        block.insert(0, comments[line])
    starts = [index for index, comment in enumerate(block) if tags and comment.startswith(tags)]
    return block[starts[0] :] if starts else []
