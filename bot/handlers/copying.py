"""The copies of what was said in one room of a helper group in its others: made, changed and taken away.

Rules
-----
* A copy goes by the outbox, each room's in their order. What is kept of it are ids; its words only until it is sent.
* What is too long for one message, or for the words below a picture, goes on in the next. Only of what is longer than
  any talk something is left out, and it is said where the rest can be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest
from uuid import UUID

import msgspec

from bot.chat.events import Media, MessageEdited, MessageReceived
from bot.domain.groups import HelperGroup
from bot.domain.rooms import Room
from bot.handlers.context import Context
from bot.store import carrying as queries
from bot.store.records import FANOUT, Carried, Message, Outbox
from bot.views import carrying as views

MOST = 8 << 20
"""Bytes of a picture or file that is carried."""


@dataclass(frozen=True)
class Place:
    """A room of a helper group from which messages are carried, and the others to which they go."""

    group: HelperGroup
    room: Room
    others: Sequence[Room]


def author(ctx: Context, group_id: UUID) -> bytes:
    """Give the keyed hash by which what somebody wrote in a group's rooms is found."""
    return ctx.keys.lookup("carried", group_id.bytes, ctx.me.id.bytes)


def messages(source: Room, name: str, event: MessageReceived | MessageEdited, kind: str) -> list[Message]:
    """Write a message as the other rooms are to see it: one, or as many as its length asks for."""
    media, text = event.media, event.text.strip()
    shape = media.kind if media else "picture" if kind == "photo" else "file" if kind == "file" else ""
    large = media is not None and media.size > MOST
    first, rest = views.pieces(name, text, source, below=bool(shape))
    if kind != "text" and (media is None or large):
        made = Message(views.left_out(name, first, source, media=shape if media else ""))
    elif media is None or large:
        made = Message(views.carried(name, first))
    else:
        made = Message(
            views.carried(name, first, media=shape), media=_bounded(media), source=source.channel,
            instead=views.left_out(name, first, source, media=shape, large=False),
        )  # fmt: skip
    return [made, *map(Message, rest)]


def _bounded(media: Media) -> Media:
    return msgspec.structs.replace(media, name=media.name[:100], mime=media.mime[:100])


async def carry(ctx: Context, place: Place, event: MessageReceived, said: Sequence[Message]) -> None:
    """Stage a copy for each other room, as a reply to what it replies to there."""
    origin_id = ctx.new_id()
    origin = Carried(origin_id, origin_id, place.room.id, event.message_id, author(ctx, place.group.id), ctx.now)
    ctx.uow.add(origin)
    answered = await queries.at(ctx.uow, place.room.id, event.reply_to.message_id) if event.reply_to else None
    there = await queries.all_of(ctx.uow, answered.origin_id) if answered else []
    for room in place.others:
        answers = next((one.id for one in there if one.room_id == room.id), None)
        for message in said:
            _copy(ctx, origin, room, message, answers)
            answers = None


def _copy(ctx: Context, origin: Carried, room: Room, message: Message, answers: UUID | None = None) -> None:
    copy = Carried(ctx.new_id(), origin.id, room.id, "", origin.author, ctx.now, answers)
    ctx.uow.add(copy)
    _stage(ctx, "carry", copy, room, message)


async def change(ctx: Context, origin: Carried, said: Sequence[Message]) -> None:
    """Let the copies of a message say what it says now; where it has grown or shrunk, more of them or fewer."""
    copies = [one for one in await queries.all_of(ctx.uow, origin.id) if not one.original]
    copies.sort(key=lambda one: (one.room_id, one.id))
    for room_id, theirs in groupby(copies, lambda one: one.room_id):
        room = await ctx.uow.need(Room, room_id)
        for copy, message in zip_longest(theirs, said):
            if copy is None:
                _copy(ctx, origin, room, message)
            elif message is None:
                await retract(ctx, [copy])
            elif (waiting := await queries.waiting(ctx.uow, copy)) is not None:
                ctx.uow.save(msgspec.structs.replace(waiting, secret=message))
            else:
                _stage(ctx, "carry", copy, room, message)


async def retract(ctx: Context, found: Sequence[Carried]) -> None:
    """Remove copies, those that are still on their way too, and forget of what they were copies."""
    for one in found:
        if one.original:
            ctx.uow.remove(one)
            continue
        waiting = await queries.waiting(ctx.uow, one)
        if waiting is not None:
            ctx.uow.remove(waiting)
        room = await ctx.uow.get(Room, one.room_id)
        if room is None or room.gone or (waiting is not None and not one.message_id):
            ctx.uow.remove(one)
        else:
            _stage(ctx, "retract", one, room, None)


def _stage(ctx: Context, kind: str, copy: Carried, room: Room, message: Message | None) -> None:
    """Stage a copy, its change or its removal: all of them behind what somebody waits for, in their order."""
    key = queries.key_of(copy) if kind == "carry" else f"retract:{copy.id}"
    ctx.uow.add(
        Outbox(
            ctx.new_id(), room.channel, kind, FANOUT, ctx.now, room_id=room.id,  # type: ignore[arg-type]
            subject_id=copy.id, unique_key=key, secret=message,
        )
    )  # fmt: skip
