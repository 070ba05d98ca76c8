"""Next steps of helper groups: said, done, moved, or not wanted any more.

Whoever is in the group may say, move and finish its steps; nobody is measured by them. What follows: `stepping`.
"""

from __future__ import annotations

import msgspec

from bot.chat.content import Action, Text
from bot.domain.conversation import Conversation
from bot.domain.groups import GroupMember, HelperGroup
from bot.domain.ideas import Idea
from bot.domain.people import Participant
from bot.domain.steps import MoveStep, Step, TakeAStep
from bot.flows.next_step import NAMED
from bot.handlers import calm, dialogues, doors, groups, membership, receipts, stepping
from bot.handlers.context import Context, Sorry
from bot.store import groups as group_queries
from bot.store import steps as queries
from bot.views import common
from bot.views import groups as group_views
from bot.views import steps as views

NEW, SEE = "new", "see"
"""The arguments of buttons that say something new, and that show what there is."""


async def step(ctx: Context, argument: str) -> None:
    """Say the next step of a helper group: of this room's, or of one's own."""
    conversation = await membership.meant(ctx)
    await membership.may_contribute(ctx, conversation)
    group = await _of_room(ctx) if not ctx.private else await _only_one(ctx, conversation, "step")
    if group is not None:
        await _show_or_begin(ctx, group, argument)


async def pressed(ctx: Context, action: Action) -> None:
    """Say the next step of a group, by a button."""
    if action.scope is None:
        await step(ctx, "")
        return
    await membership.mean(ctx, action.scope)
    if action.subject is None:
        await step(ctx, "")
        return
    conversation, group = await groups.meant(ctx, action)
    await membership.may_contribute(ctx, conversation)
    await (_begin(ctx, group, "") if action.arg == NEW else _show_or_begin(ctx, group, ""))


async def _show_or_begin(ctx: Context, group: HelperGroup, words: str) -> None:
    """Without words, show the steps there are; else, or where there is none yet, say one."""
    coming = queries.coming(await queries.steps_of(ctx.uow, group))
    if not ctx.private or words or not coming:
        await _begin(ctx, group, words)
        return
    await _member(ctx, group)
    names = await queries.names(ctx.uow, coming)
    ctx.turn(views.coming(group, [(one, names.get(one.id, "")) for one in coming]))


async def _of_room(ctx: Context) -> HelperGroup | None:
    """Give this room's helper group; elsewhere people are led to private. Raises `Sorry`."""
    room = ctx.room
    if room.conversation_id is not None and room.group_id is not None:
        return await ctx.uow.get(HelperGroup, room.conversation_id, room.group_id)
    conversation = await membership.meant(ctx)
    await doors.lead_to_private(ctx, Action("step", conversation.id))
    return None


async def _only_one(ctx: Context, conversation: Conversation, verb: str) -> HelperGroup | None:
    """Give one's only helper group, or ask which. Raises `Sorry` if there is none."""
    me = await ctx.participant(conversation.id)
    mine = await queries.groups_of(ctx.uow, me) if me is not None else []
    if not mine:
        raise Sorry(
            views.IN_NO_GROUP,
            common.column(
                common.button(Text("Helper groups"), "groups", conversation.id),
                common.button(Text("Take the lead"), "lead", conversation.id),
            ),
        )
    if len(mine) > 1:
        ctx.turn(views.which(mine, verb))
        return None
    return mine[0]


async def _begin(ctx: Context, group: HelperGroup, words: str) -> None:
    me = await _member(ctx, group)
    if group.state != "open":
        raise Sorry(group_views.ENDED)
    people = [one for one in await group_queries.people_in(ctx.uow, group) if one.id != me.id and not one.left]
    known = [(me.id, ""), *((one.id, one.secret.name) for one in people[:NAMED] if one.secret.name)]
    params = {
        "conversation": str(group.conversation_id), "group": str(group.id), "text": words,
        "ids": " ".join(str(one) for one, _name in known), "names": "\n".join(name for _id, name in known),
    }  # fmt: skip

    async def begin() -> None:
        await dialogues.begin(ctx, "step", params)

    if ctx.private:
        await begin()
    elif not await doors.begun_in_private(ctx, None, begin):
        await doors.lead_to_private(ctx, Action("step", group.conversation_id, group.id))


async def take(ctx: Context, command: TakeAStep) -> None:
    """Keep a next step, show it where the group is, and remind of it before its time."""
    group = await ctx.uow.get(HelperGroup, command.conversation_id, command.group_id)
    if group is None or group.state != "open":
        raise Sorry(group_views.GONE)
    me = await _member(ctx, group)
    conversation = await membership.reader(ctx, group.conversation_id)
    await membership.contributor(ctx, conversation)
    made = await stepping.keep(ctx, group, me.id, command, ctx.room)
    ctx.turn(views.taken(made))
    if ctx.private:
        ctx.show_card("step", made.conversation_id, made.id)
    if made.doer_id is not None and made.doer_id != me.id:
        doer = await ctx.uow.get(Participant, made.conversation_id, made.doer_id)
        if doer is not None:
            told = views.named(made, group, me.secret.name)
            await calm.note(ctx, doer, told, soon=True, once=f"step:{made.id}")


async def stepped(ctx: Context, action: Action) -> None:
    """A step is done, to be moved, taken on, or not wanted any more."""
    found, group, me = await _found(ctx, action)
    if action.arg == SEE:
        doer = await ctx.uow.get(Participant, found.conversation_id, found.doer_id) if found.doer_id else None
        ctx.turn(views.card(found, group, doer.secret.name if doer else ""))
        return
    if action.arg == "":
        if not ctx.private:
            await doors.lead_to_private(ctx, action)
            return
        await dialogues.begin(
            ctx, "movestep",
            {"conversation": str(found.conversation_id), "step": str(found.id), "words": found.what},
        )  # fmt: skip
        return
    conversation = await membership.reader(ctx, found.conversation_id)
    await membership.contributor(ctx, conversation)
    if action.arg == "mine":
        await stepping.save(ctx, msgspec.structs.replace(found, doer_id=me.id))
        ctx.tell(views.MINE)
    elif action.arg == "done":
        await stepping.save(ctx, msgspec.structs.replace(found, state="done", done_at=ctx.now))
        idea = await ctx.uow.get(Idea, group.conversation_id, group.idea_id) if group.idea_id else None
        await receipts.tell(ctx, idea, views.receipt(found), about=f"step:{found.id}", by=me.id)
        content = views.done(found, group)
        ctx.reply(*content.blocks, choices=content.choices)
    else:
        await stepping.save(ctx, msgspec.structs.replace(found, state="dropped"))
        ctx.tell(views.DROPPED)


async def move(ctx: Context, command: MoveStep) -> None:
    """Let a step be at another time."""
    action = Action("stepped", command.conversation_id, command.step_id)
    found, _group, _me = await _found(ctx, action)
    conversation = await membership.reader(ctx, found.conversation_id)
    await membership.contributor(ctx, conversation)
    await stepping.save(ctx, msgspec.structs.replace(found, at=command.at, asked=False))
    await ctx.look_again(found.id)
    ctx.turn(views.moved(found))


async def _found(ctx: Context, action: Action) -> tuple[Step, HelperGroup, Participant]:
    """Give a button's open step, its group, and this person as a member of it. Raises `Sorry`."""
    if action.scope is None or action.subject is None:
        raise Sorry(common.STALE)
    conversation = await membership.reader(ctx, action.scope)
    found = await ctx.uow.get(Step, conversation.id, action.subject)
    group = await ctx.uow.get(HelperGroup, conversation.id, found.group_id) if found else None
    if found is None or group is None:
        raise Sorry(views.GONE)
    me = await _member(ctx, group)
    if found.state != "open":
        raise Sorry(views.OVER)
    return found, group, me


async def _member(ctx: Context, group: HelperGroup) -> Participant:
    me = await ctx.participant(group.conversation_id)
    if me is None or await ctx.uow.get(GroupMember, group.conversation_id, group.id, me.id) is None:
        join = common.button(Text("I join in"), "joingroup", group.conversation_id, group.id)
        raise Sorry(views.MEMBERS, common.column(join))
    return me


PRESSES = {"step": pressed, "stepped": stepped}
