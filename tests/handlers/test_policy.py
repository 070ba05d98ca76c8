"""Who may do what, and where: one table, each cell of which is really tried.

Letters: + it is done, - it is refused kindly, > it is led into the private room, ? the yes of consent is asked for
first. In each column they stand for a stranger (who has never written and is not invited), a participant, one who has a
pause, a moderator, a co-host and the host; all but the stranger have said yes. The columns are the rooms: private, a
group of the conversation, a group of none, a topic of the conversation's group, and a room of a helper group.

A line that begins with / is a command; the others are buttons. Behind a colon stands what it is about, if it matters.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio
from uuid6 import uuid7

from bot.chat.content import Action, Text
from bot.chat.events import ChoiceMade, CommandGiven, Event
from bot.chat.keys import RoomKey
from bot.domain.conversation import Conversation
from bot.domain.gatherings import Gathering, MeetingNote, Rsvp
from bot.domain.groups import GroupMember, HelperGroup
from bot.domain.ideas import Idea, Proposal, ProposalSecret, Translation
from bot.domain.maps import Edition, Findings
from bot.domain.merging import Merge
from bot.domain.moderation import Act, Report
from bot.domain.needs import Help, HelpSecret, Match
from bot.domain.open_space import Topic
from bot.domain.people import Participant
from bot.domain.prompts import FUTURE, Occurrence, Rule, Schedule
from bot.domain.rooms import Room, RoomSecret
from bot.domain.steps import Step, Story
from bot.handlers.context import ConsentNeeded, Context, Sorry
from bot.handlers.routing import handle
from bot.handlers.tables import COMMANDS, PRESSES
from bot.i18n import LOCALES, render
from bot.store import invitations
from bot.store.records import Listening, MapKept, Outbox
from bot.store.unit_of_work import UnitOfWork
from bot.views.buttons import VERBS, seal
from tests.handlers.deeds import change_me, stranger
from tests.handlers.world import CHANNEL, Place, Who, World

ROLES = ("stranger", "participant", "muted", "moderator", "cohost", "host")
ROOMS = ("private", "group", "loose", "topic", "helpers")

POLICY = """
/idea A boat                 ++-+++  ?+-+++  ------  ?+-+++  ?+-+++
/idea                        -+-+++  ?+-+++  ------  ?+-+++  ?+-+++
/vote                        -+++++  >>>>>>  ------  >>>>>>  >>>>>>
/need                        ++-+++  >>->>>  >>>>>>  >>->>>  >>->>>
/need A ladder               ++-+++  ?+-+++  >+++++  ?+-+++  ?+-+++
/offer                       ++-+++  >>->>>  >>>>>>  >>->>>  >>->>>
/step Paint it               -+-+++  >>->>>  ------  >>->>>  -+-+++
/story We did it             -+-+++  ?+-+++  ------  ?+-+++  ?+-+++
/stories                     -+++++  ++++++  >>>>>>  ++++++  ++++++
/ideas                       -+++++  ++++++  ------  ++++++  ++++++
/ideas 1                     -+++++  ++++++  ------  ++++++  ++++++
/invite                      -+++++  ?+++++  ------  ?+++++  ?+++++
/groups                      -+++++  ++++++  ------  ++++++  ++++++
/map                         -+++++  ++++++  ------  ++++++  ++++++
/harvest                     -+++++  ++++++  ------  ++++++  ++++++
/energy                      -+++++  ++++++  ------  ++++++  ++++++
/prompt                      ----++  ---->>  ------  ---->>  ---->>
/prompt varje dag kl 9       ----++  ---->>  ------  ---->>  ---->>
/meet                        -+++++  ++++++  ------  ++++++  ++++++
/topic                       -+++++  ++++++  ------  ++++++  ++++++
/topic Lamps                 -+-+++  >+-+++  ------  >+-+++  >+-+++
/meet Fika                   -+-+++  >+-+++  ------  >+-+++  >+-+++
/season                      ----++  ---->>  ------  ---->>  ---->>
/season weighing             ----++  ---->>  ------  ---->>  ---->>
/lead                        -+-+++  >>->>>  ------  >>->>>  >>->>>
/new                         ++++++  >>>>>>  >>>>>>  >>>>>>  >>>>>>
/join                        ++++++  ++++++  -+++++  ++++++  ++++++
/hats                        -+++++  >>>>>>  >>>>>>  >>>>>>  >>>>>>
/language                    ++++++  ++++++  ++++++  ++++++  ++++++
/quiet                       ++++++  ++++++  ------  ++++++  ++++++
/quiet 22-07                 ++++++  ---+++  ------  ---+++  ---+++
/privacy                     ++++++  ++++++  ++++++  ++++++  ++++++
/mydata                      ++++++  >>>>>>  >>>>>>  >>>>>>  >>>>>>
/forget                      ++++++  >>>>>>  >>>>>>  >>>>>>  >>>>>>
/report 1 spam               -+++++  ?+++++  ------  ?+++++  ?+++++
/host                        ----++  ---->>  ------  ---->>  ---->>
/host cohost                 -----+  ------  ------  ------  ------
/host moderator              ----++  ------  ------  ------  ------
/host hand over              -----+  ---->>  ------  ---->>  ---->>
/host close                  ----++  ---->>  ------  ---->>  ---->>
/host open                   ------  ------  ------  ------  ------
/mod                         ---+++  --->>>  ------  --->>>  --->>>
/mod log                     ---+++  --->>>  ------  --->>>  --->>>
/mod add                     ------  ------  ------  ------  ------
/remove                      ------  ------  ------  ------  ------
/start                       ++++++  ++++++  ++++++  ++++++  ++++++
/stop                        ------  ------  ------  ------  ------
/back                        ------  ------  ------  ------  ------
/skip                        ------  ------  ------  ------  ------
/listen                      ++++++  >>>>>>  >>>>>>  >>>>>>  >>>>>>
/help                        ++++++  ++++++  ++++++  ++++++  ++++++
consent                      ++++++  >+++++  >+++++  >+++++  >+++++
yes                          ++++++  ------  ------  ------  ------
no                           ++++++  ------  ------  ------  ------
new                          ++++++  >>>>>>  >>>>>>  >>>>>>  >>>>>>
joinopen: conversation       -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
current: conversation        -+++++  ++++++  -+++++  ++++++  ++++++
pick                         ------  ------  ------  ------  ------
done                         ------  ------  ------  ------  ------
back                         ------  ------  ------  ------  ------
skip                         ------  ------  ------  ------  ------
stop                         ------  ------  ------  ------  ------
resume                       ------  ------  ------  ------  ------
goon                         ------  ------  ------  ------  ------
pick: somebody else, abcd    ------  ------  ------  ------  ------
lead: idea                   -+-+++  >>->>>  ->->>>  >>->>>  >>->>>
energy: conversation         -+++++  ++++++  ------  ++++++  ++++++
groups: conversation         -+++++  ++++++  ------  ++++++  ++++++
goon: conversation           ------  ------  ------  ------  ------
energy: conversation, 6      -+++++  >>>>>>  ------  >>>>>>  >>>>>>
groups: conversation, 4      -+++++  ++++++  ------  ++++++  ++++++
hand: idea                   -+-+++  ?+-+++  -+-+++  ?+-+++  ?+-+++
hand: idea, back             -+++++  ++++++  -+++++  ++++++  ++++++
group: helpers               -+++++  ++++++  -+++++  ++++++  ++++++
joingroup: others            -+-+++  ?+-+++  -+-+++  ?+-+++  ?+-+++
joingroup: helpers           -+-+++  ?+-+++  -+-+++  ?+-+++  ?+-+++
leavegroup: helpers          -+++++  -+++++  -+++++  -+++++  -+++++
groupmore: helpers           -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
groupedit: helpers           ------  ------  ------  ------  ------
groupend: helpers            ------  ------  ------  ------  ------
groupover: helpers           ------  ------  ------  ------  ------
groupheir: author            ------  ------  ------  ------  ------
carry: helpers               -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
carry: helpers, on           ------  ------  ------  ------  ------
carry: helpers, off          ------  ------  ------  ------  ------
carry: helpers, yes          -+-+++  ?+-+++  -+-+++  ?+-+++  ?+-+++
carry: helpers, no           -+++++  ++++++  -+++++  ++++++  ++++++
carry: helpers, wipe         -+++++  ++++++  -+++++  ++++++  ++++++
linkroom: helpers            -+++++  ->>>>>  ->>>>>  ->>>>>  ->>>>>
linkroom: others             ------  ------  ------  ------  ------
need                         ++-+++  >>->>>  >>>>>>  >>->>>  >>->>>
offer                        ++-+++  >>->>>  >>>>>>  >>->>>  >>->>>
offer: need                  -+-+++  >>->>>  ->->>>  >>->>>  >>->>>
match: match, yes            ------  >>>>>>  >>>>>>  >>>>>>  >>>>>>
match: own match, yes        -+++++  >>>>>>  >>>>>>  >>>>>>  >>>>>>
aid                          ++++++  >>>>>>  >>>>>>  >>>>>>  >>>>>>
aid: need, back              ------  >>>>>>  >>>>>>  >>>>>>  >>>>>>
holds: need                  ------  >>>>>>  >>>>>>  >>>>>>  >>>>>>
badhelp: need                -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
meet: helpers                -+++++  ++++++  -+++++  ++++++  ++++++
meet: conversation, new      -+-+++  >>->>>  ->->>>  >>->>>  >>->>>
gathering: coming            -+++++  ++++++  -+++++  ++++++  ++++++
gathering: coming, more      -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
gathering: coming, when      ----++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
gathering: coming, offyes    ----++  ----++  ----++  ----++  ----++
gathering: own coming, off   -+++++  ->>>>>  ->>>>>  ->>>>>  ->>>>>
rsvp: coming, yes            -+++++  ?+++++  -+++++  ?+++++  ?+++++
rsvp: coming, no             -+++++  ++++++  -+++++  ++++++  ++++++
rsvp: coming, cal            -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
rsvp: own coming, hide       -+++++  -+++++  -+++++  -+++++  -+++++
meetnote: coming             ----++  ---->>  ---->>  ---->>  ---->>
market: coming               -+++++  ++++++  -+++++  ++++++  ++++++
posttopic: coming            -+-+++  >>->>>  ->->>>  >>->>>  >>->>>
topic: topic                 -+++++  ++++++  -+++++  ++++++  ++++++
topic: own topic, more       -+++++  ->>>>>  ->>>>>  ->>>>>  ->>>>>
topic: topic, down            ----++  ----++  ----++  ----++  ----++
here: topic                  -+++++  ?+++++  -+++++  ?+++++  ?+++++
topicidea: topic             ------  ------  ------  ------  ------
topicidea: own topic         -+-+++  -+-+++  -+-+++  -+-+++  -+-+++
meetnote: own topic, topic   -+-+++  ->->>>  ->->>>  ->->>>  ->->>>
noteideas: note              ------  ------  ------  ------  ------
noteideas: own note          -+-+++  ->->>>  ->->>>  ->->>>  ->->>>
step: helpers                -+-+++  -+-+++  -+-+++  -+-+++  -+-+++
step: others                 ------  ------  ------  ------  ------
story: conversation          -+-+++  >>->>>  ->->>>  >>->>>  >>->>>
tale: story                  -+++++  ++++++  -+++++  ++++++  ++++++
tale: story, bad             -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
tale: story, back            ------  ------  ------  ------  ------
tryit: story                 -+-+++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
stepped: step, done          -+-+++  -+-+++  -+-+++  -+-+++  -+-+++
stepped: step                -+++++  ->>>>>  ->>>>>  ->>>>>  ->>>>>
hat: conversation, +young    -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
shown: conversation, 1       -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
support: idea                -+-+++  ?+-+++  -+-+++  ?+-+++  ?+-+++
show: idea                   -+++++  ++++++  -+++++  ++++++  ++++++
card: need, need             -+++++  ++++++  -+++++  ++++++  ++++++
card: story, story           -+++++  ++++++  -+++++  ++++++  ++++++
card: story, no              ------  ------  ------  ------  ------
more: idea                   -+++++  ++++++  -+++++  ++++++  ++++++
more: own idea               -+++++  ++++++  -+++++  ++++++  ++++++
read: idea                   -+++++  ++++++  -+++++  ++++++  ++++++
edit: idea                   ------  ------  ------  ------  ------
edit: own idea               -+-+++  ->->>>  ->->>>  ->->>>  ->->>>
withdraw: idea               ------  ------  ------  ------  ------
withdraw: own idea, yes      -+++++  -+++++  -+++++  -+++++  -+++++
filter: conversation, most0  -+++++  ++++++  -+++++  ++++++  ++++++
merge: idea                  -+-+++  >>->>>  ->->>>  >>->>>  >>->>>
merging: merge               ------  >>>>>>  ->>>>>  >>>>>>  >>>>>>
merging: own merge           -+++++  ->>>>>  ->>>>>  ->>>>>  ->>>>>
merging: own merge, yes      -+++++  ->>>>>  ->>>>>  ->>>>>  ->>>>>
decide: merge                ------  --->>>  --->>>  --->>>  --->>>
apart: part                  ------  ------  ------  ------  ------
apart: part, mod             ---+++  ---+++  ---+++  ---+++  ---+++
tags: idea                   ---+++  >>->>>  ->->>>  >>->>>  >>->>>
tags: own idea               -+-+++  >>->>>  ->->>>  >>->>>  >>->>>
translate: idea              -+-+++  >>->>>  ->->>>  >>->>>  >>->>>
untranslate: idea, sv        ------  ------  ------  ------  ------
untranslate: part, sv        ------  ------  ------  ------  ------
untranslate: part, mod.sv    ---+++  ---+++  ---+++  ---+++  ---+++
author_yes: proposal         ------  ------  ------  ------  ------
author_yes: own proposal     ?+-+++  ?+-+++  ?+-+++  ?+-+++  ?+-+++
author_no: proposal          ------  ------  ------  ------  ------
author_no: own proposal      ++++++  ++++++  ++++++  ++++++  ++++++
forwhom: conversation, 0     -+++++  ?+++++  -+++++  ?+++++  ?+++++
invite: conversation         -+++++  ?+++++  ------  ?+++++  ?+++++
invite: helpers              -+++++  ?+++++  -+++++  ?+++++  ?+++++
poster: conversation, 0      -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
links: conversation          -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
endlink: link                ----++  ?---++  ----++  ?---++  ?---++
endlink: own link            -+++++  ?+++++  -+++++  ?+++++  ?+++++
report: idea                 -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
report: story                -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
report: step                 -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
report: coming               -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
report: topic                -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
report: own topic            ------  >>>>>>  ->>>>>  >>>>>>  >>>>>>
report: helpers              -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
report: own idea             ------  >>>>>>  ->>>>>  >>>>>>  >>>>>>
host: conversation           ----++  ---->>  ---->>  ---->>  ---->>
host: conversation, help     ----++  ---->>  ---->>  ---->>  ---->>
host: conversation, co0      -----+  ---->>  ---->>  ---->>  ---->>
host: conversation, mod0     ----++  ---->>  ---->>  ---->>  ---->>
role: author, co             -----+  -----+  -----+  -----+  -----+
role: author, mod            ----++  ----++  ----++  ----++  ----++
role: author, none           ------  ------  ------  ------  ------
handover: author             -----+  ----->  ----->  ----->  ----->
handover: author, yes        -----+  -----+  -----+  -----+  -----+
takeover: offer, yes         ------  ------  ------  ------  ------
takeover: own offer, yes     -++++-  -++++-  -++++-  -++++-  -++++-
takeover: own offer, no      -++++-  -++++-  -++++-  -++++-  -++++-
takeover: conversation, ask  ------  ------  ------  ------  ------
takeover: conversation, here -----+  -----+  -----+  -----+  -----+
close: conversation          ----++  ---->>  ---->>  ---->>  ---->>
close: conversation, yes     ----++  ---->>  ---->>  ---->>  ---->>
close: conversation, open    ------  ---->>  ---->>  ---->>  ---->>
mod: conversation            ---+++  --->>>  --->>>  --->>>  --->>>
hide: idea                   ---+++  ---+++  ---+++  ---+++  ---+++
hide: need                   ---+++  ---+++  ---+++  ---+++  ---+++
hide: story                  ---+++  ---+++  ---+++  ---+++  ---+++
hide: step                   ---+++  ---+++  ---+++  ---+++  ---+++
hide: coming                 ---+++  ---+++  ---+++  ---+++  ---+++
hide: topic                  ---+++  ---+++  ---+++  ---+++  ---+++
hide: helpers                ---+++  ---+++  ---+++  ---+++  ---+++
restore: hidden              ---+++  ---+++  ---+++  ---+++  ---+++
leave: idea                  ---+++  ---+++  ---+++  ---+++  ---+++
mute: idea                   ---+++  ---+++  ---+++  ---+++  ---+++
mute: story                  ---+++  ---+++  ---+++  ---+++  ---+++
undo: act                    ---+++  ---+++  ---+++  ---+++  ---+++
undo: own act                ------  ------  ------  ------  ------
log: conversation            ---+++  ---+++  ---+++  ---+++  ---+++
ask_other: need              ---+++  ---+++  ---+++  ---+++  ---+++
ask_other: idea              ---+++  ---+++  ---+++  ---+++  ---+++
ask_other: own act           -+++++  -+++++  -+++++  -+++++  -+++++
prompt: conversation         ----++  ---->>  ---->>  ---->>  ---->>
prompt: conversation, new    ----++  ---->>  ---->>  ---->>  ---->>
prompt: conversation, series ----++  ---->>  ---->>  ---->>  ---->>
prompt: planned              ----++  ---->>  ---->>  ---->>  ---->>
prompt: planned, pause       ----++  ---->>  ---->>  ---->>  ---->>
prompt: planned, go          ----++  ---->>  ---->>  ---->>  ---->>
prompt: planned, edit        ----++  ---->>  ---->>  ---->>  ---->>
prompt: planned, endyes      ----++  ---->>  ---->>  ---->>  ---->>
season: conversation         ----++  ---->>  ---->>  ---->>  ---->>
season: conversation, acting ----++  ---->>  ---->>  ---->>  ---->>
season: conversation, tell   ----++  ---->>  ---->>  ---->>  ---->>
rhythm: conversation         ----++  ---->>  ---->>  ---->>  ---->>
rhythm: conversation, when   ----++  ---->>  ---->>  ---->>  ---->>
lasts: conversation, open    ----++  ---->>  ---->>  ---->>  ---->>
prompt: asked, answer        -+-+++  >>->>>  ->->>>  >>->>>  >>->>>
take: conversation, pdf      -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
take: conversation, sheet-pdf -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
take: conversation, more     -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
take: conversation, md       -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
postmap: conversation        ----++  ----++  ----++  ----++  ----++
page: conversation, open     ----++  ---->>  ---->>  ---->>  ---->>
talked: conversation         -+-+++  ?+-+++  -+-+++  ?+-+++  ?+-+++
nothing                      ++++++  ++++++  ++++++  ++++++  ++++++
forget                       ++++++  >>>>>>  >>>>>>  >>>>>>  >>>>>>
forget: somebody else, all   ------  >>>>>>  >>>>>>  >>>>>>  >>>>>>
room: conversation           ------  ++++++  ------  ++++++  ++++++
pace: conversation, daily    ------  ---+++  ------  ---+++  ---+++
unlink: conversation         ------  ---+++  ------  ---+++  ---+++
quiet                        ++++++  ++++++  ------  ++++++  ++++++
quiet: conversation          ++++++  ++++++  ------  ++++++  ++++++
quiet: conversation, 22-07   ++++++  ---+++  ------  ---+++  ---+++
notes                        ++++++  >>>>>>  >>>>>>  >>>>>>  >>>>>>
note: idea                   ------  ------  ------  ------  ------
listen                       ++++++  >>>>>>  >>>>>>  >>>>>>  >>>>>>
listen: conversation, h      ++++++  >>>>>>  >>>>>>  >>>>>>  >>>>>>
settings                     ++++++  ++++++  ++++++  ++++++  ++++++
ballot: idea                 -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
ballot: conversation         -+++++  >>>>>>  ->>>>>  >>>>>>  >>>>>>
agree: idea                  -+++++  ?+++++  -+++++  ?+++++  ?+++++
disagree: idea               -+++++  ?+++++  -+++++  ?+++++  ?+++++
pass: idea                   -+++++  ?+++++  -+++++  ?+++++  ?+++++
"""

ROWS = [line.rsplit(maxsplit=len(ROOMS)) for line in POLICY.strip().splitlines() if not line.startswith("  ")]


class Undone(Exception):
    """What was tried did not happen."""


@dataclass
class Town:
    """A conversation with somebody of each role, and something for every button to be about."""

    world: World
    people: Mapping[str, Who]
    rooms: Mapping[str, Place]
    conversation: UUID
    about: Mapping[str, UUID]

    def place(self, role: str, room: str) -> Place:
        """Where somebody acts."""
        return self.people[role].room if room == "private" else self.rooms[room]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    world = await World.begin(Path(tmp_path_factory.mktemp("policy")))
    people = {role: await world.person(role.capitalize()) for role in ROLES[1:]} | {"stranger": stranger("Stranger")}
    author = await world.person("Author")
    conversation = await world.conversation(
        people["host"], author, *(people[role] for role in ROLES[1:-1]), findable="invited"
    )
    await change_me(world, conversation, people["muted"], muted_until=world.now + timedelta(days=7))
    for role in ("moderator", "cohost"):
        await change_me(world, conversation, people[role], role=role)
    garden = await world.group("Garden", conversation)
    topic = Place(RoomKey(CHANNEL, garden.key.room, "food"), private=False, title="Garden")
    helpers = Place(RoomKey(CHANNEL, "group-helpers"), private=False, title="Helpers")
    rooms = {"group": garden, "loose": await world.group("Loose"), "topic": topic, "helpers": helpers}
    about = await _things(world, conversation, people, author, helpers)
    yield Town(world, people, rooms, conversation, about)
    await world.end()


async def _merges(world: World, conversation: UUID, author: Who, idea: Idea, about: dict[str, UUID]) -> None:
    """Make an idea that is part of another and translated, and proposals to merge some."""
    barn = await world.idea(conversation, author, "A barn for all")
    part = await world.idea(conversation, author, "A bench, too")
    about["part"] = part.id
    async with world.work() as uow:
        uow.save(msgspec.structs.replace(part, state="merged", merged_into=idea.id, translated=("sv",)))
        uow.add(Translation(conversation, part.id, "sv", part.author_id, "En bänk", world.now))
        uow.add(Merge(conversation, uuid7(), part.id, idea.id, idea.author_id, world.now, "done", decided_at=world.now))
        for name in ("idea", *(f"idea of {role}" for role in ROLES[1:])):
            made = Merge(conversation, uuid7(), barn.id, about[name], idea.author_id, world.now)
            uow.add(made)
            about[name.replace("idea", "merge")] = made.id


async def _things(
    world: World, conversation: UUID, people: Mapping[str, Who], author: Who, helpers: Place
) -> dict[str, UUID]:
    """Make what the buttons are about: another's ideas, one's own, helper groups, a proposal, an act, links."""
    idea = await world.idea(conversation, author, "A bench")
    hidden = await world.idea(conversation, author, "A barn")
    about = {"idea": idea.id, "hidden": hidden.id}
    for role in ROLES[1:]:
        about[f"idea of {role}"] = (await world.idea(conversation, people[role], f"By {role}")).id
    await _merges(world, conversation, author, idea, about)
    async with world.work() as uow:
        uow.save(msgspec.structs.replace(hidden, state="hidden"))
        me = {role: await world.participant(uow, conversation, people[role]) for role in ROLES[1:]}
        judge, convener = me["moderator"], await world.participant(uow, conversation, author)
        for name, of in (("act", convener), *((f"act of {role}", me[role]) for role in ROLES[1:])):
            by = me["host"] if of is judge else judge
            done = Act(conversation, uuid7(), "mute", "spam", by.id, world.now, participant_id=of.id)
            uow.add(done)
            about[name] = done.id
        about["author"] = convener.id
        for name, to in (("offer", convener), *((f"offer of {role}", me[role]) for role in ROLES[1:-1])):
            asked = Act(conversation, uuid7(), "offer", "", me["host"].id, world.now, participant_id=to.id)
            uow.add(asked)
            about[name] = asked.id
        uow.save(msgspec.structs.replace(convener, muted_until=world.now + timedelta(days=1)))
        sums = Edition(conversation, uuid7(), world.now, Findings("sums", 10))
        uow.add(sums)
        uow.add(MapKept(conversation, edition_id=sums.id))
        uow.add(Report(conversation, idea.id, me["host"].id, "spam", world.now))
        for name, members in (("helpers", [convener, *me.values()]), ("others", [convener])):
            group = HelperGroup(
                conversation, uuid7(), convener.id, "Build it", "", "", "", world.now, members=len(members)
            )
            uow.add(group)
            about[name] = group.id
            for number, member in enumerate(members):
                uow.add(GroupMember(conversation, group.id, member.id, world.now + timedelta(seconds=number)))
        lookup = world.keys.lookup("room", str(helpers.key))
        made = Room(uuid7(), CHANNEL, lookup, RoomSecret(helpers.key, "Helpers"), private=False, created_at=world.now)
        uow.add(msgspec.structs.replace(made, conversation_id=conversation, group_id=about["helpers"], locale="en"))
        about |= _gatherings(
            world, conversation, uow, {"coming": convener} | {f"coming of {role}": me[role] for role in ROLES[1:]}
        )
        for name, who in (("proposal", author), *((f"proposal of {role}", people[role]) for role in ROLES)):
            proposal = Proposal(conversation, uuid7(), world.now, ProposalSecret("A pond", who.account))
            uow.add(proposal)
            about[name] = proposal.id
        rule = Rule("days", time(9), world.now.date())
        planned = Schedule(conversation, uuid7(), me["host"].id, world.now, world.now, "Europe/Stockholm", rule, FUTURE)
        asked = Occurrence(conversation, uuid7(), planned.id, world.now.date(), world.now, "asked", series=FUTURE)
        for name, kept in (("planned", planned), ("asked", asked)):
            uow.add(kept)
            about[name] = kept.id
        shared = await uow.need(Conversation, conversation)
        for name, by in (("link", convener), *((f"link of {role}", me[role]) for role in ROLES[1:])):
            link, _code = invitations.make(uow, shared, by, "join", world.now, uuid7)
            about[name] = link.id
        await _helps(world, uow, conversation, people, convener, about)
    return about


async def _helps(
    world: World, uow: UnitOfWork, conversation: UUID, people: Mapping[str, Who], author: Participant,
    about: dict[str, UUID],
) -> None:  # fmt: skip
    """Make a step of the helpers, a need that all may read, and for each an offer that suits."""
    todo = Step(conversation, uuid7(), about["helpers"], "Paint it", author.id, world.now)
    uow.add(todo)
    about["step"] = todo.id
    told = Story(conversation, uuid7(), author.id, "We did it", world.now)
    uow.add(told)
    about["story"] = told.id
    asked = Help(
        uuid7(), "need", "SE-1884", "Nora", world.now, HelpSecret("A ladder"), conversation, author.id, shared=True
    )
    uow.add(asked)
    about["need"] = asked.id
    for role in ("somebody", *ROLES):
        person = None if role in {"somebody", "stranger"} else await world.person_of(uow, people[role])
        owner = world.keys.lookup("helper", person.id.bytes) if person else b"x"
        can = Help(uuid7(), "offer", "SE-1884", "Nora", world.now, HelpSecret("My ladder"), owner=owner)
        found = Match(uuid7(), asked.id, can.id, world.now)
        uow.add(can)
        uow.add(found)
        about["match" if role == "somebody" else f"match of {role}"] = found.id


def _gatherings(
    world: World, conversation: UUID, uow: UnitOfWork, conveners: Mapping[str, Participant]
) -> dict[str, UUID]:
    """Make gatherings of these people, with notes of theirs."""
    about: dict[str, UUID] = {}
    for name, by in conveners.items():
        later = world.now + timedelta(hours=2)
        met = Gathering(
            conversation, uuid7(), by.id, "Fika", world.now, later, "Europe/Stockholm", world.now, world.now,
            open_space=True,
        )  # fmt: skip
        uow.add(met)
        uow.add(Rsvp(conversation, met.id, by.id, "yes", world.now, seat=1))
        written = MeetingNote(conversation, uuid7(), met.id, by.id, "A lamp", world.now)
        uow.add(written)
        wall = Topic(conversation, uuid7(), met.id, 1, by.id, "Lamps", world.now)
        uow.add(wall)
        about |= {
            name: met.id, name.replace("coming", "note"): written.id, name.replace("coming", "topic"): wall.id
        }  # fmt: skip
    return about


def _action(town: Town, role: str, line: str, somebody_else: UUID) -> Action:
    """The button of a line: ``verb``, ``verb: what`` or ``verb: what, argument``."""
    verb, _, rest = line.partition(": ")
    what, _, arg = rest.partition(", ")
    if what == "somebody else":
        return Action(verb, somebody_else, arg=arg)
    if what in {"", "conversation"}:
        return Action(verb, town.conversation if what else None, arg=arg)
    mine = f"{what.removeprefix('own ')} of {role}"
    subject = town.about.get(mine) if what.startswith("own ") else town.about[what]
    return Action(verb, town.conversation, subject or town.about["idea"], arg)


async def _tried(town: Town, role: str, room: str, line: str) -> str:
    """Try a line of the table; gives its letter. Nothing of it stays."""
    world, who, place = town.world, town.people[role], town.place(role, room)
    async with world.work() as uow:
        somebody_else = (await world.person_of(uow, town.people["host" if role != "host" else "cohost"])).id
    happening = world._happening(place, world.sender(who))
    event: Event
    if line.startswith("/"):
        name, _, argument = line.removeprefix("/").partition(" ")
        event = CommandGiven(**happening, message_id="m0", name=name, argument=argument)
    else:
        action = _action(town, role, line, somebody_else)
        data = seal(action, world.keys.lookup("room", str(place.key)), world.keys)
        event = ChoiceMade(**happening, message_id="m0", data=data, press="p0")
    letter = ""
    with contextlib.suppress(Undone):
        async with world.database.transaction() as connection:
            uow = UnitOfWork(connection, world.keys)
            ctx = await world.dispatcher._context(uow, event, world.now)
            assert ctx is not None
            letter = await _handled(world, uow, ctx)
            raise Undone
    return letter


async def _handled(world: World, uow: UnitOfWork, ctx: Context) -> str:
    """Handle it as far as to the commit; gives its letter."""
    before = {row.id for row in await uow.select(Outbox, lambda query: query)}
    try:
        await handle(ctx)
        await world.dispatcher._end(uow, [ctx])
    except Sorry as sorry:
        words = sorry.words
        assert isinstance(words, Text), "it says why"
        assert all(render(words, locale).rstrip("”")[-1] in ".?" for locale in LOCALES), "in a sentence"
        return "-"
    except ConsentNeeded:
        return "?"
    if Listening in uow.new_kinds:  # The first words come straight from the listener.
        return "+"
    said = [row.secret for row in await uow.select(Outbox, lambda query: query) if row.id not in before]
    ways = [choice for one in said if one for row in one.content.choices for choice in row]
    if (ctx.answered and ctx.answered.start) or any(choice.label == Text("Go on in private") for choice in ways):
        return ">"
    assert said or (ctx.answered and ctx.answered.text), "whatever is done is answered"
    return "+"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
async def test_each_may_do_just_this_and_just_here(town: Town, row: list[str]) -> None:
    line, *letters = row
    tried = ["".join([await _tried(town, role, room, line) for role in ROLES]) for room in ROOMS]
    assert dict(zip(ROOMS, tried, strict=True)) == dict(zip(ROOMS, letters, strict=True))


def test_every_command_and_every_button_has_a_line() -> None:
    lines = [row[0] for row in ROWS]
    assert len(lines) == len(set(lines))
    assert {line.split()[0].removeprefix("/") for line in lines if line.startswith("/")} == set(COMMANDS)
    assert {line.partition(":")[0] for line in lines if not line.startswith("/")} == set(PRESSES)


def test_every_verb_of_a_button_does_something() -> None:
    assert set(VERBS) == set(COMMANDS) | set(PRESSES)
