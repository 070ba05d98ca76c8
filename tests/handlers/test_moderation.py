"""Moderation: afterwards, in private, with a reason, a line in the log, and a way back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import func, select
from uuid6 import uuid7

from bot.chat.content import Action
from bot.domain.gatherings import Gathering
from bot.domain.groups import HelperGroup
from bot.domain.ideas import Idea
from bot.domain.moderation import REASONS, Act, Report
from bot.domain.needs import Help, HelpSecret
from bot.domain.open_space import Topic
from bot.domain.people import Participant
from bot.domain.rooms import Room
from bot.domain.steps import Step
from bot.domain.steps import Story as Tale
from bot.flows.moderating import REASON_WORDS
from bot.store import schema
from bot.store.harvest import load_harvest
from bot.store.records import CARD, Outbox
from tests.handlers.deeds import press_data, sealed
from tests.handlers.world import Place, Said, Who, World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


class Story:
    """Hanna hosts, Mo moderates, Anna and Bo take part, in a group and in private. Anna's idea is reported."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def begin(self, text: str = "Buy my cars") -> Story:
        world = self.world
        self.hanna, self.mo, self.anna, self.bo = [await world.person(name) for name in ("Hanna", "Mo", "Anna", "Bo")]
        self.conversation = await world.conversation(self.hanna, self.mo, self.anna, self.bo)
        await self.role(self.mo, "moderator")
        self.group = await world.group("Nora", self.conversation)
        self.idea = await world.idea(self.conversation, self.anna, text)
        await world.command(self.bo, self.group, "/ideas 1")
        return self

    async def role(self, who: Who, role: str) -> None:
        async with self.world.work() as uow:
            me = await self.world.participant(uow, self.conversation, who)
            uow.save(msgspec.structs.replace(me, role=role))

    async def state(self) -> str:
        async with self.world.work() as uow:
            return (await uow.need(Idea, self.conversation, self.idea.id)).state

    async def waiting(self) -> int:
        async with self.world.work() as uow:
            rows = await uow.rows(select(func.count()).where(schema.report.c.handled_at.is_(None)))
            return int(rows[0][0])

    async def author(self) -> Participant:
        async with self.world.work() as uow:
            return await uow.need(Participant, self.conversation, self.idea.author_id)

    @property
    def card(self) -> Said:
        return next(said for said in self.world.said(self.group) if "Idea 1" in said.text)


@pytest.fixture
async def story(world: World) -> Story:
    return await Story(world).begin()


# -- saying that something is not all right -------------------------------------------------------------------


async def test_somebody_reports_an_idea_by_its_card_and_only_the_moderators_hear_of_it(
    world: World, story: Story
) -> None:
    [more] = await world.press(story.bo, story.group, "More")
    asked = await world.press(story.bo, story.group, "This is not all right", on=more)
    assert "What is not all right?" in asked[-1].text

    [thanks] = await world.press(story.bo, story.bo.room, "5")

    assert "They do not see who said it" in thanks.text
    assert await story.waiting() == 1
    assert "waits" not in world.last(story.mo.room).text, "not before the evening"
    await world.wait(hours=6)
    for who in (story.hanna, story.mo):
        assert "Something waits for you: /mod" in world.last(who.room).text
        assert "Bo" not in world.last(who.room).text
    assert "waits" not in world.last(story.anna.room).text
    assert all("waits" not in said.text for said in world.said(story.group))


async def test_a_reply_to_a_card_names_it_and_reasons_may_be_written(world: World, story: Story) -> None:
    await world.command(story.bo, story.group, "/report It is advertising", reply_to=story.card)

    async with world.work() as uow:
        [kept] = await uow.select(Report, lambda query: query)
    assert kept.reason == "spam"


async def test_own_words_are_a_reason_too(world: World, story: Story) -> None:
    await world.command(story.bo, story.bo.room, "/report #1 these cars are stolen.")

    [card] = await world.command(story.mo, story.mo.room, "/mod")

    assert "these cars are stolen" in card.text
    [asked] = await world.press(story.mo, story.mo.room, "Hide it")
    assert "Why do you hide it?" in asked.text, "the author is not told in somebody else's words"


async def test_one_person_counts_once(world: World, story: Story) -> None:
    await world.command(story.bo, story.bo.room, "/report 1 spam")
    [again] = await world.command(story.bo, story.bo.room, "/report 1 hate")

    assert "already" in again.text
    assert await story.waiting() == 1


async def test_a_threat_is_told_at_once_and_once(world: World, story: Story) -> None:
    await world.command(story.bo, story.bo.room, "/report 1 threat")
    assert "Somebody speaks of a threat" in world.last(story.mo.room).text
    [card] = await world.press(story.mo, story.mo.room, "Look at it")
    assert "It threatens somebody" in card.text

    before = world.last(story.mo.room)
    cia = await world.person("Cia")
    await world.command(cia, story.group, "/report 1 threat")
    assert world.last(story.mo.room) is before
    assert await story.waiting() == 2


async def test_one_evening_message_however_many_report(world: World, story: Story) -> None:
    other = await world.idea(story.conversation, story.anna, "Buy my boats")
    before = len(world.said(story.mo.room))
    await world.command(story.bo, story.bo.room, "/report 1 spam")
    await world.command(story.bo, story.bo.room, f"/report {other.number} spam")

    await world.wait(hours=6)

    assert len(world.said(story.mo.room)) == before + 1


async def test_no_evening_message_when_nothing_waits_any_more(world: World, story: Story) -> None:
    await world.command(story.bo, story.bo.room, "/report 1 spam")
    before = len(world.said(story.hanna.room))
    await world.command(story.mo, story.mo.room, "/mod")
    await world.press(story.mo, story.mo.room, "Leave it as it is")

    await world.wait(hours=6)

    assert len(world.said(story.hanna.room)) == before


async def test_ones_own_idea_is_taken_back_instead(world: World, story: Story) -> None:
    [told] = await world.command(story.anna, story.anna.room, "/report 1")

    assert "That is your own." in told.text
    assert told.labels == ["Take the idea back"]


async def test_in_a_group_nothing_is_said_of_whose_idea_it_is(world: World, story: Story) -> None:
    await world.command(story.anna, story.group, "/report 1 spam")

    assert all("your own" not in said.text for said in world.said(story.group))
    assert await story.waiting() == 0


async def test_a_message_is_shown_to_the_moderators_and_kept_nowhere(world: World, story: Story) -> None:
    said = world.quoted(story.anna, "You will regret this")

    await world.command(story.bo, story.group, "/report threat", reply_to=said)

    told = world.last(story.mo.room).text
    assert "You will regret this" in told
    assert "From Anna" in told
    assert "Bo" not in told
    async with world.work() as uow:
        assert (await uow.rows(select(func.count()).select_from(schema.report)))[0][0] == 0


async def test_without_an_idea_it_is_said_how(world: World, story: Story) -> None:
    [told] = await world.command(story.bo, story.bo.room, "/report")
    assert "What is it about?" in told.text
    [told] = await world.command(story.bo, story.bo.room, "/report 99")
    assert "There is no idea 99." in told.text


async def test_a_report_needs_the_yes_of_consent(world: World, story: Story) -> None:
    cia = await world.person("Cia", consented=False)
    news = await world.command(cia, story.group, "/report 1 spam")
    assert "four sentences" in news[-1].text
    assert await story.waiting() == 0

    await world.press(cia, cia.room, "Yes")

    assert await story.waiting() == 1


# -- looking at what waits ------------------------------------------------------------------------------------


@pytest.mark.parametrize("argument", ["", " hide 1", " restore 1", " log", " undo", " mute 1 7 spam", " add"])
async def test_nobody_else_moderates(world: World, story: Story, argument: str) -> None:
    for place in (story.bo.room, story.group):
        news = await world.command(story.bo, place, f"/mod{argument}")
        assert "Only this conversation's host and moderators can do that." in news[-1].text
    assert await story.state() == "shown"


async def test_in_a_group_it_is_done_in_private(world: World, story: Story) -> None:
    await world.command(story.bo, story.bo.room, "/report 1 spam")
    await world.command(story.mo, story.group, "/mod hide 1")
    assert await story.state() == "shown"

    news = await world.press(story.mo, story.group, "Go on in private")

    assert "1 is waiting" in news[-1].text
    assert all("waiting" not in said.text for said in world.said(story.group))


async def test_hiding_changes_every_card_tells_the_author_and_can_be_taken_back(world: World, story: Story) -> None:
    await world.command(story.bo, story.bo.room, "/ideas 1")
    await world.command(story.bo, story.bo.room, "/report 1 spam")
    [card] = await world.command(story.mo, story.mo.room, "/mod")
    assert "Buy my cars" in card.text
    assert "1 person says:\nIt is advertising" in card.text
    assert "Bo" not in card.text

    [done] = await world.press(story.mo, story.mo.room, "Hide it")

    assert "Idea 1 is hidden. Reason: It is advertising." in done.text
    assert "Buy my cars" not in story.card.text
    assert "Buy my cars" not in world.last(story.bo.room).text
    told = world.last(story.anna.room)
    assert "A moderator has hidden your idea." in told.text
    assert "Why: It is advertising" in told.text
    assert await story.waiting() == 0

    [done] = await world.press(story.mo, story.mo.room, "Undo")

    assert "It is as it was before." in done.text
    assert "Buy my cars" in story.card.text
    assert await story.waiting() == 1, "it waits again"
    assert world.last(story.anna.room) is told, "one unasked message a day"
    await world.wait(days=1)
    assert "A moderator shows your idea again." in world.last(story.anna.room).text


async def test_without_reports_the_reason_is_asked(world: World, story: Story) -> None:
    [asked] = await world.command(story.mo, story.mo.room, "/mod hide 1")
    assert "Why do you hide it?" in asked.text
    [done] = await world.press(story.mo, story.mo.room, "2")
    assert "Idea 1 is hidden. Reason: It is hateful." in done.text


async def test_hiding_for_another_reason(world: World, story: Story) -> None:
    await world.command(story.bo, story.bo.room, "/report 1 spam")
    await world.command(story.mo, story.mo.room, "/mod")
    await world.press(story.mo, story.mo.room, "More")
    await world.press(story.mo, story.mo.room, "Hide it for another reason")
    [done] = await world.press(story.mo, story.mo.room, "4")
    assert "It is not true." in done.text


async def test_one_card_at_a_time_threats_first(world: World, story: Story) -> None:
    second = await world.idea(story.conversation, story.anna, "Or else")
    await world.command(story.bo, story.bo.room, "/report 1 spam")
    await world.command(story.hanna, story.hanna.room, "/report 1 spam")
    await world.command(story.bo, story.bo.room, f"/report {second.number} threat")

    [card] = await world.command(story.mo, story.mo.room, "/mod")
    assert "2 are waiting" in card.text
    assert "Or else" in card.text
    await world.press(story.mo, story.mo.room, "Leave it as it is")
    [card] = await world.press(story.mo, story.mo.room, "Next (1 is waiting)")
    assert "Buy my cars" in card.text
    assert "It is advertising (2)" in card.text


async def test_asking_another_leaves_it_to_wait(world: World, story: Story) -> None:
    await world.command(story.bo, story.bo.room, "/report 1 spam")
    await world.command(story.mo, story.mo.room, "/mod")
    [asked] = await world.press(story.mo, story.mo.room, "Ask another moderator")
    assert asked.labels == []

    await world.wait(hours=6)
    assert "Mo asks you to look at this: Idea 1." in world.last(story.hanna.room).text
    [card] = await world.press(story.hanna, story.hanna.room, "2. Look at it")

    assert "Buy my cars" in card.text


async def test_a_pause_refuses_contributions_and_is_told(world: World, story: Story) -> None:
    await world.command(story.mo, story.mo.room, "/mod mute 1")
    await world.press(story.mo, story.mo.room, "7 days")
    [done] = await world.press(story.mo, story.mo.room, "5")
    assert "Whoever gave idea 1 has a pause. It is advertising." in done.text
    told = world.last(story.anna.room)
    assert "A moderator asks you to pause until Monday 9 March" in told.text

    [refused] = await world.command(story.anna, story.anna.room, "/idea More cars")
    assert "has asked you to pause" in refused.text

    await world.press(story.mo, story.mo.room, "Undo", on=done)
    assert (await story.author()).muted_until is None
    await world.wait(days=1)
    assert "Your pause is over." in world.last(story.anna.room).text


async def test_what_one_may_not_decide_or_has_said_already_is_told_before_any_question(
    world: World, story: Story
) -> None:
    own = await world.idea(story.conversation, story.mo, "A bench")
    [told] = await world.command(story.mo, story.mo.room, f"/mod hide {own.number}")
    assert told.text == "That is about you. Another moderator decides it."
    await world.command(story.bo, story.bo.room, "/report 1 spam")
    [told] = await world.command(story.bo, story.bo.room, "/report 1")
    assert told.text == "You have said so already. Thank you. The moderators look at it."


async def test_a_pause_can_be_typed_and_ended(world: World, story: Story) -> None:
    await world.command(story.mo, story.mo.room, "/mod mute 1 30 hate")
    assert (await story.author()).muted_until is not None
    [told] = await world.command(story.mo, story.mo.room, "/mod mute 1 4 hate")
    assert "1, 7 or 30 days" in told.text

    await world.command(story.mo, story.mo.room, "/mod unmute 1")
    assert (await story.author()).muted_until is None
    await world.command(story.mo, story.mo.room, "/mod undo")
    assert (await story.author()).muted_until is not None
    assert "asks you to pause" in world.last(story.anna.room).text


async def test_the_one_without_a_name_stays_so(world: World, story: Story) -> None:
    secret = await world.idea(story.conversation, story.anna, "The school should close", named=False)
    await world.command(story.bo, story.bo.room, f"/report {secret.number} false")
    [card] = await world.command(story.mo, story.mo.room, "/mod")
    assert "Given without a name." in card.text
    await world.command(story.mo, story.mo.room, f"/mod mute {secret.number} 1 false")
    [log] = await world.command(story.mo, story.mo.room, "/mod log")
    assert "Whoever gave idea 2 has a pause" in log.text
    assert "Anna" not in card.text + log.text


# -- the log, and the way back --------------------------------------------------------------------------------


async def test_the_log_tells_who_did_what_and_any_moderator_takes_it_back(world: World, story: Story) -> None:
    await world.command(story.mo, story.mo.room, "/mod hide 1 spam")
    [log] = await world.command(story.hanna, story.hanna.room, "/mod log")
    assert "1. Idea 1 is hidden. Reason: It is advertising. (Mo, Monday 2 March 12:00)" in log.text

    await world.press(story.hanna, story.hanna.room, "Take back 1")

    assert await story.state() == "shown"
    [log] = await world.command(story.hanna, story.hanna.room, "/mod log")
    assert "taken back" in log.text
    assert log.labels == []


async def test_the_log_has_pages(world: World, story: Story) -> None:
    for _ in range(3):
        await world.command(story.mo, story.mo.room, "/mod hide 1 spam")
        await world.command(story.mo, story.mo.room, "/mod restore 1")
    [log] = await world.command(story.mo, story.mo.room, "/mod log")
    assert log.labels[-1] == "Earlier"
    [log] = await world.press(story.mo, story.mo.room, "Earlier")
    assert "6. Idea 1 is hidden" in log.text


async def test_what_a_later_act_builds_on_is_taken_back_after_it(world: World, story: Story) -> None:
    [first] = await world.command(story.mo, story.mo.room, "/mod hide 1 spam")
    await world.command(story.hanna, story.hanna.room, "/mod restore 1")

    await world.press(story.mo, story.mo.room, "Undo", on=first)
    assert "Take the later one back first" in world.alert

    await world.command(story.hanna, story.hanna.room, "/mod undo")
    assert await story.state() == "hidden"
    await world.press(story.mo, story.mo.room, "Undo", on=first)
    assert await story.state() == "shown"


async def test_twice_taken_back_is_once(world: World, story: Story) -> None:
    await world.command(story.mo, story.mo.room, "/mod hide 1 spam")
    [log] = await world.command(story.mo, story.mo.room, "/mod log")
    shown = log.message
    await world.press(story.mo, story.mo.room, "Take back 1")
    log.message = shown

    await world.press(story.mo, story.mo.room, "Take back 1", on=log)

    assert world.alert == "That was taken back already."
    assert await story.state() == "shown"
    async with world.work() as uow:
        [act] = await uow.select(Act, lambda query: query)
    assert act.undone_at is not None


async def test_what_the_author_took_back_is_not_shown_by_an_undo(world: World, story: Story) -> None:
    await world.command(story.mo, story.mo.room, "/mod hide 1 spam")
    async with world.work() as uow:
        idea = await uow.need(Idea, story.conversation, story.idea.id)
        uow.save(msgspec.structs.replace(idea, state="withdrawn"))

    await world.command(story.mo, story.mo.room, "/mod undo")

    assert await story.state() == "withdrawn"


async def test_leaving_it_settles_the_reports_until_that_is_taken_back(world: World, story: Story) -> None:
    await world.command(story.bo, story.bo.room, "/report 1 spam")
    await world.command(story.mo, story.mo.room, "/mod")
    await world.press(story.mo, story.mo.room, "Leave it as it is")
    assert await story.waiting() == 0

    await world.command(story.mo, story.mo.room, "/mod undo")

    assert await story.waiting() == 1
    async with world.work() as uow:
        [report] = await uow.select(Report, lambda query: query)
    assert report.handled_at is None


# -- fairness -------------------------------------------------------------------------------------------------


async def test_whom_it_concerns_can_ask_another_moderator(world: World, story: Story) -> None:
    await world.command(story.mo, story.mo.room, "/mod hide 1 spam")
    [told] = await world.press(story.anna, story.anna.room, "Ask another moderator to look")
    assert "another moderator" in told.text

    await world.wait(hours=6)
    asked = world.last(story.hanna.room)
    assert "asks that another moderator look again" in asked.text
    assert "It was done by Mo." in asked.text
    assert "look again" not in world.last(story.mo.room).text

    await world.press(story.hanna, story.hanna.room, "Undo")
    assert await story.state() == "shown"


async def test_where_nobody_else_moderates_the_host_looks_again(world: World, story: Story) -> None:
    await story.role(story.mo, "")
    await world.command(story.hanna, story.hanna.room, "/mod hide 1 spam")
    await world.press(story.anna, story.anna.room, "Ask another moderator to look")

    await world.wait(hours=6)

    assert "look again" in world.last(story.hanna.room).text


async def test_nobody_decides_about_themselves(world: World, story: Story) -> None:
    own = await world.idea(story.conversation, story.mo, "Mo's own idea")
    await world.command(story.bo, story.bo.room, f"/report {own.number} false")

    [told] = await world.command(story.mo, story.mo.room, "/mod")
    assert "Nothing is waiting" in told.text
    [told] = await world.command(story.hanna, story.hanna.room, "/mod")
    assert "Mo's own idea" in told.text
    await world.press(story.hanna, story.hanna.room, "Hide it")

    [told] = await world.command(story.mo, story.mo.room, f"/mod restore {own.number}")
    assert "Another moderator decides it." in told.text


async def test_a_host_gives_moderators_a_pause_and_nobody_a_host(world: World, story: Story) -> None:
    hosts = await world.idea(story.conversation, story.hanna, "The host's idea")
    mos = await world.idea(story.conversation, story.mo, "Mo's idea")

    [told] = await world.command(story.mo, story.mo.room, f"/mod mute {hosts.number} 1 hate")
    assert "Nobody can pause a host" in told.text
    [told] = await world.command(story.hanna, story.hanna.room, f"/mod mute {mos.number} 1 hate")
    assert "has a pause" in told.text


# -- naming moderators ----------------------------------------------------------------------------------------


async def test_a_host_names_a_moderator_by_a_reply(world: World, story: Story) -> None:
    said = world.quoted(story.bo, "I can help")

    news = await world.command(story.hanna, story.group, "/mod add", reply_to=said)

    assert news[-1].text == "Bo is a moderator of this conversation."
    assert "You are a moderator now" in world.last(story.bo.room).text
    [card] = await world.command(story.bo, story.bo.room, "/mod")
    assert "Nothing is waiting" in card.text

    await world.command(story.hanna, story.group, "/mod remove", reply_to=said)
    news = await world.command(story.bo, story.bo.room, "/mod")
    assert "Only this conversation's host" in news[-1].text


async def test_only_a_host_names_and_only_who_takes_part(world: World, story: Story) -> None:
    cia = await world.person("Cia")
    for who, whom, answer in (
        (story.mo, story.bo, "Only a host"),
        (story.hanna, cia, "They are not in this conversation yet"),
        (story.hanna, story.hanna, "They are a host"),
    ):
        news = await world.command(who, story.group, "/mod add", reply_to=world.quoted(whom, "hello"))
        assert answer in news[-1].text
    news = await world.command(story.hanna, story.group, "/mod add")
    assert "Reply with this command" in news[-1].text


# -- words ----------------------------------------------------------------------------------------------------


def test_every_reason_has_words() -> None:
    assert REASON_WORDS.keys() == set(REASONS)


async def test_every_message_fits_a_phone(world: World) -> None:
    story = await Story(world).begin("word " * 700)
    await world.command(story.bo, story.bo.room, "/report 1 spam")
    for who in (story.mo, story.hanna):
        await world.command(who, who.room, "/mod")
        await world.press(who, who.room, "More")
    await world.command(story.mo, story.mo.room, "/mod hide 1 spam")

    rooms: list[Place] = [story.mo.room, story.hanna.room, story.anna.room, story.group]
    texts = [said.text for room in rooms for said in world.said(room)]

    assert max(map(len, texts)) < 1000
    assert isinstance(story.conversation, UUID)


# -- all else that people say ---------------------------------------------------------------------------------


async def _all_else(world: World, story: Story) -> dict[str, UUID]:
    """Let Anna say something of each kind, all of it with a card in the group."""
    async with world.work() as uow:
        anna = await world.participant(uow, story.conversation, story.anna)
        scope, now, later = story.conversation, world.now, world.now + timedelta(hours=2)
        group = HelperGroup(scope, uuid7(), anna.id, "Buy group", "", "", "", now)
        meets = Gathering(scope, uuid7(), anna.id, "Buy gathering", now, later, "Europe/Stockholm", now, now)
        need = Help(uuid7(), "need", "SE-1884", "Nora", now, HelpSecret("Buy need"), scope, anna.id, shared=True)
        said: dict[str, Any] = {
            "need": need, "story": Tale(scope, uuid7(), anna.id, "Buy story", now), "group": group,
            "step": Step(scope, uuid7(), group.id, "Buy step", anna.id, now), "gathering": meets,
            "topic": Topic(scope, uuid7(), meets.id, 1, anna.id, "Buy topic", now),
        }  # fmt: skip
        room = await uow.by(Room, world.keys.lookup("room", str(story.group.key)))
        assert room is not None
        for subject, one in said.items():
            uow.add(one)
            uow.add(
                Outbox(
                    uuid7(), room.channel, "card", CARD, now, room_id=room.id, conversation_id=scope, subject=subject,
                    subject_id=one.id,
                )
            )  # fmt: skip
    await world.wait(seconds=1)
    return {subject: one.id for subject, one in said.items()}


async def test_whatever_people_say_is_reported_hidden_told_and_shown_again(world: World, story: Story) -> None:
    said = await _all_else(world, story)
    for subject, card in zip(said, world.said(story.group)[-len(said) :], strict=True):
        words = f"Buy {subject}"
        thanks = await world.command(story.bo, story.group, "/report spam", reply_to=card)
        assert "They do not see who said it" in thanks[-1].text, subject
        again = await world.command(story.bo, story.group, "/report hate", reply_to=card)
        assert "already" in again[-1].text, subject

        [waits] = await world.command(story.mo, story.mo.room, "/mod")
        assert "1 is waiting" in waits.text
        assert words in waits.text
        assert "1 person says:\nIt is advertising" in waits.text
        assert ("Anna" in waits.text) == (subject != "need"), "a need never has a name"
        [done] = await world.press(story.mo, story.mo.room, "Hide it")
        assert f"(“{words}”) is hidden. Reason: It is advertising." in done.text
        assert words not in card.text
        assert await story.waiting() == 0
        async with world.work() as uow:
            assert words not in repr(await load_harvest(uow, story.conversation, world.now)), subject
        await world.wait(days=1)
        told = world.last(story.anna.room)
        assert "A moderator has hidden" in told.text, subject
        assert words in told.text
        assert "Why: It is advertising" in told.text
        ask = next(label for label in told.labels if "Ask another moderator to look" in label)
        await world.press(story.anna, story.anna.room, ask)
        await world.wait(days=1)
        assert words in world.last(story.hanna.room).text, subject

        undo = next(label for label in reversed(world.last(story.hanna.room).labels) if "Undo" in label)
        await world.press(story.hanna, story.hanna.room, undo)
        assert words in card.text, subject
        assert await story.waiting() == 1
        await world.command(story.mo, story.mo.room, "/mod")
        await world.press(story.mo, story.mo.room, "Leave it as it is")
        [log] = await world.command(story.mo, story.mo.room, "/mod log")
        assert f"(“{words}”) is hidden. Reason: It is advertising. (Mo" in log.text
        assert "taken back" in log.text


async def test_who_may_not_moderate_cannot_and_nobody_decides_about_themselves(world: World, story: Story) -> None:
    ids = await _all_else(world, story)
    await story.role(story.anna, "moderator")
    for one in ids.values():
        for who, answer in ((story.bo, "Only this conversation's host"), (story.anna, "That is about you.")):
            data = await sealed(world, who.room, Action("hide", story.conversation, one))
            assert answer in await press_data(world, who, who.room, data)


async def test_a_need_that_a_moderator_has_hidden_comes_not_back_in_other_words(world: World, story: Story) -> None:
    need = (await _all_else(world, story))["need"]
    await press_data(
        world, story.mo, story.mo.room, await sealed(world, story.mo.room, Action("hide", story.conversation, need))
    )
    await world.press(story.mo, story.mo.room, "2")
    for arg in ("words", "again", "met"):
        data = await sealed(world, story.anna.room, Action("aid", subject=need, arg=arg))
        await press_data(world, story.anna, story.anna.room, data)
        assert "A moderator has hidden it." in world.last(story.anna.room).text
    await world.press(story.anna, story.anna.room, "Take it back")
    [gone] = await world.command(story.mo, story.mo.room, "/mod undo")
    assert "has changed since" in gone.text
