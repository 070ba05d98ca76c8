"""Needs and offers: said with a conversation or without, brought together, never a name before both have said yes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest_asyncio

from bot.chat.content import Action
from bot.chat.events import BotRemoved
from bot.domain.needs import MAX_HELP, Help, Match
from bot.domain.people import Account
from bot.store import needs as queries
from bot.store import schema
from tests.handlers.deeds import count, end_conversation, press_data, press_old, sealed, starts_anew, stranger
from tests.handlers.world import Said, Who, World


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


async def needs(world: World, who: Who, text: str, place: str = "Nora") -> Said:
    """Somebody in no conversation needs something."""
    await world.command(who, who.room, f"/need {text}")
    await world.message(who, who.room, place)
    return world.last(who.room)


async def offers(world: World, who: Who, text: str, *, listens: bool = False) -> Said:
    """Somebody in no conversation offers something."""
    await world.command(who, who.room, f"/offer {text}")
    await world.message(who, who.room, "Nora")
    await world.press(who, who.room, "Yes, I can" if listens else "No, not now")
    return world.last(who.room)


async def says_yes(world: World, who: Who, label: str, way: str = "") -> Said:
    await world.press(who, who.room, label)
    await (world.message(who, who.room, way) if way else world.press(who, who.room, "Skip"))
    return world.last(who.room)


async def press_told(world: World, who: Who, label: str) -> list[Said]:
    """Press a button of what somebody was told with the day's message, where it may have a number."""
    found = [one for said in reversed(world.said(who.room)) for one in said.labels if one.endswith(label)]
    return await world.press(who, who.room, found[0])


async def kept(world: World) -> tuple[list[Help], list[Match]]:
    async with world.work() as uow:
        helps = await uow.select(Help, lambda query: query.order_by(schema.help_.c.created_at))
        return helps, await uow.select(Match, lambda query: query)


def texts(world: World, who: Who) -> str:
    return "\n".join(said.text for said in world.said(who.room))


async def test_two_are_introduced_only_when_both_say_yes(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    told = await needs(world, anna, "Somebody who reads aloud to my mother")
    assert "Nobody has offered just that yet." in told.text
    told = await offers(world, bo, "I read aloud for anybody who likes it")
    assert "1. Somebody who reads aloud to my mother" in told.text

    told = await says_yes(world, bo, "Yes to 1", "Ring 0123")
    assert told.text.startswith("Thank you. I ask them, too.")
    assert "Anna" not in texts(world, bo)
    await world.wait(hours=8)
    asked = world.last(anna.room)
    assert "I read aloud for anybody" in asked.text
    assert "They have said yes already." in asked.text
    assert "Bo" not in texts(world, anna)
    assert "0123" not in texts(world, anna)

    told = await says_yes(world, anna, "Yes, gladly")
    assert "This is Bo:" in told.text
    assert "Reach them here: Ring 0123" in told.text
    await world.wait(days=1)
    assert "This is Anna:" in world.last(bo.room).text
    assert world.last(bo.room).labels == [], "they know how to reach Bo"

    await world.press(anna, anna.room, "Say how to reach me")
    await world.message(anna, anna.room, "anna@example.org")
    await world.wait(days=1)
    assert "Reach them here: anna@example.org" in world.last(bo.room).text


async def test_ones_account_is_shared_by_a_press_and_with_nobody_else(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    await needs(world, anna, "Somebody who reads aloud to my mother")
    await offers(world, bo, "I read aloud for anybody who likes it")

    [asked] = await world.press(bo, bo.room, "Yes to 1")
    assert "With one press you share your account here: https://memory.example/@bo" in asked.text
    assert "only when both of you have said yes" in asked.text
    await world.press(bo, bo.room, "Share my account")
    await world.wait(hours=8)
    assert "@bo" not in texts(world, anna)
    told = await says_yes(world, anna, "Yes, gladly")
    assert "Reach them here: https://memory.example/@bo" in told.text
    await world.wait(days=1)
    assert "They have left no way to be reached yet." in world.last(bo.room).text
    assert "They are told how to reach you: https://memory.example/@bo" in world.last(bo.room).text

    [asked] = await world.press(anna, anna.room, "Say how to reach me")
    assert "Only Bo sees this." in asked.text
    [told] = await world.press(anna, anna.room, "Skip")
    assert told.text == "Good. Nothing is shared."
    await world.press(anna, anna.room, "Say how to reach me")
    await world.press(anna, anna.room, "Share my account")
    await world.wait(days=1)
    assert "Reach them here: https://memory.example/@anna" in world.last(bo.room).text


async def test_on_different_networks_words_or_a_helper_group_bring_them_together(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    async with world.work() as uow:
        account = await uow.by(Account, world.keys.lookup("account", str(bo.account)))
        assert account is not None
        uow.save(msgspec.structs.replace(account, channel="another network"))
    await needs(world, anna, "Somebody who reads aloud to my mother")
    await offers(world, bo, "I read aloud for anybody who likes it")
    await says_yes(world, bo, "Yes to 1")
    await world.wait(hours=8)

    [asked] = await world.press(anna, anna.room, "Yes, gladly")
    assert "a phone number or an e-mail address works for both" in asked.text
    assert "Share my account" not in asked.labels
    [told] = await world.press(anna, anna.room, "Skip")
    assert "You have left no way to be reached yet, either." in told.text
    assert told.labels == ["Say how to reach me"], "whoever helps makes the group"
    await world.wait(days=1)
    assert "A helper group can have a room in each." in world.last(bo.room).text
    assert await press_told(world, bo, "Make a helper group")
    await world.wait(days=1)
    assert "A helper group has formed for you" in texts(world, anna)


async def test_who_has_blocked_the_bot_is_not_waited_for(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    await offers(world, bo, "I read aloud for anybody who likes it")
    await world.happens(BotRemoved(**world._happening(bo.room, world.sender(bo))))
    told = await needs(world, anna, "Somebody who reads aloud to my mother")
    assert "Nobody has offered just that yet." in told.text
    assert (await kept(world))[1] == []
    await offers(world, bo, "I read aloud on Sundays")
    [told] = await world.press(bo, bo.room, "Yes, say it")
    assert "1. Somebody who reads aloud to my mother" in told.text, "who is back is asked"


async def test_a_no_is_silent_and_nobody_is_asked_twice_about_the_same_pair(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    await needs(world, anna, "Help with the garden")
    await offers(world, bo, "I can do garden work")
    told = await world.press(bo, bo.room, "No to 1")
    assert told[0].text.startswith("That is fine.")
    await world.wait(hours=8)
    await world.press(anna, anna.room, "No, not this")

    starts_anew(world)
    await world.wait(days=4)
    assert "garden work" not in world.last(anna.room).text
    helps, [match] = await kept(world)
    assert (match.need_says, match.offer_says, match.introduced_at) == (-1, -1, None)
    assert {one.state for one in helps} == {"open"}
    assert await press_old(world, bo, bo.room, world.last(bo.room), "All of mine") == ""


async def test_a_need_without_anybody_is_shown_again_a_few_times_and_rests_then(world: World) -> None:
    anna, host = await world.person("Anna"), await world.person("Host")
    conversation = await world.conversation(host, anna)
    room = await world.group("Nora", conversation)
    await world.command(anna, anna.room, "/need Somebody who mends my bicycle")
    await world.press(anna, anna.room, "All here")
    [card] = world.said(room)
    assert "Somebody who mends my bicycle" in card.text
    assert "Anna" not in card.text
    assert card.labels == ["I can help", "Helper groups", "This is not all right"]

    await world.wait(days=3)
    await world.wait(days=7)
    assert len(world.said(room)) == 3, "shown again after three days, and after ten"
    await world.wait(days=20)
    await world.wait(hours=8)
    assert "It rests now." in world.last(anna.room).text
    [one], _ = await kept(world)
    assert one.state == "resting"
    await world.press(anna, anna.room, "Say it again")
    [one], _ = await kept(world)
    assert (one.state, one.shown) == ("open", 0)
    await world.wait(days=1)
    await world.press(anna, anna.room, "It is met")
    assert [said.text.partition("\n")[2] or said.text for said in world.said(room)] == [
        *["Somebody still needs support. You find it further down."] * 3,
        "This need is met. Thank you, whoever helped.",
    ], "no old card keeps the words"
    await world.wait(days=60)
    assert len(world.said(room)) == 4
    assert await count(world, "due") == 0


async def test_helpers_hold_together_and_one_press_makes_a_group(world: World) -> None:
    host, teacher = await world.person("Host"), await world.person("Teacher")
    bo, cia = await world.person("Bo"), await world.person("Cia")
    conversation = await world.conversation(host, teacher, bo, cia)
    room = await world.group("Nora", conversation)
    await world.command(teacher, room, "/need Readers in class three, on Mondays")
    card = world.said(room)[0]
    assert "Readers in class three" in card.text
    for who in (bo, cia):
        await world.press(who, room, "I can help", on=card)
        await world.press(who, who.room, "Skip")
        await world.message(who, who.room, f"Ask {who.name}")
    await world.command(teacher, teacher.room, "/need")
    await world.press(teacher, teacher.room, "1.")
    await says_yes(world, teacher, "Yes to 1")
    await world.command(teacher, teacher.room, "/need")
    await world.press(teacher, teacher.room, "1.")
    told = await says_yes(world, teacher, "Yes to 1")
    assert "Who holds the group together" not in texts(world, teacher), "never the one in need"
    assert "This is Cia:" in told.text
    await world.wait(days=1)
    assert "Who holds the group together, so that the teacher can teach?" in texts(world, bo)
    assert "Who holds the group together, so that the teacher can teach?" in texts(world, cia)

    await press_told(world, bo, "I hold it together")
    assert "Helper group: Readers in class three" in texts(world, bo)
    await press_told(world, cia, "I hold it together")
    assert "You are 2 now, and Bo holds it together." in [*world.answers.values()][-1].text
    assert world.last(cia.room).text.startswith("Helper group: Readers in class three"), (
        "its card, wherever there are no rooms"
    )
    await world.wait(days=1)
    await press_told(world, teacher, "I join in")
    assert any("A helper group has formed: “Readers in class three" in said.text for said in world.said(room))


async def test_without_any_conversation_the_helpers_get_one(world: World) -> None:
    anna, bo, cia = await world.person("Anna"), await world.person("Bo"), await world.person("Cia")
    await needs(world, anna, "Somebody to walk the dog with")
    for who in (bo, cia):
        await offers(world, who, f"I walk a dog with pleasure, says {who.name}")
        await says_yes(world, who, "Yes to 1", "Ring me")
    for _ in range(2):
        await world.command(anna, anna.room, "/need")
        await world.press(anna, anna.room, "1.")
        await says_yes(world, anna, "Yes to 1")
    await world.wait(days=1)

    assert "so that whoever asked for support can do their part?" in texts(world, cia)
    await press_told(world, cia, "I hold it together")
    await press_told(world, bo, "I hold it together")

    assert "Helper group: I walk a dog with pleasure, says Cia" in texts(world, cia), "the need was for a few only"
    assert await count(world, "conversation") == 1
    assert await count(world, "group_member") == 2


async def test_what_is_for_the_invited_stays_among_them(world: World) -> None:
    anna, bo, cia = await world.person("Anna"), await world.person("Bo"), await world.person("Cia")
    await world.conversation(anna, bo, findable="invited")
    await world.command(anna, anna.room, "/need Help with homework in maths")
    await world.press(anna, anna.room, "Only those")
    told = await offers(world, cia, "I help with homework in maths")
    assert "Nobody has asked for just that yet." in told.text

    await world.command(bo, bo.room, "/offer Homework, maths and physics")
    await world.press(bo, bo.room, "Yes, I can listen")
    assert "1. Help with homework in maths" in world.last(bo.room).text
    async with world.work() as uow:
        assert [one.text for one in await queries.listeners(uow, "SE-1884", "Nora")] == []


async def test_where_nobody_moderates_three_people_hide_words(world: World) -> None:
    anna = await world.person("Anna")
    others = [await world.person(name) for name in ("Bo", "Cia", "Dag")]
    await needs(world, anna, "Stupid words about a garden")
    for number, who in enumerate(others):
        await offers(world, who, "I can do garden work")
        [one] = [one for one in (await kept(world))[0] if one.kind == "need"]
        assert one.state == "open", number
        data = await sealed(world, who.room, Action("badhelp", subject=one.id))
        assert "Thank you for saying so." in await press_data(world, who, who.room, data)
        assert "already" in await press_data(world, who, who.room, data)
    [one] = [one for one in (await kept(world))[0] if one.kind == "need"]
    assert one.state == "hidden"
    await world.wait(days=2)
    assert "not all right:" in texts(world, anna)

    await world.press(anna, anna.room, "Change the words")
    await world.message(anna, anna.room, "Somebody who helps me to find the right words")
    [one] = [one for one in (await kept(world))[0] if one.kind == "need"]
    assert one.state == "open"


async def test_wrong_words_lose_nothing_and_danger_is_met_with_a_number(world: World) -> None:
    anna = await world.person("Anna")
    await world.command(anna, anna.room, f"/need {'x' * 4000}")
    assert f"That is 4000 characters; at most {MAX_HELP} fit." in world.last(anna.room).text
    await world.message(anna, anna.room, "My neighbour threatens me, I need somebody")
    await world.message(anna, anna.room, "Nora")
    assert "Call 112." in world.last(anna.room).text

    loose = await world.group("Loose")
    await world.command(anna, loose, "/offer I can lend a drill")
    assert "I have asked you about it in private." in world.last(loose).text
    assert "One more thing" in world.last(anna.room).text
    await world.press(anna, anna.room, "Stop")
    [talk] = await world.message(anna, anna.room, "Can somebody help me with a drill?")
    assert talk.labels[0] == "It is something I need"


async def test_buttons_of_others_and_of_before_change_nothing(world: World) -> None:
    anna, bo, eva = await world.person("Anna"), await world.person("Bo"), await world.person("Eva")
    await needs(world, anna, "Help with the garden")
    await offers(world, bo, "I can do garden work")
    helps, [match] = await kept(world)
    for action in (
        Action("match", subject=match.id, arg="yes"),
        Action("aid", subject=helps[0].id, arg="back"),
        Action("holds", subject=helps[0].id),
        Action("badhelp", subject=helps[0].id),
        Action("offer", subject=helps[0].id),
    ):
        before = await kept(world)
        await press_data(world, eva, eva.room, await sealed(world, eva.room, action))
        assert await kept(world) == before
    await says_yes(world, bo, "Yes to 1")
    await world.press(bo, bo.room, "All of mine")
    await world.command(anna, anna.room, "/forget")
    await world.press(anna, anna.room, "Erase all")
    yes = Action("match", subject=match.id, arg="yes")
    assert "not here any more" in await press_data(world, bo, bo.room, await sealed(world, bo.room, yes))
    helps, matches = await kept(world)
    assert [one.text for one in helps] == ["I can do garden work"]
    assert matches == []


async def test_it_works_when_the_conversation_has_ended_and_for_a_stranger(world: World) -> None:
    anna, new = await world.person("Anna"), stranger("New")
    await end_conversation(world, await world.conversation(anna))
    await world.command(anna, anna.room, "/need A ladder for a day")
    assert "Place: Nora" in world.last(anna.room).text
    await world.press(anna, anna.room, "Yes, say it")

    await offers(world, new, "I can lend you a ladder")
    await world.press(new, new.room, "Yes")
    assert "1. A ladder for a day" in world.last(new.room).text
