"""Chats as people see them: what stands there now, waiting for the bot, and transcripts.

Waiting looks at what the bot did since the people's latest turn. A turn begins with the first thing a person does after
a successful wait; so "send, send, wait, wait" works in any order of answers, and what an earlier turn left behind is
never mistaken for an answer. Each sent message or edit is found by one wait only. `since=` and `message=` override.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .core import Core
from .entities import entity_text
from .records import Event
from .state import Chat, Message

if TYPE_CHECKING:
    from .people import Person

DEFAULT_TIMEOUT = 5.0
Matcher = Callable[[Message], Any]


class ChatView:
    """One chat, whoever looks at it."""

    def __init__(self, core: Core, state: Chat) -> None:
        self.core = core
        self._state = state
        self._turn = 0
        self._answered = False

    @property
    def state(self) -> Chat:
        return self._state

    @property
    def id(self) -> int:
        return self.state.id

    @property
    def title(self) -> str:
        return self.state.title or (self.state.user.name if self.state.user else "")

    @property
    def messages(self) -> list[Message]:
        """All that stands there now, oldest first."""
        return [message for message in self.state.messages.values() if not message.deleted]

    @property
    def bot_messages(self) -> list[Message]:
        return [message for message in self.messages if message.sender is self.core.bot and not message.service]

    @property
    def last(self) -> Message:
        """The latest message of the bot."""
        messages = self.bot_messages
        assert messages, self.complaint("the bot has said nothing")
        return messages[-1]

    @property
    def keyboard(self) -> list[str]:
        """Labels of the reply keyboard that stands below the chat; pressing one is sending its text."""
        shown = next((message.keyboard for message in reversed(self.bot_messages) if message.keyboard), {})
        return [_label(button) for row in shown.get("keyboard", []) for button in row]

    @property
    def pinned(self) -> list[Message]:
        return [self.state.messages[number] for number in self.state.pinned]

    def find(self, contains: str = "", *, matches: Matcher | str | None = None) -> Message | None:
        """The latest message of the bot that fits, without waiting."""
        fits = matcher(contains, matches)
        return next((message for message in reversed(self.bot_messages) if fits(message)), None)

    def acted(self) -> None:
        """A person did something here."""
        if self._answered:
            self._turn, self._answered = self.core.event_number, False

    def saw(self, message: Message) -> None:
        """Who presses a button has read the message: it needs no wait to end the turn it belongs to."""
        events = self.core.events.get(self.state.id, [])
        if any(event.message is message and event.number > self._turn for event in reversed(events)):
            self._answered = True

    async def wait_for_message(
        self,
        contains: str = "",
        *,
        matches: Matcher | str | None = None,
        message: Message | None = None,
        since: Message | int | None = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> Message:
        """The next message (or edit) of the bot whose text or labels contain `contains` and fit `matches`.

        `matches`: a regular expression or a function. `message`: look only at this one, as it is now or becomes.
        `since`: look at all that happened after that message or event number (0: from the beginning).
        """
        fits = matcher(contains, matches)

        def look() -> Message | None:
            if message is not None:
                return message if not message.deleted and fits(message) else None
            event = next((event for event in self._candidates(since) if fits(event.message)), None)
            if event is not None:
                event.taken = True
            return event.message if event is not None else None

        found = await self.core.until(look, timeout)
        wanted = f"contains={contains!r}" + (f" matches={matches!r}" if matches else "")
        assert found is not None, self.complaint(f"no message with {wanted} within {timeout} s")
        self._answered = True
        assert isinstance(found, Message)
        return found

    async def wait_until(self, condition: Callable[[], Any], *, timeout: float = DEFAULT_TIMEOUT) -> Any:
        """The first true value of `condition`, looked at whenever something changes."""
        found = await self.core.until(condition, timeout)
        assert found, self.complaint(f"it never came to that within {timeout} s")
        return found

    async def quiet(self, seconds: float = 0.3) -> None:
        """Nothing new from the bot for so long, else a failure."""
        before = self.core.event_number
        changed = await self.core.until(lambda: any(self._candidates(before)), seconds)
        assert not changed, self.complaint("the bot was not quiet")

    def _candidates(self, since: Message | int | None) -> Iterator[Event]:
        events = self.core.events.get(self.state.id, [])
        turn = self._turn
        if isinstance(since, Message):
            turn = next((event.number for event in events if event.message is since), 0)
        elif since is not None:
            turn = since
        for event in events:
            if event.number > turn and not (event.taken and since is None) and self._is_current(event):
                yield event

    def _is_current(self, event: Event) -> bool:
        """The bot's own doing, and still so to be seen."""
        message = event.message
        if event.kind not in {"sent", "edited"} or message.deleted or message.service:
            return False
        return message.sender is self.core.bot and event.body == message.body

    def transcript(self, *, person: Person | None = None, last: int | None = None) -> str:
        """What a person sees: current texts, buttons, how often each was edited."""
        shown = self.messages + [
            message for message in self.state.ephemerals.values()
            if not message.deleted and (person is None or message.ephemeral_for is person.user)
        ]  # fmt: skip
        lines = [_line(message) for message in shown]
        return "\n".join(lines[-last:] if last else lines) or "(nothing)"

    def complaint(self, what: str) -> str:
        """For a failure: what is wrong, what stands in the chat, and what the server refused lately."""
        refused = [
            f"{request.method}: {request.error} {request.params}" for request in self.core.requests if not request.ok
        ]
        lines = [f"{what} in {self.title}:", self.transcript()]
        if refused or self.core.violations:
            lines += [
                "",
                "The server refused:",
                *refused[-5:],
                *(f"violation: {each}" for each in self.core.violations[-5:]),
            ]
        return "\n".join(lines)


class PrivateChat(ChatView):
    """A person's chat with the bot."""


def matcher(contains: str, matches: Matcher | str | None) -> Callable[[Message], bool]:
    pattern = re.compile(matches, re.DOTALL) if isinstance(matches, str) else None

    def fits(message: Message) -> bool:
        seen = "\n".join([message.body, *message.labels])
        if contains not in seen:
            return False
        if pattern is not None:
            return bool(pattern.search(seen))
        return bool(matches(message)) if callable(matches) else True

    return fits


def links(message: Message) -> list[str]:
    """Every link a person can follow in a message: in its text, behind words, on buttons."""
    found = []
    for entity in message.entities + message.caption_entities:
        if entity["type"] == "text_link":
            found.append(entity["url"])
        elif entity["type"] == "url":
            found.append(entity_text(message.body, entity))
    return found + [button["url"] for button in message.buttons if "url" in button]


def _line(message: Message) -> str:
    who = message.sender.name + (" (bot)" if message.sender.is_bot else "")
    marks = []
    if message.thread_id:
        topic = message.chat.topics.get(message.thread_id)
        marks.append(f"#{topic.name if topic else message.thread_id}")
    if message.reply_to:
        marks.append(f"re {message.reply_to.id}")
    if message.edits:
        marks.append(f"edited ×{message.edits}")
    if message.ephemeral_for:
        marks.append(f"only for {message.ephemeral_for.name}")
    if message.id in message.chat.pinned:
        marks.append("pinned")
    head = f"[{message.id}] {who}{' (' + ', '.join(marks) + ')' if marks else ''}: "
    parts = [f"<{kind.replace('_', ' ')}>" for kind in [*message.media, *list(message.service)[:1]]]
    lines = [head + " ".join([*parts, message.body])]
    inline, keyboard = (message.markup or {}).get("inline_keyboard", []), (message.keyboard or {}).get("keyboard", [])
    lines += ["    " + " ".join(f"[{button['text']}{' ↗' * ('url' in button)}]" for button in row) for row in inline]
    lines += ["    " + " ".join(f"({_label(button)})" for button in row) for row in keyboard]
    if message.reactions:
        lines.append("    " + " ".join(emoji for emojis in message.reactions.values() for emoji in emojis))
    return "\n".join(lines)


def _label(button: Any) -> str:
    return button if isinstance(button, str) else str(button.get("text"))
