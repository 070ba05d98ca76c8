"""What a host may want to know of a conversation: who is missing, what waits for somebody. Only sums, from five on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec
from sqlalchemy import and_, func, select

from bot.chat.content import Words
from bot.chat.keys import network_of
from bot.domain.conversation import Conversation
from bot.domain.ideas import ENOUGH_HANDS
from bot.domain.people import HATS
from bot.store import moderation, prompts
from bot.store.schema import help_, idea, match, participant, room, schedule
from bot.store.unit_of_work import UnitOfWork

FEW = 5


class Overview(msgspec.Struct, frozen=True):
    """Hats that five or more wear, with how many; those that fewer do. Networks with no group. How much waits.

    `brought` are the questions in the groups that brought ideas, with how many.
    """

    hats: tuple[tuple[str, int], ...] = ()
    missing: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    unled: int = 0
    needs: int = 0
    reports: int = 0
    paused: int = 0
    brought: tuple[tuple[Words, int], ...] = ()


async def load_overview(uow: UnitOfWork, conversation: Conversation, channels: Iterable[str]) -> Overview:
    """Read it; `channels` are those on which the bot is."""
    scope = conversation.id
    there = and_(participant.c.conversation_id == scope, participant.c.left.is_(False))
    worn: Counter[str] = Counter()
    for hats, count in await uow.rows(
        select(participant.c.hats, func.count()).where(there).group_by(participant.c.hats)
    ):
        worn.update(dict.fromkeys(hats, int(count)))
    linked = select(room.c.channel).where(room.c.conversation_id == scope, room.c.gone.is_(False)).distinct()
    here = {network_of(row[0]) for row in await uow.rows(linked)}
    hands = and_(
        idea.c.conversation_id == scope, idea.c.state == "shown", idea.c.hands >= ENOUGH_HANDS, idea.c.leads == 0
    )
    met = select(match.c.need_id).where(match.c.need_id == help_.c.id, match.c.introduced_at.is_not(None))
    alone = and_(help_.c.conversation_id == scope, help_.c.kind == "need", help_.c.state == "open", ~met.exists())
    rests = and_(schedule.c.conversation_id == scope, schedule.c.state == "paused")
    counts = [
        int((await uow.rows(select(func.count()).select_from(table).where(where)))[0][0])
        for table, where in ((idea, hands), (help_, alone), (schedule, rests))
    ]
    unled, needs, paused = counts
    return Overview(
        hats=tuple((hat, worn[hat]) for hat in HATS if worn[hat] >= FEW),
        missing=tuple(hat for hat in HATS if worn[hat] < FEW),
        networks=tuple(sorted({network_of(channel) for channel in channels} - here)),
        unled=unled,
        needs=needs,
        reports=len(await moderation.waiting(uow, scope)),
        paused=paused,
        brought=tuple((one.asked.question, one.ideas) for one in await prompts.brought(uow, scope)),
    )
