"""Dialogues: drives the flows. What a person and the bot talk about in a room is a small pile of drafts.

The last draft is talked about. A flow begun meanwhile lies on top, and the earlier one goes on afterwards. A draft is
kept until it is finished or stopped, through restarts and days.
"""

from __future__ import annotations

from typing import Any

import msgspec

from bot.chat.content import Action, Choice, Content, Text
from bot.chat.events import MessageReceived
from bot.domain.likeness import similar
from bot.flows import answering
from bot.flows.engine import Done, Question, resume
from bot.flows.give_idea import Similar, SimilarIdeas
from bot.flows.questions import BACK, DONE, SKIP, Ctx, Input, Refused
from bot.flows.table import FLOWS
from bot.handlers.context import Context, Sorry
from bot.i18n import render
from bot.store import ideas as idea_queries
from bot.store.records import Dialogue, Draft
from bot.views import common
from bot.views import dialogues as views

TALK = "talk"
"""Not a flow: the last plain words, which a button may make something of."""

Outcome = Question | Done[Any]


async def begin(ctx: Context, flow: str, params: dict[str, str]) -> None:
    """Begin a flow here, on top of what is open."""
    kept = [draft for draft in await _drafts(ctx) if draft.flow not in {flow, TALK}]
    await _go_on(ctx, [*kept, Draft(flow, params)], None)


async def offer_draft(ctx: Context, flow: str) -> bool:
    """Whether there is a draft of this flow; then it is shown again, to go on or to start over."""
    drafts = await _drafts(ctx)
    mine = next((draft for draft in drafts if draft.flow == flow and draft.answers), None)
    if mine is None:
        return False
    await _go_on(
        ctx, [*(draft for draft in drafts if draft is not mine), mine],
        Text("Here is your draft from before. Go on where you were, or stop it to start over."),
    )  # fmt: skip
    return True


async def message(ctx: Context, event: MessageReceived) -> bool:
    """Take a message as the answer to the open question, if there is one."""
    drafts = await _drafts(ctx)
    if not drafts or drafts[-1].flow == TALK:
        return False
    if not ctx.private and not await _answers_prompt(ctx, event):
        return False
    await _receive(ctx, drafts, Input(event.text, kind=event.kind))
    return True


async def pick(ctx: Context, action: Action) -> None:
    """A choice of the open question was pressed."""
    await _pressed(ctx, action, action.arg[4:])


async def pressed_done(ctx: Context, action: Action) -> None:
    """Several were chosen, and that is all."""
    await _pressed(ctx, action, DONE)


async def pressed_back(ctx: Context, action: Action) -> None:
    """Go back one question."""
    await _pressed(ctx, action, BACK)


async def pressed_skip(ctx: Context, action: Action) -> None:
    """Skip this question."""
    await _pressed(ctx, action, SKIP)


async def pressed_stop(ctx: Context, action: Action) -> None:
    """Stop asking, and drop the draft."""
    _check_person(ctx, action)
    await stop(ctx, "")


async def stop(ctx: Context, _argument: str) -> None:
    """Stop the open flow: its draft goes, nothing of it happens."""
    drafts = await _drafts(ctx)
    open_ones = [draft for draft in drafts if draft.flow != TALK]
    if not open_ones:
        raise Sorry(Text("I was not asking anything. Write /help to see what can be done."))
    stopped = open_ones[-1]
    rest = [draft for draft in drafts if draft is not stopped]
    await _keep(ctx, rest)
    title = FLOWS[stopped.flow].title if stopped.flow in FLOWS else Text("this")
    ctx.turn(
        Content.of(Text("Stopped: %(title)s. Nothing of it was kept.", {"title": title}), choices=_resume_rows(rest))
    )


async def back(ctx: Context, _argument: str) -> None:
    """Go back one question, typed."""
    await _typed(ctx, BACK)


async def skip(ctx: Context, _argument: str) -> None:
    """Skip a question, typed."""
    await _typed(ctx, SKIP)


async def go_on(ctx: Context, _action: Action) -> None:
    """Show the open question again."""
    drafts = [draft for draft in await _drafts(ctx) if draft.flow != TALK]
    if not drafts:
        raise Sorry(common.STALE)
    await _go_on(ctx, drafts, None)


async def keep_talk(ctx: Context, text: str) -> None:
    """Remember the last plain words, for the buttons that ask what they are."""
    drafts = [draft for draft in await _drafts(ctx) if draft.flow != TALK]
    await _keep(ctx, [Draft(TALK, {"text": text}), *drafts])


async def begun_with(ctx: Context, flow: str) -> dict[str, str]:
    """Give what the open flow of this name was begun with."""
    return next((draft.params for draft in reversed(await _drafts(ctx)) if draft.flow == flow), {})


async def talk(ctx: Context) -> str:
    """Give the last plain words, once."""
    drafts = await _drafts(ctx)
    text = next((draft.params.get("text", "") for draft in drafts if draft.flow == TALK), "")
    if text:
        await _keep(ctx, [draft for draft in drafts if draft.flow != TALK])
    return text


# -- the machinery --------------------------------------------------------------------------------------------


async def _pressed(ctx: Context, action: Action, choice: str) -> None:
    _check_person(ctx, action)
    drafts = [draft for draft in await _drafts(ctx) if draft.flow != TALK]
    if not drafts:
        raise Sorry(common.STALE)
    await _receive(ctx, drafts, Input(choice=choice), action.arg[:4])


def _check_person(ctx: Context, action: Action) -> None:
    if action.scope is not None and action.scope != ctx.me.id:
        raise Sorry(common.NOT_YOURS)


async def _typed(ctx: Context, choice: str) -> None:
    drafts = [draft for draft in await _drafts(ctx) if draft.flow != TALK]
    if not drafts:
        raise Sorry(Text("I was not asking anything. Write /help to see what can be done."))
    await _receive(ctx, drafts, Input(choice=choice))


async def _receive(ctx: Context, drafts: list[Draft], sent: Input, mark: str = "") -> None:
    draft = drafts[-1]
    outcome = await _run(ctx, draft)
    if not isinstance(outcome, Question):
        await _finish(ctx, drafts, outcome)
        return
    if mark and mark != views.tag(draft.flow, outcome.name):
        await _show(ctx, draft, outcome, Text("That button belongs to an earlier question. We are here now:"))
        return
    received = answering.receive(outcome, sent, draft.answers, _ctx(ctx))
    if received.stopped:
        await stop(ctx, "")
        return
    fresh = msgspec.structs.replace(draft, answers=received.answers)
    await _go_on(ctx, [*drafts[:-1], fresh], received.notice)


async def _go_on(ctx: Context, drafts: list[Draft], notice: Text | None) -> None:
    """Keep the drafts, and ask the next question of the last one or finish it."""
    outcome = await _run(ctx, drafts[-1])
    if isinstance(outcome, Question):
        await _keep(ctx, drafts)
        await _show(ctx, drafts[-1], outcome, notice)
    else:
        await _finish(ctx, drafts, outcome)


async def _finish(ctx: Context, drafts: list[Draft], done: Done[Any]) -> None:
    draft, rest = drafts[-1], drafts[:-1]
    try:
        await ctx.complete(ctx, done.command)
    except Refused as refused:
        fresh = msgspec.structs.replace(draft, answers=answering.refuse(draft.answers, refused))
        if isinstance(await _run(ctx, fresh), Question):
            await _go_on(ctx, [*rest, fresh], refused.text)
            return
        ctx.turn(Content.of(refused.text))
    await _keep(ctx, rest)
    rows = _resume_rows(rest)
    if rows:
        ctx.reply(Text("Something of yours is still open."), choices=rows)


async def _run(ctx: Context, draft: Draft) -> Outcome:
    async def look(query: object) -> object:
        match query:
            case SimilarIdeas(conversation_id=conversation_id, text=text):
                known = await idea_queries.texts(ctx.uow, conversation_id)
                found = similar(text, [((idea_id, number, other), other) for idea_id, number, other in known])
                return tuple(Similar(*one) for one in found)
            case _:
                raise TypeError(query)

    return await resume(lambda: FLOWS[draft.flow].begin(draft.params), draft.answers, _ctx(ctx), look)


async def _show(ctx: Context, draft: Draft, question: Question, notice: Text | None) -> None:
    ctx.turn(views.asking(draft.flow, question, notice, ctx.me.id, private=ctx.private))


def _ctx(ctx: Context) -> Ctx:
    return Ctx(ctx.now, ctx.room.zone, ctx.locale, lambda words: render(words, ctx.locale))


async def _drafts(ctx: Context) -> list[Draft]:
    dialogue = await ctx.uow.get(Dialogue, ctx.me.id, ctx.room.id)
    return [draft for draft in dialogue.secret if draft.flow in FLOWS or draft.flow == TALK] if dialogue else []


async def _keep(ctx: Context, drafts: list[Draft]) -> None:
    before = await ctx.uow.get(Dialogue, ctx.me.id, ctx.room.id)
    if not drafts:
        if before is not None:
            ctx.uow.remove(before)
        return
    made = Dialogue(ctx.me.id, ctx.room.id, tuple(drafts), ctx.now)
    if before is None:
        ctx.uow.add(made)
    else:
        ctx.uow.save(made)


async def _answers_prompt(ctx: Context, event: MessageReceived) -> bool:
    """Whether a group's message answers the bot's own question there."""
    prompted = await ctx.prompted()
    return prompted is not None and event.reply_to is not None and event.reply_to.message_id == prompted.message_id


def _resume_rows(drafts: list[Draft]) -> tuple[tuple[Choice, ...], ...]:
    open_ones = [draft for draft in drafts if draft.flow in FLOWS]
    if not open_ones:
        return ()
    title = FLOWS[open_ones[-1].flow].title
    return ((Choice(Text("Go on with: %(title)s", {"title": title}), Action("resume")),),)


PRESSES = {
    "pick": pick,
    "done": pressed_done,
    "back": pressed_back,
    "skip": pressed_skip,
    "stop": pressed_stop,
    "resume": go_on,
}
