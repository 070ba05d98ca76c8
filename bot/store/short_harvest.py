"""The harvest in a few lines, for a message: read in the transaction of what somebody asked, so it is cheap.

The order is that of the whole harvest (`bot.domain.harvest`), and so are the rules of what is told.
"""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import and_, func, select

from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.harvest import Weighed, enough
from bot.domain.ideas import Idea
from bot.store.harvest import rank, weighed
from bot.store.schema import helper_group, idea
from bot.store.unit_of_work import UnitOfWork

NAMED = 3
"""So many ideas, and so many helper groups, are named."""


class ShortIdea(msgspec.Struct, frozen=True):
    """An idea that stands in front."""

    number: int
    text: str
    supporters: int
    weighed: Weighed | None


class ShortHarvest(msgspec.Struct, frozen=True):
    """How many took part (None below five), and how many ideas and helper groups there are, with the first of each."""

    people: int | None
    ideas: int
    groups: int
    first_ideas: tuple[ShortIdea, ...] = ()
    first_groups: tuple[str, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether there is something to harvest."""
        return bool(self.ideas or self.groups)


async def load_short(uow: UnitOfWork, conversation: Conversation) -> ShortHarvest:
    """Read the harvest in short, in four small queries."""
    shown = and_(idea.c.conversation_id == conversation.id, idea.c.state == "shown")
    query = select(idea.c.id, idea.c.number, idea.c.supporters, idea.c.shown_sums).where(shown)
    ranked = sorted(
        (rank(supporters, weighed(sums), number), key)
        for key, number, supporters, sums in await uow.rows(query)
    )  # fmt: skip
    first = [key for _rank, key in ranked[:NAMED]]
    await uow.load(Idea, [(conversation.id, key) for key in first])
    ideas = [await uow.need(Idea, conversation.id, key) for key in first]
    groups, named = await _groups(uow, conversation.id)
    return ShortHarvest(
        enough(conversation.participants), len(ranked), groups,
        tuple(ShortIdea(one.number, one.text, one.supporters, weighed(one.shown_sums)) for one in ideas), named,
    )  # fmt: skip


async def _groups(uow: UnitOfWork, conversation_id: UUID) -> tuple[int, tuple[str, ...]]:
    is_open = and_(helper_group.c.conversation_id == conversation_id, helper_group.c.state != "ended")
    count = int((await uow.rows(select(func.count()).select_from(helper_group).where(is_open)))[0][0])
    oldest = helper_group.c.created_at, helper_group.c.id
    first = await uow.select(HelperGroup, lambda query: query.where(is_open).order_by(*oldest).limit(NAMED))
    return count, tuple(one.what for one in first)
