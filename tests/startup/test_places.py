"""Where the bot keeps its things: made at the first start; when that cannot be, said in a sentence."""

from __future__ import annotations

import shutil
import stat

import pytest

from bot.settings import Settings
from tests.startup.command import ROOT, Command, refused


async def test_the_first_start_makes_all_it_needs_for_its_owner_alone(byalag: Command) -> None:
    ended = await byalag("run", typed="/start\n")

    assert ended.status == 0
    assert "made new keys" in ended.err
    assert {path.name for path in byalag.data.iterdir()} >= {"byalag.db", "byalag.keys"}
    assert stat.S_IMODE(byalag.keys.stat().st_mode) == 0o600
    for path in byalag.data.glob("byalag.*"):
        assert not path.stat().st_mode & 0o077, f"others can read {path.name}"


async def test_the_second_start_finds_it_all(byalag: Command) -> None:
    await byalag("run", typed="/start\n")
    keys = byalag.keys.read_bytes()

    ended = await byalag("run", typed="/start\n")

    assert ended.status == 0
    assert "made new keys" not in ended.err
    assert byalag.keys.read_bytes() == keys


@pytest.mark.parametrize("command", ["run", "migrate"])
async def test_a_folder_under_a_file_cannot_be(byalag: Command, command: str) -> None:
    (byalag.folder / "a file").write_text("")

    ended = await byalag(command, data=byalag.folder / "a file" / "data")

    refused(ended, "a file/data", "cannot be written", "BYALAG_DATA")


@pytest.mark.parametrize("command", ["run", "migrate"])
async def test_a_folder_that_is_a_file_cannot_be(byalag: Command, command: str) -> None:
    byalag.data.write_text("")

    refused(await byalag(command), "data", "cannot be written", "BYALAG_DATA")


async def test_check_says_so_too(byalag: Command) -> None:
    (byalag.folder / "a file").write_text("")

    ended = await byalag("check", data=byalag.folder / "a file" / "data")

    assert ended.status == 1
    assert "!! The folder" in ended.out
    assert "cannot be written" in ended.out
    assert "the first start makes" not in ended.out, "it could not"


@pytest.mark.parametrize("command", ["run", "migrate"])
async def test_a_database_file_that_is_a_folder_is_told(byalag: Command, command: str) -> None:
    byalag.database.mkdir(parents=True)
    byalag.keys.write_text((await byalag("keys", "new")).out)

    refused(await byalag(command), "byalag.db cannot be opened")


@pytest.mark.parametrize("command", ["run", "migrate"])
async def test_a_file_that_is_no_database_is_told_and_left_alone(byalag: Command, command: str) -> None:
    byalag.data.mkdir()
    byalag.database.write_text("Dear diary, " * 500)
    byalag.keys.write_text((await byalag("keys", "new")).out)

    refused(await byalag(command), "byalag.db", "not a database")

    assert byalag.database.read_text() == "Dear diary, " * 500


@pytest.mark.parametrize("room", [100, 3_000, 8_000])
async def test_a_full_disk_is_told(byalag: Command, room: int) -> None:
    refused(await byalag("run", largest_file=room), "full")

    # and when there is room again, it starts
    assert (await byalag("run", typed="/start\n")).status == 0


async def test_the_bot_cannot_be_started_twice_on_one_file(byalag: Command) -> None:
    async with byalag.running() as first:
        await first.ready()

        refused(await byalag("run"), "Another Byalag uses", "byalag.db", "BYALAG_DATA")

        ended = await first.stop()
    assert ended.status == 0


async def test_another_folder_is_another_bot(byalag: Command) -> None:
    async with byalag.running() as first:
        await first.ready()

        ended = await byalag("run", typed="/start\n", data=byalag.folder / "elsewhere")

    assert ended.status == 0


def test_what_the_settings_say_of_places_is_where_the_tests_look(byalag: Command) -> None:
    settings = Settings(data=byalag.data, _env_file=None)  # type: ignore[call-arg]

    assert settings.key_file == byalag.keys
    assert settings.database_url.endswith(str(byalag.database))


def test_all_this_works_from_a_cold_start_too(byalag: Command) -> None:
    ended = byalag.cold("run", typed="/start\n")

    assert (ended.status, ended.out.count("← bot]")) == (0, 1)


def test_words_that_were_not_compiled_are_told(byalag: Command) -> None:
    somewhere = byalag.folder / "somewhere"
    shutil.copytree(ROOT / "bot", somewhere / "bot", ignore=shutil.ignore_patterns("__pycache__"))

    refused(byalag.cold("run", root=somewhere), "make catalogs")
