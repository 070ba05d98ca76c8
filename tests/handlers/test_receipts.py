"""What became of an idea: whoever gave it is told, once each, and nobody else learns whose it was."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest_asyncio
from uuid6 import uuid7

from bot.chat.content import Text
from bot.domain.ideas import Idea
from bot.domain.maps import Area, Edition, Findings, MapGroup
from bot.handlers import receipts
from bot.handlers.means import Means
from tests.handlers.deeds import change, change_me, ideas_of
from tests.handlers.world import CHANNEL, Place, Who, World


@dataclass
class Story:
    """Anna gave a bench without her name and a barn with it; Bo and Cia are there too."""

    world: World
    anna: Who
    bo: Who
    cia: Who
    conversation: UUID
    group: Place
    bench: Idea
    barn: Idea

    async def within_a_week(self, who: Who) -> str:
        """What somebody is told unasked within a week."""
        before = len(self.world.said(who.room))
        await self.world.wait(days=7)
        return "\n".join(said.text for said in self.world.said(who.room)[before:])

    async def mapped(self, findings: Findings) -> None:
        """A map is made."""
        async with self.world.work() as uow:
            means = Means(
                now=self.world.now, uow=uow, keys=self.world.keys, links={CHANNEL: self.world.network}, new_id=uuid7,
                rng=self.world.waker.rng,
            )  # fmt: skip
            await receipts.unites(means, Edition(self.conversation, uuid7(), self.world.now, findings))


@pytest_asyncio.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    world = await World.begin(tmp_path)
    anna, bo, cia = [await world.person(name) for name in ("Anna", "Bo", "Cia")]
    conversation = await world.conversation(anna, bo, cia)
    group = await world.group("Street", conversation)
    bench = await world.idea(conversation, anna, "A bench", named=False)
    barn = await world.idea(conversation, anna, "A barn")
    yield Story(world, anna, bo, cia, conversation, group, bench, barn)
    await world.end()


async def test_the_first_who_carries_an_idea_is_told_of_once_and_not_by_name(story: Story) -> None:
    world = story.world
    await world.command(story.anna, story.anna.room, "/ideas 2")
    await world.press(story.anna, story.anna.room, "🤝")
    assert await story.within_a_week(story.anna) == "", "nobody is told of what they did themselves"
    await world.press(story.anna, story.anna.room, "🤝")

    await world.command(story.bo, story.group, "/ideas 1")
    card = world.last(story.group)
    await world.press(story.bo, story.group, "🤝", on=card)
    spoken = len(world.said(story.group))
    told = await story.within_a_week(story.anna)
    assert "Somebody carries your idea now." in told
    assert "A bench" in told
    assert "Bo" not in told
    assert len(world.said(story.group)) == spoken, "in the group nothing tells whose it is"
    [shown] = await world.press(story.anna, story.anna.room, "See idea 1")
    assert "1 carries it." in shown.text

    await world.press(story.bo, story.group, "🤝", on=card)
    await world.press(story.cia, story.group, "🤝", on=card)
    assert await story.within_a_week(story.anna) == "", "of the first one once, whatever is taken back"


async def test_taking_the_lead_and_what_comes_of_it_reach_whoever_gave_the_idea(story: Story) -> None:
    world = story.world
    await world.command(story.bo, story.bo.room, "/ideas 2")
    await world.press(story.bo, story.bo.room, "✋")
    for _ in range(3):
        await world.command(story.bo, story.bo.room, "/skip")
    await world.press(story.bo, story.bo.room, "Take the lead")
    assert "Bo has taken the lead for your idea." in await story.within_a_week(story.anna)
    [shown] = await world.press(story.anna, story.anna.room, "See the group")
    assert "A barn" in shown.text

    async with world.work() as uow:
        means = Means(
            now=world.now, uow=uow, keys=world.keys, links={CHANNEL: world.network}, new_id=uuid7, rng=world.waker.rng
        )
        bo = await world.participant(uow, story.conversation, story.bo)
        for _ in range(2):
            await receipts.tell(means, story.barn, Text("A story came of your idea."), about="story:1", by=bo.id)
        anna = await world.participant(uow, story.conversation, story.anna)
        await receipts.tell(means, story.barn, Text("Mine."), about="story:2", by=anna.id)
        await receipts.tell(means, None, Text("Of nothing."), about="story:3")
    told = await story.within_a_week(story.anna)
    assert told.count("A story came of your idea.") == 1
    assert "Mine." not in told


async def test_that_an_idea_unites_is_told_once_and_not_of_what_is_gone(story: Story) -> None:
    world = story.world
    groups = tuple(MapGroup(name, 5, (), Area()) for name in (0, 1))
    findings = Findings(rung="groups", groups=groups, unites=(story.bench.id, story.barn.id), all_agree=())
    await change(world, story.barn, state="hidden")
    await story.mapped(findings)
    told = await story.within_a_week(story.anna)
    assert "one of those that unite us" in told
    assert "A bench" in told
    assert "A barn" not in told
    await story.mapped(findings)
    assert await story.within_a_week(story.anna) == ""

    [_, barn] = await ideas_of(world, story.conversation)
    await change(world, barn, state="shown")
    await change_me(world, story.conversation, story.anna, left=True)
    await story.mapped(Findings(rung="sums", all_agree=(story.barn.id,)))
    assert await story.within_a_week(story.anna) == "", "who has left is not written to"
