"""The server behind the HTTP: one bot, its world, what it is told of it, and what it asked for.

`Core.call` carries out one request; people's doings (people.py, groups.py) come in from the other side. Both meet in
`tell_message` and `change_member`, which decide whether the bot hears of something: privacy mode, membership, rights.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from . import render
from .entities import entity_text
from .errors import ApiError, Unsupported
from .faults import Faults
from .limits import FloodControl
from .records import Callback, Ephemeral, Event, Profile, Request, Settings
from .state import Chat, Member, Message, Status, User, World
from .updates import CALLBACK_LIFETIME, UpdateQueue
from .validation import Params, Upload, check, decode, known_method
from .webhook import WebhookSender

if TYPE_CHECKING:
    from .methods import Handler

_log = logging.getLogger(__name__)
EPHEMERAL_FIELDS = {"ephemeral_message_parameters", "receiver_user_id", "callback_query_id"}


class Core:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = settings.clock
        self.bot = User(settings.bot_id, settings.bot_name, username=settings.bot_username, is_bot=True)
        self.world = World(self.bot, settings.clock)
        self.profile = Profile()
        self.privacy = settings.privacy
        self.ephemeral: Ephemeral = settings.ephemeral
        self.updates = UpdateQueue(settings.clock, first_id=settings.first_update_id, chaos=settings.chaos)
        self.webhook = WebhookSender(
            self.updates, self.call, backoff=settings.webhook_backoff, timeout=settings.webhook_timeout
        )
        self.faults = Faults()
        self.flood = FloodControl() if settings.limits else None
        self.requests: deque[Request] = deque(maxlen=settings.log_size)
        self.counts: dict[str, int] = {}
        self.violations: list[str] = []
        self.callbacks: dict[str, Callback] = {}
        self.events: dict[int, list[Event]] = {}
        self._event_number = 0
        self._waiters: list[asyncio.Future[None]] = []
        self._ids = random.Random(settings.bot_id)
        self.updates.on_change = self.changed

    # Requests

    async def call(self, method: str, raw: Params) -> Any:
        """Carry out one request; raises ApiError."""
        handler, params = self.prepare(method, raw)
        return await handler.run(self, params)

    def prepare(self, method: str, raw: Params) -> tuple[Handler, Params]:
        """Who carries it out, and with which values. What no correct client sends becomes a violation."""
        from .methods import HANDLERS  # the table names handlers that need the core

        known = known_method(method) if self.settings.strict else None
        handler = HANDLERS.get(method.lower())
        if handler is None:
            if self.settings.strict and known is None:
                self.violate(f"{method}: no such method")
                raise ApiError(404, "Not Found: method not found")
            raise self.unsupported(f"{method} is known to Telegram but not to the emulator")
        if known is None:
            return handler, decode(raw)
        try:
            params, unknown = check(known, raw)
        except ApiError as error:
            self.violate(f"{known.name}: {error.description}")
            raise
        if unknown:
            self.violate(f"{known.name}: unknown parameters {', '.join(unknown)}")
            raise ApiError(400, f"Bad Request: unknown parameters of {known.name}: {', '.join(unknown)}")
        given = {name for name, value in params.items() if value is not None}
        attached = {name for name in given if isinstance(params[name], Upload)}
        if beyond := given - handler.supports - EPHEMERAL_FIELDS - attached:
            raise self.unsupported(f"{known.name} with {', '.join(sorted(beyond))} is not known to the emulator")
        return handler, {name: params[name] for name in given}

    def violate(self, what: str) -> None:
        """Note something that no correct client does; tests assert that the list is empty."""
        self.violations.append(what)
        _log.error("violation: %s", what)

    def unsupported(self, what: str) -> Unsupported:
        self.violate(what)
        return Unsupported(400, f"Bad Request: unsupported by the emulator: {what}")

    def log(self, request: Request) -> None:
        self.counts[request.method] = self.counts.get(request.method, 0) + 1
        if request.method != "getUpdates":
            self.requests.append(request)

    # What the bot hears

    def tell_message(self, message: Message, kind: str = "message") -> None:
        """The bot hears of a person's message, if Telegram would let it."""
        if not self.hears(message):
            return
        message.delivered = True
        self.updates.push(kind, render.message_json(message), message.chat.id)

    def hears(self, message: Message) -> bool:
        chat = message.chat
        if chat.type == "private":
            return not chat.blocked
        member = chat.member(self.bot)
        if not member.present:
            return False
        if message.sender.is_bot and not message.service:
            return False
        if message.service or member.is_admin or not self.privacy:
            return True
        reply = message.reply_to
        if reply is not None and (reply.sender is self.bot or (reply.delivered and is_command(reply))):
            return True
        return self._is_meant_for_bot(message)

    def _is_meant_for_bot(self, message: Message) -> bool:
        """Privacy mode lets through /command@this_bot, and /command if no other bot spoke last."""
        for entity in message.entities + message.caption_entities:
            if entity["type"] == "bot_command":
                _, at, name = entity_text(message.body, entity).partition("@")
                if at:
                    if name.lower() == self.bot.username.lower():
                        return True
                elif message.chat.last_bot_id in {0, self.bot.id}:
                    return True
        return False

    def change_member(
        self, chat: Chat, user: User, status: Status, actor: User, rights: frozenset[str] = frozenset(), until: int = 0
    ) -> None:
        """A membership changes: my_chat_member for the bot, chat_member for others (to an admin who asked)."""
        old = chat.member(user)
        new = Member(user, status, rights, until)
        if (old.status, old.rights, old.until) == (new.status, new.rights, new.until):
            return
        chat.members[user.id] = new
        payload = {
            "chat": render.chat_json(chat),
            "from": render.user_json(actor),
            "date": self.world.now(),
            "old_chat_member": render.member_json(chat, old),
            "new_chat_member": render.member_json(chat, new),
        }
        if user is self.bot:
            self.updates.push("my_chat_member", payload, chat.id + (5 << 33))
        elif chat.member(self.bot).is_admin:
            self.updates.push("chat_member", payload, user.id + (6 << 33))
        self.changed()

    def service_message(self, chat: Chat, sender: User, **service: Any) -> Message:
        """What the chat itself says ("… joined", "… pinned a message"): told to every bot in it."""
        thread_id = service.pop("thread_id", None)
        message = self.world.new_message(chat, sender, service=service, thread_id=thread_id)
        self.see("sent" if sender is self.bot else "person", message)
        self.tell_message(message)
        return message

    def press(self, user: User, message: Message, data: str) -> Callback:
        """A press on a button with `data`; the bot gets a callback_query."""
        callback = Callback(str(self._ids.randrange(10**17, 10**18)), user, message, data, self.clock())
        self.callbacks[callback.id] = callback
        shown = render.inaccessible_json(message) if message.deleted else render.message_json(message)
        payload = {
            "id": callback.id,
            "from": render.user_json(user),
            "message": shown,
            "chat_instance": str(-(abs(message.chat.id) * 7919) % 10**18),
            "data": data,
        }
        self.updates.push("callback_query", payload, user.id + (3 << 33), CALLBACK_LIFETIME)
        return callback

    # What people see

    def see(self, kind: Literal["sent", "edited", "deleted", "person"], message: Message) -> Event:
        """Something shows in a chat."""
        self._event_number += 1
        event = Event(kind, message, self._event_number, message.body)
        self.events.setdefault(message.chat.id, []).append(event)
        self.changed()
        return event

    @property
    def event_number(self) -> int:
        return self._event_number

    def changed(self) -> None:
        """Wake everyone who waits for the world to change."""
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def until(self, condition: Callable[[], Any], timeout: float) -> Any:
        """The first true value of `condition`, or None after `timeout` seconds."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while True:
            if value := condition():
                return value
            left = deadline - loop.time()
            if left <= 0:
                return None
            waiter: asyncio.Future[None] = loop.create_future()
            self._waiters.append(waiter)
            try:
                await asyncio.wait_for(waiter, left)
            except TimeoutError:
                continue


def is_command(message: Message) -> bool:
    return any(entity["type"] == "bot_command" for entity in message.entities)
