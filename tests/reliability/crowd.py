"""A crowd that goes on giving ideas, carrying and weighing them, whether anybody answers or not, and what comes of it.

What they press on cards is known beforehand, since a button is an address: nobody waits for the bot, but where it asks.
So whatever they did can be counted afterwards.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from bot.chat.content import Action
from bot.chat.keys import RoomKey
from bot.crypto import Keyring
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea, Support, Vote
from bot.domain.people import Account, Participant
from bot.store.engine import Database
from bot.store.records import Inbox, Outbox
from bot.store.unit_of_work import UnitOfWork
from bot.views.buttons import seal, unseal
from tests.peers.telegram import Group, Message, Person, TelegramEmulator
from tests.story.scenes import gives, invites, joins, says_yes
from tests.story.world import Town

WEIGHTS = {"agree": 1, "disagree": -1, "pass": 0}
PEOPLE = 8
FIRST_IDEAS = 6
QUESTION_WITHIN = 120.0
LETTERS = "abdefghijklmnoprstuvyåäö"


@dataclass
class Member:
    """Somebody of the crowd, and what they have done so far."""

    person: Person
    id: UUID
    door: Message
    """A message in the private chat whose buttons they press."""
    given: list[str] = field(default_factory=list)
    votes: dict[int, int] = field(default_factory=dict)
    presses: Counter[int] = field(default_factory=Counter)
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def name(self) -> str:
        return self.person.name


@dataclass
class Elsewhere:
    """What somebody on another network has done."""

    name: str
    given: list[str] = field(default_factory=list)
    votes: dict[int, int] = field(default_factory=dict)
    presses: Counter[int] = field(default_factory=Counter)


@dataclass
class Crowd:
    """All of them, in one conversation with one group."""

    server: TelegramEmulator
    keys: Keyring
    conversation_id: UUID
    ideas: Sequence[Idea]
    members: list[Member]
    group: Group
    chance: random.Random
    in_group: list[str] = field(default_factory=list)
    elsewhere: list[Elsewhere] = field(default_factory=list)
    deeds: int = 0

    @classmethod
    async def gathered(cls, town: Town, seed: int) -> Crowd:
        """Let a town come together: one conversation, a group, the first ideas, everybody in it."""
        chance = random.Random(seed)
        people = [town.neighbour(f"Granne {number}") for number in range(PEOPLE)]
        host = people[0]
        await host.writes("/new")
        await host.writes("Lillköping bortom skogen")
        await host.picks("aswritten")
        await host.writes("Vad vill vi?")
        await host.picks("yes")
        await host.agrees_to_the_notice()
        invitation = await invites(host)
        group = town.group("Torget", *people)
        await host.follows(invitation.group_link, group=group)
        for one in people[1:]:
            await joins(one, invitation)
            await says_yes(one)
        for _ in range(FIRST_IDEAS):
            await gives(host, words(chance))
        accounts = {account.secret.key.id: account.person_id for account in await town.kept(Account)}
        members = [Member(one.person, accounts[str(one.person.id)], one.last) for one in people]
        conversation = (await town.kept(Conversation))[0]
        ideas = await town.kept(Idea)
        return cls(town.server, town.bot.keys, conversation.id, ideas, members, group, chance)

    # What they do

    async def live(self, until: asyncio.Event, pause: float) -> None:
        """Do one thing after the other; what was begun is brought to its end."""
        async with asyncio.TaskGroup() as begun:
            while not until.is_set():
                await self.do_something(begun)
                await asyncio.sleep(self.chance.expovariate(1 / pause))

    async def do_something(self, begun: asyncio.TaskGroup) -> None:
        member, chance = self.chance.choice(self.members), self.chance
        self.deeds += 1
        match chance.choices(("group", "private", "vote", "support"), (1, 1, 3, 2))[0]:
            case "group":
                await self._gives_in_group(member)
            case "private":
                begun.create_task(self._gives_in_private(member, words(chance)))
            case "vote":
                number = chance.randrange(len(self.ideas))
                vote = chance.choice(list(WEIGHTS))
                await self._presses(member, Action(vote, self.conversation_id, self.ideas[number].id))
                member.votes[number] = WEIGHTS[vote]
            case _:
                number = chance.randrange(len(self.ideas))
                await self._presses(member, Action("support", self.conversation_id, self.ideas[number].id))
                member.presses[number] += 1

    async def _gives_in_group(self, member: Member) -> None:
        idea = words(self.chance)
        await member.person.send(self.group, f"/idea {idea}")
        member.given.append(idea)
        self.in_group.append(idea)

    async def _gives_in_private(self, member: Member, idea: str) -> None:
        """Give an idea and answer what is asked, as soon as it is."""
        async with member.one_at_a_time:
            await member.person.send(member.person.private, f"/idea {idea}")
            chat = member.person.private
            question = await chat.wait_for_message(
                matches=lambda message: quoted(message) == idea, since=0, timeout=QUESTION_WITHIN
            )
            room = self.keys.lookup("room", str(RoomKey("telegram", str(member.person.id))))
            actions = {
                button["callback_data"]: unseal(button["callback_data"], room, self.keys) for button in question.buttons
            }
            named = next(data for data, action in actions.items() if action.arg.endswith("named"))
            await member.person.press_data(question, named, wait=False)
            member.given.append(idea)
            # Messages and presses come by ways of their own: the next idea could overtake the answer.
            await chat.wait_until(lambda: quoted(question) != idea, timeout=QUESTION_WITHIN)

    async def _presses(self, member: Member, action: Action) -> None:
        await member.person.press_data(member.door, seal(action, self._room(member), self.keys), wait=False)

    def _room(self, member: Member) -> bytes:
        return self.keys.lookup("room", str(RoomKey("telegram", str(member.person.id))))

    # What must have come of it

    @property
    def everybody(self) -> list[Member | Elsewhere]:
        return [*self.members, *self.elsewhere]

    async def settled(self, database: Database, timeout: float = 240.0) -> None:
        """Wait until all is handled and sent."""
        await self.server.wait_until_handled(timeout=timeout)
        await all_done(database, self.keys, timeout)

    async def nothing_is_lost_or_doubled(self, database: Database) -> None:
        """Compare what they did with what is kept."""
        ideas = await kept(database, self.keys, Idea)
        names = {one.id: one.secret.name for one in await kept(database, self.keys, Participant)}
        conversation = (await kept(database, self.keys, Conversation))[0]
        votes, supports = await kept(database, self.keys, Vote), await kept(database, self.keys, Support)
        parked = [one.trace for one in await kept(database, self.keys, Inbox) if one.state == "parked"]
        assert not parked, parked
        assert not [one.error for one in await kept(database, self.keys, Outbox) if one.state == "parked"]

        first = {idea.text for idea in self.ideas}
        given = Counter((names[idea.author_id], idea.text) for idea in ideas if idea.text not in first)
        meant = Counter((one.name, text) for one in self.everybody for text in one.given)
        assert given == meant, f"lost: {meant - given}, doubled or nobody's: {given - meant}"
        assert sorted(idea.number for idea in ideas) == list(range(1, len(ideas) + 1))
        assert conversation.ideas == len(ideas)
        assert conversation.participants == len(self.everybody)

        number = {idea.id: place for place, idea in enumerate(self.ideas)}
        voted = {(names[vote.participant_id], number[vote.idea_id]): vote.value for vote in votes}
        wanted = {(one.name, place): value for one in self.everybody for place, value in one.votes.items()}
        assert voted == wanted, f"votes differ: {voted.items() ^ wanted.items()}"
        carried = {(names[one.participant_id], number[one.idea_id]) for one in supports}
        odd = {(one.name, place) for one in self.everybody for place, times in one.presses.items() if times % 2}
        assert carried == odd, f"carried otherwise: {carried ^ odd}"

        for idea in ideas:
            mine = [vote.value for vote in votes if vote.idea_id == idea.id]
            assert idea.sums.voters == idea.voters == len(mine)
            assert (idea.sums.agree, idea.sums.disagree) == (mine.count(1), mine.count(-1))
            assert idea.supporters == sum(one.idea_id == idea.id for one in supports)

    async def the_group_saw_them_in_order(self, database: Database, uncertain: int) -> None:
        """Each idea given in the group has its card there, in the order given; doubled at most as often as counted."""
        numbers = {idea.text: idea.number for idea in await kept(database, self.keys, Idea)}
        shown = [text for message in self.group.bot_messages if (text := quoted(message)) in set(self.in_group)]
        once = list(dict.fromkeys(shown))
        assert once == self.in_group
        assert [numbers[text] for text in once] == sorted(numbers[text] for text in once)
        assert len(shown) - len(once) <= uncertain


async def all_done(database: Database, keys: Keyring, timeout: float = 240.0) -> None:
    """Wait until nothing that came in waits to be handled, and nothing that is due waits to be sent."""
    async with asyncio.timeout(timeout):
        while await _something_waits(database, keys):  # noqa: ASYNC110 (another process does it)
            await asyncio.sleep(0.05)


async def _something_waits(database: Database, keys: Keyring) -> bool:
    inbox, outbox = await kept(database, keys, Inbox), await kept(database, keys, Outbox)
    soon = datetime.now(UTC) + timedelta(minutes=1)
    return any(one.state == "new" for one in inbox) or any(
        one.state == "sending" or (one.state == "waiting" and one.not_before < soon) for one in outbox
    )


async def kept(database: Database, keys: Keyring, record: type) -> list:
    """Give all records of a kind."""
    async with database.transaction() as connection:
        return await UnitOfWork(connection, keys).select(record, lambda query: query)


def quoted(message: Message) -> str:
    """Give the words that a card quotes."""
    return next(
        (message.body[e["offset"] : e["offset"] + e["length"]] for e in message.entities if e["type"] == "blockquote"),
        "",
    )


def words(chance: random.Random) -> str:
    """Make up an idea that is like no other."""
    return " ".join("".join(chance.choices(LETTERS, k=chance.randint(4, 9))) for _ in range(4))
