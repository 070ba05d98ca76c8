"""Queries about opinion maps: what was made, what it is kept up from, and the votes to count.

Votes are read a few thousand at a time, each in a transaction of its own, so that nobody waits for a large map.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import and_, bindparam, delete, func, select, update

from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea, Sums
from bot.domain.maps import Edition, differs
from bot.store import direct
from bot.store.records import FANOUT, MapKept, MapPicture, Outbox
from bot.store.schema import edition, idea, map_kept, map_picture, vote
from bot.store.unit_of_work import UnitOfWork

PAGE = 1000
"""Votes read in one transaction."""
SOON = timedelta(milliseconds=10)
"""After this long for each participant a map is renewed."""
Why = Literal["map", "post", "forget"]


class Weighed(NamedTuple):
    """What the map has to know of an idea: how people see its sums, and whether it is hidden or taken back."""

    id: UUID
    shown: Sums
    hidden: bool
    extremity: float


Cast = tuple[bytes, int, datetime]
"""A vote: whose, what (+1, 0, -1), when. Plain, since there may be a million of them."""


class Head(NamedTuple):
    """What is known of a conversation's maps without the state itself, which may be large."""

    version: int
    edition_id: UUID | None
    posted_id: UUID | None
    leaving: tuple[UUID, ...]


async def head(uow: UnitOfWork, conversation_id: UUID, *, lock: bool = False) -> Head | None:
    """Give which map is the latest, and which was posted; `lock`: nobody else changes that before the commit."""
    mine = map_kept.c.conversation_id == conversation_id
    query = select(map_kept.c.version, map_kept.c.edition_id, map_kept.c.posted_id, map_kept.c.leaving).where(mine)
    if lock and uow.connection.dialect.name == "postgresql":
        query = query.with_for_update()
    found = await uow.rows(query)
    return Head(*found[0]) if found else None


async def latest(uow: UnitOfWork, conversation_id: UUID) -> Edition | None:
    """Give the latest map of a conversation."""
    found = await head(uow, conversation_id)
    return await uow.get(Edition, conversation_id, found.edition_id) if found and found.edition_id else None


def to_renew(conversation: Conversation, now: datetime, row_id: UUID, why: Why = "map") -> Outbox:
    """Make the row that has the map of a conversation renewed; to `post` it then, or to `forget` somebody at once.

    Many that come soon after another are one; a large conversation waits longer, since its map takes longer to make.
    """
    at = now + SOON * conversation.participants if why == "map" else now
    name = f"map-{why}:{conversation.id}"
    return Outbox(
        row_id, "", "map", FANOUT, at, conversation_id=conversation.id, subject=why, unique_key=name, state="making"
    )  # fmt: skip


async def ideas_of(uow: UnitOfWork, conversation_id: UUID) -> list[Weighed]:
    """Give what the map has to know of all ideas that somebody has weighed."""
    query = select(idea.c.id, idea.c.shown_sums, idea.c.state, idea.c.extremity)
    rows = await uow.rows(query.where(idea.c.conversation_id == conversation_id, idea.c.voters > 0))
    return [Weighed(row[0], row[1], row[2] != "shown", row[3]) for row in rows]


async def votes_since(
    uow: UnitOfWork, conversation_id: UUID, idea_id: UUID, since: datetime | None, after: UUID | None, most: int = PAGE
) -> list[Cast]:
    """Give votes on an idea, by voter: those from a moment on, of voters `after` one; a page of them."""
    query = select(vote.c.participant_id, vote.c.value, vote.c.created_at).where(
        vote.c.conversation_id == conversation_id, vote.c.idea_id == idea_id
    )
    if since is not None:
        query = query.where(vote.c.created_at >= since)
    if after is not None:
        query = query.where(vote.c.participant_id > after)
    rows = await uow.rows(query.order_by(vote.c.participant_id).limit(most))
    return [(row[0].bytes, row[1], row[2]) for row in rows]


async def votes_of(uow: UnitOfWork, conversation_id: UUID, participant_id: UUID) -> dict[UUID, int]:
    """Give somebody's own votes, by idea."""
    own = and_(vote.c.conversation_id == conversation_id, vote.c.participant_id == participant_id)
    return {row[0]: row[1] for row in await uow.rows(select(vote.c.idea_id, vote.c.value).where(own))}


async def anybody_weighed(uow: UnitOfWork, conversation_id: UUID, most: int, ideas: int = 1) -> int:
    """Count those who have weighed so many ideas or more, up to `most` of them."""
    count = select(vote.c.participant_id).where(vote.c.conversation_id == conversation_id)
    some = count.group_by(vote.c.participant_id).having(func.count() >= ideas).limit(most).subquery()
    return int((await uow.rows(select(func.count()).select_from(some)))[0][0])


async def keep(uow: UnitOfWork, before: MapKept | None, after: MapKept) -> bool:
    """Store from what the map is kept up; False where it has changed meanwhile, and nothing is stored."""
    if before is None:
        if await head(uow, after.conversation_id) is not None:
            return False
        uow.add(after)
        await uow.flush()
        return True
    mine = and_(map_kept.c.conversation_id == before.conversation_id, map_kept.c.version == before.version)
    values = {"version": after.version, "edition_id": after.edition_id, "leaving": after.leaving, "state": after.state}
    return bool((await uow.connection.execute(update(map_kept).where(mine).values(values))).rowcount)


async def drop_old(uow: UnitOfWork, conversation_id: UUID, latest_id: UUID) -> None:
    """Drop the maps that are neither the latest nor the posted one, and their pictures."""
    found = await head(uow, conversation_id)
    kept = [one for one in (latest_id, found.posted_id if found else None) if one]
    for table, column in ((edition, edition.c.id), (map_picture, map_picture.c.edition_id)):
        old = and_(table.c.conversation_id == conversation_id, column.not_in(kept))
        await uow.connection.execute(delete(table).where(old))


async def move_ideas(uow: UnitOfWork, conversation_id: UUID, extremities: Mapping[UUID, float]) -> None:
    """Note how far ideas move people; ideas that are just being changed keep what they have until the next map."""
    here = and_(idea.c.conversation_id == conversation_id, idea.c.id.in_(list(extremities)))
    free = select(idea.c.id).where(here).order_by(idea.c.id)
    if uow.connection.dialect.name == "postgresql":
        free = free.with_for_update(skip_locked=True)
    rows = [{"of": conversation_id, "which": row[0], "far": extremities[row[0]]} for row in await uow.rows(free)]
    if rows:
        await direct.write(uow.connection, _MOVE, rows)


_MOVE = (
    update(idea)
    .where(idea.c.conversation_id == bindparam("of", type_=idea.c.id.type))
    .where(idea.c.id == bindparam("which", type_=idea.c.id.type))
    .values(extremity=bindparam("far"))
)


async def to_post(uow: UnitOfWork, conversation_id: UUID, *, lock: bool = False) -> Edition | None:
    """Give the latest map, if it says something that was not posted yet; `lock` as of `head`."""
    found = await head(uow, conversation_id, lock=lock)
    if found is None or found.edition_id is None:
        return None
    edition = await uow.get(Edition, conversation_id, found.edition_id)
    posted = await uow.get(Edition, conversation_id, found.posted_id) if found.posted_id else None
    if edition is None or edition.secret.rung == "ideas":
        return None
    return edition if posted is None or differs(posted.secret, edition.secret) else None


async def post(uow: UnitOfWork, conversation_id: UUID, edition_id: UUID, now: datetime) -> None:
    """Note which map was posted, and when."""
    mine = map_kept.c.conversation_id == conversation_id
    await uow.connection.execute(update(map_kept).where(mine).values(posted_id=edition_id, posted_at=now))


async def picture(uow: UnitOfWork, conversation_id: UUID, edition_id: UUID, locale: str) -> bytes:
    """Give the picture of a map in a language; nothing where it was not drawn."""
    found = await uow.get(MapPicture, conversation_id, edition_id, locale)
    return found.secret if found else b""


async def forget(uow: UnitOfWork, conversation_id: UUID, who: UUID) -> bool:
    """Note that somebody's votes are to go from what the map is kept up from; tells whether there is anything."""
    found = await head(uow, conversation_id, lock=True)
    if found is None:
        return False
    values = {"version": found.version + 1, "leaving": (*found.leaving, who)}
    await uow.connection.execute(update(map_kept).where(map_kept.c.conversation_id == conversation_id).values(values))
    return True


async def seen(uow: UnitOfWork, conversation_id: UUID, wanted: Collection[UUID]) -> dict[UUID, Idea]:
    """Give ideas by id, those that people can see."""
    await uow.load(Idea, [(conversation_id, one) for one in wanted])
    found = [await uow.get(Idea, conversation_id, one) for one in wanted]
    return {one.id: one for one in found if one is not None and one.alive}
