"""The harvest as JSON, for other programs: the read model as it is, described in ``docs/harvest-format.md``."""

from __future__ import annotations

import msgspec

from bot.domain.harvest import Harvest

FORMAT, VERSION = "byalag-harvest", 1


def data(harvest: Harvest) -> bytes:
    """Write the JSON."""
    whole = {"format": FORMAT, "version": VERSION, **msgspec.to_builtins(harvest)}
    return msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n"
