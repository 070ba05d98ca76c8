"""Everybody else on Telegram, for the contract of adapters: a server, its people, and a host for the webhook."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from bot.adapters.telegram.adapter import SECRET_HEADER, TelegramAdapter
from bot.adapters.telegram.settings import TelegramSettings
from bot.chat.events import MessageKind
from bot.chat.keys import AccountKey, RoomKey
from bot.chat.port import Accept, Refused
from tests.adapters.contract import Abilities, Answered, Button, Failure, Person, Shown, ShownFile, png
from tests.peers import telegram as peer

CHANNEL = "telegram"


class Hosted(TelegramAdapter):
    """An adapter whose webhook calls come in beside it, as the web server hands them over."""

    accept: Accept | None = None

    async def run(self, accept: Accept) -> None:
        self.accept = accept
        await super().run(accept)

    async def stop(self) -> None:
        self.accept = None
        await super().stop()


class Host:
    """A web server with the webhook's route: 200 when the events are stored, 403 to strangers, 503 otherwise."""

    def __init__(self) -> None:
        self.adapter: Hosted | None = None
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        if self.adapter is None or self.adapter.accept is None:
            return web.Response(status=503)
        try:
            events = self.adapter.parse_webhook(request.headers, await request.read())
        except Refused:
            return web.Response(status=403)
        try:
            if events:
                await self.adapter.accept(events)
        except Exception:  # noqa: BLE001 (whatever a store raises)
            return web.Response(status=503)
        return web.Response()


@asynccontextmanager
async def host() -> AsyncIterator[Host]:
    made = Host()
    app = web.Application()
    app.router.add_post(f"/webhook/{CHANNEL}", made.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()


def settings(server: peer.TelegramEmulator, **more: Any) -> TelegramSettings:
    given: dict[str, Any] = {"token": server.token, "api_base": server.root, "poll_timeout": 5}
    return TelegramSettings(_env_file=None, **given | more)


class TelegramDriver:
    """With a `host` the bot is called, without it asks."""

    def __init__(self, server: peer.TelegramEmulator, host: Host | None = None) -> None:
        server.core.privacy = False
        self.server = server
        self.host = host
        self.bot_name = server.bot_username
        self.people: dict[str, peer.Person] = {}
        self.adapter = self._adapter()
        self.can = Abilities(
            hides_only_for=server.core.ephemeral == "support",
            webhook_headers={SECRET_HEADER: self.adapter.settings.secret},
        )

    def _adapter(self) -> Hosted:
        made = Hosted(settings(self.server, webhook_url=self.host.url if self.host else ""), CHANNEL)
        if self.host:
            self.host.adapter = made
        return made

    async def restart(self) -> None:
        self.adapter = self._adapter()

    async def person(self, name: str, locale: str | None = None) -> Person:
        known = next((each for each in self.people.values() if each.name == name), None)
        if known is None:
            known = self.server.person(name, language_code=locale or "", started=True)
            self.people[str(known.id)] = known
        return Person(AccountKey(CHANNEL, str(known.id)), name, locale)

    def _who(self, person: Person) -> peer.Person:
        return self.people[person.account.id]

    def _chat(self, room: RoomKey) -> Any:
        return self.server.core.world.chats[int(room.room)]

    def _message(self, room: RoomKey, message_id: str) -> peer.Message:
        chat = self._chat(room)
        _, only_one, number = message_id.rpartition("~")
        found = chat.ephemerals[int(number)] if only_one else chat.messages[int(number)]
        assert isinstance(found, peer.Message)
        return found

    def private(self, person: Person) -> RoomKey:
        return RoomKey(CHANNEL, person.account.id)

    async def group(self, title: str, by: Person) -> RoomKey:
        # A forum's general topic is like any group, and it can have other topics.
        made = self.server.group(title, [self._who(by)], forum=True, with_bot=True)
        return RoomKey(CHANNEL, str(made.id))

    async def enter(self, person: Person, room: RoomKey) -> None:
        self.server.chat(int(room.room)).join(self._who(person))

    async def thread(self, room: RoomKey, name: str, by: Person) -> RoomKey:
        topic = self.server.chat(int(room.room)).topic(name, by=self._who(by))
        return RoomKey(CHANNEL, room.room, str(topic.id))

    async def write(self, person: Person, room: RoomKey, text: str, *, reply_to: str = "") -> None:
        thread = int(room.thread) if room.thread else None
        said = self._message(room, reply_to) if reply_to else None
        await self._who(person).send(self._chat(room), text, reply_to=said, thread=thread)

    async def post(self, person: Person, room: RoomKey, kind: MessageKind, caption: str = "") -> None:
        kinds: dict[str, dict[str, Any]] = {
            "photo": {"photo": self.posted("photo")},
            "voice": {"voice": b"OggS"},
            "sticker": {"sticker": "🌻"},
            "file": {"document": ("lista.txt", self.posted("file"))},
        }
        await self._who(person).send(self._chat(room), caption, **kinds[kind])

    def posted(self, kind: MessageKind) -> bytes:
        return png() if kind == "photo" else b"en lista"

    async def remove(self, person: Person, room: RoomKey, message_id: str) -> None:
        await self._who(person).delete(self._message(room, message_id))

    async def edit(self, person: Person, room: RoomKey, message_id: str, text: str) -> None:
        await self._who(person).edit(self._message(room, message_id), text)

    async def press(self, person: Person, room: RoomKey, message_id: str, label: str) -> None:
        await self._who(person).press(self._message(room, message_id), label, wait=False)

    async def answered(self, person: Person) -> Sequence[Answered]:
        presses = [each for each in self.server.core.callbacks.values() if each.user.id == int(person.account.id)]
        answers = [Answered(each.answer["text"], each.answer["url"]) for each in presses if each.answer]
        return [answer for answer in answers if answer != Answered()]

    async def follow(self, person: Person, link: str, group: RoomKey | None = None) -> None:
        into = self.server.chat(int(group.room)) if group else None
        await self._who(person).open_link(link, group=into)

    async def remove_bot(self, room: RoomKey, by: Person) -> None:
        self.server.chat(int(room.room)).remove_bot(by=self._who(by))

    async def block(self, person: Person) -> None:
        self._who(person).block_bot()

    async def move(self, room: RoomKey, by: Person) -> RoomKey:
        group = self.server.chat(int(room.room))
        group.state.type = "group"
        return RoomKey(CHANNEL, str(group.migrate()))

    async def shown(self, person: Person, room: RoomKey) -> Sequence[Shown]:
        chat = self._chat(room)
        everyone = [message for message in chat.messages.values() if message.sender is self.server.core.bot]
        theirs = [each for each in chat.ephemerals.values() if each.ephemeral_for.id == int(person.account.id)]
        thread = int(room.thread) if room.thread else None
        return [
            self._shown(message)
            for message in everyone + theirs
            if not message.deleted and not message.service and message.thread_id == thread
        ]

    def _shown(self, message: peer.Message) -> Shown:
        number = f"{message.ephemeral_for.id}~{message.ephemeral_id}" if message.ephemeral_for else str(message.id)
        buttons = tuple(Button(each["text"], each.get("url", "")) for each in message.buttons)
        replied = str(message.reply_to.id) if message.reply_to else ""
        return Shown(number, message.body, buttons, self._file(message), replied)

    def _file(self, message: peer.Message) -> ShownFile | None:
        files = self.server.core.world.files
        if "photo" in message.media:
            return ShownFile(files[message.media["photo"][-1]["file_id"]].data)
        if "document" in message.media:
            stored = files[message.media["document"]["file_id"]]
            return ShownFile(stored.data, stored.name)
        return None

    async def menu(self, locale: str, *, group: bool = False) -> Sequence[tuple[str, str]]:
        scope = '{"type":"%s"}' % ("all_group_chats" if group else "all_private_chats")
        commands = self.server.core.profile.commands.get((scope, locale), [])
        return [(command["command"], command["description"]) for command in commands]

    async def fail_next_send(self, failure: Failure) -> None:
        match failure:
            case "later":
                self.server.fault("sendMessage", status=429, retry_after=1)
            case "uncertain":
                self.server.drop_reply("sendMessage")
            case "unreachable":
                self.server.fault("sendMessage", status=400, description="Bad Request: BUTTON_DATA_INVALID")

    async def acknowledged(self) -> bool:
        return not self.server.pending_updates
