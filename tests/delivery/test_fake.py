"""The fake network keeps the rules of the port that delivery relies on."""

from __future__ import annotations

import asyncio

import pytest

from bot.chat.content import LocalBlock, LocalMessage
from bot.chat.keys import RoomKey
from bot.chat.port import Later, Uncertain, Unreachable
from tests.delivery.fake import FakeNetwork
from tests.store.some import CHANNEL, NOW

HERE, THERE = RoomKey(CHANNEL, "here"), RoomKey(CHANNEL, "there")


@pytest.fixture
def network() -> FakeNetwork:
    return FakeNetwork(lambda: NOW)


def _written(network: FakeNetwork, text: str, replaces: str = "") -> bytes:
    return network.render(HERE, LocalMessage((LocalBlock("text", text),), replaces=replaces))


async def test_a_message_is_delivered_and_an_edit_changes_it_where_it_stands(network: FakeNetwork) -> None:
    first = await network.send(HERE, _written(network, "one"), "k1")
    second = await network.send(HERE, _written(network, "two"), "k2")
    edited = await network.send(HERE, _written(network, "three", first), "k3")

    assert first == edited != second
    assert network.said(HERE) == ["one", "two", "three"]
    assert network.stands(HERE) == ["three", "two"]


async def test_what_stands_nowhere_cannot_be_edited(network: FakeNetwork) -> None:
    with pytest.raises(Unreachable):
        await network.send(HERE, _written(network, "three", "m9"), "k1")


@pytest.mark.parametrize(("idempotent", "delivered"), [(True, 1), (False, 2)])
async def test_a_key_is_delivered_once_where_the_network_knows_it(
    network: FakeNetwork, delivered: int, *, idempotent: bool
) -> None:
    network.idempotent = idempotent

    ids = [await network.send(HERE, _written(network, "one"), "k1") for _ in range(2)]

    assert len(set(ids)) == len(network.sent) == delivered


async def test_troubles_come_in_the_order_in_which_they_were_told_and_where(network: FakeNetwork) -> None:
    network.refuse(Later("slow", 1), HERE)
    network.lose(HERE)

    await network.send(THERE, _written(network, "there"), "k1")
    with pytest.raises(Later):
        await network.send(HERE, _written(network, "one"), "k2")
    assert network.said(HERE) == []
    with pytest.raises(Uncertain):
        await network.send(HERE, _written(network, "one"), "k2")
    await network.send(HERE, _written(network, "two"), "k3")

    assert (network.said(HERE), network.said(THERE)) == (["one", "two"], ["there"])


async def test_what_is_held_arrives_when_it_is_let_go(network: FakeNetwork) -> None:
    network.hold(HERE)
    sending = asyncio.create_task(network.send(HERE, _written(network, "one"), "k1"))
    await network.tried.wait()
    assert network.sent == []

    network.release(HERE)
    await sending
    assert network.said(HERE) == ["one"]
