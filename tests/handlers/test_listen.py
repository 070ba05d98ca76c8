"""Being listened to: the way between the questions, what becomes of the step, and that nothing else is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from uuid6 import uuid7

from bot.chat.events import CommandGiven, MessageEdited, MessageReceived, RoomMoved
from bot.chat.keys import RoomKey
from bot.domain.helplines import HELPLINES, lines_for, with_own
from bot.domain.needs import Help, HelpSecret
from bot.flows import listening as way
from bot.flows.listening import Talk
from bot.settings import Settings
from bot.store import listening
from bot.store.housekeeping import tidy
from bot.store.records import ENDING, Dialogue, Listening
from bot.store.schema import inbox
from tests.handlers.test_calm import note
from tests.handlers.world import CHANNEL, Place, Said, Who, World

QUESTION = "What is on your mind?"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


async def says(world: World, who: Who, text: str) -> str:
    return "\n\n".join(said.text for said in await world.message(who, who.room, text))


async def chooses(world: World, who: Who, label: str, *, on: Said | None = None) -> str:
    return "\n\n".join(said.text for said in await world.press(who, who.room, label, on=on))


async def open_talks(world: World) -> list[int]:
    async with world.work() as uow:
        return [one.number for one in await uow.select(Listening, lambda query: query) if one.open]


async def test_a_whole_talk_ends_with_a_step_and_a_question(world: World) -> None:
    bo = await world.person("Bo", consented=False)
    [first] = await world.command(bo, bo.room, "/listen")
    assert first.text.startswith("I am a computer. I ask, you answer or stay silent. Nothing is kept.")
    assert first.text.endswith(QUESTION)
    assert first.labels == ["Next", "Stop", "My next step", "Somebody to call"]
    assert await says(world, bo, "The school is to close.") == "Would you like to tell a little more?"
    assert await says(world, bo, "yes") == (
        "Take the time you need. I am here.\nWould you like to tell a little more?"
    )  # fmt: skip
    assert await says(world, bo, "No") == "What is that like for you, right now?"
    assert await says(world, bo, "I am so tired of it all, and I do not know what to say.") == (
        "What would make today a little easier?"
    )
    assert await says(world, bo, "next") == "What matters most to you in this?"
    assert await says(world, bo, "THEY ARE IDIOTS AND NEVER LISTEN!!!") == (
        "What would you rather see? What do you dare begin?"
    )
    assert "Thank you for telling it." in await says(world, bo, "A long story. " * 40)
    assert await open_talks(world) == [way.OTHERS]
    assert "112" in await chooses(world, bo, "Somebody to call")
    assert await chooses(world, bo, "My next step") == "What is the smallest step that you could take next?"
    assert "Call somebody" in await says(world, bo, "Call somebody")
    told = await says(world, bo, "Call the teacher on Monday")
    assert "Call the teacher on Monday" in told
    assert world.last(bo.room).labels == ["Remind me tomorrow", "In a week", "It stays with me", "Somebody to call"]
    assert "Call the teacher on Monday" in await says(world, bo, "9"), "no such choice"
    assert await open_talks(world) == [way.STEP]
    assert await chooses(world, bo, "It stays with me") == "Would you like a person to listen?"
    assert "Thank you. Nothing of what you said is kept." in await chooses(world, bo, "No, thank you")
    assert await open_talks(world) == []
    assert "beginning of something" in await says(world, bo, "The school is to close."), "it is as always again"


async def test_a_reminder_keeps_its_time_and_the_words_only_if_asked(world: World) -> None:
    bo = await world.person("Bo")
    for with_words, tomorrow in ((False, "Tuesday 3 March"), (True, "Wednesday 4 March")):
        await world.command(bo, bo.room, "/listen")
        await chooses(world, bo, "My next step")
        await says(world, bo, "Call the teacher")
        told = await chooses(world, bo, "Remind me tomorrow")
        assert tomorrow in told
        assert "I have kept only that time" in told
        if with_words:
            assert "sealed" in await chooses(world, bo, "Keep my words with it")
        await chooses(world, bo, "That is fine as it is")
        told = await says(world, bo, "no")
        assert ("I have kept the words of your step, as you wished, and nothing else" in told) == with_words
        assert ("Nothing of what you said is kept." in told) != with_words
        await world.wait(days=1)
        reminded = world.last(bo.room)
        assert "You wanted me to remind you of your next step." in reminded.text
        assert ("Call the teacher" in reminded.text) == with_words
        assert reminded.labels == ["Be listened to"]


async def test_only_on_request_the_step_becomes_an_idea(world: World) -> None:
    bo = await world.person("Bo")
    conversation = await world.conversation(bo)
    await world.command(bo, bo.room, "/listen")
    await chooses(world, bo, "My next step")
    await says(world, bo, "A bench by the lake")
    told = await chooses(world, bo, "Give it as an idea")
    assert "Your step is kept from now on" in told
    assert "A bench by the lake" in world.last(bo.room).text
    assert await open_talks(world) == []
    async with world.work() as uow:
        [draft] = await uow.select(Dialogue, lambda query: query)
        assert draft.secret[-1].params["conversation"] == str(conversation)


async def test_whoever_wants_a_person_hears_who_listens(world: World) -> None:
    bo = await world.person("Bo")
    await world.conversation(bo)
    await world.command(bo, bo.room, "/listen")
    await chooses(world, bo, "My next step")
    assert await says(world, bo, "no") == "Would you like a person to listen?"
    told = await says(world, bo, "yes")
    assert told.startswith("Nobody here has offered to listen yet.")
    assert "Mind Självmordslinjen: 90101" in await chooses(world, bo, "Somebody to call")
    assert "Nothing of what you said is kept." in await chooses(world, bo, "No, thank you")


async def test_a_person_who_offered_to_listen_is_asked_for(world: World) -> None:
    bo, cia = await world.person("Bo"), await world.person("Cia")
    conversation = await world.conversation(bo, cia)
    async with world.work() as uow:
        me = await world.participant(uow, conversation, cia)
        secret = HelpSecret("I like to sit and listen", None)
        offer = Help(uuid7(), "offer", "SE-1884", "Nora", world.now, secret, conversation, me.id, listens=True)
        uow.add(offer)
    await world.command(bo, bo.room, "/listen")
    await chooses(world, bo, "My next step")
    await says(world, bo, "no")
    assert (await says(world, bo, "yes")).startswith("1 person here has offered to listen.")
    told = await chooses(world, bo, "Ask for somebody")
    assert "Then I stop listening, and ask for a person." in told
    assert "Somebody who listens to me" in world.last(bo.room).text


async def test_words_of_danger_bring_the_numbers_at_once(world: World) -> None:
    bo = await world.person("Bo")
    await world.command(bo, bo.room, "/listen")
    told = await says(world, bo, "I do not want to live any more")
    assert told.startswith("That sounds heavy.")
    assert "112" in told
    assert told.endswith("What is that like for you, right now?")
    await chooses(world, bo, "My next step")
    told = await says(world, bo, "I want to die")
    assert "112" in told
    assert told.endswith("Would you like a person to listen?"), "it is no step, and nothing to give to others"


async def test_what_comes_in_the_middle(world: World) -> None:
    bo = await world.person("Bo")
    conversation = await world.conversation(bo)
    garden = await world.group("Garden", conversation)
    [card] = await world.command(bo, bo.room, "/help")
    [first] = await world.command(bo, bo.room, "/listen")
    # another command, an older button: later; a second press, an edit, a picture: nothing is lost
    [busy] = await world.command(bo, bo.room, "/idea A secret idea")
    assert busy.text.startswith("I am listening now, and keep nothing.")
    await world.press(bo, bo.room, "Give an idea", on=card)
    assert world.alert.startswith("I am listening now")
    assert await chooses(world, bo, "Next", on=first) == "What is that like for you, right now?"
    assert await world.press(bo, bo.room, "Next", on=first) == []
    happening = world._happening(bo.room, world.sender(bo))
    await world.happens(MessageEdited(**happening, message_id="written-before", text="A changed idea"))
    assert world.last(bo.room).text.startswith("I am listening now")
    happening = world._happening(bo.room, world.sender(bo))
    await world.happens(MessageReceived(**happening, message_id="m2", text="", kind="photo"))
    assert world.last(bo.room).text == "Write a few words and I'll understand."
    assert await says(world, bo, "2"), "the number of a button"
    assert await open_talks(world) == []
    await world.command(bo, bo.room, "/lyssna")
    # elsewhere it is as always
    before = len(world.said(garden))
    await world.command(bo, garden, "/idea A bench")
    assert len(world.said(garden)) > before
    assert await open_talks(world) == [way.MIND]
    assert "Nothing of what you said is kept." in (await world.command(bo, bo.room, "/stop"))[-1].text


async def test_what_is_due_waits_until_it_is_over(world: World) -> None:
    bo = await world.person("Bo")
    await note(world, bo, "It rains.", soon=True)
    await world.wait(hours=5, minutes=59)
    await world.command(bo, bo.room, "/listen")
    await world.wait(minutes=30)
    assert world.last(bo.room).text.endswith(QUESTION)
    await says(world, bo, "stop")
    await world.wait(minutes=30)
    assert world.last(bo.room).text == "It rains."


async def falls(world: World) -> None:
    """The process begins again: what it remembered is gone."""
    world.listener.sessions.clear()
    world.listener.rooms.clear()
    await world.listener.load()
    await world.listener.idle.wait()


async def test_after_a_fall_it_goes_on_and_only_the_step_is_asked_for_anew(world: World) -> None:
    bo = await world.person("Bo")
    await world.command(bo, bo.room, "/listen")
    await says(world, bo, "The school is to close, and nobody asked us.")
    await falls(world)
    assert world.last(bo.room).text == "What is that like for you, right now?", "nothing is lost, so nothing is said"
    assert await says(world, bo, "It is hard to know what to think of it.") == "What matters most to you in this?"
    await chooses(world, bo, "My next step")
    await says(world, bo, "Call the teacher")
    await falls(world)
    told = await chooses(world, bo, "In a week")
    assert told.startswith("I lost the thread.")
    assert told.endswith("What is the smallest step that you could take next?")
    assert "Call Maria" in await says(world, bo, "Call Maria")


async def test_what_was_heard_and_not_answered_before_a_fall_is_made_up_for(world: World) -> None:
    bo = await world.person("Bo")
    await world.command(bo, bo.room, "/listen")
    async with world.work() as uow:
        for one in await uow.select(Listening, lambda query: query):
            uow.save(msgspec.structs.replace(one, waits=True))
    await falls(world)
    told = world.last(bo.room)
    assert told.text.startswith("I lost the thread.")
    assert told.text.endswith(QUESTION)
    # and so is an end that was decided and not said
    async with world.work() as uow:
        for one in await uow.select(Listening, lambda query: query):
            uow.save(msgspec.structs.replace(one, number=ENDING))
    await falls(world)
    assert world.last(bo.room).text.startswith("Thank you. Nothing of what you said is kept.")
    assert await open_talks(world) == []


async def test_what_another_process_has_heard_and_not_answered_is_made_up_for_after_a_while(world: World) -> None:
    bo = await world.person("Bo")
    await world.command(bo, bo.room, "/listen")
    happening = world._happening(bo.room, world.sender(bo))
    await world.happens(MessageReceived(**happening, message_id="m1", text="The school is to close, and nobody asked."))
    said = len(world.said(bo.room))
    # nothing waits, not even where a process knows nothing of the talk and has nothing to answer
    world.listener.sessions.clear()
    happening = world._happening(bo.room, world.sender(bo))
    await world.happens(MessageEdited(**happening, message_id="m1", text="The school closes."))
    await world.wait(minutes=3)
    await world.listener.tidy()
    await world.settle()
    assert len(world.said(bo.room)) == said
    # when a process falls over an answer
    async with world.database.transaction() as connection:
        [session] = world.listener.sessions
        await listening.heard(connection, [session], world.now)
    await world.listener.tidy()
    await world.settle()
    assert len(world.said(bo.room)) == said, "it may still be at work"
    await world.wait(minutes=3)
    await world.listener.tidy()
    await world.settle()
    assert world.last(bo.room).text.startswith("I lost the thread.")
    assert world.last(bo.room).text.endswith("What is that like for you, right now?")


async def test_what_comes_or_is_changed_after_the_end_is_not_kept_either(world: World) -> None:
    bo = await world.person("Bo")
    await world.command(bo, bo.room, "/listen")
    before = world.now
    happening = world._happening(bo.room, world.sender(bo))
    await world.happens(MessageReceived(**happening, message_id="m1", text="A secret that I tell"))
    await world.wait(minutes=1)
    await says(world, bo, "stop")
    sealed: list[bytes] = []
    seal = world.keys.seal
    world.keys.seal = lambda plain, about: sealed.append(plain) or seal(plain, about)  # type: ignore[func-returns-value, method-assign]

    # a message whose key came late, and a change of what was said
    happening = world._happening(bo.room, world.sender(bo)) | {"at": before}
    await world.happens(MessageReceived(**happening, message_id="m2", text="A secret that is late"))
    assert world.last(bo.room).text.startswith("That came late: you wrote it while I listened")
    said = len(world.said(bo.room))
    await world.wait(minutes=1)
    happening = world._happening(bo.room, world.sender(bo))
    await world.happens(MessageEdited(**happening, message_id="m1", text="A secret, changed"))
    await falls(world)
    happening = world._happening(bo.room, world.sender(bo))
    await world.happens(MessageEdited(**happening, message_id="m1", text="A secret, changed again"))
    assert len(world.said(bo.room)) == said
    assert not [plain for plain in sealed if b"secret" in plain]

    # what is written now is as always; and a week later nothing is known of the talk
    await says(world, bo, "No secret")
    assert [plain for plain in sealed if b"No secret" in plain]
    async with world.database.transaction() as connection:
        await tidy(connection, world.now + timedelta(days=8))
    async with world.work() as uow:
        assert await uow.select(Listening, lambda query: query) == []


async def test_a_room_that_moves_in_the_middle_takes_the_talk_along(world: World) -> None:
    bo = await world.person("Bo")
    await world.command(bo, bo.room, "/listen")
    there = Place(RoomKey(CHANNEL, "private-bo-anew"), private=True)
    moves = RoomMoved(**world._happening(bo.room, world.sender(bo)), to=there.key)
    words = MessageReceived(
        **world._happening(there, world.sender(bo)), message_id="m1", text="The school is to close."
    )
    sealed: list[bytes] = []
    seal = world.keys.seal
    world.keys.seal = lambda plain, about: sealed.append(plain) or seal(plain, about)  # type: ignore[func-returns-value, method-assign]
    await world.happens(moves, words)
    await world.message(bo, there, "yes, the school is to close and nobody asked us")
    assert not [plain for plain in sealed if b"school" in plain]
    assert world.last(there).text == "What is that like for you, right now?"


async def test_what_one_asks_for_of_oneself_in_the_middle(world: World) -> None:
    bo = await world.person("Bo")
    await world.command(bo, bo.room, "/listen")
    for name in ("/mydata", "/forget", "/integritet"):
        [told] = await world.command(bo, bo.room, name)
        assert "Of your words, nothing." in told.text
    assert "112" in (await world.command(bo, bo.room, "/help"))[-1].text
    assert await open_talks(world) == [way.MIND]


async def test_a_long_silence_ends_it_aloud(world: World) -> None:
    bo = await world.person("Bo")
    await world.command(bo, bo.room, "/listen")
    await world.wait(minutes=50)
    await world.listener.tidy()
    await world.settle()
    assert await open_talks(world) == [way.MIND]
    await world.wait(minutes=20)
    await world.listener.tidy()
    await world.settle()
    assert "silent for a while" in world.last(bo.room).text
    assert await open_talks(world) == []


async def test_who_is_erased_elsewhere_is_told_that_it_is_over(world: World) -> None:
    bo = await world.person("Bo")
    await world.command(bo, bo.room, "/listen")
    async with world.work() as uow:
        for one in await uow.select(Listening, lambda query: query):
            uow.remove(one)
    world.listener.hear(MessageReceived(**world._happening(bo.room, world.sender(bo)), message_id="m", text="x"), one)
    await world.settle()
    assert "Nothing of what you said is kept." in world.last(bo.room).text


async def test_what_came_before_the_promise_is_heard_and_not_handled(world: World) -> None:
    """Two messages of one batch: the second was on its way before anybody was listened to."""
    bo = await world.person("Bo")
    sender, place = world.sender(bo), bo.room
    begins = CommandGiven(**world._happening(place, sender), message_id="m1", name="listen")
    words = MessageReceived(**world._happening(place, sender), message_id="m2", text="The school is to close.")
    await world.happens(begins, words)
    assert world.last(bo.room).text == "Would you like to tell a little more?"
    async with world.work() as uow:
        assert await uow.select(Dialogue, lambda query: query) == []
        assert {row[0] for row in await uow.rows(inbox.select().with_only_columns(inbox.c.payload))} == {None}


def test_every_question_is_asked_once_at_most() -> None:
    talk, seen = Talk(), [way.MIND]
    while talk.number < way.STEP:
        talk = way.next_question(talk)
        seen.append(talk.number)
    assert seen == [*way.WAY, way.HUMAN]
    assert len(way.QUESTIONS) == 12


def test_there_is_somebody_to_call_in_every_country() -> None:
    for country, lines in HELPLINES.items():
        assert lines_for(f"{country}-1", "Europe/London")[1:] == lines
    given = {"helplines": "SE: Vårdguiden = 1177,Stödet = +46 143-150 00; XX: Här = 12"}
    own = with_own(Settings.model_validate(given).helplines)
    told = [(one.name, one.number) for one in lines_for("SE-0584", "Europe/Stockholm", own)]
    assert told == [("SOS", "112"), ("Vårdguiden", "1177"), ("Stödet", "+46 143-150 00")]
    assert lines_for("NO-1", "Europe/London", own)[1:] == HELPLINES["NO"]
    assert lines_for("", "Europe/Oslo")[1:] == HELPLINES["NO"]
    assert [one.number for one in lines_for("", "Asia/Tokyo")] == ["112"]
