"""The harvest as JSON, for other programs: the read model as it is, described in ``docs/harvest-format.md``.

Its schema is `docs/harvest.schema.json`; where the read model grows, `make catalogs` writes it anew.
"""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from bot.domain.harvest import Harvest

FORMAT, VERSION = "byalag-harvest", 1


def data(harvest: Harvest) -> bytes:
    """Write the JSON."""
    whole = {"format": FORMAT, "version": VERSION, **msgspec.to_builtins(harvest)}
    return msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n"


def schema() -> bytes:
    """Write the JSON Schema of what `data` writes."""
    (whole,), parts = msgspec.json.schema_components([Harvest], ref_template="#/$defs/{name}")
    made: dict[str, Any] = parts.pop(whole["$ref"].rpartition("/")[2])
    made["properties"] = {"format": {"const": FORMAT}, "version": {"const": VERSION}, **made["properties"]}
    made["required"] = ["format", "version", *made["required"]]
    for kind in (made, *parts.values()):
        del kind["description"]  # it is in docs/harvest-format.md
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return msgspec.json.format(msgspec.json.encode({**head, **made, "$defs": parts}), indent=2) + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(schema())
