"""Rooms that the bot makes for helper groups, on networks where a bot can.

A room is there for us from the moment it is wanted, so that it is made once: as a record whose address is still to
come, with a row of the outbox that has it made. Whatever is staged for the room waits behind that row.
"""

from __future__ import annotations

from uuid import UUID

from bot.chat.keys import RoomKey, network_of
from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.rooms import Room, RoomSecret
from bot.handlers.context import Context
from bot.store import groups as queries
from bot.store.records import ANSWER, CARD, Outbox, OutboxKind
from bot.views import groups as views
from bot.views.invite import NETWORKS

TO_BE_MADE = "to be made: "
"""How the address of a room begins that no network knows yet."""


def made_on(ctx: Context, channel: str) -> bool:
    """Whether the bot can make rooms there."""
    return ctx.links[channel].keeper is not None


async def make(ctx: Context, conversation: Conversation, group: HelperGroup) -> Room | None:
    """Have a room made on this channel, with the group's card in it; None if the group has one there."""
    if any(room.channel == ctx.room.channel for room in await queries.rooms_of(ctx.uow, group)):
        return None
    identity = ctx.new_id()
    key = RoomKey(ctx.room.channel, TO_BE_MADE + identity.hex)
    room = Room(
        identity, key.channel, ctx.room_lookup(key), RoomSecret(key, views.room_title(group), made=True),
        private=False,
        created_at=ctx.now, locale=conversation.locale, zone=conversation.zone, conversation_id=conversation.id,
        group_id=group.id,
    )  # fmt: skip
    ctx.uow.add(room)
    _stage(ctx, "make", room, group, group.id)
    ctx.show_card("group", conversation.id, group.id, room)
    return room


async def let_in(ctx: Context, group: HelperGroup, participant_id: UUID) -> None:
    """Have a member invited into the rooms that were made for the group, with the rights that are theirs."""
    for room in await queries.rooms_of(ctx.uow, group):
        if room.secret.made:
            _stage(ctx, "admit", room, group, participant_id)


async def entrust(ctx: Context, group: HelperGroup) -> None:
    """Have whoever holds the group together now made an admin of its rooms; where they are not, who may stand in."""
    for room in await queries.rooms_of(ctx.uow, group):
        admin = queries.admin_among(group, await queries.accounts_on(ctx.uow, room.channel, group))
        if room.secret.made and admin is not None:
            _stage(ctx, "admit", room, group, admin)


async def tell(ctx: Context, group: HelperGroup) -> None:
    """Tell this person in private where the group talks, if that is anywhere that they can go to by an address."""
    to = ctx.room if ctx.private else await ctx.private_room_of(ctx.me.id)
    invited = await invited_to(ctx, group)
    ways = [(room, _address(ctx, room)) for room in await queries.rooms_of(ctx.uow, group) if room not in invited]
    others = [(_network(room), address) for room, address in ways if address]
    here = "" if not invited else _address(ctx, invited[0])
    can_make = not invited and made_on(ctx, ctx.account.channel)
    if to is not None and (others or invited or can_make):
        ctx.say(views.its_rooms(group, others, here, invited=bool(invited), can_make=can_make), to)


async def invited_to(ctx: Context, group: HelperGroup) -> list[Room]:
    """Give the rooms made for the group that are where this person acts: there they are invited."""
    rooms = await queries.rooms_of(ctx.uow, group)
    return [room for room in rooms if room.secret.made and room.channel == ctx.account.channel]


def _address(ctx: Context, room: Room) -> str:
    """Give where a room is, as far as the network has addresses for rooms; one that is still made has none."""
    return "" if room.key.room.startswith(TO_BE_MADE) else ctx.links[room.channel].address(room.key)


def _network(room: Room) -> str:
    network = network_of(room.channel)
    return NETWORKS.get(network, network)


def _stage(ctx: Context, kind: OutboxKind, room: Room, group: HelperGroup, subject: UUID) -> None:
    priority = ANSWER if kind == "make" else CARD
    ctx.uow.add(
        Outbox(
            ctx.new_id(), room.channel, kind, priority, ctx.now, room_id=room.id,
            conversation_id=group.conversation_id, subject_id=subject, unique_key=f"{kind}:{room.id}:{subject}",
        )
    )  # fmt: skip
