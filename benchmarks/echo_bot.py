"""What we compare with: python-telegram-bot's echo bot, as its documentation writes it.

`polling` is its `examples/echobot.py`; `webhook` its `examples/customwebhookbot.py` (a web server of one's own that
puts updates into `application.update_queue`), here on aiohttp, which costs less than the example's Starlette; `state`
is that bot with the user's data kept by `PicklePersistence`, and flushed for each update before it is answered.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path
from typing import Any

from aiohttp import web
from telegram import Update
from telegram.ext import Application, ContextTypes, MessageHandler, PersistenceInput, PicklePersistence, filters

from tests.peers.telegram.load import person_json

PEOPLE = 10_000

App = Application[Any, Any, Any, Any, Any, Any]


async def echo(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    """Echo the user message."""
    assert update.message is not None  # noqa: S101 (the handler's filter sees to it)
    await update.message.reply_text(update.message.text or "")


async def remember(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Keep what the user said, flush it, and echo it."""
    assert update.message is not None  # noqa: S101 (the handler's filter sees to it)
    assert update.effective_user is not None  # noqa: S101 (the same)
    assert context.user_data is not None  # noqa: S101 (the same)
    context.user_data["last"] = update.message.text
    context.application.mark_data_for_update_persistence(user_ids=update.effective_user.id)
    await context.application.update_persistence()
    await update.message.reply_text(update.message.text or "")


def build(mode: str, base_url: str, token: str, data: Path) -> App:
    """Put the bot together."""
    builder = Application.builder().token(token).base_url(base_url)
    if mode == "state":
        builder = builder.persistence(kept_in(data / "state.pickle"))
    if mode != "polling":
        builder = builder.updater(None)
    application = builder.build()
    doing = remember if mode == "state" else echo
    application.add_handler(MessageHandler(filters.TEXT & ~filters.COMMAND, doing))
    return application


def kept_in(path: Path, *, on_flush: bool = False) -> PicklePersistence[Any, Any, Any]:
    """Keep what belongs to users, and nothing else: less to write than by default."""
    only_users = PersistenceInput(bot_data=False, chat_data=False, callback_data=False)
    return PicklePersistence(path, store_data=only_users, on_flush=on_flush)


async def fill(path: Path) -> None:
    """Let the bot know as many people as ours does, before it starts."""
    persistence = kept_in(path, on_flush=True)
    await persistence.get_user_data()
    for number in range(PEOPLE):
        known = person_json(number)
        about = {"name": known["first_name"], "locale": "sv", "last": "Hello"}
        await persistence.update_user_data(known["id"], about)
    await persistence.flush()


async def by_webhook(application: App, port: int) -> None:
    """Serve as the custom webhook example does."""

    async def telegram(request: web.Request) -> web.Response:
        await application.update_queue.put(Update.de_json(data=await request.json(), bot=application.bot))
        return web.Response()

    server = web.Application()
    server.router.add_post("/telegram", telegram)
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    async with application:
        await application.start()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        print("ready", file=sys.stderr, flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Run the bot: MODE BASE_URL TOKEN PORT FOLDER."""
    logging.basicConfig(level=logging.ERROR)
    mode, base_url, token, port, data = sys.argv[1:]
    if mode == "state":
        asyncio.run(fill(Path(data) / "state.pickle"))
    application = build(mode, base_url, token, Path(data))
    if mode == "polling":
        print("ready", file=sys.stderr, flush=True)
        application.run_polling(allowed_updates=Update.ALL_TYPES)
    else:
        asyncio.run(by_webhook(application, int(port)))


if __name__ == "__main__":
    main()
