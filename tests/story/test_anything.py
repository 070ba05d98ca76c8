"""Neighbours who press whatever there is and write whatever comes to mind: each is answered, and nothing breaks."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.ideas import Idea, Support, Vote
from bot.domain.people import Participant
from bot.handlers.tables import COMMANDS
from bot.i18n import NAMES
from tests.adapters.contract import png
from tests.peers.telegram import Message, Topic
from tests.story.scenes import gives, invites, joins, says_yes
from tests.story.world import Neighbour, Place, Town, said_in
from tests.story.world import town as founded

STEPS = 250
WORDS = (
    "En bänk vid vattnet", "ja", "nej", "1", "2", "7", "tillbaka", "hoppa över", "avbryt", "stop", "klar", "Härnösand",
    "Varför?\nDärför.\n- En sak\n- En annan", "🌻", "مقعد", "x" * 300, "<b>&", "%(n)d", "/", "//", "Vad vill vi göra?",
)  # fmt: skip
ARGUMENTS = (
    "",
    "",
    "1",
    "2",
    "99",
    "En kälkbacke",
    "hide 1",
    "undo",
    "log",
    "mute 1 7 x",
    "add",
    "en",
    "svenska",
    "ABCDEF",
)


async def everybody(town: Town) -> tuple[list[Neighbour], list[Place]]:
    """A host, two who said yes, one who did not, and a stranger; a group, a topic, and a group of no conversation."""
    anna, bo, cecilia, dag, nils = (
        town.neighbour(name, "en" if name == "Bo" else "sv") for name in ("Anna", "Bo", "Cecilia", "Dag", "Nils")
    )
    people = [anna, bo, cecilia, dag, nils]
    await anna.writes("/new")
    await anna.writes("Härnösand")
    await anna.writes("Vad vill vi göra?")
    await anna.picks("yes")
    await anna.agrees_to_the_notice()
    invitation = await invites(anna)
    group, other = town.group("Grannar", *people), town.group("Andra", nils, anna)
    forum = town.group("Forum", *people, forum=True)
    await anna.follows(invitation.group_link, group=group)
    await nils.person.add_bot(other)
    await anna.person.add_bot(forum)
    topic = forum.topic("Vinter")
    for one in (bo, cecilia, dag):
        await joins(one, invitation)
    for one in (bo, cecilia):
        await says_yes(one)
    await gives(bo, "A bench by the water")
    await gives(cecilia, "En pulka åt alla")
    return people, [group, topic, other]


@pytest.fixture
async def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """A town where what one person in a group is told is seen by nobody else."""
    async with founded(tmp_path, monkeypatch, ephemeral="support") as made:
        yield made


@pytest.mark.parametrize("swedish", [False, True], ids=["English", "Swedish"])
async def test_every_command_is_answered_everywhere(town: Town, swedish: bool) -> None:  # noqa: FBT001 (a case)
    people, rooms = await everybody(town)
    for name, command in COMMANDS.items():
        if name == "forget":
            continue
        word = command.swedish if swedish else name
        for one in people:
            for room in (one.private, *rooms):
                if isinstance(room, Topic) or one.person.user.id in room.state.members or room is one.private:
                    before = town.server.core.event_number
                    await one.writes(f"/{word}", room)
                    said = [event for events in town.server.core.events.values() for event in events]
                    answers = [event for event in said if event.number > before and event.kind in {"sent", "edited"}]
                    assert answers, f"{one.name}: /{word} in {room} was not answered"
                    if name == "listen" and room is one.private:
                        await one.writes("/stop")
    assert town.bot.dispatcher.parked == 0
    assert town.bot.delivery.counts.parked == 0


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_is_pressed_and_written(town: Town, seed: int) -> None:
    await anything(town, seed, STEPS)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1000, 1100))
async def test_whatever_is_pressed_and_written_for_long(town: Town, seed: int) -> None:
    await anything(town, seed, 4 * STEPS)


async def anything(town: Town, seed: int, steps: int) -> None:
    """Let the neighbours do as they like."""
    chance = random.Random(seed)
    people, rooms = await everybody(town)
    for _ in range(steps):
        await something(town, chance, people, rooms)
        assert town.bot.dispatcher.parked == 0
        assert town.bot.delivery.counts.parked == 0
    await sums_are_right(town)


async def something(town: Town, chance: random.Random, people: list[Neighbour], rooms: list[Place]) -> None:
    """One deed of one neighbour."""
    one = chance.choice(people)
    room = chance.choice([one.private, one.private, *rooms])
    if isinstance(room, Topic) or room is one.private or one.person.user.id in room.state.members:
        match chance.choices(("press", "command", "words", "reply", "time", "odd"), (12, 4, 4, 2, 1, 1))[0]:
            case "press":
                await presses_something(town, chance, one, room)
            case "command":
                await one.writes(f"/{chance.choice(list(COMMANDS))} {chance.choice(ARGUMENTS)}", room)
            case "words":
                await one.writes(chance.choice(WORDS), room)
            case "reply" if messages := shown(room):
                words = chance.choice(("/idea", "/report", "/mod add", "/mod remove", "Ja!"))
                await one.writes(words, room, reply_to=chance.choice(messages))
            case "time":
                await town.later(minutes=chance.choice((1, 30, 600, 3000)))
            case _:
                await one.writes("", room, **chance.choice(({"voice": b"OggS"}, {"sticker": "🌻"}, {"photo": png()})))


async def presses_something(town: Town, chance: random.Random, one: Neighbour, room: Place) -> None:
    """Press any button that stands in the room, also an old one; a link is followed."""
    buttons = [(message, button) for message in said_in(room) for button in message.buttons if not _of_language(button)]
    if not buttons:
        return
    message, button = chance.choice(buttons[-12:] if chance.random() < 0.7 else buttons)
    if "callback_data" not in button:
        if "startgroup" not in button["url"] and "start=" in button["url"]:
            await one.follows(button["url"])
        return
    answer = await one.person.press_data(message, button["callback_data"])
    assert answer.answered
    await town.settled()
    if answer.url and "start=" in answer.url:
        await one.follows(answer.url)


def _of_language(button: dict[str, Any]) -> bool:
    """Whether it changes a language; who speaks which is known here from the beginning."""
    return button["text"] in NAMES.values()


def shown(room: Place) -> list[Message]:
    return [message for message in room.messages if not message.service][-10:]


async def sums_are_right(town: Town) -> None:
    """What is counted is what is there."""
    votes, supports, people = await town.kept(Vote), await town.kept(Support), await town.kept(Participant)
    for idea in await town.kept(Idea):
        mine = [vote.value for vote in votes if (vote.conversation_id, vote.idea_id) == (idea.conversation_id, idea.id)]
        assert (idea.sums.agree, idea.sums.disagree, idea.sums.passed) == tuple(map(mine.count, (1, -1, 0)))
        assert idea.supporters == sum(one.idea_id == idea.id for one in supports)
    assert people
