"""Addresses of networks, rooms and accounts, as the networks themselves write them.

A *channel* is one configured account of the bot on one network, written ``network`` or ``network:name`` (several bots
of one network may run). Keys are personal data: the store keeps them encrypted and finds them by keyed hash.
"""

from __future__ import annotations

import msgspec


def network_of(channel: str) -> str:
    """Give the network's name (``telegram``, ``matrix``, ``console``) of a channel."""
    return channel.partition(":")[0]


class RoomKey(msgspec.Struct, frozen=True, array_like=True):
    """One place to write to: a chat, or a thread (forum topic) in one."""

    channel: str
    room: str
    thread: str = ""

    @property
    def whole(self) -> RoomKey:
        """The room without its thread."""
        return RoomKey(self.channel, self.room) if self.thread else self

    def __str__(self) -> str:
        return f"{self.channel}\x1f{self.room}\x1f{self.thread}"


class AccountKey(msgspec.Struct, frozen=True, array_like=True):
    """One account on one channel, by the network's permanent id (never a name)."""

    channel: str
    id: str

    def __str__(self) -> str:
        return f"{self.channel}\x1f{self.id}"
