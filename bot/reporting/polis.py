"""Polis's files with a row per voter: written for the operator's command line, and read.

What is read is checked to the last cell before anything is kept; `BadExport` tells the file, the line and the column.
Read are the exports of all years: times in seconds or milliseconds, with columns that came or went. Numbers of voters
and comments are kept; times are kept to the second.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import msgspec

from bot.domain.conversation import MAX_QUESTION, MAX_WHY
from bot.domain.harvest import Weighed
from bot.domain.ideas import MAX_IDEA, Sums
from bot.flows.words import clean, shorten
from bot.reporting.tables import HIDDEN, SHOWN, Comment, comment_rows, group_rows, moment, read_cell, summary, written
from bot.store.polis import MOST_ID, Ballot, Exported, Statement

READ = ("summary.csv", "comments.csv", "votes.csv")
VOTES = ("timestamp", "datetime", "comment-id", "voter-id", "vote")
PARTICIPANTS = ("participant", "group-id", "n-comments", "n-votes", "n-agree", "n-disagree")

MILLISECONDS_FROM = 10**11
"""A time of at least this is in milliseconds: in seconds it would be in the year 5138."""
LATEST = 253_402_300_799
TOLD = 40
"""How much of a wrong cell is told."""


class BadExport(Exception):
    """The files cannot be read; the message tells where, and what is wrong there."""


# -- written -----------------------------------------------------------------------------------------------------------


def with_votes(exported: Exported, groups: Mapping[int, int]) -> Mapping[str, bytes]:
    """Write the files by their names; `groups` are the voters' groups of opinion, as far as they are in one."""
    counted = exported.sums()
    comments = [
        Comment(one.id, one.at, one.text, one.author, _all_of(counted.get(one.id, Sums())), one.hidden)
        for one in exported.statements
    ]
    voters, authors = {one.voter for one in exported.ballots}, {one.author for one in exported.statements}
    votes = ((*moment(one.at), one.statement, one.voter, one.value) for one in exported.ballots)
    return {
        "summary.csv": summary(
            exported.topic, exported.description, len(voters), len(authors), len(comments), len(set(groups.values()))
        ),
        "comments.csv": comment_rows(comments),
        "comment-groups.csv": _by_group(exported, groups),
        "votes.csv": written(VOTES, votes),
        "participants-votes.csv": _participants(exported, groups),
    }


def _all_of(sums: Sums) -> Weighed:
    return Weighed(sums.agree, sums.disagree, sums.passed)


def _by_group(exported: Exported, groups: Mapping[int, int]) -> bytes:
    names = sorted(set(groups.values()))
    all_of_them = exported.sums()
    parts = [
        msgspec.structs.replace(
            exported, ballots=tuple(one for one in exported.ballots if groups.get(one.voter) == name)
        )
        for name in names
    ]
    sums = [all_of_them, *(part.sums() for part in parts)]
    rows = [
        (one.id, one.text, tuple(_all_of(counted.get(one.id, Sums())) for counted in sums))
        for one in exported.statements
    ]
    return group_rows(rows, len(names))


def _participants(exported: Exported, groups: Mapping[int, int]) -> bytes:
    ids = [one.id for one in exported.statements]
    given: dict[int, int] = {}
    for statement in exported.statements:
        given[statement.author] = given.get(statement.author, 0) + 1
    votes: dict[int, dict[int, int]] = {}
    for one in exported.ballots:
        votes.setdefault(one.voter, {})[one.statement] = one.value
    rows = (
        (
            voter, groups.get(voter), given.get(voter, 0), len(own), sum(value > 0 for value in own.values()),
            sum(value < 0 for value in own.values()), *(own.get(one) for one in ids),
        )
        for voter, own in sorted(votes.items())
    )  # fmt: skip
    return written((*PARTICIPANTS, *ids), rows)


# -- read --------------------------------------------------------------------------------------------------------------


def read(files: Mapping[str, bytes]) -> Exported:
    """Read an export from its files by their names. Raises `BadExport`."""
    for name in READ:
        if name not in files:
            raise BadExport(f"There is no file {name}.")
    told = _summary(files["summary.csv"])
    statements = _statements(files["comments.csv"])
    ballots = _ballots(files["votes.csv"], statements)
    return Exported(
        shorten(clean(told["topic"]), MAX_QUESTION), _cut(clean(told.get("conversation-description", "")), MAX_WHY),
        tuple(statements[number] for number in sorted(statements)), ballots,
    )  # fmt: skip


class _Row(msgspec.Struct, frozen=True):
    """One row of a table: where it begins, and its cells by column."""

    file: str
    line: int
    cells: Mapping[str, str]

    def wrong(self, column: str, why: str) -> BadExport:
        """Tell that a cell cannot be."""
        return BadExport(f"{self.file}, line {self.line}, column {column}: {why}")

    def number(self, column: str, least: int, most: int) -> int:
        """Read a whole number."""
        cell = self.cells[column].strip()
        try:
            number = int(cell) if cell.isascii() and "_" not in cell else None
        except ValueError:
            number = None
        if number is None or not least <= number <= most:
            shown = cell if len(cell) <= TOLD else f"{cell[:TOLD]}…"
            raise self.wrong(column, f"{shown!r} is no whole number from {least} to {most}.")
        return number

    def at(self) -> tuple[int, datetime]:
        """Read the time: as it stands, to tell what came last, and to the second."""
        stamp = self.number("timestamp", 0, LATEST * 1000)
        seconds = stamp // 1000 if stamp >= MILLISECONDS_FROM else stamp
        return stamp, datetime.fromtimestamp(min(seconds, LATEST), UTC)


def _summary(data: bytes) -> dict[str, str]:
    told = {}
    for line, cells in _lines("summary.csv", data):
        if len(cells) < 2:  # noqa: PLR2004 (a name and a value)
            raise BadExport(f"summary.csv, line {line}, column 2: there is no value.")
        told[cells[0].strip()] = read_cell(cells[1])
    if not clean(told.get("topic", "")):
        raise BadExport("summary.csv: there is no topic, or nothing of it can be seen.")
    return told


def _statements(data: bytes) -> dict[int, Statement]:
    found: dict[int, Statement] = {}
    for row in _rows("comments.csv", data, ("timestamp", "comment-id", "author-id", "moderated", "comment-body")):
        number = row.number("comment-id", 0, MOST_ID)
        if number in found:
            raise row.wrong("comment-id", f"there is a comment {number} already.")
        text = clean(read_cell(row.cells["comment-body"]))
        if not 0 < len(text) <= MAX_IDEA:
            raise row.wrong("comment-body", f"it needs 1 to {MAX_IDEA} characters, and has {len(text)}.")
        hidden = row.number("moderated", HIDDEN, SHOWN) == HIDDEN
        found[number] = Statement(number, row.number("author-id", 0, MOST_ID), row.at()[1], text, hidden)
    return found


def _ballots(data: bytes, statements: Mapping[int, Statement]) -> tuple[Ballot, ...]:
    """Read the votes; of several of one voter on one comment the last counts."""
    found: dict[tuple[int, int], tuple[int, Ballot]] = {}
    for row in _rows("votes.csv", data, ("timestamp", "comment-id", "voter-id", "vote")):
        statement, voter = row.number("comment-id", 0, MOST_ID), row.number("voter-id", 0, MOST_ID)
        if statement not in statements:
            raise row.wrong("comment-id", f"comments.csv has no comment {statement}.")
        stamp, at = row.at()
        ballot = Ballot(statement, voter, row.number("vote", -1, 1), at)
        before = found.get((statement, voter))
        if before is None or before[0] <= stamp:
            found[statement, voter] = stamp, ballot
    return tuple(found[key][1] for key in sorted(found))


def _rows(file: str, data: bytes, needed: tuple[str, ...]) -> Iterator[_Row]:
    """Read a table whose first line names its columns."""
    lines = _lines(file, data)
    _line, head = next(lines, (1, []))
    names = [name.strip() for name in head]
    for name in needed:
        if name not in names:
            raise BadExport(f"{file}, line 1: there is no column {name}.")
    for line, cells in lines:
        if len(cells) < len(names):
            raise BadExport(f"{file}, line {line}, column {names[len(cells)]}: the line ends before it.")
        if len(cells) > len(names):
            raise BadExport(f"{file}, line {line}: there are more cells than columns.")
        yield _Row(file, line, dict(zip(names, cells, strict=True)))


def _lines(file: str, data: bytes) -> Iterator[tuple[int, list[str]]]:
    """Read the cells of each row that has any, and the line on which it begins."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadExport(f"{file}, line {line}: it is not written in UTF-8.") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        for cells in reader:
            if cells:
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise BadExport(f"{file}, line {begins}: {error}.") from None


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
