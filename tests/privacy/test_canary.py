"""The canary: what people say, are called and are known by is in no log, no figure and no trace.

In the database only what was given to all can be read.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bot.store.schema import metadata
from bot.web.metrics import figures
from tests.peers.telegram import Group, Message
from tests.story.scenes import Invited, begins_a_conversation, gives, invites, joins
from tests.story.world import Neighbour, Town

HOST, GUEST, STRANGER = "Kanaria", "Zeisig", "Stieglitz"
TITLE = "Kanariegränden"
QUESTION = "Var ska kanariefåglarna sjunga i vinter?"
NAMED, UNNAMED = "En voljär vid sjön", "Tystnad vid voljären om natten"
PLAIN = "Jag viskade att min granne matar siskor"
DRAFT = "Ett utkast om steglitser som ingen har sett"
WAITING = "Ord som väntar på ett ja om grönsiskor"
WHY = "Detta om domherrar angår bara samtalsvärdarna"
NEED = "Jag behöver någon som matar mina gulsparvar"
LINK = "Anslagstavlan hos fågelhandlaren"
EDITED = "Jag viskade om domherren i stället"

OPEN = (QUESTION, NAMED, UNNAMED)
"""What was given to all."""
CLOSED = (NEED, HOST, GUEST, STRANGER, TITLE, PLAIN, DRAFT, WAITING, WHY, LINK, EDITED)


@dataclass
class Story:
    """What happened, and by what it could be found again."""

    town: Town
    host: Neighbour
    guest: Neighbour
    stranger: Neighbour
    group: Group
    invitation: Invited

    @property
    def numbers(self) -> set[str]:
        """The ids of people and rooms."""
        return {str(one.person.id) for one in (self.host, self.guest, self.stranger)} | {str(self.group.id)}

    @property
    def secrets(self) -> set[str]:
        """The token, and the codes of invitations."""
        links = (self.invitation.link, self.invitation.group_link)
        codes = {link.rpartition("=")[2].partition("-")[2] for link in links}
        token = self.town.server.token
        return codes | {token, token.partition(":")[2]}


async def _whole_story(town: Town) -> Story:
    """Somebody begins, invites by a named link, and links a group; ideas, votes, a report; much of it left open."""
    host, guest, stranger = (town.neighbour(name) for name in (HOST, GUEST, STRANGER))
    await begins_a_conversation(host, question=QUESTION)
    invitation = await invites(host)
    group = town.group(TITLE, host, guest, stranger)
    await host.follows(invitation.group_link, group=group)
    await joins(guest, invitation)
    await gives(host, NAMED)
    await gives(guest, UNNAMED, named=False)
    card = town.card(group, NAMED)
    await guest.presses("support", on=card)
    await stranger.presses("support", on=card)
    await guest.writes("/vote")
    await guest.presses("agree")
    await guest.writes(f"/report 1 {WHY}")
    await guest.writes(f"/need {NEED}")
    await guest.picks("few")
    said = await guest.writes(PLAIN)
    await _edit(town, guest, said)
    # What is left open: a link being named, an idea being given, and one that waits for the notice's yes
    await host.writes("/invite")
    await host.writes(f"/invite {LINK}")
    await guest.writes("/idea")
    await guest.writes(DRAFT)
    await joins(stranger, invitation)
    await stranger.writes(f"/idea {WAITING}")
    return Story(town, host, guest, stranger, group, invitation)


async def _edit(town: Town, who: Neighbour, said: Message) -> None:
    await who.person.edit(said, EDITED)
    await town.settled()


async def _troubles(story: Story) -> None:
    """The network limits, fails, loses answers, refuses; a person blocks the bot; something arrives that is nothing."""
    town, server = story.town, story.town.server
    server.fault("sendMessage", status=429, retry_after=1)
    await story.host.writes("/help")
    server.fault("sendMessage", status=500)
    await story.host.writes("/help")
    server.drop_reply("sendMessage")
    await story.host.writes("/help")
    server.fault("sendMessage", status=400, description=f"Bad Request: {HOST} of {TITLE} is not amused")
    await story.host.writes("/help")
    server.fault("answerCallbackQuery", status=400, description=f"Bad Request: {GUEST} pressed too late")
    town.answers = False
    await story.guest.presses("support", on=town.card(story.group, UNNAMED))
    town.answers = True
    server.push_update("message", {"message_id": HOST, "chat": {"id": story.host.person.id, "title": TITLE}, "date": 0})
    server.push_update("callback_query", {"id": PLAIN, "from": {"id": 1, "is_bot": False, "first_name": HOST}})
    await story.host.presses("support", on=town.card(story.group, NAMED))
    story.stranger.person.block_bot()
    await town.settled()
    server.core.violations.clear()


def _forms(number: str) -> list[bytes]:
    """A number as it may be written: in figures, and in the bytes of an integer."""
    value = int(number)
    return [number.encode(), *(value.to_bytes(8, order, signed=True) for order in ("big", "little"))]


async def _kept(town: Town) -> bytes:
    """All that the database holds: each value of each row, and the files as they lie on the disk."""
    found: list[bytes] = []
    async with town.bot.database.transaction() as connection:
        for table in metadata.sorted_tables:
            for row in await connection.execute(text(f'select * from "{table.name}"')):  # noqa: S608 (our own tables)
                found += [value if isinstance(value, bytes) else str(value).encode() for value in row]
    return b"\n".join(found) + _files(town.data)


def _files(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.glob("byalag.db*")))


def _without(told: bytes, story: Story, *words: str) -> None:
    """None of these words, no id and no secret stands in it."""
    found = [word for word in (*words, *sorted(story.secrets)) if word.encode() in told]
    found += [number for number in sorted(story.numbers) if any(form in told for form in _forms(number))]
    assert found == []


async def test_no_log_and_no_figure_tells_of_anybody(town: Town, log: io.StringIO) -> None:
    story = await _whole_story(town)
    await _troubles(story)
    shown = (await figures(town.bot.numbers)).decode()

    told = log.getvalue()

    assert '"event": "ready"' in told
    assert '"event": "a message was given up"' in told
    assert "byalag_messages_parked_total 1.0" in shown
    _without(told.encode(), story, *OPEN, *CLOSED)
    _without(shown.encode(), story, *OPEN, *CLOSED)


async def test_in_the_database_only_what_was_given_to_all_can_be_read(town: Town) -> None:
    story = await _whole_story(town)
    await _troubles(story)

    kept = await _kept(town)

    assert [words for words in OPEN if words.encode() not in kept] == []
    _without(kept, story, *CLOSED)


async def test_after_the_end_the_files_tell_no_more(town: Town) -> None:
    story = await _whole_story(town)
    secrets, numbers = story.secrets, story.numbers
    await town.ends()

    kept = _files(town.data)

    assert len(kept) > 100_000
    story_kept: Any = type("Kept", (), {"secrets": secrets, "numbers": numbers})
    _without(kept, story_kept, *CLOSED)


async def test_what_waits_and_what_is_open_is_still_there_after_a_restart(town: Town) -> None:
    """It is kept, only not readable: the canary does not sing because nothing was kept at all."""
    story = await _whole_story(town)
    await town.begins_again()

    await story.stranger.agrees_to_the_notice()
    await story.guest.picks("named")

    shown = "\n".join(message.body for message in story.group.bot_messages)
    assert DRAFT in shown
