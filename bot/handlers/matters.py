"""Hiding what people say, and showing it again, whichever it is: what stands where, and what was to come, follows.

A record that a moderator may hide is one of `bot.store.moderation.KINDS`; all of them have a `state`. What else is to
be done with a kind stands in `_FOLLOWS`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from bot.domain.gatherings import Gathering
from bot.domain.groups import HelperGroup
from bot.domain.ideas import Idea
from bot.domain.moderation import HIDDEN, Matter, Record, Subject
from bot.domain.needs import Help
from bot.domain.open_space import Topic
from bot.domain.steps import Step, Story, picture_card
from bot.handlers import calm, gathering_times, helping, joining, needs
from bot.handlers.context import Context


async def put(ctx: Context, matter: Matter, state: str) -> None:
    """Let what people say have another state: hidden, or what it was before."""
    kind, follow = _FOLLOWS[matter.subject]
    key = (matter.id,) if kind is Help else (matter.conversation_id, matter.id)
    record = await ctx.uow.need(kind, *key)
    await follow(ctx, msgspec.structs.replace(record, state=state))


async def _idea(ctx: Context, idea: Idea) -> None:
    if idea.state == "merged" and idea.merged_into is None:  # What it was part of is not there any more.
        idea = msgspec.structs.replace(idea, state="shown")
    _save(ctx, "idea", idea)
    if idea.state == HIDDEN:
        await joining.ceased(ctx, idea)


async def _help(ctx: Context, one: Help) -> None:
    if one.state != "open":
        await needs.end(ctx, one)
        return
    ctx.uow.save(one)
    if one.kind == "need":
        await helping.wait_again(ctx, one)
    needs.refresh(ctx, one)


async def _story(ctx: Context, story: Story) -> None:
    _save(ctx, "story", story)
    if story.pictured and story.state == "shown":
        ctx.publish("picture", story.conversation_id, picture_card(story.id))
    elif story.pictured:
        ctx.retract("picture", story.conversation_id, picture_card(story.id))


async def _step(ctx: Context, step: Step) -> None:
    _save(ctx, "step", step)
    ctx.refresh("group", step.conversation_id, step.group_id)


async def _gathering(ctx: Context, one: Gathering) -> None:
    if one.state == "planned" and one.ends_at < ctx.now:  # It was held while it was hidden.
        one = one.held()
    before = await ctx.uow.need(Gathering, one.conversation_id, one.id)
    me = await ctx.participant(one.conversation_id)
    if me is not None and (before.coming(ctx.now) or one.coming(ctx.now)):
        told = gathering_times.HIDDEN if one.state == HIDDEN else gathering_times.SHOWN
        gathering_times.tell_later(ctx, one, told, but=me.id)
    if one.state == HIDDEN:
        await calm.drop(ctx, f"meet:{one.id}")  # A reminder would quote it.
    _save(ctx, "gathering", one)
    ctx.refresh("book", one.conversation_id, one.id)


async def _topic(ctx: Context, topic: Topic) -> None:
    _save(ctx, "topic", topic)
    for card in ("gathering", "book"):
        ctx.refresh(card, topic.conversation_id, topic.gathering_id)


async def _group(ctx: Context, group: HelperGroup) -> None:
    _save(ctx, "group", group)


def _save(ctx: Context, subject: Subject, record: Any) -> None:
    ctx.uow.save(record)
    ctx.refresh(subject, record.conversation_id, record.id)


_FOLLOWS: Mapping[Subject, tuple[type[Record], Callable[[Context, Any], Awaitable[None]]]] = {
    "idea": (Idea, _idea),
    "need": (Help, _help),
    "offer": (Help, _help),
    "story": (Story, _story),
    "step": (Step, _step),
    "gathering": (Gathering, _gathering),
    "topic": (Topic, _topic),
    "group": (HelperGroup, _group),
}
