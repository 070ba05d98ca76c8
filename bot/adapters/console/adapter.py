r"""The console: the bot in a terminal, where the person at the keyboard is everybody, in every room.

It is the network of the first minutes, when no other is configured, and of scripts: `printf '/start\n1\n'` into it
works line by line. Rules:

* A line is taken when `accept` has returned; only then is the next one asked for. If it could not be stored, the very
  same events are offered again until they are, and the person is told once.
* With a pipe for a keyboard, the bot has answered a line (`settled`) before the next one is read.
* Messages of all rooms are shown, each with its room's name and a number.
"""

from __future__ import annotations

import asyncio
import io
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

import msgspec

from bot.adapters.console.files import SAMPLES, keep
from bot.adapters.console.hands import Hands
from bot.adapters.console.keyboard import Keyboard
from bot.adapters.console.lines import goes_on, parse
from bot.adapters.console.screen import Screen, has_colour, one_line
from bot.adapters.console.world import PRIVATE, Said, World
from bot.chat.content import LocalChoice, LocalMessage
from bot.chat.events import Event
from bot.chat.keys import RoomKey
from bot.chat.port import Accept, Finding, Later, Limits, Manner, Menu, PressAnswer, Refused, Unreachable

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(LocalMessage)

FIRST_WAIT, LONGEST_WAIT = 0.1, 5.0
"""Seconds before events are offered again: doubled each time."""


async def _nothing_due() -> None:
    """Stand in for `settled` where nobody gave one."""


class ConsoleAdapter:
    """See the module. Answers the port `bot.chat.port.ChatAdapter`.

    `files` is the folder for pictures and files, made when needed. `settled` resolves when neither inbox nor outbox has
    anything due. `name` is who one is at first, `locale` what a network would say of everybody's language.
    """

    limits = Limits()
    idempotent = True
    keeper = None
    called = False
    manner = Manner(numbers=True)
    send_timeout = 5.0

    def __init__(
        self,
        files: Path,
        settled: Callable[[], Awaitable[None]] = _nothing_due,
        *,
        channel: str = "console",
        name: str = "Anna",
        locale: str | None = None,
        stdin: TextIO | None = None,
        stdout: TextIO | None = None,
    ) -> None:
        self.channel = channel
        self._files = files
        self._settled = settled
        self._world = World(channel, name, locale)
        self._hands = Hands(self._world)
        self._stdout = stdout = stdout or sys.stdout
        self._keyboard = Keyboard(stdin or sys.stdin, stdout)
        colour = has_colour(stdout)
        self._screen = Screen(stdout, self._keyboard.being_typed, colour=colour, steers=self._keyboard.edits)
        self._sent: dict[str, str] = {}
        self._stopped = False

    async def start(self, menus: Sequence[Menu]) -> None:
        """Say hello."""
        if isinstance(self._stdout, io.TextIOWrapper):
            self._stdout.reconfigure(errors="replace")  # an old terminal shows a question mark, and goes on
        self._hands.menus = menus
        name = self._world.me.name
        self._screen.note(
            f"Byalag in the terminal. You are {name}. Type /start to begin, :help to be several people, :quit to end.\n"
            f"Byalag i terminalen. Du är {name}. Skriv /start för att börja, :help för hjälp, :quit för att sluta."
        )

    async def run(self, accept: Accept) -> None:
        """Take lines until there are no more, or `:quit`."""
        try:
            await self._read_all(accept)
        finally:
            self._keyboard.close()

    async def stop(self) -> None:
        """Send nothing more, and leave the terminal as it was found."""
        self._stopped = True
        self._keyboard.close()

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:  # noqa: ARG002 (the port's)
        """Refuse: nobody calls a terminal."""
        raise Refused("the console has no webhook")

    def render(self, room: RoomKey, message: LocalMessage) -> bytes:  # noqa: ARG002 (the port's)
        """Write a message as JSON."""
        return _encoder.encode(message)

    async def send(self, room: RoomKey, rendered: bytes, key: str) -> str:
        """Show a message. Once for each key, while the process lives."""
        if self._stopped:
            raise Later("the console has ended", retry_after=60)
        if not self._world.reachable(room):
            raise Unreachable("the bot was removed", dead=True)
        if key in self._sent:
            return self._sent[key]
        try:
            message = _decoder.decode(rendered)
        except msgspec.DecodeError as error:
            raise Unreachable("not a message of this console") from error
        try:
            notes = await self._attachment(message)
            self._sent[key] = self._show(room, message, notes)
        except OSError as error:
            raise Later(f"cannot write: {error.strerror or error}", retry_after=10, room_only=False) from error
        return self._sent[key]

    async def delete(self, room: RoomKey, message_id: str, key: str) -> None:  # noqa: ARG002 (the port's)
        """Tell that a message of the bot's is not there any more."""
        if self._stopped:
            raise Later("the console has ended", retry_after=60)
        said = self._world.remove(message_id)
        if said is not None:
            self._note(f"[{self._world.label(room)}] #{said.number} of the bot is removed.")

    async def fetch_media(self, ref: str, most: int) -> bytes:
        """Give the picture or file that stands for all that are posted here."""
        data = SAMPLES.get(ref, b"")
        if not data or len(data) > most:
            raise Unreachable("gone" if not data else "large")
        return data

    async def answer(self, press: str, answer: PressAnswer) -> None:
        """Tell what only the one who pressed would see."""
        name = self._hands.pressed.pop(press, None)
        if name is None or self._stopped:
            return
        said = [one_line(answer.text)] if answer.text else []
        if answer.start:
            said.append(f"go on in private with :link {self.link(answer.start)}")
        if said:
            self._note(f"(only {name} sees: {'; '.join(said)})")

    def link(self, start: str, *, group: bool = False) -> str:
        """Give the line that, typed, opens the private room (or a group room) with this payload."""
        return f":room NAME /start {start}" if group else f"/start {start}"

    def address(self, room: RoomKey) -> str:
        """Give the line that leads into a room."""
        return f":room {self._world.label(room)}"

    def describe(self) -> str:
        """Say it in a line."""
        return "console: the bot talks in this terminal, to whoever sits there"

    async def look(self) -> Sequence[Finding]:
        """Say it in a line."""
        return [Finding(self.describe())]

    # Reading

    async def _read_all(self, accept: Accept) -> None:
        while (typed := await self._typed()) is not None:
            done = self._hands.do(parse(typed))
            if done.events:
                await self._offer(done.events, accept)
            if done.said:
                self._note(self._echo(done.said))
            if done.note:
                self._note(done.note)
            if done.events and not self._keyboard.terminal:
                await self._settled()
            if done.over:
                break
        if not self._keyboard.terminal:
            await self._settled()

    async def _typed(self) -> str | None:
        """Read a line, and the ones it goes on in."""
        lines: list[str] = []
        on = True
        while on:
            line = await self._keyboard.line("… " if lines else self._prompt())
            if line is None:
                return "\n".join(lines) if lines else None
            line, on = goes_on(line)
            lines.append(line)
        return "\n".join(lines)

    async def _offer(self, events: Sequence[Event], accept: Accept) -> None:
        """Give events to intake until they are safe. The same ids each time: nothing is taken twice."""
        wait = FIRST_WAIT
        while True:
            try:
                return await accept(events)
            except Exception as error:  # noqa: BLE001 (whatever a store raises, the line must not be lost)
                if wait == FIRST_WAIT:
                    self._note(f"That could not be stored yet ({type(error).__name__}). Trying again.")
                await asyncio.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT)

    def _prompt(self) -> str:
        me = self._world.me
        place = "bot" if me.here.room.startswith(PRIVATE) else self._world.label(me.here)
        return f"{one_line(me.name)} → {one_line(place)}> "

    # Showing

    def _echo(self, said: Said) -> str:
        """Tell a message's number; where nobody saw it being typed, the message too."""
        if self._keyboard.terminal or said.author is None:
            return f"#{said.number}"
        private = said.room.room.startswith(PRIVATE)
        text = said.text.replace("\n", "\n  ")
        label = self._world.label(said.room, to_bot=True)
        return f"[{label}] #{said.number}{'' if private else f' {said.author.name}'}: {text}"

    def _show(self, room: RoomKey, message: LocalMessage, notes: tuple[str, ...]) -> str:
        text = "\n".join(block.text for block in message.blocks)
        said = self._world.say(message.replaces or self._world.message_id(), room, text, message=message)
        if not room.room.startswith(PRIVATE) and self._world.awaiting_my_words() is said:
            notes = (*notes, f"(your next line here answers #{said.number})")
        self._screen.message(self._header(said, message), message, self._leads, notes)
        return said.id

    def _header(self, said: Said, message: LocalMessage) -> str:
        only = self._world.people.get(message.only_for)
        name = "" if said.room.room.startswith(PRIVATE) else only.name if only else message.only_for
        label = self._world.label(said.room) + (f", only {name} sees" if name else "")
        answered = self._world.by_id(message.reply_to)
        return (
            f"[{label}] #{said.number}"
            + (" (changed)" if message.replaces else "")
            + (f" to #{answered.number}" if answered else "")
        )

    def _leads(self, choice: LocalChoice) -> str:
        return one_line(choice.url) or (self.link(choice.start, group=choice.group) if choice.start else "")

    async def _attachment(self, message: LocalMessage) -> tuple[str, ...]:
        attached = message.attachment
        if attached is None:
            return ()
        path = await asyncio.to_thread(keep, self._files, attached.name, attached.data)
        alt = one_line(attached.alt) if isinstance(attached.alt, str) else ""
        return (f"{attached.kind}: {alt}" if alt else f"{attached.kind}:", f"  saved as {path}")

    def _note(self, text: str) -> None:
        """Say something of the console's own; if nobody reads any more, that is no reason to stop."""
        try:
            self._screen.note(text)
        except OSError:
            return
