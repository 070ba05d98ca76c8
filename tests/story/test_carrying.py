"""A helper group that talks on both networks: what is said in one room is carried into the other, of those who say yes.

Matrix is a real Synapse, and the group's room there, which the bot makes, is encrypted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.contract import png
from tests.peers.synapse import Synapse
from tests.peers.telegram import Group
from tests.story.matrix import BothTown, MatrixNeighbour, MatrixRoom, both
from tests.story.one_group import a_word_and_its_reply, asks_to_carry, links_a_group
from tests.story.scenes import begins_a_conversation, invites, newest, says_yes
from tests.story.world import Neighbour

pytestmark = pytest.mark.xdist_group("both")

HILL = "En kälkbacke vid den gamla skolan"


@pytest.fixture
async def town(synapse: Synapse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BothTown]:
    async with both(synapse, tmp_path, monkeypatch) as made:
        yield made


async def test_two_rooms_of_a_helper_group_hear_each_other(town: BothTown) -> None:
    # given a helper group: Bo holds it together, in a room on Matrix that the bot made; Anna has a group in Telegram
    anna, bo, group, room = await gathered(town)

    # when Bo begins it, the bot says first what it lacks
    await asks_to_carry(town, bo, room)
    assert "Jag kan inte läsa med i gruppens rum i Telegram." in bo.last.body
    group.promote_bot(by=anna.person)
    await town.settled()
    await bo.presses("carry", newest(town, bo.private, "carry"), arg="on")
    # then both rooms are told
    assert room.find("Det här syns också i Telegram, utan kryptering från ände till ände.")
    assert group.find("Det här syns också i Matrix, utan kryptering från ände till ände.")

    # and whoever writes is asked first
    await anna.writes("Hej på er", group)
    assert not room.find("Hej på er")
    await anna.presses("carry", arg="yes")
    await bo.writes("Hej", room)
    assert "Ska det du skriver där visas i de andra också, med ditt namn?" in bo.last.body
    await bo.writes("1")
    assert not group.find("Hej")

    await they_talk(town, anna, bo, group, room)
    await pictures_come_along(town, anna, bo, group, room)

    # and when it ends, both are told
    await bo.presses("carry", newest(town, room, "carry"))
    await bo.presses("carry", newest(town, bo.private, "carry"), arg="off")
    for place in (room, group):
        assert place.find("Meddelanden visas inte längre mellan gruppens rum.")
    await anna.writes("Bara här", group)
    assert not room.find("Bara här")


async def they_talk(town: BothTown, anna: Neighbour, bo: MatrixNeighbour, group: Group, room: MatrixRoom) -> None:
    # when they talk, each reads the other, by name, and a reply is one on the other side, to what it replies to
    _, _, answer = await a_word_and_its_reply(anna, bo, group, room, ("Ses vi på lördag?", "Ja, klockan tio"))
    sunday = await anna.writes("Eller elva?", group, reply_to=answer)
    own = next(one["event_id"] for one in bo.human.seen[room.id] if one["content"].get("body") == "Ja, klockan tio")
    eleven = room.find("Eller elva?")
    assert eleven is not None
    assert town.matrix.standing(bo.human, room.id)[eleven.id][1] == own

    # when words are changed, so are the copies
    await anna.person.edit(sunday, "Eller tolv?")
    await town.settled()
    assert room.find("Eller tolv?")
    assert not room.find("Eller elva?")

    # when Bo removes what he wrote, its copy goes; in Telegram that is said by a reply, since nothing else tells
    await bo.human.client.room_redact(room.id, own)
    await town.settled()
    assert answer.deleted
    await anna.writes("/tabort", group, reply_to=sunday)
    assert not room.find("Eller tolv?")
    [twelve] = [
        one["event_id"]
        for one in bo.human.seen[room.id]
        if one["content"].get("m.relates_to", {}).get("event_id") == eleven.id and "m.new_content" in one["content"]
    ]
    for event in (eleven.id, twelve):
        left = await town.matrix.ask(bo.human, "GET", f"rooms/{room.id}/event/{event}")
        assert left["content"] == {}, "nor does what it said after the change stay on the server"


async def pictures_come_along(
    town: BothTown, anna: Neighbour, bo: MatrixNeighbour, group: Group, room: MatrixRoom
) -> None:
    # pictures come with their words, both ways
    sent = await anna.writes("Så här ser backen ut", group, photo=png())
    shown = room.find("Så här ser backen ut")
    assert shown is not None
    assert shown.content["msgtype"] == "m.image"
    assert (await town.matrix._file(bo.human, dict(shown.content))).data == png()
    picture = await town.matrix._uploaded(bo.human, room.id, png())
    picture |= {"msgtype": "m.image", "filename": "b.png", "body": "Och på vintern"}
    theirs = await bo.human.send(room.id, picture)
    await town.settled()
    winter = group.find("Och på vintern")
    assert winter is not None
    assert town.server.core.world.files[winter.media["photo"][-1]["file_id"]].data == png()
    # and stay when their words are changed
    await anna.person.edit(sent, "Så här brant är backen")
    relation = {"m.relates_to": {"rel_type": "m.replace", "event_id": theirs}}
    newer = picture | {"body": "Och nu på vintern"}
    await bo.human.send(room.id, newer | relation | {"m.new_content": newer})
    await town.settled()
    steep = room.find("Så här brant är backen")
    assert steep is not None
    assert (steep.id, steep.content["msgtype"]) == (shown.id, "m.image")
    assert winter.caption == "Bo\nOch nu på vintern"
    assert winter.media


async def gathered(town: BothTown) -> tuple[Neighbour, MatrixNeighbour, Group, MatrixRoom]:
    anna, bo = town.neighbour("Anna"), await town.matrix_neighbour("Bo")
    await begins_a_conversation(anna)
    await bo.follows((await invites(anna)).text.body)
    await says_yes(bo)
    await bo.writes(f"/led {HILL}")
    for _ in range(3):
        await bo.presses("skip", newest(town, bo.private, "skip"))
    await bo.picks("yes")
    room = await bo.enters(HILL)
    await anna.writes("/grupper")
    await anna.presses("group")
    await anna.presses("joingroup", newest(town, anna.private, "joingroup"))
    return anna, bo, await links_a_group(town, anna, "Backen"), room
