"""What Matrix's own kinds of messages become: edits, replies, threads, notices, pictures, and what cannot be read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from nio import DownloadResponse
from nio.crypto.attachments import decrypt_attachment

from bot.adapters.matrix.render import measures_of
from bot.domain.ideas import Idea
from tests.peers.synapse import Synapse
from tests.story.test_matrix import SLEDGE, begun
from tests.story.village import Neighbour, Village
from tests.story.village import village as founded

pytestmark = [pytest.mark.xdist_group("synapse"), pytest.mark.timeout(300)]

BENCH = "En bänk i solen vid vattnet"


@pytest.fixture
async def village(synapse: Synapse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Village]:
    async with founded(synapse, tmp_path, monkeypatch) as made:
        yield made


async def consenting(village: Village, name: str) -> Neighbour:
    made = await village.neighbour(name)
    for words in ("!integritet", "ja"):
        await made.writes(words)
    return made


async def texts(village: Village) -> list[str]:
    return [one.text for one in await village.kept(Idea)]


async def test_whoever_edits_the_message_edits_the_idea(village: Village) -> None:
    bo = await consenting(village, "Bo")
    anna, group = await begun(village, bo)
    given = await bo.writes("!idé En bänk vid vatnet", group)
    await bo.edits(given, f"!idé {BENCH}", group)
    assert await texts(village) == [SLEDGE, BENCH]
    assert BENCH in anna.hears(group)[-1].body
    # not so somebody else's, and not any more when others have weighed it
    await anna.edits(given, "!idé Något annat", group)
    await anna.replies("!rösta", anna.hears(group)[-1].id, group)
    await anna.writes("1")
    await bo.edits(given, "!idé Två bänkar", group)
    assert await texts(village) == [SLEDGE, BENCH]
    assert "Idé 2 behåller sina ord" in bo.hears()[-1].body


async def test_a_reply_makes_anothers_message_an_idea_with_its_authors_yes(village: Village) -> None:
    bo = await consenting(village, "Bo")
    anna, group = await begun(village, bo)
    said = await bo.writes(BENCH, group)
    await anna.replies("!idé", said, group)
    assert "Det var du som skrev." in bo.hears()[-1].body
    await bo.writes("ja")
    assert await texts(village) == [SLEDGE, BENCH]
    assert "Från Bo" in anna.hears(group)[-1].body


async def test_what_is_said_in_a_thread_is_answered_in_it(village: Village) -> None:
    anna, group = await begun(village)
    root = await anna.writes("Vi pratar om vintern här", group)
    thread = {"rel_type": "m.thread", "event_id": root, "is_falling_back": True, "m.in_reply_to": {"event_id": root}}
    await anna.writes(f"!idé {BENCH}", group, **{"m.relates_to": thread})
    there = [one for one in village.driver.standing(anna.human, group, root).values() if BENCH in one[0]["body"]]
    assert len(there) == 1
    assert there[0][0]["m.relates_to"]["event_id"] == root
    assert sum(BENCH in one.body for one in anna.hears(group)) == 1, "and the whole room sees its card"


async def test_the_days_ideas_are_a_notice(village: Village) -> None:
    anna, group = await begun(village)
    welcome = anna.hears(group)[0]
    # the room is to hear once a day: the question is asked and answered in private
    await anna.reacts("3️⃣", welcome.id, group)
    await anna.writes("Berätta det nya en gång om dagen")
    assert "en gång om dagen, i ett enda meddelande" in anna.human.seen[anna.private][-1]["content"]["body"]
    for words in (f"!idé {BENCH}", "1"):
        await anna.writes(words)
    said = len(anna.hears(group))
    await village.later(days=1)
    assert len(anna.hears(group)) == said + 1
    digest = anna.hears(group)[-1]
    assert BENCH in digest.body
    assert digest.content["msgtype"] == "m.notice", "bots do not answer bots"


async def test_a_picture_has_a_size_a_small_one_and_words(village: Village) -> None:
    anna, _group = await begun(village)
    for words in ("!inbjudan", "1"):
        await anna.writes(words)
    content = next(one.content for one in reversed(anna.hears()) if one.content["msgtype"] == "m.image")
    data = await _file(anna, content["file"])
    info = content["info"]
    assert measures_of(data) == (info["w"], info["h"])
    assert (info["size"], info["mimetype"]) == (len(data), "image/png")
    assert await _file(anna, info["thumbnail_file"]) == data
    assert info["thumbnail_info"]["w"] == info["w"]
    # the words say what it shows, so that nobody needs to see it
    assert content["filename"] != content["body"]
    assert "En QR-kod" in content["body"]
    assert "En QR-kod" in content["formatted_body"]


async def _file(reader: Neighbour, file: dict[str, Any]) -> bytes:
    answer = await reader.human.client.download(mxc=file["url"])
    assert isinstance(answer, DownloadResponse), answer
    return bytes(decrypt_attachment(answer.body, file["key"]["k"], file["hashes"]["sha256"], file["iv"]))


@pytest.mark.parametrize("place", ["private", "group"])
async def test_what_cannot_be_read_is_said_once_and_what_to_do(village: Village, place: str) -> None:
    # given that the bot waits no longer for a key than until it looks again
    await village.ends()
    village.patience = 0.0
    await village.begins()
    bo = await village.neighbour("Bo", "en")
    room = bo.private if place == "private" else await village.group("Grannar", bo)
    before = len(bo.hears(room))
    # when the key of what somebody writes does not come, twice
    client = bo.human.client
    client.olm.create_outbound_group_session(room)
    client.olm.outbound_group_sessions[room].shared = True
    client.rooms[room].members_synced = True
    for words in ("hello", "hello?"):
        await bo.writes(words, room)
    await village.hears_again(lambda: len(bo.hears(room)) > before)
    # then it is asked for, and said once in both languages, since the bot cannot know which one it was
    asked = [path for method, path, _status in village.driver.gate.seen if "sendToDevice/m.room_key_request" in path]
    assert asked
    (told,) = (one.body for one in bo.hears(room)[before:])
    assert "Skriv det gärna en gång till." in told
    assert "Please write it once more." in told
    # written once more, it is read
    client.invalidate_outbound_session(room)
    await bo.writes("!help", room)
    assert bo.hears()[-1].body.startswith(("How it works", "This room belongs to no conversation"))
