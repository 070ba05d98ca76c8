"""Needs and offers: say what one needs or can help with, answer to what may suit, and hold a helper group together."""

from __future__ import annotations

import msgspec

from bot.chat.content import Action, Choice, Content, Text, Words
from bot.domain.conversation import Conversation
from bot.domain.needs import (
    MAX_HELP,
    YES,
    Help,
    HelpKind,
    HelpSecret,
    RewordHelp,
    SayHelp,
    urgent,
)
from bot.domain.people import Membership
from bot.flows.words import clean
from bot.handlers import calm, consent, dialogues, doors, helping, membership
from bot.handlers.context import Context, Sorry
from bot.store import needs as queries
from bot.store import privacy
from bot.views import common
from bot.views import needs as views

NEW = "new"
"""The argument of a button that says something new, though there is something already."""


async def need(ctx: Context, argument: str) -> None:
    """Say what one needs support with; without words, see what one has said."""
    await _say(ctx, "need", argument)


async def offer(ctx: Context, argument: str) -> None:
    """Say what one can help with; without words, see what one has said."""
    await _say(ctx, "offer", argument)


async def pressed_need(ctx: Context, action: Action) -> None:
    """Say something new, by a button."""
    await _pressed(ctx, action, "need")


async def pressed_offer(ctx: Context, action: Action) -> None:
    """Offer something: anything, or just what a need on a card asks for."""
    if action.subject is None:
        await _pressed(ctx, action, "offer")
        return
    asked = await ctx.uow.get(Help, action.subject)
    if asked is None or not asked.alive or not asked.shared or asked.conversation_id is None:
        raise Sorry(views.GONE)
    conversation = await membership.reader(ctx, asked.conversation_id)
    if await is_mine(ctx, asked):
        raise Sorry(views.YOURS)
    await membership.may_contribute(ctx, conversation)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    await membership.mean(ctx, conversation.id)
    params = {"conversation": str(conversation.id), "need": str(asked.id), "words": asked.text}
    await dialogues.begin(ctx, "offer", params | await helping.reach(ctx, asked))


async def _pressed(ctx: Context, action: Action, kind: HelpKind) -> None:
    if action.scope is not None:
        await membership.mean(ctx, action.scope)
    await _say(ctx, kind, "", new=action.arg == NEW)


async def _say(ctx: Context, kind: HelpKind, argument: str, *, new: bool = False) -> None:
    conversation = await ctx.conversation()
    here = conversation if conversation is not None and conversation.closed_at is None else None
    if here is not None:
        await membership.may_contribute(ctx, here)
    if not ctx.private:
        await _in_group(ctx, kind, argument, here)
        return
    if not argument and not new and await mine_of(ctx):
        await _list(ctx, kind)
        return
    await ask(ctx, kind, argument, here, conversation)


async def talked(ctx: Context, kind: HelpKind, text: str) -> None:
    """What somebody has said in plain words is a need or an offer."""
    await _say(ctx, kind, text, new=True)


async def ask(
    ctx: Context, kind: HelpKind, text: str, here: Conversation | None, before: Conversation | None = None
) -> None:
    """Begin the questions; where there is no conversation, the place is known from what was said before."""
    params = {"text": text}
    if here is not None:
        params["conversation"] = str(here.id)
    else:
        own = await mine_of(ctx)
        known = own[0] if own else before
        if known is not None:
            params |= {"place": known.place_key, "name": known.place_name}
    await dialogues.begin(ctx, kind, params)


async def _in_group(ctx: Context, kind: HelpKind, argument: str, here: Conversation | None) -> None:
    """In a group of a conversation, words are enough; anything else is asked in private."""
    text = clean(argument)
    if here is not None and text:
        if len(text) > MAX_HELP:
            raise Sorry(
                Text(
                    "That is %(n)d characters; at most %(most)d fit. Please make it shorter.",
                    {"n": len(text), "most": MAX_HELP},
                )
            )
        await say(ctx, SayHelp(kind, text, here.id, shared=True))
        return

    async def begin() -> None:
        await ask(ctx, kind, text, None)

    if not text or not await doors.begun_in_private(ctx, None, begin):
        await doors.lead_to_private(ctx, Action(kind, here.id if here else None, arg=NEW))


async def say(ctx: Context, command: SayHelp) -> None:
    """Keep a need or an offer, and look at once for what may suit it."""
    one = await _made(ctx, command)
    ctx.uow.add(one)
    if one.kind == "need":
        await helping.wait_again(ctx, one)
    asked = await ctx.uow.get(Help, command.answers) if command.answers else None
    before = views.said(one, urgent=_urgent(one))
    if command.answers is not None:
        gone = asked is None or not asked.alive
        if asked is not None and not gone:
            await helping.put_together(ctx, one, asked, says=YES, way=command.way)
        ctx.turn(Content.of(views.GONE if gone else views.ASKED, choices=common.column(to_list())))
        return
    await helping.bring_together(ctx, one)
    if one.shared and one.kind == "need" and one.conversation_id is not None:
        if not ctx.private:
            ctx.show_card("need", one.conversation_id, one.id)
        ctx.publish("need", one.conversation_id, one.id)
    if ctx.private:
        await show(ctx, one, before)
    else:
        ctx.reply(*before, choices=common.column(common.button(Text("What may suit"), "aid", subject=one.id)))


async def _made(ctx: Context, command: SayHelp) -> Help:
    if command.conversation_id is None:
        consent.require(ctx)
        return Help(
            ctx.new_id(), command.kind, command.place_key, command.place_name, ctx.now,
            HelpSecret(command.text, ctx.me.id), owner=helping.owner_of(ctx, ctx.me.id), listens=command.listens,
        )  # fmt: skip
    conversation = await membership.reader(ctx, command.conversation_id)
    me = await membership.contributor(ctx, conversation)
    return Help(
        ctx.new_id(), command.kind, conversation.place_key, conversation.place_name, ctx.now, HelpSecret(command.text),
        conversation.id, me.id, shared=command.shared, listens=command.listens,
    )  # fmt: skip


async def aid(ctx: Context, action: Action) -> None:
    """See one's own needs and offers, or one of them; it is met, taken back, said again, or in other words."""
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    if action.subject is None:
        await _list(ctx)
        return
    one = await ctx.uow.get(Help, action.subject)
    if one is None or one.state == "withdrawn" or not await is_mine(ctx, one):
        raise Sorry(views.GONE)
    match action.arg:
        case "met" | "again" | "words" if one.judged:
            await show(ctx, one)
        case "met":
            await end(ctx, msgspec.structs.replace(one, state="met"))
            await show(ctx, msgspec.structs.replace(one, state="met"), (_good(one),))
        case "back":
            await take_back(ctx, one)
            ctx.turn(
                Content.of(Text("Taken back. Nobody is asked about it any more."), choices=common.column(to_list()))
            )
        case "again":
            fresh = msgspec.structs.replace(one, state="open", shown=0) if one.state != "hidden" else one
            await _open_again(ctx, fresh)
            await show(ctx, fresh, (Text("It is there again."),) if fresh.state == "open" else ())
        case "words":
            await dialogues.begin(ctx, "reword", {"help": str(one.id), "before": one.text})
        case _:
            await show(ctx, one)


def _good(one: Help) -> Text:
    return (
        Text("That is good to hear. Others are not asked any more.")
        if one.kind == "need"
        else Text("Thank you for all you do. You are not asked any more.")
    )


async def reword(ctx: Context, command: RewordHelp) -> None:
    """Change the words; words that were hidden are there again."""
    one = await ctx.uow.get(Help, command.help_id)
    if one is None or one.state == "withdrawn" or not await is_mine(ctx, one):
        raise Sorry(views.GONE)
    if one.judged:
        raise Sorry(views.JUDGED)
    if one.conversation_id is not None:
        await membership.contributor(ctx, await membership.reader(ctx, one.conversation_id))
    for said in await queries.reports_of(ctx.uow, one.id):
        ctx.uow.remove(said)
    secret = msgspec.structs.replace(one.secret, text=command.text)
    fresh = msgspec.structs.replace(one, secret=secret, state="open", shown=0)
    await _open_again(ctx, fresh)
    changed = Text("Changed. It is there in these words now.")
    await show(ctx, fresh, (changed, views.EMERGENCY) if _urgent(fresh) else (changed,))


async def _open_again(ctx: Context, one: Help) -> None:
    ctx.uow.save(one)
    if one.state != "open":
        return
    await helping.bring_together(ctx, one)
    if one.kind == "need":
        await helping.wait_again(ctx, one)
        await helping.show_anew(ctx, one)


async def take_back(ctx: Context, one: Help) -> None:
    """Let a need or an offer be gone, with its words and what came of it so far."""
    for found in await queries.matches_of(ctx.uow, one):
        for kind in ("match", "met"):
            await calm.drop(ctx, f"{kind}:{found.id}")
        ctx.uow.remove(found)
    for said in await queries.reports_of(ctx.uow, one.id):
        ctx.uow.remove(said)
    await end(ctx, msgspec.structs.replace(one, state="withdrawn", owner=b"", secret=HelpSecret("")))
    if one.conversation_id is None:
        ctx.uow.remove(one)


async def end(ctx: Context, one: Help) -> None:
    """Let nobody be asked about it any more."""
    ctx.uow.save(one)
    await ctx.wake_not(f"need:{one.id}")
    refresh(ctx, one)


def refresh(ctx: Context, one: Help) -> None:
    """Bring the cards of a need up to date."""
    if one.shared and one.conversation_id is not None:
        ctx.refresh("need", one.conversation_id, one.id)


# -- what is whose --------------------------------------------------------------------------------------------


async def is_mine(ctx: Context, one: Help) -> bool:
    """Whether a need or an offer is this person's."""
    if one.conversation_id is None:
        return one.owner == helping.owner_of(ctx, ctx.me.id)
    me = await ctx.uow.by(Membership, ctx.membership_lookup(one.conversation_id))
    return me is not None and me.participant_id == one.author_id


async def mine_of(ctx: Context) -> list[Help]:
    """Give this person's needs and offers, the newest first."""
    lookups = [ctx.membership_lookup(one) for one in ctx.me.secret.joined]
    members = await privacy.memberships(ctx.uow, lookups)
    return await queries.mine(
        ctx.uow,
        helping.owner_of(ctx, ctx.me.id),
        [(one.conversation_id, one.participant_id) for one in members],
    )


async def _list(ctx: Context, asked: str = "") -> None:
    own = await mine_of(ctx)
    ctx.turn(views.listing(own, await queries.unanswered(ctx.uow, own), asked))


async def show(ctx: Context, one: Help, before: tuple[Words, ...] = ()) -> None:
    """Show one's own need or offer, with what may suit and who was introduced."""
    waits = await helping.waiting(ctx, one)
    ctx.turn(
        views.mine(
            one,
            waits,
            await helping.met(ctx, one),
            before,
            asked=await helping.asked(ctx, one),
            urgent=_urgent(one),
        )
    )


def _urgent(one: Help) -> bool:
    return one.kind == "need" and urgent(one.text)


def to_list() -> Choice:
    """Lead to all of one's own."""
    return common.button(Text("All of mine"), "aid")


PRESSES = {"need": pressed_need, "offer": pressed_offer, "aid": aid}
