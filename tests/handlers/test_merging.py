"""Two ideas become one, if those who gave them want it; no vote, support or hand is moved, and all can be undone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest_asyncio

from bot.chat.content import Action
from bot.domain.ideas import Hand, Idea, Support, Vote
from bot.domain.moderation import Act
from bot.store import energy
from bot.store.harvest import load_harvest
from tests.handlers.deeds import change, change_me, end_conversation, ideas_of, press_data, sealed, starts_anew
from tests.handlers.world import Place, Said, Who, World


@dataclass
class Story:
    """Anna gave a bench without her name, Bo a bench by the lake, Cia a boat; Dan carries and weighs. Eva hosts."""

    world: World
    anna: Who
    bo: Who
    cia: Who
    dan: Who
    eva: Who
    conversation: UUID
    group: Place
    ideas: list[Idea]

    async def proposed(self, who: Who, idea: int, other: str, words: int) -> str:
        """Somebody proposes that an idea and another one become one; gives what the bot says to it."""
        await self.world.command(who, who.room, f"/ideas {idea}")
        await self.world.press(who, who.room, "More")
        await self.world.press(who, who.room, "Merge it with another")
        await self.world.message(who, who.room, other)
        said = await self.world.press(who, who.room, f"Those of idea {words}")
        return said[-1].text if said else self.world.alert

    async def finds(self, who: Who) -> None:
        """Somebody thinks that another idea says the same as the first, and finds it by a word of it."""
        world = self.world
        await world.command(who, who.room, "/ideas 1")
        await world.press(who, who.room, "More")
        [asked] = await world.press(who, who.room, "Merge it with another")
        assert "2. A bench by the lake" in asked.labels, "those that are alike come first"
        for written, answered in (
            ("idea 1", "That is the same idea."),
            ("idea 77", "There is no idea 77"),
            ("nothing like it at all", "I find no idea with these words."),
            ("the lake", "Is it one of these?"),
        ):
            [asked] = await world.message(who, who.room, written)
            assert answered in asked.text

    async def told(self, who: Who, days: int = 1) -> str:
        """What somebody is told unasked within a day, or some."""
        before = len(self.world.said(who.room))
        await self.world.wait(days=days, hours=8)
        return "\n".join(said.text for said in self.world.said(who.room)[before:])

    async def presses(self, who: Who, ending: str) -> list[Said]:
        """Somebody presses what stands in the day's message, whatever its number there."""
        label = next(
            label for said in reversed(self.world.said(who.room)) for label in said.labels if label.endswith(ending)
        )
        return await self.world.press(who, who.room, label)

    async def says(self, who: Who, answer: str) -> str:
        """Somebody looks at the question that they were told of, and answers it."""
        await self.presses(who, "Look and answer")
        return (await self.world.press(who, who.room, answer))[-1].text

    async def states(self) -> list[str]:
        """Each idea: what it is, or of which number it is part."""
        found = await ideas_of(self.world, self.conversation)
        numbers = {one.id: one.number for one in found}
        return [f"in {numbers[one.merged_into]}" if one.merged_into else one.state for one in found]

    async def counts(self) -> list[tuple[int, int, int, int]]:
        """Each idea's support, hands, voters and helper groups."""
        return [
            (one.supporters, one.hands, one.voters, one.leads) for one in await ideas_of(self.world, self.conversation)
        ]

    async def card(self, number: int) -> str:
        """How an idea looks now."""
        await self.world.command(self.dan, self.dan.room, f"/ideas {number}")
        return self.world.last(self.dan.room).text


@pytest_asyncio.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    world = await World.begin(tmp_path)
    people = [await world.person(name) for name in ("Anna", "Bo", "Cia", "Dan", "Eva")]
    anna, bo, cia, dan, eva = people
    conversation = await world.conversation(eva, anna, bo, cia, dan)
    group = await world.group("Street", conversation)
    ideas = [
        await world.idea(conversation, anna, "A bench", named=False),
        await world.idea(conversation, bo, "A bench by the lake"),
        await world.idea(conversation, cia, "A boat for all"),
    ]
    yield Story(world, *people, conversation, group, ideas)
    await world.end()


async def test_both_say_yes_and_all_that_was_said_stays_where_it_was(story: Story) -> None:
    world, dan = story.world, story.dan
    await world.command(dan, dan.room, "/ideas 1")
    await world.press(dan, dan.room, "🤝")
    await world.press(dan, dan.room, "✋")
    for _ in range(3):
        await world.command(dan, dan.room, "/skip")
    await world.press(dan, dan.room, "Take the lead")
    await world.command(dan, dan.room, "/energy")
    await world.press(dan, dan.room, "1. A bench")
    await world.command(dan, dan.room, "/vote")
    await world.press(dan, dan.room, "👍 Agree")
    await world.wait(days=2)
    weighed = next(place for place, one in enumerate(await ideas_of(world, story.conversation)) if one.voters)

    await story.finds(story.cia)
    starts_anew(world)
    [asked] = await world.press(story.cia, story.cia.room, "2. A bench by the lake")
    assert "Whose words shall stand?" in asked.text
    [said] = await world.press(story.cia, story.cia.room, "Those of idea 2")
    assert "I ask whoever gave ideas 1 and 2." in said.text
    assert await story.states() == ["shown"] * 3, "before they say yes nothing happens"

    told = await story.told(story.anna)
    assert "your idea and another one say the same" in told
    assert "Cia" not in told
    assert "the other says yes, too" in await story.says(story.anna, "Yes, merge them")
    assert await story.states() == ["shown"] * 3
    spoken = len(world.said(story.group))
    assert "Idea 1 is part of idea 2 now." in await story.says(story.bo, "Yes, merge them")

    await _all_stays(story, weighed)
    await _dan_is_asked(story)
    assert len(world.said(story.group)) == spoken
    await _anna_thinks_again(story)


async def _all_stays(story: Story, weighed: int) -> None:
    """What was given for words stays with them; the helper group goes along."""
    world, dan = story.world, story.dan
    assert await story.states() == ["in 2", "shown", "shown"]
    assert [one[:2] for one in await story.counts()] == [(1, 1), (0, 0), (0, 0)]
    assert [one[3] for one in await story.counts()] == [0, 1, 0]
    async with world.work() as uow:
        me = await world.participant(uow, story.conversation, dan)
        assert await uow.get(Support, story.conversation, story.ideas[0].id, me.id) is not None
        assert await uow.get(Support, story.conversation, story.ideas[1].id, me.id) is None
        assert await uow.get(Vote, story.conversation, story.ideas[weighed].id, me.id) is not None
    assert "Idea 1 is part of idea 2 now." in await story.card(1)
    assert "A bench" in await story.card(1)
    [listed] = await world.command(dan, dan.room, "/ideas")
    assert not any(label.startswith("1. ") for label in listed.labels)


async def _dan_is_asked(story: Story) -> None:
    """Dan is asked once, and carries the whole with one press, which never lets go."""
    world, dan = story.world, story.dan
    told = await story.told(dan, 7)
    assert "You carried idea 1. Do you carry this one, too?" in told
    assert "Your hand on idea 1 is free again." in told
    await world.press(dan, dan.room, "I carry idea 2")
    await world.press(dan, dan.room, "I carry idea 2")
    assert (await story.counts())[1][0] == 1
    assert "Idea 1 is part of idea 2 now." in "".join(said.text for said in world.said(story.cia.room))
    assert await story.told(dan) == ""
    # What is pressed on an old card says where it went.
    data = await sealed(world, story.group, Action("support", story.conversation, story.ideas[0].id))
    assert "Idea 1 is part of idea 2 now." in await press_data(world, story.anna, story.group, data)


async def _anna_thinks_again(story: Story) -> None:
    """Within the week they are taken apart, and all is as it was."""
    world = story.world
    await world.command(story.anna, story.anna.room, "/ideas 1")
    await world.press(story.anna, story.anna.room, "More")
    said = await world.press(story.anna, story.anna.room, "Let it stand alone again")
    assert "Ideas 1 and 2 are two again." in "".join(one.text for one in said)
    assert await story.states() == ["shown"] * 3
    assert [one[3] for one in await story.counts()] == [1, 0, 0], "the helper group is back"
    assert "Ideas 1 and 2 are two again." in await story.told(story.bo, 7)


async def test_who_has_weighed_a_part_is_asked_about_the_whole_next(story: Story) -> None:
    world, dan = story.world, story.dan
    first, second, third = story.ideas
    for one, turn in ((first, 0.1), (second, 9.0), (third, 0.2)):
        await change(world, one, turn=turn)
    await world.command(dan, dan.room, "/vote")
    [shown] = await world.press(dan, dan.room, "👍 Agree")
    assert "A boat" in shown.text
    await story.proposed(story.bo, 1, "idea 2", 2)
    await story.told(story.anna)
    await story.says(story.anna, "Yes, merge them")
    [shown] = await world.command(dan, dan.room, "/vote")
    assert "A bench by the lake" in shown.text, "before what else would come"
    await world.press(dan, dan.room, "🤷 Pass")
    [shown] = await world.command(dan, dan.room, "/vote")
    assert "A boat" in shown.text


async def test_a_no_a_silence_and_what_comes_in_between_leave_two(story: Story) -> None:
    world = story.world
    await story.proposed(story.cia, 1, "idea 2", 2)
    await story.told(story.bo)
    assert "stay two" in await story.says(story.bo, "No, keep both")
    assert "somebody who gave one of them wants it so" in await story.told(story.cia, 7)
    await story.presses(story.anna, "Look and answer")
    assert "answered already" in world.alert
    assert "want these to stay two" in (await story.proposed(story.dan, 2, "idea 1", 1)), "nobody is asked again"

    # the other way round while the first is open; nobody answers for a week
    await story.proposed(story.dan, 2, "idea 3", 3)
    assert "proposed already" in (await story.proposed(story.eva, 3, "idea 2", 2))
    asked = await story.proposed(story.cia, 3, "idea 2", 2)
    assert asked.startswith("Somebody has proposed that already, in this way:\nShall idea 2 become part of idea 3?")
    await world.wait(days=8)
    assert "Not everybody has answered whether ideas 2 and 3" in await story.told(story.dan, 7)
    assert await story.states() == ["shown"] * 3

    # one of two is taken back while it is asked
    await story.proposed(story.dan, 1, "idea 3", 1)
    await world.command(story.cia, story.cia.room, "/ideas 3")
    await world.press(story.cia, story.cia.room, "More")
    await world.press(story.cia, story.cia.room, "Take the idea back")
    await world.press(story.cia, story.cia.room, "Yes, take it back")
    await story.told(story.anna)
    await story.presses(story.anna, "Look and answer")
    assert "too late" in world.alert
    assert "There is no idea 3" in (await _typed(story, "/ideas 3"))
    await end_conversation(world, story.conversation)
    data = await sealed(world, story.dan.room, Action("merge", story.conversation, story.ideas[0].id))
    assert "has ended" in await press_data(world, story.dan, story.dan.room, data)


async def _typed(story: Story, command: str) -> str:
    return (await story.world.command(story.dan, story.dan.room, command))[-1].text


async def test_a_part_of_a_part_is_part_of_the_whole_and_stands_alone_when_the_whole_is_gone(story: Story) -> None:
    world = story.world
    await story.proposed(story.bo, 1, "idea 2", 2)
    await story.told(story.anna)
    await story.says(story.anna, "Yes, merge them")
    await story.proposed(story.bo, 2, "idea 3", 3)
    await story.told(story.cia)
    await story.says(story.cia, "Yes, merge them")
    assert await story.states() == ["in 3", "in 3", "shown"]
    assert "Idea 1 is part of idea 3 now." in await story.card(1)
    assert await _in_the_harvest(story) == {3: [(1, "A bench", True), (2, "A bench by the lake", True)]}
    [more] = await world.press(story.cia, story.cia.room, "See idea 3")
    await world.press(story.cia, story.cia.room, "More")
    assert {"See idea 1", "See idea 2"} <= set(world.last(story.cia.room).labels)

    # the middle one stands alone again, and takes with it what was part of it
    await world.command(story.bo, story.bo.room, "/ideas 2")
    await world.press(story.bo, story.bo.room, "More")
    await world.press(story.bo, story.bo.room, "Let it stand alone again")
    assert await story.states() == ["in 2", "shown", "shown"]

    # a moderator hides the whole: its part is there again, also when the whole is shown again
    await world.command(story.eva, story.eva.room, "/mod hide 2 spam")
    assert await story.states() == ["shown", "hidden", "shown"]
    assert "It stands for itself again." in await story.told(story.anna, 7)
    await world.command(story.eva, story.eva.room, "/mod undo")
    assert await story.states() == ["shown"] * 3
    assert more.text


async def test_a_moderator_decides_only_for_who_cannot_be_asked_and_it_is_undone(story: Story) -> None:
    world, eva = story.world, story.eva
    assert "/mod merge 3 7" in (await world.command(eva, eva.room, "/mod merge 1"))[-1].text
    [said] = await world.command(eva, eva.room, "/mod ihop 1 2")
    assert "I ask whoever gave ideas 1 and 2." in said.text, "they can be asked, so they decide"
    await world.wait(days=8)

    await change_me(world, story.conversation, story.anna, left=True)
    said = await story.proposed(story.dan, 1, "idea 2", 2)
    assert "So I ask a moderator." in said
    assert "A moderator can decide in their place" in await story.told(eva)
    [said] = await story.presses(eva, "Decide in their place")
    assert "A yes was given for idea 1" in said.text
    assert await story.states() == ["shown"] * 3, "Bo is still asked"
    await story.says(story.bo, "Yes, merge them")
    assert await story.states() == ["in 2", "shown", "shown"]

    [said] = await world.press(eva, eva.room, "Undo", on=said)
    assert await story.states() == ["shown"] * 3
    assert "Ideas 1 and 2 are two again." in await story.told(story.bo, 7)
    await change_me(world, story.conversation, story.bo, left=True)
    [said] = await world.command(eva, eva.room, "/mod merge 1 2 they say the same")
    assert await story.states() == ["in 2", "shown", "shown"]
    await world.command(eva, eva.room, "/mod apart 1")
    assert await story.states() == ["shown"] * 3
    await world.command(eva, eva.room, "/mod undo")
    assert await story.states() == ["in 2", "shown", "shown"]
    assert await _in_the_harvest(story) == {2: [(1, "A bench", False)], 3: []}
    [log] = await world.command(eva, eva.room, "/mod log")
    assert "is no part of another one any more. (Eva" in log.text
    async with world.work() as uow:
        assert {act.kind for act in await uow.select(Act, lambda query: query)} == {"merge", "apart"}

    # a part can be hidden and shown again, and still be a part
    await world.command(eva, eva.room, "/mod hide 1 spam")
    assert await _typed(story, "/ideas 1") == "There is no idea 1."
    await world.command(eva, eva.room, "/mod restore 1")
    assert await story.states() == ["in 2", "shown", "shown"]


async def _in_the_harvest(story: Story) -> dict[int, list[tuple[int, str, bool]]]:
    """Which ideas stand below which in the harvest, and whether all who gave them had said yes."""
    async with story.world.work() as uow:
        found = await load_harvest(uow, story.conversation, story.world.now)
    return {one.number: [(part.number, part.text, part.agreed) for part in one.parts] for one in found.ideas}


async def test_whoever_is_erased_takes_their_words_along_and_holds_nothing_up(story: Story) -> None:
    world = story.world
    await story.proposed(story.bo, 1, "idea 2", 2)
    await story.told(story.anna)
    await story.says(story.anna, "Yes, merge them")
    await story.proposed(story.dan, 3, "idea 2", 2)

    await world.command(story.bo, story.bo.room, "/forget")
    await world.press(story.bo, story.bo.room, "Erase all; my ideas go")
    assert await story.states() == ["shown", "withdrawn", "shown"]
    assert "Look and answer" not in await story.told(story.cia), "it is over"
    async with world.work() as uow:
        dan = await world.participant(uow, story.conversation, story.dan)
        assert await energy.of(uow, story.conversation, dan.id) == []
        assert await uow.select(Hand, lambda query: query) == []
