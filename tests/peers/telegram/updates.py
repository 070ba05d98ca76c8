"""The queue of updates and getUpdates, with the real server's semantics.

Rules: an update keeps the JSON it had when it happened; a positive offset forgets all earlier updates; a negative one
keeps that many from the end; an offset far from the queue (ids were renumbered) forgets nothing and starts at the head;
`allowed_updates` persists until it is given again, [] means the default set, which leaves out chat_member,
message_reaction and message_reaction_count; of two waiting pollers the earlier gets 409.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import msgspec

from .errors import conflict

DEFAULT_EXCLUDED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
MAX_TIMEOUT = 50
LIFETIME = 86_400
CALLBACK_LIFETIME = 150
_FAR = 100_000


@dataclass(frozen=True, slots=True)
class Update:
    id: int
    kind: str
    payload: bytes
    queue: int
    """Updates of one queue reach a webhook one after the other."""
    expires: float

    @property
    def body(self) -> bytes:
        return b'{"update_id":%d,"%s":%s}' % (self.id, self.kind.encode(), self.payload)


@dataclass(slots=True)
class Chaos:
    """What a network may do to deliveries: shares between 0 and 1. Real Telegram repeats, and renumbers when quiet."""

    duplicate: float = 0.0
    reorder: float = 0.0
    jump_ids: float = 0.0
    seed: int = 0

    random: Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)

    def happens(self, share: float) -> bool:
        return share > 0 and self.random.random() < share


class UpdateQueue:
    def __init__(self, clock: Callable[[], float], *, first_id: int = 700_000_001, chaos: Chaos | None = None) -> None:
        self.clock = clock
        self.chaos = chaos or Chaos()
        self.allowed: frozenset[str] | None = None
        self.next_id = first_id
        self.pushed = 0
        self.held = False
        self.pending: dict[int, Update] = {}
        self.on_push: Callable[[Update], None] | None = None
        """Set while a webhook takes the updates."""
        self.on_change: Callable[[], None] = lambda: None
        """Called when updates are confirmed or dropped."""
        self._poller: asyncio.Future[None] | None = None
        self._order: dict[int, int] = {}

    def allow(self, kinds: Iterable[str] | None) -> None:
        """`allowed_updates` of a request: None leaves things as they are."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or None

    def allows(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed is not None else kind not in DEFAULT_EXCLUDED

    def push(self, kind: str, payload: dict[str, Any], queue: int, lifetime: float = LIFETIME) -> Update | None:
        if not self.allows(kind):
            return None
        if self.chaos.happens(self.chaos.jump_ids):
            self.jump_ids()
        update = Update(self.next_id, kind, msgspec.json.encode(payload), queue, self.clock() + lifetime)
        self.next_id += 1
        self.pushed += 1
        self.pending[update.id] = update
        self._order[update.id] = self.pushed
        if len(self._order) > _FAR and len(self.pending) < _FAR // 2:
            self._order = {known: self._order[known] for known in list(self._order)[-_FAR // 2 :]}
        if not self.held:
            self._announce(update)
        return update

    def jump_ids(self, to: int | None = None) -> None:
        """The next id is random, as after a week without updates; it may well be smaller than the last one."""
        self.next_id = to if to is not None else self.chaos.random.randrange(1, 2_000_000_000)

    def hold(self) -> None:
        """Updates happen but do not reach the bot, until `release`."""
        self.held = True

    def release(self) -> None:
        self.held = False
        for update in list(self.pending.values()):
            self._announce(update)

    def forget(self, update_id: int) -> None:
        self.pending.pop(update_id, None)
        if not self.pending:
            self.on_change()

    def clear(self) -> None:
        self.pending.clear()
        self.on_change()

    def take(self, offset: int, limit: int) -> list[Update]:
        """What getUpdates answers now."""
        self._expire()
        if offset < 0:
            for update_id in list(self.pending)[:offset]:
                self.forget(update_id)
        elif offset > 0 and self.pending:
            self._confirm_before(offset)
        if self.held:
            return []
        updates = list(self.pending.values())[:limit]
        if len(updates) > 1 and self.chaos.happens(self.chaos.reorder):
            self.chaos.random.shuffle(updates)
        return [
            copy for update in updates for copy in [update] * (2 if self.chaos.happens(self.chaos.duplicate) else 1)
        ]

    async def poll(self, offset: int, limit: int, timeout: float) -> list[Update]:
        updates = self.take(offset, limit)
        if updates or timeout <= 0:
            return updates
        self.abort_poll("terminated by other getUpdates request; make sure that only one bot instance is running")
        loop = asyncio.get_running_loop()
        deadline = loop.time() + min(timeout, MAX_TIMEOUT)
        while not updates and (left := deadline - loop.time()) > 0:
            waiter: asyncio.Future[None] = loop.create_future()
            self._poller = waiter
            try:
                await asyncio.wait_for(waiter, left)
            except TimeoutError:
                pass
            finally:
                if self._poller is waiter:
                    self._poller = None
            updates = self.take(offset, limit)
        return updates

    def abort_poll(self, reason: str) -> None:
        """The waiting poller gets 409."""
        if self._poller is not None and not self._poller.done():
            self._poller.set_exception(conflict(reason))
        self._poller = None

    @property
    def polled(self) -> bool:
        """Somebody waits in getUpdates right now."""
        return self._poller is not None and not self._poller.done()

    def _announce(self, update: Update) -> None:
        if self.on_push is not None:
            self.on_push(update)
        elif self._poller is not None and not self._poller.done():
            self._poller.set_result(None)

    def _confirm_before(self, offset: int) -> None:
        seen = self._order.get(offset - 1)
        if seen is not None:
            confirmed = [known for known in self.pending if self._order[known] <= seen]
        elif next(iter(self.pending)) - _FAR <= offset <= self.next_id + 10:
            confirmed = [known for known in self.pending if known < offset]
        else:
            confirmed = []
        for update_id in confirmed:
            self.forget(update_id)

    def _expire(self) -> None:
        now = self.clock()
        for update_id in [update.id for update in self.pending.values() if update.expires < now]:
            self.forget(update_id)
