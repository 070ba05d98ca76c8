"""Dialogues: a question at a time, back and on and out at any of them, and no draft is lost or taken for another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.chat.content import Action
from bot.store import schema
from bot.store.records import Dialogue
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
    sealed,
    sends,
    starts_anew,
)
from tests.handlers.world import Place, Said, Who, World

SUMMARY = "Is this how you want it?"
EARLIER = "That button belongs to an earlier question. We are here now:"
NOT_ASKING = "Nothing is half done just now. Write /help to see what can be done."


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


async def tells(world: World, who: Who, *lines: str) -> Said:
    """Write line by line in private; gives what stands last."""
    for line in lines:
        await (world.command if line.startswith("/") else world.message)(who, who.room, line)
    return world.last(who.room)


async def drafts_of(world: World) -> list[str]:
    """The flows of all drafts that are kept, the one that is talked about last."""
    async with world.work() as uow:
        return [draft.flow for one in await uow.select(Dialogue, lambda query: query) for draft in one.secret]


# -- one at a time -----------------------------------------------------------------------------------------------


async def test_a_conversation_is_begun_with_two_answers_and_a_yes(world: World) -> None:
    anna = await world.person("Anna")
    asked = await tells(world, anna, "/new")
    assert asked.labels == ["Stop"], "nobody has to answer"
    asked = await tells(world, anna, "Nora")
    assert asked.labels == ["1", "2", "3", "Back", "Stop"], "suggestions are long, so they are numbered"
    asked = await tells(world, anna, "What do we do with the old school?")
    assert asked.text.endswith(SUMMARY)
    begun = await tells(world, anna, "yes")
    assert "Your conversation about Nora has begun" in begun.text
    assert await drafts_of(world) == []


async def test_a_wrong_answer_is_asked_for_again_and_loses_nothing(world: World) -> None:
    anna = await world.person("Anna")
    await tells(world, anna, "/new", "Nora")
    asked = await tells(world, anna, "x")
    assert asked.text.startswith("That is very short. Please write a little more.\nWhat do you want to ask everyone")
    asked = await tells(world, anna, "x" * 301)
    assert asked.text.startswith("That is 301 characters; at most 300 fit.")
    await sends(world, anna, anna.room, "voice")
    assert world.last(anna.room).text.startswith("Write a few words and I'll understand.")
    asked = await tells(world, anna, "2", "what?")
    assert asked.text.startswith("Please choose one of these.\nPlace: Nora")
    assert "Question: What can we do together in Nora" in asked.text


@pytest.mark.parametrize(
    ("locale", "back", "skip", "stop"),
    [
        ("en", "back", "skip", "stop"),
        ("en", "/back", "/skip", "/stop"),
        ("sv", "tillbaka", "hoppa över", "avbryt"),
        ("sv", "/tillbaka", "/hoppa", "/stopp"),
        ("en", "2", "3", "4"),
    ],
    ids=["words", "commands", "words in Swedish", "commands in Swedish", "numbers"],
)
async def test_back_skip_and_stop_are_always_there(world: World, locale: str, back: str, skip: str, stop: str) -> None:
    anna = await world.person("Anna", locale=locale)
    why = "Varför" if locale == "sv" else "Why"
    await tells(world, anna, "/new", "Nora", "1")
    await world.press(anna, anna.room, why)
    numbered = back.isdecimal()
    asked = await tells(world, anna, "1" if numbered else back)
    assert asked.text.endswith("Ska det vara så här?" if locale == "sv" else SUMMARY), "back to where one came from"

    await world.press(anna, anna.room, why)
    asked = await tells(world, anna, "2" if numbered else skip)
    assert asked.text.endswith("Ska det vara så här?" if locale == "sv" else SUMMARY), "a why is nobody's duty"

    await world.press(anna, anna.room, why)
    stopped = await tells(world, anna, "3" if numbered else stop)
    assert stopped.text == (
        "Avbrutet: Starta ett samtal. Inget av det sparades."
        if locale == "sv"
        else "Stopped: Begin a conversation. Nothing of it was kept."
    )
    assert await drafts_of(world) == []
    asked = await tells(world, anna, "/stop")
    assert asked.text.startswith("Inget är halvgjort" if locale == "sv" else NOT_ASKING[:10])


async def test_the_first_question_has_no_way_back_and_a_needed_answer_no_skip(world: World) -> None:
    anna = await world.person("Anna")
    asked = await tells(world, anna, "/new", "back")
    assert asked.text.startswith("This is the first question.")
    asked = await tells(world, anna, "skip")
    assert asked.text.startswith("This question needs an answer.")
    for command in ("/back", "/skip"):
        await tells(world, anna, "/stop")
        assert (await tells(world, anna, command)).text == NOT_ASKING


async def test_a_label_or_a_number_is_as_good_as_a_press(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    for idea, words, named in (
        ("A bench", "1", True),
        ("Longer hours at the library", "2", False),
        ("More music", "GIVE IT WITH MY NAME", True),
        ("Soup for everybody", "give it without my name", False),
        ("Skates to borrow", "yes", True),
        ("A footpath round the lake", "no", False),
    ):
        await tells(world, anna, f"/idea {idea}", words)
        assert (await ideas_of(world, conversation))[-1].named is named, words


# -- the pile of drafts ------------------------------------------------------------------------------------------


async def test_a_draft_is_kept_through_a_restart_and_days(world: World) -> None:
    anna = await world.person("Anna")
    await tells(world, anna, "/new", "Nora", "What do we do with the old school?")
    starts_anew(world)
    await world.wait(days=6)
    await tells(world, anna, "why")
    await tells(world, anna, "It stands empty.")
    starts_anew(world)
    offered = await tells(world, anna, "/new")
    assert offered.text.startswith("Here is your draft from before. Go on where you were, or stop it to start over.")
    assert "Why: It stands empty." in offered.text
    begun = await tells(world, anna, "1")
    assert "What do we do with the old school?" in begun.text


async def test_a_greeting_is_no_answer_and_finds_the_draft_again(world: World) -> None:
    anna = await world.person("Anna")
    await tells(world, anna, "/new", "Nora")
    await world.wait(days=3)
    reminded = await tells(world, anna, "Hej!")
    assert world.said(anna.room)[-2].labels == [
        "Begin a conversation",
        "Join one",
        "Be listened to",
        "How does it work?",
    ]
    assert reminded.text == "Something of yours is still open."
    await world.press(anna, anna.room, "Go on with")
    assert world.last(anna.room).text.startswith("What do you want to ask everyone in Nora?")


async def test_a_dialogue_begun_meanwhile_goes_first_and_the_earlier_one_on_afterwards(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    await tells(world, anna, "/new", "Kumla", "/idea A bench by the lake", "yes")
    given, still_open = world.said(anna.room)[-2:]
    assert given.text.startswith("Thank you. Your idea is given")
    assert still_open.text == "Something of yours is still open."
    assert still_open.labels == ["Go on with: Begin a conversation"]

    asked = await world.press(anna, anna.room, "Go on with")
    assert asked[0].text.startswith("What do you want to ask everyone in Kumla?")
    assert len(await ideas_of(world, conversation)) == 1


async def test_stopping_one_leads_back_to_the_other(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    stopped = await tells(world, anna, "/new", "Kumla", "/idea A bench by the lake", "/stop")
    assert stopped.text == "Stopped: Give an idea. Nothing of it was kept."
    assert stopped.labels == ["Go on with: Begin a conversation"]
    stopped = await tells(world, anna, "/stop")
    assert (stopped.text, stopped.labels) == ("Stopped: Begin a conversation. Nothing of it was kept.", [])


async def test_two_ideas_at_once_stay_two_ideas(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    first = as_it_stands(await tells(world, anna, "/idea A bench by the lake"))
    second = as_it_stands(await tells(world, anna, "/idea Longer hours at the library"))

    await press_old(world, anna, anna.room, first, "Give it without my name")
    [bench] = await ideas_of(world, conversation)
    assert (bench.text, bench.named) == ("A bench by the lake", False), "a button gives what stands above it"
    await press_old(world, anna, anna.room, second, "Give it with my name")
    hours = (await ideas_of(world, conversation))[-1]
    assert (hours.text, hours.named) == ("Longer hours at the library", True)
    assert await drafts_of(world) == []


async def test_stop_stops_what_it_stands_under(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    first = as_it_stands(await tells(world, anna, "/idea A bench by the lake"))
    await tells(world, anna, "/idea Longer hours at the library")
    await press_old(world, anna, anna.room, first, "Stop")
    await tells(world, anna, "/back")
    assert await drafts_of(world) == ["idea"]
    await tells(world, anna, "yes")
    assert [idea.text for idea in await ideas_of(world, conversation)] == ["Longer hours at the library"]


async def test_the_same_command_twice_is_one_draft(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    await tells(world, anna, "/idea", "/idea", "/idea A bench", "/idea A bench", "/idea")
    assert await drafts_of(world) == ["idea", "idea"]


async def test_a_pile_has_an_end(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    await tells(world, anna, *(f"/idea Number {number} of many" for number in range(9)))
    assert await drafts_of(world) == ["idea"] * 5
    assert "Number 8 of many" in world.last(anna.room).text


async def test_a_button_of_an_answered_question_shows_where_we_are(world: World) -> None:
    anna = await world.person("Anna")
    asked = as_it_stands(await tells(world, anna, "/new", "Nora"))
    await tells(world, anna, "2")
    for label in ("1", "Back"):
        await press_old(world, anna, anna.room, asked, label)
        assert asked.message is not world.last(anna.room).message
        shown = next(said for said in world.said(anna.room) if said.text.startswith(EARLIER))
        assert "Question: What can we do together in Nora" in shown.text


async def test_a_button_of_a_dialogue_that_is_over_says_so(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    asked = as_it_stands(await tells(world, anna, "/idea A bench"))
    await tells(world, anna, "yes")
    for label in ("Give it with my name", "Change the words", "Stop"):
        told = await press_old(world, anna, anna.room, asked, label)
        assert told.startswith("That button is from before.")
    assert await count(world, "idea") == 1


async def test_what_cannot_be_done_any_more_is_not_asked_again(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    asked = as_it_stands(await tells(world, bo, "/idea A bench"))
    await end_conversation(world, conversation)
    assert (await press_old(world, bo, bo.room, asked, "Give it with my name")).startswith(
        "This conversation has ended."
    )
    assert await drafts_of(world) == []


async def test_what_can_be_done_later_is_kept_for_then(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    asked = as_it_stands(await tells(world, bo, "/idea A bench"))
    await change_me(world, conversation, bo, muted_until=world.now + timedelta(days=1))
    assert (await press_old(world, bo, bo.room, asked, "Give it with my name")).startswith("A moderator has asked you")
    await world.wait(days=2)
    await press_old(world, bo, bo.room, asked, "Give it with my name")
    assert [idea.text for idea in await ideas_of(world, conversation)] == ["A bench"]


@pytest.mark.parametrize("why", ["paused", "ended"])
async def test_nobody_answers_questions_for_nothing(world: World, why: str) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    garden = await world.group("Garden", conversation)
    await world.command(bo, garden, "/idea A bench")
    shown = world.last(garden)
    own = await tells(world, bo, "/ideas 1")
    edit = as_it_stands((await world.press(bo, bo.room, "More", on=own))[-1])
    if why == "ended":
        await end_conversation(world, conversation)
    else:
        await change_me(world, conversation, bo, muted_until=world.now + timedelta(days=1))
    refused = "This conversation has ended." if why == "ended" else "A moderator has asked you to pause"
    for place in (bo.room, garden):
        for line in ("/lead", "/lead A boat", "/idea", "/idea A boat"):
            [told] = await world.command(bo, place, line)
            assert told.text.startswith(refused), line
    await world.press(bo, garden, "✋ I take the lead", on=shown)
    assert world.alert.startswith(refused)
    assert (await press_old(world, bo, bo.room, edit, "Change the words")).startswith(refused)
    assert await drafts_of(world) == []


async def test_an_edited_message_changes_no_words_during_a_pause(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    garden = await world.group("Garden", conversation)
    message_id = await gives(world, bo, garden, "/idea A bench")
    await change_me(world, conversation, bo, muted_until=world.now + timedelta(days=1))
    [told] = await edits(world, bo, garden, message_id, "A curse")
    assert told.text.startswith("A moderator has asked you to pause")
    assert [idea.text for idea in await ideas_of(world, conversation)] == ["A bench"]


@pytest.mark.parametrize("flow", ["hide", "mute"])
async def test_a_role_that_is_lost_between_asking_and_confirming_is_lost(world: World, flow: str) -> None:
    anna, bo, cia = [await world.person(name) for name in ("Anna", "Bo", "Cia")]
    conversation = await world.conversation(anna, bo, cia)
    await world.idea(conversation, cia, "A bench")
    await change_me(world, conversation, bo, role="moderator")
    await tells(world, bo, f"/mod {flow} 1")
    if flow == "mute":
        await tells(world, bo, "1")
    await change_me(world, conversation, bo, role="")
    told = await tells(world, bo, "It is hateful")
    assert told.text == "Only this conversation's host and moderators can do that."
    assert (await ideas_of(world, conversation))[0].alive
    assert await count(world, "act") == 0


async def test_a_dialogue_that_the_bot_no_longer_knows_is_let_go(world: World) -> None:
    """As after an update that took one away: whoever was in it is not stuck."""
    anna = await world.person("Anna")
    await tells(world, anna, "/new", "Nora")
    async with world.work() as uow:
        [kept] = await uow.select(Dialogue, lambda query: query)
        uow.save(Dialogue(kept.person_id, kept.room_id, tuple(_renamed(kept)), kept.touched_at))
    assert (await tells(world, anna, "What now?")).labels[0] == "Begin a conversation with it"


def _renamed(kept: Dialogue) -> list[object]:
    return [type(draft)("of old", draft.params, draft.answers) for draft in kept.secret]


# -- editing what was just written ------------------------------------------------------------------------------------


async def test_an_edit_reaches_a_draft_that_is_still_asked_about(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    message_id = await gives(world, anna, anna.room, "/idea A bemch")
    [asked] = await edits(world, anna, anna.room, message_id, "A bench")
    assert asked.text.startswith("A bench\nDo you want to give it under your name?")
    await tells(world, anna, "yes")
    assert [idea.text for idea in await ideas_of(world, conversation)] == ["A bench"]


# -- in a group ----------------------------------------------------------------------------------------------------


async def asked_in_group(world: World, who: Who, place: Place) -> Said:
    """Be asked for an idea in a group."""
    [asked] = await world.command(who, place, "/idea")
    assert (asked.message.only_for, asked.message.awaits) == (who.account.id, True)
    return as_it_stands(asked)


async def test_two_people_are_asked_at_once_in_a_group_and_each_is_heard(world: World) -> None:
    anna, bo, cia = [await world.person(name) for name in ("Anna", "Bo", "Cia")]
    conversation = await world.conversation(anna, bo, cia)
    garden = await world.group("Garden", conversation)
    for_anna = await asked_in_group(world, anna, garden)
    for_bo = await asked_in_group(world, bo, garden)

    await world.message(anna, garden, "what shall I say …")
    await world.message(cia, garden, "How about a pond?", reply_to=for_bo)
    await world.message(anna, garden, "A bench", reply_to=for_anna)
    await world.message(bo, garden, "A boat", reply_to=for_bo)
    await world.message(bo, garden, "and a harbour", reply_to=for_bo)

    assert [idea.text for idea in await ideas_of(world, conversation)] == ["A bench", "A boat"]


async def test_a_reply_to_something_else_is_talk(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    garden = await world.group("Garden", conversation)
    [card] = await world.command(bo, garden, "/idea A bench")
    await asked_in_group(world, anna, garden)
    await asked_in_group(world, bo, garden)
    assert await world.message(anna, garden, "I like that one", reply_to=card) == []
    assert await world.message(anna, garden, "So do I", reply_to=world.quoted(bo, "What is your idea?")) == []
    assert len(await ideas_of(world, conversation)) == 1


async def test_another_persons_question_is_not_answered_for_them(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    garden = await world.group("Garden", conversation)
    await world.command(anna, garden, "/idea A bench by the lake")
    [similar] = await world.command(anna, garden, "/idea A bench at the lake")
    assert similar.labels == ["I carry idea 1", "No, mine is another", "Change the words", "Stop"]
    for label in similar.labels:
        told = await press_old(world, bo, garden, similar, label)
        assert told == "That button is for somebody else. Write the command yourself, and you get your own."
    await world.press(anna, garden, "No, mine is another", on=similar)
    assert len(await ideas_of(world, conversation)) == 2


async def test_what_is_asked_in_a_group_is_not_answered_in_private(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    garden = await world.group("Garden", conversation)
    await asked_in_group(world, anna, garden)
    asked = await tells(world, anna, "A bench")
    assert "Shall I give this as an idea?" in asked.text
    assert await ideas_of(world, conversation) == []


# -- hostile --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arg", ["", "abcd", "abcdyes", "ffff" + "x" * 10])
async def test_a_made_up_answer_changes_nothing(world: World, arg: str) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    await tells(world, anna, "/new", "Nora", "1")
    async with world.work() as uow:
        mine, other = [(await world.person_of(uow, who)).id for who in (anna, bo)]
    before = await drafts_of(world)
    for scope in (None, mine, other):
        for verb in ("pick", "done", "back", "skip"):
            await press_data(world, anna, anna.room, await sealed(world, anna.room, Action(verb, scope, arg=arg)))
    assert await count(world, "conversation") == 0
    assert before == ["new"]
    assert len(await drafts_of(world)) == 1


async def test_drafts_stand_encrypted(world: World) -> None:
    anna = await world.person("Anna")
    await tells(world, anna, "/new", "Nora", "Who owns the secret shore?")
    async with world.work() as uow:
        [row] = await uow.rows(schema.dialogue.select())
    assert all("secret" not in repr(value) for value in row)


async def test_a_draft_whose_words_cannot_be_read_any_more_is_nobodys_dead_end(world: World) -> None:
    anna = await world.person("Anna")
    await tells(world, anna, "/new", "Nora")
    async with world.database.transaction() as connection:
        await connection.execute(update(schema.dialogue).values(touched_at=world.now - timedelta(days=400)))
    assert (await tells(world, anna, "2")).text.endswith(SUMMARY)
