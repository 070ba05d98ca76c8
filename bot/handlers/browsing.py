"""Looking at the ideas: in four orders, by a tag, and one at a time."""

from __future__ import annotations

from uuid import UUID

from bot.chat.content import Action, Content, Text
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea, tag_key, tags_of
from bot.domain.steps import Story, StoryPicture
from bot.handlers import doors, finding, membership
from bot.handlers.context import Context, Sorry
from bot.store import ideas as queries
from bot.store import maps, translations
from bot.store.records import Card
from bot.views import cards, common, day, idea_lists
from bot.views import ideas as views
from bot.views import stories as story_views
from bot.views import translations as translation_views

PAGE = 8


async def ideas(ctx: Context, argument: str) -> None:
    """Look at the ideas; with a number, at one; with a word, at those that have it as a tag."""
    conversation = await membership.reader(ctx, (await membership.meant(ctx)).id)
    found = await finding.numbered(ctx, conversation, argument)
    if found is not None:
        await _show(ctx, found)
        return
    wanted = next(iter(tags_of(argument)), "")
    known = await queries.tags(ctx.uow, conversation.id) if wanted else {}
    if wanted and wanted not in known:
        raise Sorry(
            Text("No idea here has the tag “%(tag)s”. A number shows one idea: /ideas 3", {"tag": wanted}),
            (*idea_lists.tag_rows(conversation, known), *idea_lists.way_to_all(conversation)),
        )
    await _list(ctx, conversation, "new", 0, wanted)


async def filtered(ctx: Context, action: Action) -> None:
    """Another page, another order, or those of one tag: ``most1.TAG``; ``tags`` lets one choose a tag."""
    conversation = await membership.reader(ctx, _scope(action))
    way, _, key = action.arg.partition(".")
    order, page = way.rstrip("0123456789"), way.lstrip("abcdefghijklmnopqrstuvwxyz")
    known = await queries.tags(ctx.uow, conversation.id) if key or order == "tags" else {}
    if order == "tags":
        ctx.turn(idea_lists.tag_list(conversation, known))
        return
    tag = next((one for one in known if tag_key(one) == key), "")
    await _list(ctx, conversation, order if order in idea_lists.ORDERS else "new", int(page or 0), tag)


async def _list(ctx: Context, conversation: Conversation, order: str, page: int, tag: str) -> None:
    if order == "unites":
        found = await _uniting(ctx, conversation, page, tag)
    else:
        found = await queries.listed(ctx.uow, conversation.id, order, page * PAGE, PAGE + 1, tag)
    tags = bool(tag) or bool(await queries.tags(ctx.uow, conversation.id))
    follow = len(found) > PAGE
    ctx.turn(idea_lists.listed(conversation, found[:PAGE], order, page, more_follow=follow, tag=tag, tags=tags))


async def _uniting(ctx: Context, conversation: Conversation, page: int, tag: str) -> list[Idea]:
    """Give the ideas that unite people, the most uniting first, as the latest map has it."""
    edition = await maps.latest(ctx.uow, conversation.id)
    if edition is None:
        return []
    findings, scope = edition.secret, conversation.id
    uniting = findings.unites if findings.groups else findings.all_agree
    await ctx.uow.load(Idea, [(scope, one) for one in uniting])
    known = [await ctx.uow.get(Idea, scope, one) for one in uniting]
    found = [one for one in known if one is not None and one.alive and (not tag or tag in one.tags)]
    return found[page * PAGE :][: PAGE + 1]


async def show(ctx: Context, action: Action) -> None:
    """Show an idea's card here."""
    found = await finding.readable(ctx, action)
    await membership.reader(ctx, found.conversation_id)
    await _show(ctx, found)


async def _show(ctx: Context, found: Idea) -> None:
    """Show a card where it is seen now: anew in private; in a group that has it already, by a reply to it."""
    if ctx.manner.opens and not ctx.private:
        about = Action("show", found.conversation_id, found.id)
        await doors.lead_to_private(ctx, about, Text("Here is idea %(number)d.", {"number": found.number}))
        return
    earlier = await ctx.uow.get(Card, ctx.room.id, "idea", found.id)
    if earlier is not None and earlier.message_id and not ctx.private:
        here = Content.of(Text("Here is idea %(number)d.", {"number": found.number}))
        ctx.say(here, reply_to=earlier.message_id, only_me=True)
        return
    if earlier is not None:
        ctx.uow.remove(earlier)
    ctx.show_card("idea", found.conversation_id, found.id)


async def card(ctx: Context, action: Action) -> None:
    """Show a card of another kind: in a group to this person alone. A story comes with its picture."""
    subject = next((name for name, short in day.SHORT.items() if short == action.arg), None)
    if subject is None or action.subject is None:
        raise Sorry(common.STALE)
    conversation = await membership.reader(ctx, _scope(action))
    shown = await cards.card_content(ctx.uow, subject, conversation.id, action.subject, ctx.room)
    if shown is None:
        raise Sorry(common.STALE)
    ctx.say(shown, only_me=not ctx.private)
    told = await ctx.uow.get(Story, conversation.id, action.subject) if subject == "story" else None
    kept = await ctx.uow.get(StoryPicture, conversation.id, told.id) if told is not None and told.pictured else None
    if told is not None and kept is not None and told.state == "shown":
        ctx.say(story_views.picture(told, kept.secret), only_me=not ctx.private)


async def read(ctx: Context, action: Action) -> None:
    """All words of a long idea."""
    found = await finding.readable(ctx, action)
    await membership.reader(ctx, found.conversation_id)
    also = [
        content for one, name in await translations.of(ctx.uow, found) if not one.hidden
        for content in translation_views.whole(one, name)
    ]  # fmt: skip
    for content in (*views.whole(found), *also):
        ctx.say(content, only_me=not ctx.private)


def _scope(action: Action) -> UUID:
    if action.scope is None:
        raise Sorry(common.STALE)
    return action.scope


PRESSES = {"show": show, "card": card, "read": read, "filter": filtered}
