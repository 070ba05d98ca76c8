"""The wire to the Bot API: it reads whatever HTTP allows, keeps its connections, and knows what reached the server."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ipaddress
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.telegram.errors import LostError, NotSentError
from bot.adapters.telegram.wire import Answer, MalformedError, Wire, parse

OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"ok":true}'
CHUNKED = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"ok\r\n7;a=b\r\n":true}\r\n0\r\nX: y\r\n\r\n'
UNTIL_CLOSED = b'HTTP/1.1 502 Bad Gateway\r\n\r\n{"ok":true}'
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


# --- Reading


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (OK, Answer(200, b'{"ok":true}', keep=True)),
        (CHUNKED, Answer(200, b'{"ok":true}', keep=True)),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, Answer(200, b'{"ok":true}', keep=True)),
        (b"HTTP/1.1 204\r\n\r\n", Answer(204, b"", keep=True)),
        (OK.replace(b"1.1", b"1.0"), Answer(200, b'{"ok":true}', keep=False)),
        (OK.replace(b"\r\n\r\n", b"\r\nCONNECTION: Close\r\n\r\n"), Answer(200, b'{"ok":true}', keep=False)),
        (OK + b"more", Answer(200, b'{"ok":true}', keep=False)),
    ],
)
def test_an_answer_is_read_in_whatever_form_it_comes(data: bytes, answer: Answer) -> None:
    assert parse(data) == answer


def test_without_a_length_the_end_ends_it() -> None:
    assert parse(UNTIL_CLOSED) is None
    assert parse(UNTIL_CLOSED, ended=True) == Answer(502, b'{"ok":true}', keep=False)


@given(st.sampled_from([OK, CHUNKED, b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK]), st.data())
def test_a_part_of_an_answer_is_none_yet(whole: bytes, data: st.DataObject) -> None:
    part = whole[: data.draw(st.integers(0, len(whole) - 1))]
    assert parse(part) is None
    with pytest.raises(MalformedError):
        parse(part, ended=True)


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        OK.replace(b"11", b"-1"),
        OK.replace(b"11", b"eleven"),
        OK.replace(b"11", b"9" * 30),
        CHUNKED.replace(b"4\r\n", b"-4\r\n"),
        b"x" * 70_000,
    ],
)
def test_what_is_no_http_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse(data)


@given(st.binary())
def test_rubbish_breaks_nothing(data: bytes) -> None:
    for whole in (data, b"HTTP/1.1 200 OK\r\n" + data, CHUNKED[:50] + data):
        with contextlib.suppress(MalformedError):
            parse(whole, ended=True)


# --- Connections


@asynccontextmanager
async def served(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve each connection by a function until the other side ends it; gives the address."""
    serving: set[asyncio.Task[None] | None] = set()

    async def serve_and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving.add(asyncio.current_task())
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            await serve(reader, writer)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(serve_and_close, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}/bot1:a/sendMessage"
    finally:
        server.close()
        await asyncio.gather(*filter(None, serving))


async def request(reader: asyncio.StreamReader) -> bytes:
    """Read a request."""
    head = await reader.readuntil(b"\r\n\r\n")
    return head + await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split()[0]))


@pytest.fixture
def wire() -> Wire:
    return Wire(connections=2, connect_within=1.0, agent="test")


async def test_one_connection_carries_request_after_request(wire: Wire) -> None:
    seen: list[list[bytes]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mine: list[bytes] = []
        seen.append(mine)
        while not reader.at_eof():
            mine.append(await request(reader))
            writer.write(OK)

    async with served(serve) as url:
        for number in range(3):
            assert await wire.post(url, b'{"n":%d}' % number, 5.0) == (200, b'{"ok":true}')
        wire.close()

    (requests,) = seen
    assert [one.rpartition(b"\r\n\r\n")[2] for one in requests] == [b'{"n":0}', b'{"n":1}', b'{"n":2}']
    assert requests[0].startswith(b"POST /bot1:a/sendMessage HTTP/1.1\r\nHost: 127.0.0.1:")


async def test_a_connection_that_the_server_closed_is_replaced(wire: Wire) -> None:
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await request(reader)
        writer.write(OK)

    async with served(serve) as url:
        for _ in range(3):
            assert await wire.post(url, b"{}", 5.0) == (200, b'{"ok":true}')
            await asyncio.sleep(0.05)

    assert connections == 3


async def test_no_more_connections_than_allowed_are_open_at_a_time(wire: Wire) -> None:
    most = now = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal most, now
        while not reader.at_eof():
            await request(reader)
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.02)
            now -= 1
            writer.write(OK)

    async with served(serve) as url:
        answers = await asyncio.gather(*(wire.post(url, b"{}", 5.0) for _ in range(8)))
        wire.close()

    assert answers == [(200, b'{"ok":true}')] * 8
    assert most == 2


async def test_without_a_server_nothing_was_sent(wire: Wire) -> None:
    async with served(lambda _reader, _writer: asyncio.sleep(0)) as url:
        pass
    with pytest.raises(NotSentError) as caught:
        await wire.post(url, b"{}", 5.0)
    assert "bot1" not in str(caught.value)


async def test_who_waits_for_a_connection_until_the_end_sent_nothing(wire: Wire) -> None:
    async def serve(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await request(reader)
        await asyncio.sleep(1)

    async with served(serve) as url:
        tasks = [asyncio.create_task(wire.post(url, b"{}", 0.3)) for _ in range(2)]
        await asyncio.sleep(0.05)
        with pytest.raises(NotSentError):
            await wire.post(url, b"{}", 0.1)
        assert [type(error) for error in await asyncio.gather(*tasks, return_exceptions=True)] == [LostError] * 2


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", b"What?\r\n\r\n"])
async def test_an_answer_that_breaks_off_is_lost(wire: Wire, answer: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(answer)

    async with served(serve) as url:
        with pytest.raises(LostError) as caught:
            await wire.post(url, b"{}", 5.0)
    assert "bot1" not in str(caught.value)


async def test_a_late_answer_is_never_taken_for_the_next_ones(wire: Wire) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not reader.at_eof():
            body = (await request(reader)).rpartition(b"\r\n\r\n")[2]
            await asyncio.sleep(0.2 if body == b"1" else 0)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + body)

    async with served(serve) as url:
        with pytest.raises(LostError):
            await wire.post(url, b"1", 0.1)
        await asyncio.sleep(0.2)
        assert await wire.post(url, b"2", 5.0) == (200, b"2")
        wire.close()


async def test_nothing_is_sent_after_the_end(wire: Wire) -> None:
    async with served(lambda _reader, _writer: asyncio.sleep(0)) as url:
        wire.close()
        with pytest.raises(NotSentError):
            await wire.post(url, b"{}", 5.0)


# --- Encryption


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that is its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


async def one_answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await request(reader)
    writer.write(OK)


async def test_it_speaks_tls_with_who_can_prove_the_name(
    wire: Wire, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    async with served(one_answer, tls) as url:
        assert await wire.post(url, b"{}", 5.0) == (200, b'{"ok":true}')
        wire.close()


async def test_nothing_is_sent_to_who_cannot(wire: Wire, certificate: Path) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)

    async with served(one_answer, tls) as url:
        with pytest.raises(NotSentError) as caught:
            await wire.post(url, b"{}", 5.0)
    assert "SSLCertVerification" in str(caught.value)
