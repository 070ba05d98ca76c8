"""Check that every catalog says all that the bot can say: ``python -m tools.check_catalogs``.

A catalog that is not complete does not ship. Each has exactly the messages of the source, each translated in all its
plural forms, none fuzzy, and each with the parameters of its msgid.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent

# ``(context, msgid)``: what one message is found by.
Key = tuple[str | None, str]

_PARAMETER = re.compile(r"%\((\w+)\)")


def problems(root: Path = ROOT) -> list[str]:
    """Return what is wrong with the catalogs, a line each; empty when nothing is."""
    template = messages(extract(root))
    catalogs = sorted(root.glob("locales/*/LC_MESSAGES/bot.po"))
    if not catalogs:
        return ["locales: there is no catalog"]
    return [f"{path.relative_to(root)}: {problem}" for path in catalogs for problem in _problems(path, template)]


def extract(root: Path) -> Catalog:
    """Return the template: all messages of the source, as pyproject.toml says where to find them."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "bot.pot"
        mapping = root / "pyproject.toml"
        CommandLineInterface().run(["pybabel", "-q", "extract", "-F", str(mapping), "-o", str(template), str(root)])  # type: ignore[no-untyped-call]
        return _read(template)


def messages(catalog: Catalog) -> dict[Key, Message]:
    """Return a catalog's messages but its header, by context and msgid."""
    return {(message.context, _forms(message.id)[0]): message for message in catalog if message.id}


def _read(path: Path) -> Catalog:
    locale = path.parent.parent.name if path.suffix == ".po" else None
    with path.open("rb") as file:
        return read_po(file, locale=locale, abort_invalid=True)


def _problems(path: Path, template: dict[Key, Message]) -> Iterator[str]:
    catalog = _read(path)
    known = messages(catalog)
    if catalog.fuzzy:
        yield "its header is marked fuzzy"
    yield from (f"missing: {msgid!r}" for _, msgid in template.keys() - known.keys())
    yield from (f"no longer said: {msgid!r}" for _, msgid in known.keys() - template.keys())
    yield from (f"no longer said: {_forms(message.id)[0]!r}" for message in catalog.obsolete.values())
    for key in template.keys() & known.keys():
        yield from (f"{problem}: {key[1]!r}" for problem in _faults(catalog, template[key], known[key]))


def _faults(catalog: Catalog, wanted: Message, found: Message) -> Iterator[str]:
    if found.fuzzy:
        yield "fuzzy"
    if _forms(found.id) != _forms(wanted.id):
        yield "another plural"
    if not all(_forms(found.string)):
        yield "not translated"
        return
    yield from (str(error) for error in found.check(catalog))
    # A plural form may leave its number out ("one idea"); any other parameter that is gone is a mistake.
    needed = set(_PARAMETER.findall("".join(_forms(wanted.id)))) - ({"n"} if wanted.pluralizable else set())
    for form in _forms(found.string):
        if lost := needed - set(_PARAMETER.findall(form)):
            yield f"without {', '.join(sorted(lost))}"


def _forms(words: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """A message's forms: one, or one for each plural; an empty one where a translation is missing."""
    return (words or "",) if words is None or isinstance(words, str) else tuple(words)


if __name__ == "__main__":
    found = sorted(problems())
    sys.exit("\n".join(found) if found else 0)
