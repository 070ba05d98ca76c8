"""Notes of a gathering, or of a topic of an Open Space: written by whoever convened it, as often as they like.

The lines of a note become ideas from the meeting on request; so does what is written at once as ideas.
"""

from __future__ import annotations

from uuid import UUID

from bot.chat.content import Action
from bot.domain.conversation import Conversation
from bot.domain.gatherings import Gathering, MeetingNote, WriteNote
from bot.handlers import dialogues, doors, gatherings, membership, open_space, rsvps
from bot.handlers.context import Context, Sorry
from bot.views import common
from bot.views import gatherings as views
from bot.views import gatherings_told as told_views
from bot.views import open_space as open_space_views

IDEAS, TOPIC = "ideas", "topic"


async def begin(ctx: Context, action: Action) -> None:
    """Begin to write notes of a gathering, or to give ideas from it."""
    if action.arg == TOPIC:
        await _of_topic(ctx, action)
        return
    conversation, one = await rsvps.meant(ctx, action)
    if action.arg != IDEAS:
        await gatherings.to_run(ctx, one)
    await membership.may_contribute(ctx, conversation)
    if one.state == "off":
        raise Sorry(views.CALLED_OFF)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
    elif action.arg == IDEAS:
        await _ideas(ctx, conversation.id, "")
    else:
        await write(ctx, one, None, one.what)


async def _of_topic(ctx: Context, action: Action) -> None:
    """Begin to write notes of a topic, by whoever brought it."""
    conversation, topic, one = await open_space.meant(ctx, action)
    me = await ctx.participant(conversation.id)
    if me is None or me.id != topic.convener_id:
        raise Sorry(open_space_views.NOT_YOURS)
    await membership.may_contribute(ctx, conversation)
    if ctx.private:
        await write(ctx, one, topic.id, topic.title)
    else:
        await doors.lead_to_private(ctx, action)


async def write(ctx: Context, one: Gathering, topic_id: UUID | None, title: str) -> None:
    """Ask for the notes."""
    await membership.mean(ctx, one.conversation_id)
    params = {"conversation": str(one.conversation_id), "gathering": str(one.id), "words": title}
    if topic_id is not None:
        params["topic"] = str(topic_id)
    await dialogues.begin(ctx, "note", params)


async def keep(ctx: Context, command: WriteNote) -> None:
    """Keep what was written."""
    conversation = await ctx.uow.need(Conversation, command.conversation_id)
    author = await membership.contributor(ctx, conversation)
    one = await ctx.uow.need(Gathering, conversation.id, command.gathering_id)
    made = MeetingNote(
        conversation.id, ctx.new_id(), command.gathering_id, author.id, command.text, ctx.now, command.topic_id
    )  # fmt: skip
    ctx.uow.add(made)
    ctx.refresh("book", conversation.id, command.gathering_id)
    ctx.turn(told_views.noted(made, one.group_id))


async def lines(ctx: Context, action: Action) -> None:
    """Let the lines of a note be given as ideas from the meeting."""
    if action.scope is None or action.subject is None:
        raise Sorry(common.STALE)
    conversation = await membership.reader(ctx, action.scope)
    note = await ctx.uow.get(MeetingNote, conversation.id, action.subject)
    me = await ctx.participant(conversation.id)
    if note is None or me is None or note.author_id != me.id:
        raise Sorry(views.NOT_YOUR_NOTE)
    await membership.may_contribute(ctx, conversation)
    if ctx.private:
        await _ideas(ctx, conversation.id, note.text)
    else:
        await doors.lead_to_private(ctx, action)


async def _ideas(ctx: Context, conversation_id: UUID, text: str) -> None:
    await membership.mean(ctx, conversation_id)
    params = {"conversation": str(conversation_id), "text": text, "private": "1", "meeting": "1"}
    await dialogues.begin(ctx, "idea", params)


PRESSES = {"meetnote": begin, "noteideas": lines}
