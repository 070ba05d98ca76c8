"""One's own idea: its words change while nobody else has carried or weighed them, and it can be taken back."""

from __future__ import annotations

import msgspec

from bot.chat.content import Action, Content, Text
from bot.chat.events import MessageEdited
from bot.domain.conversation import Conversation
from bot.domain.ideas import MAX_IDEA, Idea, Support, Vote, editable
from bot.flows.commands import EditIdea
from bot.flows.words import clean
from bot.handlers import dialogues, doors, finding, joining, membership, translating
from bot.handlers.context import Context, Sorry
from bot.store import ideas as queries
from bot.views import common
from bot.views import ideas as views


async def begin_edit(ctx: Context, action: Action) -> None:
    """Change the words of one's own idea."""
    conversation, found = await _mine(ctx, action)
    await membership.may_contribute(ctx, conversation)
    if not await may_change(ctx, found):
        raise Sorry(
            Text("Others have carried or weighed these words, or a day has gone. Take it back, or give a new one.")
        )
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    params = {"conversation": str(conversation.id), "idea": str(found.id), "before": found.text}
    await dialogues.begin(ctx, "edit", params)


async def edit(ctx: Context, command: EditIdea) -> None:
    """Take the new words of an idea. Raises `Refused`."""
    found = await ctx.uow.get(Idea, command.conversation_id, command.idea_id)
    me = await ctx.participant(command.conversation_id)
    if found is None or me is None or me.id != found.author_id or not await may_change(ctx, found):
        raise Sorry(
            Text("These words cannot be changed any more: others have carried or weighed them, or a day has gone.")
        )
    await membership.may_contribute(ctx, await ctx.uow.need(Conversation, found.conversation_id))
    ctx.uow.save(msgspec.structs.replace(found, text=command.text, edited_at=ctx.now))
    ctx.refresh("idea", found.conversation_id, found.id)
    await translating.outdated(ctx, found)
    ctx.turn(Content.of(Text("The words of idea %(number)d are changed.", {"number": found.number})))


async def edited(ctx: Context, event: MessageEdited) -> None:
    """A message was edited: if it gave an idea by a command, that idea's words change while that is allowed.

    An idea that is not given yet, since something is still asked, changes as well.
    """
    words = clean(event.text)
    if 0 < len(words) <= MAX_IDEA and await dialogues.reworded(ctx, event.message_id, words):
        return
    conversation = await ctx.conversation()
    me = await ctx.participant(conversation.id) if conversation else None
    if conversation is None or me is None:
        return
    found = await queries.from_message(ctx.uow, source(ctx, event.message_id))
    if found is None or found.author_id != me.id or words == found.text or not 0 < len(words) <= MAX_IDEA:
        return
    if await may_change(ctx, found):
        await edit(ctx, EditIdea(conversation.id, found.id, words))
    else:
        ctx.reply(
            Text("Idea %(number)d keeps its words: others have carried or weighed them.", {"number": found.number})
        )


async def withdraw(ctx: Context, action: Action) -> None:
    """Take back one's own idea, after a second press."""
    conversation, found = await _mine(ctx, action)
    if action.arg == "no":
        ctx.turn(Content.of(Text("Good. Idea %(number)d stays.", {"number": found.number})))
        return
    if action.arg != "yes":
        ctx.say(views.withdraw_sure(found), only_me=not ctx.private)
        return
    gone = msgspec.structs.replace(found, state="withdrawn")
    ctx.uow.save(gone)
    ctx.refresh("idea", conversation.id, found.id)
    await joining.ceased(ctx, gone)
    ctx.turn(Content.of(Text("Idea %(number)d is taken back.", {"number": found.number})))


async def may_change(ctx: Context, found: Idea) -> bool:
    """Whether its author may still change an idea: that they carried or weighed it themselves does not count."""
    own = found.conversation_id, found.id, found.author_id
    carried, weighed = await ctx.uow.get(Support, *own), await ctx.uow.get(Vote, *own)
    sums = found.sums.with_vote(weighed.value, -1) if weighed else found.sums
    others = msgspec.structs.replace(found, supporters=found.supporters - (carried is not None), sums=sums)
    return editable(others, ctx.now)


async def _mine(ctx: Context, action: Action) -> tuple[Conversation, Idea]:
    conversation, found = await finding.seen(ctx, action)
    me = await ctx.participant(conversation.id)
    if me is None or me.id != found.author_id:
        raise Sorry(common.NOT_YOUR_IDEA)
    return conversation, found


def source(ctx: Context, message_id: str) -> bytes:
    """Give the keyed hash of a message in this room."""
    return ctx.keys.lookup("source", ctx.room.id.bytes, message_id)


PRESSES = {"edit": begin_edit, "withdraw": withdraw}
