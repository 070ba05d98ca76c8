"""What is kept is told, given, and erased; and an erasure tells nothing of how anybody voted."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import func, insert, select, update
from uuid6 import uuid7

from bot.chat.events import ChoiceMade, MessageReceived
from bot.domain.conversation import Conversation
from bot.domain.gatherings import Gathering, GatheringSecret, MeetingNote, Rsvp
from bot.domain.groups import GroupMember, HelperGroup
from bot.domain.ideas import Idea, Translation
from bot.domain.merging import Merge
from bot.domain.needs import Help, HelpSecret
from bot.domain.open_space import Topic, TopicSecret
from bot.domain.people import Membership, Participant, Person
from bot.domain.steps import Step, Story, StoryPicture
from bot.i18n import LOCALES, render
from bot.store import inbox, privacy, schema
from bot.store.mapping import MAPPINGS
from bot.views.privacy import ALERT
from tests.handlers.world import Place, Who, World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


async def weigh(world: World, conversation: UUID, idea: Idea, who: Who, vote: str) -> None:
    await world.command(who, who.room, f"/ideas {idea.number}")
    await world.press(who, who.room, "Weigh it")
    await world.press(who, who.room, vote)


async def forget(world: World, who: Who, answer: str) -> None:
    await world.command(who, who.room, "/forget")
    await world.press(who, who.room, answer)


async def swept(world: World) -> int:
    async with world.database.transaction() as connection:
        return await privacy.sweep_rooms(connection)


async def count(world: World, table: Any) -> int:
    async with world.work() as uow:
        return int((await uow.rows(select(func.count()).select_from(table)))[0][0])


async def stored(world: World) -> str:
    """All that the database holds, decrypted."""
    async with world.work() as uow:
        found = [repr(one) for record in MAPPINGS for one in await uow.select(record, lambda query: query)]
        open_events = select(schema.inbox.c.payload).where(schema.inbox.c.payload.is_not(None))
        events = [repr(inbox.opened(row[0], world.keys)) for row in await uow.rows(open_events)]
    return "\n".join([*found, *events])


# -- telling ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", LOCALES)
def test_the_notice_fits_a_press_in_every_language(locale: str) -> None:
    assert len(render(ALERT, locale)) <= 200


async def test_privacy_tells_who_could_see_a_vote(world: World) -> None:
    anna = await world.person("Anna")

    [told] = await world.command(anna, anna.room, "/privacy")

    assert "Nora folk high school, who runs this server, could find out who voted what" in told.text
    assert told.labels == ["Get all that is mine", "Erase me"]
    assert len(told.text) < 1200, "it fits a phone"


async def test_whoever_has_not_said_yes_can_read_on_and_then_say_it(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo", consented=False)
    conversation = await world.conversation(anna, bo)
    await world.idea(conversation, anna, "A greenhouse by the school")
    await world.command(bo, bo.room, "/vote")
    [notice] = await world.press(bo, bo.room, "👍 Agree")
    assert notice.labels == ["Yes", "No", "Tell me more"]

    [told] = await world.press(bo, bo.room, "Tell me more")
    assert told.id != notice.id, "the notice keeps its buttons"
    await world.press(bo, bo.room, "Yes", on=told)

    async with world.work() as uow:
        assert (await world.person_of(uow, bo)).consented
    assert await count(world, schema.vote) == 1


# -- giving ----------------------------------------------------------------------------------------------------


async def test_somebody_gets_all_that_is_theirs_in_a_file(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    idea = await world.idea(conversation, bo, "A greenhouse by the school")
    await world.idea(conversation, anna, "A path to the lake", named=False)
    await weigh(world, conversation, idea, anna, "👎 Disagree")
    await world.command(anna, anna.room, "/ideas 1")
    await world.press(anna, anna.room, "🤝")
    await world.command(anna, anna.room, "/report 1 spam")

    [told] = await world.command(anna, anna.room, "/mydata")

    packed = told.message.attachment
    assert packed is not None
    assert (packed.name, packed.mime) == ("byalag-my-data.zip", "application/zip")
    with zipfile.ZipFile(io.BytesIO(packed.data)) as archive:
        data = json.loads(archive.read("my-data.json"))
    assert data["carried_between_rooms"] == {}
    assert data["accounts"] == [{"network": "memory", "account": "anna", "name": "Anna"}]
    [mine] = data["conversations"]
    assert mine["role"] == "host"
    assert [one["text"] for one in mine["ideas"]] == ["A path to the lake"]
    assert [(one["idea"], one["vote"]) for one in mine["votes"]] == [(1, "disagree")]
    assert [one["idea"] for one in mine["supports"]] == [1]
    assert [one["reason"] for one in mine["reports"]] == ["spam"]
    assert "greenhouse" not in json.dumps(data), "what others gave is not mine"


async def test_in_a_group_the_file_is_given_in_private(world: World) -> None:
    anna = await world.person("Anna")
    room = await world.group("Nora", await world.conversation(anna))

    await world.command(anna, room, "/mydata")

    assert all(said.message.attachment is None for said in world.said(room))
    news = await world.press(anna, room, "Go on in private")
    assert news[-1].message.attachment is not None


# -- erasing ---------------------------------------------------------------------------------------------------


async def test_from_a_group_the_question_is_asked_in_private(world: World) -> None:
    anna = await world.person("Anna")
    room = await world.group("Nora", await world.conversation(anna))
    await world.command(anna, room, "/privacy")

    news = await world.press(anna, room, "Erase me")

    assert "Erase you?" in news[-1].text
    assert all("Erase you?" not in said.text for said in world.said(room))


async def test_forget_asks_first_and_no_changes_nothing(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)

    [asked] = await world.command(anna, anna.room, "/forget")
    assert "Cannot be undone." in asked.text
    await world.press(anna, anna.room, "No, keep me")

    assert world.last(anna.room).text == "Good. Nothing was erased."
    async with world.work() as uow:
        assert (await world.person_of(uow, anna)).consented


async def test_nobody_erases_another_by_a_button(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    await world.conversation(anna, bo)
    [asked] = await world.command(anna, anna.room, "/forget")

    async with world.work() as uow:
        bo_before = await world.person_of(uow, bo)
    stranger = Who("Bo", bo.account, anna.room, "en")
    await world.press(stranger, anna.room, "Erase all", on=asked)

    async with world.work() as uow:
        assert await uow.get(Person, bo_before.id) is not None
        assert (await world.person_of(uow, anna)).consented


async def test_erased_with_the_ideas_nothing_is_left_that_tells_of_the_person(world: World) -> None:
    anna, bo = await world.person("Annika Ek"), await world.person("Bo")
    conversation = await world.conversation(bo, anna)
    room = await world.group("Nora", conversation)
    mine = await world.idea(conversation, anna, "A path to the lake")
    other = await world.idea(conversation, bo, "A greenhouse by the school")
    await world.command(bo, room, "/ideas 1")
    await weigh(world, conversation, other, anna, "👍 Agree")
    await world.command(anna, anna.room, "/report 2 spam")
    await world.command(anna, anna.room, "/invite for grandma")

    await forget(world, anna, "Erase all; my ideas go")

    assert "You are erased." in world.last(anna.room).text
    assert "taken back" in world.last(room).text, "the card in the group shows it"
    assert await swept(world) == 1
    left = await stored(world)
    assert "Annika" not in left
    assert "path to the lake" not in left
    assert "grandma" not in left
    for table in (schema.vote, schema.support, schema.report):
        assert await count(world, table) == 0
    async with world.work() as uow:
        idea = await uow.need(Idea, conversation, mine.id)
        ghost = await uow.need(Participant, conversation, mine.author_id)
        assert (idea.text, idea.state) == ("", "withdrawn")
        assert (ghost.secret.name, ghost.left, ghost.hats) == ("", True, ())
        assert await uow.get(Membership, conversation, mine.author_id) is None
        assert (await uow.need(Conversation, conversation)).participants == 1


async def test_the_ideas_may_stay_without_the_name(world: World) -> None:
    anna, bo = await world.person("Annika"), await world.person("Bo")
    conversation = await world.conversation(bo, anna)
    mine = await world.idea(conversation, anna, "A path to the lake")
    await world.command(bo, bo.room, "/ideas 1")
    assert "From Annika" in world.last(bo.room).text

    await forget(world, anna, "Erase me; my ideas stay")

    assert "A path to the lake" in world.last(bo.room).text
    assert "Annika" not in world.last(bo.room).text
    async with world.work() as uow:
        idea = await uow.need(Idea, conversation, mine.id)
        assert (idea.state, idea.named) == ("shown", False)


async def test_no_shown_sum_changes_when_a_voter_leaves(world: World) -> None:
    people = [await world.person(f"Person {number}") for number in range(10)]
    conversation = await world.conversation(*people)
    idea = await world.idea(conversation, people[0], "A path to the lake")
    for who in people[:5]:
        await weigh(world, conversation, idea, who, "👍 Agree")
    async with world.work() as uow:
        before = (await uow.need(Idea, conversation, idea.id)).shown_sums
        assert before.voters == 5

    await forget(world, people[4], "Erase all")
    async with world.work() as uow:
        left = await uow.need(Idea, conversation, idea.id)
        assert (left.sums.agree, left.voters, left.shown_sums) == (4, 4, before)

    for who in people[5:10]:  # the next that votes tells nothing; only the tenth renews the sums
        await weigh(world, conversation, idea, who, "👎 Disagree")
    async with world.work() as uow:
        now = await uow.need(Idea, conversation, idea.id)
        assert (now.voters, now.shown_sums) == (9, before)


async def test_a_conversation_gets_another_host(world: World) -> None:
    anna, bo, cia = await world.person("Anna"), await world.person("Bo"), await world.person("Cia")
    conversation = await world.conversation(anna, bo, cia)
    async with world.work() as uow:
        helper = await world.participant(uow, conversation, cia)
        uow.save(Participant(conversation, helper.id, helper.joined_at, helper.secret, role="moderator"))

    await forget(world, anna, "Erase all")

    async with world.work() as uow:
        now = await uow.need(Conversation, conversation)
        heir = await world.participant(uow, conversation, cia)
        assert (now.host_id, heir.role, now.why, now.closed_at) == (heir.id, "host", "", None)
    assert "You are its host now" in world.last(cia.room).text


async def test_a_conversation_of_one_ends_with_its_words(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna, question="What about the old mill?")
    await world.group("Nora", conversation)

    await forget(world, anna, "Erase all")

    async with world.work() as uow:
        now = await uow.need(Conversation, conversation)
        assert now.closed_at is not None
    assert "old mill" not in await stored(world)


async def test_a_helper_group_goes_on_with_its_next_member(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    async with world.work() as uow:
        first = await world.participant(uow, conversation, anna)
        group = HelperGroup(conversation, uuid7(), first.id, "Build a greenhouse", "", "", "", world.now)
        uow.add(group)
        uow.add(GroupMember(conversation, group.id, first.id, world.now))
    await world.command(bo, bo.room, "/groups")
    await world.press(bo, bo.room, "1.")
    await world.press(bo, bo.room, "I join in")

    await forget(world, anna, "Erase all")

    async with world.work() as uow:
        heir = await world.participant(uow, conversation, bo)
        now = await uow.need(HelperGroup, conversation, group.id)
        assert (now.convener_id, now.members, now.what) == (heir.id, 1, "Build a greenhouse")
    assert "you hold it together now" in "\n".join(said.text for said in world.said(bo.room))


async def test_who_comes_back_is_somebody_new(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    async with world.work() as uow:
        before = await world.person_of(uow, anna)
    await forget(world, anna, "Erase all")

    await world.command(anna, anna.room, "/help")

    async with world.work() as uow:
        now = await world.person_of(uow, anna)
        assert now.id != before.id
        assert not now.consented
        assert now.secret.joined == ()
    assert await swept(world) == 0
    assert await count(world, schema.room) == 1, "the room is the new one's"
    assert await count(world, schema.meta) == 0


async def test_all_in_one_batch_the_next_words_are_somebody_elses(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    [asked] = await world.command(anna, anna.room, "/forget")
    data = next(choice.data for choice in asked.choices if choice.label.startswith("Erase all"))

    await world.happens(
        ChoiceMade(**world._happening(anna.room, world.sender(anna)), message_id=asked.id, data=data),
        MessageReceived(**world._happening(anna.room, world.sender(anna)), message_id="x", text="Hello again"),
    )

    async with world.work() as uow:
        assert not (await world.person_of(uow, anna)).consented
    assert await count(world, schema.person) == 1
    assert "Hello again" in world.last(anna.room).text


async def test_the_room_waits_for_its_receipt(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    await world.command(anna, anna.room, "/forget")
    world.network.gone.add(anna.room.key)

    async with world.work() as uow:  # the receipt is on its way, and its network slow
        await uow.connection.execute(insert(schema.meta), [{"name": "keys", "value": "mark"}])
    await world.press(anna, anna.room, "Erase all")

    assert await swept(world) == 1, "a room that cannot be reached goes too"
    assert await count(world, schema.outbox) == 0
    assert await count(world, schema.meta) == 1, "other marks stay"


async def test_a_room_with_something_on_its_way_stays_a_while(world: World) -> None:
    anna = await world.person("Anna")
    await forget(world, anna, "Erase all")
    async with world.work() as uow:
        [room] = [row[0] for row in await uow.rows(select(schema.room.c.id))]
        await uow.connection.execute(
            insert(schema.outbox),
            [{"id": room, "channel": "memory", "kind": "say", "priority": 0, "not_before": world.now, "room_id": room,
              "subject": "", "state": "sending", "attempts": 0, "uncertain": 0, "error": ""}],
        )  # fmt: skip

    assert await swept(world) == 0

    async with world.work() as uow:
        await uow.connection.execute(update(schema.outbox).values(state="parked"))
    assert await swept(world) == 1


async def test_what_could_not_be_handled_goes_too(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    room = await world.group("Nora")
    async with world.database.transaction() as connection:
        for who, place in ((anna, anna.room), (anna, room), (bo, room)):
            event = message(world, who, place)
            await inbox.store(connection, [event], world.keys, world.now)
        await connection.execute(update(schema.inbox).where(schema.inbox.c.state == "new").values(state="parked"))

    await forget(world, anna, "Erase all")

    async with world.work() as uow:
        parked = await uow.rows(select(schema.inbox.c.payload).where(schema.inbox.c.state == "parked"))
    assert [inbox.opened(row[0], world.keys).sender.account for row in parked] == [bo.account]


def message(world: World, who: Who, place: Place) -> Any:
    return MessageReceived(**world._happening(place, world.sender(who)), message_id="x", text="secret")


# -- what people do together ------------------------------------------------------------------------------------


async def _all_kinds(world: World, conversation: UUID, who: Who, idea: Idea, other: Idea) -> None:
    """Let somebody have said something of each kind, all of it beginning with their name."""
    async with world.work() as uow:
        me, now = await world.participant(uow, conversation, who), world.now
        scope, later = conversation, world.now + timedelta(hours=2)
        group = HelperGroup(scope, uuid7(), me.id, f"{who.name} group", "", "", "", now)
        meets = Gathering(
            scope, uuid7(), me.id, f"{who.name} gathering", now, later, "Europe/Stockholm", now, now,
            GatheringSecret(f"{who.name} home"),
        )  # fmt: skip
        words, corner = HelpSecret(f"{who.name} need"), TopicSecret(f"{who.name} corner")
        shared = Help(uuid7(), "need", "SE-1884", "Nora", now, words, scope, me.id, shared=True)
        person = await world.person_of(uow, who)
        owner = world.keys.lookup("helper", person.id.bytes)
        alone = Help(
            uuid7(), "offer", "SE-1884", "Nora", now, HelpSecret(f"{who.name} offer", person.id), owner=owner
        )  # fmt: skip
        story = Story(scope, uuid7(), me.id, f"{who.name} story", now, pictured=True)
        for one in (
            group, GroupMember(scope, group.id, me.id, now), meets, shared, alone, story,
            StoryPicture(scope, story.id, "image/jpeg", b"jpeg"),
            Step(scope, uuid7(), group.id, f"{who.name} step", me.id, now, doer_id=me.id),
            Topic(scope, uuid7(), meets.id, 1, me.id, f"{who.name} topic", now, secret=corner),
            MeetingNote(scope, uuid7(), meets.id, me.id, f"{who.name} note", now),
            Merge(scope, uuid7(), idea.id, other.id, me.id, now),
            Translation(scope, other.id, "sv" if who.name == "Anna" else "en", me.id, f"{who.name} translation", now),
        ):  # fmt: skip
            uow.add(one)
        uow.save(msgspec.structs.replace(idea, tags=(f"{who.name.lower()} tag",), named=True))
        for rsvp in await uow.select(Gathering, lambda query: query):
            uow.add(Rsvp(scope, rsvp.id, me.id, "yes", now, seat=1 if rsvp.convener_id == me.id else 2))
        for step in await uow.select(Step, lambda query: query):
            if step.created_by != me.id:
                uow.save(msgspec.structs.replace(step, doer_id=me.id))
                uow.add(GroupMember(scope, step.group_id, me.id, now))


KINDS = (
    "idea", "need", "offer", "story", "group", "gathering", "home", "step", "topic", "corner", "note", "translation",
)  # fmt: skip


@pytest_asyncio.fixture
async def together(world: World) -> tuple[World, Who, UUID]:
    """Bo and Anna have each said something of each kind, and taken part in what is the other's."""
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(bo, anna)
    first = await world.idea(conversation, bo, "Bo idea")
    mine = await world.idea(conversation, anna, "Anna idea")
    await _all_kinds(world, conversation, bo, first, mine)
    await _all_kinds(world, conversation, anna, mine, first)
    return world, anna, conversation


async def test_the_file_has_what_one_has_done_together_with_others_and_no_words_of_theirs(
    together: tuple[World, Who, UUID],
) -> None:
    world, anna, _conversation = together
    [told] = await world.command(anna, anna.room, "/mydata")
    assert told.message.attachment is not None
    with zipfile.ZipFile(io.BytesIO(told.message.attachment.data)) as archive:
        text = archive.read("my-data.json").decode()
        [story] = json.loads(text)["conversations"][0]["stories"]
        assert archive.namelist() == ["my-data.json", story["picture"]]
        assert archive.read(story["picture"]) == b"jpeg"
    for kind in KINDS:
        assert f"Anna {kind}" in text, kind
        assert f"Bo {kind}" not in text, kind
    assert "anna tag" in text
    assert "bo tag" not in text
    [here] = json.loads(text)["conversations"]
    assert sorted(one["answer"] for one in here["gatherings"]) == ["yes", "yes"]
    assert [(one["idea"], one["into"]) for one in here["merges_proposed"]] == [(2, 1)]
    assert sorted(one["mine"] for one in here["next_steps"]) == [True, True]


@pytest.mark.parametrize(("answer", "stays"), [("Erase all", False), ("Erase me", True)])
async def test_all_that_one_has_done_together_with_others_goes_or_stays_without_one(
    together: tuple[World, Who, UUID], answer: str, *, stays: bool
) -> None:
    world, anna, _conversation = together
    await forget(world, anna, answer)
    await swept(world)
    left = await stored(world)
    for kind in KINDS:
        assert f"Bo {kind}" in left, kind
        goes_on = kind in {"gathering", "home"}  # People come to it: it goes on with the host.
        asked_of_nobody = kind in {"need", "offer"}
        assert (f"Anna {kind}" in left) == (goes_on or (stays and not asked_of_nobody)), kind
    assert ("anna tag" in left) == stays
    assert "ParticipantSecret(name='Anna'" not in left
    assert "AccountSecret(key='Anna" not in left
    async with world.work() as uow:
        assert [one.named for one in await uow.select(Story, lambda query: query) if one.text.startswith("Anna")] == (
            [False] if stays else []
        )
        assert len(await uow.select(StoryPicture, lambda query: query)) == 1 + stays
        assert len(await uow.select(Rsvp, lambda query: query)) == 1, "seats are given back"
