"""Needs and offers behind the scenes: whose they are, who may suit whom, and what is told when and to whom.

Rules
-----
* Whose a need or an offer is nobody learns from here before both sides have said yes.
* A need and an offer are put to people together once, ever: a no lasts, and the other side does not hear of it.
* Whoever acts is answered at once; the other side hears with the day's message (`calm`).
* A need that nobody came for is shown again a few times, and then rests.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec

from bot.chat.content import Content, Words
from bot.chat.keys import network_of
from bot.domain.conversation import Conversation
from bot.domain.likeness import related
from bot.domain.needs import AGAIN, MATCHES, YES, Help, Match, not_matched
from bot.domain.people import Participant, Person
from bot.domain.rooms import Room
from bot.handlers import calm
from bot.handlers.context import Context
from bot.handlers.means import Means
from bot.store import needs as queries
from bot.store import privacy
from bot.store.records import Due
from bot.views import matches as match_views
from bot.views import needs as views

LISTENS = " lyssna samtala prata sällskap listen talk"
"""What an offer to listen says besides its own words."""
WAKES, ANEW = "need again", "need anew"
CHUNK = 50
"""So many earlier cards of a need are ended in one transaction: what a press may have to wait for."""


def owner_of(means: Means, person_id: UUID) -> bytes:
    """Give the keyed hash by which somebody's own needs and offers are found."""
    return means.keys.lookup("helper", person_id.bytes)


async def whose(means: Means, one: Help) -> Person | None:
    """Give the person behind a need or an offer, to write to them; for nothing else."""
    if one.conversation_id is None or one.author_id is None:
        return await means.uow.get(Person, one.secret.person_id) if one.secret.person_id else None
    author = await means.uow.get(Participant, one.conversation_id, one.author_id)
    return await means.person_of(author) if author is not None else None


async def name_of(means: Means, one: Help) -> str:
    """Give the name that somebody shows, for who may know it."""
    if one.conversation_id is not None:
        return await queries.name_of(means.uow, one)
    accounts = await privacy.accounts(means.uow, one.secret.person_id) if one.secret.person_id else []
    return max(accounts, key=lambda account: account.id).secret.name if accounts else ""


async def reach(ctx: Context, other: Help, *, known: bool = False) -> dict[str, str]:
    """Give, for a dialogue, by which account the other side may reach this person, if they share a network.

    `known`: both know each other already.
    """
    given = {"known": await name_of(ctx, other)} if known else {}
    if await apart(ctx, other, ctx.me.id):
        return given | {"apart": "yes"}
    return given | {"address": ctx.event.sender.address}


async def apart(means: Means, other: Help, person_id: UUID) -> bool:
    """Whether two people have no network in common."""
    them = await whose(means, other)
    if them is None:
        return False
    theirs, own = await privacy.accounts(means.uow, them.id), await privacy.accounts(means.uow, person_id)
    return not {network_of(one.channel) for one in theirs} & {network_of(one.channel) for one in own}


async def tell(means: Means, one: Help, content: Content, once: str = "") -> bool:
    """Tell whoever a need or an offer belongs to something that they did not ask for; gives whether they can be."""
    person = await whose(means, one)
    return person is not None and await calm.note(means, person, content, soon=True, once=once)


async def bring_together(means: Means, one: Help) -> list[tuple[Match, Help]]:
    """Find what may suit and was never put to them; the other sides are asked. Gives the new matches, likeliest first.

    Whoever cannot be reached now is not asked, and may be another time.
    Where a need is for somebody who listens, all who offered just that may suit it.
    """
    fresh = not_matched(await queries.suiting(means.uow, one), await queries.matches_of(means.uow, one), one.id)
    known = {found.id: found for found in fresh}
    likely = related(_words(one), [(found.id, _words(found)) for found in fresh], most=2 * MATCHES)
    me = await whose(means, one)
    made: list[tuple[Match, Help]] = []
    for found in (known[identity] for identity in likely):
        them = await whose(means, found)
        if len(made) == MATCHES or them is None or (me is not None and them.id == me.id):
            continue
        if await means.private_room_of(them.id) is None:
            continue
        made.append((await put_together(means, one, found), found))
    return made


async def put_together(means: Means, one: Help, other: Help, *, says: int = 0, way: str = "") -> Match:
    """Match two, and ask the other side; the first may have said yes already."""
    need, offer = (one, other) if one.kind == "need" else (other, one)
    match = Match(means.new_id(), need.id, offer.id, means.now).with_answer(one.id, says, way)
    means.uow.add(match)
    await tell(
        means, other, match_views.may_suit(other, one, match, theirs_waits=says == YES), once=f"match:{match.id}"
    )
    return match


async def say_that_they_wait(means: Means, match: Match, one: Help, other: Help) -> None:
    """Let who is yet to be told what may suit `one` hear with it that the other side has said yes."""
    person, once = await whose(means, one), f"match:{match.id}"
    if person is not None and await calm.waiting(means, person, once) is not None:
        await tell(means, one, match_views.may_suit(one, other, match, theirs_waits=True), once=once)


async def introduce(means: Means, match: Match, need: Help, offer: Help, acting: Help) -> Content:
    """Both have said yes: they learn each other's names. Gives what whoever acts is told; the other hears of it."""
    match = msgspec.structs.replace(match, introduced_at=means.now)
    means.uow.save(match)
    other = offer if acting.id == need.id else need
    them, me = await whose(means, other), await whose(means, acting)
    far = them is not None and me is not None and await apart(means, other, me.id)
    told = match_views.introduced(await name_of(means, acting), acting, match, apart=far)
    await tell(means, other, told, once=f"met:{match.id}")
    helpers = await queries.helpers_of(means.uow, need)
    if queries.enough(helpers) and need.group_id is None:
        for one in helpers:
            if one.id != acting.id:  # They are asked at once.
                await tell(means, one, match_views.who_holds(need, len(helpers)), once=f"holds:{need.id}")
    return match_views.introduced(await name_of(means, other), other, match, apart=far)


async def waiting(means: Means, one: Help) -> list[tuple[Match, Help]]:
    """Give the matches that wait for this side's answer, the oldest first."""
    found = []
    for match in await queries.matches_of(means.uow, one):
        other = await means.uow.get(Help, match.other(one.id))
        if other is not None and other.alive and not match.refused and match.said(one.id) == 0:
            found.append((match, other))
    return found[:MATCHES]


async def asked(means: Means, one: Help) -> bool:
    """Whether this side has said yes to somebody who has not answered yet."""
    return any(match.said(one.id) == YES and not match.both for match in await queries.matches_of(means.uow, one))


async def met(means: Means, one: Help) -> list[tuple[Words, Help, str]]:
    """Give those to whom somebody was introduced: name, words, and how to reach them."""
    found: list[tuple[Words, Help, str]] = []
    for match in await queries.matches_of(means.uow, one):
        other = await means.uow.get(Help, match.other(one.id))
        if match.introduced_at is not None and other is not None:
            found.append((await name_of(means, other), other, match.way(other.id)))
    return found[-MATCHES:]


async def wait_again(means: Means, need: Help) -> None:
    """Have a need shown again after a while, counted from now."""
    after = AGAIN[need.shown] - (AGAIN[need.shown - 1] if need.shown else timedelta())
    await means.wake_instead(WAKES, means.now + after, subject_id=need.id, once=f"need:{need.id}")


async def again(means: Means, due: Due) -> None:
    """Show a need again that nobody has come for; after the last time it rests."""
    need = await means.uow.get(Help, due.subject_id) if due.subject_id else None
    if need is None or need.state != "open" or await queries.helpers_of(means.uow, need):
        return
    of = await means.uow.get(Conversation, need.conversation_id) if need.conversation_id else None
    over = of is not None and of.closed_at is not None
    need = msgspec.structs.replace(need, shown=need.shown + 1)
    if over or need.shown >= len(AGAIN):
        need = msgspec.structs.replace(need, state="resting")
        means.uow.save(need)
        if not over:
            await tell(means, need, views.rests(need), once=f"rests:{need.id}")
        return
    means.uow.save(need)
    if not await bring_together(means, need):
        await show_anew(means, need)
    await wait_again(means, need)


async def show_anew(means: Means, need: Help) -> None:
    """Let a shared need come to the conversation's rooms as a new card, which takes the place of the earlier one."""
    if not need.shared or need.conversation_id is None:
        return
    cards = await queries.cards_of(means.uow, need.id, CHUNK)
    await means.uow.load(Room, [(card.room_id,) for card in cards])
    for card in cards:
        means.uow.remove(card)
        room = await means.uow.get(Room, card.room_id)
        if room is not None and card.message_id:
            means.replace(card.message_id, Content.of(views.FURTHER_DOWN), room)
    if len(cards) == CHUNK:
        means.wake_at(ANEW, means.now, subject_id=need.id)
    else:
        means.publish("need", need.conversation_id, need.id)


async def go_on(means: Means, due: Due) -> None:
    """Go on with showing a need anew."""
    need = await means.uow.get(Help, due.subject_id) if due.subject_id else None
    if need is not None and need.alive:
        await show_anew(means, need)


def _words(one: Help) -> str:
    return one.text + LISTENS if one.listens else one.text


DUE = {WAKES: again, ANEW: go_on}
