"""A wrong setting is told by its name, and by what is expected; never by its value."""

from __future__ import annotations

import pytest

from tests.startup.command import Command, refused

CANARY = "canary-7f3a"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("port", CANARY, "BYALAG_PORT must be a valid integer\n"),
        ("port", "70000", "65535"),
        ("zone", CANARY, "time zone such as Europe/Stockholm"),
        ("helplines", f"SE: {CANARY}", "must be such as: SE: Vårdguiden = 1177"),
        ("helplines", f"Mind = 90101; {CANARY}", "must be such as: SE:"),
        ("log_level", CANARY, "'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("database", f"mysql://{CANARY}", "must begin with postgresql://"),
        ("telegram_token", CANARY, "copy the whole of it from @BotFather"),
        ("telegram_webhook_url", f"ftp://{CANARY}", "https://"),
        ("telegram_rate", CANARY, "number"),
    ],
)
@pytest.mark.parametrize("command", ["run", "check"])
async def test_a_wrong_setting_is_told(byalag: Command, command: str, name: str, value: str, expected: str) -> None:
    ended = await byalag(command, **{name: value})

    assert ended.status == 1
    assert f"BYALAG_{name.upper()}" in ended.err
    assert expected in ended.err
    assert CANARY not in ended.told
    assert "Traceback" not in ended.told
    assert not byalag.data.exists()


async def test_all_that_is_wrong_is_told_at_once(byalag: Command) -> None:
    ended = await byalag("run", port="x", zone="Mars/Olympus", log_format="poetry")

    assert [line.partition(" ")[0] for line in ended.err.splitlines()[1:]] == [
        "BYALAG_ZONE",
        "BYALAG_LOG_FORMAT",
        "BYALAG_PORT",
    ]


async def test_settings_may_stand_in_a_file(byalag: Command) -> None:
    (byalag.folder / ".env").write_text("BYALAG_ZONE=Mars/Olympus\nUNKNOWN=1\n")

    ended = await byalag("run")

    assert ended.status == 1
    assert "BYALAG_ZONE" in ended.err


async def test_a_network_that_nobody_knows_is_told(byalag: Command) -> None:
    refused(await byalag("run", channels="pigeon, telegram"), "BYALAG_CHANNELS", "pigeon", "telegram, ", "console")


async def test_a_network_without_its_token_is_told(byalag: Command) -> None:
    refused(await byalag("run", channels="telegram"), "BYALAG_CHANNELS names telegram", "no account")


async def test_an_address_of_a_database_that_is_none_is_told(byalag: Command) -> None:
    for address in (f"postgresql://me:{CANARY}@host:port/name", "postgresql://[/x"):
        ended = await byalag("run", database=address)
        refused(ended, "BYALAG_DATABASE")
        assert CANARY not in ended.told


async def test_a_part_without_what_it_needs_is_told(byalag: Command) -> None:
    refused(await byalag("run", "worker"), "SQLite", "one process", "BYALAG_DATABASE")
    nowhere = "postgresql://nobody@/nothing?host=/nowhere"
    refused(await byalag("run", "web", database=nowhere), "web process needs a port", "BYALAG_PORT")


async def test_a_command_that_nobody_knows_is_told_with_those_that_there_are(byalag: Command) -> None:
    ended = await byalag("dance")

    assert ended.status == 2
    assert "run" in ended.err
    assert "Traceback" not in ended.err
