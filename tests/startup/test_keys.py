"""The keys: without the right ones nothing starts, and the message says what to put back."""

from __future__ import annotations

import json
import shutil

import pytest

from bot.crypto import Keyring, read_keys
from tests.startup.command import Command, refused

CONVERSATION = "/start\nIt should be good to grow old here.\n"


async def _lived_in(byalag: Command) -> str:
    """A bot that somebody has talked to; gives what it answers to /start from then on."""
    ended = await byalag("run", typed=CONVERSATION)
    assert ended.status == 0
    return (await byalag("run", typed="/start\n")).out


async def test_a_lost_key_file_is_told_and_no_new_one_takes_its_place(byalag: Command) -> None:
    answer = await _lived_in(byalag)
    byalag.keys.rename(byalag.folder / "found.keys")

    for command in ("run", "check"):
        ended = await byalag(command)
        assert ended.status == 1
        assert "byalag.keys is missing" in ended.told
        assert "Put it back" in ended.told
        assert not byalag.keys.exists()

    shutil.copy(byalag.folder / "found.keys", byalag.keys)
    assert (await byalag("run", typed="/start\n")).out == answer


async def test_another_key_file_is_told(byalag: Command) -> None:
    await _lived_in(byalag)
    byalag.keys.write_text((await byalag("keys", "new")).out)

    refused(await byalag("run"), "not the ones that the database was written with", "Put back")


KEY = "A" * 43 + "="
DAMAGED = {
    "empty": "",
    "cut off": '{"ciphers": {"1": "AAAA',
    "of another kind": '{"keys": []}',
    "too short": '{"ciphers": {"1": "AAAA"}, "hashing": "AAAA", "signing": "AAAA"}',
    "without ciphers": f'{{"ciphers": {{}}, "hashing": "{KEY}", "signing": "{KEY}"}}',
    "with a wrong number": f'{{"ciphers": {{"999": "{KEY}"}}, "hashing": "{KEY}", "signing": "{KEY}"}}',
    "not a text": "\udcff\udcfe",
}


@pytest.mark.parametrize("how", DAMAGED)
async def test_a_damaged_key_file_is_told_and_left_alone(byalag: Command, how: str) -> None:
    byalag.data.mkdir()
    damaged = DAMAGED[how].encode(errors="surrogateescape")
    byalag.keys.write_bytes(damaged)
    byalag.keys.chmod(0o600)

    refused(await byalag("run"), "key")
    refused(await byalag("keys", "rotate"), "key")
    checked = await byalag("check")

    assert checked.status == 1
    assert "!! The key" in checked.out
    assert byalag.keys.read_bytes() == damaged


async def test_a_key_file_that_is_a_folder_is_told(byalag: Command) -> None:
    byalag.keys.mkdir(parents=True)

    refused(await byalag("run"), "byalag.keys cannot be read")


async def test_keys_may_come_from_the_environment(byalag: Command) -> None:
    keys = (await byalag("keys", "new")).out.strip()

    ended = await byalag("run", typed=CONVERSATION, keys=keys)

    assert ended.status == 0
    assert not byalag.keys.exists()
    refused(await byalag("run"), "byalag.keys is missing")
    refused(await byalag("run", keys=(await byalag("keys", "new")).out), "not the ones")


async def test_keys_in_the_environment_that_are_none_are_told_but_not_shown(byalag: Command) -> None:
    ended = await byalag("run", keys='{"ciphers": {"1": "canary-7f3a"}, "hashing": "x", "signing": "y"}')

    refused(ended, "BYALAG_KEYS")
    assert "canary" not in ended.told


async def test_new_keys_are_printed_and_each_time_others(byalag: Command) -> None:
    one, two = [(await byalag("keys", "new")).out for _ in range(2)]

    assert Keyring(read_keys(one.encode())).fingerprint != Keyring(read_keys(two.encode())).fingerprint
    assert not byalag.data.exists()


async def test_after_a_rotation_the_bot_goes_on_and_the_old_file_does_not_serve_any_more(byalag: Command) -> None:
    # Given a bot that somebody has talked to, and a copy of its keys
    answer = await _lived_in(byalag)
    shutil.copy(byalag.keys, byalag.folder / "copy.keys")

    # When a key is added
    rotated = await byalag("keys", "rotate")
    assert rotated.status == 0
    assert "A new key was added" in rotated.out
    assert len(json.loads(byalag.keys.read_text())["ciphers"]) == 2
    assert not byalag.keys.stat().st_mode & 0o077

    # Then it goes on as before, twice
    for _ in range(2):
        assert (await byalag("run", typed="/start\n")).out == answer

    # and the copy from before is too old
    shutil.copy(byalag.folder / "copy.keys", byalag.keys)
    refused(await byalag("run"), "lack the newest one", "latest key file")


async def test_without_a_key_file_there_is_nothing_to_rotate(byalag: Command) -> None:
    refused(await byalag("keys", "rotate"), "There is no key file", "The first start makes one.")


async def test_check_tells_that_there_are_no_keys_yet_also_where_the_tables_are_made_already(byalag: Command) -> None:
    for _ in range(2):
        checked = await byalag("check")
        assert checked.status == 0
        assert "ok There are no keys yet: the first start makes them" in checked.out
        assert (await byalag("migrate")).status == 0


async def test_what_a_crash_left_of_a_new_key_file_is_in_nobodys_way(byalag: Command) -> None:
    byalag.data.mkdir()
    byalag.keys.with_name("byalag.keys.new").write_text("half a ")

    assert (await byalag("run", typed="/start\n")).status == 0
    assert (await byalag("keys", "rotate")).status == 0


async def test_check_tells_where_others_can_read_the_keys(byalag: Command) -> None:
    await _lived_in(byalag)
    byalag.keys.chmod(0o644)

    ended = await byalag("check")

    assert ended.status == 1
    assert "!! Others can read the key file" in ended.out
    assert "chmod 600" in ended.out
