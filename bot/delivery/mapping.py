"""Keeps the map of a conversation up to date, beside all else: reads the votes a page at a time, computes off the loop.

Rules
-----
* What is read stands in many short transactions, what is written in one at the end: nobody who votes waits for a map.
* Who writes must have read the latest state. One that changed meanwhile (somebody was erased) is read again.
* Only votes that people's sums count are in a map, so nothing is made anew before another five have weighed an idea.
* When somebody is erased their votes go from the state, and the map that stands stays: one that followed at once would
  tell where they stood.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID

from uuid6 import uuid7

from bot.crypto import Keyring
from bot.domain.ideas import SUM_STEP, Sums
from bot.domain.maps import Edition, Findings, Place, place
from bot.i18n import LOCALES, render
from bot.reporting import map_picture
from bot.store import maps
from bot.store.engine import Database
from bot.store.maps import Weighed
from bot.store.records import FANOUT, MAPPED, Due, MapKept, MapPicture, Outbox
from bot.store.unit_of_work import UnitOfWork

AT_A_TIME = 300_000
"""So many votes are held in memory at a time; of more, a part is taken up after the other."""
MOVED = 0.01
"""An idea's extremity is written where it differs by as much."""

InThread = Callable[..., Awaitable[Any]]


class Overtaken(Exception):
    """The state was changed while a map was made of it: make it again."""


class Fresh(NamedTuple):
    """An idea that people's sums count further than the map does, with its new and changed votes."""

    idea: UUID
    shown: Sums
    votes: list[maps.Cast]


class Renewed(NamedTuple):
    """What comes out: a state to store, what may be told, and how far each idea moves people."""

    state: bytes
    findings: Findings
    extremities: dict[UUID, float]


class Mapping:
    """Makes and draws maps. `in_thread` runs what is computed beside the event loop; votes are read `page` by page."""

    def __init__(
        self, database: Database, keys: Keyring, clock: Callable[[], datetime],
        in_thread: InThread = asyncio.to_thread, page: int = maps.PAGE,
    ) -> None:  # fmt: skip
        self.database = database
        self.keys = keys
        self.clock = clock
        self.in_thread = in_thread
        self.page = page

    async def renew(self, conversation_id: UUID) -> None:
        """Bring a conversation's map up to date, if there is anything new. Raises `Overtaken`."""
        async with self._reading() as uow:
            kept = await uow.get(MapKept, conversation_id)
            edition = await maps.latest(uow, conversation_id)
            ideas = await maps.ideas_of(uow, conversation_id)
        before = edition.secret if edition else Findings()
        state, leaving = (kept.state or b"", kept.leaving) if kept else (b"", ())
        hidden = {one.id for one in ideas if one.hidden}
        behind = [one for one in ideas if one.shown.voters > _counted(before, one.id)]
        if behind or (edition and hidden != set(before.hidden)):
            state, news = await self._caught_up(conversation_id, state, behind, before)
            made = await self.in_thread(_renewed, state, news, hidden, leaving, before)
            await self._keep(conversation_id, kept, edition, ideas, made)
        elif kept and leaving:
            emptied = await self.in_thread(_without, state, leaving)
            after = MapKept(conversation_id, kept.version + 1, kept.edition_id, state=emptied)
            async with self._writing() as uow:
                _must(await maps.keep(uow, kept, after))

    async def _caught_up(
        self, conversation_id: UUID, state: bytes, behind: list[Weighed], before: Findings
    ) -> tuple[bytes, list[Fresh]]:
        """Read the new votes; of very many, take all but the last part into the state meanwhile."""
        news: list[Fresh] = []
        read = 0
        for one in behind:
            if read >= AT_A_TIME:
                state = await self.in_thread(_taken_up, state, news)
                news, read = [], 0
            votes = await self._votes(conversation_id, one.id, _since(before, one))
            news.append(Fresh(one.id, one.shown, votes))
            read += len(votes)
        return state, news

    async def _votes(self, conversation_id: UUID, idea_id: UUID, since: datetime | None) -> list[maps.Cast]:
        found: list[maps.Cast] = []
        while True:
            async with self._reading() as uow:
                after = UUID(bytes=found[-1][0]) if found else None
                page = await maps.votes_since(uow, conversation_id, idea_id, since, after, self.page)
            found += page
            if len(page) < self.page:
                return found

    async def _keep(
        self, conversation_id: UUID, kept: MapKept | None, before: Edition | None, ideas: list[Weighed], made: Renewed
    ) -> None:
        edition = before
        if before is None or made.findings != before.secret:
            edition = Edition(conversation_id, uuid7(), self.clock(), made.findings)
        assert edition is not None  # noqa: S101 (there is one, or one was just made)
        known = {one.id: one.extremity for one in ideas}
        moved = {idea: far for idea, far in made.extremities.items() if abs(far - known.get(idea, far)) >= MOVED}
        after = MapKept(conversation_id, kept.version + 1 if kept else 0, edition.id, state=made.state)
        async with self._writing() as uow:
            _must(await maps.keep(uow, kept, after))
            if edition is not before:
                uow.add(edition)
                uow.add(Due(uuid7(), MAPPED, self.clock(), conversation_id, None, f"{MAPPED}:{conversation_id}"))
            await uow.flush()
            await maps.move_ideas(uow, conversation_id, moved)
            await maps.drop_old(uow, conversation_id, edition.id)

    async def post(self, conversation_id: UUID) -> None:
        """Show the map in the conversation's rooms, drawn in each language; nothing where they have seen it so."""
        async with self._reading() as uow:
            edition = await maps.to_post(uow, conversation_id)
        if edition is None:
            return
        pictures = []
        if edition.secret.shapes:
            for locale in LOCALES:
                drawn = await self.in_thread(_drawn, edition.secret, locale, None)
                pictures.append(MapPicture(conversation_id, edition.id, locale, drawn))
        async with self._writing() as uow:
            still = await maps.to_post(uow, conversation_id, lock=True)
            if still is None or still.id != edition.id:
                raise Overtaken
            for picture in pictures:
                uow.add(picture)
            await uow.flush()
            await maps.post(uow, conversation_id, edition.id, self.clock())
            await maps.drop_old(uow, conversation_id, edition.id)
            uow.add(
                Outbox(
                    uuid7(), "", "fanout", FANOUT, self.clock(), conversation_id=conversation_id, subject="map",
                    subject_id=edition.id, unique_key=f"fanout:{edition.id}",
                )
            )  # fmt: skip

    async def picture(
        self, conversation_id: UUID, who: UUID | None, locale: str
    ) -> tuple[Findings, Place | None, bytes]:
        """Draw the latest map with somebody's place in it; no picture where there is nothing to draw."""
        async with self._reading() as uow:
            edition = await maps.latest(uow, conversation_id)
            votes = await maps.votes_of(uow, conversation_id, who) if who else {}
        findings = edition.secret if edition else Findings()
        here = place(findings, votes)
        if not findings.shapes:
            return findings, here, b""
        return findings, here, await self.in_thread(_drawn, findings, locale, here)

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[UnitOfWork]:
        async with self.database.reading() as connection:
            yield UnitOfWork(connection, self.keys)

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[UnitOfWork]:
        async with self.database.transaction() as connection:
            uow = UnitOfWork(connection, self.keys)
            yield uow
            await uow.flush()


def _counted(before: Findings, idea: UUID) -> int:
    known = before.ideas.get(idea)
    return known.counted if known else 0


def _since(before: Findings, one: Weighed) -> datetime | None:
    """From when on an idea's votes are new; of one that could not be taken up the last time all are read again."""
    known = before.ideas.get(one.id)
    return known.until if known and one.shown.voters < known.counted + 2 * SUM_STEP else None


def _must(kept: bool) -> None:  # noqa: FBT001 (the answer itself)
    if not kept:
        raise Overtaken


# -- in a thread, where numpy is loaded with the first map, and matplotlib with the first picture ----------------------


def _drawn(findings: Findings, locale: str, here: Place | None) -> bytes:
    words = map_picture.labels(findings.shapes, partial(render, locale=locale))
    return map_picture.draw(findings.shapes, words, here)


def _renewed(
    state: bytes, news: list[Fresh], hidden: Collection[UUID], leaving: Collection[UUID], before: Findings
) -> Renewed:
    from bot.opinion.findings import findings  # noqa: PLC0415 (numpy)
    from bot.opinion.state import brought_up  # noqa: PLC0415 (numpy)

    unseen = {one.bytes for one in hidden}
    made = brought_up(state, _news(news), unseen, {one.bytes for one in leaving})
    extremities = {UUID(bytes=one.idea): one.extremity for one in made.opinion.ideas}
    return Renewed(made.stored, findings(made.opinion, unseen, made.counted, before), extremities)


def _taken_up(state: bytes, news: list[Fresh]) -> bytes:
    from bot.opinion.state import taken_up  # noqa: PLC0415 (numpy)

    return taken_up(state, _news(news))


def _without(state: bytes, leaving: Collection[UUID]) -> bytes:
    from bot.opinion.state import without  # noqa: PLC0415 (numpy)

    return without(state, {one.bytes for one in leaving})


def _news(fresh: list[Fresh]) -> list[Any]:
    from bot.opinion.state import News  # noqa: PLC0415 (numpy)

    return [News(one.idea.bytes, one.shown, one.votes) for one in fresh]
