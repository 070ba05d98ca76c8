"""The acts of moderation: each has a reason, a line in the log, and a way back; whoever it concerns is told.

Rules
-----
* Nobody decides about themselves, unless nobody else moderates.
* An act keeps what was before, and undoing it restores just that. What a later act builds on is undone after it.
* An act settles the reports that were open then; undone, they wait again.
* Raises `Sorry` before anything is staged.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

import msgspec

from bot.chat.content import When
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea, Translation, tags_of
from bot.domain.moderation import HIDDEN, Act, ActKind, Matter
from bot.domain.people import Participant
from bot.handlers import calm, matters, merging, offices
from bot.handlers.context import Context, Sorry
from bot.store import moderation as queries
from bot.views import moderation as views
from bot.views import moderation_told as told_views


async def fair(ctx: Context, me: Participant, concerned: UUID | None) -> None:
    """Go on only if this moderator may decide about a participant. Raises `Sorry`."""
    if me.id == concerned and len(await queries.moderators(ctx.uow, me.conversation_id)) > 1:
        raise Sorry(views.OWN_CASE)


async def may_hide(ctx: Context, me: Participant, matter: Matter) -> None:
    """Go on only if this moderator may hide what somebody said. Raises `Sorry`."""
    await fair(ctx, me, matter.author_id)
    if not matter.readable:
        raise Sorry(views.HIDDEN_ALREADY if matter.hidden else views.GONE)


async def hide(ctx: Context, me: Participant, matter: Matter, reason: str) -> Act:
    """Hide what somebody said."""
    await may_hide(ctx, me, matter)
    done = log(ctx, me, "hide", reason, about=matter.id, before=matter.state)
    await matters.put(ctx, matter, HIDDEN)
    await _settle(ctx, matter)
    await tell(ctx, done, matter)
    return done


async def restore(ctx: Context, me: Participant, matter: Matter, reason: str) -> Act:
    """Show again what is hidden, as it was before."""
    await fair(ctx, me, matter.author_id)
    if not matter.hidden:
        raise Sorry(views.CHANGED)
    hiding = await queries.standing(ctx.uow, matter.conversation_id, "hide", subject_id=matter.id)
    done = log(ctx, me, "restore", reason, about=matter.id, before=matter.state)
    await matters.put(ctx, matter, hiding.before if hiding else "shown")
    await tell(ctx, done, matter)
    return done


async def leave(ctx: Context, me: Participant, matter: Matter) -> Act:
    """Leave something as it is: its reports are settled."""
    await fair(ctx, me, matter.author_id)
    if not await _settle(ctx, matter):
        raise Sorry(views.CHANGED)
    return log(ctx, me, "leave", "", about=matter.id, before=matter.state)


async def may_pause(ctx: Context, me: Participant, whom: Participant) -> None:
    """Go on only if this moderator may give a pause. Raises `Sorry`."""
    await fair(ctx, me, whom.id)
    if whom.hosts or (whom.moderates and not me.hosts):
        raise Sorry(views.NOT_THEM)
    if whom.left:
        raise Sorry(views.CHANGED)


async def pause(ctx: Context, me: Participant, whom: Participant, days: int, reason: str, matter: Matter | None) -> Act:
    """Let somebody contribute nothing for some days; 0 ends a pause."""
    await may_pause(ctx, me, whom)
    if not days and not whom.muted(ctx.now):
        raise Sorry(views.CHANGED)
    before = whom.muted_until.isoformat() if whom.muted_until else ""
    kind: ActKind = "mute" if days else "unmute"
    done = log(ctx, me, kind, reason, about=matter.id if matter else None, participant_id=whom.id, before=before)
    fresh = msgspec.structs.replace(whom, muted_until=ctx.now + timedelta(days=days) if days else None)
    ctx.uow.save(fresh)
    await tell(ctx, done, matter, fresh)
    return done


async def undo(ctx: Context, me: Participant, done: Act) -> Matter | None:
    """Restore what was before an act; gives what it was about."""
    matter = await queries.find(ctx.uow, done.conversation_id, done.subject_id)
    whom = await ctx.uow.get(Participant, done.conversation_id, done.participant_id) if done.participant_id else None
    await fair(ctx, me, whom.id if whom else matter.author_id if matter else None)
    if done.undone_at is not None:
        raise Sorry(views.TAKEN_BACK)
    if await queries.built_upon(ctx.uow, done):
        raise Sorry(views.LATER)
    whom = await _put_back(ctx, me, done, matter, whom)
    for report in await queries.handled_by(ctx.uow, done) if matter is not None else ():
        ctx.uow.save(msgspec.structs.replace(report, handled_at=None))
    ctx.uow.save(msgspec.structs.replace(done, undone_at=ctx.now))
    await _tell_undone(ctx, done, matter, whom)
    return matter


async def _put_back(
    ctx: Context, me: Participant, done: Act, matter: Matter | None, whom: Participant | None
) -> Participant | None:
    """Restore what was before; gives the person concerned as they are now."""
    match done.kind:
        case "hide" | "restore":
            await _put_matter_back(ctx, done, matter)
        case "mute" | "unmute":
            if whom is None or whom.left:
                raise Sorry(views.CHANGED)
            until = datetime.fromisoformat(done.before) if done.before else None
            whom = msgspec.structs.replace(whom, muted_until=until)
            ctx.uow.save(whom)
        case "merge" | "apart":
            await merging.undo(ctx, done)
        case "tags":
            await _put_tags_back(ctx, done)
        case "untranslate":
            await _show_translation(ctx, done)
        case "leave":
            pass
        case "cohost" | "moderator" | "dismiss" | "offer" | "host" | "close" | "reopen":
            await offices.undo(ctx, me, done, whom)
        case _:
            assert_never(done.kind)
    return whom


async def _put_matter_back(ctx: Context, done: Act, matter: Matter | None) -> None:
    if matter is None or not (matter.hidden if done.kind == "hide" else matter.readable):
        raise Sorry(views.CHANGED)
    await matters.put(ctx, matter, done.before)


async def _show_translation(ctx: Context, done: Act) -> None:
    found = await ctx.uow.get(Translation, done.conversation_id, done.subject_id, done.before)
    if found is None or not found.hidden:
        raise Sorry(views.CHANGED)
    ctx.uow.save(msgspec.structs.replace(found, hidden=False))
    ctx.refresh("idea", found.conversation_id, found.idea_id)


async def _put_tags_back(ctx: Context, done: Act) -> None:
    idea = await ctx.uow.get(Idea, done.conversation_id, done.subject_id)
    if idea is None or not idea.readable:
        raise Sorry(views.CHANGED)
    ctx.uow.save(msgspec.structs.replace(idea, tags=tags_of(done.before)))
    ctx.refresh("idea", idea.conversation_id, idea.id)


async def still_waiting(ctx: Context, conversation: Conversation) -> int:
    """Give how much waits; where nothing does, the evening's message is not sent."""
    waiting = len(await queries.waiting(ctx.uow, conversation.id))
    if not waiting:
        await calm.drop(ctx, queries.notice_key(conversation.id))
    return waiting


def log(
    ctx: Context, me: Participant, kind: ActKind, reason: str, *, about: UUID | None, before: str,
    participant_id: UUID | None = None,
) -> Act:  # fmt: skip
    """Add a line to the log."""
    done = Act(
        me.conversation_id, ctx.new_id(), kind, reason, me.id, ctx.now, subject_id=about,
        participant_id=participant_id, before=before,
    )  # fmt: skip
    ctx.uow.add(done)
    return done


async def _settle(ctx: Context, matter: Matter) -> bool:
    """Mark the open reports of something as looked at; gives whether there were any."""
    reports = await queries.open_reports(ctx.uow, matter.conversation_id, matter.id)
    for report in reports:
        ctx.uow.save(msgspec.structs.replace(report, handled_at=ctx.now))
    return bool(reports)


async def tell(ctx: Context, done: Act, matter: Matter | None, whom: Participant | None = None) -> None:
    """Tell the person concerned; of a pause without naming what they said."""
    conversation = await ctx.uow.need(Conversation, done.conversation_id)
    if whom is None and matter is not None:
        whom = await ctx.uow.get(Participant, done.conversation_id, matter.author_id)
    if whom is not None:
        until = When(whom.muted_until) if whom.muted_until else None
        told = told_views.concerned(conversation, done, matter, until=until)
        about = done.subject_id if done.kind in {"hide", "restore"} else whom.id
        await calm.note(ctx, whom, told, once=f"judged:{about}", at=ctx.now)


async def _tell_undone(ctx: Context, done: Act, matter: Matter | None, whom: Participant | None) -> None:
    """Tell the person concerned how it stands now: what was taken back the other way round, or the earlier act."""
    scope = done.conversation_id
    now: Act | None = None
    match done.kind:
        case "hide":
            now = msgspec.structs.replace(done, kind="restore")
        case "mute" if whom is not None and not whom.muted(ctx.now):
            now = msgspec.structs.replace(done, kind="unmute")
        case "restore":
            now = await queries.standing(ctx.uow, scope, "hide", subject_id=done.subject_id)
        case "mute" | "unmute":
            now = await queries.standing(ctx.uow, scope, "mute", participant_id=done.participant_id)
        case _:  # Nobody is told of what was left as it was; of their role people were told when they got it back.
            pass
    if now is not None:
        await tell(ctx, now, matter, whom)
