"""Stories: what came of it goes to the conversation and into the harvest, and can be tried elsewhere."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from uuid6 import uuid7

from bot.chat.content import Action
from bot.chat.events import CommandGiven, Media, MessageReceived
from bot.chat.keys import RoomKey
from bot.delivery.pictures import LONGEST, NoPicture, cleaned
from bot.domain.groups import GroupMember, HelperGroup
from bot.domain.rooms import Room, RoomSecret
from bot.domain.steps import MAX_STORY, Story, StoryPicture
from bot.reporting.document import document
from bot.reporting.markdown import markdown
from bot.store.harvest import load_harvest
from tests.handlers.deeds import change_me, ideas_of, press_data, sealed
from tests.handlers.world import CHANNEL, Place, Said, Who, World


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


async def test_a_story_is_told_shown_harvested_hidden_and_erased(world: World) -> None:
    anna, host = await world.person("Anna"), await world.person("Host")
    conversation = await world.conversation(host, anna)
    room = await world.group("Nora", conversation)
    await world.command(anna, anna.room, "/story")
    await world.message(anna, anna.room, "x" * 4000)
    assert f"at most {MAX_STORY} fit" in world.last(anna.room).text
    await world.message(anna, anna.room, "Six neighbours came, and the coffee ran out.")
    await world.press(anna, anna.room, "Without my name")
    assert "Thank you for telling it." in world.last(anna.room).text
    [card] = world.said(room)
    assert "the coffee ran out" in card.text
    assert "Anna" not in card.text
    await world.command(anna, room, "/story And cake, too")
    assert "From Anna" in world.last(room).text

    async with world.work() as uow:
        told = await load_harvest(uow, conversation, world.now)
    assert [(one.text, one.by) for one in told.stories] == [
        ("And cake, too", "Anna"), ("Six neighbours came, and the coffee ran out.", ""),
    ]  # fmt: skip
    for locale in ("sv", "en"):
        assert b"the coffee ran out" in markdown(document(told, locale))

    await world.press(host, room, "This is not all right", on=card)
    await world.press(host, host.room, "2")
    await world.command(host, host.room, "/mod")
    await world.press(host, host.room, "Hide it")
    assert "A moderator has hidden this story." in card.text
    await world.command(anna, anna.room, "/forget")
    await world.press(anna, anna.room, "Erase all")
    assert "taken back" in world.last(room).text
    async with world.work() as uow:
        assert [(one.text, one.named) for one in await uow.select(Story, lambda query: query)] == [("", False)] * 2


async def test_a_story_of_another_place_becomes_an_idea_or_a_helper_group_here(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    there = await world.conversation(anna)
    closed = await world.conversation(anna, findable="invited")
    for scope, text in ((closed, "Only for us"), (there, "We opened the mill on Sundays")):
        async with world.work() as uow:
            me = await world.participant(uow, scope, anna)
            told = Story(scope, scope, me.id, text, world.now)
            uow.add(told)
    here = await world.conversation(bo)

    [said] = await world.command(bo, bo.room, "/stories")
    assert "Nobody has told a story yet." in said.text
    await world.press(bo, bo.room, "Stories of other places")
    assert "We opened the mill on Sundays" in world.last(bo.room).text
    assert "Another story" not in world.last(bo.room).labels, "what is for the invited stays there"
    await world.press(bo, bo.room, "Try it here")
    await world.press(bo, bo.room, "Give it as an idea")
    await world.press(bo, bo.room, "Give it with my name")
    assert [one.text for one in await ideas_of(world, here)] == ["We opened the mill on Sundays"]
    lead = Action("tryit", there, there, "lead")
    await press_data(world, bo, bo.room, await sealed(world, bo.room, lead))
    assert "Whom or what do you want to support?" in world.last(bo.room).text
    secret = Action("tryit", closed, closed)
    assert "invited" in await press_data(world, bo, bo.room, await sealed(world, bo.room, secret))
    back = Action("tale", there, there, "back")
    assert "somebody else" in await press_data(world, bo, bo.room, await sealed(world, bo.room, back))


def photo(width: int = 3000, height: int = 2000) -> bytes:
    """A photo as a telephone takes it: lying on its side, with the place in it."""
    from PIL import Image

    made, written = Image.new("RGB", (width, height), "red"), io.BytesIO()
    noted = Image.Exif()
    noted[0x0112], noted[0x010F] = 6, "Canary camera"
    noted.get_ifd(0x8825)[1] = "N"
    made.save(written, "JPEG", exif=noted)
    return written.getvalue()


async def sends(world: World, who: Who, ref: str, caption: str = "") -> list[Said]:
    event = MessageReceived(
        **world._happening(who.room, world.sender(who)), message_id=world.network.new_id(), text=caption, kind="photo",
        media=Media(ref, "picture"),
    )  # fmt: skip
    return await world._does(who.room, event)


def test_a_picture_is_upright_smaller_and_tells_nothing_else() -> None:
    from PIL import Image

    kept = cleaned(photo())
    assert b"Canary" not in kept
    with Image.open(io.BytesIO(kept)) as found:
        assert found.height == LONGEST
        assert found.width < found.height, "it stands upright"
        assert dict(found.getexif()) == {}
    for nothing in (b"", b"nothing", photo()[:3000], b"<svg/>"):
        with pytest.raises(NoPicture):
            cleaned(nothing)


async def test_a_picture_goes_with_a_story(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    room = await world.group("Nora", conversation)
    world.network.media |= {"good": photo(), "bad": b"nothing"}
    await sends(world, anna, "good", "We painted the bench")
    await world.press(anna, anna.room, "It is what came of something")
    await world.press(anna, anna.room, "Yes, with my name")
    assert "The picture stands with your story now." in world.last(anna.room).text
    [card, picture] = world.said(room)
    assert "We painted the bench" in card.text
    assert picture.message.attachment is not None
    assert picture.message.attachment.alt == "A picture to the story “We painted the bench”"
    async with world.work() as uow:
        told = await load_harvest(uow, conversation, world.now)
    assert told.stories[0].picture.startswith(b"\xff\xd8")
    assert document(told, "en").sections

    await world.command(anna, anna.room, "/story And the fence")
    await world.press(anna, anna.room, "Without my name")
    await sends(world, anna, "bad")
    assert "I could not read that picture." in world.last(anna.room).text
    await sends(world, anna, "gone")
    assert "I could not read that picture." in world.last(anna.room).text
    await world.wait(hours=2)
    [asked] = await sends(world, anna, "good")
    assert "Write a few words" in asked.text
    await world.command(anna, anna.room, "/forget")
    await world.press(anna, anna.room, "Erase all")
    async with world.work() as uow:
        assert (await load_harvest(uow, conversation, world.now)).stories == ()


async def captions(world: World, who: Who, room: Place, name: str, words: str) -> list[Said]:
    """Somebody sends a photo with a command below it."""
    event = CommandGiven(
        **world._happening(room, world.sender(who)), message_id=world.network.new_id(), name=name, argument=words,
        media=Media("good", "picture"),
    )  # fmt: skip
    return await world._does(room, event)


async def test_a_command_below_a_photo_takes_the_words_and_a_story_the_picture_too(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    room = await world.group("Nora", conversation)
    world.network.media |= {"good": photo(300, 200)}
    await captions(world, anna, room, "idea", "A bench")
    await captions(world, anna, anna.room, "idea", "A lamp")
    await world.press(anna, anna.room, "Give it with my name")
    assert [one.text for one in await ideas_of(world, conversation)] == ["A bench", "A lamp"]
    assert [said for said in world.said(room) if said.message.attachment] == [], "ideas have no pictures"

    await captions(world, anna, room, "story", "We built it")
    await sends(world, anna, "good", "story")
    await world.message(anna, anna.room, "We lit it")
    await world.press(anna, anna.room, "Yes, with my name")
    async with world.work() as uow:
        assert [one.pictured for one in await uow.select(Story, lambda query: query)] == [True, True]
    await world.command(anna, anna.room, "/story And nothing else")
    await world.press(anna, anna.room, "Yes, with my name")
    [asked] = await sends(world, anna, "good", "idea")
    assert "idea" in asked.text, "a photo with a command below it is what the command says"


async def test_a_picture_goes_from_the_rooms_with_its_story_and_comes_back_with_it(world: World) -> None:
    anna, mo = await world.person("Anna"), await world.person("Mo")
    conversation = await world.conversation(anna, mo)
    room = await world.group("Nora", conversation)
    await change_me(world, conversation, mo, role="moderator")
    world.network.media |= {"good": photo(300, 200)}
    for words in ("We painted the bench", "We painted the fence"):
        await sends(world, anna, "good", words)
        await world.press(anna, anna.room, "It is what came of something")
        await world.press(anna, anna.room, "Yes, with my name")
    bench = world.said(room)[0]
    assert len([said for said in world.said(room) if said.message.attachment]) == 2

    await world.command(mo, room, "/report spam", reply_to=bench)
    [again] = await world.command(mo, room, "/report spam", reply_to=world.said(room)[1])
    assert "already" in again.text, "a reply to the picture means its story"
    await world.command(mo, mo.room, "/mod")
    await world.press(mo, mo.room, "Leave it as it is")
    await world.command(mo, mo.room, "/mod undo")
    await world.command(mo, mo.room, "/mod")
    [hidden] = await world.press(mo, mo.room, "Hide it")
    assert "A moderator has hidden this story." in bench.text
    assert len([said for said in world.said(room) if said.message.attachment]) == 1
    await world.press(mo, mo.room, "Undo", on=hidden)
    assert len([said for said in world.said(room) if said.message.attachment]) == 2

    await world.press(anna, anna.room, "Take it back")
    await world.command(anna, anna.room, "/forget")
    await world.press(anna, anna.room, "Erase all")
    assert [said for said in world.said(room) if said.message.attachment] == []
    async with world.work() as uow:
        assert await uow.select(StoryPicture, lambda query: query) == []


async def test_a_story_of_a_helper_group_told_in_private_is_shown_in_its_own_room_too(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    shared, rooms = await world.group("Nora", conversation), []
    async with world.work() as uow:
        me = await world.participant(uow, conversation, anna)
        for name in ("Painters", "Bakers"):
            group = HelperGroup(conversation, uuid7(), me.id, name, "", "", "", world.now)
            key = RoomKey(CHANNEL, f"group-{name}")
            made = Room(
                uuid7(), CHANNEL, world.keys.lookup("room", str(key)), RoomSecret(key, name), private=False,
                created_at=world.now, locale="en", conversation_id=conversation, group_id=group.id,
            )  # fmt: skip
            rooms.append(Place(key, private=False, title=name))
            for one in (group, GroupMember(conversation, group.id, me.id, world.now), made):
                uow.add(one)
    world.network.media |= {"good": photo(300, 200)}
    await world.command(anna, anna.room, "/story The bench is red now")
    await world.press(anna, anna.room, "Painters")
    await world.press(anna, anna.room, "Yes, with my name")
    await sends(world, anna, "good")

    painters, bakers = rooms
    for room in (shared, painters):
        card, picture = world.said(room)
        assert "The bench is red now\nFrom Anna\nHelper group: Painters" in card.text
        assert picture.message.attachment is not None
    assert world.said(bakers) == []
