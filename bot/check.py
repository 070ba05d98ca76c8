"""`byalag check`: what is configured, reachable and missing, in a plain sentence each. Changes nothing that is kept."""

from __future__ import annotations

import asyncio

from bot.app import ADAPTERS, Bot
from bot.chat.port import StartError
from bot.home import CannotStart, can_be_made
from bot.settings import Settings
from bot.store import inbox, outbox, setup
from bot.store.schema import REVISION

PATIENCE = 20.0
GOOD, BAD = "ok ", "!! "
MARKS = {"good": GOOD, "could": "-- ", "bad": BAD}


async def check(settings: Settings) -> int:
    """Print the sentences; gives 1 if something keeps the bot from running, otherwise 0."""
    lines = [*_folder(settings), *_open_to_all(settings)]
    try:
        bot = Bot(settings)
    except CannotStart as error:
        lines.append(BAD + str(error))
    else:
        lines += await _database(bot)
        lines += await _networks(bot)
        await bot.database.close()
    print("\n".join(lines))
    return int(any(line.startswith(BAD) for line in lines))


def _folder(settings: Settings) -> list[str]:
    folder = settings.data
    lines = []
    if not can_be_made(folder):
        lines.append(f"{BAD}The folder {folder} cannot be written to. Make it writable, or set BYALAG_DATA to another.")
    if settings.database:
        lines.append(f"{GOOD}The database is PostgreSQL (BYALAG_DATABASE).")
    elif not lines:
        lines.append(f"{GOOD}The database is the file {folder / 'byalag.db'}. Set BYALAG_DATABASE for PostgreSQL.")
    if settings.keys.get_secret_value():
        lines.append(f"{GOOD}The keys come from BYALAG_KEYS.")
    elif settings.key_file.exists():
        mode = settings.key_file.stat().st_mode & 0o077
        lines.append(
            f"{BAD}Others can read the key file {settings.key_file}: run chmod 600 {settings.key_file}."
            if mode
            else f"{GOOD}The keys are in {settings.key_file}. Keep a copy of it apart from the database."
        )
    return lines


def _open_to_all(settings: Settings) -> list[str]:
    lines = []
    if settings.operator:
        lines.append(f"{GOOD}People are told that this server is run by {settings.operator}.")
    else:
        lines.append(
            "-- People are not told who runs this server. Set BYALAG_OPERATOR to a name and a way to reach you."
        )
    if settings.port:
        lines.append(f"{GOOD}Pages, webhooks and health are served on {settings.host}, port {settings.port}.")
    else:
        lines.append("-- No pages are served, and no webhooks. Set BYALAG_PORT if you want them.")
    return lines


async def _database(bot: Bot) -> list[str]:
    no_keys = [f"{GOOD}There are no keys yet: the first start makes them, in {bot.settings.key_file}."]
    no_keys = no_keys if bot.home.keyless and can_be_made(bot.settings.data) else []
    if bot.database.sqlite and not bot.home.file.exists():
        if not can_be_made(bot.home.file.parent):
            return []
        return [f"{GOOD}There is no database yet: the first start makes it.", *no_keys]
    try:
        found = await setup.revision(bot.database)
        if found not in {"", REVISION} and found not in setup.known_revisions():
            return [f"{BAD}The database was written by a newer version of Byalag (its schema is {found})."]
        if found != REVISION:
            how = "The next start brings it up to date." if bot.database.sqlite else "Run `byalag migrate`."
            return [f"{BAD if not bot.database.sqlite else GOOD}The database has an older schema. {how}"]
        await bot.home.check_keys()
        async with bot.database.transaction() as connection:
            came_in = await inbox.waiting(connection)
            to_send = await outbox.waiting(connection, bot.clock())
    except (setup.SchemaError, CannotStart) as error:
        return [BAD + str(error)]
    return [
        f"{GOOD}The database answers: {came_in} events wait to be handled, {to_send} messages to be sent.",
        *no_keys,
    ]


async def _networks(bot: Bot) -> list[str]:
    lines = []
    for adapter in bot.adapters.values():
        try:
            async with asyncio.timeout(PATIENCE):
                lines += [MARKS[found.mark] + found.text for found in await adapter.look()]
        except StartError as error:
            lines.append(BAD + str(error))
        except TimeoutError:
            lines.append(
                f"{BAD}{adapter.channel} does not answer within {PATIENCE:.0f} seconds. Is this machine online?"
            )
        finally:
            await adapter.stop()
    missing = [
        name
        for name in ADAPTERS
        if name not in {adapter.channel.partition(":")[0] for adapter in bot.adapters.values()}
    ]
    hints = {
        "telegram": "-- Telegram is not set up: get a token from @BotFather and set BYALAG_TELEGRAM_TOKEN.",
        "matrix": "-- Matrix is not set up: make an account for the bot and set BYALAG_MATRIX_USER.",
    }
    return lines + [hints[name] for name in missing if name in hints]
