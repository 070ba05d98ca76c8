"""Harvests out and conversations in, by the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.startup.command import Command, refused

LONDON = Path(__file__).parents[1] / "data" / "polis" / "london.youth.policing"


async def test_what_comes_in_goes_out_again(byalag: Command) -> None:
    taken = await byalag("import-polis", str(LONDON), "--language", "en")
    assert taken.status == 0, taken.told
    assert "Imported 39 ideas, 638 votes and 27 people." in taken.out
    code = taken.out.splitlines()[-1]
    assert len(code) == 6

    harvest = await byalag("export", "--format", "json", code)
    assert harvest.status == 0, harvest.told
    found = json.loads(harvest.out)
    assert len(found["ideas"]) == 36
    assert found["opinions"]["unites"], "the map is there at once"

    page = await byalag("export", code.lower())
    assert page.out.startswith("<!doctype html>\n")

    folder = byalag.folder / "out"
    votes = await byalag("export", "--format", "polis", "--with-votes", code, str(folder))
    assert votes.status == 0
    assert "a row for each voter" in votes.err
    assert {path.name for path in folder.iterdir()} == {
        "summary.csv", "comments.csv", "comment-groups.csv", "votes.csv", "participants-votes.csv",
    }  # fmt: skip
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir()), "for its owner alone"
    with (folder / "votes.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.reader(file))) == 639

    again = await byalag("import-polis", str(folder))
    assert "Imported 39 ideas, 638 votes and 27 people." in again.out


async def test_without_the_switch_no_file_has_a_row_for_a_voter(byalag: Command) -> None:
    code = (await byalag("import-polis", str(LONDON))).out.splitlines()[-1]
    for form in ("csv", "polis"):
        folder = byalag.folder / form
        done = await byalag("export", "--format", form, code, str(folder))
        assert done.status == 0
        assert {path.name for path in folder.iterdir()} == {"summary.csv", "comments.csv", "comment-groups.csv"}
        with (folder / "comment-groups.csv").open(encoding="utf-8", newline="") as file:
            counts = [row["total-votes"] for row in csv.DictReader(file)]
        assert all(count == "" or int(count) >= 5 for count in counts)


async def test_half_an_export_imports_nothing(byalag: Command) -> None:
    folder = byalag.folder / "half"
    folder.mkdir()
    for path in LONDON.glob("*.csv"):
        (folder / path.name).write_bytes(path.read_bytes())
    votes = (folder / "votes.csv").read_bytes().splitlines(keepends=True)
    (folder / "votes.csv").write_bytes(b"".join(votes[:100]) + votes[100][:30])
    ended = await byalag("import-polis", str(folder))
    refused(ended, "votes.csv, line 101, column")
    assert "Nothing was imported." in ended.told
    assert not byalag.database.exists()


async def test_what_cannot_be_is_told(byalag: Command) -> None:
    refused(await byalag("export", "ABC234"), "There is no database")
    await byalag("import-polis", str(LONDON))
    refused(await byalag("export", "ABC234"), "No conversation has this code.")
    refused(await byalag("export", "--format", "csv", "ABC234"), "tell a folder")
    refused(await byalag("export", "--with-votes", "ABC234"), "goes with --format polis")
    refused(await byalag("import-polis", "nowhere"), "There is no folder nowhere.")
