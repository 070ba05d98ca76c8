"""Everybody else on Matrix, for the contract of adapters: a real Synapse, and people with clients of their own.

The people's clients are matrix-nio's whole `AsyncClient`, encryption included. The bot comes through a gate, which
lets its requests fail where a test asks for it, and sees how far it says that it has read.
"""

from __future__ import annotations

import asyncio
import html.parser
import io
import json
import re
import urllib.request
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nio import (
    AsyncClient,
    AsyncClientConfig,
    DownloadResponse,
    MegolmEvent,
    RoomCreateResponse,
    RoomSendResponse,
    UploadResponse,
)
from nio.crypto.attachments import decrypt_attachment
from nio.exceptions import EncryptionError
from nio.store import SqliteMemoryStore

from bot.adapters.matrix.adapter import MatrixAdapter
from bot.adapters.matrix.settings import MatrixSettings
from bot.chat.events import MessageKind
from bot.chat.keys import AccountKey, RoomKey
from tests.adapters.contract import Abilities, Answered, Button, Failure, Person, Shown, ShownFile, eventually, png
from tests.peers.synapse import Synapse
from tests.peers.synapse.gate import Gate

CHANNEL = "matrix"
PASSWORD = "secret"
ENCRYPTION = {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
THREAD_OF = "m.thread"


def settings(gate: str, user: str, **more: Any) -> MatrixSettings:
    given: dict[str, Any] = {"homeserver": gate, "user": user, "password": PASSWORD, "rate": 0, "poll_timeout": 5}
    return MatrixSettings(_env_file=None, **given | more)


class Reader(html.parser.HTMLParser):
    """Reads a message's HTML as a person does: its paragraphs, its numbered choices, its links."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.paragraphs: list[str] = []
        self.buttons: list[Button] = []
        self._item: list[str] | None = None
        self._list = ""
        self._href = ""
        self._codes: list[str] = []
        self._anchor = ""
        self._inside = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        match tag:
            case "p":
                self.paragraphs.append("")
            case "ol" | "ul":
                self._list = tag
                self.buttons += [Button(str(number)) for number in range(1, int(dict(attrs).get("start") or 1))]
            case "li":
                self._item, self._href, self._codes, self._anchor = [], "", [], ""
            case "a":
                self._href, self._inside = dict(attrs)["href"] or "", "a"
            case "code":
                self._inside = "code"
                self._codes.append("")
            case "br":
                self.handle_data("\n")
            case "strong" | "em" | "blockquote":
                pass
            case _:
                raise AssertionError(f"<{tag}> is not our markup")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""
        if tag != "li":
            return
        said = "".join(self._item or ())
        label = self._anchor or (said.partition(": ")[0] if self._list == "ul" else said)
        ways = [*([self._href] if self._href else []), *self._codes]
        self.buttons.append(Button(label, " → ".join(ways)))
        self._item = None

    def handle_data(self, data: str) -> None:
        if self._item is None:
            self.paragraphs[-1] += data
            return
        self._item.append(data)
        if self._inside == "a":
            self._anchor += data
        elif self._inside == "code":
            self._codes[-1] += data


@dataclass
class Human:
    """Somebody's client, and all it has seen."""

    client: AsyncClient
    locale: str | None
    private: str = ""
    seen: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    locked: list[tuple[str, MegolmEvent]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)

    async def catch_up(self) -> None:
        """Read all there is."""
        answer = await self.client.sync(
            timeout=0, full_state=not self.client.next_batch, sync_filter={"room": {"timeline": {"limit": 200}}}
        )
        for room_id, info in getattr(answer, "rooms").join.items():  # noqa: B009 (an error has none)
            for event in info.timeline.events:
                if isinstance(event, MegolmEvent):
                    self.locked.append((room_id, event))
                self._note(room_id, event)
        for room_id, event in list(self.locked):
            event.room_id = room_id
            try:
                self._note(room_id, self.client.decrypt_event(event))
            except EncryptionError:
                continue
            self.locked.remove((room_id, event))
        if self.client.should_upload_keys:
            await self.client.keys_upload()
        if self.client.should_query_keys:
            await self.client.keys_query()

    async def withhold(self, room_id: str) -> dict[str, str]:
        """Say what comes in a session whose key nobody gets yet; gives the key, as one device tells it another."""
        await self.catch_up()
        olm = self.client.olm
        assert olm is not None
        olm.create_outbound_group_session(room_id)
        session = olm.outbound_group_sessions[room_id]
        key = session.session_key
        session.shared = True
        self.client.rooms[room_id].members_synced = True
        kind = "m.megolm.v1.aes-sha2"
        return {"algorithm": kind, "room_id": room_id, "session_id": session.id, "session_key": key}

    async def locked_for(self, whom: str, key: dict[str, str]) -> dict[str, Any]:
        """Give the body of the request that brings a key to somebody's only device."""
        olm = self.client.olm
        assert olm is not None
        await self.client.keys_claim(olm.get_missing_sessions([whom]))
        (device,) = olm.device_store.active_user_devices(whom)
        locked = olm._olm_encrypt(olm.session_store.get(device.curve25519), device, "m.room_key", key)
        return {"messages": {whom: {device.id: locked}}}

    def _note(self, room_id: str, event: Any) -> None:
        source = event.source
        if isinstance(event, MegolmEvent) or source.get("event_id") in self.ids:
            return
        self.ids.add(source.get("event_id"))
        self.seen[room_id].append(source | {"decrypted": getattr(event, "decrypted", False)})

    async def send(self, room_id: str, content: dict[str, Any], kind: str = "m.room.message") -> str:
        """Send an event, encrypted where the room is."""
        if room_id not in self.client.rooms:
            await self.catch_up()
        sent = await self.client.room_send(room_id, kind, content, ignore_unverified_devices=True)
        assert isinstance(sent, RoomSendResponse), sent
        return str(sent.event_id)


class MatrixDriver:
    """With `encrypted`, all rooms are; with None, some."""

    def __init__(
        self, server: Synapse, gate: Gate, folder: Path, *, encrypted: bool | None = False, **more: Any
    ) -> None:
        self.server = server
        self.gate = gate
        self.folder = folder
        self.encrypted = encrypted
        self.more = more
        self.mark = uuid.uuid4().hex[:8]
        self.bot = server.register(f"bot-{self.mark}", PASSWORD, display="bot")
        self.bot_name = self.bot[1:].partition(":")[0]
        self.people: dict[str, Human] = {}
        self.names: dict[str, Person] = {}
        self.owners: dict[str, Human] = {}
        self.adapter = self._adapter()
        self.can = Abilities(prefix="!", alerts=False)

    def _adapter(self) -> MatrixAdapter:
        return MatrixAdapter(settings(self.gate.url, self.bot, **self.more), self.folder, b"a secret", CHANNEL)

    async def restart(self) -> None:
        self.adapter = self._adapter()

    async def close(self) -> None:
        for human in self.people.values():
            await human.client.close()

    # People and rooms

    async def human(self, name: str, locale: str | None = None, *, display: str = "") -> Human:
        """Give somebody with a client, who knows nobody yet."""
        made = self.server.enrol(f"{name.lower()}-{self.mark}", PASSWORD, display=display or name)
        config = AsyncClientConfig(store=SqliteMemoryStore, pickle_key="theirs", max_timeouts=2)
        human = Human(AsyncClient(self.server.url, made["user_id"], config=config), locale)
        self.people[made["user_id"]] = human
        human.client.restore_login(made["user_id"], made["device_id"], made["access_token"])
        await human.catch_up()
        return human

    async def person(self, name: str, locale: str | None = None) -> Person:
        if name in self.names:
            return self.names[name]
        human = await self.human(name, locale)
        human.private = await self.create(human, is_direct=True)
        person = Person(AccountKey(CHANNEL, human.client.user_id), name, locale)
        self.names[name] = person
        return person

    async def create(self, by: Human, title: str = "", **more: Any) -> str:
        """Make a room with the bot in it."""
        made = await self.make_room(by, title, **more)
        await self.bot_is_in(by, made)
        await by.catch_up()
        return made

    async def make_room(self, by: Human, title: str = "", others: Sequence[str] = (), **more: Any) -> str:
        """Make a room and invite the bot, and others."""
        initial, invite = [ENCRYPTION] if self.encrypted else [], [self.bot, *others]
        made = await by.client.room_create(name=title or None, invite=invite, initial_state=initial, **more)
        assert isinstance(made, RoomCreateResponse), made
        self.owners[made.room_id] = by
        return str(made.room_id)

    async def bot_is_in(self, seen_by: Human, room_id: str) -> None:
        async def members() -> list[str]:
            answer = await seen_by.client.joined_members(room_id)
            return [member.user_id for member in getattr(answer, "members", [])]

        await eventually(members, lambda found: self.bot in found)

    def _who(self, person: Person) -> Human:
        return self.people[person.account.id]

    def private(self, person: Person) -> RoomKey:
        return RoomKey(CHANNEL, self._who(person).private)

    async def group(self, title: str, by: Person) -> RoomKey:
        return RoomKey(CHANNEL, await self.create(self._who(by), title))

    async def enter(self, person: Person, room: RoomKey) -> None:
        owner, who = self.owners[room.room], self._who(person)
        await owner.client.room_invite(room.room, who.client.user_id)
        await who.client.join(room.room)
        await owner.catch_up()
        await who.catch_up()

    async def thread(self, room: RoomKey, name: str, by: Person) -> RoomKey:
        root = await self._who(by).send(room.room, {"msgtype": "m.text", "body": name})
        return RoomKey(CHANNEL, room.room, root)

    # What people do

    def _text(self, human: Human, text: str) -> dict[str, Any]:
        content: dict[str, Any] = {"msgtype": "m.text", "body": text, "m.mentions": {}}
        if human.locale:
            content["org.matrix.msc1767.text"] = [{"body": text, "lang": human.locale}]
        return content

    async def write(self, person: Person, room: RoomKey, text: str, *, reply_to: str = "") -> None:
        human = self._who(person)
        content = self._text(human, text)
        if room.thread:
            content["m.relates_to"] = {
                "rel_type": THREAD_OF, "event_id": room.thread, "is_falling_back": not reply_to,
                "m.in_reply_to": {"event_id": reply_to or room.thread},
            }  # fmt: skip
        elif reply_to:
            content["m.relates_to"] = {"m.in_reply_to": {"event_id": reply_to}}
        await human.send(room.room, content)

    async def post(self, person: Person, room: RoomKey, kind: MessageKind, caption: str = "") -> None:
        content: dict[str, Any] = {"url": "mxc://byalag.test/nothing", "info": {"size": 1}, "body": "bild.png"}
        if kind in {"photo", "file"}:
            content = await self._uploaded(self._who(person), room.room, self.posted(kind))
        types = {"photo": "m.image", "voice": "m.audio", "file": "m.file"}
        if kind == "sticker":
            await self._who(person).send(room.room, content, "m.sticker")
            return
        content["msgtype"] = types[kind]
        if kind == "voice":
            content["org.matrix.msc3245.voice"] = {}
        if caption:
            content |= {"filename": "bild.png", "body": caption}
        await self._who(person).send(room.room, content)

    async def _uploaded(self, human: Human, room_id: str, data: bytes) -> dict[str, Any]:
        """Store a file, encrypted where the room is; gives what the message says of it."""
        if room_id not in human.client.rooms:
            await human.catch_up()
        encrypted = human.client.rooms[room_id].encrypted
        kind = "application/octet-stream" if encrypted else "image/png"
        answer, keys = await human.client.upload(
            io.BytesIO(data), kind, "bild.png", encrypt=encrypted, filesize=len(data)
        )
        assert isinstance(answer, UploadResponse), answer
        place: dict[str, Any] = {"url": answer.content_uri}
        if keys is not None:
            place = {"file": keys | place}
        return place | {"info": {"size": len(data), "mimetype": "image/png"}, "body": "bild.png"}

    def posted(self, kind: MessageKind) -> bytes:
        return png() if kind == "photo" else b"en lista"

    async def remove(self, person: Person, room: RoomKey, message_id: str) -> None:
        await self._who(person).client.room_redact(room.room, message_id)

    async def edit(self, person: Person, room: RoomKey, message_id: str, text: str) -> None:
        human = self._who(person)
        content = self._text(human, f"* {text}") | {
            "m.new_content": self._text(human, text), "m.relates_to": {"rel_type": "m.replace", "event_id": message_id}
        }  # fmt: skip
        await human.send(room.room, content)

    async def press(self, person: Person, room: RoomKey, message_id: str, label: str) -> None:
        human = self._who(person)
        (message,) = (each for each in await self.shown(person, room) if each.id == message_id)
        place = [button.label for button in message.buttons if not button.link].index(label)
        if self.encrypted and room.room == human.private:
            key = f"{place + 1}\ufe0f\u20e3"
        else:
            key = (await eventually(lambda: self.offered(human, room, message_id), lambda keys: len(keys) > place))[
                place
            ]
        await self.react(human, room, message_id, key)

    async def react(self, human: Human, room: RoomKey, message_id: str, key: str) -> str:
        relation = {"rel_type": "m.annotation", "event_id": message_id, "key": key}
        return await human.send(room.room, {"m.relates_to": relation}, "m.reaction")

    async def offered(self, human: Human, room: RoomKey, message_id: str) -> list[str]:
        """Give the reactions that the bot put under a message, in their order."""
        await human.catch_up()
        gone = {event.get("redacts") for event in human.seen[room.room] if event["type"] == "m.room.redaction"}
        relations = [
            event["content"].get("m.relates_to", {})
            for event in human.seen[room.room]
            if event["type"] == "m.reaction" and event["sender"] == self.bot and event["event_id"] not in gone
        ]
        return [relation["key"] for relation in relations if relation.get("event_id") == message_id]

    async def answered(self, person: Person) -> Sequence[Answered]:
        return []

    async def follow(self, person: Person, link: str, group: RoomKey | None = None) -> None:
        where, _, typed = link.partition(" → ")
        assert self.bot in where
        await self.write(person, group or self.private(person), typed)

    async def remove_bot(self, room: RoomKey, by: Person) -> None:
        await self._who(by).client.room_kick(room.room, self.bot)

    async def block(self, person: Person) -> None:
        await self._who(person).client.room_leave(self._who(person).private)

    async def move(self, room: RoomKey, by: Person) -> RoomKey:
        human = self._who(by)
        answer = await self.ask(human, "POST", f"rooms/{room.room}/upgrade", {"new_version": "12"})
        new = str(answer["replacement_room"])
        await human.client.room_invite(new, self.bot)
        await self.bot_is_in(human, new)
        return RoomKey(CHANNEL, new)

    async def ask(self, human: Human, method: str, path: str, body: Any = None) -> Any:
        """Make a request that the client has no method for."""
        return await asyncio.to_thread(self._ask, method, path, human.client.access_token, body)

    def _ask(self, method: str, path: str, token: str, body: Any = None) -> Any:
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        address = f"{self.server.url}/_matrix/client/v3/{path}"
        request = urllib.request.Request(address, data, headers, method=method)  # noqa: S310 (our own server)
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 (the same)
            return json.load(answer)

    async def devices(self, person: Person, user: str) -> dict[str, Any]:
        """Give somebody's devices, as the server tells them to a person now."""
        client = self._who(person).client
        client.olm.users_for_key_query.add(user)
        await client.keys_query()
        return {device.id: device for device in client.device_store.active_user_devices(user)}

    # What people see

    async def shown(self, person: Person, room: RoomKey) -> Sequence[Shown]:
        human = self._who(person)
        await human.catch_up()
        found = await self._messages(human, room.room, room.thread)
        if room.room != human.private:
            found += [
                Shown(f"{each.id} {human.private}", each.text, each.buttons, each.file)
                for each in await self._messages(human, human.private, "")
            ]
        return found

    def standing(self, human: Human, room_id: str, thread: str = "") -> dict[str, tuple[dict[str, Any], str]]:
        """Give the bot's messages as they are now: each one's content, and what it is a reply to."""
        gone = {event.get("redacts") for event in human.seen[room_id] if event["type"] == "m.room.redaction"}
        contents: dict[str, dict[str, Any]] = {}
        replies: dict[str, str] = {}
        for event in human.seen[room_id]:
            if event["sender"] != self.bot or event["type"] != "m.room.message" or event["event_id"] in gone:
                continue
            if self.encrypted is not None:
                assert event["decrypted"] == self.encrypted, "a message in the clear in an encrypted room"
            content = event["content"]
            relation = content.get("m.relates_to", {})
            if relation.get("rel_type") == "m.replace":
                contents[relation["event_id"]] = content["m.new_content"]
            elif (relation.get("event_id", "") if relation.get("rel_type") == THREAD_OF else "") == thread:
                contents[event["event_id"]] = content
                replies[event["event_id"]] = relation.get("m.in_reply_to", {}).get("event_id", "")
        return {event_id: (contents[event_id], reply_to) for event_id, reply_to in replies.items()}

    async def _messages(self, human: Human, room_id: str, thread: str) -> list[Shown]:
        found = self.standing(human, room_id, thread)
        return [
            await self._shown(human, event_id, content, reply_to) for event_id, (content, reply_to) in found.items()
        ]

    async def _shown(self, human: Human, event_id: str, content: dict[str, Any], reply_to: str) -> Shown:
        if "formatted_body" not in content:
            return Shown(event_id, content["body"], (), None, reply_to)
        reader = Reader(content["formatted_body"])
        # The plain body stands alone.
        assert all(words in content["body"] for words in reader.paragraphs)
        assert all(button.label in content["body"] and button.link in content["body"] for button in reader.buttons)
        file = await self._file(human, content) if content["msgtype"] in {"m.image", "m.file"} else None
        return Shown(event_id, "\n\n".join(reader.paragraphs), tuple(reader.buttons), file, reply_to)

    async def _file(self, human: Human, content: dict[str, Any]) -> ShownFile:
        locked = content.get("file")
        assert bool(locked) == self.encrypted
        answer = await human.client.download(mxc=locked["url"] if locked else content["url"])
        assert isinstance(answer, DownloadResponse), answer
        data = answer.body
        if locked:
            data = decrypt_attachment(data, locked["key"]["k"], locked["hashes"]["sha256"], locked["iv"])
        assert content["info"]["size"] == len(data)
        return ShownFile(data, content["filename"])

    async def menu(self, locale: str, *, group: bool = False) -> Sequence[tuple[str, str]]:
        raise NotImplementedError

    # The network

    async def fail_next_send(self, failure: Failure) -> None:
        path = r"/send/m\.room\.(message|encrypted)/"
        match failure:
            case "later":
                limited = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too Many Requests"}
                self.gate.fault(path, status=429, body=limited, headers={"Retry-After": "1"})
            case "uncertain":
                self.gate.fault(path, lose=True)
            case "unreachable":
                self.gate.fault(path, status=413, body={"errcode": "M_TOO_LARGE", "error": "event too large"})

    async def acknowledged(self) -> bool:
        there = await asyncio.to_thread(self._ask, "GET", "sync?timeout=0", self._observer())
        return position(self.gate.last_since) >= position(there["next_batch"])

    def _observer(self) -> str:
        found = getattr(self.server, "observer", "")
        if not found:
            found = self.server.enrol(f"observer-{self.mark}", PASSWORD)["access_token"]
            self.server.observer = found
        return str(found)


def position(token: str) -> int:
    """Read from a sync's token how many events came before it."""
    found = re.match(r"s(\d+)", token)
    return int(found[1]) if found else -1
