"""One evening's conversation, deed by deed: what a crash at any commit is tried on, and what must be the same after it.

People look at what stands in their chats, as always: of a message that came twice they take the later one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.domain.calm import Note
from bot.domain.conversation import Conversation
from bot.domain.groups import GroupMember, HelperGroup
from bot.domain.ideas import Idea, Proposal, Support, Vote
from bot.domain.invitations import Invitation
from bot.domain.moderation import Act, Report
from bot.domain.people import Account, Membership, Participant, Person
from bot.domain.rooms import Room
from bot.store.records import Card, Dialogue, Due, Inbox, Outbox, Prompted, Waiting
from tests.peers.telegram import Message
from tests.story.scenes import begins_a_conversation, invites, joins, newest
from tests.story.world import Neighbour, Town

QUESTION = "Vad gör vi i vinter?"
SLEDGE, BENCH, BUS = "En kälkbacke vid skolan", "A bench by the water", "Bussen borde gå senare"


async def evening(town: Town) -> None:
    """Begin, invite, link, join, give, carry, weigh, lead, join in, moderate."""
    anna, bo, cecilia = town.neighbour("Anna"), town.neighbour("Bo", "en"), town.neighbour("Cecilia")
    group = town.group("Grannar", anna, bo, cecilia)
    await begins_a_conversation(anna, question=QUESTION)
    invitation = await invites(anna)
    await anna.follows(invitation.group_link, group=group)
    await joins(bo, invitation)

    await anna.writes(f"/idea {SLEDGE}")
    await anna.picks("named")
    await bo.writes(f"/idea {BENCH}", group)
    await bo.presses("yes", _last(bo, "yes"))
    written = await cecilia.writes(BUS, group)
    await bo.writes("/idea", group, reply_to=written)
    question = newest(town, group, "author_yes")
    await cecilia.presses("author_yes", question)
    await town.later(seconds=4)
    await cecilia.presses("author_yes", question)

    await cecilia.presses("support", newest(town, group, "support", SLEDGE))
    await anna.presses("support", newest(town, group, "support", BENCH))
    await anna.presses("support", newest(town, group, "support", BENCH))
    await anna.writes("/vote")
    for vote in ("agree", "pass", "disagree"):
        await anna.presses(vote, _last(anna, vote))
    await bo.writes("/vote")
    await bo.presses("disagree", _last(bo, "disagree"))

    await _leads(bo)
    await anna.presses("joingroup", newest(town, group, "joingroup"))

    await bo.writes("/report 3 threat")
    await anna.writes("/mod hide 3")
    await anna.writes("/mod undo")
    await anna.writes("/hats")
    await anna.presses("hat", _last(anna, "hat"), arg="+resident")
    await anna.presses("shown", _last(anna, "shown"))


async def _leads(bo: Neighbour) -> None:
    await bo.writes("/lead Building it together")
    await bo.writes("The children")
    await bo.presses("skip", _last(bo, "skip"))
    await bo.presses("skip", _last(bo, "skip"))
    await bo.picks("yes")


def _last(who: Neighbour, verb: str) -> Message:
    return newest(who.town, who.private, verb)


# -- what must be the same ------------------------------------------------------------------------------------


async def state(town: Town) -> Mapping[str, Any]:
    """Give all that is kept, without what is random or a moment: by names and numbers."""
    who = await _names(town)
    ideas = {idea.id: idea.number for idea in await town.kept(Idea)}
    rooms = {room.id: room.secret.title or town.whose(room.key) for room in await town.kept(Room)}

    def ordered(lines: Iterator[Any]) -> list[Any]:
        return sorted(lines, key=repr)

    return {
        "people": ordered((p.locale, p.consented, len(p.secret.joined)) for p in await town.kept(Person)),
        "accounts": ordered(
            (a.secret.name, rooms.get(a.private_room_id), a.reachable) for a in await town.kept(Account)
        ),
        "conversations": [
            (c.question, who[c.host_id], c.participants, c.ideas, c.groups) for c in await town.kept(Conversation)
        ],
        "participants": ordered(
            (who[p.id], p.role, p.hats, p.hats_shown, who.get(p.invited_by), p.left)
            for p in await town.kept(Participant)
        ),
        "memberships": len(await town.kept(Membership)),
        "rooms": ordered(
            (rooms[r.id], r.private, r.locale, r.conversation_id is not None, r.gone, r.can_write)
            for r in await town.kept(Room)
        ),
        "ideas": [
            (i.number, i.text, who[i.author_id], i.named, i.state, i.supporters, i.leads, i.sums, i.shown_sums)
            for i in sorted(await town.kept(Idea), key=lambda idea: idea.number)
        ],
        "supports": ordered((who[s.participant_id], ideas[s.idea_id]) for s in await town.kept(Support)),
        "votes": ordered((who[v.participant_id], ideas[v.idea_id], v.value) for v in await town.kept(Vote)),
        "groups": [(g.what, g.whom, who[g.convener_id], g.members) for g in await town.kept(HelperGroup)],
        "members": ordered(iter([who[m.participant_id] for m in await town.kept(GroupMember)])),
        "invitations": ordered((i.purpose, i.used, i.limit) for i in await town.kept(Invitation)),
        "reports": [(ideas[r.subject_id], r.reason, r.handled_at is not None) for r in await town.kept(Report)],
        "acts": [(a.kind, a.reason, a.undone_at is not None) for a in await town.kept(Act)],
        "cards": ordered(
            (rooms[c.room_id], c.subject, ideas.get(c.subject_id), bool(c.message_id)) for c in await town.kept(Card)
        ),
        "open": (
            len(await town.kept(Proposal)), len(await town.kept(Waiting)), len(await town.kept(Dialogue)),
            sorted(rooms[p.room_id] for p in await town.kept(Prompted)),
        ),
        "inbox": sorted({one.state for one in await town.kept(Inbox)}),
        "outbox": ordered((one.kind, one.state) for one in await town.kept(Outbox)),
        "notes": ordered(one.kind for one in await town.kept(Note)),
        "due": ordered(one.kind for one in await town.kept(Due)),
    }  # fmt: skip


def said(town: Town) -> Mapping[str, Sequence[str]]:
    """Give what the bot's messages say now, room by room, without the codes of links and the names of accounts."""
    return {view.title: [_CODE.sub(" ", _shown(message)) for message in town.lasting(view)] for view in town.views()}


def surplus(plain: Sequence[str], found: Sequence[str]) -> int | None:
    """How many messages there are beyond those of the undisturbed evening; None if one of these is missing or late."""
    left = iter(found)
    return len(found) - len(plain) if all(any(line == other for other in left) for line in plain) else None


_CODE = re.compile(r"[= ][irg]-[\w-]{20,}|=[\w-]{20,}|bot-[0-9a-f]{8}|matrix\.to/#/!\S+")


def _shown(message: Message) -> str:
    return "\n".join([message.body, *message.labels])


async def _names(town: Town) -> dict[Any, str]:
    return {one.id: one.secret.name for one in await town.kept(Participant)}
