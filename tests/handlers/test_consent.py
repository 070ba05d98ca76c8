"""The yes before anything is kept: asked once, waited for a day, and nothing of what was meant is lost or doubled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea
from bot.store import inbox
from bot.store.housekeeping import tidy
from bot.store.mapping import MAPPINGS
from bot.store.records import Dialogue, Waiting
from tests.handlers.deeds import (
    as_it_stands,
    change_me,
    count,
    end_conversation,
    ideas_of,
    person_of,
    press_old,
    stranger,
)
from tests.handlers.world import Who, World

CONTRIBUTIONS = ("idea", "support", "vote", "report", "helper_group", "group_member", "conversation")
NOTICE = "Are you 13 or over"
THANKS = "Thank you. Now your words and votes count."


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


async def new_here(world: World, name: str = "Bo") -> Who:
    """Somebody who has said nothing yet, not even yes."""
    return await world.person(name, consented=False)


async def consented(world: World, who: Who) -> bool:
    return (await person_of(world, who)).consented


async def where_it_stands(world: World, words: str) -> set[str]:
    """The kinds of record in which these words are found, decrypted."""
    async with world.work() as uow:
        kinds: set[str] = set()
        for record in MAPPINGS:
            for one in await uow.select(record, lambda query: query):
                if isinstance(one, Waiting):
                    found = words in repr(inbox.opened(one.payload, world.keys))
                else:
                    found = words in repr(one)
                if found:
                    kinds.add(record.__name__)
    return kinds


# -- in private ------------------------------------------------------------------------------------------------


async def test_nothing_is_kept_before_the_yes_and_all_happens_after_it(world: World) -> None:
    anna, bo = await world.person("Anna"), await new_here(world)
    conversation = await world.conversation(anna, bo)

    [notice] = await world.command(bo, bo.room, "/idea A bench in the sun")
    assert NOTICE in notice.text
    assert notice.labels == ["Yes", "No", "Tell me more"]
    assert await ideas_of(world, conversation) == []
    assert await where_it_stands(world, "bench") == {"Waiting"}, "it waits, encrypted, and nowhere else"

    thanks, asked = await world.press(bo, bo.room, "Yes")
    assert thanks.text == THANKS
    assert asked.text.startswith("A bench in the sun"), "it goes on where it was, below the thanks"
    await world.press(bo, bo.room, "Give it with my name")
    assert [idea.text for idea in await ideas_of(world, conversation)] == ["A bench in the sun"]
    assert await count(world, "waiting") == 0


async def test_the_notice_says_what_why_who_and_how_to_erase_in_four_sentences_and_a_question(world: World) -> None:
    anna, bo = await world.person("Anna"), await new_here(world)
    await world.conversation(anna, bo)
    [notice] = await world.command(bo, bo.room, "/idea A bench")
    *sentences, question = [block.text for block in notice.message.blocks]
    assert len(sentences) == 4
    assert "your ideas, what you support, how you vote" in sentences[0]
    assert "what unites us" in sentences[1]
    assert "Nora folk high school" in sentences[2]
    assert "/forget" in sentences[3]
    assert question.endswith("?")


async def test_it_is_asked_once(world: World) -> None:
    anna, bo = await world.person("Anna"), await new_here(world)
    await world.conversation(anna, bo)
    await world.command(bo, bo.room, "/idea A bench")
    await world.press(bo, bo.room, "Yes")
    await world.press(bo, bo.room, "Give it with my name")
    await world.command(bo, bo.room, "/vote")
    await world.press(bo, bo.room, "👍 Agree")
    assert not [said for said in world.said(bo.room) if NOTICE in said.text]
    person = await person_of(world, bo)
    assert (person.consent_version, person.consent_at) == (1, world.now)


@pytest.mark.parametrize("way", ["pressed", "number", "word"])
async def test_a_conversation_that_is_begun_waits_for_the_yes_however_it_was_answered(world: World, way: str) -> None:
    anna = await new_here(world, "Anna")
    for words in ("/new", "Nora", "2"):
        await (world.command if words == "/new" else world.message)(anna, anna.room, words)

    if way == "pressed":
        [notice] = await world.press(anna, anna.room, "Begin the conversation")
    else:
        [notice] = await world.message(anna, anna.room, "1" if way == "number" else "begin the conversation")
    assert NOTICE in notice.text
    assert await count(world, *CONTRIBUTIONS) == 0

    if way == "pressed":
        thanks, begun = await world.press(anna, anna.room, "Yes")
    else:
        thanks, begun = await world.message(anna, anna.room, "1" if way == "number" else "yes")
    assert thanks.text == THANKS
    assert begun.text.startswith("Your conversation about Nora has begun")
    assert world.said(anna.room)[-1] is begun, "what comes next stands below, where one reads"
    assert await count(world, "conversation", "participant") == 2
    assert await count(world, "waiting", "dialogue") == 0


async def test_a_vote_counts_after_the_yes_and_the_next_idea_stands_below(world: World) -> None:
    anna, bo = await world.person("Anna"), await new_here(world)
    conversation = await world.conversation(anna, bo)
    await world.idea(conversation, anna, "A bench")
    await world.idea(conversation, anna, "A boat")
    await world.command(bo, bo.room, "/vote")
    await world.message(bo, bo.room, "1")
    assert await count(world, "vote") == 0
    await world.message(bo, bo.room, "1")
    assert await count(world, "vote") == 1
    assert "A boat" in world.last(bo.room).text
    assert "Idea 1: You agree." in world.last(bo.room).text


async def test_all_that_was_meant_happens_in_its_order_and_once(world: World) -> None:
    anna, bo = await world.person("Anna"), await new_here(world)
    conversation = await world.conversation(anna, bo)
    garden = await world.group("Garden", conversation)
    await world.command(anna, garden, "/idea A bench")
    await world.command(bo, bo.room, "/vote")
    ballot = as_it_stands(world.last(bo.room))
    for label in ("👍 Agree", "👎 Disagree", "👎 Disagree", "🤝"):
        await press_old(world, bo, bo.room, ballot, label)
    await world.command(bo, garden, "/idea A boat")
    await world.command(bo, garden, "/idea A barn")
    assert await count(world, "vote", "support") == 0

    await world.press(bo, bo.room, "Yes")

    bench, boat, barn = await ideas_of(world, conversation)
    assert (bench.sums.agree, bench.sums.disagree, bench.supporters) == (0, 1, 1), "the last vote counts"
    assert (boat.text, barn.text) == ("A boat", "A barn")
    assert [said.text.split("\n")[1] for said in world.said(garden)[-2:]] == ["A boat", "A barn"]
    again = len(world.said(garden))
    await world.command(bo, bo.room, "/privacy")
    await world.settle()
    assert len(world.said(garden)) == again


async def test_it_waits_a_day_and_no_longer(world: World) -> None:
    anna, bo, cia = await world.person("Anna"), await new_here(world), await new_here(world, "Cia")
    conversation = await world.conversation(anna, bo, cia)
    await world.command(bo, bo.room, "/vote")
    for who in (bo, cia):
        await world.command(who, who.room, f"/idea By {who.name}")

    for hours, who in ((23, bo), (2, cia)):
        await world.wait(hours=hours)
        async with world.database.transaction() as connection:
            await tidy(connection, world.now)
        await world.press(who, who.room, "Yes")
        if "under your name" in world.last(who.room).text:
            await world.press(who, who.room, "Give it with my name")

    assert [idea.text for idea in await ideas_of(world, conversation)] == ["By Bo"]
    assert world.last(cia.room).text == THANKS
    assert await where_it_stands(world, "By Cia") == set()


async def test_what_is_begun_without_a_yes_waits_a_week_and_with_one_as_long_as_it_takes(world: World) -> None:
    anna, bo, cia = await world.person("Anna"), await new_here(world), await new_here(world, "Cia")
    for who in (anna, bo):
        await world.command(who, who.room, "/new")
        await world.message(who, who.room, "Nora")
    await world.message(cia, cia.room, "I wish for a boat")
    assert await count(world, "dialogue") == 3

    for days, left in ((6, 3), (2, 1), (400, 1)):
        await world.wait(days=days)
        async with world.database.transaction() as connection:
            await tidy(connection, world.now)
        assert await count(world, "dialogue") == left

    assert await where_it_stands(world, "a boat") == set()
    [told] = await world.command(anna, anna.room, "/new")
    assert "Here is your draft from before." in told.text


async def test_after_a_no_nothing_is_kept_and_one_can_read_on_and_change_ones_mind(world: World) -> None:
    anna, bo = await world.person("Anna"), await new_here(world)
    conversation = await world.conversation(anna, bo)
    await world.idea(conversation, anna, "A bench")
    await world.message(bo, bo.room, "A secret boat")
    await world.press(bo, bo.room, "Yes, as an idea")

    [answer] = await world.press(bo, bo.room, "No")
    assert "Nothing was kept." in answer.text
    assert await where_it_stands(world, "secret boat") == set()
    assert not await consented(world, bo)

    await world.command(bo, bo.room, "/ideas 1")
    assert "A bench" in world.last(bo.room).text
    await world.press(bo, bo.room, "🤝")
    await world.press(bo, bo.room, "Yes")
    assert await count(world, "support") == 1


async def test_a_no_to_the_notice_lets_a_finished_draft_go(world: World) -> None:
    anna = await new_here(world, "Anna")
    await world.command(anna, anna.room, "/new")
    for words in ("Nora", "Who owns the secret shore?", "1"):
        await world.message(anna, anna.room, words)
    await world.message(anna, anna.room, "no")
    assert await where_it_stands(world, "secret shore") == set()
    await world.command(anna, anna.room, "/new")
    assert "Which municipality" in world.last(anna.room).text


async def test_whoever_writes_on_instead_of_answering_is_asked_again_and_loses_nothing(world: World) -> None:
    anna = await new_here(world, "Anna")
    await world.command(anna, anna.room, "/new")
    for words in ("Nora", "What do we build?", "1"):
        await world.message(anna, anna.room, words)
    [again] = await world.message(anna, anna.room, "why do you ask?")
    assert NOTICE in again.text
    await world.press(anna, anna.room, "Yes")
    assert await count(world, "conversation") == 1
    assert "What do we build?" in world.last(anna.room).text


async def test_what_was_stopped_meanwhile_does_not_happen(world: World) -> None:
    anna = await new_here(world, "Anna")
    await world.command(anna, anna.room, "/new")
    for words in ("Nora", "What do we build?", "1"):
        await world.message(anna, anna.room, words)
    notice = as_it_stands(world.last(anna.room))
    await world.command(anna, anna.room, "/stop")
    await press_old(world, anna, anna.room, notice, "Yes")
    assert world.last(anna.room).text == "Stopped: Begin a conversation. Nothing of it was kept."
    assert await count(world, "conversation", "dialogue", "waiting") == 0


async def test_a_second_yes_does_nothing_more(world: World) -> None:
    anna, bo = await world.person("Anna"), await new_here(world)
    conversation = await world.conversation(anna, bo)
    garden = await world.group("Garden", conversation)
    await world.command(bo, garden, "/idea A boat")
    notice = as_it_stands(world.last(bo.room))
    await world.press(bo, bo.room, "Yes")
    await press_old(world, bo, bo.room, notice, "Yes")
    await press_old(world, bo, bo.room, notice, "No")
    assert [idea.text for idea in await ideas_of(world, conversation)] == ["A boat"]
    assert await consented(world, bo)


# -- what changed while it waited -----------------------------------------------------------------------------------


async def test_a_pause_that_came_meanwhile_holds(world: World) -> None:
    anna, bo = await world.person("Anna"), await new_here(world)
    conversation = await world.conversation(anna, bo)
    garden = await world.group("Garden", conversation)
    await world.command(bo, garden, "/idea A boat")
    await change_me(world, conversation, bo, muted_until=world.now + timedelta(days=1))
    await world.press(bo, bo.room, "Yes")
    assert await ideas_of(world, conversation) == []
    assert "A moderator has asked you to pause until" in world.last(garden).text
    assert world.last(garden).message.only_for == "bo"


async def test_an_idea_that_was_taken_back_meanwhile_cannot_be_weighed(world: World) -> None:
    anna, bo = await world.person("Anna"), await new_here(world)
    conversation = await world.conversation(anna, bo)
    idea = await world.idea(conversation, anna, "A bench")
    await world.command(bo, bo.room, "/vote")
    await world.press(bo, bo.room, "👍 Agree")
    async with world.work() as uow:
        uow.save(msgspec.structs.replace(await uow.need(Idea, conversation, idea.id), state="withdrawn"))
    await world.press(bo, bo.room, "Yes")
    assert await count(world, "vote") == 0
    assert world.last(bo.room).text == "This idea is not here any more."


async def test_a_conversation_that_ended_meanwhile_takes_nothing(world: World) -> None:
    anna, bo = await world.person("Anna"), await new_here(world)
    conversation = await world.conversation(anna, bo)
    await world.command(bo, bo.room, "/idea A boat")
    await end_conversation(world, conversation)
    await world.press(bo, bo.room, "Yes")
    assert await ideas_of(world, conversation) == []
    assert world.last(bo.room).text == "This conversation has ended. What was said can still be read."


# -- in a group ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [0, 2.9, 3, 60, 600, 600.1, 86_400])
async def test_in_a_group_a_second_tap_between_three_seconds_and_ten_minutes_is_the_yes(
    world: World, after: float
) -> None:
    anna, bo, counts = await world.person("Anna"), stranger("Bo"), 3 <= after <= 600
    conversation = await world.conversation(anna)
    garden = await world.group("Garden", conversation)
    await world.command(anna, garden, "/idea A bench")

    assert await world.press(bo, garden, "🤝") == [], "the group sees nothing of it"
    assert world.alert.startswith("What you choose here is kept")
    assert len(world.alert) <= 200
    assert list(world.answers.values())[-1].alert
    await world.wait(seconds=after)
    await world.press(bo, garden, "🤝")

    assert await consented(world, bo) == counts
    assert (await ideas_of(world, conversation))[0].supporters == counts
    assert world.alert.startswith("You carry idea 1." if counts else "What you choose here")


async def test_a_tap_too_early_only_begins_anew(world: World) -> None:
    anna, bo = await world.person("Anna"), stranger("Bo")
    garden = await world.group("Garden", await world.conversation(anna))
    await world.command(anna, garden, "/idea A bench")
    for seconds in (0, 1, 2, 2):
        await world.wait(seconds=seconds)
        await world.press(bo, garden, "🤝")
    assert not await consented(world, bo)
    await world.wait(seconds=3)
    await world.press(bo, garden, "🤝")
    assert await consented(world, bo)


async def test_whoever_the_bot_can_write_to_reads_the_notice_in_private(world: World) -> None:
    anna, bo = await world.person("Anna"), await new_here(world)
    conversation = await world.conversation(anna)
    garden = await world.group("Garden", conversation)

    [hint] = await world.command(bo, garden, "/idea A boat")
    assert hint.message.only_for == "bo"
    assert "I have written to you in private" in hint.text
    await world.press(bo, bo.room, "Yes")
    assert world.last(garden).text.startswith("Idea 1\nA boat\nFrom Bo")


async def test_whoever_never_wrote_to_the_bot_gets_a_way_there(world: World) -> None:
    anna, bo = await world.person("Anna"), stranger("Bo")
    conversation = await world.conversation(anna)
    garden = await world.group("Garden", conversation)

    [hint] = await world.command(bo, garden, "/idea A boat")
    assert hint.labels == ["Read and answer"]
    assert await ideas_of(world, conversation) == []
    [notice] = await world.press(bo, garden, "Read and answer", on=hint)
    assert NOTICE in notice.text
    await world.press(bo, bo.room, "Yes")
    assert world.last(garden).text.startswith("Idea 1\nA boat\nFrom Bo")

    [told] = await world.press(bo, garden, "Read and answer", on=hint)
    assert "You have said yes already." in told.text


async def test_who_looks_on_is_asked_for_nothing(world: World) -> None:
    anna, bo = await world.person("Anna"), await new_here(world)
    conversation = await world.conversation(anna)
    garden = await world.group("Garden", conversation)
    await world.idea(conversation, anna, "A bench")
    for command in ("/help", "/ideas", "/ideas 1", "/groups", "/join", "/language"):
        for place in (garden, bo.room):
            await world.command(bo, place, command)
    await world.command(bo, bo.room, "/vote")
    assert not [said for place in (garden, bo.room) for said in world.said(place) if NOTICE in said.text]
    assert await count(world, "waiting", "vote", "support") == 0


async def test_what_waits_and_what_is_drafted_belongs_to_one_person(world: World) -> None:
    anna, bo, cia = await world.person("Anna"), await new_here(world), await new_here(world, "Cia")
    conversation = await world.conversation(anna, bo, cia)
    garden = await world.group("Garden", conversation)
    await world.command(bo, garden, "/idea By Bo")
    await world.command(cia, garden, "/idea By Cia")
    await world.press(cia, cia.room, "No")
    await world.press(bo, bo.room, "Yes")
    assert [idea.text for idea in await ideas_of(world, conversation)] == ["By Bo"]
    async with world.work() as uow:
        assert await uow.select(Dialogue, lambda query: query) == []
        assert (await uow.need(Conversation, conversation)).ideas == 1
