"""Helper groups: taking the lead, joining in, leaving, and what the convener hears of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from bot.chat.content import Action
from bot.chat.events import BotAdded, BotRemoved, ChoiceMade
from bot.domain.conversation import Conversation
from bot.domain.groups import MAX_FIELD, GroupMember, HelperGroup
from bot.domain.ideas import Idea
from bot.domain.rooms import Room
from bot.flows.words import plain
from bot.store import groups as queries
from bot.views import groups as views
from bot.views.buttons import seal
from tests.handlers.deeds import end_conversation
from tests.handlers.world import NOON, Place, Said, Who, World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


async def takes_the_lead(world: World, who: Who, what: str) -> HelperGroup:
    """Somebody takes the lead in private, from nothing."""
    await world.command(who, who.room, f"/lead {what}")
    for _ in range(3):
        await world.press(who, who.room, "Skip")
    await world.press(who, who.room, "Take the lead")
    [made] = [one for one in await all_groups(world) if one.what == what]
    return made


async def all_groups(world: World) -> list[HelperGroup]:
    async with world.work() as uow:
        return await uow.select(HelperGroup, lambda query: query)


async def names_in(world: World, group: HelperGroup) -> list[str]:
    async with world.work() as uow:
        return await queries.names_of(uow, await queries.members_of(uow, group))


async def press_made_up(world: World, who: Who, place: Place, action: Action) -> str:
    """Somebody presses a button that the bot may never have shown them; gives what they are told."""
    async with world.work() as uow:
        room = await uow.by(Room, world.keys.lookup("room", str(place.key)))
        assert room is not None
        data = seal(action, room.lookup, world.keys)
    before = {said.id: said.message for said in world.said(place)}
    happening = world._happening(place, world.sender(who))
    event = ChoiceMade(**happening, message_id="m0", data=data, press=f"made-up-{world._events}")
    await world.happens(event)
    answer = world.answers[event.press]
    return answer.text or "\n".join(said.text for said in world.said(place) if before.get(said.id) is not said.message)


def card_in(world: World, place: Place) -> Said:
    return next(said for said in reversed(world.said(place)) if said.text.startswith("Helper group:"))


async def test_taking_the_lead_from_an_idea_forms_a_group_with_a_card(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation_id = await world.conversation(anna, bo)
    garden = await world.group("Garden", conversation_id)
    await world.command(anna, garden, "/idea A bench by the river")

    await world.press(bo, garden, "✋ I take the lead")
    await world.message(bo, bo.room, "Those who walk slowly")
    await world.message(bo, bo.room, "Two with a saw")
    await world.message(bo, bo.room, "Measure on Saturday")
    thanks, card, after = (await world.press(bo, bo.room, "Take the lead"))[-3:]

    assert "Thank you for taking the lead." in thanks.text
    assert card.text == (
        "Helper group: A bench by the river\nWe support: Those who walk slowly\nWe need: Two with a saw\n"
        "First step: Measure on Saturday\nBo holds it together.\n1 person is in it.\nWhat do we want Nora to be like?"
    )
    assert after.labels == ["Invite others", "A room for the group"]
    shown = card_in(world, garden)
    assert shown.labels == ["I join in", "I leave"]
    assert "What do we want Nora" not in shown.text, "in a room of the conversation the question is known"
    assert "1 helper group has formed." in world.said(garden)[0].text
    async with world.work() as uow:
        conversation = await uow.need(Conversation, conversation_id)
        [idea] = await uow.select(Idea, lambda query: query)
    assert (conversation.groups, idea.leads) == (1, 1)


async def test_who_carries_the_idea_is_not_written_to(world: World) -> None:
    anna, bo, cia = [await world.person(name) for name in ("Anna", "Bo", "Cia")]
    conversation_id = await world.conversation(anna, bo, cia)
    garden = await world.group("Garden", conversation_id)
    await world.command(anna, garden, "/idea A bench")
    await world.press(cia, garden, "🤝")
    before = len(world.said(cia.room))

    await world.press(bo, garden, "✋ I take the lead")
    for _ in range(3):
        await world.press(bo, bo.room, "Skip")
    await world.press(bo, bo.room, "Take the lead")
    await world.wait(days=2)

    assert len(world.said(cia.room)) == before


async def test_the_words_written_in_a_group_are_kept_for_the_private_room(world: World) -> None:
    anna = await world.person("Anna")
    garden = await world.group("Garden", await world.conversation(anna))

    told = (await world.command(anna, garden, "/lead Paint the fence"))[-1]

    assert told.text == "I have asked you about it in private."
    assert "Whom or what do you want to support?" in world.last(anna.room).text
    for _ in range(3):
        await world.press(anna, anna.room, "Skip")
    assert "What we want to do: Paint the fence" in world.last(anna.room).text


async def test_without_words_a_group_leads_to_the_private_room(world: World) -> None:
    anna = await world.person("Anna")
    garden = await world.group("Garden", await world.conversation(anna))
    await world.command(anna, garden, "/lead")
    asked = await world.press(anna, garden, "Go on in private")
    assert "What do you want to do together with others?" in asked[-1].text


async def test_the_lead_cannot_be_taken_for_an_idea_that_is_hidden(world: World) -> None:
    anna = await world.person("Anna")
    conversation_id = await world.conversation(anna)
    idea = await world.idea(conversation_id, anna, "A bench")
    async with world.work() as uow:
        uow.save(msgspec.structs.replace(idea, state="hidden"))
    answer = await press_made_up(world, anna, anna.room, Action("lead", conversation_id, idea.id))
    assert answer == "This idea is not here any more."


async def test_joining_in_counts_once_and_shows_on_every_card(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation_id = await world.conversation(anna, bo)
    garden = await world.group("Garden", conversation_id)
    group = await takes_the_lead(world, anna, "A bench")

    for expected in (
        "Good to have you. You are 2 now, and Anna holds it together.",
        "You are in this group already.",
    ):
        await world.press(bo, garden, "I join in")
        assert list(world.answers.values())[-1].text == expected

    assert "2 people are in it." in card_in(world, garden).text
    assert "2 people are in it." in card_in(world, anna.room).text
    assert sorted(await names_in(world, group)) == ["Anna", "Bo"]


async def test_a_first_tap_by_who_has_not_said_yes_shows_the_notice_and_the_second_joins(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo", consented=False)
    garden = await world.group("Garden", await world.conversation(anna))
    group = await takes_the_lead(world, anna, "A bench")

    await world.press(bo, garden, "I join in")
    assert list(world.answers.values())[-1].alert
    assert await names_in(world, group) == ["Anna"]
    await world.wait(seconds=5)
    await world.press(bo, garden, "I join in")
    assert sorted(await names_in(world, group)) == ["Anna", "Bo"]


async def test_the_convener_hears_once_a_day_who_has_joined(world: World) -> None:
    anna, bo, cia, dan = [await world.person(name) for name in ("Anna", "Bo", "Cia", "Dan")]
    garden = await world.group("Garden", await world.conversation(anna, bo, cia, dan))
    await takes_the_lead(world, anna, "A bench")
    bench = card_in(world, garden)
    await takes_the_lead(world, anna, "A song")
    song = card_in(world, garden)
    before = list(world.said(anna.room))

    await world.press(bo, garden, "I join in", on=bench)
    await world.press(cia, garden, "I join in", on=bench)
    await world.press(cia, garden, "I join in", on=song)
    assert world.said(anna.room) == before, "not at once"
    await world.wait(hours=6)

    [told] = [said for said in world.said(anna.room) if said not in before]
    assert told.text == "1. New in “A bench”: Bo, Cia.\n2. New in “A song”: Cia."
    assert told.labels == ["1. A bench", "2. A song"]
    await world.press(dan, garden, "I join in", on=song)
    await world.wait(hours=6)
    assert world.last(anna.room) is told, "the next one is for tomorrow"
    await world.wait(hours=18)
    assert world.last(anna.room).text == "New in “A song”: Dan."


async def test_many_who_join_are_a_number(world: World) -> None:
    anna = await world.person("Anna")
    others = [await world.person(f"P{number}") for number in range(6)]
    garden = await world.group("Garden", await world.conversation(anna, *others))
    await takes_the_lead(world, anna, "A bench")
    for who in others:
        await world.press(who, garden, "I join in")
    await world.wait(hours=6)
    assert world.last(anna.room).text == "6 have joined “A bench”."


async def test_leaving_is_one_press(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    garden = await world.group("Garden", await world.conversation(anna, bo))
    group = await takes_the_lead(world, anna, "A bench")
    await world.press(bo, garden, "I join in")

    for expected in ("You have left the group. Thank you for what you did in it.", "You are not in this group."):
        await world.press(bo, garden, "I leave")
        assert list(world.answers.values())[-1].text == expected
    assert await names_in(world, group) == ["Anna"]
    assert "1 person is in it." in card_in(world, garden).text


async def test_a_convener_who_leaves_hands_over_to_who_has_been_in_it_longest(world: World) -> None:
    anna, bo, cia = [await world.person(name) for name in ("Anna", "Bo", "Cia")]
    garden = await world.group("Garden", await world.conversation(anna, bo, cia))
    group = await takes_the_lead(world, anna, "A bench")
    for who in (cia, bo):
        await world.wait(seconds=5)
        await world.press(who, garden, "I join in")

    asked = (await world.press(anna, garden, "I leave"))[-1]
    assert asked.text == "You hold this group together. If you leave, Cia takes over from you."
    assert asked.message.only_for == "anna"
    assert sorted(await names_in(world, group)) == ["Anna", "Bo", "Cia"], "nothing has happened yet"
    await world.press(anna, garden, "Leave and hand over")

    assert await names_in(world, group) == ["Cia", "Bo"]
    assert "Cia holds it together.\n2 people are in it." in card_in(world, garden).text
    assert "Anna has left “A bench”." in world.last(cia.room).text
    assert len(world.said(bo.room)) == 1, "only who takes over is written to"


async def test_who_has_blocked_the_bot_takes_over_only_where_nobody_else_is(world: World) -> None:
    anna, bo, cia = [await world.person(name) for name in ("Anna", "Bo", "Cia")]
    garden = await world.group("Garden", await world.conversation(anna, bo, cia))
    group = await takes_the_lead(world, anna, "A bench")
    for who in (cia, bo):
        await world.wait(seconds=5)
        await world.press(who, garden, "I join in")
    await world.happens(BotRemoved(**world._happening(cia.room, world.sender(cia))))

    asked = (await world.press(anna, garden, "I leave"))[-1]
    assert asked.text == "You hold this group together. If you leave, Bo takes over from you."
    await world.press(anna, garden, "Leave and hand over")
    assert "Anna has left “A bench”." in world.last(bo.room).text
    asked = (await world.press(bo, garden, "I leave"))[-1]
    assert asked.text == "You hold this group together. If you leave, Cia takes over from you."
    assert await names_in(world, group) == ["Cia", "Bo"]


async def test_who_is_alone_in_a_group_is_not_let_go_without_a_word(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    group = await takes_the_lead(world, anna, "A bench")
    for arg in ("", "yes"):
        answer = await press_made_up(world, anna, anna.room, Action("leavegroup", group.conversation_id, group.id, arg))
        assert "You are alone in this group" in answer
    assert await names_in(world, group) == ["Anna"]


async def test_another_cannot_hand_over_for_the_convener(world: World) -> None:
    anna, bo, cia = [await world.person(name) for name in ("Anna", "Bo", "Cia")]
    garden = await world.group("Garden", await world.conversation(anna, bo, cia))
    group = await takes_the_lead(world, anna, "A bench")
    await world.press(bo, garden, "I join in")
    await world.press(anna, garden, "I leave")

    await world.press(cia, garden, "Leave and hand over")
    assert list(world.answers.values())[-1].text == "You are not in this group."
    await world.press(bo, garden, "Leave and hand over")

    assert await names_in(world, group) == ["Anna"]
    assert "Anna holds it together." in card_in(world, garden).text


async def test_the_list_tells_what_each_group_needs_and_opens_its_card(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    empty = (await world.command(anna, anna.room, "/groups"))[-1]
    assert empty.labels == ["Take the lead"]
    for number in range(6):
        await takes_the_lead(world, anna, f"Bench {number}")
        await world.wait(seconds=1)

    first = (await world.command(anna, anna.room, "/groups"))[-1]
    assert first.labels == ["1. Bench 5", "2. Bench 4", "3. Bench 3", "4. Bench 2", "More helper groups"]
    second = (await world.press(anna, anna.room, "More helper groups"))[-1]
    assert second.id == first.id
    assert second.labels == ["5. Bench 1", "6. Bench 0", "Take the lead"]

    card = (await world.press(anna, anna.room, "6. Bench 0"))[-1]
    assert card is world.last(anna.room), "the card comes where one looks, though it stands further up too"
    assert card.text.startswith("Helper group: Bench 0")


async def test_in_a_group_the_list_and_the_card_are_for_who_asked(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    garden = await world.group("Garden", await world.conversation(anna, bo))
    await takes_the_lead(world, anna, "A bench")
    listed = (await world.command(bo, garden, "/groups"))[-1]
    card = (await world.press(bo, garden, "1. A bench"))[-1]
    assert listed.message.only_for == card.message.only_for == "bo"


@pytest.mark.parametrize("argument", ["-1", "x", "99999999", "²", "500"])
async def test_a_strange_page_is_no_error(world: World, argument: str) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    await takes_the_lead(world, anna, "A bench")
    assert "Helper groups" in (await world.command(anna, anna.room, f"/groups {argument}"))[-1].text


@pytest.mark.parametrize("verb", ["group", "joingroup", "leavegroup", "linkroom", "lead"])
async def test_a_stranger_with_a_button_of_an_invited_conversation_gets_nothing(world: World, verb: str) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation_id = await world.conversation(anna, findable="invited")
    group = await takes_the_lead(world, anna, "A bench")
    answer = await press_made_up(world, bo, bo.room, Action(verb, conversation_id, group.id))
    assert "for those who were invited" in answer
    async with world.work() as uow:
        assert len(await uow.select(GroupMember, lambda query: query)) == 1


@pytest.mark.parametrize("verb", ["group", "joingroup", "leavegroup", "linkroom"])
async def test_a_button_of_a_group_that_is_gone_says_so(world: World, verb: str) -> None:
    anna = await world.person("Anna")
    conversation_id = await world.conversation(anna)
    gone = await press_made_up(world, anna, anna.room, Action(verb, conversation_id, UUID(int=7)))
    assert gone == "This helper group is not here any more."
    assert "from before" in await press_made_up(world, anna, anna.room, Action(verb))


async def test_a_group_gets_a_room_of_its_own_and_there_its_card(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation_id = await world.conversation(anna, bo)
    group = await takes_the_lead(world, anna, "A bench")
    offer = (await world.press(anna, anna.room, "A room for the group"))[-1]
    assert offer.choices[0].group
    workshop = await world.group("Workshop")

    # Both come in one batch, as networks send them.
    added = BotAdded(**world._happening(workshop, world.sender(anna)), members=4)
    await world.happens(added)
    await world.command(anna, workshop, f"/start {offer.choices[0].start}")

    assert card_in(world, workshop) is world.last(workshop)
    await world.command(bo, bo.room, "/idea A song for everybody")
    await world.wait(days=1)
    assert "A song" not in world.last(workshop).text, "a helper group's room is not for the conversation's ideas"
    async with world.work() as uow:
        room = await uow.by(Room, world.keys.lookup("room", str(workshop.key)))
    assert room is not None
    assert (room.conversation_id, room.group_id) == (conversation_id, group.id)


async def test_only_a_member_gets_a_room_for_a_group(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation_id = await world.conversation(anna, bo)
    group = await takes_the_lead(world, anna, "A bench")
    answer = await press_made_up(world, bo, bo.room, Action("linkroom", conversation_id, group.id))
    assert answer == "You are not in this group."


async def test_a_hidden_idea_is_not_read_from_its_groups_card(world: World) -> None:
    anna = await world.person("Anna")
    conversation_id = await world.conversation(anna)
    idea = await world.idea(conversation_id, anna, "Something that a moderator hides")
    async with world.work() as uow:
        me = await world.participant(uow, conversation_id, anna)
        uow.add(HelperGroup(conversation_id, UUID(int=5), me.id, "A bench", "", "", "", NOON, idea_id=idea.id))
    async with world.work() as uow:
        read = await queries.load_group(uow, conversation_id, UUID(int=5))
        assert read is not None
        assert read.idea_text == "Something that a moderator hides"
        uow.save(msgspec.structs.replace(idea, state="hidden"))
    async with world.work() as uow:
        read = await queries.load_group(uow, conversation_id, UUID(int=5))
        assert read is not None
        assert read.idea_text is None
        assert await queries.load_group(uow, conversation_id, UUID(int=6)) is None


def test_the_longest_card_fits_a_phone_screen() -> None:
    conversation = Conversation(
        UUID(int=1),
        "",
        "Nora",
        "q" * 300,
        "",
        (),
        "",
        "weeks",
        "anyone",
        "",
        "en",
        "Europe/Stockholm",
        UUID(int=2),
        NOON,
    )
    field = "word " * (MAX_FIELD // 5)
    group = HelperGroup(conversation.id, UUID(int=3), UUID(int=2), field, field, field, field, NOON)
    room = Room(UUID(int=4), "memory", b"", None, private=True, created_at=NOON)  # type: ignore[arg-type]
    card = views.group_card(group, conversation, "N" * 64, "idea " * 800, room)
    assert len("\n".join(plain(block.words) for block in card.blocks)) < 1300


async def test_a_room_that_could_not_be_linked_any_more_is_not_offered(world: World) -> None:
    anna = await world.person("Anna")
    conversation_id = await world.conversation(anna)
    await takes_the_lead(world, anna, "A bench")
    await end_conversation(world, conversation_id)
    await world.press(anna, anna.room, "A room for the group")
    assert world.alert == "This conversation has ended. What was said can still be read."
