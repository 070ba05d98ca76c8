"""Open Space: bring a topic, look at the marketplace, move between topics, and gather the book of the day.

Rules
-----
* Whoever may read the conversation may look; to move is no contribution, to bring a topic is one.
* Whoever brought a topic, and whoever runs the gathering, can move it or take it down; its card and the wall show it,
  and whoever said that they are there is told (`gathering_times`).
* One is at one topic at a time: to go somewhere is to leave where one was. Where people have been is counted when the
  day is over, and then dropped.
"""

from __future__ import annotations

import msgspec

from bot.chat.content import Action, Content
from bot.domain.conversation import Conversation
from bot.domain.gatherings import HOUR, Gathering, MeetingNote
from bot.domain.ideas import Idea
from bot.domain.open_space import MAX_TOPICS, SLOT, ChangeTopic, PostTopic, Presence, Topic, TopicSecret, beside, slots
from bot.flows.commands import GiveIdeas
from bot.handlers import dialogues, doors, ideas, membership, rsvps
from bot.handlers.context import Context, Sorry
from bot.handlers.means import Means
from bot.store import gatherings as gathering_queries
from bot.store import open_space as queries
from bot.store.records import Card
from bot.views import cards, common
from bot.views import gatherings as gathering_views
from bot.views import open_space as views

PAGE = 6
LOOKED_AT = 20
MOVED = "topic_moved"


async def topic(ctx: Context, argument: str) -> None:
    """Look at the marketplace of the Open Space that is on, or next; with words, bring a topic."""
    conversation = await membership.reader(ctx, (await membership.meant(ctx)).id)
    coming = await gathering_queries.coming(ctx.uow, conversation.id, ctx.now, 0, LOOKED_AT)
    one = next((each for each in coming if each.open_space), None)
    if one is None:
        plan = common.button(gathering_views.PLAN_OPEN, "meet", conversation.id, None, "open")
        raise Sorry(views.NONE_COMING, common.column(plan))
    if not argument:
        await _market(ctx, one, 0)
        return
    await membership.may_contribute(ctx, conversation)
    found = one

    async def begin() -> None:
        await _begin(ctx, found, argument)

    if ctx.private or not await doors.begun_in_private(ctx, conversation, begin):
        await begin()


async def market(ctx: Context, action: Action) -> None:
    """Show the marketplace; the argument is how many topics to pass over."""
    _conversation, one = await rsvps.meant(ctx, action)
    skip = int(action.arg) if action.arg.isascii() and action.arg.isdecimal() and len(action.arg) < 5 else 0  # noqa: PLR2004 (digits)
    await _market(ctx, one, skip)


async def _market(ctx: Context, one: Gathering, skip: int) -> None:
    topics = await queries.topics(ctx.uow, one)
    here = await queries.here(ctx.uow, one)
    ctx.turn(views.market(one, topics, here, skip, PAGE, running=running(one, ctx)))


def running(one: Gathering, means: Means) -> bool:
    """Whether an Open Space is on, or about to begin."""
    return one.state == "planned" and one.at - HOUR <= means.now < one.ends_at


async def begin_post(ctx: Context, action: Action) -> None:
    """Begin to bring a topic."""
    conversation, one = await rsvps.meant(ctx, action)
    if not one.open_space:
        raise Sorry(common.STALE)
    await membership.may_contribute(ctx, conversation)
    await _begin(ctx, one, "")


async def _begin(ctx: Context, one: Gathering, words: str) -> None:
    _still_on(ctx, one)
    if not ctx.private:
        await doors.lead_to_private(ctx, Action("posttopic", one.conversation_id, one.id))
        return
    await membership.mean(ctx, one.conversation_id)
    params = {"conversation": str(one.conversation_id), "gathering": str(one.id), "words": words}
    await dialogues.begin(ctx, "topic", params | await _offered(ctx, one))


async def _offered(ctx: Context, one: Gathering) -> dict[str, str]:
    """Give the hours that are not over, and the places of other topics, for a dialogue to offer."""
    known = await queries.topics(ctx.uow, one)
    places = dict.fromkeys(each.secret.place for each in known if each.secret.place)
    hours = [at for at in slots(one) if at + SLOT > ctx.now] or slots(one)[-1:]
    return {
        "zone": one.zone, "slots": " ".join(str(int(at.timestamp())) for at in hours),
        "spots": "\n".join([*places][:6]),
    }  # fmt: skip


async def post(ctx: Context, command: PostTopic) -> None:
    """Put a topic on the wall."""
    conversation = await membership.reader(ctx, command.conversation_id)
    convener = await membership.contributor(ctx, conversation)
    one = await ctx.uow.get(Gathering, conversation.id, command.gathering_id)
    if one is None:
        raise Sorry(gathering_views.GONE)
    _still_on(ctx, one)
    await gathering_queries.locked(ctx.uow, conversation.id, one.id)
    number = await queries.last_number(ctx.uow, one) + 1
    if number > MAX_TOPICS:
        raise Sorry(views.FULL)
    made = Topic(
        conversation.id, ctx.new_id(), one.id, number, convener.id, command.title, ctx.now, command.at,
        TopicSecret(command.place, command.slot),
    )  # fmt: skip
    ctx.uow.add(made)
    ctx.refresh("gathering", conversation.id, one.id)
    ctx.turn(views.posted(made, beside(made, await queries.topics(ctx.uow, one))))
    ctx.show_card("topic", conversation.id, made.id)


def _still_on(ctx: Context, one: Gathering) -> None:
    if one.state == "off":
        raise Sorry(gathering_views.CALLED_OFF)
    if not one.coming(ctx.now):
        raise Sorry(gathering_views.OVER)


async def show(ctx: Context, action: Action) -> None:
    """Show a topic's card, or what was said in it."""
    conversation, found, one = await meant(ctx, action)
    if action.arg == "more":
        if not ctx.private:
            await doors.lead_to_private(ctx, action)
            return
        me = await ctx.participant(conversation.id)
        notes = (await notes_of(ctx, one)).get(found.id, [])
        mine = me is not None and me.id == found.convener_id
        ctx.turn(views.more(found, one, notes, mine=mine, runs=await _may_change(ctx, found, one)))
    elif action.arg == "down":
        await _take_down(ctx, found, one)
    elif action.arg in {"when", "where"}:
        if not ctx.private:
            await doors.lead_to_private(ctx, action)
            return
        await _to_change(ctx, found, one)
        params = {"conversation": str(conversation.id), "topic": str(found.id), "field": action.arg}
        await dialogues.begin(ctx, "retopic", params | await _offered(ctx, one))
    elif ctx.private:
        await _show(ctx, found)
    else:
        content = await cards.card_content(ctx.uow, "topic", conversation.id, found.id, ctx.room)
        if content is not None:
            ctx.say(content, only_me=True)


async def _show(ctx: Context, found: Topic) -> None:
    """Show a topic's card anew, in the place of an earlier one."""
    earlier = await ctx.uow.get(Card, ctx.room.id, "topic", found.id)
    if earlier is not None:
        ctx.uow.remove(earlier)
    ctx.show_card("topic", found.conversation_id, found.id)


async def _take_down(ctx: Context, found: Topic, one: Gathering) -> None:
    """Take a topic from the wall: by whoever brought it, or runs the gathering."""
    await _to_change(ctx, found, one)
    _keep(ctx, msgspec.structs.replace(found, state="withdrawn"))
    await _tell_those_there(ctx, found)
    ctx.turn(Content.of(views.TAKEN_DOWN))


async def change(ctx: Context, command: ChangeTopic) -> None:
    """Let a topic be talked about at another time, or in another place."""
    conversation = await membership.reader(ctx, command.conversation_id)
    found = await ctx.uow.get(Topic, conversation.id, command.topic_id)
    if found is None or found.state != "shown":
        raise Sorry(views.GONE)
    one = await ctx.uow.need(Gathering, conversation.id, found.gathering_id)
    await _to_change(ctx, found, one)
    if command.place:
        changed = msgspec.structs.replace(found, secret=TopicSecret(command.place, found.secret.slot))
    else:
        changed = msgspec.structs.replace(found, at=command.at, secret=TopicSecret(found.secret.place, command.slot))
    _keep(ctx, changed)
    await _tell_those_there(ctx, changed)
    ctx.turn(views.changed(changed, beside(changed, await queries.topics(ctx.uow, one))))
    await _show(ctx, changed)


async def _may_change(ctx: Context, found: Topic, one: Gathering) -> bool:
    """Whether somebody may move a topic or take it down: who brought it, or runs the gathering."""
    me = await ctx.participant(one.conversation_id)
    return (me is not None and me.id == found.convener_id) or await rsvps.runs(ctx, one)


async def _to_change(ctx: Context, found: Topic, one: Gathering) -> None:
    if not await _may_change(ctx, found, one):
        raise Sorry(views.NOT_YOURS)
    _still_on(ctx, one)


def _keep(means: Means, changed: Topic) -> None:
    """Keep a topic that has changed, which shows on its card and on the wall."""
    means.uow.save(changed)
    means.refresh("topic", changed.conversation_id, changed.id)
    means.refresh("gathering", changed.conversation_id, changed.gathering_id)


async def _tell_those_there(ctx: Context, changed: Topic) -> None:
    """Have whoever is at a topic told, once for all that is changed meanwhile; but for who changed it."""
    me = await ctx.participant(changed.conversation_id)
    ctx.wake_at(
        MOVED, ctx.now, conversation_id=changed.conversation_id, subject_id=changed.id, once=f"{MOVED}:{changed.id}",
        secret={"but": str(me.id) if me else ""},
    )  # fmt: skip


async def move_along(means: Means, before: Gathering, after: Gathering) -> None:
    """An Open Space is at another time: so are its topics."""
    for each in await queries.topics(means.uow, before):
        if each.at is not None:
            _keep(means, msgspec.structs.replace(each, at=each.at + (after.at - before.at)))


async def move(ctx: Context, action: Action) -> None:
    """The law of two feet: somebody is at this topic now, and nowhere else."""
    conversation, found, one = await meant(ctx, action)
    if one.state == "off":
        raise Sorry(gathering_views.CALLED_OFF)
    if ctx.now >= one.ends_at:
        raise Sorry(gathering_views.OVER)
    if not running(one, ctx):
        raise Sorry(views.NOT_BEGUN)
    me = await membership.voter(ctx, conversation)
    before = await ctx.uow.get(Presence, conversation.id, one.id, me.id)
    been = before.been if before else ()
    now_at = Presence(conversation.id, one.id, me.id, found.id, been if found.id in been else (*been, found.id))
    (ctx.uow.add if before is None else ctx.uow.save)(now_at)
    if before is None or before.topic_id != found.id:
        ctx.refresh("topic", conversation.id, found.id)
        if before is not None and before.topic_id is not None:
            ctx.refresh("topic", conversation.id, before.topic_id)
    there = (await queries.here(ctx.uow, one)).get(found.id, 1)
    ctx.tell(views.moved(found, there))


async def as_idea(ctx: Context, action: Action) -> None:
    """Give a topic as an idea, by whoever brought it; once."""
    conversation, found, _one = await meant(ctx, action)
    me = await ctx.participant(conversation.id)
    if me is None or me.id != found.convener_id:
        raise Sorry(views.NOT_YOURS)
    known = await ctx.uow.get(Idea, conversation.id, found.idea_id) if found.idea_id else None
    if known is not None:
        raise Sorry(views.is_idea_already(known.number))
    [made] = await ideas.given(ctx, GiveIdeas(conversation.id, (found.title,), named=True, from_meeting=True))
    ctx.uow.save(msgspec.structs.replace(found, idea_id=made.id))
    ctx.tell(views.is_idea(made.number))


async def meant(ctx: Context, action: Action) -> tuple[Conversation, Topic, Gathering]:
    """Give a button's topic, with its gathering. Raises `Sorry`."""
    if action.scope is None or action.subject is None:
        raise Sorry(common.STALE)
    conversation = await membership.reader(ctx, action.scope)
    found = await ctx.uow.get(Topic, conversation.id, action.subject)
    if found is None or found.state != "shown":
        raise Sorry(views.GONE)
    return conversation, found, await ctx.uow.need(Gathering, conversation.id, found.gathering_id)


async def notes_of(means: Means, one: Gathering) -> dict[object, list[MeetingNote]]:
    """Give what was written down, by topic."""
    found: dict[object, list[MeetingNote]] = {}
    for note in await gathering_queries.notes(means.uow, one):
        found.setdefault(note.topic_id, []).append(note)
    return found


async def close(means: Means, one: Gathering) -> None:
    """The day is over: count who has been where, drop who it was, and show the book in the rooms."""
    been = await queries.presences(means.uow, one)
    counted = queries.visitors(been)
    for each in await queries.topics(means.uow, one):
        means.uow.save(msgspec.structs.replace(each, visitors=counted[each.id]))
        means.refresh("topic", one.conversation_id, each.id)
    for presence in been:
        means.uow.remove(presence)
    means.publish("book", one.conversation_id, one.id)


PRESSES = {"market": market, "topic": show, "posttopic": begin_post, "here": move, "topicidea": as_idea}
