"""Conversations: begun from anywhere, joined by a code however it is written, and never mistaken for one another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from bot.chat.content import Action
from bot.chat.events import CommandGiven
from bot.chat.keys import RoomKey
from bot.domain.conversation import Conversation
from bot.reporting import polis
from bot.store import invitations
from bot.store.polis import keep_exported
from tests.handlers.deeds import (
    as_it_stands,
    change_me,
    count,
    current,
    end_conversation,
    ideas_of,
    press_data,
    press_old,
    room_of,
    sealed,
    stranger,
)
from tests.handlers.world import CHANNEL, Place, Who, World
from tests.store import some

NO_DOOR = "This code opens no conversation. It may have ended, or a letter is wrong. Ask for a new one."
WELCOME = "Welcome to a conversation about Nora"
CODE = "ABC234"
LONDON = Path(__file__).parents[1] / "data" / "polis" / "london.youth.policing"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


async def coded(world: World, conversation_id: UUID, code: str = CODE) -> None:
    """Give a conversation a code that people can write."""
    async with world.work() as uow:
        conversation = await uow.need(Conversation, conversation_id)
        uow.save(msgspec.structs.replace(conversation, code=code))


async def invitation(world: World, who: Who, argument: str = "a name") -> str:
    """The code of a new invitation."""
    await world.command(who, who.room, f"/invite {argument}")
    words = " ".join(said.text for said in world.said(who.room)[-2:]).split()
    return next(word.partition("start=i-")[2] for word in words if "start=i-" in word)


async def participants(world: World, conversation_id: UUID) -> int:
    async with world.work() as uow:
        return (await uow.need(Conversation, conversation_id)).participants


# -- beginning -----------------------------------------------------------------------------------------------------


async def test_a_group_that_belongs_to_a_conversation_is_promised_to_no_other(world: World) -> None:
    anna = await world.person("Anna")
    garden = await world.group("Garden", await world.conversation(anna))
    [led] = await world.command(anna, garden, "/new")
    assert led.text == "Let us do that in private."
    asked = (await world.press(anna, garden, "Go on in private"))[-1]
    assert "Which municipality" in asked.text


async def test_a_conversation_begun_from_a_group_is_linked_to_it(world: World) -> None:
    anna = await world.person("Anna")
    loose = await world.group("Loose")
    [led] = await world.command(anna, loose, "/new")
    assert led.text == "Let us begin it in private. Then this room is linked to it."
    await world.press(anna, loose, "Go on in private", on=led)
    for words in ("Nora", "What do we do with the old school?", "yes"):
        await world.message(anna, anna.room, words)
    assert "What do we do with the old school?" in world.last(loose).text
    linked = (await room_of(world, loose)).conversation_id
    assert linked == await current(world, anna)


async def test_a_group_that_was_linked_meanwhile_stays_where_it_is(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    second = await world.conversation(bo, question="What do we eat?")
    loose = await world.group("Loose")
    [led] = await world.command(anna, loose, "/new")
    await world.press(anna, loose, "Go on in private", on=led)
    await world.command(bo, loose, "/join")
    for words in ("Nora", "What do we do with the old school?", "yes"):
        await world.message(anna, anna.room, words)
    assert (await room_of(world, loose)).conversation_id == second
    assert await count(world, "conversation") == 2, "hers has begun all the same"


async def test_where_one_has_been_before_is_offered(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    [asked] = await world.command(anna, anna.room, "/new")
    assert asked.labels == ["Nora", "Stop"]
    [asked] = await world.message(anna, anna.room, "1")
    assert asked.text.startswith("What do you want to ask everyone in Nora?")


async def test_only_who_is_invited_finds_it_unless_the_host_opens_it(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    for findable, sees in (("", False), ("Anyone who looks for this place", True)):
        await world.command(anna, anna.room, "/new")
        for words in ("Nora", f"A question, {findable or 'closed'}?"):
            await world.message(anna, anna.room, words)
        if findable:
            await world.press(anna, anna.room, "Who can find it")
            await world.press(anna, anna.room, findable)
        await world.press(anna, anna.room, "Begin the conversation")
        [listed] = await world.command(bo, bo.room, "/join Nora")
        assert any("A question, " in label for label in listed.labels) == sees
        assert not any("closed" in label for label in listed.labels)


# -- joining -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [CODE, "abc234", "aBc 234", " abc234 ", "A B C 2 3 4"])
async def test_a_short_code_is_read_however_it_is_written(world: World, typed: str) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna)
    await coded(world, conversation)
    for command in (f"/join {typed}", f"/med {typed}"):
        [welcome] = await world.command(bo, bo.room, command)
        assert welcome.text.startswith(
            f"{WELCOME}\nWhat do we want Nora to be like?\nWhy: I live here.\nWe hold to: Trust"
        )
    assert await current(world, bo) == conversation
    assert await participants(world, conversation) == 2, "joined once"


@pytest.mark.parametrize(
    "pasted",
    ["{}", "i-{}", "https://memory.example/?start=i-{}", "https://t.me/example_bot?start=i-{}",
     "Come and join us: https://t.me/example_bot?start=i-{}"],
)  # fmt: skip
async def test_an_invitation_is_read_however_it_is_pasted(world: World, pasted: str) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, findable="invited")
    code = await invitation(world, anna)
    [welcome] = await world.command(bo, bo.room, f"/join {pasted.format(code)}")
    assert welcome.text.startswith(WELCOME)
    assert await current(world, bo) == conversation


async def test_a_link_leads_a_stranger_straight_to_the_question(world: World) -> None:
    anna, eva = await world.person("Anna"), stranger("Eva")
    conversation = await world.conversation(anna, findable="invited")
    await world.idea(conversation, anna, "A bench")
    [welcome] = await world.command(eva, eva.room, f"/start i-{await invitation(world, anna)}")
    assert welcome.text.split("\n") == [
        WELCOME, "What do we want Nora to be like?", "Why: I live here.", "We hold to: Trust", "1 idea so far.",
        "The newest: “A bench”",
    ]  # fmt: skip
    assert welcome.labels == ["Weigh the ideas", "Give an idea", "Invite others"]


@pytest.mark.parametrize(
    "typed", ["ABC235", "xxxxxxxxxxxxxxxxxxxxxx", "i-xxxxxxxxxxxxxxxxxxxxxx", "r-xxxxxxxxxxxxxxxxxxxxxx"]
)
async def test_a_wrong_code_opens_nothing_and_says_so(world: World, typed: str) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    await coded(world, await world.conversation(anna))
    told = await world.command(bo, bo.room, f"/join {typed}")
    assert told[0].text == NO_DOOR or told[0].text.startswith(f"I find no open conversation for “{typed}”.")
    assert await current(world, bo) is None


async def test_a_short_code_of_a_closed_door_does_not_open_it(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, findable="invited")
    await coded(world, conversation)
    assert (await world.command(bo, bo.room, f"/join {CODE}"))[0].text == NO_DOOR
    assert await participants(world, conversation) == 1


async def test_an_invitation_is_good_for_as_many_as_it_says_also_at_once(world: World) -> None:
    anna = await world.person("Anna")
    people = [await world.person(name) for name in ("Bo", "Cia", "Dag", "Eva")]
    conversation = await world.conversation(anna, findable="invited")
    code = await invitation(world, anna, "2 for two")
    await world.happens(*(_joins(world, who, code) for who in people))  # all in one batch
    told = [world.last(who.room).text.split("\n")[0] for who in people]
    assert told == [WELCOME, WELCOME, NO_DOOR, NO_DOOR]
    assert await participants(world, conversation) == 3
    assert (await world.command(people[0], people[0].room, f"/join {code}"))[0].text.startswith(WELCOME), (
        "whoever is in comes back by it"
    )


def _joins(world: World, who: Who, code: str) -> CommandGiven:
    happening = world._happening(who.room, world.sender(who))
    return CommandGiven(**happening, message_id=world.network.new_id(), name="join", argument=code)


@pytest.mark.parametrize("how", ["old", "ended", "closed"])
async def test_a_door_that_is_closed_stays_closed(world: World, how: str) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, findable="invited")
    code = await invitation(world, anna)
    if how == "old":
        await world.wait(days=181)
    elif how == "closed":
        await end_conversation(world, conversation)
    else:
        async with world.work() as uow:
            found = await invitations.known(uow, code)
            assert found is not None
            invitations.end(uow, found, world.now)
    assert (await world.command(bo, bo.room, f"/join {code}"))[0].text == NO_DOOR
    assert await participants(world, conversation) == 1


async def test_who_is_in_may_come_back_to_what_has_ended(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo, findable="invited")
    code = await invitation(world, anna)
    await end_conversation(world, conversation)
    [told] = await world.command(bo, bo.room, f"/join {code}")
    assert "This conversation has ended. What was said can still be read." in told.text
    assert "Look at the ideas" in told.labels
    assert "Give an idea" not in told.labels
    [told] = await world.command(bo, bo.room, "/help")
    assert told.labels[0] == "The harvest"
    assert told.labels[1:] == ["Look at the ideas", "Helper groups", "Begin a conversation", "Join one", "My settings"]


async def test_who_has_left_joins_again(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    await coded(world, conversation)
    await change_me(world, conversation, bo, left=True)
    assert (await world.command(bo, bo.room, "/vote"))[0].text != ""
    await world.command(bo, bo.room, f"/join {CODE}")
    async with world.work() as uow:
        assert not (await world.participant(uow, conversation, bo)).left


async def test_open_conversations_are_shown_and_joined_by_a_press(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    await world.conversation(anna, question="How do we meet?")
    hidden = await world.conversation(anna, question="Who keeps the keys?", findable="invited")
    [listed] = await world.command(bo, bo.room, "/join")
    assert listed.labels == ["Nora: How do we meet?", "Begin a conversation"]
    assert listed.text.startswith("These are open for everybody.")
    [welcome] = await world.press(bo, bo.room, "Nora: How do we meet?")
    assert welcome.text.startswith(WELCOME)
    for verb in ("joinopen", "current", "idea", "ideas", "help", "vote"):
        told = await press_data(world, bo, bo.room, await sealed(world, bo.room, Action(verb, hidden)))
        assert told.startswith("This conversation is for those who were invited."), verb


@pytest.mark.parametrize("place", ["Nora", "nora", "NÓRA"])
async def test_a_place_shows_what_is_open_there(world: World, place: str) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    await world.conversation(anna)
    assert (await world.command(bo, bo.room, f"/join {place}"))[0].labels[0].startswith("Nora: What do we want")
    [none] = await world.command(bo, bo.room, "/join Kumla")
    assert none.text.startswith("I find no open conversation for “Kumla”.")


# -- several conversations -----------------------------------------------------------------------------------------


async def test_one_moves_between_conversations_and_each_card_names_its_own(world: World) -> None:
    anna = await world.person("Anna")
    meet = await world.conversation(anna, question="How do we meet?")
    eat = await world.conversation(anna, question="What do we eat?")
    assert await current(world, anna) == eat

    [listed] = await world.command(anna, anna.room, "/join")
    assert listed.labels == ["Nora: What do we eat? (now)", "Nora: How do we meet?", "Begin a conversation"]
    await world.press(anna, anna.room, "Nora: How do we meet?")
    assert await current(world, anna) == meet
    for command in ("/help", "/ideas", "/vote", "/groups", "/hats", "/idea", "/invite", "/mod", "/lead"):
        await world.command(anna, anna.room, command)
        assert "How do we meet?" in world.last(anna.room).text, command
        assert "What do we eat?" not in world.last(anna.room).text, command
    await world.command(anna, anna.room, "/stop")
    await world.command(anna, anna.room, "/stop")
    await world.message(anna, anna.room, "A bench")
    assert "How do we meet?" in world.last(anna.room).text


async def test_a_button_of_an_earlier_conversation_is_about_that_one(world: World) -> None:
    anna = await world.person("Anna")
    meet = await world.conversation(anna, question="How do we meet?")
    await world.message(anna, anna.room, "A bench")
    asked = as_it_stands(world.last(anna.room))
    [helped] = await world.command(anna, anna.room, "/help")
    helped = as_it_stands(helped)
    eat = await world.conversation(anna, question="What do we eat?")

    await press_old(world, anna, anna.room, asked, "Yes, as an idea")
    await world.message(anna, anna.room, "yes")
    assert [idea.text for idea in await ideas_of(world, meet)] == ["A bench"]
    assert await ideas_of(world, eat) == []
    await press_old(world, anna, anna.room, helped, "Give an idea")
    await world.message(anna, anna.room, "A fountain")
    await world.message(anna, anna.room, "yes")
    assert [idea.text for idea in await ideas_of(world, meet)] == ["A bench", "A fountain"]


# -- in groups -----------------------------------------------------------------------------------------------------


async def test_join_in_a_linked_group_lets_one_in_also_where_only_the_invited_come(world: World) -> None:
    anna, eva = await world.person("Anna"), stranger("Eva")
    conversation = await world.conversation(anna, findable="invited")
    garden = await world.group("Garden", conversation)
    [told] = await world.command(eva, garden, "/join")
    assert told.text == "You are in. Give your ideas here, and weigh those of others in private."
    assert await participants(world, conversation) == 2
    assert await current(world, eva) == conversation


async def test_who_is_in_another_conversation_joins_that_of_the_group(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    first = await world.conversation(anna, question="How do we meet?")
    await world.conversation(bo, question="What do we eat?")
    garden = await world.group("Garden", first)
    await world.wait(hours=1)
    topic = Place(RoomKey(CHANNEL, garden.key.room, "food"), private=False, title="Garden")
    for place in (garden, topic):
        [told] = await world.command(bo, place, "/join")
        assert told.text == "You are in. Give your ideas here, and weigh those of others in private."
    assert (await room_of(world, garden)).conversation_id == first
    assert (await room_of(world, topic)).conversation_id is None
    assert await participants(world, first) == 2
    assert await current(world, bo) == first


async def test_a_group_whose_conversation_has_ended_can_be_linked_to_ones_own(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    old = await world.conversation(anna, bo)
    garden, mine = await world.group("Garden", old), await world.conversation(anna)
    await end_conversation(world, old)
    [told] = await world.command(bo, garden, "/join")
    assert "This conversation has ended." in told.text
    await world.command(anna, garden, "/join")
    assert (await room_of(world, garden)).conversation_id == mine


async def test_join_in_a_loose_group_links_it(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna)
    loose, looser = await world.group("Loose"), await world.group("Looser")
    [told] = await world.command(bo, loose, "/join")
    assert told.text.startswith("You are in no conversation that this room could belong to.")
    [told] = await world.command(bo, loose, "/help")
    assert told.text == ("This room belongs to no conversation yet. Begin one, or link the room to the one you are in.")
    await world.press(anna, loose, "Link it to mine")
    assert (await room_of(world, loose)).conversation_id == conversation
    await coded(world, conversation)
    assert (await world.command(bo, looser, "/join ABC235"))[0].text == NO_DOOR
    await world.command(bo, looser, f"/join {CODE.lower()}")
    assert (await room_of(world, looser)).conversation_id == conversation
    assert await count(world, "participant") == 1, "to link a room is not to join"


@pytest.mark.parametrize(
    "command", ["/idea A bench", "/ideas", "/vote", "/groups", "/lead", "/invite", "/report 1", "/mod"]
)
async def test_in_a_loose_group_each_command_says_how_the_room_comes_into_a_conversation(
    world: World, command: str
) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    loose = await world.group("Loose")
    [told] = await world.command(anna, loose, command)
    assert told.labels == ["Begin a conversation", "Link it to mine"]
    assert told.message.only_for == "anna"


async def test_a_topic_can_have_a_conversation_of_its_own(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    first = await world.conversation(anna, question="How do we meet?")
    second = await world.conversation(bo, question="What do we eat?")
    whole = await world.group("Town", first)
    topic = Place(RoomKey(CHANNEL, whole.key.room, "food"), private=False, title="Town")
    await coded(world, second)
    await world.command(bo, topic, f"/join {CODE}")
    await world.command(bo, topic, "/idea Soup")
    assert [idea.text for idea in await ideas_of(world, second)] == ["Soup"]
    assert await ideas_of(world, first) == []
    assert "Soup" not in "".join(said.text for said in world.said(whole))


async def test_whoever_opens_an_imported_conversation_first_is_its_host(world: World) -> None:
    alva, bo = await world.person("Alva"), await world.person("Bo")
    files = {path.name: path.read_bytes() for path in LONDON.glob("*.csv")}
    town = some.conversation(code=CODE, question="How do we look after each other?")
    async with world.work() as uow:
        host = keep_exported(uow, polis.read(files), town, world.now, some.uuid7, lambda _sums: 0.0)

    assert "Welcome" in (await world.command(bo, bo.room, f"/join {CODE}"))[-1].text
    assert "Welcome" in (await world.command(bo, bo.room, f"/join {host}"))[-1].text, "also who has joined before"
    assert (await world.command(alva, alva.room, f"/join {host}"))[-1].text == NO_DOOR
    assert "The harvest" in (await world.command(bo, bo.room, "/help"))[-1].labels
    await world.command(bo, bo.room, "/vote")
    [weighed] = await world.press(bo, bo.room, "👍 Agree")
    assert "You agree." in weighed.text

    await world.command(bo, bo.room, "/idea A night bus")
    await world.press(bo, bo.room, "Give it with my name")
    async with world.work() as uow:
        assert (await uow.need(Conversation, town.id)).host_id == (await world.participant(uow, town.id, bo)).id
    assert "A night bus" in [idea.text for idea in await ideas_of(world, town.id)]


async def test_a_place_of_six_letters_is_no_code(world: World) -> None:
    bo = await world.person("Bo")
    [told] = await world.command(bo, bo.room, "/join Kalmar")
    assert told.text.startswith("I find no open conversation for “Kalmar”.")


async def test_who_is_in_many_conversations_costs_no_more_queries(world: World) -> None:
    alva = await world.person("Alva")
    needed = []
    for more in (2, 4):
        for _ in range(more):
            await world.conversation(alva, findable="invited")
        with some.statements(world.database) as asked:
            await world.command(alva, alva.room, "/join")
        needed.append(len(asked))
    assert needed[0] == needed[1]
