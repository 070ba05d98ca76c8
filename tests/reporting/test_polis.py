"""Conversations of Polis: read to the last cell, kept as conversations, and given out again."""

from __future__ import annotations

import contextlib
import csv
import io
import random
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from uuid6 import uuid7

from bot.crypto import Keyring
from bot.domain.ideas import Vote
from bot.reporting import polis
from bot.reporting.polis import BadExport, read, with_votes
from bot.store.engine import Database
from bot.store.harvest import load_harvest
from bot.store.polis import Exported, imported, keep_exported, load_exported, number_of
from tests.store import some

PUBLISHED = Path(__file__).parents[1] / "data" / "polis"
SMALL, HIDING = "london.youth.policing", "15-per-hour-seattle"

SUMMARY = b"topic,What now?\nconversation-description,\n"
COMMENTS = (
    b"timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n"
    b'1500000000,x,0,7,1,0,1,"A bench,\nby the lake"\n1500000001,x,2,8,0,0,-1,A barn\n'
)
VOTES = (
    b"timestamp,datetime,comment-id,voter-id,vote\n"
    b"1500000002,x,0,7,1\n1500000003,x,0,9,-1\n1500000004,x,2,9,0\n"
)  # fmt: skip
FILES = {"summary.csv": SUMMARY, "comments.csv": COMMENTS, "votes.csv": VOTES}


def published(name: str) -> Mapping[str, bytes]:
    """The files of a conversation."""
    return {path.name: path.read_bytes() for path in (PUBLISHED / name).glob("*.csv")}


def table(files: Mapping[str, bytes], name: str) -> list[dict[str, str]]:
    """A table of an export, as anybody would read it."""
    return list(csv.DictReader(io.StringIO(files[name].decode(), newline="")))


async def kept(database: Database, keys: Keyring, exported: Exported) -> Exported:
    """What goes out again after it came in."""
    town = some.conversation(question=exported.topic, why=exported.description)
    async with some.work(database, keys) as uow:
        keep_exported(uow, exported, town, some.NOW, uuid7, lambda _sums: 0.0)
    async with some.work(database, keys) as uow:
        return await load_exported(uow, town.id, random.Random(1).shuffle)


# -- in and out --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [SMALL, HIDING])
async def test_what_is_imported_exported_and_imported_again_is_the_same(
    database: Database, keys: Keyring, name: str
) -> None:
    first = read(published(name))
    out = with_votes(await kept(database, keys, first), {})
    assert read(out) == first
    assert with_votes(await kept(database, keys, read(out)), {}) == out


def test_what_is_read_is_what_was_published() -> None:
    files = published(HIDING)
    found = read(files)
    comments = table(files, "comments.csv")
    assert {one.id for one in found.statements if one.hidden} == {
        int(row["comment-id"]) for row in comments if row["moderated"] == "-1"
    }
    last = {(row["comment-id"], row["voter-id"]): row["vote"] for row in table(files, "votes.csv")}
    assert {(str(one.statement), str(one.voter)): str(one.value) for one in found.ballots} == last
    hidden = {one.id for one in found.statements if one.hidden}
    assert any(one.statement in hidden for one in found.ballots), "votes on hidden ideas are kept"


async def test_an_imported_conversation_can_be_gone_on_with(database: Database, keys: Keyring) -> None:
    town = some.conversation()
    async with some.work(database, keys) as uow:
        keep_exported(uow, read(published(SMALL)), town, some.NOW, uuid7, lambda _sums: 0.0)
    async with some.work(database, keys) as uow:
        found = await load_harvest(uow, town.id, some.NOW)
    assert (found.people, found.voters) == (27, 26)
    assert len(found.ideas) == 36, "without the hidden ones"
    assert all(one.weighed is None or one.weighed.voters >= 5 for one in found.ideas)


async def test_nobody_of_ours_can_be_found_in_what_goes_out(database: Database, keys: Keyring) -> None:
    town = some.conversation()
    people = [some.participant(town, f"Somebody {number}") for number in range(6)]
    ideas = [some.idea(one, number) for number, one in enumerate(people[:3], 1)]
    votes = [Vote(town.id, ideas[0].id, one.id, 1, some.NOW) for one in people]
    await some.keep(database, keys, town, *people, *ideas, *votes)
    orders = set()
    for seed in range(4):
        async with some.work(database, keys) as uow:
            out = await load_exported(uow, town.id, random.Random(seed).shuffle)
        voters, authors = {one.voter for one in out.ballots}, {one.author for one in out.statements}
        assert not voters & authors, "no tie between who gave an idea and who weighed it"
        assert len(authors) == 3
        assert {one.at.isoformat() for one in (*out.ballots, *out.statements)} == {"2026-03-02T00:00:00+00:00"}
        assert [one.id for one in out.statements] == [1, 2, 3]
        orders.add(out)
        again = read(with_votes(out, {}))
        assert again == msgspec.structs.replace(out, topic=again.topic)
    numbered = {imported(town.id, one.voter) for out in orders for one in out.ballots}
    assert not numbered & {one.id for one in people}


async def test_what_was_taken_back_does_not_go_out_and_what_is_hidden_does(database: Database, keys: Keyring) -> None:
    town = some.conversation()
    alva = some.participant(town)
    states = ("shown", "hidden", "withdrawn")
    ideas = [some.idea(alva, number, f"Idea {number}", state=state) for number, state in enumerate(states, 1)]
    await some.keep(database, keys, town, alva, *ideas, *(Vote(town.id, one.id, alva.id, 1, some.NOW) for one in ideas))
    async with some.work(database, keys) as uow:
        out = await load_exported(uow, town.id, random.Random(1).shuffle)
    assert [(one.id, one.hidden) for one in out.statements] == [(1, False), (2, True)]
    assert [one.statement for one in out.ballots] == [1, 2]


def test_a_number_can_be_read_off_what_came_in_only() -> None:
    for number in (0, 7, 2**48 - 1):
        assert number_of(imported(uuid7(), number)) == number
    assert number_of(uuid7()) is None
    assert imported(uuid7(), 7) != imported(uuid7(), 7)


def test_the_tables_with_votes_say_the_same() -> None:
    out = with_votes(read(FILES), {7: 0, 9: 1})
    assert table(out, "participants-votes.csv") == [
        {"participant": "7", "group-id": "0", "n-comments": "1", "n-votes": "1", "n-agree": "1", "n-disagree": "0",
         "0": "1", "2": ""},
        {"participant": "9", "group-id": "1", "n-comments": "0", "n-votes": "2", "n-agree": "0", "n-disagree": "1",
         "0": "-1", "2": "0"},
    ]  # fmt: skip
    bench = table(out, "comment-groups.csv")[0]
    assert (bench["total-votes"], bench["group-a-agrees"], bench["group-b-disagrees"]) == ("2", "1", "1")


# -- what cannot be read -----------------------------------------------------------------------------------------------


def test_a_small_export_is_read() -> None:
    found = read(FILES)
    assert [one.text for one in found.statements] == ["A bench,\nby the lake", "A barn"]
    assert [(one.statement, one.voter, one.value) for one in found.ballots] == [(0, 7, 1), (0, 9, -1), (2, 9, 0)]


def test_the_last_vote_counts_by_its_time() -> None:
    votes = VOTES + b"1500000099000,x,0,7,-1\n1500000050,x,0,7,0\n"
    assert read({**FILES, "votes.csv": votes}).ballots[0].value == -1


@pytest.mark.parametrize(
    ("name", "before", "after", "told"),
    [
        ("votes.csv", b",7,1\n", b",7,2\n", "votes.csv, line 2, column vote: '2' is no whole number from -1 to 1."),
        ("votes.csv", b"03,x,0,9", b"03,x,0,nine", "votes.csv, line 3, column voter-id: 'nine'"),
        ("votes.csv", b"04,x,2,9,0\n", b"04,x,2", "votes.csv, line 4, column voter-id: the line ends before it."),
        ("votes.csv", b"04,x,2,9", b"04,x,5,9", "votes.csv, line 4, column comment-id: comments.csv has no comment 5."),
        ("votes.csv", b"voter-id", b"voter", "votes.csv, line 1: there is no column voter-id."),
        ("votes.csv", b",7,1\n", b",7,1,8\n", "votes.csv, line 2: there are more cells than columns."),
        ("votes.csv", b"1500000002", b"yesterday", "votes.csv, line 2, column timestamp: 'yesterday'"),
        ("votes.csv", b"x", b"\xff", "votes.csv, line 2: it is not written in UTF-8."),
        ("votes.csv", VOTES, b"", "votes.csv, line 1: there is no column timestamp."),
        ("comments.csv", b"A barn", b"", "comments.csv, line 4, column comment-body: it needs 1 to 4000 characters"),
        ("comments.csv", b"A barn", b"b" * 4001, "and has 4001."),
        ("comments.csv", b",2,8,", b",0,8,", "comments.csv, line 4, column comment-id: there is a comment 0 already."),
        ("comments.csv", b',"A bench,', b',"A bench', None),
        ("comments.csv", b'lake"\n1500000001,x,2,8,0,0,-1,A barn\n', b"la", "comments.csv, line 2: "),
        ("comments.csv", b",8,0,0,-1", b",8,0,0,-2", "comments.csv, line 4, column moderated: '-2'"),
        ("summary.csv", b"What now?", b" ", "summary.csv: there is no topic, or nothing of it can be seen."),
        ("summary.csv", b"topic,What now?", b"topic", "summary.csv, line 1, column 2: there is no value."),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_column(
    name: str, before: bytes, after: bytes, told: str | None
) -> None:
    files = {**FILES, name: FILES[name].replace(before, after, 1)}
    assert files != FILES
    if told is None:
        read(files)
        return
    with pytest.raises(BadExport) as raised:
        read(files)
    assert told in str(raised.value)


@pytest.mark.parametrize("name", polis.READ)
def test_a_missing_file_is_told(name: str) -> None:
    with pytest.raises(BadExport, match=f"There is no file {name}"):
        read({other: data for other, data in FILES.items() if other != name})


@pytest.mark.parametrize("name", polis.READ)
def test_half_a_file_is_read_or_told_and_never_anything_else(name: str) -> None:
    for length in range(len(FILES[name])):
        files = {**FILES, name: FILES[name][:length]}
        with contextlib.suppress(BadExport):
            read(files)
