"""Hosting: naming who helps, handing over with a yes, and the end, which can be taken back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea
from bot.domain.moderation import Act
from bot.store.housekeeping import tidy
from tests.handlers.deeds import as_it_stands, change_me, count, press_old, stranger
from tests.handlers.world import Place, Said, Who, World

ENDED = "This conversation has ended. What was said can still be read."


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


class Story:
    """Hanna hosts; Anna and Bo have given ideas under their names, Cia only votes."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def begin(self) -> Story:
        world = self.world
        people = [await world.person(name) for name in ("Hanna", "Anna", "Bo", "Cia")]
        self.hanna, self.anna, self.bo, self.cia = people
        self.conversation = await world.conversation(*people)
        self.group = await world.group("Nora", self.conversation)
        for who in (self.anna, self.bo):
            await world.idea(self.conversation, who, f"A bench for {who.name}")
        await world.idea(self.conversation, self.cia, "A boat", named=False)
        return self

    async def role(self, who: Who) -> str:
        async with self.world.work() as uow:
            return (await self.world.participant(uow, self.conversation, who)).role

    async def now(self) -> Conversation:
        async with self.world.work() as uow:
            return await uow.need(Conversation, self.conversation)

    async def kinds(self) -> list[str]:
        """What stands in the log, the first first."""
        async with self.world.work() as uow:
            found = await uow.select(Act, lambda query: query)
        return [act.kind for act in sorted(found, key=lambda act: act.id)]

    async def presses(self, who: Who, *labels: str) -> Said:
        for label in labels:
            await self.world.press(who, who.room, label)
        return self.world.last(who.room)

    async def tells(self, who: Who, place: Place, text: str, *, about: Who | None = None) -> str:
        """Type a command, as a reply if told so; gives what is answered there."""
        quoted = self.world.quoted(about, "Good morning") if about else None
        return (await self.world.command(who, place, text, reply_to=quoted))[-1].text


@pytest.fixture
async def story(world: World) -> Story:
    return await Story(world).begin()


# -- who helps ------------------------------------------------------------------------------------------------


async def test_a_host_finds_the_card_by_help_and_names_who_helps(world: World, story: Story) -> None:
    await world.command(story.hanna, story.hanna.room, "/help")
    card = await story.presses(story.hanna, "Host")
    assert card.text.startswith("You host this conversation\nWhat do we want Nora to be like?\nHost: Hanna")
    assert card.labels == [
        "Plan questions",
        "Choose the season",
        "The harvest",
        "Who helps me",
        "Hand it over",
        "End the conversation",
    ]

    choice = await story.presses(story.hanna, "Who helps me", "Name a moderator")
    assert choice.labels == ["1. Anna", "2. Bo", "Back"], (
        "who only votes, or gave an idea without a name, is in no list"
    )
    done = await story.presses(story.hanna, "1. Anna")
    assert (done.text, done.labels) == ("Anna is a moderator of this conversation.", ["Undo"])
    assert await story.role(story.anna) == "moderator"
    assert world.last(story.anna.room).text.startswith("You are a moderator now")

    await world.command(story.hanna, story.hanna.room, "/host cohost")
    await story.presses(story.hanna, "2. Bo")
    assert await story.role(story.bo) == "cohost"
    assert world.last(story.bo.room).text.startswith("You are a co-host now")
    [card] = await world.command(story.hanna, story.hanna.room, "/host")
    assert card.text.endswith("Host: Hanna\nCo-hosts: Bo\nModerators: Anna")

    await story.presses(story.hanna, "Who helps me", "1. No longer: Anna")
    assert await story.role(story.anna) == ""
    await world.wait(days=1)
    assert world.last(story.anna.room).text.startswith("You do not help to host this conversation any more.")
    assert await story.kinds() == ["moderator", "cohost", "dismiss"]


async def test_in_a_group_a_reply_names_its_author(world: World, story: Story) -> None:
    told = await story.tells(story.hanna, story.group, "/host cohost", about=story.cia)
    assert told == "Cia is a co-host of this conversation."
    assert await story.role(story.cia) == "cohost"
    assert await story.tells(story.hanna, story.group, "/host cohost", about=story.cia) == "It is like that already."
    told = await story.tells(story.hanna, story.group, "/host moderator", about=story.cia)
    assert told == "They are a host, and may do all that a moderator may."
    told = await story.tells(story.hanna, story.group, "/host remove", about=story.cia)
    assert told == "Cia helps to host this conversation no longer."
    assert await story.role(story.cia) == ""
    told = await story.tells(story.hanna, story.group, "/host remove", about=story.hanna)
    assert told == "That is the host. Hosting can be handed over, not taken away."
    told = await story.tells(story.hanna, story.group, "/host cohost", about=stranger("Dan"))
    assert told.startswith("They are not in this conversation yet.")
    assert await story.tells(story.anna, story.group, "/host cohost", about=story.bo) == (
        "Only a host of this conversation can do that. Write /help to see what you can do."
    )


async def test_a_cohost_names_moderators_but_no_cohost(world: World, story: Story) -> None:
    await change_me(world, story.conversation, story.bo, role="cohost")
    [card] = await world.command(story.bo, story.bo.room, "/host")
    assert card.text.startswith("You are a co-host of this conversation")
    assert card.labels == ["Plan questions", "Choose the season", "The harvest", "Who helps me", "End the conversation"]
    assert (await story.presses(story.bo, "Who helps me")).labels == ["Name a moderator", "Back"]
    await story.presses(story.bo, "Name a moderator", "1. Anna")
    assert await story.role(story.anna) == "moderator"
    for line in ("/host cohost", "/host hand over"):
        assert await story.tells(story.bo, story.bo.room, line) == "Only the host can do that, not a co-host."


async def test_naming_can_be_taken_back_by_hosts_alone(world: World, story: Story) -> None:
    await change_me(world, story.conversation, story.bo, role="moderator")
    await world.command(story.hanna, story.hanna.room, "/host cohost")
    await story.presses(story.hanna, "2. Bo")
    await change_me(world, story.conversation, story.anna, role="moderator")
    log = as_it_stands((await world.command(story.anna, story.anna.room, "/mod log"))[-1])
    assert "1. Bo is a co-host of this conversation. (Hanna, " in log.text
    assert await press_old(world, story.anna, story.anna.room, log, "Take back 1") == (
        "Only a host of this conversation can do that. Write /help to see what you can do."
    )
    [told] = await world.command(story.hanna, story.hanna.room, "/mod undo")
    assert told.text == "Taken back. It is as it was before.\nWhat had been done: Bo is a co-host of this conversation."
    assert await story.role(story.bo) == "moderator", "what was before is put back"


# -- handing over ---------------------------------------------------------------------------------------------


async def asked(story: Story, who: Who) -> Said:
    """Hanna has asked somebody to host; gives what they see."""
    world = story.world
    choice = (await world.command(story.hanna, story.hanna.room, "/host hand over"))[-1]
    label = next(label for label in choice.labels if label.endswith(who.name))
    sure = await story.presses(story.hanna, label)
    assert f"Shall I ask {who.name} to host this conversation?" in sure.text
    done = await story.presses(story.hanna, "Yes, ask")
    assert done.text == f"{who.name} is asked to host this conversation."
    return world.last(who.room)


async def test_hosting_is_handed_over_with_a_yes(world: World, story: Story) -> None:
    question = await asked(story, story.bo)
    assert question.text.startswith("Hanna asks whether you want to host a conversation:")
    assert (await story.role(story.hanna), await story.role(story.bo)) == ("host", "")

    told = await story.presses(story.bo, "Yes, I will host it")
    assert told.text.startswith("You are the host now. Thank you.")
    assert (await story.role(story.hanna), await story.role(story.bo)) == ("cohost", "host")
    assert world.last(story.hanna.room).text.startswith("Bo hosts the conversation now. You are a co-host.")
    host_id = (await story.now()).host_id
    async with world.work() as uow:
        assert host_id == (await world.participant(uow, story.conversation, story.bo)).id
    assert await story.kinds() == ["offer", "host"]
    [log] = await world.command(story.bo, story.bo.room, "/mod log")
    assert "1. Bo hosts this conversation now. (Bo, " in log.text
    assert log.labels == []


async def test_a_no_changes_nothing_and_is_told(world: World, story: Story) -> None:
    question = as_it_stands(await asked(story, story.bo))
    assert (await story.presses(story.bo, "No, thank you")).text == "That is fine. I have told the host."
    assert world.last(story.hanna.room).text.startswith("Bo would rather not host. You are the host as before.")
    told = await press_old(world, story.bo, story.bo.room, question, "Yes, I will host it")
    assert told == "That offer does not stand any more."
    assert await story.role(story.hanna) == "host"


@pytest.mark.parametrize("how", ["undone", "another is asked", "another hosts"])
async def test_an_offer_that_does_not_stand_any_more_gives_nothing(world: World, story: Story, how: str) -> None:
    question = as_it_stands(await asked(story, story.bo))
    if how == "undone":
        await world.press(story.hanna, story.hanna.room, "Undo")
    else:
        await asked(story, story.anna)
    if how == "another hosts":
        await story.presses(story.anna, "Yes, I will host it")
    told = await press_old(world, story.bo, story.bo.room, question, "Yes, I will host it")
    assert told == "That offer does not stand any more."
    assert await story.role(story.bo) == ""


async def test_nobody_else_can_say_yes(world: World, story: Story) -> None:
    await asked(story, story.bo)
    async with world.work() as uow:
        me = await world.participant(uow, story.conversation, story.cia)
        [offer] = await uow.select(Act, lambda query: query)
        uow.save(msgspec.structs.replace(offer, participant_id=me.id))
    await world.press(story.bo, story.bo.room, "Yes, I will host it")
    assert world.alert == "Only a host of this conversation can do that. Write /help to see what you can do."
    assert await story.role(story.hanna) == "host"


async def test_who_cannot_be_reached_is_not_asked(world: World, story: Story) -> None:
    dan = stranger("Dan")
    await world.command(dan, story.group, "/join")
    told = await story.tells(story.hanna, story.group, "/host hand over", about=dan)
    assert told == "Let us do that in private."
    await world.press(story.hanna, story.group, "Go on in private")
    await world.press(story.hanna, story.hanna.room, "Yes, ask")
    assert world.alert.startswith("I cannot write to them in private.")
    assert await story.kinds() == []


# -- the end --------------------------------------------------------------------------------------------------


async def test_a_conversation_ends_after_a_second_press_and_its_rooms_are_told(world: World, story: Story) -> None:
    await world.command(story.hanna, story.hanna.room, "/host")
    sure = await story.presses(story.hanna, "End the conversation")
    assert sure.text.startswith("End this conversation?\nThen nobody can give ideas or weigh them.")
    assert (await story.presses(story.hanna, "No")).text == "Good. It goes on."
    assert (await story.now()).closed_at is None

    await world.command(story.hanna, story.hanna.room, "/host close")
    done = await story.presses(story.hanna, "Yes, end it")
    assert (done.text, done.labels) == ("The conversation has ended. All can still be read.", ["Undo"])
    card = world.last(story.group)
    assert ENDED in card.text
    assert card.labels == ["Look at the ideas"]
    assert await story.tells(story.anna, story.group, "/idea A boat") == ENDED
    assert await story.tells(story.hanna, story.hanna.room, "/host close") == "This conversation has ended already."


@pytest.mark.parametrize("way", ["card", "typed", "undo"])
async def test_and_can_be_opened_again(world: World, story: Story, way: str) -> None:
    await world.command(story.hanna, story.hanna.room, "/host close")
    await story.presses(story.hanna, "Yes, end it")
    if way == "card":
        await world.command(story.hanna, story.hanna.room, "/help")
        await story.presses(story.hanna, "Host", "Open it again")
    elif way == "typed":
        await world.command(story.hanna, story.hanna.room, "/host open")
    else:
        await world.press(story.hanna, story.hanna.room, "Undo")
    assert (await story.now()).closed_at is None
    assert ENDED not in world.last(story.group).text, "the card in the room is brought up to date"
    assert "Give an idea" in world.last(story.group).labels


async def test_from_a_group_one_is_led_into_private(world: World, story: Story) -> None:
    for line, shown in (("/host", "You host this conversation"), ("/host close", "End this conversation?")):
        assert await story.tells(story.hanna, story.group, line) == "Let us do that in private."
        assert (await world.press(story.hanna, story.group, "Go on in private"))[-1].text.startswith(shown)


async def test_what_cannot_be_understood_is_answered_with_what_can_be_written(world: World, story: Story) -> None:
    assert (await story.tells(story.hanna, story.hanna.room, "/host the party")).startswith("You can write: /host")


async def test_it_speaks_swedish(world: World) -> None:
    siv, bo = await world.person("Siv", locale="sv"), await world.person("Bo", locale="sv")
    conversation: UUID = await world.conversation(siv, bo)
    await world.idea(conversation, bo, "En bänk")
    [card] = await world.command(siv, siv.room, "/värd")
    assert card.labels == [
        "Planera frågor",
        "Välj årstid",
        "Skörden",
        "De som hjälper mig",
        "Lämna över det",
        "Avsluta samtalet",
    ]
    for line in ("/vard medvärd", "/vard samtalsvärd", "/vard lämna över"):
        [told] = await world.command(siv, siv.room, line)
        assert told.labels[0] == "1. Bo"
    [sure] = await world.command(siv, siv.room, "/vard avsluta")
    assert sure.labels == ["Ja, avsluta", "Nej"]


async def test_half_a_year_after_the_end_nobody_is_known_any_more(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    idea = await world.idea(conversation, bo, "A bench by the river")
    async with world.work() as uow:
        uow.save(msgspec.structs.replace(await uow.need(Conversation, conversation), closed_at=world.now))
    for days, known in ((179, 2), (2, 0)):
        await world.wait(days=days)
        async with world.database.transaction() as connection:
            await tidy(connection, world.now)
        assert await count(world, "membership") == known
    for command in ("/join", "/ideas", "/host", "/mydata", "/forget"):
        assert await world.command(bo, bo.room, command), "and who comes back is answered"
    async with world.work() as uow:
        assert (await uow.need(Idea, conversation, idea.id)).text == "A bench by the river"
