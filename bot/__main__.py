"""The command line: ``byalag`` or ``python -m bot``."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

from bot.settings import BadSettings, Settings, load

T = TypeVar("T")

FORMS = ("html", "md", "json", "pdf", "sheet", "sheet-pdf", "csv", "polis")
FOLDERS = FORMS[-2:]
"""What a conversation can be exported as; what takes a folder."""
LANGUAGES = ("sv", "en")


def main(arguments: list[str] | None = None) -> int:
    """Run a command; gives the exit status: 0, or 1 with a sentence that says what to do."""
    if sys.platform == "win32":
        print("Byalag runs on Linux and macOS. On Windows, run it in WSL or in a container.", file=sys.stderr)
        return 1
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        status = int(given.function(load(Settings), given))
        sys.stdout.flush()
    except BadSettings as error:
        print(f"A setting is wrong:\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # Whoever read along has heard enough (`byalag check | head -1`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 (the last resort: where it happened, and nothing of what was said)
        from bot.logs import places

        print(f"Byalag stopped because of a fault of its own. Please report it:\n{places(error)}", file=sys.stderr)
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="byalag", description="A chat bot for the future of your municipality.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    run = commands.add_parser("run", help="run the bot: in the terminal, as long as no network is set up")
    run.add_argument("part", nargs="?", choices=("all", "web", "worker"), default="all", help="what this process does")
    run.set_defaults(function=_run)
    check = commands.add_parser("check", help="tell in plain sentences what is configured, reachable and missing")
    check.set_defaults(function=_check)
    migrate = commands.add_parser("migrate", help="bring the database's schema up to date")
    migrate.set_defaults(function=_migrate)
    keys = commands.add_parser("keys", help="print new keys for BYALAG_KEYS, or add a newer one to the key file")
    keys.add_argument("what", choices=("new", "rotate"))
    keys.set_defaults(function=_keys)
    matrix = commands.add_parser("matrix", help="show the bot's device on Matrix, or let it come as a new one")
    matrix.add_argument("what", choices=("verify", "reset"))
    matrix.set_defaults(function=_matrix)
    _exchange_parsers(commands)
    return parser


def _exchange_parsers(commands: Any) -> None:
    export = commands.add_parser("export", help="write a conversation's harvest, or all of its tables")
    export.add_argument("--format", choices=FORMS, default=FORMS[0], help="html if not told")
    export.add_argument("--with-votes", action="store_true", help="with --format polis: a row for each voter, too")
    export.add_argument("code", metavar="CODE", help="the code by which people join, or an invitation")
    export.add_argument("folder", metavar="DIR", nargs="?", type=Path, help="if not told, a single file is printed")
    export.set_defaults(function=_export)
    taken = commands.add_parser("import-polis", help="take in an export of Polis as a conversation to be gone on with")
    taken.add_argument("folder", metavar="DIR", type=Path, help="where summary.csv, comments.csv and votes.csv are")
    taken.add_argument("--place", default="", help="the municipality that it is about")
    taken.add_argument("--language", choices=LANGUAGES, default=LANGUAGES[0], help="of the conversation")
    taken.set_defaults(function=_import_polis)


def _run(settings: Settings, given: argparse.Namespace) -> int:
    gc.disable()  # What is loaded now stays, so it need not be looked through for what could go, now or later.
    from bot.app import PARTS, run
    from bot.home import CannotStart

    gc.freeze()
    gc.enable()
    parts = PARTS if given.part == "all" else (given.part,)
    try:
        _loop(run(settings, parts, terminal=sys.stderr.isatty()))
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _check(settings: Settings, _given: argparse.Namespace) -> int:
    from bot.check import check

    return _loop(check(settings)) or 0


def _migrate(settings: Settings, _given: argparse.Namespace) -> int:
    from bot.home import CannotStart, migrate

    try:
        _loop(migrate(settings))
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1
    print("The database is up to date.")
    return 0


def _export(settings: Settings, given: argparse.Namespace) -> int:
    from bot.exchange import WARNING, CannotExchange, export, save
    from bot.home import CannotStart

    if given.with_votes and given.format != "polis":
        print("--with-votes goes with --format polis.", file=sys.stderr)
        return 1
    if given.folder is None and given.format in FOLDERS:
        print("This makes several files: tell a folder for them.", file=sys.stderr)
        return 1
    try:
        made = _loop(export(settings, given.code, given.format, with_votes=given.with_votes)) or {}
        paths = save(given.folder, made) if given.folder else []
    except (CannotExchange, CannotStart) as error:
        print(error, file=sys.stderr)
        return 1
    if given.with_votes:
        print(WARNING, file=sys.stderr)
    if given.folder is None:
        sys.stdout.buffer.write(b"".join(made.values()))
    for path in paths:
        print(path)
    return 0


def _import_polis(settings: Settings, given: argparse.Namespace) -> int:
    from bot import logs
    from bot.exchange import CannotExchange, import_polis
    from bot.home import CannotStart

    logs.set_up(settings.log_level, readable=True)
    try:
        told = _loop(import_polis(settings, given.folder, given.place, given.language)) or []
    except (CannotExchange, CannotStart) as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join(told))
    return 0


def _keys(settings: Settings, given: argparse.Namespace) -> int:
    import msgspec

    from bot.crypto import Keyring, WrongKeys, make_keys, read_keys, rotated, write_keys

    if given.what == "new":
        print(msgspec.json.encode(make_keys()).decode())
        return 0
    if not settings.key_file.exists():
        print(f"There is no key file {settings.key_file}. The first start makes one.", file=sys.stderr)
        return 1
    try:
        keys = read_keys(settings.key_file.read_bytes())
        Keyring(keys)
        write_keys(settings.key_file, rotated(keys))
    except WrongKeys:
        print(f"The key file {settings.key_file} is damaged; it was left as it is.", file=sys.stderr)
        return 1
    except OSError:
        print(f"The key file {settings.key_file} cannot be read or written.", file=sys.stderr)
        return 1
    print("A new key was added. What is written from now on is sealed with it; the older ones still open the rest.")
    return 0


def _matrix(settings: Settings, given: argparse.Namespace) -> int:
    from bot.adapters.matrix.commands import Commands
    from bot.adapters.matrix.settings import MatrixSettings
    from bot.chat.port import StartError

    commands = Commands(load(MatrixSettings), settings.data / "matrix")
    try:
        told = _loop(commands.verify() if given.what == "verify" else commands.reset())
    except StartError as error:
        print(error, file=sys.stderr)
        return 1
    print(told)
    return 0


def _loop(work: Coroutine[Any, Any, T]) -> T | None:
    """Run to the end; SIGTERM and Ctrl-C stop it in good order."""

    async def guarded() -> T | None:
        task = asyncio.current_task()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, task.cancel)  # type: ignore[union-attr]
        with contextlib.suppress(asyncio.CancelledError):
            return await work
        return None

    try:
        import uvloop
    except ImportError:
        return asyncio.run(guarded())
    return uvloop.run(guarded())


if __name__ == "__main__":
    sys.exit(main())
