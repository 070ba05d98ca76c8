"""Files are made beside all else: nobody waits for them, nothing of them is lost, and what cannot be made is told."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from uuid6 import uuid7

from bot.chat.content import Content, Text
from bot.crypto import Keyring
from bot.delivery.making import AGAIN, LEASE, NO_PDF, SORRY, TRIES, Making
from bot.delivery.printing import NotPrinted, printed
from bot.domain.conversation import Conversation
from bot.domain.rooms import Room
from bot.store.engine import Database
from bot.store.records import HarvestFile, Message, Outbox
from tests.delivery.post import Post
from tests.store import some
from tests.store.some import NOW, say
from tests.there import printer  # noqa: F401

WORDS = Text("The harvest as a page: open it in a browser, print it, send it on.")


def making(post: Post, *, only_process: bool = True) -> Making:
    """One process's maker, on the same clock."""
    return Making(post.database, post.keys, post.clock, lambda: None, only_process=only_process)


def asked(town: Conversation, at: Room, form: str) -> Outbox:
    """A file of a harvest that somebody has asked for."""
    message = Message(Content.of(WORDS), locale="en", file=HarvestFile(form))
    return Outbox(
        uuid7(), at.channel, "say", 0, NOW, room_id=at.id, conversation_id=town.id, secret=message, state="making"
    )  # fmt: skip


async def test_a_file_is_made_and_sent_and_nothing_waits_for_it(post: Post) -> None:
    town, at = some.conversation(), some.room("here", private=True)
    file = asked(town, at, "json")
    await post.keep(town, at, file, say(at, "An answer"))
    await post.go()
    assert post.network.said(at.key) == ["An answer"]

    assert await making(post).once()
    await post.go()
    assert post.network.said(at.key) == ["An answer", str(WORDS.msgid)]
    [sent] = [one for one in post.network.sent if one.message.attachment]
    assert sent.message.attachment is not None
    assert sent.message.attachment.name == "harvest-nora-2026-03-02.json"
    assert b"byalag-harvest" in sent.message.attachment.data
    assert sent.message.attachment.alt == WORDS.msgid
    assert not await making(post).once()


async def test_who_writes_does_not_wait_while_a_harvest_is_read(database: Database, keys: Keyring) -> None:
    town = some.conversation()
    await some.keep(database, keys, town)
    async with database.reading() as connection:
        await connection.exec_driver_sql("select count(*) from conversation")
        await asyncio.wait_for(some.keep(database, keys, some.conversation()), 10)
        counted = (await connection.exec_driver_sql("select count(*) from conversation")).scalar_one()
    assert counted == 1, "and it sees one moment"


async def test_what_a_process_left_half_made_is_made_by_the_next_one(post: Post) -> None:
    town, at = some.conversation(), some.room("here", private=True)
    await post.keep(town, at, asked(town, at, "md"))
    assert await making(post, only_process=False)._claim() is not None
    assert not await making(post, only_process=False).once(), "another process leaves it for the time of a lease"
    if post.database.sqlite:
        assert await making(post).once(), "the only process knows that nobody makes it any more"
    else:
        post.now += LEASE
        assert await making(post, only_process=False).once()
    await post.go()
    assert post.network.said(at.key) == [WORDS.msgid]


async def test_who_took_too_long_does_not_send_it_twice(post: Post) -> None:
    town, at = some.conversation(), some.room("here", private=True)
    await post.keep(town, at, asked(town, at, "md"))
    slow = making(post, only_process=False)
    claimed = await slow._claim()
    assert claimed is not None
    post.now += LEASE
    assert await making(post, only_process=False).once()
    await post.go()
    await slow._finish(claimed, slow._ready(claimed, Content.of("again")))
    await post.go()
    assert post.network.said(at.key) == [WORDS.msgid]


async def test_what_cannot_be_made_is_tried_again_and_then_told(post: Post) -> None:
    town, at = some.conversation(), some.room("here", private=True)
    await post.keep(town, at, asked(town, at, "no such form"), asked(town, at, "md"))
    maker = making(post)
    for _ in range(TRIES):
        assert await maker.once()
        await maker.once()
        await post.go()
        post.now += AGAIN
    await post.go()
    assert post.network.said(at.key) == [WORDS.msgid, SORRY.msgid], "the other file does not wait for it"


async def test_where_no_pdf_can_be_made_it_is_told_kindly(
    post: Post, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town, at = some.conversation(), some.room("here", private=True)
    await post.keep(town, at, asked(town, at, "pdf"))
    # It is as if the libraries of the system were not there.
    (tmp_path / "weasyprint.py").write_text("raise OSError('cannot load library libpango')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    await making(post).once()
    await post.go()
    assert post.network.said(at.key) == [NO_PDF.msgid]
    [sent] = [one.message.attachment for one in post.network.sent if one.message.attachment]
    assert (sent.name, sent.mime) == ("harvest-nora-2026-03-02.html", "text/html")
    assert sent.data.startswith(b"<!doctype html>"), "the page goes instead"


async def test_of_what_is_erased_meanwhile_there_is_no_file(post: Post) -> None:
    town, at = some.conversation(), some.room("here", private=True)
    await post.keep(at, asked(town, at, "md"))
    await making(post).once()
    assert await post.outbox() == []


@pytest.mark.usefixtures("printer")
async def test_a_page_is_printed_by_a_process_of_its_own() -> None:
    made = await printed(b"<html lang=en><title>Hello</title><p>Hello</p>")
    assert made.startswith(b"%PDF")


async def test_one_that_dies_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(NotPrinted):
        await printed(b"")
