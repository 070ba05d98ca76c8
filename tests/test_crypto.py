"""Keys: what is sealed opens with its keys, as what it is, or not at all; what is signed holds in its room alone."""

from __future__ import annotations

import contextlib
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.crypto import KeyFile, Keyring, WrongKeys, make_keys, new_code, read_keys, rotated, write_keys

KEYS = make_keys()
RING = Keyring(KEYS)
WORDS, ABOUT = b"A bench by the river", b"idea 1"


@given(st.binary(max_size=500), st.binary(max_size=40))
def test_what_is_sealed_opens_as_it_was(plain: bytes, about: bytes) -> None:
    sealed = RING.seal(plain, about)
    assert RING.open(sealed, about) == plain
    assert sealed != RING.seal(plain, about), "the same words are never sealed alike"


def test_no_byte_of_it_can_be_changed_left_out_or_added() -> None:
    sealed = RING.seal(WORDS, ABOUT)
    changed = [sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :] for place in range(len(sealed))]
    shorter = [sealed[:most] for most in range(1, len(sealed))]
    for bad in (*changed, *shorter, sealed + b"\0"):
        with pytest.raises(WrongKeys):
            RING.open(bad, ABOUT)


def test_nothing_is_not_something_sealed() -> None:
    for bad in (b"", b"\1", b"\1" + bytes(5), b"\1" + bytes(12), b"\1" + bytes(40)):
        with pytest.raises(WrongKeys):
            RING.open(bad, ABOUT)


def test_it_opens_only_as_what_it_was_sealed() -> None:
    with pytest.raises(WrongKeys):
        RING.open(RING.seal(WORDS, ABOUT), b"idea 2")


def test_another_installation_opens_and_finds_nothing_of_it() -> None:
    other = Keyring(make_keys())
    with pytest.raises(WrongKeys):
        other.open(RING.seal(WORDS, ABOUT), ABOUT)
    assert other.lookup("account", "1") != RING.lookup("account", "1")
    assert not other.signed(b"press", RING.sign(b"press", b"room"), b"room")
    assert other.fingerprint != RING.fingerprint
    assert other.secret("library") != RING.secret("library")


def test_a_newer_key_seals_and_all_older_ones_open() -> None:
    rings, keys = [RING], KEYS
    for _ in range(3):
        keys = rotated(keys)
        rings.append(Keyring(keys))
    sealed = [ring.seal(WORDS, ABOUT) for ring in rings]
    assert [one[0] for one in sealed] == [1, 2, 3, 4]
    assert [rings[-1].open(one, ABOUT) for one in sealed] == [WORDS] * 4
    with pytest.raises(WrongKeys, match="does not have"):
        RING.open(sealed[-1], ABOUT)


def test_what_hangs_on_the_other_keys_stays_after_a_rotation() -> None:
    after = Keyring(rotated(KEYS))
    assert after.lookup("account", "1") == RING.lookup("account", "1")
    assert after.signed(b"press", RING.sign(b"press", b"room"), b"room")
    assert (after.fingerprint, after.secret("library")) == (RING.fingerprint, RING.secret("library"))


def test_a_key_that_was_put_in_the_place_of_another_is_noticed() -> None:
    forged = msgspec.structs.replace(KEYS, ciphers={"1": make_keys().ciphers["1"]})
    with pytest.raises(WrongKeys, match="another key"):
        Keyring(forged).open(RING.seal(WORDS, ABOUT), ABOUT)


@pytest.mark.parametrize("number", ["0", "255", "256", "-1", "x", ""])
def test_a_keys_number_is_a_byte(number: str) -> None:
    keys = msgspec.structs.replace(KEYS, ciphers={number: KEYS.ciphers["1"]})
    if number in {"0", "255"}:
        assert Keyring(keys).open(Keyring(keys).seal(WORDS, ABOUT), ABOUT) == WORDS
    else:
        with pytest.raises(WrongKeys):
            Keyring(keys)


@pytest.mark.parametrize("bad", ["", "AAAA", "!" * 44, KEYS.hashing + "AA", KEYS.hashing[:-4]], ids=range(5))
@pytest.mark.parametrize("field", ["ciphers", "hashing", "signing"])
def test_a_key_of_another_length_is_none(field: str, bad: str) -> None:
    damaged = msgspec.structs.replace(KEYS, **{field: {"1": bad} if field == "ciphers" else bad})
    with pytest.raises(WrongKeys):
        Keyring(damaged)
    with pytest.raises(WrongKeys):
        Keyring(KeyFile({}, KEYS.hashing, KEYS.signing))


def test_look_ups_keep_their_parts_apart() -> None:
    assert len({RING.lookup("ab", "c"), RING.lookup("a", "bc"), RING.lookup("abc"), RING.lookup("abc", "")}) == 4
    assert RING.lookup("a", b"b") == RING.lookup("a", "b")
    assert len(RING.lookup("a")) == 16


@given(st.binary(max_size=48), st.binary(max_size=20), st.binary(max_size=20))
def test_a_signature_holds_in_its_room_alone(data: bytes, room: bytes, other: bytes) -> None:
    signature = RING.sign(data, room)
    assert RING.signed(data, signature, room)
    assert RING.signed(data, signature, other) == (room == other)
    assert not RING.signed(data + b"x", signature, room)
    assert not RING.signed(data, signature[:-1], room)


def test_nothing_can_be_moved_between_the_room_and_what_is_signed() -> None:
    assert RING.sign(b"cd", b"ab") != RING.sign(b"d", b"abc")


def test_a_code_has_22_characters_and_is_never_the_same() -> None:
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert {len(code) for code in codes} == {22}


def test_a_key_file_is_its_owners_alone_and_reads_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "keys"
    write_keys(path, KEYS)
    write_keys(path, rotated(KEYS))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_keys(path.read_bytes()).ciphers.keys() == {"2", "1"}
    with pytest.raises(FileExistsError):
        write_keys(path, KEYS, replace=False)
    assert list(read_keys(path.read_bytes()).ciphers) == ["2", "1"], "the newest stands first"


def test_of_two_processes_that_make_keys_at_once_one_has_those_in_the_file(tmp_path: Path) -> None:
    def writes(path: Path, keys: KeyFile) -> bool:
        with contextlib.suppress(FileExistsError):
            write_keys(path, keys, replace=False)
            return True
        return False

    with ThreadPoolExecutor(8) as threads:
        for turn in range(40):
            path, made = tmp_path / str(turn), [make_keys() for _ in range(8)]
            written = list(threads.map(writes, [path] * len(made), made))
            [winner] = [keys for keys, first in zip(made, written, strict=True) if first]
            assert read_keys(path.read_bytes()) == winner
    assert len(list(tmp_path.iterdir())) == 40


@pytest.mark.parametrize("text", [b"", b"{}", b"null", b"[1]", b"\xff", b'{"ciphers": {"1": 2}}'])
def test_what_is_no_key_file_is_told(text: bytes) -> None:
    with pytest.raises(WrongKeys):
        read_keys(text)
