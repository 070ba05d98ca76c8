"""TelegramEmulator: the server, the people, and the levers of a test, in one object.

async with TelegramEmulator() as tg:
alva = tg.person("Alva", language_code="sv")
await alva.send(alva.private, "/start")
card = await alva.private.wait_for_message(contains="Welcome")
answer = await alva.press(card, "Begin")
assert not tg.violations
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Self

from .control import handle
from .core import Core
from .faults import Fault
from .groups import Group
from .people import Person, Views
from .records import Ephemeral, Request, Settings
from .server import Server
from .state import Member
from .updates import Chaos, Update


class TelegramEmulator:
    """See Settings for the keyword arguments."""

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, **settings: Any) -> None:
        self.core = Core(_with_token(Settings(**settings)))
        self.server = Server(self.core, host=host, port=port)
        self.views = Views(self.core)
        self.people: list[Person] = []
        self.groups: list[Group] = []
        self.server.control = partial(handle, self)

    async def __aenter__(self) -> Self:
        await self.server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.core.updates.abort_poll("the emulator stops")
        await self.core.webhook.stop()
        await self.server.stop()

    # Where it is

    @property
    def root(self) -> str:
        return self.server.root

    @property
    def base_url(self) -> str:
        """For python-telegram-bot: the token is put right behind."""
        return f"{self.root}/bot"

    @property
    def base_file_url(self) -> str:
        return f"{self.root}/file/bot"

    @property
    def token(self) -> str:
        return self.core.settings.token

    @property
    def bot_username(self) -> str:
        return self.core.bot.username

    @property
    def bot_id(self) -> int:
        return self.core.bot.id

    # People and groups

    def person(self, first_name: str, *, language_code: str = "en", started: bool = False, **more: Any) -> Person:
        """Somebody new. Until they write, the bot gets 403 from their private chat; `started` skips that."""
        user = self.core.world.new_user(first_name, language_code=language_code, **more)
        person = Person(self.core, user, self.views)
        person.private.state.started = started
        self.people.append(person)
        return person

    def group(
        self, title: str, members: Sequence[Person], *, kind: str = "supergroup", forum: bool = False,
        owner: Person | None = None, with_bot: bool = False, username: str = "",
    ) -> Group:  # fmt: skip
        """A group of people; the first is its owner unless said otherwise. The bot is added with its updates."""
        assert kind in {"group", "supergroup"}, f"no such kind of group: {kind}"
        assert not forum or kind == "supergroup", "only a supergroup can be a forum"
        chat = self.core.world.new_group(title, "group" if kind == "group" else "supergroup", forum=forum)
        chat.username = username
        owner = owner or members[0]
        for person in members:
            chat.members[person.id] = Member(person.user, "creator" if person is owner else "member")
        group = self.views.of(chat)
        assert isinstance(group, Group)
        self.groups.append(group)
        if with_bot:
            group.add_bot(by=owner)
        return group

    def chat(self, chat_id: int) -> Any:
        """The view of a chat by its id."""
        return self.views.of(self.core.world.chats[chat_id])

    # What the bot did

    @property
    def violations(self) -> list[str]:
        """What no correct client does: unknown methods and parameters, wrong types, things the emulator lacks."""
        return self.core.violations

    @property
    def flood_violations(self) -> int:
        return self.core.flood.violations if self.core.flood else 0

    @property
    def requests(self) -> list[Request]:
        """The latest requests, polls left out."""
        return list(self.core.requests)

    def calls(self, method: str) -> list[Request]:
        return [request for request in self.core.requests if request.method == method]

    # Updates

    @property
    def pending_updates(self) -> list[Update]:
        return list(self.core.updates.pending.values())

    def push_update(self, kind: str, payload: dict[str, Any], *, queue: int = 0) -> Update | None:
        """An update made by hand: malformed, of a kind nobody knows."""
        return self.core.updates.push(kind, payload, queue)

    def jump_update_ids(self, to: int | None = None) -> None:
        self.core.updates.jump_ids(to)

    def hold_updates(self) -> None:
        self.core.updates.hold()

    def release_updates(self) -> None:
        self.core.updates.release()

    def set_chaos(self, **shares: Any) -> None:
        """duplicate=, reorder=, jump_ids= as shares between 0 and 1; seed=."""
        self.core.updates.chaos = Chaos(**shares)

    async def wait_until_handled(self, *, timeout: float = 5.0) -> None:
        """Until every update is confirmed (polling: by the next offset)."""
        done = await self.core.until(lambda: not self.core.updates.pending, timeout)
        assert done, f"{len(self.core.updates.pending)} updates are still pending"

    # Trouble

    def fault(
        self, method: str = "*", *, status: int = 500, times: int | None = 1, retry_after: int = 0,
        chat_id: int | None = None, description: str = "", body: bytes | None = None,
    ) -> Fault:  # fmt: skip
        """Answer so instead of carrying it out."""
        return self.core.faults.add(Fault("error", method, times, chat_id, status, description, retry_after, body=body))

    def drop_reply(self, method: str = "*", times: int | None = 1, *, chat_id: int | None = None) -> Fault:
        """Carry it out, but close the connection without an answer: an uncertain send."""
        return self.core.faults.add(Fault("drop_reply", method, times, chat_id))

    def drop_request(self, method: str = "*", times: int | None = 1, *, chat_id: int | None = None) -> Fault:
        """Close the connection and do nothing."""
        return self.core.faults.add(Fault("drop_request", method, times, chat_id))

    def delay(self, method: str, seconds: float, *, times: int | None = None, chat_id: int | None = None) -> Fault:
        """Answer so much later."""
        return self.core.faults.add(Fault("delay", method, times, chat_id, seconds=seconds))

    def drip(self, method: str, seconds: float, *, times: int | None = 1) -> Fault:
        """Answer one byte every `seconds`."""
        return self.core.faults.add(Fault("drip", method, times, seconds=seconds))

    def clear_faults(self) -> None:
        self.core.faults.clear()

    async def pause(self) -> None:
        """The server refuses connections and breaks those that are open."""
        await self.server.pause()

    async def resume(self) -> None:
        await self.server.resume()

    def support_ephemeral(self, mode: Ephemeral = "support") -> None:
        """Or "refuse" (400, the default), or "ignore" (an older server: everyone sees the message)."""
        self.core.ephemeral = mode


def _with_token(settings: Settings) -> Settings:
    from dataclasses import replace

    return settings if settings.token else replace(settings, token=f"{settings.bot_id}:{'Emulated' * 4}-_0")
