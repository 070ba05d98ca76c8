"""A host who is silent for a fortnight: another may take over with a week's notice. And what a host sees of it all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import msgspec
import pytest_asyncio
from uuid6 import uuid7

from bot.chat.content import Action
from bot.domain.conversation import Conversation
from bot.domain.moderation import Report
from bot.domain.people import Participant, ParticipantSecret
from tests.handlers.deeds import change_me, press_data, sealed
from tests.handlers.world import Place, Said, Who, World


@dataclass
class Story:
    """A conversation of a host and two others, with a group."""

    world: World
    hanna: Who
    bo: Who
    cia: Who
    conversation: UUID
    group: Place

    async def roles(self) -> list[str]:
        async with self.world.work() as uow:
            three = (self.hanna, self.bo, self.cia)
            return [(await self.world.participant(uow, self.conversation, who)).role for who in three]

    async def asks(self, who: Who) -> Said:
        """Somebody finds by /help that they could host, and says that they will."""
        await self.world.command(who, who.room, "/help")
        await self.world.press(who, who.room, "The host is silent")
        return (await self.world.press(who, who.room, "Yes, I will host it"))[-1]

    def told(self, who: Who) -> str:
        return "\n".join(said.text for said in self.world.said(who.room))


@pytest_asyncio.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    world = await World.begin(tmp_path)
    hanna, bo, cia = [await world.person(name) for name in ("Hanna", "Bo", "Cia")]
    conversation = await world.conversation(hanna, bo, cia)
    yield Story(world, hanna, bo, cia, conversation, await world.group("Street", conversation))
    await world.end()


async def test_nobody_takes_over_while_the_host_is_here(story: Story) -> None:
    world = story.world
    await world.wait(days=10)
    await world.message(story.hanna, story.group, "Hello all")
    await world.wait(days=13)
    [shown] = await world.command(story.bo, story.bo.room, "/help")
    assert "The host is silent: host it" not in shown.labels
    data = await sealed(world, story.bo.room, Action("takeover", story.conversation, arg="sure"))
    assert "The host was here in the last two weeks." in await press_data(world, story.bo, story.bo.room, data)
    await world.wait(days=1)
    [shown] = await world.command(story.bo, story.bo.room, "/help")
    assert "The host is silent: host it" in shown.labels


async def test_after_a_fortnight_and_a_weeks_notice_another_hosts(story: Story) -> None:
    world, bo = story.world, story.bo
    await world.wait(days=14)
    said = await story.asks(bo)
    assert "you are the host from 23 March" in said.text
    await world.wait(hours=8)
    assert "so Bo will host your conversation from 23 March." in story.told(story.hanna)

    await world.command(story.cia, story.cia.room, "/help")
    await world.press(story.cia, story.cia.room, "The host is silent")
    assert "Somebody has said already that they will host, from 23 March." in world.alert
    await world.command(bo, bo.room, "/help")
    await world.press(bo, bo.room, "The host is silent")
    assert "You have said so already." in world.alert

    await world.wait(days=6, hours=15)
    assert await story.roles() == ["host", "", ""]
    await world.wait(hours=2)
    assert await story.roles() == ["cohost", "host", ""]
    await world.wait(days=1)
    assert "You are the host now. Thank you." in story.told(bo)
    assert "Bo hosts the conversation now. You are a co-host." in story.told(story.hanna)
    async with world.work() as uow:
        assert not (await uow.need(Conversation, story.conversation)).silent(world.now)


async def test_a_host_who_comes_back_stays_host(story: Story) -> None:
    world = story.world
    await world.wait(days=14)
    await story.asks(story.bo)
    await world.wait(hours=8)
    [shown] = await world.press(story.hanna, story.hanna.room, "I am here")
    assert shown.text == "Good that you are here. You host it as before."
    await world.wait(days=8)
    assert await story.roles() == ["host", "", ""]
    assert "The host is here again, and hosts as before." in story.told(story.bo)


async def test_a_word_of_the_host_in_a_group_is_enough(story: Story) -> None:
    world = story.world
    await world.wait(days=14)
    await story.asks(story.bo)
    await world.wait(days=6)
    await world.message(story.hanna, story.group, "I was in the mountains")
    await world.wait(days=3)
    assert await story.roles() == ["host", "", ""]
    assert "The host is here again" in story.told(story.bo)


async def test_who_left_or_was_paused_meanwhile_does_not_host(story: Story) -> None:
    world = story.world
    await world.wait(days=14)
    await story.asks(story.bo)
    await change_me(world, story.conversation, story.bo, left=True)
    await world.wait(days=8)
    assert await story.roles() == ["host", "", ""]
    await story.asks(story.cia)
    await world.wait(days=8)
    assert await story.roles() == ["cohost", "", "host"]


async def test_the_hosts_card_tells_who_is_missing_and_what_waits(story: Story) -> None:
    world = story.world
    async with world.work() as uow:
        for number in range(6):
            hats = ("resident", "young") if number < 4 else ("resident",)
            uow.add(Participant(story.conversation, uuid7(), world.now, ParticipantSecret(""), hats=hats))
    idea = await world.idea(story.conversation, story.bo, "A bench")
    async with world.work() as uow:
        me = await world.participant(uow, story.conversation, story.cia)
        uow.save(msgspec.structs.replace(idea, hands=2))
        uow.add(Report(story.conversation, idea.id, me.id, "spam", world.now))
    [card] = await world.command(story.hanna, story.hanna.room, "/host")
    assert "Hats that are worn here: resident 6." in card.text
    assert "fewer than five: employee, elected, association, business, and young person." in card.text
    assert "1 idea has hands, and nobody leads it." in card.text
    assert "1 report waits for a moderator." in card.text
