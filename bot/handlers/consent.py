"""Consent: before a person's first contribution is kept, a short notice is shown and a yes is asked for.

What somebody wanted to contribute waits, encrypted, for a day or until a no; after the yes it happens as if sent then.
In a group the notice is the press's own alert, and a second tap is the yes.
"""

from __future__ import annotations

import msgspec

from bot.chat.content import Action, Choice, Content, Text
from bot.chat.events import ChoiceMade, Event
from bot.chat.port import PressAnswer
from bot.domain.people import CONSENT_VERSION, second_tap_counts
from bot.handlers import doors, pile
from bot.handlers.context import ConsentNeeded, Context, Sorry
from bot.store import inbox
from bot.store.records import Waiting
from bot.views import common
from bot.views import privacy as views

ALREADY = Text("You have said yes already. Thank you. To change that, write /forget.")


def require(ctx: Context) -> None:
    """Go on only if this person said yes; a second tap on a group's card is that yes. Raises `ConsentNeeded`."""
    if ctx.me.consented:
        return
    in_group = isinstance(ctx.event, ChoiceMade) and not ctx.private
    if in_group and second_tap_counts(ctx.me.consent_asked_at, ctx.now):
        _give(ctx)
        return
    raise ConsentNeeded


async def ask(ctx: Context) -> None:
    """Show the notice, and keep what is to be contributed until the answer."""
    if isinstance(ctx.event, ChoiceMade) and not ctx.private and not ctx.manner.opens:
        ctx.answered = PressAnswer(ctx.worded(views.ALERT), alert=True)
        ctx.save_me(msgspec.structs.replace(ctx.me, consent_asked_at=ctx.now))
        return
    for earlier in await _waiting(ctx):
        if _same(ctx.event, inbox.opened(earlier.payload, ctx.keys)):
            ctx.uow.remove(earlier)
    ctx.uow.add(Waiting(ctx.new_id(), ctx.me.id, inbox.sealed(_later(ctx.event), ctx.keys), ctx.now))
    notice = views.notice(ctx.operator)
    if ctx.private:
        ctx.say(notice)
        return
    room = await ctx.private_room_of(ctx.me.id)
    if room is not None and room.channel == ctx.room.channel and not ctx.manner.opens:
        ctx.say(notice, room)
        ctx.reply(Text("I have written to you in private: four sentences, and a yes. Then your words count."))
    else:
        start = doors.payload(ctx, Action("consent"))
        ctx.reply(
            Text("Before I keep your words, please read four sentences and say yes. It takes a minute."),
            choices=((Choice(Text("Read and answer"), start=start),),),
        )


async def shown(ctx: Context, action: Action) -> None:
    """Show the notice again."""
    if ctx.me.consented:
        ctx.tell(ALREADY)
    elif not ctx.private:
        await doors.lead_to_private(ctx, action)
    else:
        ctx.say(views.notice(ctx.operator))


async def yes(ctx: Context, _action: Action) -> None:
    """Take the yes; what waited happens now."""
    _in_private(ctx)
    waited = await _waiting(ctx)
    if ctx.me.consented:
        ctx.tell(ALREADY)
    else:
        _give(ctx)
        ctx.turn(Content.of(Text("Thank you. Now your words and votes count.")))
    for one in waited:
        await inbox.again(ctx.uow.connection, one.payload, f"again:{one.id}", ctx.keys, ctx.now)
        ctx.uow.remove(one)


async def no(ctx: Context, _action: Action) -> None:
    """Take the no: nothing is kept, no draft either."""
    _in_private(ctx)
    for one in await _waiting(ctx):
        ctx.uow.remove(one)
    await pile.drop(ctx)
    ctx.turn(
        Content.of(Text("That is fine. Nothing was kept. You can still read along, and change your mind at any time."))
    )


def _in_private(ctx: Context) -> None:
    """The notice is read in private, and so is it answered. Raises `Sorry`."""
    if not ctx.private:
        raise Sorry(common.STALE)


def _give(ctx: Context) -> None:
    ctx.save_me(msgspec.structs.replace(ctx.me, consent_version=CONSENT_VERSION, consent_at=ctx.now))


async def _waiting(ctx: Context) -> list[Waiting]:
    return await ctx.uow.select(
        Waiting,
        lambda query: query.where(query.selected_columns.person_id == ctx.me.id).order_by(query.selected_columns.id),
    )


def _same(event: Event, earlier: Event) -> bool:
    """Whether the same button was pressed before, and waits already."""
    return isinstance(event, ChoiceMade) and isinstance(earlier, ChoiceMade) and event.data == earlier.data


def _later(event: Event) -> Event:
    """What comes again answers no press once more, and is answered below the yes: not in the old message above it."""
    return msgspec.structs.replace(event, press="", message_id="") if isinstance(event, ChoiceMade) else event


PRESSES = {"consent": shown, "yes": yes, "no": no}
