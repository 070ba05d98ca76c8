"""What goes out of an installation and comes in, by the operator's command line: harvests, and conversations of Polis.

Whoever may run it can read the database anyway. Votes go out only where they are asked for by name, and then with no
tie to a person that we know of.
"""

from __future__ import annotations

import contextlib
import os
import random
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from uuid6 import uuid7

from bot.chat.content import Text
from bot.delivery import mapping
from bot.domain.conversation import CODE_ALPHABET, CODE_LENGTH, Conversation, code_in
from bot.domain.places import find_places
from bot.flows.words import clean, shorten
from bot.home import Home
from bot.i18n import render
from bot.opinion import next_idea
from bot.reporting import files, polis
from bot.reporting.pdf import NoPdf, pdf
from bot.reporting.tables import tables
from bot.settings import Settings
from bot.store import invitations
from bot.store.harvest import load_harvest
from bot.store.polis import Exported, keep_exported, load_exported
from bot.store.unit_of_work import UnitOfWork

LONGEST_PLACE = 60
WARNING = (
    "Careful: these files have a row for each voter. No name stands there, but who knows somebody's answers well can "
    "find their row. Keep them as you keep the database, and do not publish them without asking the participants."
)
IN_A_FOLDER = ("csv", "polis")
"""The forms that are several files."""
MOST_BYTES = 200_000_000
"""A file to read may not be larger; the largest conversations that Polis has published have half of it."""


class CannotExchange(Exception):
    """It cannot be done; the message says why and what to do."""


async def export(settings: Settings, code: str, form: str, *, with_votes: bool) -> Mapping[str, bytes]:
    """Write a conversation in a form: the files by their names. Raises `CannotExchange`, `CannotStart`."""
    home = Home(settings)
    if home.database.sqlite and not home.file.exists():
        raise CannotExchange(f"There is no database {home.file} yet.")
    async with _work(home) as uow:
        conversation = await _by_code(uow, code)
        if with_votes:
            exported = await load_exported(uow, conversation.id, random.SystemRandom().shuffle)
        else:
            harvest = await load_harvest(uow, conversation.id, datetime.now(UTC))
    if with_votes:
        return polis.with_votes(exported, _groups(exported))
    if form in IN_A_FOLDER:
        return tables(harvest)
    file = files.write(harvest, form, conversation.locale)
    try:
        return {file.name: pdf(file.data) if files.FORMS[form].printed else file.data}
    except NoPdf as error:
        raise CannotExchange(str(error)) from error


def save(folder: Path, made: Mapping[str, bytes]) -> list[Path]:
    """Write files into a folder, for their owner alone. Raises `CannotExchange`."""
    paths = [folder / name for name in made]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, data in zip(paths, made.values(), strict=True):
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(data)
    except OSError as error:
        raise CannotExchange(f"The folder {folder} cannot be written to: {error.strerror}.") from error
    return paths


async def import_polis(settings: Settings, folder: Path, place: str, locale: str) -> list[str]:
    """Take in an export of Polis as a conversation to be gone on with. Gives what to tell, at the end the code alone.

    Raises `CannotExchange`, `CannotStart`; then nothing is kept.
    """
    try:
        exported = polis.read(_read(folder))
    except polis.BadExport as error:
        raise CannotExchange(f"{error} Nothing was imported.") from error
    home = Home(settings)
    sure = find_places(place).sure if place else None
    called = sure.name if sure else shorten(clean(place), LONGEST_PLACE) or render(Text("our municipality"), locale)
    now = datetime.now(UTC)
    about = Conversation(
        id=uuid7(), place_key=sure.key if sure else "",
        place_name=called, question=exported.topic,
        why=exported.description, values=(), givens="", lasts="open", findable="anyone",
        code="".join(secrets.choice(CODE_ALPHABET) for _ in range(CODE_LENGTH)), locale=locale,
        zone=sure.zone if sure else settings.zone, host_id=uuid7(), created_at=now, season="weighing",
    )  # fmt: skip
    with home.alone() if home.database.sqlite and not home.file.exists() else contextlib.nullcontext():
        async with _work(home) as uow:
            chance = random.SystemRandom().random
            host = keep_exported(uow, exported, about, now, uuid7, lambda sums: next_idea.turn(sums, chance()))
            await uow.flush()
        await _map(home, about.id, now)
    return [
        f"Imported {len(exported.statements)} ideas, {len(exported.ballots)} votes and {len(exported.people)} people.",
        f"Whoever is first to write this to the bot, in a week, is the host:  join {host}",
        "Everyone else joins, and weighs on, by this code:",
        about.code,
    ]


async def _map(home: Home, conversation_id: UUID, now: datetime) -> None:
    """Make the map of what came in, so that its harvest is whole at once."""
    try:
        await mapping.Mapping(home.database, home.keys, lambda: now).renew(conversation_id)
    except mapping.Overtaken:  # A bot that runs beside us has just made it.
        pass
    finally:
        await home.database.close()


@asynccontextmanager
async def _work(home: Home) -> AsyncIterator[UnitOfWork]:
    """One transaction on the installation's database, beside a bot that runs."""
    try:
        await home.open()
        async with home.database.transaction() as connection:
            yield UnitOfWork(connection, home.keys)
    finally:
        await home.database.close()


async def _by_code(uow: UnitOfWork, written: str) -> Conversation:
    """Find a conversation by its short code, or by an invitation to it or its link, open or not."""
    code = code_in(written)
    found = await uow.by(Conversation, code.upper()) if code else None
    if found is None and code:
        invitation = await invitations.known(uow, code)
        found = await uow.get(Conversation, invitation.conversation_id) if invitation else None
    if found is None:
        raise CannotExchange(
            "No conversation has this code. Give the short code by which people join, or an invitation to it."
        )
    return found


def _groups(exported: Exported) -> dict[int, int]:
    """Give the voters' groups of opinion, where there are any."""
    from bot.opinion.matrix import VoteMatrix  # noqa: PLC0415 (numpy, only where it is used)
    from bot.opinion.survey import survey  # noqa: PLC0415

    def name(number: int) -> bytes:
        return number.to_bytes(16)

    hidden = [name(one.id) for one in exported.statements if one.hidden]
    rows = [(name(one.voter), name(one.statement), one.value) for one in exported.ballots]
    found = survey(VoteMatrix.of(rows), hidden)[0].map
    return {
        int.from_bytes(voter): group
        for voter, group in zip(found.people, found.group, strict=True)
        if group is not None
    }


def _read(folder: Path) -> dict[str, bytes]:
    """Read the files that an export needs, as far as they are there."""
    if not folder.is_dir():
        raise CannotExchange(f"There is no folder {folder}.")
    found = {}
    for name in polis.READ:
        path = folder / name
        try:
            if path.is_file():
                if path.stat().st_size > MOST_BYTES:
                    raise CannotExchange(f"{name} is larger than {MOST_BYTES // 1_000_000} MB.")
                found[name] = path.read_bytes()
        except OSError as error:
            raise CannotExchange(f"{path} cannot be read: {error.strerror}.") from error
    return found
