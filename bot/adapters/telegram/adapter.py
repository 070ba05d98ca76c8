"""Telegram as one of our networks: start, receive (by asking, or by webhook), send, answer presses.

Rules
-----
* Nothing is acknowledged before it is stored: the offset moves after `accept`, and the web server answers a webhook
  call after it.
* Only a wrong token or webhook address stops the start. While Telegram is not reached `run` goes on trying, and the
  other networks work.
* Neither the token nor what was said is logged; python-telegram-bot and its HTTP client are kept quiet.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Mapping, Sequence

import structlog
from telegram import Bot, User
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.adapters.offering import Backoff
from bot.adapters.telegram.api import Api, Refusal
from bot.adapters.telegram.fetching import Fetching
from bot.adapters.telegram.members import Counting
from bot.adapters.telegram.menus import publish
from bot.adapters.telegram.receive import WRONG_TOKEN, NotAnUpdateError, Polling, read_update
from bot.adapters.telegram.render import deep_link, render
from bot.adapters.telegram.request import HttpRequest, LostError, NotSentError
from bot.adapters.telegram.sending import Sending
from bot.adapters.telegram.settings import TelegramSettings
from bot.adapters.telegram.translate import Me
from bot.adapters.telegram.updates import ALLOWED
from bot.adapters.telegram.words import clean, cut
from bot.chat.content import LocalMessage
from bot.chat.events import Event
from bot.chat.keys import RoomKey
from bot.chat.port import Accept, Finding, Limits, Manner, Menu, PressAnswer, Refused, StartError

log = structlog.get_logger()

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (a header's name)
MOST_BODY = 1 << 20
ALERT = 200
ANSWER_WITHIN = 5.0
WRONG_ADDRESS = (
    "Telegram does not accept the webhook's address. Check BYALAG_TELEGRAM_WEBHOOK_URL: it needs https, a name that "
    "everybody can look up, and port 443, 80, 88 or 8443."
)


class TelegramAdapter:
    """One bot on Telegram."""

    idempotent = False
    manner = Manner()
    keeper = None
    send_timeout = 15.0

    def __init__(self, settings: TelegramSettings, channel: str = "telegram") -> None:
        for name in ("telegram", "httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.ERROR)
        token, base = settings.token.get_secret_value(), settings.api_base
        self.settings = settings
        self.channel = channel
        self.called = bool(settings.webhook_url)
        self.limits = Limits(settings.rate, settings.rate_room, settings.rate_group)
        self._me = Me(channel, settings.bot_id, settings.username)
        # One connection more than asked for: it waits for updates.
        self._request = HttpRequest(
            connections=settings.connections + 1, within=self.send_timeout - 1, proxy=settings.proxy
        )
        self._api = Api(base, token, self._request)
        self._bot = Bot(token, base_url=f"{base}/bot", request=self._request, get_updates_request=self._request)
        self._sending = Sending(self._api, self._me, self.send_timeout - 1)
        self._fetching = Fetching(self._api, channel)
        self._counting = Counting(self._bot.get_chat_member_count)
        self._secret = settings.secret.encode()
        self._menus: Sequence[Menu] = ()
        self._user: User | None = None

    @property
    def webhook_address(self) -> str:
        """Where Telegram calls: under the pages' address, at ``/webhook/CHANNEL``; empty where it is asked instead."""
        return f"{self.settings.webhook_url}/webhook/{self.channel}" if self.settings.webhook_url else ""

    # Starting and ending

    async def start(self, menus: Sequence[Menu]) -> None:
        """Ask who we are, say how to reach us, publish the menus. Raises `StartError`."""
        await self._request.initialize()
        self._menus = menus
        try:
            await self._prepare()
        except TelegramError as error:
            log.warning("Telegram is not reached yet", channel=self.channel, error=type(error).__name__)

    async def _prepare(self) -> None:
        try:
            user = await self._bot.get_me()
            self._me.name = user.username or self._me.name
            self._me.hears_all = bool(user.can_read_all_group_messages)
            await self._choose_way()
        except InvalidToken:
            raise StartError(WRONG_TOKEN) from None
        except BadRequest as error:
            # A name that cannot be looked up now may be found in a minute.
            if "resolve" in error.message:
                raise
            raise StartError(WRONG_ADDRESS) from None
        await publish(self._bot, self._menus, self.channel)
        self._user = user

    async def look(self) -> Sequence[Finding]:
        """Ask who we are; nothing is set. Raises `StartError`."""
        await self._request.initialize()
        try:
            self._user = await self._bot.get_me()
            self._me.name = self._user.username or self._me.name
        except InvalidToken:
            raise StartError(WRONG_TOKEN) from None
        except TelegramError:
            return [Finding(self.describe(), "bad")]
        return [Finding(self.describe())]

    async def _choose_way(self) -> None:
        """Say how we receive: by webhook, or by asking. What waits is kept either way."""
        if not self.webhook_address:
            await self._bot.delete_webhook(drop_pending_updates=False)
            return
        await self._bot.set_webhook(
            self.webhook_address, max_connections=self.settings.connections, allowed_updates=ALLOWED,
            secret_token=self.settings.secret,
        )  # fmt: skip

    async def run(self, accept: Accept) -> None:
        """Receive until cancelled. Raises `StartError` when the token is refused."""
        backoff = Backoff()
        while self._user is None:
            await backoff.pause()
            try:
                await self._prepare()
            except TelegramError as error:
                log.warning("Telegram is not reached", channel=self.channel, error=type(error).__name__)
        counting = asyncio.create_task(self._counting.run(accept))
        try:
            if self.webhook_address:
                await counting
            else:
                await Polling(self._api, self._me, self.settings.poll_timeout, self._counting.notice).run(accept)
        finally:
            counting.cancel()
            await asyncio.wait([counting])

    async def stop(self) -> None:
        """Close all connections."""
        await self._request.shutdown()

    # Receiving

    def parse_webhook(self, headers: Mapping[str, str], body: bytes) -> Sequence[Event]:
        """Check and translate one update. Raises `Refused` for what does not come from Telegram."""
        given = headers.get(SECRET_HEADER) or headers.get(SECRET_HEADER.lower()) or ""
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._secret):
            raise Refused("wrong secret")
        if not self.webhook_address or len(body) > MOST_BODY:
            raise Refused("not expected")
        try:
            _, event = read_update(body, self._me)
        except NotAnUpdateError:
            raise Refused("not an update") from None
        if event is None:
            return ()
        self._counting.notice(event)
        return (event,)

    # Sending

    def render(self, room: RoomKey, message: LocalMessage) -> bytes:
        """Write a message as requests to the Bot API."""
        return render(room, message)

    async def send(self, room: RoomKey, rendered: bytes, key: str) -> str:
        """Send a rendered message and give its id. Raises `DeliveryError`."""
        return await self._sending.send(room, rendered, key)

    async def delete(self, room: RoomKey, message_id: str, key: str) -> None:  # noqa: ARG002 (Telegram knows no keys)
        """Remove a message of the bot's. Raises `DeliveryError`."""
        await self._sending.delete(room, message_id)

    async def fetch_media(self, ref: str, most: int) -> bytes:
        """Bring a picture or file. Raises `DeliveryError`."""
        return await self._fetching.fetch(ref, most)

    async def answer(self, press: str, answer: PressAnswer) -> None:
        """Answer a press, once; a failure is only logged."""
        if not press:
            return
        params: dict[str, str | bool] = {"callback_query_id": press}
        if answer.text:
            params |= {"text": cut(clean(answer.text), ALERT), "show_alert": answer.alert}
        if answer.start and self._me.name:
            params["url"] = deep_link(self._me.name, answer.start)
        try:
            await self._api.ask("answerCallbackQuery", params, within=ANSWER_WITHIN)
        except Refusal as refusal:
            log.info("a press could not be answered", channel=self.channel, status=refusal.status)
        except (NotSentError, LostError) as error:
            log.info("a press could not be answered", channel=self.channel, error=type(error).__name__)

    def link(self, start: str, *, group: bool = False) -> str:
        """Give the bot's address with a payload; what to type, as long as its name is not known."""
        return deep_link(self._me.name, start, group=group) if self._me.name else f"/start {start}"

    def address(self, room: RoomKey) -> str:  # noqa: ARG002 (the port's)
        """Give none: a group has an address only if its people make one."""
        return ""

    def describe(self) -> str:
        """Say who the bot is and how it receives."""
        way = f"called at {self.webhook_address}" if self.webhook_address else "asks for messages"
        if self._user is None:
            return f"Telegram: not reached yet, {way}"
        groups = "hears commands, replies and buttons in groups"
        if self._user.can_read_all_group_messages:
            groups = "hears everything in groups"
        if not self._user.can_join_groups:
            groups = "cannot be added to groups (allow it with /setjoingroups at @BotFather)"
        return f"Telegram: @{self._me.name}, {way}, {groups}"
