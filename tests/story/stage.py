"""A stage: where the story of a village is played. It notes what comes to whom, and when, and who had asked for it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NamedTuple

from bot.chat.content import Action
from tests.story.world import ZONE, Neighbour

NAMES = (
    "Alva", "Anders", "Anna", "Arne", "Berit", "Bo", "Britta", "Cilla", "Dag", "Ebba", "Egon", "Elsa", "Erik", "Eva",
    "Filip", "Frida", "Gun", "Greta", "Hans", "Hedda", "Ida", "Ingrid", "Ivar", "Jonas", "Karin", "Kerstin", "Lars",
    "Lena", "Maja", "Mats", "Nils", "Olle", "Per", "Rut", "Signe", "Sten", "Tove", "Ulla", "Vera", "Wilma",
)  # fmt: skip
"""The first hosts; they live on the one network and the other by turns."""


class Came(NamedTuple):
    """What came to a group, when, how it begins and goes on, and what can be done."""

    group: int
    at: datetime
    title: str
    about: str
    verbs: frozenset[str]

    @property
    def day(self) -> date:
        return self.at.astimezone(ZONE).date()


class Stage(ABC):
    """Where the script is played."""

    people: list[Neighbour]
    groups: list[Any]
    """One on each network."""

    def __init__(self) -> None:
        self.acting: tuple[Neighbour, ...] = ()
        self.unasked: Counter[tuple[str, date]] = Counter()
        """How many messages came to somebody in private on a day, without their doing."""
        self.came: list[Came] = []
        self._known: dict[Any, set[Any]] = {}

    @property
    @abstractmethod
    def now(self) -> datetime:
        """What time it is."""

    @abstractmethod
    async def gathers(self, host: Neighbour) -> None:
        """The host invites all by a link; each takes it, and each network's group is linked."""

    @abstractmethod
    async def at_once(self, deeds: Iterable[Awaitable[Any]]) -> None:
        """Let many do something at the same time; each does one thing."""

    @abstractmethod
    async def until(self, at: datetime) -> None:
        """Let time go by, from one moment at which something is due to the next."""

    @abstractmethod
    def work(self) -> Any:
        """Read what is stored, in one transaction: an asynchronous context of a `UnitOfWork`."""

    @abstractmethod
    def actions(self, message: Any) -> Mapping[str, Action]:
        """Give what the buttons of a message do, by their data."""

    @abstractmethod
    def files(self, one: Neighbour) -> list[bytes]:
        """Give the files that came to somebody in private."""

    async def kept(self, record: Any) -> list[Any]:
        """Give all records of a kind, the oldest first."""
        async with self.work() as uow:
            found: list[Any] = await uow.select(record, lambda query: query.order_by(*query.selected_columns[:2]))
        return found

    @contextmanager
    def turn(self, *people: Neighbour) -> Iterator[None]:
        """Let somebody act: what comes to them meanwhile they have asked for."""
        self.note()
        self.acting = people
        try:
            yield
            self.note()
        finally:
            self.acting = ()

    async def each(self, people: Iterable[Neighbour], deed: Callable[[Neighbour], Awaitable[Any]]) -> None:
        """Let many do the same at the same time."""
        many = tuple(people)
        with self.turn(*many):
            await self.at_once([deed(one) for one in many])

    def note(self) -> None:
        """Note what has come since the last look."""
        day = self.now.astimezone(ZONE).date()
        for one in self.people:
            fresh = self._fresh(one.name, one.private)
            if fresh and one not in self.acting:
                self.unasked[one.name, day] += len(fresh)
        for number, place in enumerate(self.groups):
            for message in self._fresh(number, place):
                verbs = frozenset(action.verb for action in self.actions(message).values())
                title, about, *_rest = [*filter(None, message.body.split("\n")), ""]
                self.came.append(Came(number, self.now, title, about.strip("“”> "), verbs))

    def _fresh(self, key: Any, place: Any) -> list[Any]:
        known = self._known.setdefault(key, set())
        fresh = [message for message in place.bot_messages if message.id not in known]
        known.update(message.id for message in fresh)
        return fresh
