"""Ideas: given in private and in groups, one or many, mended, carried, found again, and taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from uuid6 import uuid7

from bot.chat.content import Action
from bot.chat.events import Event
from bot.chat.keys import RoomKey
from bot.domain.ideas import Idea
from bot.domain.maps import Edition, Findings
from bot.store.housekeeping import tidy
from bot.store.records import MapKept
from tests.handlers.deeds import (
    as_it_stands,
    change_me,
    count,
    edits,
    end_conversation,
    gives,
    ideas_of,
    press_data,
    press_old,
    pressing,
    sealed,
    starts_anew,
    stranger,
)
from tests.handlers.world import CHANNEL, Place, Said, Who, World

GONE = "This idea is not here any more."


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


# -- giving --------------------------------------------------------------------------------------------------------


async def test_an_idea_in_private_goes_to_every_room_and_says_what_comes_next(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    rooms = [await world.group(title, conversation) for title in ("Garden", "Choir")]
    await world.command(bo, bo.room, "/idea A bench by the lake")
    [thanks] = await world.press(bo, bo.room, "Give it with my name")
    assert thanks.text == "Thank you. Your idea is given to the conversation.\nWhat do we want Nora to be like?"
    assert thanks.labels == ["Weigh the ideas", "Give another idea", "Invite others"]
    for room in rooms:
        [card] = world.said(room)
        assert card.text == ("Idea 1\nA bench by the lake\nFrom Bo\nNobody carries it yet.\nNobody has weighed it yet.")
        assert card.labels == ["🤝 I carry it (0)", "✋ I take the lead", "Weigh it in private", "More"]
    assert not world.said(anna.room)[-1].text.startswith("Idea"), "nobody is written to unasked"


async def test_an_idea_in_a_group_needs_no_more_words(world: World) -> None:
    anna = await world.person("Anna")
    garden = await world.group("Garden", await world.conversation(anna))
    [card] = await world.command(anna, garden, "/idea A bench")
    assert card.text.startswith("Idea 1\nA bench\nFrom Anna")


async def test_only_in_private_an_idea_has_no_name(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    garden = await world.group("Garden", conversation)
    await world.command(anna, anna.room, "/idea A bench")
    await world.press(anna, anna.room, "Give it without my name")
    assert "Anna" not in world.last(garden).text
    await world.command(anna, anna.room, "/idea", reply_to=world.quoted(anna, "A path round the lake"))
    assert "under your name" in world.last(anna.room).text, "one's own older message, in private"
    await world.message(anna, anna.room, "no")
    assert [idea.named for idea in await ideas_of(world, conversation)] == [False, False]


async def test_several_lines_are_several_ideas_and_may_be_from_the_meeting(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    garden = await world.group("Garden", conversation)
    [asked] = await world.command(anna, garden, "/idea 1. A bench\n2) A boat\n- A barn\n\n* A bench")
    assert asked.text == "A bench\nA boat\nA barn\nAre these 3 ideas?"
    cards = await world.message(anna, garden, "the second, please")
    assert cards == []
    await world.press(anna, garden, "Yes, and they are from the meeting")
    assert [(idea.text, idea.from_meeting, idea.number) for idea in await ideas_of(world, conversation)] == [
        ("A bench", True, 1), ("A boat", True, 2), ("A barn", True, 3),
    ]  # fmt: skip
    assert all("From the meeting." in said.text for said in world.said(garden)[-3:])


async def test_lines_may_be_one_idea(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    await world.command(anna, anna.room, "/idea A bench\nwith a roof")
    await world.press(anna, anna.room, "No, it is one idea")
    await world.message(anna, anna.room, "yes")
    assert [idea.text for idea in await ideas_of(world, conversation)] == ["A bench\nwith a roof"]


async def test_who_has_the_same_idea_may_carry_the_one_there_is(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    await world.idea(conversation, anna, "A bench by the lake")
    [asked] = await world.command(bo, bo.room, "/idea A bench at the lake")
    assert asked.text == "1. A bench by the lake\nIs it one of these?\nEveryone sees who supports an idea."
    [told] = await world.press(bo, bo.room, "I carry idea 1")
    assert told.text == "You carry idea 1 now. Thank you."
    await world.command(bo, bo.room, "/idea A bench at the lake")
    await world.press(bo, bo.room, "I carry idea 1")
    [idea] = await ideas_of(world, conversation)
    assert idea.supporters == 1, "carried once, however often it is said"


async def test_or_keep_both(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    await world.idea(conversation, anna, "A bench by the lake")
    await world.command(bo, bo.room, "/idea A bench at the lake")
    await world.message(bo, bo.room, "no")
    await world.message(bo, bo.room, "yes")
    assert len(await ideas_of(world, conversation)) == 2


async def test_an_alike_idea_that_is_taken_back_meanwhile_is_not_carried(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    idea = await world.idea(conversation, anna, "A bench by the lake")
    [asked] = await world.command(bo, bo.room, "/idea A bench at the lake")
    asked = as_it_stands(asked)
    async with world.work() as uow:
        uow.save(msgspec.structs.replace(idea, state="withdrawn"))
    await press_old(world, bo, bo.room, asked, "I carry idea 1")
    assert "under your name" in world.said(bo.room)[-1].text, "then it is an idea of its own"
    assert await count(world, "support") == 0


# -- another's message ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("findable", ["anyone", "invited"])
async def test_somebodys_message_becomes_an_idea_if_they_say_so_in_private(world: World, findable: str) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, findable=findable)
    garden = await world.group("Garden", conversation)
    [told] = await world.command(anna, garden, "/idea", reply_to=world.quoted(bo, "Let us have a choir"))
    assert (told.text, told.message.only_for) == ("I have asked Bo, who wrote it.", "anna")
    asked = world.last(bo.room)
    assert asked.text == (
        "Anna thinks that this is an idea for the conversation:\nLet us have a choir\n"
        "You wrote it. May it be an idea, with your name?"
    )
    await world.message(bo, bo.room, "yes")
    assert world.last(bo.room).text == "Thank you. It is idea 1 now."
    assert world.last(garden).text.startswith("Idea 1\nLet us have a choir\nFrom Bo")


async def test_whoever_never_wrote_to_the_bot_is_asked_in_the_group(world: World) -> None:
    anna, bo, eva = await world.person("Anna"), await world.person("Bo"), stranger("Eva")
    conversation = await world.conversation(anna, bo)
    garden = await world.group("Garden", conversation)
    [asked] = await world.command(anna, garden, "/idea", reply_to=world.quoted(eva, "A pond"))
    for other in (anna, bo):
        await world.press(other, garden, "Yes, give it")
        assert world.alert == "Whoever wrote the message decides."
    await world.press(eva, garden, "Yes, give it")
    await world.wait(seconds=5)
    await world.press(eva, garden, "Yes, give it")
    assert asked.text == "Thank you. It is idea 1 now.", "the question makes way"
    assert world.last(garden).text.startswith("Idea 1\nA pond\nFrom Eva")


async def test_a_no_takes_the_words_away_again(world: World) -> None:
    anna, eva = await world.person("Anna"), stranger("Eva")
    conversation = await world.conversation(anna)
    garden = await world.group("Garden", conversation)
    [asked] = await world.command(anna, garden, "/idea", reply_to=world.quoted(eva, "A pond"))
    before = as_it_stands(asked)
    await world.press(eva, garden, "No")
    assert asked.text == "Good that you say so. Nothing was kept."
    assert await press_old(world, eva, garden, before, "Yes, give it") == "This has been answered already."
    assert await count(world, "idea", "proposal") == 0


async def test_a_message_that_several_take_for_an_idea_becomes_one(world: World) -> None:
    anna, bo, cia = [await world.person(name) for name in ("Anna", "Bo", "Cia")]
    conversation = await world.conversation(anna, bo, cia)
    garden = await world.group("Garden", conversation)
    for who in (anna, cia):
        await world.command(who, garden, "/idea", reply_to=world.quoted(bo, "Let us have a choir"))
    for _day in (1, 2):  # One a day, since nobody asks to be asked.
        asked = world.last(bo.room)
        await world.press(bo, bo.room, "Yes, give it", on=asked)
        assert asked.text == "Thank you. It is idea 1 now."
        await world.wait(days=1)
    assert len(await ideas_of(world, conversation)) == 1


async def test_an_unanswered_question_is_dropped_after_a_week(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    garden = await world.group("Garden", await world.conversation(anna, bo))
    await world.command(anna, garden, "/idea", reply_to=world.quoted(bo, "A choir"))
    for days, left in ((6, 1), (2, 0)):
        await world.wait(days=days)
        async with world.database.transaction() as connection:
            await tidy(connection, world.now)
        assert await count(world, "proposal") == left
    await world.press(bo, bo.room, "Yes, give it")
    assert world.alert == "This has been answered already."


async def test_what_cannot_become_an_idea_says_why(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    garden = await world.group("Garden", conversation)
    [card] = await world.command(anna, garden, "/idea A bench")
    for reply_to, says in (
        (card, "That is an idea already."),
        (world.quoted(bo, "word " * 900), "That message is too long for an idea."),
        (msgspec.structs.replace(world.quoted(bo, "A boat"), author=None), "I cannot tell who wrote that."),
    ):
        [told] = await world.command(anna, garden, "/idea", reply_to=reply_to)
        assert told.text.startswith(says)
    await world.command(anna, garden, "/idea", reply_to=world.quoted(anna, "My own words"))
    assert [idea.text for idea in await ideas_of(world, conversation)] == ["A bench", "My own words"]


# -- mending -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("private", [True, False], ids=["private", "group"])
async def test_editing_the_message_changes_the_idea(world: World, *, private: bool) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    garden = await world.group("Garden", conversation)
    place = anna.room if private else garden
    message_id = await gives(world, anna, place, "/idea A bemch")
    if private:
        await world.message(anna, anna.room, "yes")
    await edits(world, anna, place, message_id, "A bench")
    assert [idea.text for idea in await ideas_of(world, conversation)] == ["A bench"]
    assert world.said(garden)[0].text.startswith("Idea 1\nA bench\n")

    await edits(world, bo, place if place is garden else bo.room, message_id, "A barn")
    await edits(world, anna, place, message_id, "")
    await edits(world, anna, place, "another", "A boat")
    await edits(world, anna, place, message_id, "x" * 5000)
    assert [idea.text for idea in await ideas_of(world, conversation)] == ["A bench"]


async def test_words_that_others_hold_on_to_stay_as_they_are(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    garden = await world.group("Garden", conversation)
    message_id = await gives(world, anna, garden, "/idea A bench")
    await world.press(anna, garden, "🤝")
    await edits(world, anna, garden, message_id, "A long bench")
    assert (await ideas_of(world, conversation))[0].text == "A long bench", "one's own support does not count"
    await world.press(bo, garden, "🤝")
    told = await edits(world, anna, garden, message_id, "A nuclear plant")
    assert told[-1].text == "Idea 1 keeps its words: others have carried or weighed them."
    assert (await ideas_of(world, conversation))[0].text == "A long bench"


async def test_the_words_can_be_changed_from_the_card_for_a_day(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    await world.idea(conversation, anna, "A bemch")
    await world.command(anna, anna.room, "/ideas 1")
    [more] = await world.press(anna, anna.room, "More")
    assert more.labels == [
        "Put a hand on it",
        "Change the words",
        "Tags",
        "Merge it with another",
        "Translate it",
        "Take the idea back",
    ]
    before = as_it_stands(more)
    [asked] = await world.press(anna, anna.room, "Change the words")
    assert asked.text == "A bemch\nHow do you want to put it?\nWrite the whole idea anew."
    await world.message(anna, anna.room, "A bench")
    assert world.last(anna.room).text == "The words of idea 1 are changed."
    assert (await ideas_of(world, conversation))[0].edited_at == world.now

    await world.wait(hours=25)
    await world.command(anna, anna.room, "/ideas 1")
    [more] = await world.press(anna, anna.room, "More")
    assert more.labels == ["Put a hand on it", "Tags", "Merge it with another", "Translate it", "Take the idea back"]
    assert (await press_old(world, anna, anna.room, before, "Change the words")).startswith("Others have carried")


async def test_who_begins_to_change_too_late_is_told(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    idea = await world.idea(conversation, anna, "A bench")
    await world.command(anna, anna.room, "/ideas 1")
    await world.press(anna, anna.room, "More")
    await world.press(anna, anna.room, "Change the words")
    await press_data(world, bo, bo.room, await sealed(world, bo.room, Action("agree", conversation, idea.id)))
    await world.message(anna, anna.room, "A boat")
    assert world.last(anna.room).text.startswith("These words cannot be changed any more")
    assert await count(world, "dialogue") == 0, "and what is written next is something else"
    assert (await ideas_of(world, conversation))[0].text == "A bench"


# -- taking back ---------------------------------------------------------------------------------------------------


async def test_an_idea_is_taken_back_after_a_second_press_and_everywhere(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    garden = await world.group("Garden", conversation)
    [card] = await world.command(anna, garden, "/idea A bench")
    await world.command(bo, bo.room, "/ideas 1")
    before = as_it_stands(world.last(bo.room))
    await world.command(anna, anna.room, "/ideas 1")
    await world.press(anna, anna.room, "More")
    [sure] = await world.press(anna, anna.room, "Take the idea back")
    sure = as_it_stands(sure)
    [stays] = await world.press(anna, anna.room, "No, leave it")
    assert stays.text == "Good. Idea 1 stays."
    await press_old(world, anna, anna.room, sure, "Yes, take it back")
    for said in (card, world.said(bo.room)[-1]):
        assert said.text == "Idea 1\nThis idea was taken back by whoever gave it."
        assert said.labels == []
    for label in ("🤝", "✋", "Weigh it", "More"):
        assert await press_old(world, bo, bo.room, before, label) == GONE
    assert (await world.command(bo, bo.room, "/ideas 1"))[-1].text == "There is no idea 1."


async def test_nobody_else_can_take_it_back_or_change_it(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    idea = await world.idea(conversation, bo, "A bench")
    for verb, arg in (("withdraw", ""), ("withdraw", "yes"), ("edit", "")):
        data = await sealed(world, anna.room, Action(verb, conversation, idea.id, arg))
        assert await press_data(world, anna, anna.room, data) == "Only whoever gave this idea can do that."
    assert (await ideas_of(world, conversation))[0].alive


async def test_in_front_of_others_nothing_tells_whose_an_unnamed_idea_is(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    await world.idea(conversation, anna, "A secret bench", named=False)
    garden = await world.group("Garden", conversation)
    await world.command(bo, garden, "/ideas 1")
    before = len(world.said(garden))
    [more] = await world.press(anna, garden, "More")
    assert len(world.said(garden)) == before
    assert more.labels == [
        "Put a hand on it",
        "Change the words",
        "Tags",
        "Merge it with another",
        "Translate it",
        "Take the idea back",
    ]
    assert world.last(anna.room) is more
    [more] = await world.press(bo, garden, "More")
    assert (more.labels, more.message.only_for) == (
        ["Put a hand on it", "Merge it with another", "Translate it", "This is not all right"],
        "bo",
    )


# -- carrying ------------------------------------------------------------------------------------------------------


async def test_carrying_is_open_and_a_switch(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    garden = await world.group("Garden", conversation)
    [card] = await world.command(anna, garden, "/idea A bench")
    for who, carries, says in ((bo, 1, "You carry"), (anna, 2, "You carry"), (bo, 1, "You do not carry")):
        await world.press(who, garden, "🤝")
        assert world.alert.startswith(f"{says} idea 1")
        assert card.labels[0] == f"🤝 I carry it ({carries})"
        assert f"{carries} carr" in card.text
        assert (await ideas_of(world, conversation))[0].supporters == carries == await count(world, "support")


async def test_many_taps_in_one_batch_end_where_the_last_one_left_it(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    garden = await world.group("Garden", conversation)
    [card] = await world.command(anna, garden, "/idea A bench")
    data = next(choice.data for choice in card.choices if choice.label.startswith("🤝"))
    taps: list[Event] = [pressing(world, anna, garden, data, on=card.id) for _ in range(301)]
    taps += [pressing(world, bo, garden, data, on=card.id) for _ in range(300)]
    await world.happens(*taps)
    assert (await ideas_of(world, conversation))[0].supporters == 1 == await count(world, "support")
    assert card.labels[0] == "🤝 I carry it (1)"


async def test_a_tap_that_comes_twice_is_one(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    garden = await world.group("Garden", conversation)
    [card] = await world.command(anna, garden, "/idea A bench")
    tap = pressing(world, anna, garden, card.choices[0].data, on=card.id)
    await world.happens(tap, tap)
    await world.happens(tap)
    assert (await ideas_of(world, conversation))[0].supporters == 1


# -- looking -------------------------------------------------------------------------------------------------------


async def test_ideas_are_listed_by_pages_and_in_three_orders(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    ideas = [await world.idea(conversation, anna, f"Idea of {number}") for number in range(1, 11)]
    async with world.work() as uow:
        uow.save(msgspec.structs.replace(ideas[2], supporters=7, leads=1))
        uow.save(msgspec.structs.replace(ideas[4], state="hidden"))
    [listed] = await world.command(anna, anna.room, "/ideas")
    assert listed.text == "Newest\nWhat do we want Nora to be like?"
    assert listed.labels[:3] == ["10. Idea of 10", "9. Idea of 9", "8. Idea of 8"]
    assert listed.labels[-4:] == ["More ideas", "Most carried", "Uniting", "Without a leader"]
    [listed] = await world.press(anna, anna.room, "More ideas")
    assert listed.labels == ["1. Idea of 1", "Most carried", "Uniting", "Without a leader"]
    [listed] = await world.press(anna, anna.room, "Most carried")
    assert listed.labels[0] == "3. Idea of 3"
    [listed] = await world.press(anna, anna.room, "Without a leader")
    assert "3. Idea of 3" not in listed.labels


async def test_what_unites_is_listed_as_the_map_has_it_and_says_so_until_there_is_one(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    ideas = [await world.idea(conversation, anna, f"Idea of {number}") for number in range(1, 12)]
    await world.command(anna, anna.room, "/ideas")
    [listed] = await world.press(anna, anna.room, "Uniting")
    assert "So far there is nothing" in listed.text
    assert listed.labels == ["Newest", "Most carried", "Without a leader"]
    uniting = tuple(one.id for one in reversed(ideas))
    edition = Edition(conversation, uuid7(), world.now, Findings(rung="sums", all_agree=uniting))
    async with world.work() as uow:
        uow.add(edition)
        uow.add(MapKept(conversation, 1, edition.id))
        uow.save(msgspec.structs.replace(ideas[9], state="hidden"))
    await world.press(anna, anna.room, "Newest")
    [listed] = await world.press(anna, anna.room, "Uniting")
    assert listed.labels[:2] == ["11. Idea of 11", "9. Idea of 9"]
    [listed] = await world.press(anna, anna.room, "More ideas")
    assert listed.labels[:2] == ["2. Idea of 2", "1. Idea of 1"]


async def test_tags_are_chosen_by_the_author_and_filter_the_list(world: World) -> None:
    anna, bo, eva = [await world.person(name) for name in ("Anna", "Bo", "Eva")]
    conversation = await world.conversation(eva, anna, bo)
    path, _school, bench = [
        await world.idea(conversation, anna, text) for text in ("A path", "A school bus", "A bench")
    ]
    await world.command(anna, anna.room, "/ideas 1")
    await world.press(anna, anna.room, "More")
    [asked] = await world.press(anna, anna.room, "Tags")
    assert "Which words should people find it by?" in asked.text
    [asked] = await world.message(anna, anna.room, "#Cycling, 123, förskola & skola")
    assert "Please write a plain word" in asked.text
    said = await world.press(anna, anna.room, "Done")
    assert "Idea 1 has these tags: cycling, förskola skola." in [one.text for one in said]
    await world.command(bo, bo.room, "/ideas 1")
    assert "cycling · förskola skola" in world.last(bo.room).text

    # a moderator chooses from those that are there, with a line in the log and a way back
    await world.command(eva, eva.room, "/ideas 3")
    data = await sealed(world, bo.room, Action("tags", conversation, bench.id))
    assert "Only whoever gave this idea" in await press_data(world, bo, bo.room, data)
    data = await sealed(world, eva.room, Action("tags", conversation, bench.id))
    await press_data(world, eva, eva.room, data)
    await world.press(eva, eva.room, "cycling")
    said = next(one for one in await world.press(eva, eva.room, "Done") if "Undo" in one.labels)
    before = len(world.said(anna.room))
    [listed] = await world.command(bo, bo.room, "/ideas Cycling")
    assert listed.labels[:2] == ["3. A bench", "1. A path"]
    [listed] = await world.press(bo, bo.room, "Most carried")
    assert "With the tag “cycling”." in listed.text, "another order of the same"
    await world.press(eva, eva.room, "Undo", on=said)
    [listed] = await world.command(bo, bo.room, "/ideas cycling")
    assert listed.labels[0] == "1. A path"
    await world.press(bo, bo.room, "All ideas")
    [listed] = await world.press(bo, bo.room, "By a tag")
    assert listed.labels == ["cycling (1)", "förskola skola (1)", "All ideas"]
    [listed] = await world.press(bo, bo.room, "förskola skola")
    assert listed.labels[0] == "1. A path"
    [said] = await world.command(bo, bo.room, "/ideas boats")
    assert "No idea here has the tag “boats”." in said.text
    await world.wait(days=7)
    told = "".join(one.text for one in world.said(anna.room)[before:])
    assert "A moderator has chosen the words" in told

    assert path.number == 1


async def test_the_tags_that_an_idea_has_are_chosen_already(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    path = await world.idea(conversation, anna, "A path")
    async with world.work() as uow:
        uow.save(msgspec.structs.replace(path, tags=("cycling", "förskola skola")))
    await world.command(anna, anna.room, "/ideas 1")
    await world.press(anna, anna.room, "More")
    [asked] = await world.press(anna, anna.room, "Tags")
    assert asked.labels[:2] == ["✓ cycling", "✓ förskola skola"]
    said = await world.press(anna, anna.room, "Skip")
    assert "Idea 1 has these tags: cycling, förskola skola." in [one.text for one in said]
    await world.command(anna, anna.room, "/ideas 1")
    await world.press(anna, anna.room, "More")
    await world.press(anna, anna.room, "Tags")
    [asked] = await world.press(anna, anna.room, "✓ cycling")
    assert asked.labels[:2] == ["cycling", "✓ förskola skola"]
    [asked] = await world.press(anna, anna.room, "Back")
    assert asked.labels[:2] == ["✓ cycling", "✓ förskola skola"], "what was begun is taken back"
    for tag in ("✓ cycling", "✓ förskola skola"):
        await world.press(anna, anna.room, tag)
    said = await world.press(anna, anna.room, "Done")
    assert "Idea 1 has no tags now." in [one.text for one in said]


async def test_who_asks_for_a_card_sees_it_also_the_second_time(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    await world.idea(conversation, anna, "A bench")
    first = await world.command(bo, bo.room, "/ideas 1")
    second = await world.command(bo, bo.room, "/ideas 1")
    assert [said.text.split("\n")[1] for said in (*first, *second)] == ["A bench", "A bench"]
    assert world.last(bo.room) is second[0]
    await world.press(bo, bo.room, "🤝")
    assert second[0].labels[0] == "🤝 I carry it (1)"

    garden = await world.group("Garden", conversation)
    [card] = await world.command(anna, garden, "/ideas 1")
    for shown in (await world.command(bo, garden, "/ideas 1"), await _through_the_list(world, bo, garden)):
        assert [said.text for said in shown] == ["Here is idea 1."]
        assert (shown[0].message.reply_to, shown[0].message.only_for) == (card.id, "bo")


async def _through_the_list(world: World, who: Who, place: Place) -> list[Said]:
    await world.command(who, place, "/ideas")
    return await world.press(who, place, "1. A bench")


@pytest.mark.parametrize("number", ["2", "0", "99999"])
async def test_a_number_that_no_idea_has_is_told(world: World, number: str) -> None:
    anna = await world.person("Anna")
    await world.idea(await world.conversation(anna), anna, "A bench")
    assert (await world.command(anna, anna.room, f"/ideas {number}"))[0].text == f"There is no idea {number}."


async def test_an_empty_list_says_so_of_which_conversation(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    [listed] = await world.command(anna, anna.room, "/ideas")
    assert (listed.text, listed.labels) == (
        "There is no idea here yet.\nWhat do we want Nora to be like?", ["Give an idea"],
    )  # fmt: skip


async def test_a_long_idea_is_cut_on_its_card_and_read_whole(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    words = " ".join(f"word{number}" for number in range(420))
    await world.idea(conversation, anna, words)
    [card] = await world.command(bo, bo.room, "/ideas 1")
    assert len(card.text) < 900
    assert "…" in card.text
    await world.press(bo, bo.room, "More")
    parts = await world.press(bo, bo.room, "Read all of it")
    assert "".join(part.text.removeprefix("Idea 1\n") for part in parts) == words


# -- topics, pauses, ends ------------------------------------------------------------------------------------------


async def test_a_topic_of_a_linked_group_belongs_to_its_conversation(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    whole = await world.group("Town", conversation)
    topic = Place(RoomKey(CHANNEL, whole.key.room, "food"), private=False, title="Town")
    await world.command(anna, topic, "/idea Soup on Fridays")
    for place in (topic, whole):
        assert world.last(place).text.startswith("Idea 1\nSoup on Fridays")
    assert [idea.text for idea in await ideas_of(world, conversation)] == ["Soup on Fridays"]


async def test_during_a_pause_one_reads_and_gives_nothing(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    garden = await world.group("Garden", conversation)
    await world.command(anna, garden, "/idea A bench")
    await change_me(world, conversation, bo, muted_until=world.now + timedelta(days=1))
    for place in (garden, bo.room):
        [told] = await world.command(bo, place, "/idea A boat")
        assert told.text.startswith("A moderator has asked you to pause until Tuesday 3 March 12:00.")
    await world.press(bo, garden, "🤝")
    assert world.alert.startswith("A moderator has asked you to pause")
    assert (await world.command(bo, bo.room, "/ideas 1"))[0].text.startswith("Idea 1\nA bench")
    await world.wait(days=1, seconds=1)
    await world.command(bo, garden, "/idea A boat")
    assert len(await ideas_of(world, conversation)) == 2


async def test_when_a_conversation_has_ended_its_ideas_can_be_read(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    garden = await world.group("Garden", conversation)
    await world.command(anna, garden, "/idea A bench")
    await end_conversation(world, conversation)
    for place in (garden, anna.room):
        [told] = await world.command(anna, place, "/idea A boat")
        assert told.text == "This conversation has ended. What was said can still be read."
        assert (await world.command(anna, place, "/ideas"))[0].labels[0] == "1. A bench"
    await world.press(anna, garden, "🤝")
    assert world.alert.startswith("This conversation has ended.")
    assert await count(world, "support") == 0


async def test_forged_and_misplaced_buttons_do_nothing(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, findable="invited")
    idea: Idea = await world.idea(conversation, anna, "A bench")
    garden = await world.group("Garden", conversation)
    [card] = await world.command(anna, garden, "/ideas 1")
    support = card.choices[0].data
    assert (await press_data(world, bo, bo.room, support)).startswith("That button is from before."), "of another room"
    for verb in ("support", "show", "more", "read", "filter"):
        data = await sealed(world, bo.room, Action(verb, conversation, idea.id))
        assert (await press_data(world, bo, bo.room, data)).startswith("This conversation is for those"), verb
        data = await sealed(world, anna.room, Action(verb, conversation, uuid4()))
        if verb != "filter":
            assert await press_data(world, anna, anna.room, data) == GONE
    assert await count(world, "support") == 0


# -- sleeping on it ------------------------------------------------------------------------------------------------


async def test_an_idea_is_slept_on_and_asked_about_in_the_morning_also_after_a_restart(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    await world.command(anna, anna.room, "/idea A bench by the lake")
    [said] = await world.press(anna, anna.room, "Ask me tomorrow.")
    assert "I keep it, and ask you tomorrow morning." in said.text
    [said] = await world.message(anna, anna.room, "Something else altogether")
    assert "Shall I give this as an idea?" in said.text, "it is no answer to what sleeps"
    starts_anew(world)
    before = len(world.said(anna.room))
    await world.wait(hours=20)
    assert len(world.said(anna.room)) == before, "it is not morning yet"
    await world.wait(hours=2)
    asked = world.last(anna.room)
    assert "Good morning. You wanted to sleep on this." in asked.text
    assert "A bench by the lake" in asked.text
    await world.press(anna, anna.room, "Go on with it")
    await world.press(anna, anna.room, "Ask me tomorrow.")
    await world.wait(days=1)
    await world.press(anna, anna.room, "Go on with it")
    await world.press(anna, anna.room, "Give it without my name")
    assert [(one.text, one.named) for one in await ideas_of(world, conversation)] == [("A bench by the lake", False)]
    assert await count(world, "due", "dialogue") == 0
    await world.wait(days=3)


async def test_who_goes_on_or_stops_or_is_erased_is_not_asked_in_the_morning(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo", locale="sv")
    conversation = await world.conversation(anna, bo)
    for text in ("A bench", "A boat"):
        await world.command(anna, anna.room, f"/idea {text}")
        await world.press(anna, anna.room, "Ask me tomorrow.")
    [said] = await world.command(anna, anna.room, "/idea")
    assert "You wanted to sleep on this. Here it is.\nA boat" in said.text
    await world.press(anna, anna.room, "Give it with my name")
    await world.press(anna, anna.room, "Go on with")
    await world.press(anna, anna.room, "Give it with my name")
    assert [one.text for one in await ideas_of(world, conversation)] == ["A boat", "A bench"]
    assert await count(world, "due") == 0

    await world.command(bo, bo.room, "/ide En brygga")
    await world.press(bo, bo.room, "Fråga mig i morgon.")
    [said] = await world.command(bo, bo.room, "/stopp")
    assert "Avbrutet: Ge en idé." in said.text
    assert await count(world, "due") == 0
    await world.command(bo, bo.room, "/ide En bastu")
    await world.press(bo, bo.room, "Fråga mig i morgon.")
    await world.command(bo, bo.room, "/glom")
    await world.press(bo, bo.room, "Radera allt")
    assert await count(world, "due", "dialogue") == 0
