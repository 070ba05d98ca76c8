"""What happens by itself around a gathering when its moment has come: whoever comes is reminded, and told what is new.

Many may come: those concerned are told in chunks, each a row of `due` that stages the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from bot.chat.content import Content, Text
from bot.domain.calm import evening
from bot.domain.conversation import Conversation
from bot.domain.gatherings import Gathering
from bot.domain.groups import HelperGroup
from bot.domain.open_space import Topic
from bot.domain.people import Participant
from bot.handlers import calm, open_space
from bot.handlers.gathering_times import AFTER, DAY, HIDDEN, HOUR, SHOWN, TELL
from bot.handlers.means import Means
from bot.store import gatherings as queries
from bot.store import groups as group_queries
from bot.store import open_space as space_queries
from bot.store.records import Due
from bot.views import gatherings_told as told_views
from bot.views import open_space as space_views

CHUNK = 50
"""So many are told in one transaction: what a press may have to wait for."""
SOON = timedelta(hours=12)
"""Whoever must know of something so long before it happens is told at once, whatever the time."""

CHANGES = {
    "when": Text("There is a new time for this:"),
    "where": Text("There is a new place for this:"),
    "what": Text("There are new words for what you will meet about:"),
    SHOWN: Text("A moderator has shown this gathering again. It takes place as planned:"),
}


async def tell_one(means: Means, who: Participant, one: Gathering, content: Content, once: str = "") -> None:
    """Tell somebody what they must know before a gathering: with the day's message, or at once where that is late.

    Of what they are told under the same name (`once`) the newest stays.
    """
    late = one.at - evening(one.zone, means.now) < SOON
    if late or not await calm.note(means, who, content, soon=True, once=once):
        await calm.remind(means, who, content, means.now, once=once, quiet=not late)


async def remind(means: Means, due: Due) -> None:
    """Remind a chunk of those who come, and stage the next.

    A day before, when it is not quiet where they are; an hour before, always, and in its place if that still waits.
    """
    one = await _planned(means, due)
    hour = due.kind == HOUR
    if one is None or means.now >= one.at:
        return
    after = UUID(due.secret["after"]) if due.secret else None
    found = await queries.answers(means.uow, one, ("yes",), after, CHUNK, seated=True)
    await means.uow.load(Participant, [(each.conversation_id, each.participant_id) for each in found])
    people = [await means.uow.need(Participant, each.conversation_id, each.participant_id) for each in found]
    once = f"meet:{one.id}"
    await calm.meet(means, people, once)
    for who in people:
        if not who.left:
            await calm.remind(means, who, told_views.reminder(one, hour=hour), means.now, once=once, quiet=not hour)
    if len(found) == CHUNK:
        means.wake_at(
            due.kind, means.now, conversation_id=one.conversation_id, subject_id=one.id,
            secret={"after": str(found[-1].participant_id)},
        )  # fmt: skip


async def tell(means: Means, due: Due) -> None:
    """Tell a chunk of those concerned, and stage the next."""
    one = await means.uow.get(Gathering, due.conversation_id, due.subject_id)
    notes = due.secret or {}
    if one is None or means.now >= one.ends_at:
        return
    what, but = notes["what"], UUID(notes["but"])
    if (one.state == "hidden") != (what == HIDDEN) or (one.state == "off") != (what == "off"):
        return  # What is hidden is not quoted, and what came of it since is told by itself.
    after = UUID(notes["after"]) if "after" in notes else None
    if what == "invite":
        concerned, content = await _members(means, one, after, but)
    else:
        found = await queries.answers(means.uow, one, ("yes", "maybe"), after, CHUNK)
        concerned = [each.participant_id for each in found]
        content = _told(one, what)
    if content is None:
        return
    await means.uow.load(Participant, [(one.conversation_id, each) for each in concerned])
    people = [await means.uow.need(Participant, one.conversation_id, each) for each in concerned]
    await calm.meet(means, people)
    for who in people:
        if who.left or who.id == but:
            continue
        await _tell(means, who, one, what, content)
    if len(concerned) == CHUNK:
        means.wake_at(
            TELL, means.now, conversation_id=one.conversation_id, subject_id=one.id,
            secret=notes | {"after": str(concerned[-1])},
        )  # fmt: skip


def _told(one: Gathering, what: str) -> Content:
    if what == HIDDEN:
        return told_views.hidden(one)
    return told_views.called_off(one) if what == "off" else told_views.changed(one, CHANGES[what])


async def _tell(means: Means, who: Participant, one: Gathering, what: str, content: Content) -> None:
    once = f"shown:{one.id}" if what in {HIDDEN, SHOWN} else ""
    if what == "invite":
        await calm.note(means, who, content, soon=True)
    elif once and who.id == one.convener_id:
        return  # Whose words they are is told why.
    elif what == SHOWN and await calm.waiting(means, who, once) is not None:
        await calm.remind_not(means, who, once)  # They have not heard yet that it was hidden.
    else:
        await tell_one(means, who, one, content, once)


async def topic_moved(means: Means, due: Due) -> None:
    """Tell a chunk of those who are at a topic where it is now, at once; and stage the next."""
    topic = await means.uow.get(Topic, due.conversation_id, due.subject_id)
    one = await means.uow.get(Gathering, due.conversation_id, topic.gathering_id) if topic else None
    notes = due.secret or {}
    if topic is None or one is None or not open_space.running(one, means):
        return
    after = UUID(notes["after"]) if "after" in notes else None
    found = await space_queries.at_topic(means.uow, topic, after, CHUNK)
    await means.uow.load(Participant, [(one.conversation_id, each.participant_id) for each in found])
    people = [await means.uow.need(Participant, one.conversation_id, each.participant_id) for each in found]
    once = f"topic:{topic.id}"
    await calm.meet(means, people, once)
    for who in people:
        if not who.left and str(who.id) != notes["but"]:
            await calm.remind(means, who, space_views.has_moved(topic, one), means.now, once=once)
    if len(found) == CHUNK:
        means.wake_at(
            open_space.MOVED, means.now, conversation_id=one.conversation_id, subject_id=topic.id,
            secret=notes | {"after": str(found[-1].participant_id)},
        )  # fmt: skip


async def _members(
    means: Means, one: Gathering, after: UUID | None, convener_id: UUID
) -> tuple[Sequence[UUID], Content | None]:
    """Give the next members of the helper group that meets, and what they are told."""
    group = await means.uow.get(HelperGroup, one.conversation_id, one.group_id) if one.group_id else None
    if group is None:
        return (), None
    members = sorted(each.participant_id for each in await group_queries.members_of(means.uow, group))
    convener = await means.uow.get(Participant, one.conversation_id, convener_id)
    told = told_views.invited(one, group, convener.secret.name if convener else "")
    return [each for each in members if after is None or each > after][:CHUNK], told


async def after(means: Means, due: Due) -> None:
    """It is over: the card says no more that one may come, and whoever convened it is asked what came of it."""
    one = await _planned(means, due)
    if one is None:
        return
    held = one.held()
    means.uow.save(held)
    if one.open_space:
        await open_space.close(means, held)
    means.refresh("gathering", one.conversation_id, one.id)
    convener = await means.uow.get(Participant, one.conversation_id, one.convener_id)
    conversation = await means.uow.get(Conversation, one.conversation_id)
    if convener is None or convener.left or conversation is None or conversation.closed_at is not None:
        return
    await calm.remind(means, convener, told_views.ask_for_notes(held), means.now, quiet=True)


async def _planned(means: Means, due: Due) -> Gathering | None:
    one = await means.uow.get(Gathering, due.conversation_id, due.subject_id)
    return one if one is not None and one.state == "planned" else None


DUE = {DAY: remind, HOUR: remind, AFTER: after, TELL: tell, open_space.MOVED: topic_moved}
