"""What follows from a next step: it is shown, reminded of, and asked about once when it has been silent.

Rules
-----
* Who takes a step is reminded in private; of one that all take the group's rooms are told, or else each.
* A step that nobody has spoken of after its time is asked about once, gently. It is never counted as late.
* A step of somebody who leaves is everybody's again.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.people import Participant
from bot.domain.rooms import Room
from bot.domain.steps import MAX_STEP, SILENT, Step, TakeAStep, remind_at
from bot.flows.questions import Ctx
from bot.flows.times import with_time
from bot.handlers import calm
from bot.handlers.means import Means
from bot.store import groups as group_queries
from bot.store import steps as queries
from bot.store.records import Due
from bot.views import steps as views

SOON, QUIET = "step soon", "step silent"


async def first_step(means: Means, group: HelperGroup, zone: str, locale: str) -> None:
    """Make the first step that a group said a next step, if its words end in a time."""
    found = with_time(group.first_step, Ctx(means.now, zone, locale)) if group.first_step else None
    if found is not None:
        what, at = found
        command = TakeAStep(group.conversation_id, group.id, what[:MAX_STEP], at, None)
        await keep(means, group, group.convener_id, command)


async def keep(means: Means, group: HelperGroup, by: UUID, command: TakeAStep, here: Room | None = None) -> Step:
    """Keep a step, show it where it was said, have it come to the group's rooms and on its card, and remind of it."""
    made = Step(
        group.conversation_id, means.new_id(), group.id, command.what, by, means.now, command.at, command.doer_id
    )
    means.uow.add(made)
    await _wake(means, made)
    for room in await group_queries.rooms_of(means.uow, group):
        bring = means.show_card if here is not None and room.id == here.id else means.bring_card
        bring("step", made.conversation_id, made.id, room)
    means.refresh("group", group.conversation_id, group.id)
    return made


async def let_go(means: Means, group: HelperGroup, participant_id: UUID) -> None:
    """Somebody leaves a group: their steps are everybody's again."""
    for one in queries.coming(await queries.steps_of(means.uow, group)):
        if one.doer_id == participant_id:
            await save(means, msgspec.structs.replace(one, doer_id=None))


async def soon(means: Means, due: Due) -> None:
    """Remind of a step: whoever takes it in private; where all do, in the group's rooms, or else each."""
    found, group = await _due(means, due)
    if found is None or group is None or found.at is None or found.at <= means.now:
        return
    doer = await means.uow.get(Participant, found.conversation_id, found.doer_id) if found.doer_id else None
    content = views.soon(found, group, doer.secret.name if doer else "")
    if doer is not None and await calm.remind(means, doer, content, means.now, quiet=True):
        return
    rooms = [room for room in await group_queries.rooms_of(means.uow, group) if room.can_write]
    for room in rooms:
        means.say_unasked(content, room, found.at)
    if not rooms:
        for one in await group_queries.people_in(means.uow, group):
            await calm.remind(means, one, content, means.now, quiet=True)


async def silent(means: Means, due: Due) -> None:
    """Ask once how it went; whoever holds the group together, where nobody in particular took the step."""
    found, group = await _due(means, due)
    if found is None or group is None or found.asked:
        return
    means.uow.save(msgspec.structs.replace(found, asked=True))
    content, once = views.how_did_it_go(found, group), f"step:{found.id}"
    for participant_id in dict.fromkeys((found.doer_id, group.convener_id)):
        whom = await means.uow.get(Participant, group.conversation_id, participant_id) if participant_id else None
        if whom is not None and not whom.left and await calm.note(means, whom, content, soon=True, once=once):
            return


async def _due(means: Means, due: Due) -> tuple[Step | None, HelperGroup | None]:
    found = await means.uow.get(Step, due.conversation_id, due.subject_id)
    if found is None or found.state != "open":
        return None, None
    group = await means.uow.get(HelperGroup, found.conversation_id, found.group_id)
    conversation = await means.uow.get(Conversation, found.conversation_id)
    over = conversation is None or conversation.closed_at is not None
    return (None, None) if group is None or group.state != "open" or over else (found, group)


async def save(means: Means, changed: Step) -> None:
    """Save a step, wake for it as it is now, and show it so."""
    means.uow.save(changed)
    await _wake(means, changed)
    means.refresh("step", changed.conversation_id, changed.id)
    means.refresh("group", changed.conversation_id, changed.group_id)


async def _wake(means: Means, one: Step) -> None:
    before = remind_at(one.at, means.now) if one.at is not None else None
    ways = ((SOON, before), (QUIET, one.at + SILENT if one.at is not None else None))
    for kind, at in ways:
        once = f"{kind}:{one.id}"
        await means.wake_not(once)
        if at is not None and one.state == "open":
            means.wake_at(kind, at, conversation_id=one.conversation_id, subject_id=one.id, once=once)


DUE = {SOON: soon, QUIET: silent}
