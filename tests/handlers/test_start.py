"""The first step: a greeting in one's language, help that fits the place, and no dead end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from uuid6 import uuid7

from bot.chat.events import CommandGiven, MessageReceived
from bot.chat.keys import AccountKey
from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.rooms import Room
from bot.i18n import LOCALES, NAMES
from tests.handlers.deeds import change_me, count, current, person_of, room_of, stranger
from tests.handlers.world import CHANNEL, World

FIRST = ["Begin a conversation", "Join one", "Be listened to", "How does it work?"]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


@pytest.mark.parametrize(
    ("says", "hears"),
    [
        ("sv", "Hej."),
        ("sv-SE", "Hej."),
        ("nb", "Hej."),
        ("da", "Hej."),
        ("en", "Hello."),
        ("de", "Hello."),
        ("", "Hej."),
    ],
)
async def test_a_stranger_is_greeted_in_the_nearest_language(world: World, says: str, hears: str) -> None:
    [greeting] = await world.command(stranger("Eva", says), stranger("Eva").room, "/start")
    assert greeting.text.startswith(hears)
    assert len(greeting.labels) == 4


async def test_a_greeting_is_two_sentences_and_three_things_to_do(world: World) -> None:
    eva = stranger("Eva")
    [greeting] = await world.command(eva, eva.room, "/start")
    assert (len(greeting.message.blocks), greeting.labels) == (2, FIRST)
    [how] = await world.press(eva, eva.room, "How does it work?")
    assert how.text.count("\n") == 5
    assert "/privacy" in how.text
    assert how.labels == FIRST[:2]


async def test_who_is_in_a_conversation_is_greeted_with_it(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    shared = ["Give an idea", "Weigh the ideas", "Look at the ideas", "Helper groups", "Invite others", "More"]
    shared.append("My settings")
    for command in ("/start", "/help", "/hjalp", "/borja"):
        [told] = await world.command(bo, bo.room, command)
        assert told.text.split("\n")[:2] == ["We talk about Nora:", "What do we want Nora to be like?"]
        assert told.labels == shared
        assert (await world.command(anna, anna.room, command))[0].labels == [*shared, "The harvest", "Moderate", "Host"]
    await change_me(world, conversation, bo, role="moderator")
    assert (await world.command(bo, bo.room, "/help"))[0].labels == [*shared, "The harvest", "Moderate"]


async def test_help_in_a_group_fits_the_group_and_is_for_who_asked(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    garden = await world.group("Garden", await world.conversation(anna, bo))
    for command in ("/start", "/help"):
        [told] = await world.command(bo, garden, command)
        assert told.message.only_for == "bo"
        assert "Write /idea and your idea, or reply with /idea to a message that is one." in told.text
        assert told.labels == ["Look at the ideas", "Weigh in private", "Helper groups", "More"]


async def test_all_else_is_a_press_further(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    garden = await world.group("Garden", conversation)
    await world.idea(conversation, anna, "A bench")
    opens = {
        "Gatherings": "No gathering is planned", "What came of it": "What came of it",
        "I need support": "What do you need support with?", "I can help": "What can you help with?",
        "Where we stand": "Where we stand", "Choose what to help with": "Put a hand", "The harvest": "The harvest",
        "Be listened to": "I am a computer.",
    }  # fmt: skip
    for label, says in opens.items():
        await world.command(anna, anna.room, "/stop")
        await world.command(anna, anna.room, "/help")
        [more] = await world.press(anna, anna.room, "More")
        assert more.labels == list(opens)
        opened = await world.press(anna, anna.room, label, on=more)
        assert any(says in one.text for one in opened), label
    await world.command(anna, garden, "/help")
    [more] = await world.press(anna, garden, "More")
    assert more.labels == [*opens][:-1], "one is listened to in private"


async def test_help_in_a_helper_groups_room_is_about_the_group(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    garden = await world.group("Garden", conversation)
    async with world.work() as uow:
        me = await world.participant(uow, conversation, anna)
        helpers = HelperGroup(conversation, uuid7(), me.id, "We build the bench", "", "", "", world.now)
        uow.add(helpers)
        room = await uow.by(Room, world.keys.lookup("room", str(garden.key)))
        assert room is not None
        uow.save(msgspec.structs.replace(room, group_id=helpers.id))
    [told] = await world.command(anna, garden, "/help")
    assert told.text.startswith("This is the room of a helper group:\nWe build the bench")
    assert told.labels == ["Next steps", "What came of it?", "We meet", "More", "See the group"]
    await world.press(anna, garden, "See the group")
    assert "We build the bench" in world.last(garden).text


@pytest.mark.parametrize("payload", ["r-xxxxxxxxxxxxxxxxxxxxxx", "g-xxxxxxxxxxxxxxxxxxxxxx"])
async def test_a_link_that_adds_the_bot_to_a_group_says_so_in_private(world: World, payload: str) -> None:
    anna = await world.person("Anna")
    [told] = await world.command(anna, anna.room, f"/start {payload}")
    assert told.text == "This link adds me to a group. Open it again and choose the group."


@pytest.mark.parametrize("payload", ["a-", "a-AAAA", "a-" + "x" * 60, "i-", "i-" + "y" * 22, "?", "%00", "b-"])
async def test_a_link_that_is_not_ours_leads_nowhere_kindly(world: World, payload: str) -> None:
    eva = stranger("Eva")
    [told] = await world.command(eva, eva.room, f"/start {payload}")
    assert told.text
    assert await count(world, "participant", "conversation") == 0


@pytest.mark.parametrize("typed", ["ABC234", "aBC234", "abc234"])
async def test_a_short_code_is_a_code_whatever_it_begins_with(world: World, typed: str) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation_id = await world.conversation(anna)
    async with world.work() as uow:
        conversation = await uow.need(Conversation, conversation_id)
        uow.save(msgspec.structs.replace(conversation, code="ABC234"))
    await world.command(bo, bo.room, f"/start {typed}")
    assert await current(world, bo) == conversation_id


# -- language ------------------------------------------------------------------------------------------------------


async def test_one_chooses_ones_language_in_itself(world: World) -> None:
    anna = await world.person("Anna")
    [asked] = await world.command(anna, anna.room, "/language")
    assert asked.labels == [NAMES[locale] for locale in LOCALES]
    [told] = await world.press(anna, anna.room, "Svenska")
    assert told.text == "Från och med nu talar jag svenska med dig. /hjalp berättar vad du kan göra."
    assert (await world.command(anna, anna.room, "/help"))[0].text.startswith("Så fungerar det")
    person = await person_of(world, anna)
    assert (person.locale, person.chosen_locale) == ("sv", True)


@pytest.mark.parametrize(
    ("typed", "locale"),
    [("en", "en"), ("English", "en"), ("engelska", "en"), ("SV", "sv"), ("svenska", "sv"), ("swedish", "sv")],
)
async def test_or_types_its_name(world: World, typed: str, locale: str) -> None:
    anna = await world.person("Anna", locale="sv" if locale == "en" else "en")
    await world.command(anna, anna.room, f"/language {typed}")
    assert (await person_of(world, anna)).locale == locale


async def test_in_a_group_ones_language_is_ones_own(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    garden = await world.group("Garden", await world.conversation(anna, bo))
    await world.command(bo, garden, "/language svenska")
    assert (await room_of(world, garden)).locale == "en"
    [for_bo], [for_anna] = [await world.command(who, garden, "/help") for who in (bo, anna)]
    assert for_bo.text.startswith("I det här rummet")
    assert for_anna.text.startswith("This room talks about Nora:")
    await world.command(bo, garden, "/idea A bench")
    assert "From Bo" in world.last(garden).text


async def test_settings_lead_everywhere(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    await world.command(anna, anna.room, "/help")
    [settings] = await world.press(anna, anna.room, "My settings")
    assert settings.labels == [
        "Language", "Not to be disturbed", "My hats", "My conversations", "What is kept, and why",
        "Get all that is mine", "Erase me",
    ]  # fmt: skip
    settings_id = settings.id
    for label, opens in (
        ("Language", "Which language"), ("My hats", "Which hats"), ("My conversations", "You can move"),
        ("What is kept, and why", "What is kept"), ("Erase me", "Erase you?"),
    ):  # fmt: skip
        await world.command(anna, anna.room, "/help")
        await world.press(anna, anna.room, "My settings")
        [opened] = await world.press(anna, anna.room, label)
        assert opened.text.startswith(opens)
    assert settings_id


# -- what there is not ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "means"),
    [("/idear", "idea"), ("/helpp", "help"), ("/rost", "vote"), ("/invit", "invite"), ("/xyzzy", "")],
)
async def test_an_unknown_command_is_answered_with_the_nearest(world: World, typed: str, means: str) -> None:
    anna = await world.person("Anna")
    [told] = await world.command(anna, anna.room, typed)
    assert told.text.split("\n")[0] == f"I do not know the command {typed}."
    assert (f"Did you mean /{means}?" in told.text) == bool(means)
    assert told.text.endswith("/help tells what can be done here.")


async def test_the_nearest_is_named_in_ones_own_language(world: World) -> None:
    anna = await world.person("Anna", locale="sv")
    assert "Menade du /hjalp?" in (await world.command(anna, anna.room, "/helpp"))[0].text


async def test_in_a_group_an_unknown_command_may_be_another_bots(world: World) -> None:
    anna = await world.person("Anna")
    garden = await world.group("Garden", await world.conversation(anna))
    assert await world.command(anna, garden, "/weather Nora") == []


async def test_hostile_names_of_commands_are_shown_short_and_as_they_are(world: World) -> None:
    anna = await world.person("Anna")
    for typed in ("/" + "x" * 500, "/%(near)s%d", "/<b>fat</b>", "/\u202eedi"):
        [told] = await world.command(anna, anna.room, typed)
        assert len(told.text) < 150


async def test_bots_are_not_talked_with(world: World) -> None:
    anna = await world.person("Anna")
    garden = await world.group("Garden", await world.conversation(anna))
    robot = world.sender(stranger("Robot"))
    robot = type(robot)(AccountKey(CHANNEL, "robot"), "Robot", bot=True)
    for place in (garden, stranger("Robot").room):
        happening = world._happening(place, robot)
        before = len(world.said(place))
        await world.happens(CommandGiven(**happening, message_id="x1", name="help"))
        happening = world._happening(place, robot)
        await world.happens(MessageReceived(**happening, message_id="x2", text="hello", mentions_bot=True))
        assert len(world.said(place)) == before
    assert await current(world, anna) is not None
    assert await count(world, "person") == 1
