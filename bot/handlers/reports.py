"""Saying that something is not all right: whatever stands on a card, or a message in a group.

Only moderators see it, and not by whom. A report of a card is kept until a moderator has looked at it, one a person. A
message is shown to the moderators and kept nowhere else: the bot knows only what stands on its own cards.
"""

from __future__ import annotations

from uuid import UUID

from bot.chat.content import Action, Content, Text
from bot.chat.events import CommandGiven, Quoted
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea
from bot.domain.moderation import REASONS, Matter, Report, matter_of
from bot.domain.steps import picture_card
from bot.flows.commands import ReportMatter
from bot.flows.words import clean
from bot.handlers import consent, dialogues, doors, membership
from bot.handlers.context import Context, Sorry
from bot.handlers.telling import tell_moderators
from bot.i18n import render
from bot.store import ideas as idea_queries
from bot.store import moderation as queries
from bot.views import common
from bot.views import moderation as views
from bot.views import moderation_told as told_views
from bot.views.words import excerpt, folded

LONGEST_REASON = 200
MOST_DIGITS = 6


async def report(ctx: Context, argument: str) -> None:
    """Report a card by a reply to it, an idea by its number, too, or a message in a group by a reply to it."""
    quoted = ctx.event.reply_to if isinstance(ctx.event, CommandGiven) else None
    card = await ctx.card_at(quoted.message_id) if quoted else None
    if card is not None:
        about = picture_card(card.subject_id) if card.subject == "picture" else card.subject_id
        matter = await queries.find(ctx.uow, card.conversation_id, about)
        if matter is not None:
            await report_matter(ctx, await membership.reader(ctx, card.conversation_id), matter, argument)
            return
    conversation = await membership.meant(ctx)
    if quoted is not None and not ctx.private:
        await _report_message(ctx, conversation, quoted, argument)
        return
    idea, words = await numbered(ctx, conversation, argument)
    await report_matter(ctx, conversation, matter_of(idea), words)


async def reported(ctx: Context, action: Action) -> None:
    """Report what stands on a card, by its button."""
    if action.scope is None or action.subject is None:
        await report(ctx, "")
        return
    conversation = await membership.reader(ctx, action.scope)
    await report_matter(ctx, conversation, await queries.find(ctx.uow, conversation.id, action.subject), "")


async def take_report(ctx: Context, command: ReportMatter) -> None:
    """Take the report that a flow has asked for."""
    conversation = await ctx.uow.need(Conversation, command.conversation_id)
    matter = await queries.find(ctx.uow, conversation.id, command.subject_id)
    if matter is None or matter.gone:  # The flow is over: there is nothing to ask again.
        ctx.turn(Content.of(views.GONE))
    else:
        await _keep_report(ctx, conversation, matter, command.reason)


async def report_matter(ctx: Context, conversation: Conversation, matter: Matter | None, words: str) -> None:
    """Ask what is not all right about something, or take what was written of it."""
    if matter is None or matter.gone:
        raise Sorry(views.GONE)
    if matter.hidden:
        raise Sorry(views.HIDDEN_ALREADY)
    me = await ctx.participant(conversation.id)
    mine = me is not None and matter.author_id == me.id
    if not ctx.private and (mine or not words):  # In front of others, nothing is said of whose it is.
        await doors.lead_to_private(ctx, Action("report", conversation.id, matter.id))
        return
    if mine:
        raise Sorry(views.YOURS, common.column(views.take_back(matter)))
    consent.require(ctx)
    if await ctx.uow.get(Report, conversation.id, matter.id, await _reporter(ctx, matter)) is not None:
        ctx.turn(Content.of(views.ALREADY))
    elif words:
        await _keep_report(ctx, conversation, matter, reason_of(ctx, words))
    else:
        await dialogues.begin(ctx, "report", about(matter))


async def _reporter(ctx: Context, matter: Matter) -> UUID:
    """Give who reports: a participant, or else a keyed hash, for to report is not to join."""
    me = await ctx.participant(matter.conversation_id)
    return me.id if me is not None else UUID(bytes=ctx.keys.lookup("reporter", matter.id.bytes, ctx.me.id.bytes)[:16])


async def _keep_report(ctx: Context, conversation: Conversation, matter: Matter, reason: str) -> None:
    """Keep a report, one a person, and let the moderators know."""
    consent.require(ctx)
    me = await _reporter(ctx, matter)
    if await ctx.uow.get(Report, conversation.id, matter.id, me) is not None:
        ctx.turn(Content.of(views.ALREADY))
        return
    urgent = reason == queries.URGENT
    before = await queries.open_reports(ctx.uow, conversation.id, matter.id)
    ctx.uow.add(Report(conversation.id, matter.id, me, reason, ctx.now))
    once = f"threat:{matter.id}" if urgent else queries.notice_key(conversation.id)
    notice = told_views.something_waits(conversation, urgent=urgent)
    if not any(one.reason == queries.URGENT for one in before):  # They were told at once, and of this idea.
        await tell_moderators(ctx, conversation, notice, once=once, urgent=urgent, but=(me, matter.author_id))
    ctx.turn(Content.of(views.THANKS))


async def _report_message(ctx: Context, conversation: Conversation, quoted: Quoted, words: str) -> None:
    """Show the moderators a message that is no card. It is kept nowhere else; they cannot act on it but by talking."""
    if quoted.author is not None and quoted.author.bot:
        raise Sorry(views.WHICH)
    text = clean(quoted.text)
    if not text:
        raise Sorry(views.NO_WORDS_THERE)
    consent.require(ctx)
    reason = reason_of(ctx, words)
    notice = told_views.message_reported(
        conversation, text, quoted.author.name if quoted.author else "", views.reason(reason)
    )
    me = await ctx.participant(conversation.id)
    await tell_moderators(
        ctx, conversation, notice, once=f"message:{ctx.room.id}:{quoted.message_id}", urgent=reason == queries.URGENT,
        but=(me.id,) if me else (),
    )  # fmt: skip
    ctx.tell(views.THANKS)


# -- what moderating shares -----------------------------------------------------------------------------------


async def numbered(ctx: Context, conversation: Conversation, argument: str) -> tuple[Idea, str]:
    """Read an idea's number and the words after it. Raises `Sorry`."""
    first, _, words = argument.strip().partition(" ")
    digits = first.removeprefix("#").rstrip(".:,")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS):
        raise Sorry(views.WHICH)
    idea = await idea_queries.numbered(ctx.uow, conversation.id, int(digits))
    if idea is None:
        raise Sorry(Text("There is no idea %(number)s.", {"number": digits}))
    return idea, words.strip()


def reason_of(ctx: Context, words: str) -> str:
    """Give which of the reasons somebody wrote, by its name or its sentence, or else their own words."""
    wanted = folded(words).rstrip(". ")
    for key in REASONS:
        if wanted in {key, folded(render(views.reason(key), ctx.locale))}:
            return key
    return excerpt(clean(words), LONGEST_REASON).rstrip(". ")


def about(matter: Matter) -> dict[str, str]:
    """Give what a flow of moderation is begun with."""
    words = excerpt(matter.text, views.ON_CARD)
    return {"conversation": str(matter.conversation_id), "subject": str(matter.id), "words": words}


def begun_about(idea: Idea) -> dict[str, str]:
    """Give what a flow about an idea is begun with."""
    return {"conversation": str(idea.conversation_id), "idea": str(idea.id), "words": excerpt(idea.text, views.ON_CARD)}


PRESSES = {"report": reported}
