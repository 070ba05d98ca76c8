"""Erasing a person, everywhere and in one transaction.

Rules
-----
* What tied them to what they gave goes: memberships, accounts, the person. What stays hangs on a participant without a
  name, whom nothing leads to.
* Their votes go, and with them the true sums shrink. The shown sums stay as they were last published, until five more
  have voted than then: a new sum right after somebody left would tell how they voted. For the same reason the cards of
  ideas that they only weighed are not brought up to date at once: that would tell what they weighed.
* What they need and what they offered goes in any case, and so does what was about to be told of it.
* What others hold on to goes on: a conversation gets another host, a helper group another convener, if there is one.
* Their private room goes last, when the receipt has been sent: `bot.store.privacy.sweep_rooms`.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from bot.domain.conversation import Conversation
from bot.domain.gatherings import Gathering
from bot.domain.groups import HelperGroup
from bot.domain.ideas import Idea, Translation
from bot.domain.open_space import TopicSecret
from bot.domain.people import Participant, ParticipantSecret
from bot.domain.rooms import Room
from bot.domain.steps import Step, Story
from bot.handlers import (
    asking,
    calm,
    carrying,
    gatherings,
    helper_rooms,
    joining,
    needs,
    rsvps,
    sleeping,
    stepping,
    stories,
    translating,
)
from bot.handlers.context import Context
from bot.store import calm as calm_queries
from bot.store import maps, people
from bot.store import privacy as queries
from bot.store.records import Listening
from bot.views import groups as group_views
from bot.views import listen as listen_views
from bot.views import privacy as views


async def erase(ctx: Context, *, keep_ideas: bool) -> None:
    """Erase whoever acts, and tell them; their ideas go too, or stay without their name."""
    accounts = await queries.accounts(ctx.uow, ctx.me.id)
    keys = [account.secret.key for account in accounts]
    found = [await ctx.uow.get(Room, account.private_room_id) for account in accounts if account.private_room_id]
    rooms = {room.id: room for room in (ctx.room, *found) if room is not None}
    for said in await needs.mine_of(ctx):
        await needs.take_back(ctx, said)
    await carrying.forget(ctx)
    lookups = [ctx.membership_lookup(conversation_id) for conversation_id in ctx.me.secret.joined]
    for membership in await queries.memberships(ctx.uow, lookups):
        await _leave(ctx, await queries.mine(ctx.uow, membership), keep_ideas=keep_ideas)
    names = {account.secret.name for account in accounts}
    await calm.quieten(ctx, ctx.me.id)
    await sleeping.woken(ctx)
    talks = await queries.open_talk(ctx.uow, ctx.me.id)
    for gone in (
        *talks,
        *await calm_queries.theirs(ctx.uow, ctx.me.id),
        *await queries.proposals(ctx.uow, keys),
        *await queries.news_of(ctx.uow, names),
        *accounts,
        ctx.me,
    ):
        ctx.uow.remove(gone)
    await queries.drop_parked(ctx.uow, keys, list(rooms.values()))
    await queries.leave_rooms(ctx.uow, list(rooms.values()))
    for talk in talks:
        if isinstance(talk, Listening) and talk.open:  # Nobody speaks on in the belief that nothing is kept.
            ctx.say(listen_views.ended(), await ctx.uow.need(Room, talk.room_id))
    ctx.turn(views.erased(keep_ideas=keep_ideas))
    for room in rooms.values():
        if room.id != ctx.room.id:
            ctx.say(views.erased(keep_ideas=keep_ideas), room)


async def _leave(ctx: Context, mine: queries.Mine, *, keep_ideas: bool) -> None:
    me, uow = mine.participant, ctx.uow
    if not me.left:
        counted = mine.conversation.participants - 1
        uow.save(msgspec.structs.replace(mine.conversation, participants=max(counted, 0)))
    _take_back_votes(ctx, mine)
    if mine.votes and await maps.forget(uow, me.conversation_id, me.id):
        uow.add(maps.to_renew(mine.conversation, ctx.now, ctx.new_id(), "forget"))
    for idea in mine.ideas:
        await _let_go(ctx, idea, keep=keep_ideas)
    await _let_go_stories(ctx, mine.stories, keep=keep_ideas)
    for group in mine.groups.values():
        await _leave_group(ctx, group, mine, keep_words=keep_ideas)
    for invitation in mine.invitations:
        uow.save(msgspec.structs.replace(invitation, name=""))
    for report in mine.reports:
        uow.remove(report)
    await _leave_translations(ctx, mine, keep=keep_ideas)
    if not keep_ideas:
        await _take_back_plans(ctx, mine)
    if mine.conversation.host_id == me.id:
        await _hand_over(ctx, mine, keep_words=keep_ideas)
    await _leave_gatherings(ctx, mine, keep_words=keep_ideas)
    nobody = Participant(me.conversation_id, me.id, me.joined_at, ParticipantSecret(), left=True)
    uow.save(nobody)
    uow.remove(mine.membership)


async def _take_back_plans(ctx: Context, mine: queries.Mine) -> None:
    """The questions that they planned go, and the steps that they put into words, whoever took them."""
    for schedule in mine.schedules:
        await asking.forget(ctx, schedule)
    for one in mine.steps:
        if one.created_by == mine.participant.id:
            latest = await ctx.uow.need(Step, one.conversation_id, one.id)
            await stepping.save(ctx, msgspec.structs.replace(latest, what="", state="dropped", doer_id=None))


async def _leave_translations(ctx: Context, mine: queries.Mine, *, keep: bool) -> None:
    """What they put into another language stays without their name, or goes."""
    for one in mine.translations:
        idea = await ctx.uow.need(Idea, one.conversation_id, one.idea_id)
        still = await ctx.uow.get(Translation, idea.conversation_id, idea.id, one.locale)
        if still is not None and not keep:
            translating.remove(ctx, idea, still)
        ctx.refresh("idea", idea.conversation_id, idea.id)


def _take_back_votes(ctx: Context, mine: queries.Mine) -> None:
    """Count the votes and the support away; only support is open, so only its cards change now."""
    changed: dict[UUID, Idea] = {}
    for vote in mine.votes:
        idea = changed.get(vote.idea_id, mine.known[vote.idea_id])
        sums = idea.sums.with_vote(vote.value, -1)
        changed[idea.id] = msgspec.structs.replace(idea, sums=sums, voters=sums.voters)
        ctx.uow.remove(vote)
    for support in mine.supports:
        idea = changed.get(support.idea_id, mine.known[support.idea_id])
        changed[idea.id] = msgspec.structs.replace(idea, supporters=max(idea.supporters - 1, 0))
        ctx.uow.remove(support)
        ctx.refresh("idea", idea.conversation_id, idea.id)
    for hand in mine.hands:
        idea = changed.get(hand.idea_id, mine.known[hand.idea_id])
        changed[idea.id] = msgspec.structs.replace(idea, hands=max(idea.hands - 1, 0))
        ctx.uow.remove(hand)
        ctx.refresh("idea", idea.conversation_id, idea.id)
    for idea in changed.values():
        ctx.uow.save(idea)


async def _let_go(ctx: Context, idea: Idea, *, keep: bool) -> None:
    """An idea stays without a name, or its words go; one that was taken back before never stays."""
    latest = await ctx.uow.need(Idea, idea.conversation_id, idea.id)
    if keep and idea.state != "withdrawn":
        fresh = msgspec.structs.replace(latest, named=False, source=b"")
    else:
        fresh = msgspec.structs.replace(latest, named=False, source=b"", text="", tags=(), state="withdrawn")
    ctx.uow.save(fresh)
    ctx.refresh("idea", idea.conversation_id, idea.id)
    if not fresh.readable and idea.readable:
        await joining.ceased(ctx, fresh)
    if not fresh.text:
        await translating.outdated(ctx, await ctx.uow.need(Idea, idea.conversation_id, idea.id))


async def _let_go_stories(ctx: Context, told: Sequence[Story], *, keep: bool) -> None:
    """Stories stay without a name, or their words and pictures go."""
    for story in told:
        fresh = msgspec.structs.replace(story, named=False)
        if not keep or story.state == "withdrawn":
            fresh = msgspec.structs.replace(fresh, text="", state="withdrawn", pictured=False)
            await stories.take_away(ctx, story)
        ctx.uow.save(fresh)
        ctx.refresh("story", story.conversation_id, story.id)


async def _leave_group(ctx: Context, group: HelperGroup, mine: queries.Mine, *, keep_words: bool) -> None:
    """Leave a helper group; a convener is followed by who has been in it longest. Words of others' group stay."""
    member = next((one for one in mine.members if one.group_id == group.id), None)
    if member is not None:
        ctx.uow.remove(member)
        await stepping.let_go(ctx, group, mine.participant.id)
        group = msgspec.structs.replace(group, members=max(group.members - 1, 0))
    heir = await queries.first_member(ctx.uow, group, mine.participant.id)
    if group.convener_id == mine.participant.id:
        if heir is not None:
            group = msgspec.structs.replace(group, convener_id=heir.id, offered_to=None)
            await calm.note(ctx, heir, group_views.handed_over(group, ""), at=ctx.now)
            await helper_rooms.entrust(ctx, group)
        elif not keep_words:
            group = msgspec.structs.replace(group, what="", whom="", needs="", first_step="", state="ended")
    ctx.uow.save(group)
    ctx.refresh("group", group.conversation_id, group.id)


async def _leave_gatherings(ctx: Context, mine: queries.Mine, *, keep_words: bool) -> None:
    """Give back seats, and let go of what was convened, brought and written: to who runs the group, or the host."""
    for presence in mine.presences:
        ctx.uow.remove(presence)
    for answer in mine.rsvps:
        await rsvps.withdraw(ctx, mine.gatherings[answer.gathering_id], answer)
    for note in mine.notes:
        if not keep_words:
            ctx.uow.remove(note)
    for topic in mine.topics:
        if not keep_words:
            ctx.uow.save(msgspec.structs.replace(topic, title="", secret=TopicSecret(), state="withdrawn"))
        ctx.refresh("topic", topic.conversation_id, topic.id)
    for one in mine.gatherings.values():
        if one.convener_id == mine.participant.id:
            await gatherings.hand_on(ctx, one, await _runs_next(ctx, one, mine.participant), keep_words=keep_words)


async def _runs_next(ctx: Context, one: Gathering, leaving: Participant) -> Participant | None:
    """Give who runs a gathering from now on: whoever holds its group together, or hosts the conversation."""
    group = await ctx.uow.get(HelperGroup, one.conversation_id, one.group_id) if one.group_id else None
    conversation = await ctx.uow.need(Conversation, one.conversation_id)
    for heir_id in (group.convener_id if group and group.state == "open" else None, conversation.host_id):
        heir = await ctx.uow.get(Participant, one.conversation_id, heir_id) if heir_id else None
        if heir is not None and heir.id != leaving.id and not heir.left:
            return heir
    return None


async def _hand_over(ctx: Context, mine: queries.Mine, *, keep_words: bool) -> None:
    """Somebody else becomes host. Where nobody is left the conversation goes on without, or ends if its words go."""
    conversation = await ctx.uow.need(Conversation, mine.conversation.id)
    heir = await people.successor(ctx.uow, conversation.id, mine.participant.id)
    if not keep_words:
        conversation = msgspec.structs.replace(conversation, why="")
    if heir is not None:
        conversation = msgspec.structs.replace(conversation, host_id=heir.id)
        ctx.uow.save(msgspec.structs.replace(heir, role="host"))
        await calm.note(ctx, heir, views.hosting(conversation), at=ctx.now)
    elif not keep_words:
        conversation = msgspec.structs.replace(
            conversation,
            question="",
            values=(),
            givens="",
            findable="invited",
            closed_at=conversation.closed_at or ctx.now,
        )
        for room in await queries.linked_rooms(ctx.uow, conversation.id):
            ctx.uow.save(msgspec.structs.replace(room, conversation_id=None, group_id=None))
        ctx.refresh("conversation", conversation.id, conversation.id)
    ctx.uow.save(conversation)
