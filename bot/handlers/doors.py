"""The doors between a group and a person's private room: signed actions carried by deep links.

What somebody wrote in a group to begin with, before they have a private room, waits for them behind the door.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.chat.content import Action, Choice, Text
from bot.chat.events import ChoiceMade, CommandGiven
from bot.domain.conversation import Conversation
from bot.handlers.context import Context, Sorry
from bot.store import inbox
from bot.store.records import Waiting
from bot.views import common
from bot.views.buttons import Forged, seal, unseal

ACTION = "a-"
"""A payload that begins so carries a signed action. Each kind has a letter and a hyphen; a short code has none."""

_CONTEXT = b"start"
GO_ON = Text("Let us do that in private.")
ASKED = Text("I have asked you about it in private.")


def payload(ctx: Context, action: Action) -> str:
    """Give the deep link's payload that does an action in the private room."""
    return ACTION + seal(action, _CONTEXT, ctx.keys)


def carried(ctx: Context, argument: str) -> Action:
    """Read a payload that carries an action. Raises `Sorry` if it is not ours."""
    try:
        return unseal(argument.removeprefix(ACTION), _CONTEXT, ctx.keys)
    except Forged as error:
        raise Sorry(common.STALE) from error


async def lead_to_private(ctx: Context, action: Action, words: Text = GO_ON) -> None:
    """Let somebody in a group do something in private: a press opens the room, anything else gets a button that does.

    Where the bot opens private rooms by itself, its words go by the outbox, which no crash loses as it does an answer.
    Who stands in a conversation's room belongs to it, and is let in.
    """
    conversation = await ctx.uow.get(Conversation, action.scope) if action.scope else None
    if conversation is not None and conversation == await ctx.conversation():
        await ctx.join(conversation)
    start = payload(ctx, action)
    if isinstance(ctx.event, ChoiceMade) and ctx.event.press and not ctx.manner.opens:
        ctx.open_private(start, words)
    else:
        ctx.reply(words, choices=((Choice(Text("Go on in private"), start=start),),))


async def begun_in_private(
    ctx: Context, conversation: Conversation | None, begin: Callable[[], Awaitable[None]]
) -> bool:  # fmt: skip
    """Begin in the private room with what was written in a group, so that it need not be written again.

    Who has no private room here yet is led there, and what they wrote waits. A press does not: it gives False.
    """
    group, private = ctx.room, await ctx.private_room_of(ctx.me.id)
    if private is None or private.channel != group.channel:
        if not isinstance(ctx.event, CommandGiven):
            return False
        kept = Waiting(ctx.new_id(), ctx.me.id, inbox.sealed(ctx.event, ctx.keys), ctx.now)
        ctx.uow.add(kept)
        await lead_to_private(ctx, Action("goon", conversation.id if conversation else None, kept.id))
        return True
    if conversation is not None:
        await ctx.join(conversation)
    if ctx.manner.opens:
        ctx.reply(GO_ON)
    ctx.room = private
    await begin()
    ctx.room = group
    if not ctx.manner.opens:
        ctx.reply(ASKED)
    return True


async def go_on(ctx: Context, action: Action) -> None:
    """Do what somebody wrote in a group before they had a private room: now they have one."""
    kept = await ctx.uow.get(Waiting, action.subject) if action.subject else None
    if kept is None:
        raise Sorry(common.STALE)
    if kept.person_id != ctx.me.id:
        raise Sorry(common.NOT_YOURS)
    await inbox.again(ctx.uow.connection, kept.payload, f"again:{kept.id}", ctx.keys, ctx.now)
    ctx.uow.remove(kept)


PRESSES = {"goon": go_on}
