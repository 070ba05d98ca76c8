"""Has an event handled: finds in the tables (`bot.handlers.tables`) what a command, a press or a message asks for."""

from __future__ import annotations

import contextlib
from typing import assert_never

from bot.chat.content import Action
from bot.chat.events import (
    BotAdded,
    BotRemoved,
    ChoiceMade,
    ChoiceUndone,
    CommandGiven,
    MembersChanged,
    MessageEdited,
    MessageReceived,
    MessageRemoved,
    OpinionShown,
    RoomMoved,
)
from bot.handlers import carrying, dialogues, doors, membership, plain, rewording, rooms, silence, start, votes
from bot.handlers.context import Context
from bot.handlers.tables import COMMANDS, COMPLETE, NAMES, PRESSES, UNDONE, named
from bot.views import common
from bot.views.buttons import Forged, unseal


async def handle(ctx: Context) -> None:
    """Have an event handled."""
    await silence.seen(ctx)
    match ctx.event:
        case CommandGiven(name=name, argument=argument):
            await command(ctx, name, argument)
        case ChoiceMade(data=data):
            try:
                action = unseal(data, ctx.room.lookup, ctx.keys)
            except Forged:
                ctx.tell(common.STALE, alert=True)
            else:
                await press(ctx, action)
        case ChoiceUndone(data=data):
            await undo(ctx, data)
        case OpinionShown():
            await votes.shown_openly(ctx)
        case MessageReceived():
            await dialogues.aside(ctx)
            await plain.message(ctx, press, command, named)
        case MessageEdited() | MessageRemoved():
            await changed(ctx)
        case BotAdded() | BotRemoved() | RoomMoved() | MembersChanged():
            await rooms.changed(ctx)
        case _:
            assert_never(ctx.event)


async def changed(ctx: Context) -> None:
    """Follow what became of an earlier message."""
    if isinstance(ctx.event, MessageEdited):
        await rewording.edited(ctx, ctx.event)
        await carrying.edited(ctx, ctx.event)
    elif isinstance(ctx.event, MessageRemoved):
        await carrying.removed(ctx, ctx.event)


async def undo(ctx: Context, data: str) -> None:
    """Take back what somebody had chosen; nothing, if it is not of those that can be."""
    with contextlib.suppress(Forged):
        action = unseal(data, ctx.room.lookup, ctx.keys)
        if action.verb in UNDONE:
            await UNDONE[action.verb](ctx, action)


async def command(ctx: Context, word: str, argument: str) -> None:
    """Run a typed command."""
    name = named(word)
    if name in dialogues.WAYS:
        await dialogues.aside(ctx)
    if name is None:
        await start.unknown(ctx, word, NAMES)
    elif name == "start" and argument.startswith(doors.ACTION):
        await press(ctx, doors.carried(ctx, argument))
    elif COMMANDS[name].private_only and not ctx.private:
        await doors.lead_to_private(ctx, Action(name))
    else:
        await COMMANDS[name].handler(ctx, argument.strip())


async def press(ctx: Context, action: Action) -> None:
    """Do what a button says; a verb without a function of its own is the command of that name."""
    doing = PRESSES.get(action.verb)
    if doing is not None:
        await doing(ctx, action)
    elif action.verb in COMMANDS:
        one = COMMANDS[action.verb]
        if action.scope is not None and action.subject is None:
            await membership.mean(ctx, action.scope)
        if one.private_only and not ctx.private:
            await doors.lead_to_private(ctx, action)
        else:
            await one.handler(ctx, action.arg)
    else:
        ctx.tell(common.STALE, alert=True)


async def complete(ctx: Context, done: object) -> None:
    """Do what a finished flow asks for. Raises `Refused` if the domain does not take it."""
    await COMPLETE[type(done)](ctx, done)
