"""Weighing: one idea at a time, changed as often as one likes, and nothing that is shown tells of a single vote."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from uuid6 import uuid7

from bot.chat.content import Action
from bot.chat.events import Event
from bot.domain.ideas import SUM_STEP, Idea, Sums, Vote, weigh
from bot.domain.people import CONSENT_VERSION
from tests.handlers.deeds import (
    as_it_stands,
    change_me,
    count,
    current,
    end_conversation,
    ideas_of,
    press_data,
    press_old,
    pressing,
    sealed,
)
from tests.handlers.world import NOON, Said, Who, World

NOT_YET = "The sums show when five have weighed it."
AGREE, DISAGREE, PASS = "👍 Agree", "👎 Disagree", "🤷 Pass"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


async def town(world: World, size: int) -> tuple[UUID, list[Who]]:
    """A conversation of so many people."""
    people = [await world.person(f"P{number}") for number in range(size)]
    return await world.conversation(*people), people


async def weighs(world: World, who: Who, idea: Idea, label: str) -> Said:
    """Weigh a certain idea; gives what is shown then."""
    before = world.said(who.room)
    await world.command(who, who.room, f"/ideas {idea.number}")
    await world.press(who, who.room, "Weigh it")
    await world.press(who, who.room, label)
    return before[-1]


# -- the way through ----------------------------------------------------------------------------------------------


async def test_one_idea_at_a_time_in_one_message_until_all_are_weighed(world: World) -> None:
    conversation, [anna] = await town(world, 1)
    for text in ("A bench", "A boat", "A barn"):
        await world.idea(conversation, anna, text)

    [ballot] = await world.command(anna, anna.room, "/vote")
    assert ballot.text == (
        "Idea 1\nA bench\n3 ideas left to weigh.\nYour vote is secret. What do we want Nora to be like?"
    )
    assert ballot.labels == [AGREE, DISAGREE, PASS, "🤝 I carry it", "More", "Give an idea of my own"]
    for label, own, comes in ((AGREE, "You agree.", "2 ideas"), (PASS, "You passed.", "1 idea")):
        [ballot] = await world.press(anna, anna.room, label)
        assert own in ballot.text.split("\n")[0]
        assert f"{comes} left to weigh." in ballot.text
        assert world.alert == own
    [done] = await world.press(anna, anna.room, DISAGREE)
    assert "You have weighed all ideas there are. Thank you." in done.text
    assert done.id == ballot.id
    assert [idea.sums for idea in await ideas_of(world, conversation)] == [Sums(1), Sums(passed=1), Sums(disagree=1)]


async def test_after_five_there_is_a_pause_and_one_goes_on_whenever(world: World) -> None:
    conversation, [anna] = await town(world, 1)
    for number in range(7):
        await world.idea(conversation, anna, f"Thing {number}")
    await world.command(anna, anna.room, "/vote")
    for _ in range(4):
        [ballot] = await world.press(anna, anna.room, AGREE)
        assert AGREE in ballot.labels

    [pause] = await world.press(anna, anna.room, PASS)
    assert "Five weighed, thank you. 2 ideas are left, for whenever you like." in pause.text
    assert pause.text.startswith("Idea 5: You passed.")
    assert pause.labels == ["Go on weighing", "See where we stand", "Look at the ideas"]
    [ballot] = await world.press(anna, anna.room, "Go on weighing")
    assert ballot.text.startswith("Idea 6\nThing 5\n2 ideas left to weigh.")
    await world.press(anna, anna.room, AGREE)
    [done] = await world.press(anna, anna.room, AGREE)
    assert "You have weighed all ideas there are." in done.text


async def test_what_the_conversation_most_needs_to_know_comes_sooner(world: World) -> None:
    """What all have passed on comes after what is new or agreed with; nobody's order is told by sums."""
    conversation, people = await town(world, 9)
    passed, agreed = [await world.idea(conversation, people[0], text) for text in ("A bench", "A boat")]
    for who in people[:8]:
        await weighs(world, who, passed, PASS)
        await weighs(world, who, agreed, AGREE)
    [ballot] = await world.command(people[8], people[8].room, "/vote")

    after = {idea.text: idea.turn for idea in await ideas_of(world, conversation)}
    assert after["A bench"] > after["A boat"] > 0
    assert ballot.text.startswith("Idea 2\nA boat")
    assert "agree" not in ballot.text.replace("Agree", "")


async def test_one_can_stop_and_go_on_whenever(world: World) -> None:
    conversation, [anna] = await town(world, 1)
    for text in ("A bench", "A boat"):
        await world.idea(conversation, anna, text)
    await world.command(anna, anna.room, "/vote")
    await world.press(anna, anna.room, AGREE)
    await world.wait(days=9)
    [ballot] = await world.command(anna, anna.room, "/vote")
    assert ballot.text.startswith("Idea 2\nA boat\n1 idea left to weigh.")


async def test_with_nothing_to_weigh_an_idea_is_asked_for(world: World) -> None:
    _conversation, [anna] = await town(world, 1)
    [told] = await world.command(anna, anna.room, "/vote")
    assert told.text.startswith("There is nothing to weigh yet. Give the first idea.")
    assert told.labels[0] == "Give an idea"


async def test_what_fewest_have_weighed_comes_first_and_what_is_gone_never(world: World) -> None:
    conversation, [anna, bo] = await town(world, 2)
    bench, boat, barn = [await world.idea(conversation, anna, text) for text in ("A bench", "A boat", "A barn")]
    await weighs(world, bo, bench, AGREE)
    async with world.work() as uow:
        uow.save(msgspec.structs.replace(barn, state="hidden"))
    [ballot] = await world.command(anna, anna.room, "/vote")
    assert ballot.text.startswith(f"Idea {boat.number}")
    assert "2 ideas left" in ballot.text
    await world.command(anna, anna.room, "/ideas")
    old = await press_data(world, anna, anna.room, await sealed(world, anna.room, _agree(barn)))
    assert old == "This idea is not here any more."


def _agree(idea: Idea) -> Action:
    return Action("agree", idea.conversation_id, idea.id)


# -- one vote ------------------------------------------------------------------------------------------------------


async def test_a_vote_can_be_changed_and_stays_one(world: World) -> None:
    conversation, [anna] = await town(world, 1)
    bench = await world.idea(conversation, anna, "A bench")
    for label, sums in (
        (AGREE, Sums(agree=1)),
        (DISAGREE, Sums(disagree=1)),
        (PASS, Sums(passed=1)),
        (PASS, Sums(0, 0, 1)),
    ):
        await weighs(world, anna, bench, label)
        [idea] = await ideas_of(world, conversation)
        assert (idea.sums, idea.voters) == (sums, 1)
    await world.command(anna, anna.room, "/ideas 1")
    [again] = await world.press(anna, anna.room, "Weigh it")
    assert f"You passed.\n{NOT_YET}" in again.text, "one's own vote is shown to oneself"


async def test_a_thousand_votes_by_one_person_in_one_batch_are_one(world: World) -> None:
    conversation, [anna] = await town(world, 1)
    idea = await world.idea(conversation, anna, "A bench")
    verbs = ("agree", "disagree", "pass")
    data = [await sealed(world, anna.room, Action(verb, conversation, idea.id)) for verb in verbs]
    events: list[Event] = [pressing(world, anna, anna.room, data[number % 3], on="m1") for number in range(1000)]

    await world.happens(*events)

    [idea] = await ideas_of(world, conversation)
    assert (idea.sums, idea.voters, await count(world, "vote")) == (Sums(agree=1), 1, 1), "the last one counts"
    assert len(world.answers) == 1000, "every press is answered"


async def test_a_press_that_comes_twice_counts_once(world: World) -> None:
    conversation, [anna] = await town(world, 1)
    idea = await world.idea(conversation, anna, "A bench")
    press = pressing(world, anna, anna.room, await sealed(world, anna.room, _agree(idea)))
    await world.happens(press, press)
    await world.happens(press)
    anew = msgspec.structs.replace(press, id="another update of the same press")
    await world.happens(anew)
    assert (await ideas_of(world, conversation))[0].sums == Sums(agree=1)


async def test_many_weigh_at_the_same_moment_and_none_is_lost(world: World) -> None:
    conversation, people = await town(world, 12)
    ideas = [await world.idea(conversation, people[0], text) for text in ("A bench", "A boat")]
    events: list[Event] = []
    for who in people:
        for number, idea in enumerate(ideas):
            verb = "agree" if number else "disagree"
            data = await sealed(world, who.room, Action(verb, conversation, idea.id))
            events.append(pressing(world, who, who.room, data))
    await world.happens(*events)
    assert [idea.sums for idea in await ideas_of(world, conversation)] == [Sums(disagree=12), Sums(agree=12)]


# -- secret --------------------------------------------------------------------------------------------------------


async def test_sums_show_after_ones_own_vote_from_five_on_and_in_steps_of_five(world: World) -> None:
    conversation, people = await town(world, 12)
    bench = await world.idea(conversation, people[0], "A bench")
    garden = await world.group("Garden", conversation)
    await world.command(people[0], garden, "/ideas 1")
    shown = {}
    for number, who in enumerate(people, 1):
        await world.command(who, who.room, "/vote")
        assert "agreed" not in world.last(who.room).text, "no sum before one's own vote"
        await world.press(who, who.room, AGREE if number % 2 else DISAGREE)
        shown[number] = world.last(who.room).text.split("\n")[0]
        assert "agreed" not in world.last(garden).text, "never a sum in a group"
        assert f"{number} ha" in world.last(garden).text

    assert all(NOT_YET in shown[number] for number in range(1, 5))
    assert all("When 5 had weighed it: 3 agreed, 2 disagreed, 0 passed." in shown[number] for number in range(5, 10))
    assert all("When 10 had weighed it: 5 agreed, 5 disagreed, 0 passed." in shown[number] for number in range(10, 13))
    await weighs(world, people[0], bench, PASS)
    assert "When 10 had weighed it: 5 agreed, 5 disagreed, 0 passed." in world.last(people[0].room).text, (
        "a changed vote is not read off the sums"
    )


async def test_a_group_sees_that_somebody_weighed_and_never_who_or_how(world: World) -> None:
    conversation, [anna, bo] = await town(world, 2)
    garden = await world.group("Garden", conversation)
    await world.command(anna, garden, "/idea A bench")
    [ballot] = await world.press(bo, garden, "Weigh it in private")
    assert world.last(bo.room) is ballot
    before = len(world.said(garden))
    await world.press(bo, bo.room, DISAGREE)
    assert len(world.said(garden)) == before
    assert "1 has weighed it." in world.last(garden).text
    assert not {"P1", "disagree"} & set(world.last(garden).text.replace(".", "").split())
    for number in range(3):
        await world.press(bo, garden, "Weigh it in private")
        assert "You disagree." in world.last(bo.room).text, number


@pytest.mark.parametrize("command", ["/vote", "/rosta"])
async def test_from_a_group_one_is_led_to_a_private_ballot(world: World, command: str) -> None:
    conversation, [anna] = await town(world, 1)
    await world.idea(conversation, anna, "A bench")
    garden = await world.group("Garden", conversation)
    [led] = await world.command(anna, garden, command)
    assert (led.text, led.labels) == ("Weighing is secret, so we do it in private.", ["Go on in private"])
    [ballot] = await world.press(anna, garden, "Go on in private", on=led)
    assert ballot.text.startswith("Idea 1\nA bench")


async def test_a_ballot_does_not_work_in_a_group_nor_for_who_is_not_invited(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, findable="invited")
    idea = await world.idea(conversation, anna, "A bench")
    ballot = Action("ballot", conversation, idea.id)
    for action in (_agree(idea), ballot):
        told = await press_data(world, bo, bo.room, await sealed(world, bo.room, action))
        assert told.startswith("This conversation is for those who were invited.")
    assert await count(world, "vote") == 0


def _voted(values: list[int]) -> list[Idea]:
    """An idea as it becomes, vote by vote: `values` are the voter (how many tens) and the vote (-1, 0, 1)."""
    idea = Idea(UUID(int=1), UUID(int=2), 1, UUID(int=3), named=True, text="A bench", created_at=NOON)
    votes: dict[int, Vote] = {}
    ideas = []
    for one in values:
        voter, value = divmod(one, 3)
        idea = weigh(idea, votes.get(voter), value - 1)
        votes[voter] = Vote(idea.conversation_id, idea.id, UUID(int=voter), value - 1, NOON)
        ideas.append(idea)
        assert idea.sums == Sums(*(sum(vote.value == kind for vote in votes.values()) for kind in (1, -1, 0)))
    return ideas


@given(st.lists(st.integers(0, 3 * 40 - 1), max_size=200))
def test_no_two_sums_that_are_shown_differ_by_fewer_than_five_people(values: list[int]) -> None:
    shown = [Sums(), *(idea.shown_sums for idea in _voted(values))]
    for before, after in pairwise(shown):
        assert after == before or after.voters - before.voters >= SUM_STEP


@given(st.lists(st.integers(0, 3 * 40 - 1), max_size=200), st.integers(0, 119))
def test_what_is_shown_never_tells_a_single_change(values: list[int], last: int) -> None:
    """Somebody looks, one person votes anew or changes, somebody looks again: it is the same, or five have come."""
    before, after = (_voted([*values, *more]) for more in ([], [last]))
    seen = before[-1].shown_sums if before else Sums()
    assert after[-1].shown_sums == seen or after[-1].shown_sums.voters - seen.voters >= SUM_STEP


# -- who may -------------------------------------------------------------------------------------------------------


async def test_whoever_has_a_pause_may_weigh(world: World) -> None:
    conversation, [anna, bo] = await town(world, 2)
    idea = await world.idea(conversation, anna, "A bench")
    await change_me(world, conversation, bo, muted_until=world.now + timedelta(days=1))
    await weighs(world, bo, idea, AGREE)
    assert (await ideas_of(world, conversation))[0].sums == Sums(agree=1)
    await world.command(bo, bo.room, "/ideas 1")
    await world.press(bo, bo.room, "🤝")
    assert world.alert.startswith("A moderator has asked you to pause until")


async def test_when_it_has_ended_one_reads_ones_own_vote_and_gives_no_other(world: World) -> None:
    conversation, [anna] = await town(world, 1)
    bench, boat = [await world.idea(conversation, anna, text) for text in ("A bench", "A boat")]
    await weighs(world, anna, bench, AGREE)
    old = as_it_stands(world.last(anna.room))
    await end_conversation(world, conversation)

    assert (await press_old(world, anna, anna.room, old, AGREE)).startswith("This conversation has ended.")
    [told] = await world.command(anna, anna.room, "/vote")
    assert (told.text[:28], told.labels) == ("This conversation has ended.", ["Look at the ideas"])
    for idea, sees in ((bench, "You agree."), (boat, "This conversation has ended.")):
        await world.command(anna, anna.room, f"/ideas {idea.number}")
        await world.press(anna, anna.room, "Weigh it")
        assert sees in world.last(anna.room).text
        assert AGREE not in world.last(anna.room).labels
    assert await count(world, "vote") == 1


async def test_a_ballot_of_another_conversation_makes_that_one_the_current(world: World) -> None:
    anna = await world.person("Anna")
    first = await world.conversation(anna, question="How do we meet?")
    await world.idea(first, anna, "A bench")
    second = await world.conversation(anna, question="What do we eat?")
    garden = await world.group("Garden", first)
    assert await current(world, anna) == second
    [led] = await world.command(anna, garden, "/vote")
    [ballot] = await world.press(anna, garden, "Go on in private", on=led)
    assert "How do we meet?" in ballot.text
    assert await current(world, anna) == first


async def test_a_vote_of_somebody_new_is_their_first_step_into_the_conversation(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna)
    idea = await world.idea(conversation, anna, "A bench")
    await press_data(world, bo, bo.room, await sealed(world, bo.room, _agree(idea)))
    async with world.work() as uow:
        assert (await world.participant(uow, conversation, bo)).role == ""
    assert await count(world, "vote") == 1


async def test_every_vote_says_when_it_was_given_and_hangs_on_no_name(world: World) -> None:
    conversation, [anna] = await town(world, 1)
    idea = await world.idea(conversation, anna, "A bench")
    await weighs(world, anna, idea, AGREE)
    async with world.work() as uow:
        [vote] = await uow.select(Vote, lambda query: query)
        me, person = await world.participant(uow, conversation, anna), await world.person_of(uow, anna)
    assert vote == Vote(conversation, idea.id, me.id, 1, world.now)
    assert person.id not in {vote.participant_id, me.id}
    assert person.consent_version == CONSENT_VERSION


async def test_forged_and_carried_ballots_do_nothing(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    idea = await world.idea(conversation, anna, "A bench")
    mine = await sealed(world, anna.room, _agree(idea))
    bits = [mine[:-1] + ("A" if mine[-1] != "A" else "B"), mine[::-1], mine[:20], "", "Å" * 20, mine + "AAAA"]
    for data in bits:
        assert (await press_data(world, anna, anna.room, data)).startswith("That button is from before."), data
    assert (await press_data(world, bo, bo.room, mine)).startswith("That button is from before."), "of another room"
    nowhere = [Action("agree"), Action("agree", conversation), Action("agree", uuid7(), uuid7()), Action("ballot")]
    for action in nowhere:
        assert await press_data(world, anna, anna.room, await sealed(world, anna.room, action))
    assert await count(world, "vote") == 0
