"""Needs and offers that may suit each other: answer, hold a helper group together, or say that words are not all right.

Rules
-----
* A no is silent, and lasts. Names are told only when both have said yes (`helping.introduce`).
* Who holds it together is asked of the helpers, never of the one in need.
* Of words in a conversation that are not all right its moderators hear, as of all else there. Where nobody moderates,
  three people hide them, until whoever wrote them changes them.
"""

from __future__ import annotations

from uuid import UUID

import msgspec

from bot.chat.content import Action, Content, Text
from bot.domain.conversation import Conversation
from bot.domain.moderation import matter_of
from bot.domain.needs import ENOUGH_REPORTS, NO, YES, Help, HelpReport, Match, SayYes
from bot.handlers import consent, dialogues, doors, helper_groups, helping, membership, needs, reports
from bot.handlers.context import Context, Sorry
from bot.store import needs as queries
from bot.views import common
from bot.views import matches as match_views
from bot.views import needs as views


async def match(ctx: Context, action: Action) -> None:
    """Answer to what may suit: yes, no, or how one may be reached."""
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    found = await ctx.uow.get(Match, action.subject) if action.subject else None
    if found is None:
        raise Sorry(views.GONE)
    one, other = await _sides(ctx, found)
    if action.arg == "no":
        if found.introduced_at is None and found.said(one.id) != NO:
            ctx.uow.save(found.with_answer(one.id, NO, ""))
        await needs.show(ctx, one, (match_views.NOT_NOW,))
    elif found.introduced_at is None and found.said(one.id) == YES:
        await needs.show(ctx, one, (match_views.ANSWERED,))
    elif not other.alive and found.introduced_at is None:
        raise Sorry(views.GONE)
    else:
        ways = await helping.reach(ctx, other, known=found.introduced_at is not None)
        await dialogues.begin(ctx, "reach", {"match": str(found.id), "words": other.text} | ways)


async def say_yes(ctx: Context, command: SayYes) -> None:
    """Take a yes. With the second one both learn who the other is."""
    found = await ctx.uow.get(Match, command.match_id)
    if found is None:
        raise Sorry(views.GONE)
    one, other = await _sides(ctx, found)
    if other.state == "withdrawn":
        raise Sorry(views.GONE)
    consent.require(ctx)
    if found.introduced_at is not None and not command.way:
        ways = common.column(match_views.say_how(found), needs.to_list())
        ctx.turn(Content.of(Text("Good. Nothing is shared."), choices=ways))
        return
    said = found.with_answer(one.id, YES, command.way)
    ctx.uow.save(said)
    if said.introduced_at is not None:
        told = match_views.new_way(await helping.name_of(ctx, one), one, command.way)
        await helping.tell(ctx, other, told, once=f"met:{said.id}")
        told_them = Text("Thank you. I tell them, and nobody else.")
        ctx.turn(Content.of(told_them, choices=common.column(needs.to_list())))
        return
    if not said.both:
        await helping.say_that_they_wait(ctx, said, other, one)
        await needs.show(ctx, one, (views.ASKED,))
        return
    asked, offered = (one, other) if one.kind == "need" else (other, one)
    ctx.turn(await helping.introduce(ctx, said, asked, offered, one))
    helpers = await queries.helpers_of(ctx.uow, asked)
    if one.kind == "offer" and queries.enough(helpers) and asked.group_id is None:
        ctx.say(match_views.who_holds(asked, len(helpers)))


async def holds(ctx: Context, action: Action) -> None:
    """Hold together those who help with a need: one press makes a helper group. Others, and who is in need, join it."""
    asked = await ctx.uow.get(Help, action.subject) if action.subject else None
    if asked is None or asked.state == "withdrawn":
        raise Sorry(views.GONE)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    own = await _own(ctx, await queries.helpers_of(ctx.uow, asked))
    in_need = await needs.is_mine(ctx, asked)
    if own is None and not in_need:
        raise Sorry(Text("Those who help with it can do that."))
    if asked.group_id is not None and asked.group_in is not None:
        await helper_groups.join_from_need(ctx, asked.group_in, asked.group_id)
        return
    if own is None:
        raise Sorry(Text("You are the one who gets help. One of your helpers holds it together."))
    made = await helper_groups.form_for(ctx, asked, own)
    ctx.uow.save(msgspec.structs.replace(asked, group_in=made.conversation_id, group_id=made.id))
    if asked.shared and asked.conversation_id is not None:
        ctx.refresh("need", asked.conversation_id, asked.id)
    for one in await queries.helpers_of(ctx.uow, asked):
        if one.id != own.id:
            await helping.tell(
                ctx, one, match_views.group_formed(asked, made.what, in_need=False), f"formed:{asked.id}"
            )
    await helping.tell(ctx, asked, match_views.group_formed(asked, made.what, in_need=True), once=f"formed:{asked.id}")


async def not_all_right(ctx: Context, action: Action) -> None:
    """Say that the words of a need or an offer are not all right."""
    one = await ctx.uow.get(Help, action.subject) if action.subject else None
    if one is None or one.state == "withdrawn":
        raise Sorry(views.GONE)
    conversation = await ctx.uow.get(Conversation, one.conversation_id) if one.conversation_id else None
    if await needs.is_mine(ctx, one):
        raise Sorry(views.YOURS)
    matched = await _matched_with_me(ctx, one)
    if not matched:
        if conversation is None or not one.shared:
            raise Sorry(views.GONE)
        await membership.reader(ctx, conversation.id)
    for found, mine in matched:
        if found.introduced_at is None:
            ctx.uow.save(found.with_answer(mine, NO, ""))
    if conversation is None:
        consent.require(ctx)
        await _keep_report(ctx, one)
    else:
        await reports.report_matter(ctx, conversation, matter_of(one), "")


async def _keep_report(ctx: Context, one: Help) -> None:
    """Keep it, one a person; enough of them hide the words."""
    reporter = ctx.keys.lookup("reporter", one.id.bytes, ctx.me.id.bytes).hex()
    if await ctx.uow.get(HelpReport, one.id, reporter) is not None:
        ctx.tell(views.ALREADY_SAID)
        return
    ctx.uow.add(HelpReport(one.id, reporter, ctx.now))
    if await queries.reports(ctx.uow, one.id) >= ENOUGH_REPORTS and one.alive:
        await needs.end(ctx, msgspec.structs.replace(one, state="hidden"))
        await helping.tell(ctx, one, views.hidden(one), once=f"hidden:{one.id}")
    ctx.tell(views.THANKS)


async def _matched_with_me(ctx: Context, one: Help) -> list[tuple[Match, UUID]]:
    """Give the matches of somebody's need or offer with one's own, each with one's own side."""
    found = []
    for candidate in await queries.matches_of(ctx.uow, one):
        other = await ctx.uow.get(Help, candidate.other(one.id))
        if other is not None and await needs.is_mine(ctx, other):
            found.append((candidate, other.id))
    return found


async def _sides(ctx: Context, found: Match) -> tuple[Help, Help]:
    """Give this person's side of a match, and the other. Raises `Sorry` where it is somebody else's, or gone."""
    asked, offered = await ctx.uow.get(Help, found.need_id), await ctx.uow.get(Help, found.offer_id)
    if asked is None or offered is None:
        raise Sorry(views.GONE)
    if await needs.is_mine(ctx, asked):
        return asked, offered
    if await needs.is_mine(ctx, offered):
        return offered, asked
    raise Sorry(common.NOT_YOURS)


async def _own(ctx: Context, some: list[Help]) -> Help | None:
    """Give this person's one of some offers."""
    for one in some:
        if await needs.is_mine(ctx, one):
            return one
    return None


PRESSES = {"match": match, "holds": holds, "badhelp": not_all_right}
