"""The harvest in a few lines, for a message: read in the transaction of what somebody asked, so it is cheap.

The order is that of the whole harvest (`bot.domain.harvest`), and so are the rules of what is told.
"""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import and_, func, select

from bot.domain.conversation import Conversation
from bot.domain.groups import THERE, HelperGroup
from bot.domain.harvest import Weighed, enough
from bot.domain.ideas import Idea
from bot.store import maps
from bot.store.harvest import rank, weighed
from bot.store.schema import gathering, help_, helper_group, idea, story
from bot.store.unit_of_work import UnitOfWork

NAMED = 3
"""So many ideas, and so many helper groups, are named."""
UNITING = 2
"""So many ideas are named that unite people."""


class ShortIdea(msgspec.Struct, frozen=True):
    """An idea that stands in front."""

    number: int
    text: str
    supporters: int
    weighed: Weighed | None


class ShortHarvest(msgspec.Struct, frozen=True):
    """How many took part (None below five), and how many ideas and helper groups there are, with the first of each.

    `unites` are ideas that unite people, the most uniting first; `hands` the one with the most hands, and how many.
    `needs` are those that nobody has met yet, `gatherings` those that were held.
    """

    people: int | None
    ideas: int
    groups: int
    first_ideas: tuple[ShortIdea, ...] = ()
    first_groups: tuple[str, ...] = ()
    unites: tuple[str, ...] = ()
    hands: tuple[str, int] | None = None
    needs: int = 0
    gatherings: int = 0
    stories: int = 0

    @property
    def anything(self) -> bool:
        """Whether there is something to harvest."""
        return bool(self.ideas or self.groups or self.needs or self.gatherings or self.stories)


async def load_short(uow: UnitOfWork, conversation: Conversation) -> ShortHarvest:
    """Read the harvest in short, in a few small queries."""
    shown = and_(idea.c.conversation_id == conversation.id, idea.c.state == "shown")
    query = select(idea.c.id, idea.c.number, idea.c.supporters, idea.c.shown_sums, idea.c.hands).where(shown)
    rows = await uow.rows(query)
    ranked = sorted((rank(supporters, weighed(sums), number), key) for key, number, supporters, sums, _hands in rows)
    first = [key for _rank, key in ranked[:NAMED]]
    helped = [
        key for _hands, _number, key in sorted((-hands, number, key) for key, number, *_, hands in rows if hands)[:1]
    ]
    uniting = await _uniting(uow, conversation.id)
    await uow.load(Idea, [(conversation.id, key) for key in (*first, *uniting, *helped)])
    known = {one.id: one for one in uow.met(Idea) if one.conversation_id == conversation.id and one.alive}
    groups, named = await _groups(uow, conversation.id)
    return ShortHarvest(
        enough(conversation.participants), len(ranked), groups,
        tuple(_short(known[key]) for key in first), named,
        tuple(known[key].text for key in uniting if key in known and known[key].mostly_agreed)[:UNITING],
        next(((known[key].text, known[key].hands) for key in helped), None),
        *await _counted(uow, conversation.id),
    )  # fmt: skip


def _short(one: Idea) -> ShortIdea:
    return ShortIdea(one.number, one.text, one.supporters, weighed(one.shown_sums))


async def _uniting(uow: UnitOfWork, conversation_id: UUID) -> tuple[UUID, ...]:
    """Give what unites people, as the latest map has it."""
    found = await maps.latest(uow, conversation_id)
    if found is None or found.secret.rung == "ideas":
        return ()
    return found.secret.unites if found.secret.groups else found.secret.all_agree


async def _groups(uow: UnitOfWork, conversation_id: UUID) -> tuple[int, tuple[str, ...]]:
    is_open = and_(helper_group.c.conversation_id == conversation_id, helper_group.c.state.in_(THERE))
    count = int((await uow.rows(select(func.count()).select_from(helper_group).where(is_open)))[0][0])
    oldest = helper_group.c.created_at, helper_group.c.id
    first = await uow.select(HelperGroup, lambda query: query.where(is_open).order_by(*oldest).limit(NAMED))
    return count, tuple(one.what for one in first)


async def _counted(uow: UnitOfWork, conversation_id: UUID) -> tuple[int, int, int]:
    """Count the open needs that all may read, the gatherings that were held, and the stories."""
    open_need = and_(help_.c.kind == "need", help_.c.shared.is_(True), help_.c.state.in_(("open", "resting")))
    counts = [
        select(func.count()).where(table.c.conversation_id == conversation_id, condition).scalar_subquery()
        for table, condition in (
            (help_, open_need), (gathering, and_(gathering.c.state == "held", gathering.c.what != "")),
            (story, story.c.state == "shown"),
        )
    ]  # fmt: skip
    needs, gatherings, stories = (await uow.rows(select(*counts)))[0]
    return needs, gatherings, stories
