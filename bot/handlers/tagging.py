"""Tags: a few plain words by which an idea is found. Whoever gave it chooses them, and so may a moderator."""

from __future__ import annotations

import msgspec

from bot.chat.content import Action, Content
from bot.domain.ideas import Idea
from bot.domain.moderation import Act
from bot.domain.people import Participant
from bot.flows.commands import SetTags
from bot.handlers import calm, dialogues, doors, finding, judging, membership, reports
from bot.handlers.context import Context, Sorry
from bot.views import common
from bot.views import tags as views


async def begin(ctx: Context, action: Action) -> None:
    """Ask for the tags of an idea."""
    idea = await finding.alive(ctx, action)
    conversation = await membership.reader(ctx, idea.conversation_id)
    await membership.may_contribute(ctx, conversation)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    await _may(ctx, idea)
    await dialogues.begin(ctx, "tags", reports.begun_about(idea) | {"before": ", ".join(idea.tags)})


async def complete(ctx: Context, command: SetTags) -> None:
    """Let an idea have the tags that a flow has asked for; a moderator's choice has a line in the log."""
    idea = await finding.alive(ctx, Action("tags", command.conversation_id, command.idea_id))
    me = await _may(ctx, idea)
    conversation = await membership.reader(ctx, idea.conversation_id)
    await membership.may_contribute(ctx, conversation)
    if command.tags == idea.tags:
        ctx.turn(Content.of(views.now(idea)))
        return
    fresh = put(ctx, idea, command.tags)
    done: Act | None = None
    if me.id != idea.author_id:
        done = judging.log(ctx, me, "tags", "", about=idea.id, before=", ".join(idea.tags))
        author = await ctx.uow.get(Participant, idea.conversation_id, idea.author_id)
        if author is not None and not author.left:
            await calm.note(ctx, author, views.told(fresh), once=f"tags:{idea.id}")
    ctx.turn(views.chosen(fresh, done))


def put(ctx: Context, idea: Idea, tags: tuple[str, ...]) -> Idea:
    """Let an idea have these tags."""
    fresh = msgspec.structs.replace(idea, tags=tags)
    ctx.uow.save(fresh)
    ctx.refresh("idea", idea.conversation_id, idea.id)
    return fresh


async def _may(ctx: Context, idea: Idea) -> Participant:
    """Give who acts, if they may choose the tags of an idea. Raises `Sorry`."""
    me = await ctx.participant(idea.conversation_id)
    if me is None or not (me.id == idea.author_id or me.moderates):
        raise Sorry(common.NOT_YOUR_IDEA)
    return me


PRESSES = {"tags": begin}
