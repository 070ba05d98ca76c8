"""Rooms: the bot comes, is linked, is parted, moves and goes; each time the group hears as little as it needs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from bot.chat.content import Action
from bot.chat.events import BotAdded, BotRemoved, ChoiceMade, CommandGiven, Event, MembersChanged, RoomMoved
from bot.chat.keys import RoomKey
from bot.domain.conversation import Conversation
from bot.domain.people import Account
from bot.domain.rooms import Room
from bot.views.buttons import seal
from tests.handlers.world import CHANNEL, Place, Said, Who, World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


def added(world: World, who: Who, place: Place, *, members: int | None = 12, can_write: bool = True) -> Event:
    return BotAdded(**world._happening(place, world.sender(who)), members=members, can_write=can_write)


def started(world: World, who: Who, place: Place, payload: str) -> Event:
    happening = world._happening(place, world.sender(who))
    return CommandGiven(**happening, message_id=world.network.new_id(), name="start", argument=payload)


async def group_link(world: World, who: Who) -> str:
    """The payload with which somebody adds the bot to a group."""
    await world.command(who, who.room, "/invite a name")
    return next(choice.start for choice in world.last(who.room).choices if choice.group)


async def room_of(world: World, place: Place) -> Room:
    async with world.work() as uow:
        room = await uow.by(Room, world.keys.lookup("room", str(place.key)))
    assert room is not None
    return room


async def press_made_up(world: World, who: Who, place: Place, action: Action) -> str:
    data = seal(action, (await room_of(world, place)).lookup, world.keys)
    event = ChoiceMade(
        **world._happening(place, world.sender(who)), message_id="m0", data=data, press=f"made-up-{world._events}"
    )
    await world.happens(event)
    return world.answers[event.press].text


def told(world: World) -> str:
    """What the latest press was answered with."""
    return list(world.answers.values())[-1].text


# -- coming -----------------------------------------------------------------------------------------------------


async def test_adding_the_bot_is_the_whole_set_up(world: World) -> None:
    anna = await world.person("Anna")
    conversation_id = await world.conversation(anna)
    garden = await world.group("Garden")

    await world.happens(added(world, anna, garden))

    [greeting] = world.said(garden)
    assert "What do we want Nora to be like?" in greeting.text
    assert greeting.labels == ["Give an idea", "Not this conversation", "More"]
    room = await room_of(world, garden)
    assert (room.conversation_id, room.members, room.zone, room.locale) == (
        conversation_id,
        12,
        "Europe/Stockholm",
        "en",
    )


async def test_the_greeting_offers_to_weigh_once_there_is_something_to_weigh(world: World) -> None:
    anna = await world.person("Anna")
    conversation_id = await world.conversation(anna)
    await world.idea(conversation_id, anna, "A bench")
    garden = await world.group("Garden")
    await world.happens(added(world, anna, garden))
    assert "1 idea so far." in world.last(garden).text
    assert world.last(garden).labels == ["Give an idea", "Weigh in private", "Not this conversation", "More"]


async def test_a_group_that_belongs_to_no_conversation_hears_what_this_is_and_two_ways_in(world: World) -> None:
    anna = await world.person("Anna")
    garden = await world.group("Garden")
    await world.happens(added(world, anna, garden))
    [greeting] = world.said(garden)
    assert greeting.text.startswith("I am Byalag.")
    assert len(greeting.message.blocks) == 2
    assert greeting.labels == ["Begin a conversation", "Join one"]


async def test_changed_rights_are_no_news_to_a_group(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    garden = await world.group("Garden")
    await world.happens(added(world, anna, garden))
    await world.wait(seconds=1)
    await world.happens(added(world, anna, garden, members=13))
    assert len(world.said(garden)) == 1
    assert (await room_of(world, garden)).members == 13


async def test_a_parted_group_is_not_linked_again_because_rights_change(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    garden = await world.group("Garden")
    await world.happens(added(world, anna, garden))
    await world.press(anna, garden, "Not this conversation")
    await world.wait(seconds=1)
    await world.happens(added(world, anna, garden))
    assert (await room_of(world, garden)).conversation_id is None


async def test_where_it_may_not_write_the_adder_hears_in_private_what_is_missing(world: World) -> None:
    anna = await world.person("Anna")
    conversation_id = await world.conversation(anna)
    garden = await world.group("Garden")

    await world.happens(added(world, anna, garden, can_write=False))
    await world.wait(seconds=1)
    await world.happens(added(world, anna, garden, can_write=False))

    assert world.said(garden) == []
    hints = [said.text for said in world.said(anna.room) if "may not write" in said.text]
    assert len(hints) == 1
    assert "“Garden”" in hints[0]
    assert "let me send messages" in hints[0]
    await world.wait(minutes=5)
    await world.happens(added(world, anna, garden))
    assert "What do we want Nora to be like?" in world.last(garden).text
    assert (await room_of(world, garden)).conversation_id == conversation_id


async def test_an_adder_who_never_wrote_to_the_bot_is_left_alone(world: World) -> None:
    stranger = Who(
        "Eva",
        msgspec.structs.replace((await world.person("Anna")).account, id="eva"),
        Place(RoomKey(CHANNEL, "x"), private=True),
        "en",
    )
    garden = await world.group("Garden")
    await world.happens(added(world, stranger, garden, can_write=False))
    assert world.said(stranger.room) == []


# -- links ------------------------------------------------------------------------------------------------------


async def test_a_link_to_add_the_bot_gives_one_greeting_in_one_batch_or_two(world: World) -> None:
    anna = await world.person("Anna")
    conversation_id = await world.conversation(anna)
    for title, together in (("Garden", True), ("Choir", False)):
        place = await world.group(title)
        payload = await group_link(world, anna)
        events = [added(world, anna, place), started(world, anna, place, payload)]
        for batch in [events] if together else [[event] for event in events]:
            await world.happens(*batch)
        assert len(world.said(place)) == 1
        assert (await room_of(world, place)).conversation_id == conversation_id


async def test_the_link_says_which_conversation_whatever_the_adder_is_in_now(world: World) -> None:
    anna = await world.person("Anna")
    first = await world.conversation(anna, question="How do we meet?")
    payload = await group_link(world, anna)
    await world.conversation(anna, question="What do we eat?")
    garden = await world.group("Garden")

    await world.happens(added(world, anna, garden), started(world, anna, garden, payload))

    [greeting] = world.said(garden)
    assert "How do we meet?" in greeting.text
    assert (await room_of(world, garden)).conversation_id == first


async def test_a_link_is_for_one_group_and_may_be_opened_there_again(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    await world.conversation(anna)
    garden, choir = await world.group("Garden"), await world.group("Choir")
    payload = await group_link(world, anna)
    await world.happens(added(world, anna, garden), started(world, anna, garden, payload))
    await world.wait(hours=1)

    assert (await world.command(anna, garden, f"/start {payload}"))[-1].text == (
        "This group belongs to that conversation already."
    )
    answer = (await world.command(bo, choir, f"/start {payload}"))[-1]
    assert "This link has been used, or is too old." in answer.text
    assert (await room_of(world, choir)).conversation_id is None


@pytest.mark.parametrize("payload", ["r-", "r-" + "x" * 22, "g-" + "x" * 22, "r-" + "x" * 4000])
async def test_a_guessed_link_opens_nothing(world: World, payload: str) -> None:
    anna = await world.person("Anna")
    garden = await world.group("Garden")
    assert "has been used, or is too old" in (await world.command(anna, garden, f"/start {payload}"))[-1].text


async def test_an_invitation_does_not_link_and_a_link_does_not_invite(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    await world.conversation(anna, findable="invited")
    payload = await group_link(world, anna)
    invitation = next(
        word.partition("start=")[2] for word in world.said(anna.room)[-2].text.split() if "start=" in word
    )
    garden = await world.group("Garden")
    await world.command(bo, garden, f"/start {invitation.replace('i-', 'r-', 1)}")
    assert (await room_of(world, garden)).conversation_id is None
    answer = await world.command(bo, bo.room, f"/start {payload.replace('r-', 'i-', 1)}")
    assert "opens no conversation" in answer[-1].text


async def test_a_link_is_good_for_a_week(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    payload = await group_link(world, anna)
    await world.wait(days=8)
    garden = await world.group("Garden")
    assert "too old" in (await world.command(anna, garden, f"/start {payload}"))[-1].text


async def code_of(world: World, conversation_id: UUID) -> str:
    """Give a conversation a short code."""
    async with world.work() as uow:
        uow.save(msgspec.structs.replace(await uow.need(Conversation, conversation_id), code="ABC234"))
    return "ABC234"


async def test_a_group_of_another_conversation_is_not_taken_over(world: World) -> None:
    anna, bo, cia = [await world.person(name) for name in ("Anna", "Bo", "Cia")]
    first = await world.conversation(anna, cia, question="How do we meet?")
    second = await world.conversation(bo, question="What do we eat?")
    garden = await world.group("Garden")
    await world.happens(added(world, cia, garden))
    await world.wait(hours=1)

    refused = (await world.command(bo, garden, f"/join {await code_of(world, second)}"))[-1]
    assert "This group is linked to “How do we meet?”." in refused.text
    assert (await room_of(world, garden)).conversation_id == first

    await world.press(anna, garden, "Not this conversation")
    await world.command(bo, garden, "/join")
    assert (await room_of(world, garden)).conversation_id == second
    assert "What do we eat?" in world.last(garden).text


async def test_a_topic_may_belong_to_another_conversation_than_its_group(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    first = await world.conversation(anna, question="How do we meet?")
    second = await world.conversation(bo, question="What do we eat?")
    whole = await world.group("Town")
    await world.happens(added(world, anna, whole))
    topic = Place(RoomKey(CHANNEL, whole.key.room, "food"), private=False, title="Town")

    await world.command(bo, topic, f"/join {await code_of(world, second)}")

    assert "What do we eat?" in world.last(topic).text
    assert (await room_of(world, topic)).conversation_id == second
    assert (await room_of(world, whole)).conversation_id == first


# -- what else there is about a room -------------------------------------------------------------------------------


async def test_more_is_for_who_asked_and_knows_the_pace(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    await world.conversation(anna, bo)
    garden = await world.group("Garden")
    await world.happens(added(world, anna, garden))

    more = (await world.press(bo, garden, "More"))[-1]
    assert more.message.only_for == "bo"
    assert more.labels == ["Look at the ideas", "Tell once a day what is new", "Quiet hours", "Not this conversation"]
    await world.press(bo, garden, "Tell once a day what is new")
    assert "The host, a moderator, or whoever linked this group can do that." in told(world)
    await world.press(anna, garden, "Tell once a day what is new")
    assert (await room_of(world, garden)).pace == "daily"
    assert "Show at once what is new" in (await world.press(anna, garden, "More"))[-1].labels


async def test_who_linked_a_group_may_part_it_and_nothing_is_lost(world: World) -> None:
    anna, bo, cia = [await world.person(name) for name in ("Anna", "Bo", "Cia")]
    conversation_id = await world.conversation(anna, bo, cia)
    garden = await world.group("Garden")
    await world.happens(added(world, bo, garden))
    await world.command(cia, garden, "/idea A bench")

    await world.press(cia, garden, "Not this conversation")
    assert (await room_of(world, garden)).conversation_id == conversation_id
    await world.press(bo, garden, "Not this conversation")

    assert (await room_of(world, garden)).conversation_id is None
    assert "Nothing that was said there is lost." in world.last(garden).text
    [listed] = await world.command(cia, cia.room, "/ideas")
    assert any("A bench" in label for label in listed.labels)


@pytest.mark.parametrize("verb", ["room", "pace", "unlink"])
async def test_a_button_of_a_group_that_was_parted_does_nothing(world: World, verb: str) -> None:
    anna = await world.person("Anna")
    conversation_id = await world.conversation(anna)
    garden = await world.group("Garden")
    await world.happens(added(world, anna, garden))
    await world.press(anna, garden, "Not this conversation")
    assert "from before" in await press_made_up(world, anna, garden, Action(verb, conversation_id, arg="daily"))


async def test_a_made_up_pace_is_refused(world: World) -> None:
    anna = await world.person("Anna")
    conversation_id = await world.conversation(anna)
    garden = await world.group("Garden", conversation_id)
    assert "from before" in await press_made_up(world, anna, garden, Action("pace", conversation_id, arg="hourly"))
    assert (await room_of(world, garden)).pace == ""


# -- going, moving, members ----------------------------------------------------------------------------------------


async def test_a_group_that_lets_the_bot_go_is_unlinked_and_may_take_it_back(world: World) -> None:
    anna = await world.person("Anna")
    conversation_id = await world.conversation(anna)
    garden = await world.group("Garden")
    await world.happens(added(world, anna, garden))
    before = len(world.said(anna.room))

    await world.happens(BotRemoved(**world._happening(garden, world.sender(anna))))
    room = await room_of(world, garden)
    assert (room.gone, room.conversation_id) == (True, None)
    assert len(world.said(anna.room)) == before, "nobody is bothered"

    await world.wait(days=1)
    await world.happens(added(world, anna, garden))
    room = await room_of(world, garden)
    assert (room.gone, room.conversation_id) == (False, conversation_id)
    assert len(world.said(garden)) == 2


async def test_who_blocks_the_bot_is_not_written_to_until_they_come_back(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    await world.happens(BotRemoved(**world._happening(anna.room, world.sender(anna))))

    async with world.work() as uow:
        account = await uow.by(Account, world.keys.lookup("account", str(anna.account)))
    assert account is not None
    assert not account.reachable
    assert (await room_of(world, anna.room)).gone

    assert await world.command(anna, anna.room, "/help")
    assert not (await room_of(world, anna.room)).gone


async def test_a_group_with_a_new_address_stays_in_its_conversation(world: World) -> None:
    anna = await world.person("Anna")
    conversation_id = await world.conversation(anna)
    garden = await world.group("Garden", conversation_id)
    moved = Place(RoomKey(CHANNEL, "supergroup"), private=False, title="Garden")

    await world.happens(RoomMoved(**world._happening(garden, world.sender(anna)), to=moved.key))

    assert (await room_of(world, moved)).conversation_id == conversation_id
    said = await world.command(anna, moved, "/idea A bench")
    assert any("A bench" in one.text for one in said)


async def test_members_come_and_go_without_a_word(world: World) -> None:
    anna = await world.person("Anna")
    garden = await world.group("Garden", await world.conversation(anna))
    for members, at_once in ((31, False), (None, False), (30, True)):
        await world.happens(MembersChanged(**world._happening(garden, world.sender(anna)), members=members))
        assert (await room_of(world, garden)).at_once == at_once
    assert world.said(garden) == []


async def test_a_conversation_begun_for_a_group_is_linked_to_it(world: World) -> None:
    anna = await world.person("Anna")
    garden = await world.group("Garden")
    await world.happens(added(world, anna, garden))

    await world.press(anna, garden, "Begin a conversation")
    await world.message(anna, anna.room, "Nora")
    await world.message(anna, anna.room, "Who has room for a choir?")
    begun: list[Said] = await world.press(anna, anna.room, "Begin the conversation")

    assert "has begun" in begun[0].text
    greeting = world.last(garden)
    assert "Who has room for a choir?" in greeting.text
    assert (await room_of(world, garden)).conversation_id is not None
    await world.press(anna, garden, "More")
    await world.press(anna, garden, "Not this conversation")
    assert (await room_of(world, garden)).conversation_id is None
