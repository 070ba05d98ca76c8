"""Next steps: said with their time, reminded of, done with one press, and asked about once, gently."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import msgspec
import pytest_asyncio
from uuid6 import uuid7

from bot.chat.content import Action
from bot.chat.keys import RoomKey
from bot.domain.groups import GroupMember, HelperGroup
from bot.domain.rooms import Room, RoomSecret
from bot.domain.steps import Step
from tests.handlers.deeds import change_me, count, end_conversation, press_data, sealed, starts_anew
from tests.handlers.world import CHANNEL, Place, Who, World


@dataclass
class Story:
    """A helper group for an idea of Dag's, of Anna (who holds it together) and Bo, with a room of its own."""

    world: World
    anna: Who
    bo: Who
    dag: Who
    conversation: UUID
    group: UUID
    room: Place

    async def steps(self) -> list[Step]:
        async with self.world.work() as uow:
            return await uow.select(Step, lambda query: query.order_by(query.selected_columns.created_at))

    def texts(self, who: Who) -> str:
        return "\n".join(said.text for said in self.world.said(who.room))


@pytest_asyncio.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    world = await World.begin(tmp_path)
    anna, bo, dag = await world.person("Anna"), await world.person("Bo"), await world.person("Dag")
    conversation = await world.conversation(anna, bo, dag)
    idea = await world.idea(conversation, dag, "A bench by the lake")
    room = Place(RoomKey(CHANNEL, "group-helpers"), private=False, title="Helpers")
    async with world.work() as uow:
        mine, other = [await world.participant(uow, conversation, who) for who in (anna, bo)]
        group = HelperGroup(conversation, uuid7(), mine.id, "Build it", "", "", "", world.now, idea.id, members=2)
        uow.add(group)
        for one in (mine, other):
            uow.add(GroupMember(conversation, group.id, one.id, world.now))
        lookup = world.keys.lookup("room", str(room.key))
        made = Room(uuid7(), CHANNEL, lookup, RoomSecret(room.key, "Helpers"), private=False, created_at=world.now)
        uow.add(msgspec.structs.replace(made, conversation_id=conversation, group_id=group.id, locale="en"))
    yield Story(world, anna, bo, dag, conversation, group.id, room)
    await world.end()


async def test_a_step_is_said_in_one_line_reminded_of_and_done(story: Story) -> None:
    world, anna, room = story.world, story.anna, story.room
    await world.command(anna, room, "/step Paint the bench, Thursday at 18")
    assert "I have asked you about it in private." in world.last(room).text
    await world.press(anna, anna.room, "I do it")
    card = world.said(room)[-1]
    assert "Paint the bench\nAnna does it.\nWhen: Thursday 5 March 18:00" in card.text
    [step] = await story.steps()
    assert step.what == "Paint the bench"

    starts_anew(world)
    await world.wait(days=2, hours=6)  # a day before: Wednesday at six
    assert "Soon it is time:" in world.last(anna.room).text
    assert "Soon it is time:" not in "\n".join(said.text for said in world.said(room))
    await world.press(story.bo, room, "Done", on=card)
    assert "A step is done" in card.text
    assert "Thank you. What comes next?" in world.last(room).text
    await world.wait(days=9)
    assert "How did it go?" not in story.texts(anna)
    assert "Something has been done for your idea: “Paint the bench”." in story.texts(story.dag)
    assert await count(world, "due") == 0


async def test_a_silent_step_is_asked_about_once_and_can_be_moved(story: Story) -> None:
    world, anna, bo = story.world, story.anna, story.bo
    await world.command(anna, anna.room, "/step Call the school")
    await world.message(anna, anna.room, "yesterday at 10")
    assert "That has passed already." in world.last(anna.room).text
    await world.message(anna, anna.room, "tomorrow at 10")
    await world.press(anna, anna.room, "Bo")
    await world.wait(hours=8)
    assert "Anna has written you down for a next step:" in story.texts(bo)
    await world.wait(days=2)
    assert story.texts(bo).count("How did it go?") == 1
    await world.wait(days=5)
    assert story.texts(bo).count("How did it go?") == 1, "once"

    await world.press(bo, bo.room, "Move it")
    await world.message(bo, bo.room, "on Friday at 9")
    assert "Moved." in world.last(bo.room).text
    await world.press(bo, bo.room, "Not any more")
    [step] = await story.steps()
    assert step.state == "dropped"
    assert await count(world, "due") == 0


async def test_what_a_leaver_would_have_done_is_everybodys_and_told_to_all(story: Story) -> None:
    world, anna, bo = story.world, story.anna, story.bo
    await world.command(bo, bo.room, "/step Buy paint on Thursday at 18")
    await world.press(bo, bo.room, "I do it")
    await world.command(bo, bo.room, "/forget")
    await world.press(bo, bo.room, "Erase me")
    [step] = await story.steps()
    assert step.doer_id is None
    await world.wait(days=2, hours=6)
    assert "Soon it is time:" in world.last(story.room).text
    assert "All of us do it together." in world.last(story.room).text
    world.network.gone.add(anna.room.key)
    await world.wait(days=3)
    [step] = await story.steps()
    assert (step.state, step.asked) == ("open", True)


async def test_the_first_step_becomes_one_where_its_words_tell_when(story: Story) -> None:
    world, dag = story.world, story.dag
    await world.command(dag, dag.room, "/lead Mend the path")
    await world.press(dag, dag.room, "Skip")
    await world.press(dag, dag.room, "Skip")
    await world.message(dag, dag.room, "Coffee at the mill on Friday at 15")
    await world.press(dag, dag.room, "Take the lead")
    [step] = await story.steps()
    assert (step.what, step.doer_id) == ("Coffee at the mill", None)
    card = next(said for said in world.said(dag.room) if said.text.startswith("Helper group"))
    assert "Next step: Coffee at the mill (" in card.text
    assert "First step" not in card.text
    await world.press(dag, dag.room, "Next steps")
    await world.press(dag, dag.room, "Coffee at the mill")
    await world.press(dag, dag.room, "Done")
    [step] = await story.steps()
    assert step.state == "done"


async def test_nobody_else_and_nothing_late_changes_a_step(story: Story) -> None:
    world, anna, dag = story.world, story.anna, story.dag
    await world.command(anna, anna.room, f"/step {'x' * 4000}")
    assert "at most 300 fit" in world.last(anna.room).text
    await world.message(anna, anna.room, "Paint it")
    await world.press(anna, anna.room, "Skip")
    await world.press(anna, anna.room, "All of us")
    [step] = await story.steps()
    done = Action("stepped", step.conversation_id, step.id, "done")
    await press_data(world, dag, dag.room, await sealed(world, dag.room, done))
    assert "Join in first." in world.last(dag.room).text
    assert "You are in no helper group yet." in (await world.command(dag, dag.room, "/steg"))[-1].text
    mine = Action("stepped", step.conversation_id, step.id, "mine")
    await press_data(world, anna, story.room, await sealed(world, story.room, mine))
    await change_me(world, story.conversation, story.bo, muted_until=world.now.replace(year=2030))
    assert "asked you to pause" in await press_data(world, story.bo, story.room, await sealed(world, story.room, done))
    await press_data(world, anna, story.room, await sealed(world, story.room, done))
    assert "done already" in await press_data(world, anna, story.room, await sealed(world, story.room, done))
    await end_conversation(world, story.conversation)
    assert "has ended" in (await world.command(anna, anna.room, "/step Paint it"))[-1].text
