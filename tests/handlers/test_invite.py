"""Inviting: what one sends on, what the link does, and what becomes known of it."""

from __future__ import annotations

import re
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from bot.chat.content import Action
from bot.chat.events import ChoiceMade
from bot.domain.groups import HelperGroup
from bot.domain.invitations import FOR_WHOM, Invitation
from bot.domain.people import Membership
from bot.domain.rooms import Room
from bot.flows.words import plain
from bot.store import invitations
from bot.views import invite as views
from bot.views.buttons import seal
from tests.handlers.deeds import stranger
from tests.handlers.world import Said, Who, World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


def link_in(said: Said) -> str:
    """The payload of the link in an invitation."""
    return next(word.partition("start=")[2] for word in said.text.split() if "start=i-" in word)


async def invited(world: World, who: Who, whom: str = "Neighbours", argument: str = "") -> tuple[Said, Said]:
    """Somebody makes an invitation; gives the text and the picture."""
    await world.command(who, who.room, f"/invite {argument}".strip())
    if world.last(who.room).labels[0] == "Neighbours":
        await world.press(who, who.room, whom)
    return world.said(who.room)[-2], world.said(who.room)[-1]


async def press_made_up(world: World, who: Who, action: Action) -> list[Said]:
    """Somebody presses a button that the bot never showed them, though its signature is right."""
    async with world.work() as uow:
        room = await uow.by(Room, world.keys.lookup("room", str(who.room.key)))
        assert room is not None
        data = seal(action, room.lookup, world.keys)
    before = list(world.said(who.room))
    event = ChoiceMade(**world._happening(who.room, world.sender(who)), message_id="m0", data=data)
    await world.happens(event)
    return [said for said in world.said(who.room) if said not in before]


async def all_invitations(world: World) -> list[Invitation]:
    async with world.work() as uow:
        return await uow.select(Invitation, lambda query: query)


async def test_an_invitation_is_a_text_to_send_on_and_the_same_as_a_picture(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna, question="How do we want to meet?")

    asked = (await world.command(anna, anna.room, "/invite"))[-1]
    assert asked.labels == [
        "Neighbours", "Somebody who is employed here", "Somebody who was elected", "An association", "Young people",
    ]  # fmt: skip
    await world.press(anna, anna.room, "Somebody who was elected")

    text, picture = world.said(anna.room)[-2:]
    assert text.id == asked.id, "the question becomes the text"
    assert text.choices == [], "it is sent on as it is"
    for part in ("Nora", "How do we want to meet?", "Why: I live here.", "who were elected", "ten minutes"):
        assert part in text.text
    assert "https://memory.example/?start=i-" in text.text
    assert picture.message.attachment is not None
    code = link_in(text).removeprefix("i-")
    assert picture.message.attachment.alt == f"A QR code that leads to https://byalag.example/i/{code}"
    assert "a page with a way in for each network" in picture.text
    world.dispatcher.web = ""
    await world.press(anna, anna.room, "Invite somebody else", on=picture)
    await world.press(anna, anna.room, "Neighbours")
    text, picture = world.said(anna.room)[-2:]
    assert picture.message.attachment is not None
    assert picture.message.attachment.alt == f"A QR code that leads to https://memory.example/?start={link_in(text)}"
    assert picture.labels == ["Invite somebody else", "A poster to print", "Add me to a group", "My links"]


async def test_a_poster_for_the_wall_has_a_link_of_its_own(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It is as if the libraries that print were not there: the page comes instead, and can be read here.
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    anna, bo = await world.person("Anna"), await world.person("Bo")
    await world.conversation(anna, question="How do <b>we</b> want to meet?", findable="invited")
    text, picture = await invited(world, anna, "Young people")

    coming, poster = await world.press(anna, anna.room, "A poster to print", on=picture)

    assert coming.text == "I am making it. It takes a moment."
    assert poster.text == "I cannot make a PDF here. Open this page in a browser and print it: that gives the same."
    assert poster.message.attachment is not None
    assert poster.message.attachment.name == "invitation.html"
    page = poster.message.attachment.data.decode()
    for words in (
        "How do &lt;b&gt;we&lt;/b&gt; want to meet?",
        "who are young",
        "data:image/svg+xml",
        "Point the camera",
    ):
        assert words in page
    codes = re.findall(r"https://byalag\.example/i/([\w-]{22})", page)
    assert len(codes) == 1
    assert codes[0] not in text.text
    assert codes[0] in page.partition("start=i-")[2], "the same in words"
    listed = (await world.press(anna, anna.room, "My links"))[-1]
    assert "1. “on the wall”, 2 March: 0 have come" in listed.text
    welcome = await world.command(bo, bo.room, f"/join {codes[0]}")
    assert "want to meet?" in welcome[-1].text


async def test_a_poster_is_one_however_often_one_presses(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    event = ChoiceMade(**world._happening(anna.room, world.sender(anna)), message_id="m0", data="")
    _text, picture = await invited(world, anna)
    data = next(choice.data for choice in picture.choices if choice.label == "A poster to print")
    presses = [msgspec.structs.replace(event, id=f"twice{n}", data=data) for n in range(2)]
    before = len(await all_invitations(world))
    await world.happens(*presses)
    assert len(await all_invitations(world)) == before + 1
    assert len([said for said in world.said(anna.room) if said.message.attachment]) == 2, "the picture and a poster"


async def test_the_words_change_with_whom_it_is_for(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    texts = set()
    for label in views.LABELS.values():
        text, _picture = await invited(world, anna, label)
        texts.add(text.text.replace(link_in(text), ""))
    assert len(texts) == len(FOR_WHOM)


async def test_the_link_leads_into_a_conversation_that_only_the_invited_find(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation_id = await world.conversation(anna, findable="invited")
    text, _picture = await invited(world, anna)

    welcome = await world.command(bo, bo.room, f"/start {link_in(text)}")

    assert "What do we want Nora to be like?" in welcome[-1].text
    async with world.work() as uow:
        me, inviter = (
            await world.participant(uow, conversation_id, bo), await world.participant(uow, conversation_id, anna)
        )  # fmt: skip
    assert me.invited_by == inviter.id


async def test_a_link_for_one_lets_one_in(world: World) -> None:
    anna, bo, cia = [await world.person(name) for name in ("Anna", "Bo", "Cia")]
    conversation_id = await world.conversation(anna, findable="invited")
    text, picture = await invited(world, anna, argument="1")
    assert "1 person can join by it." in picture.text

    await world.command(bo, bo.room, f"/start {link_in(text)}")
    await world.command(cia, cia.room, f"/start {link_in(text)}")

    async with world.work() as uow:
        for who, inside in ((bo, True), (cia, False)):
            me = await world.person_of(uow, who)
            lookup = world.keys.lookup("member", conversation_id.bytes, me.id.bytes)
            assert (await uow.by(Membership, lookup) is not None) == inside


async def test_a_link_can_be_named_and_ended(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    await world.conversation(anna, findable="invited")
    text, _picture = await invited(world, anna, argument="20 the library's notice board")

    listed = (await world.press(anna, anna.room, "My links"))[-1]
    assert "1. “the library's notice board”, 2 March: 0 of 20 have come" in listed.text
    ended = (await world.press(anna, anna.room, "End 1"))[-1]

    assert ended.id == listed.id
    assert "You have no open link now." in ended.text
    answer = await world.command(bo, bo.room, f"/start {link_in(text)}")
    assert "opens no conversation" in answer[-1].text


async def test_the_name_of_a_link_has_the_quotes_of_ones_language(world: World) -> None:
    anna = await world.person("Anna", locale="sv")
    await world.conversation(anna, findable="invited")
    await world.command(anna, anna.room, "/inbjudan anslagstavlan")
    listed = (await world.press(anna, anna.room, "Mina länkar"))[-1]
    assert "1. ”anslagstavlan”, 2 mars" in listed.text
    assert "“" not in listed.text


async def test_a_link_ends_by_itself_after_half_a_year(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    await world.conversation(anna, findable="invited")
    text, picture = await invited(world, anna)
    assert "It works until 29 August, or until you end it." in picture.text

    await world.wait(days=181)

    assert "opens no conversation" in (await world.command(bo, bo.room, f"/start {link_in(text)}"))[-1].text


async def test_only_the_host_sees_how_it_has_spread_and_only_in_numbers(world: World) -> None:
    anna, bo, cia, dan = [await world.person(name) for name in ("Anna", "Bo", "Cia", "Dan")]
    await world.conversation(anna, findable="invited")
    text, _picture = await invited(world, anna)
    await world.command(bo, bo.room, f"/start {link_in(text)}")
    await world.command(cia, cia.room, f"/start {link_in(text)}")
    text, _picture = await invited(world, bo)
    await world.command(dan, dan.room, f"/start {link_in(text)}")

    to_host = (await world.press(anna, anna.room, "My links"))[-1].text
    to_guest = (await world.press(bo, bo.room, "My links"))[-1].text

    assert "3 people have come by invitation." in to_host
    assert "2 people have invited others (how many each: 2, 1)." in to_host
    assert not any(name in to_host for name in ("Anna", "Bo", "Cia", "Dan"))
    assert "1. Neighbours, 2 March: 1 has come" in to_guest
    assert "have invited" not in to_guest


async def test_nobody_ends_anothers_link_but_the_host(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation_id = await world.conversation(anna, bo)
    await invited(world, anna)
    await invited(world, bo)
    mine, others = sorted(
        (one for one in await all_invitations(world) if one.purpose == "join"), key=lambda one: one.created_at
    )

    await press_made_up(world, bo, Action("endlink", conversation_id, mine.id))
    assert all(one.ended_at is None for one in await all_invitations(world))

    await press_made_up(world, anna, Action("endlink", conversation_id, others.id))
    assert [one.id for one in await all_invitations(world) if one.ended_at] == [others.id]


async def test_twenty_invitations_a_day_are_enough(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    for _ in range(20):
        await invited(world, anna)

    refused = (await world.command(anna, anna.room, "/invite one more"))[-1]
    assert "Those that you have still work" in refused.text
    assert refused.labels == ["My links"]
    assert len([one for one in await all_invitations(world) if one.purpose == "join"]) == 20

    listed = (await world.press(anna, anna.room, "My links"))[-1].text
    assert "And 14 older ones." in listed
    await world.wait(days=1, seconds=1)
    text, _picture = await invited(world, anna)
    assert link_in(text)


async def test_without_a_conversation_there_are_two_ways_into_one(world: World) -> None:
    anna = await world.person("Anna")
    answer = (await world.command(anna, anna.room, "/invite"))[-1]
    assert answer.labels == ["Begin a conversation", "Join one"]
    assert await all_invitations(world) == []


async def test_a_stranger_with_a_button_of_an_invited_conversation_gets_none(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation_id = await world.conversation(anna, findable="invited")
    for verb in ("forwhom", "links", "invite"):
        answer = await press_made_up(world, bo, Action(verb, conversation_id, arg="0" if verb == "forwhom" else ""))
        assert "for those who were invited" in answer[-1].text
    assert await all_invitations(world) == []


async def test_in_a_group_one_gets_a_line_to_send_on_and_a_way_to_the_rest(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation_id = await world.conversation(anna, bo)
    garden = await world.group("Garden", conversation_id)

    said = (await world.command(bo, garden, "/invite"))[-1]

    assert "What do we want Nora to be like?" in said.text
    assert said.message.only_for == ""
    assert link_in(said)
    asked = (await world.press(bo, garden, "A longer text and a picture"))[-1]
    assert asked.labels[0] == "Neighbours"


async def test_a_code_is_kept_only_as_its_hash(world: World, tmp_path: Path) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    text, picture = await invited(world, anna)
    codes = [link_in(text).removeprefix("i-"), picture.choices[2].start.removeprefix("r-")]

    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())  # noqa: ASYNC240 (nothing else runs)

    assert all(len(code) == 22 and code.encode() not in kept for code in codes)
    async with world.work() as uow:
        assert all([await invitations.find(uow, code, world.now) for code in codes])
        assert await invitations.find(uow, "x" * 22, world.now) is None
        assert await invitations.find(uow, "", world.now) is None
        assert await invitations.find(uow, "x" * 5000, world.now) is None


@pytest.mark.parametrize(
    ("argument", "limit", "name"),
    [
        ("", 0, ""),
        ("10", 10, ""),
        ("0", 0, ""),
        ("99999999999999", 9999, ""),
        ("10 The choir", 10, "The choir"),
        ("The choir 10", 0, "The choir 10"),
        ("²", 0, "²"),
        ("\u202echoir\n\nof   Nora", 0, "choir of Nora"),
        ("x" * 500, 0, "x" * 39 + "…"),
    ],
)
async def test_what_is_written_after_the_command_is_a_limit_a_name_or_both(
    world: World, argument: str, limit: int, name: str
) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    await invited(world, anna, argument=argument)
    [made] = [one for one in await all_invitations(world) if one.purpose == "join"]
    assert (made.limit, made.name) == (limit, name)


def test_each_network_gets_its_line_and_a_link_that_says_too_little_is_completed() -> None:
    lines = views.ways_in(
        {
            "telegram": "https://t.me/byalag_bot?start=i-CODE",
            "telegram:second": "https://t.me/other_bot?start=i-CODE",
            "matrix": "https://matrix.to/#/@byalag:example.org",
            "console": "/start i-CODE",
        },
        "CODE",
    )
    assert [plain(line) for line in lines] == [
        "Telegram: https://t.me/byalag_bot?start=i-CODE",
        "Matrix: https://matrix.to/#/@byalag:example.org, and write there: join CODE",
        "Here in the terminal: /start i-CODE",
    ]


def test_the_picture_shows_a_link_that_a_phone_can_open() -> None:
    links = {
        "console": "/start i-CODE",
        "telegram": "https://t.me/b?start=i-CODE",
        "matrix": "https://matrix.to/#/@b:c → !start i-CODE",
    }
    assert views.best_link(links, "console") == (links["telegram"], "telegram")
    assert views.best_link(links, "matrix") == ("https://matrix.to/#/@b:c", "matrix")
    assert views.best_link({"console": "/start i-CODE"}, "console") == ("/start i-CODE", "console")
    told = [plain(views.to_one(*views.best_link(links, channel), "CODE")) for channel in ("console", "matrix")]
    assert told == ["It leads to Telegram.", "It leads to Matrix. There one writes: join CODE"]


@pytest.mark.parametrize(
    "link", ["/start i-CODE", "https://t.me/byalag_bot?start=i-" + "x" * 22, "https://" + "x" * 300]
)
def test_the_picture_is_square_and_fits_a_phone(link: str) -> None:
    drawn = views.qr(link)
    assert drawn.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", drawn[16:24])
    assert width == height
    assert 400 <= width <= 600
    assert len(drawn) < 5000


def test_a_made_up_answer_to_for_whom_is_for_neighbours() -> None:
    assert views.meant_for("1.10") == ("employee", 10)
    for arg in ("", "9", "x", "-1", "0.x"):
        assert views.meant_for(arg) == ("neighbours", 0)


def test_every_invitation_fits_a_phone_screen() -> None:
    from bot.domain.conversation import MAX_QUESTION, MAX_WHY, Conversation
    from tests.handlers.world import NOON

    longest = Conversation(
        UUID(int=1), "", "N" * 40, "q" * MAX_QUESTION, "w " * (MAX_WHY // 2), (), "", "meeting", "invited", "", "en",
        "Europe/Stockholm", UUID(int=2), NOON,
    )  # fmt: skip
    links = {"telegram": "https://t.me/b?start=i-" + "x" * 22, "matrix": "https://matrix.to/#/@byalag:example.org"}
    for whom in FOR_WHOM:
        content = views.to_forward(longest, whom, links, "x" * 22)
        assert len("\n".join(plain(block.words) for block in content.blocks)) < 1200


async def test_who_is_invited_into_a_helper_group_is_shown_its_card(world: World) -> None:
    anna, eva = await world.person("Anna"), stranger("Eva")
    await world.conversation(anna, question="How do we want to meet?", findable="invited")
    await world.command(anna, anna.room, "/lead Read with the children")
    for label in ("Skip", "Skip", "Skip", "Take the lead", "Invite others"):
        await world.press(anna, anna.room, label)

    text, picture = world.said(anna.room)[-2:]
    assert text.text.split("\n")[:3] == [
        "We are doing something in Nora, and you can help.", "Read with the children",
        "You give the time you have, and leave when you like.",
    ]  # fmt: skip
    assert picture.message.attachment is not None
    welcome, card = await world.command(eva, eva.room, f"/start {link_in(text)}")
    assert "How do we want to meet?" in welcome.text
    assert card.text.startswith("Helper group: Read with the children")
    assert card.labels[:2] == ["I join in", "I leave"]


async def test_in_a_helper_groups_own_room_one_invites_into_it(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    garden = await world.group("Garden", conversation)
    await world.command(anna, anna.room, "/lead Dig")
    for label in ("Skip", "Skip", "Skip", "Take the lead"):
        await world.press(anna, anna.room, label)
    async with world.work() as uow:
        [group] = await uow.select(HelperGroup, lambda query: query)
        room = await uow.by(Room, world.keys.lookup("room", str(garden.key)))
        assert room is not None
        uow.save(msgspec.structs.replace(room, group_id=group.id))

    [said] = await world.command(anna, garden, "/invite 3")
    assert "Dig" in said.text
    assert [(one.group_id, one.limit) for one in await all_invitations(world)][-1] == (group.id, 3)
