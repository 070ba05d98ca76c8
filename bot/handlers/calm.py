"""Calm: how people are told what they did not ask for. Whatever the bot says unasked in private goes through here.

Rules
-----
* Unasked, a person gets at most one message a day, from whatever conversations, with all that waits for them; none when
  nothing waits, and none in their quiet hours.
* What waits is a `Note`, sealed, of the person; one row of `due` a person wakes when the first of them should be told.
  Whether a day is free is looked at anew then, so a changed clock or pace makes no second message.
* Under `never` only what is `set` to a moment comes: what is decided about somebody, and what they answer for.
* `remind` is for what people asked for: it comes at its moment, and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from bot.chat.content import Content
from bot.domain.calm import Calm, Note, NoteKind, digest_at, evening, free_at, quiet_until
from bot.domain.people import Participant, Person
from bot.domain.rooms import Room
from bot.handlers.means import Means
from bot.store import calm as queries
from bot.store.records import CARD, Due, Listening, Message, Outbox
from bot.views import calm as views

TELL, REMIND = "tell", "remind"
LISTENING = 10
"""Minutes by which all is put off while somebody is being listened to."""


async def note(
    means: Means,
    whom: Participant | Person,
    content: Content,
    *,
    soon: bool = False,
    once: str = "",
    at: datetime | None = None,
) -> bool:
    """Have somebody told something unasked; gives whether they will be.

    It comes with the digest that they chose. `soon`: somebody waits for them, so it comes with the next day's message.
    `at`: it should be told at a moment, with or without a digest, if their day's message is not taken. Whatever comes
    takes along all that waits. Of notes with the same `once` that wait for somebody, the newest stays, in the place of
    the first.
    """
    person, room = await _reached(means, whom)
    if person is None or room is None:
        return False
    calm = await calm_of(means, person.id)
    if calm.digest == "never" and at is None:
        return False
    kind: NoteKind = "set" if at is not None else "soon" if soon else "paced"
    wanted = at or (evening(room.zone, means.now) if soon else digest_at(calm, room.zone, means.now))
    if soon and calm.digest == "now":
        wanted = means.now
    wanted = await _keep(means, person, kind, content, wanted, once)
    await _wake(means, person.id, free_at(calm, room.zone, wanted))
    return True


async def remind(
    means: Means, whom: Participant | Person, content: Content, at: datetime, *, once: str = "", quiet: bool = False
) -> bool:
    """Have somebody told what they asked for, at a moment; gives whether they can be reached.

    `quiet` puts it off while it is quiet. Of those with the same `once` the newest stays.
    """
    person, room = await _reached(means, whom)
    if person is None or room is None:
        return False
    if quiet:
        at = quiet_until((await calm_of(means, person.id)).quiet, room.zone, at)
    await remind_not(means, person, once)
    made = Note(means.new_id(), person.id, "reminder", at, means.now, content, _key(once, person.id))
    means.uow.add(made)
    means.wake_at(REMIND, at, subject_id=made.id)
    return True


async def meet(means: Means, people: Sequence[Participant], once: str = "") -> None:
    """Read what is needed to tell these people something, in a few queries for all of them."""
    found = await means.meet(people)
    await means.uow.load(Calm, [(one,) for one in found])
    await means.uow.load_by(Due, [_name(means, one) for one in found])
    if once:
        await means.uow.load_by(Note, [_key(once, one) for one in found])


async def remind_not(means: Means, whom: Participant | Person, once: str) -> None:
    """Drop what somebody was to be reminded of (or told) under a name."""
    found = await waiting(means, whom, once) if once else None
    if found is not None:
        means.uow.remove(found)


async def waiting(means: Means, whom: Participant | Person, once: str) -> Note | None:
    """Give what waits for somebody under a name, if it does."""
    person = await means.person_of(whom) if isinstance(whom, Participant) else whom
    return await means.uow.by(Note, _key(once, person.id)) if person else None


async def drop(means: Means, once: str) -> None:
    """Drop what waits under a name, for whomever."""
    for one in await queries.under(means.uow, f"{once}:"):
        means.uow.remove(one)


async def answer(means: Means, whom: Participant | Person, content: Content) -> None:
    """Tell somebody what they wait for, since they asked for it of another: at once, or when it is no longer quiet."""
    await remind(means, whom, content, means.now, quiet=True)


async def calm_of(means: Means, person_id: UUID) -> Calm:
    """Give how calm a person wants it."""
    return await means.uow.get(Calm, person_id) or Calm(person_id)


async def choose(means: Means, changed: Calm, zone: str) -> None:
    """Let a person have it so from now on; what waits comes as they want it now."""
    await _put(means, changed)
    waits = await queries.waiting(means.uow, changed.person_id)
    await quieten(means, changed.person_id)
    if changed.digest == "never":
        for one in waits:
            if one.kind != "set":
                means.uow.remove(one)
        waits = [one for one in waits if one.kind == "set"]
    if waits:
        waits = [_paced_again(means, one, changed, zone) for one in waits]
        await _wake(means, changed.person_id, _first(changed, zone, waits, means.now))


async def quieten(means: Means, person_id: UUID) -> None:
    """Let a person not be told anything until something new comes."""
    await means.wake_not(_name(means, person_id))


async def tell(means: Means, due: Due) -> None:
    """Tell a person all that waits for them, if they may be told something now."""
    person_id = UUID((due.secret or {})["person"])
    notes = await queries.waiting(means.uow, person_id)
    if not notes:
        return
    room = await means.private_room_of(person_id)
    if room is None:
        for one in notes:
            means.uow.remove(one)
        return
    if await _listens(means, room):
        await _wake(means, person_id, means.soon(minutes=LISTENING))
        return
    calm = await calm_of(means, person_id)
    at = _first(calm, room.zone, notes, means.now)
    if at > means.now:
        await _wake(means, person_id, at)
        return
    content, rest = take(means, notes, room)
    unasked(means, room, content)
    calm = msgspec.structs.replace(calm, told_at=means.now)
    await _put(means, calm)
    again = [_paced_again(means, one, calm, room.zone) for one in rest]
    if again:
        await _wake(means, person_id, _first(calm, room.zone, again, means.now))


async def reminder(means: Means, due: Due) -> None:
    """Tell a person what they wished to be reminded of, if they still do."""
    found = await means.uow.get(Note, due.subject_id) if due.subject_id else None
    if found is None:
        return
    room = await means.private_room_of(found.person_id)
    if room is not None and await _listens(means, room):
        means.wake_at(REMIND, means.soon(minutes=LISTENING), subject_id=found.id)
        return
    means.uow.remove(found)
    if room is not None:
        unasked(means, room, found.secret)


async def _listens(means: Means, room: Room) -> bool:
    talk = await means.uow.get(Listening, room.id)
    return talk is not None and talk.open


def take(means: Means, notes: Sequence[Note], room: Room) -> tuple[Content, Sequence[Note]]:
    """Make one message of as many notes as fit on a phone; gives those that still wait, too."""
    content, count = views.digest([(one.id, one.secret) for one in notes], room.locale)
    for one in notes[:count]:
        if count > 1 and views.opened_alone(one.secret):
            means.uow.save(msgspec.structs.replace(one, told=True, unique_key=None))
        else:
            means.uow.remove(one)
    return content, notes[count:]


def unasked(means: Means, room: Room, content: Content) -> None:
    """Stage a message that holds up no answer."""
    means.uow.add(
        Outbox(means.new_id(), room.channel, "say", CARD, means.now, room_id=room.id, secret=Message(content))
    )


async def _reached(means: Means, whom: Participant | Person) -> tuple[Person | None, Room | None]:
    person = await means.person_of(whom) if isinstance(whom, Participant) else whom
    return person, await means.private_room_of(person.id) if person else None


async def _keep(
    means: Means, person: Person, kind: NoteKind, content: Content, wanted: datetime, once: str
) -> datetime:  # fmt: skip
    """Keep a note, or its newer form; gives from when on it should be told."""
    before = await means.uow.by(Note, _key(once, person.id)) if once else None
    if before is None:
        made = Note(means.new_id(), person.id, kind, wanted, means.now, content, _key(once, person.id))
        means.uow.add(made)
        return wanted
    changed = msgspec.structs.replace(before, secret=content, at=min(wanted, before.at))
    means.uow.save(changed)
    return changed.at


async def _put(means: Means, calm: Calm) -> None:
    known = await means.uow.get(Calm, calm.person_id) is not None
    (means.uow.save if known else means.uow.add)(calm)


def _paced_again(means: Means, one: Note, calm: Calm, zone: str) -> Note:
    """Let a paced note come with the next digest; others should come when they should have before."""
    if one.kind != "paced":
        return one
    changed = msgspec.structs.replace(one, at=digest_at(calm, zone, means.now))
    means.uow.save(changed)
    return changed


def _first(calm: Calm, zone: str, notes: Sequence[Note], now: datetime) -> datetime:
    return free_at(calm, zone, max(now, min(one.at for one in notes)))


async def _wake(means: Means, person_id: UUID, at: datetime) -> None:
    """Let the person be told at a moment, or when they will be, if that is before."""
    name = _name(means, person_id)
    known = await means.uow.by(Due, name)
    if known is None or known.at is None or known.at > at:
        await means.wake_instead(TELL, at, secret={"person": str(person_id)}, once=name)


def _name(means: Means, person_id: UUID) -> str:
    return f"tell:{means.keys.lookup('tell', person_id.bytes).hex()}"


def _key(once: str, person_id: UUID) -> str | None:
    return f"{once}:{person_id}" if once else None


DUE = {TELL: tell, REMIND: reminder}
