"""Dialogues: drives the flows. What a person and the bot talk about in a room is a small pile of drafts.

The last draft is talked about. A flow begun meanwhile lies on top, and the earlier one goes on afterwards. A draft is
kept until it is finished or stopped, through restarts and days.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from bot.chat import events as chat
from bot.chat.content import Action, Choice, Content, Text
from bot.chat.events import ChoiceMade, CommandGiven, MessageReceived
from bot.domain.conversation import Conversation
from bot.domain.rooms import Room
from bot.flows import answering
from bot.flows.engine import Done, Question, resume
from bot.flows.questions import BACK, DONE, SKIP, Ctx, Input, Refused
from bot.flows.table import FLOWS
from bot.handlers import looks, pile, sleeping
from bot.handlers.context import ConsentNeeded, Context, NotNow, Sorry
from bot.store.records import Dialogue, Draft
from bot.views import common
from bot.views import dialogues as views

MOST_DRAFTS = 5
Outcome = Question | Done[Any]


async def begin(ctx: Context, flow: str, params: dict[str, str]) -> None:
    """Begin a flow here, on top of what is open."""
    begun = Draft(flow, params)
    kept = [draft for draft in await pile.every(ctx) if draft.flow != pile.TALK and not _replaces(begun, draft)]
    await _go_on(ctx, [*kept[1 - MOST_DRAFTS :], begun], None)


async def offer_draft(ctx: Context, flow: str) -> bool:
    """Whether there is a draft of this flow; then it is shown again, to go on or to start over."""
    drafts = await pile.every(ctx)
    mine = next((draft for draft in drafts if draft.flow == flow and draft.answers), None)
    if mine is None:
        return False
    await _go_on(
        ctx, [*(draft for draft in drafts if draft is not mine), mine],
        Text("Here is your draft from before. Go on where you were, or stop it to start over."),
    )  # fmt: skip
    return True


async def wake(ctx: Context) -> bool:
    """Whether somebody sleeps on something; then they go on with it now."""
    slept = await sleeping.woken(ctx)
    if slept:
        await _go_on(ctx, [*await pile.dialogues(ctx), *slept], Text("You wanted to sleep on this. Here it is."))
    return bool(slept)


async def aside(ctx: Context) -> None:
    """Go on in a group's dialogue with what somebody says in private, where the bot last asked there about it."""
    event = ctx.event
    if not isinstance(event, MessageReceived | CommandGiven) or event.aside is None or not ctx.private:
        return
    group = await ctx.uow.by(Room, ctx.room_lookup(event.aside))
    if group is not None and await ctx.uow.get(Dialogue, ctx.me.id, group.id) is not None:
        ctx.room = group
        ctx.event = msgspec.structs.replace(event, room=chat.Room(group.key, private=False))


async def message(ctx: Context, event: MessageReceived) -> bool:
    """Take a message as the answer to the open question, if there is one."""
    drafts = await pile.every(ctx)
    if not drafts or drafts[-1].flow == pile.TALK:
        return False
    if not ctx.private and not await _answers_question(ctx, event, drafts[-1]):
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
    drafts = await _marked(ctx, action)
    if drafts is not None:
        await _stop(ctx, drafts)


async def stop(ctx: Context, _argument: str) -> None:
    """Stop the open flow: its draft goes, nothing of it happens. Of what somebody sleeps on they are not asked then."""
    drafts = await pile.dialogues(ctx) or (await sleeping.woken(ctx) if ctx.private else [])
    if not drafts:
        raise Sorry(Text("Nothing is half done just now. Write /help to see what can be done."))
    await _stop(ctx, drafts)


async def _stop(ctx: Context, drafts: list[Draft]) -> None:
    stopped, rest = drafts[-1], drafts[:-1]
    await pile.keep(ctx, rest)
    title = FLOWS[stopped.flow].title if stopped.flow in FLOWS else Text("this")
    ctx.turn(
        Content.of(Text("Stopped: %(title)s. Nothing of it was kept.", {"title": title}), choices=_resume_rows(rest))
    )


async def let_go(ctx: Context, flow: str, about: dict[str, str], *, quietly: bool = False) -> None:
    """Stop a dialogue here that was begun about this, if there is one; `quietly`: another one takes its place."""
    drafts = await pile.dialogues(ctx)
    mine = next((one for one in drafts if one.flow == flow and about.items() <= one.params.items()), None)
    rest = [one for one in drafts if one is not mine]
    if mine is not None and quietly:
        await pile.keep(ctx, rest)
    elif mine is not None:
        await _stop(ctx, [*rest, mine])


async def back(ctx: Context, _argument: str) -> None:
    """Go back one question, typed."""
    await _typed(ctx, BACK)


async def skip(ctx: Context, _argument: str) -> None:
    """Skip a question, typed."""
    await _typed(ctx, SKIP)


async def go_on(ctx: Context, _action: Action) -> None:
    """Show the open question again."""
    drafts = await pile.dialogues(ctx)
    if not drafts and isinstance(ctx.event, ChoiceMade) and not ctx.event.message_id:
        return  # It waited for a yes, and was stopped meanwhile.
    if not drafts:
        raise Sorry(common.STALE)
    await _go_on(ctx, drafts, None)


async def reads_numbers(ctx: Context) -> bool:
    """Whether the open question here takes a typed number for an answer; then its choices go by letters."""
    drafts = await pile.dialogues(ctx)
    outcome = await _run(ctx, drafts[-1]) if drafts else None
    return isinstance(outcome, Question) and outcome.numbers


async def reworded(ctx: Context, message_id: str, text: str) -> bool:
    """Whether a message that was edited began a draft; then its words are the new ones, and it is asked from there."""
    drafts = await pile.dialogues(ctx)
    mine = next((draft for draft in drafts if draft.params.get("message") == message_id), None)
    if mine is None:
        return False
    fresh = Draft(mine.flow, mine.params | {"text": text})
    await _go_on(ctx, [*(draft for draft in drafts if draft is not mine), fresh], None)
    return True


async def remind(ctx: Context) -> None:
    """Say that something is still open, if it is."""
    rows = _resume_rows(await pile.dialogues(ctx))
    if rows:
        ctx.reply(Text("Something of yours is still open."), choices=rows)


async def begun_with(ctx: Context, flow: str) -> dict[str, str]:
    """Give what the flow that is being finished was begun with, if it has this name."""
    return ctx.finishing.params if ctx.finishing is not None and ctx.finishing.flow == flow else {}


# -- the machinery --------------------------------------------------------------------------------------------


async def _pressed(ctx: Context, action: Action, choice: str) -> None:
    drafts = await _marked(ctx, action)
    if drafts is not None:
        await _receive(ctx, drafts, Input(choice=choice))


async def _marked(ctx: Context, action: Action) -> list[Draft] | None:
    """Give the open drafts, the one whose button was pressed last; None if its question is over: then it is said."""
    if action.scope is not None and action.scope != ctx.me.id:
        raise Sorry(common.NOT_YOURS)
    drafts, mark = await pile.dialogues(ctx), action.arg[:4]
    if not drafts:
        raise Sorry(common.STALE)
    outcomes = [await _run(ctx, draft) for draft in drafts]
    for draft, outcome in zip(drafts, outcomes, strict=True):
        if isinstance(outcome, Question) and mark == views.tag(draft.flow, draft.params, outcome.name):
            return [*(one for one in drafts if one is not draft), draft]
    if not mark or isinstance(outcomes[-1], Done):
        return drafts
    await _go_on(ctx, drafts, Text("That button belongs to an earlier question. We are here now:"))
    return None


async def _typed(ctx: Context, choice: str) -> None:
    drafts = await pile.dialogues(ctx)
    if not drafts:
        raise Sorry(Text("Nothing is half done just now. Write /help to see what can be done."))
    await _receive(ctx, drafts, Input(choice=choice))


async def _receive(ctx: Context, drafts: list[Draft], sent: Input) -> None:
    draft = drafts[-1]
    outcome = await _run(ctx, draft)
    if not isinstance(outcome, Question):
        await _finish(ctx, drafts, outcome)
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
        await pile.keep(ctx, drafts)
        await _show(ctx, drafts[-1], outcome, notice)
    else:
        await _finish(ctx, drafts, outcome)


async def _finish(ctx: Context, drafts: list[Draft], done: Done[Any]) -> None:
    draft, rest = drafts[-1], drafts[:-1]
    ctx.finishing = draft
    try:
        await ctx.complete(ctx, done.command)
    except ConsentNeeded:
        if ctx.private:  # All is answered: what waits for the yes is that this draft goes on.
            await pile.keep(ctx, drafts)
            ctx.means(Action("resume"))
        raise
    except NotNow:
        raise
    except Sorry:  # It cannot be done any more: there is nothing to ask again.
        await pile.keep(ctx, rest)
        raise
    except Refused as refused:
        fresh = msgspec.structs.replace(draft, answers=answering.refuse(draft.answers, refused))
        if isinstance(await _run(ctx, fresh), Question):
            await _go_on(ctx, [*rest, fresh], refused.text)
            return
        ctx.turn(Content.of(refused.text))
    await pile.keep(ctx, rest)
    await remind(ctx)


async def _run(ctx: Context, draft: Draft) -> Outcome:
    return await resume(
        lambda: FLOWS[draft.flow].begin(draft.params), draft.answers, _ctx(ctx), partial(looks.look, ctx)
    )


async def _show(ctx: Context, draft: Draft, question: Question, notice: Text | None) -> None:
    about = ""
    if ctx.private and len(ctx.me.secret.joined) > 1 and "conversation" in draft.params:
        conversation = await ctx.uow.get(Conversation, UUID(draft.params["conversation"]))
        about = conversation.question if conversation is not None else ""
    ctx.turn(views.asking(draft.flow, draft.params, question, notice, ctx.me.id, private=ctx.private, about=about))


def _ctx(ctx: Context) -> Ctx:
    return Ctx(ctx.now, ctx.room.zone, ctx.locale, ctx.worded)


def _replaces(begun: Draft, draft: Draft) -> bool:
    """Whether a flow that is begun anew takes an earlier draft's place: nothing of the person's is lost with it."""
    anew = draft.params.get("text", "") in {"", begun.params.get("text")}
    return draft.flow == begun.flow and anew and not draft.answers


async def _answers_question(ctx: Context, event: MessageReceived, draft: Draft) -> bool:
    """Whether a group's message answers the question that the bot asked this person there; others may be asked too."""
    if event.aside is not None:
        return True
    quoted, prompted = event.reply_to, await ctx.prompted()
    if quoted is None:
        return False
    if prompted is not None and quoted.message_id == prompted.message_id:
        return True
    question = await _run(ctx, draft)
    asked = ctx.worded(question.ask.text) if isinstance(question, Question) else ""
    return bool(asked) and quoted.author is not None and quoted.author.bot and asked in quoted.text


def _resume_rows(drafts: list[Draft]) -> tuple[tuple[Choice, ...], ...]:
    open_ones = [draft for draft in drafts if draft.flow in FLOWS]
    if not open_ones:
        return ()
    title = FLOWS[open_ones[-1].flow].title
    return ((Choice(Text("Go on with: %(title)s", {"title": title}), Action("resume")),),)


WAYS = frozenset({"done", "back", "skip", "stop"})
"""The buttons of a question that are no answers to it: also their numbers lead there."""

PRESSES = {
    "pick": pick,
    "done": pressed_done,
    "back": pressed_back,
    "skip": pressed_skip,
    "stop": pressed_stop,
    "resume": go_on,
}
