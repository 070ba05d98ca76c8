"""A village on two networks that only remember: the quick stage, where the bot's parts are called one by one."""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.chat.content import Action
from bot.chat.events import ChoiceMade, CommandGiven, Event, MessageReceived
from bot.chat.keys import AccountKey, RoomKey
from bot.delivery.making import Making
from bot.delivery.worker import Delivery
from bot.handlers.dispatch import Dispatcher
from bot.handlers.waking import Waker
from bot.store import due, outbox
from bot.store.unit_of_work import UnitOfWork
from bot.views.buttons import unseal
from tests.handlers.world import CHANNEL, Memory, Place, Said, Who, World
from tests.story.nine_days import joins_by
from tests.story.scenes import newest
from tests.story.stage import NAMES, Stage
from tests.story.world import Neighbour

OTHER = "memory2"


class Other(Memory):
    """The other network."""

    channel = OTHER


class TwoNetworks(World):
    """A world with two networks."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.networks = {CHANNEL: self.network, OTHER: Other()}
        self.dispatcher = Dispatcher(
            self.database, self.keys, self.networks, self.clock, self._answered, lambda: None, rng=random.Random(1)
        )
        self.waker = Waker(self.database, self.keys, self.networks, self.clock, lambda: None, random.Random(1))
        self.delivery = Delivery(self.database, self.keys, self.networks, self.clock, only_process=True)
        self.making = Making(self.database, self.keys, self.clock, lambda: None, only_process=True)

    def said(self, place: Place) -> list[Said]:
        return self.networks[place.key.channel].rooms.get(place.key, [])


@dataclass(frozen=True)
class Message:
    """A message of the bot, and where it stands."""

    said: Said
    place: Place

    @property
    def id(self) -> str:
        return self.said.id

    @property
    def body(self) -> str:
        return self.said.text


class Room:
    """A room, as somebody sees it who is in there."""

    def __init__(self, world: World, place: Place) -> None:
        self.world, self.place = world, place

    @property
    def bot_messages(self) -> list[Message]:
        return [Message(said, self.place) for said in self.world.said(self.place)]

    @property
    def last(self) -> Message:
        return self.bot_messages[-1]

    def transcript(self) -> str:
        return "\n---\n".join(f"{one.body}\n{one.said.labels}" for one in self.bot_messages)


class Villager(Neighbour):
    """Somebody on one of the two networks."""

    town: Hamlet

    def __init__(self, town: Hamlet, who: Who) -> None:
        self.town, self.who, self.language = town, who, who.locale

    @property
    def name(self) -> str:
        return self.who.name

    @property
    def private(self) -> Room:
        return Room(self.town.world, self.who.room)

    async def writes(self, text: str = "", place: Room | None = None, **more: Any) -> None:
        world, where = self.town.world, place.place if place else self.who.room
        happening = world._happening(where, world.sender(self.who)) | {"message_id": world.network.new_id()}
        name, _, argument = text.removeprefix("/").partition(" ")
        command = text.startswith("/")
        await self.town.happens(
            CommandGiven(**happening, name=name, argument=argument)
            if command
            else MessageReceived(**happening, text=text)
        )

    async def _press(self, message: Message, data: str) -> None:
        world = self.town.world
        happening = world._happening(message.place, world.sender(self.who))
        event = ChoiceMade(**happening, message_id=message.id, data=data, press=happening["id"])
        await self.town.happens(event)
        answer = world.answers.get(event.press)
        if answer is not None and answer.start:
            await self.writes(f"/start {answer.start}")


class Hamlet(Stage):
    """The village."""

    def __init__(self, world: TwoNetworks) -> None:
        super().__init__()
        self.world = world
        self.people = [Villager(self, _who(name, number)) for number, name in enumerate(NAMES)]
        self.groups = [
            Room(world, Place(RoomKey(channel, f"group-{channel}"), private=False, title="Grannar i Nora"))
            for channel in world.networks
        ]
        self._together: list[Event] | None = None

    @property
    def now(self) -> datetime:
        return self.world.now

    def work(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self.world.work()

    def actions(self, message: Message) -> Mapping[str, Action]:
        lookup = self.world.keys.lookup("room", str(message.place.key))
        return {one.data: unseal(one.data, lookup, self.world.keys) for one in message.said.choices if one.data}

    def files(self, one: Neighbour) -> list[bytes]:
        return [each.said.message.attachment.data for each in one.private.bot_messages if each.said.message.attachment]

    async def happens(self, event: Event) -> None:
        """Let something happen: now, or with all else that happens at once."""
        if self._together is None:
            await self.world.happens(event)
        else:
            self._together.append(event)

    async def at_once(self, deeds: Iterable[Awaitable[Any]]) -> None:
        self._together = together = []
        for deed in deeds:
            await deed
        self._together = None
        await self.world.happens(*together)

    async def gathers(self, host: Neighbour) -> None:
        code, _door = await self._invites(host)
        await joins_by(self, code)
        for one, place in zip(self.people, self.groups, strict=False):
            with self.turn(one):
                await one.writes(f"/start {(await self._invites(one))[1]}", place)

    async def _invites(self, one: Neighbour) -> tuple[str, str]:
        """Give an invitation's code, and that of a link which brings the bot into a group, once."""
        with self.turn(one):
            await one.writes("/invite")
            await one.presses("forwhom", newest(self, one.private, "forwhom"), arg="0")
        said = [message.said for message in one.private.bot_messages]
        doors = [choice.start for message in said for choice in message.choices if choice.group]
        codes = [found for message in said for found in re.findall(r"\?start=(i-[\w-]+)", message.text)]
        return codes[-1], doors[-1]

    async def until(self, at: datetime) -> None:
        while self.now < at:
            async with self.work() as uow:
                following = (await due.next_due(uow), await outbox.next_due(uow, self.now))
            self.world.now = max(self.now, min((*filter(None, following), at)))
            await self.world.settle()
            self.note()


def _who(name: str, number: int) -> Who:
    channel = (CHANNEL, OTHER)[number % 2]
    return Who(name, AccountKey(channel, name), Place(RoomKey(channel, f"private-{name}"), private=True), "sv")


@asynccontextmanager
async def hamlet(folder: Path, begin: datetime) -> AsyncIterator[Hamlet]:
    """Found a village."""
    world = await TwoNetworks.begin(folder)
    world.now = begin
    try:
        yield Hamlet(world)
    finally:
        await world.end()
