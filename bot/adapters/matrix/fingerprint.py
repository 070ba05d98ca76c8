"""A device's public key: as people compare it, and as the server tells it to others."""

from __future__ import annotations

from bot.adapters.matrix.api import Api, path_of


def grouped(key: str) -> str:
    """Write a public key in groups of four, as clients show it."""
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))


async def published_key(api: Api, user: str, device: str) -> str | None:
    """Give the public key that the server knows for a device; None if it knows none. Raises `ApiError`."""
    found: object = await api.post(path_of("keys", "query"), {"device_keys": {user: [device]}})
    for name in ("device_keys", user, device, "keys", f"ed25519:{device}"):
        found = found.get(name) if isinstance(found, dict) else None
    return found if isinstance(found, str) else None
