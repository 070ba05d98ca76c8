"""Hats: worn as one wishes, shown as one wishes, and never more than a word."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from bot.chat.content import Action
from bot.crypto import Keyring, make_keys
from bot.domain.people import HATS
from bot.views.buttons import seal, unseal
from tests.handlers.world import World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


async def test_somebody_puts_hats_on_and_takes_them_off_again(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)

    [shown] = await world.command(anna, anna.room, "/hats")
    assert "You wear none." in shown.text
    assert "never changes what one may do" in shown.text

    [shown] = await world.press(anna, anna.room, "resident")
    [shown] = await world.press(anna, anna.room, "employee")
    assert "You wear: resident and employee." in shown.text
    assert shown.labels[:2] == ["✓ resident", "✓ employee"]

    [shown] = await world.press(anna, anna.room, "✓ resident")
    assert "You wear: employee." in shown.text
    assert shown.labels[0] == "resident"
    assert len([said for said in world.said(anna.room) if "hats" in said.text]) == 1, "edited in place"


async def test_hats_are_shown_only_if_one_wishes(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna, bo)
    await world.idea(conversation, anna, "A greenhouse by the school")
    await world.command(bo, bo.room, "/ideas 1")
    await world.command(anna, anna.room, "/hats")
    await world.press(anna, anna.room, "elected")
    assert "elected" not in world.last(bo.room).text

    [shown] = await world.press(anna, anna.room, "Show my hats")
    assert "They stand beside your name." in shown.text
    assert "From Anna (elected)" in world.last(bo.room).text, "the card is brought up to date"

    await world.press(anna, anna.room, "Hide my hats")
    assert "elected" not in world.last(bo.room).text


async def test_a_double_tap_is_one_tap(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    [shown] = await world.command(anna, anna.room, "/hats")
    first = shown.message

    await world.press(anna, anna.room, "resident")
    shown.message = first
    await world.press(anna, anna.room, "resident", on=shown)

    async with world.work() as uow:
        assert (await world.participant(uow, conversation, anna)).hats == ("resident",)


async def test_a_hat_needs_the_yes_of_consent_first(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    bo = await world.person("Bo", consented=False)
    await world.command(bo, bo.room, "/join")
    await world.press(bo, bo.room, "Nora")
    await world.command(bo, bo.room, "/hats")

    news = await world.press(bo, bo.room, "young person")
    assert any("Are you 13 or over" in said.text for said in news)
    await world.press(bo, bo.room, "Yes")

    async with world.work() as uow:
        assert (await world.participant(uow, conversation, bo)).hats == ("young",)


async def test_in_a_group_hats_are_chosen_in_private(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    room = await world.group("Nora", conversation)

    await world.command(anna, room, "/hats")
    news = await world.press(anna, room, "Go on in private")

    assert "Which hats do you wear here?" in news[-1].text
    assert all("Which hats" not in said.text for said in world.said(room))


async def test_without_a_conversation_there_are_no_hats(world: World) -> None:
    anna = await world.person("Anna")

    [shown] = await world.command(anna, anna.room, "/hats")

    assert shown.labels == ["Begin a conversation", "Join one"]


@pytest.mark.parametrize("hat", HATS)
def test_every_hat_fits_a_button(hat: str) -> None:
    keys, room = Keyring(make_keys()), b"room"
    action = Action("hat", uuid4(), arg=f"+{hat}")

    assert unseal(seal(action, room, keys), room, keys) == action
