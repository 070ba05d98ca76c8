"""Nine days between two meetings in a village of forty, half of them on each of two networks: the script.

Its host says when they meet next, and plans a question for each evening besides; all else goes by itself. A stage
(`in_memory.py`, `nine_networks.py`) is where it is played: it has the people and a group on each network, lets many
act at once and days go by, and notes what comes to whom, and when.
"""

from __future__ import annotations

import html
import os
import re
import zlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.harvest import Harvest
from bot.domain.ideas import Idea
from bot.reporting import files
from bot.store.harvest import load_harvest
from tests.story.scenes import newest
from tests.story.stage import Came, Stage
from tests.story.world import ZONE, Neighbour

QUESTION = "Hur vill vi att Nora ska vara om tio år?"
EVENING = "Vad såg du i dag som du vill se mer av?"
IDEAS = (
    "En bänk vid sjön", "Ett växthus på skolgården", "En båt som alla får låna", "Lampor längs stigen till ån",
    "Ett bibliotek av verktyg", "En dag utan bilar", "Äppelträd utmed gatan",
)  # fmt: skip
GIVERS = (2, 4, 6, 8, 10, 12, 1)
"""Six on the one side, more than come at once to the other side's group, and one there."""
WEIGH, AT_A_TIME = 15, 5
"""So many weigh; after so many ideas they are asked whether they go on."""
UNITING = 3
"""All agree with the first ideas; about the others there are two minds."""
SEASONS = ("Nu väger vi idéerna.", "Nu gör vi något av det.", "Nu skördar vi.")
MAP = "Var vi står"
COLD = {*SEASONS, "En fråga till oss alla", MAP}
"""How what a group has not asked for begins."""
AT_ONCE, REST = 5, "Nya idéer"
"""So many cards come to a group on a day; the rest waits, and comes under this title."""


def moment(day: int, hour: int = 13) -> datetime:
    """Give a moment of March."""
    return datetime(2026, 3, day, hour, tzinfo=ZONE).astimezone(UTC)


BEGIN = moment(2, 10)


async def nine_days(stage: Stage) -> None:
    """Play it, and look at what came to whom."""
    host = stage.people[0]
    await _begins(stage, host)
    await stage.gathers(host)
    await _plans_a_question(stage, host)
    ideas = await _they_give_ideas(stage)
    await _they_weigh(stage, ideas)
    await _energy_becomes_helper_groups(stage, ideas)
    page = await _the_page_is_printed(stage, host)
    await stage.until(moment(12))

    assert max(stage.unasked.values()) == 1, "nobody got more than one message a day that they had not asked for"
    told = {name for name, _day in stage.unasked}
    assert told == {one.name for one in stage.people}, "and all heard that they could weigh, and where the energy is"
    for number in range(len(stage.groups)):
        given = {IDEAS[place] for place, giver in enumerate(GIVERS) if giver % 2 == number}
        _kept_its_pace([one for one in stage.came if one.group == number], given)
    _is_good(page)


async def _begins(stage: Stage, host: Neighbour) -> None:
    """A conversation until the meeting, on a Wednesday in nine days."""
    with stage.turn(host):
        for words in ("/new", "Nora", QUESTION):
            await host.writes(words)
        for option in ("lasts", "meeting"):
            await host.picks(option, newest(stage, host.private, "pick"))
        await host.writes("11 mars 18:30")
        await host.picks("yes", newest(stage, host.private, "pick"))
        await host.presses("yes", newest(stage, host.private, "yes"))


async def joins_by(stage: Stage, code: str) -> None:
    """Let all come in by an invitation's code; who will give or weigh says yes to what is kept."""
    host, *others = stage.people
    await stage.each(others, lambda one: one.writes(f"/start {code}"))
    active = [one for one in stage.people[:WEIGH] if one is not host]
    await stage.each(active, lambda one: one.writes("/privacy"))
    await stage.each(active, lambda one: one.presses("yes", newest(stage, one.private, "yes")))


async def _plans_a_question(stage: Stage, host: Neighbour) -> None:
    with stage.turn(host):
        await host.writes("/prompt")
        await host.presses("prompt", newest(stage, host.private, "prompt"), arg="new")
        await host.writes(EVENING)
        await host.writes("varje dag kl 17")
        await host.picks("yes", newest(stage, host.private, "pick"))


async def _they_give_ideas(stage: Stage) -> list[Idea]:
    """On the second day, each in their group."""
    await stage.until(moment(3))
    words = {stage.people[number].name: idea for number, idea in zip(GIVERS, IDEAS, strict=True)}
    givers = [one for one in stage.people if one.name in words]
    await stage.each(givers, lambda one: one.writes(f"/idea {words[one.name]}", stage.groups[_side(stage, one)]))
    ideas = await stage.kept(Idea)
    assert {one.text for one in ideas} == set(IDEAS)
    return sorted(ideas, key=lambda one: IDEAS.index(one.text))


def _side(stage: Stage, one: Neighbour) -> int:
    return stage.people.index(one) % 2


async def _they_weigh(stage: Stage, ideas: list[Idea]) -> None:
    """On the fourth day, after they were told; there are two minds about some ideas, and one about others."""
    await stage.until(moment(5, 19))
    place = {idea.id: number for number, idea in enumerate(ideas)}
    minds = {one.name: number // 2 % 2 for number, one in enumerate(stage.people)}

    async def weighs(one: Neighbour) -> None:
        ballot = newest(stage, one.private, "agree")
        [subject] = {action.subject for action in stage.actions(ballot).values() if action.verb == "agree"}
        number = place[subject]
        agrees = number < UNITING or minds[one.name] == number % 2
        await one.presses("agree" if agrees else "disagree", ballot)

    some = stage.people[:WEIGH]
    await stage.each(some, lambda one: one.writes("/vote"))
    for given in range(1, len(ideas) + 1):
        await stage.each(some, weighs)
        if given == AT_A_TIME:
            await stage.each(some, lambda one: one.presses("vote", newest(stage, one.private, "vote")))


async def _energy_becomes_helper_groups(stage: Stage, ideas: list[Idea]) -> None:
    """On the seventh day, after they were told: three hands on each of two ideas, and somebody on each side leads."""
    await stage.until(moment(8, 19))
    helpers = stage.people[4:10]
    wanted = {one.name: ideas[number // 3] for number, one in enumerate(helpers)}

    async def puts_a_hand(one: Neighbour) -> None:
        offered = newest(stage, one.private, "hand")
        await one._press(offered, _about(stage, offered, "hand", wanted[one.name].id))

    await stage.each(helpers, lambda one: one.writes("/energy"))
    await stage.each(helpers, puts_a_hand)
    for one in (helpers[0], helpers[3]):
        with stage.turn(one):
            await one.writes("/energy")
            offered = newest(stage, one.private, "lead")
            await one._press(offered, _about(stage, offered, "lead", wanted[one.name].id))
            for _ in range(3):
                await one.presses("skip", newest(stage, one.private, "skip"))
            await one.picks("yes", newest(stage, one.private, "pick"))

    async def joins_in(one: Neighbour) -> None:
        group = stage.groups[_side(stage, one)]
        await one.presses("joingroup", newest(stage, group, "joingroup", wanted[one.name].text))

    await stage.each((helpers[1], helpers[4]), joins_in)
    formed = await stage.kept(HelperGroup)
    assert {one.idea_id for one in formed} == {ideas[0].id, ideas[1].id}, "the energy led to two helper groups"


def _about(stage: Stage, message: Any, verb: str, subject: UUID) -> str:
    found = [data for data, one in stage.actions(message).items() if (one.verb, one.subject) == (verb, subject)]
    assert len(found) == 1, f"{len(found)} buttons for it under\n{message.body}"
    return found[0]


class Printed(NamedTuple):
    """The page as a PDF, and what it was made of."""

    pdf: bytes
    harvest: Harvest


async def _the_page_is_printed(stage: Stage, host: Neighbour) -> Printed:
    """On the day before the meeting the host is told that it can be printed."""
    await stage.until(moment(10, 20))
    with stage.turn(host):
        await host.presses("take", newest(stage, host.private, "take"), arg="sheet-pdf")
    [pdf] = [one for one in stage.files(host) if one.startswith(b"%PDF")]
    [conversation] = await stage.kept(Conversation)
    async with stage.work() as uow:
        harvest = await load_harvest(uow, conversation.id, stage.now)
    return Printed(pdf, harvest)


def _kept_its_pace(came: list[Came], given: set[str]) -> None:
    """One group's days: nothing at night, one thing a day that nobody there began, and few cards at once.

    Ideas that were `given` there show there at once, however many they are.
    """
    assert all(8 <= one.at.astimezone(ZONE).hour < 20 for one in came), "groups sleep at night"
    cards = Counter(one.day for one in came if "support" in one.verbs and one.about not in given)
    assert all(number <= AT_ONCE for number in cards.values()), "few cards come at once"
    assert any(one.title == REST for one in came), "the rest comes in one message"
    assert [one.day.day for one in came if one.title == MAP] == [7], "the map is posted on its day"
    cold = Counter(one.day for one in came if one.title in COLD)
    assert max(cold.values()) == 1, "a question, a season, or the map: one a day"
    assert [one.title for one in came if one.title in SEASONS] == list(SEASONS)


def _is_good(page: Printed) -> None:
    """It is one page, with the question, the ideas that unite, and the helper groups."""
    if path := os.environ.get("KEEP_PAGE"):
        Path(path).write_bytes(page.pdf)
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", page.pdf, re.DOTALL)
    whole = page.pdf + b"".join(zlib.decompress(part) for part in packed if part[:1] == b"\x78")
    assert len(re.findall(rb"/Type /Page\b", whole)) == 1
    written = html.unescape(files.write(page.harvest, "sheet", page.harvest.locale).data.decode())
    for words in (QUESTION, *IDEAS[:2]):
        assert words in written
    assert page.harvest.opinions is not None
    assert len(page.harvest.opinions.groups) == 2, "two groups can be told apart"
