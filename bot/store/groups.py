"""Queries about helper groups, and what their card needs."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import and_

from bot.domain.conversation import Conversation
from bot.domain.groups import GroupMember, HelperGroup
from bot.domain.ideas import Idea
from bot.domain.people import Account, Membership, Participant
from bot.domain.rooms import Room
from bot.domain.steps import Step
from bot.store import steps
from bot.store.schema import account, group_member, helper_group, room
from bot.store.unit_of_work import CHUNK, UnitOfWork

SHOWN_STEPS = 2
"""So many of its next steps stand on a group's card."""


class GroupRead(msgspec.Struct, frozen=True):
    """A helper group as its card shows it: with the convener's shown name, and the words of the idea it came from.

    `steps` are its next ones, each with the name of who takes it; once there are any, no first step is told.
    """

    group: HelperGroup
    conversation: Conversation
    convener_name: str
    idea_text: str | None
    steps: Sequence[tuple[Step, str]] = ()


async def load_group(uow: UnitOfWork, conversation_id: UUID, group_id: UUID) -> GroupRead | None:
    """Read what a helper group's card needs; None if there is no such group."""
    group = await uow.get(HelperGroup, conversation_id, group_id)
    conversation = await uow.get(Conversation, conversation_id)
    if group is None or conversation is None:
        return None
    convener = await uow.get(Participant, conversation_id, group.convener_id)
    idea = await uow.get(Idea, conversation_id, group.idea_id) if group.idea_id else None
    text = idea.text if idea is not None and idea.alive else None
    known = await steps.steps_of(uow, group)
    coming = steps.coming(known)[:SHOWN_STEPS]
    if known:
        group = msgspec.structs.replace(group, first_step="")
    names = await steps.names(uow, coming)
    told = [(one, names.get(one.id, "")) for one in coming]
    return GroupRead(group, conversation, convener.secret.name if convener else "", text, told)


async def groups_of(uow: UnitOfWork, conversation_id: UUID, skip: int, most: int) -> list[HelperGroup]:
    """Give a conversation's helper groups, the newest first."""
    condition = and_(helper_group.c.conversation_id == conversation_id, helper_group.c.state == "open")
    newest = helper_group.c.created_at.desc(), helper_group.c.id.desc()
    return await uow.select(
        HelperGroup, lambda query: query.where(condition).order_by(*newest).offset(skip).limit(most)
    )


async def members_of(uow: UnitOfWork, group: HelperGroup) -> list[GroupMember]:
    """Give the members of a helper group, who came first first."""
    condition = (group_member.c.conversation_id == group.conversation_id) & (group_member.c.group_id == group.id)
    order = group_member.c.joined_at, group_member.c.participant_id
    return await uow.select(GroupMember, lambda query: query.where(condition).order_by(*order))


async def rooms_of(uow: UnitOfWork, group: HelperGroup) -> list[Room]:
    """Give the rooms of a helper group in which the bot is, or that are being made; the oldest first."""
    condition = (
        (room.c.conversation_id == group.conversation_id) & (room.c.group_id == group.id) & room.c.gone.is_(False)
    )
    return await uow.select(Room, lambda query: query.where(condition).order_by(room.c.id))


async def accounts_on(uow: UnitOfWork, channel: str, group: HelperGroup) -> list[tuple[UUID, Account]]:
    """Give the members (as participants) who have accounts on a channel, with these; who came first first.

    To let them into a room there, and for nothing else.
    """
    members = [(one.conversation_id, one.participant_id) for one in await members_of(uow, group)]
    await uow.load(Membership, members)
    people = {key[1]: found.secret.person_id for key in members if (found := await uow.get(Membership, *key))}
    accounts: list[Account] = []
    known = list(people.values())
    for start in range(0, len(known), CHUNK):
        condition = (account.c.channel == channel) & account.c.person_id.in_(known[start : start + CHUNK])
        accounts += await uow.select(Account, lambda query, where=condition: query.where(where).order_by(account.c.id))
    return [(member, one) for member, person in people.items() for one in accounts if one.person_id == person]


def admin_among(group: HelperGroup, found: Sequence[tuple[UUID, Account]]) -> UUID | None:
    """Give who of these members is to be the admin of a room: the convener, or who has been in it longest."""
    members = [member for member, _account in found]
    return group.convener_id if group.convener_id in members else next(iter(members), None)


async def held_by(uow: UnitOfWork, convener: Participant) -> list[HelperGroup]:
    """Give the open helper groups of a conversation that somebody holds together."""
    condition = (helper_group.c.conversation_id == convener.conversation_id) & (
        helper_group.c.convener_id == convener.id
    )
    return await uow.select(HelperGroup, lambda query: query.where(condition, helper_group.c.state == "open"))


async def people_in(uow: UnitOfWork, group: HelperGroup) -> list[Participant]:
    """Give who is in a helper group, who came first first."""
    return await _people(uow, await members_of(uow, group))


async def names_of(uow: UnitOfWork, members: list[GroupMember]) -> list[str]:
    """Give the shown names of members, leaving out who shows none."""
    return [person.secret.name for person in await _people(uow, members) if person.secret.name]


async def _people(uow: UnitOfWork, members: list[GroupMember]) -> list[Participant]:
    await uow.load(Participant, [(member.conversation_id, member.participant_id) for member in members])
    people = [await uow.get(Participant, member.conversation_id, member.participant_id) for member in members]
    return [person for person in people if person is not None]
