"""Translations: anyone may put an idea into another language; it stands below the idea where that language is read.

Rules
-----
* One a language. Whoever made it, or gave the idea, may put another in its place, or take it back.
* A moderator may hide it, with a line in the log and a way back. Whoever reports the idea reports it, too.
* When the words of the idea change, the translation is not of these words any more, and goes.
"""

from __future__ import annotations

import msgspec

from bot.chat.content import Action
from bot.domain.ideas import Idea, Translation
from bot.domain.moderation import matter_of
from bot.domain.people import Participant
from bot.flows.commands import AddTranslation
from bot.flows.questions import Refused
from bot.handlers import calm, dialogues, doors, finding, judging, membership, receipts, reports
from bot.handlers.context import Context, Sorry
from bot.handlers.means import Means
from bot.i18n import LOCALES, NAMES
from bot.store import translations as queries
from bot.views import common
from bot.views import moderation as moderation_views
from bot.views import translations as views


async def begin(ctx: Context, action: Action) -> None:
    """Ask for an idea in another language."""
    idea = await finding.readable(ctx, action)
    conversation = await membership.reader(ctx, idea.conversation_id)
    await membership.may_contribute(ctx, conversation)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    await dialogues.begin(ctx, "translate", reports.begun_about(idea))


async def complete(ctx: Context, command: AddTranslation) -> None:
    """Keep what a flow has asked for. Raises `Refused` where another's stands."""
    idea = await finding.readable(ctx, Action("translate", command.conversation_id, command.idea_id))
    conversation = await membership.reader(ctx, idea.conversation_id)
    me = await membership.contributor(ctx, conversation)
    before = await ctx.uow.get(Translation, idea.conversation_id, idea.id, command.locale)
    if before is not None and before.hidden:
        raise Refused("language", views.HIDDEN)
    if before is not None and me.id not in {before.translator_id, idea.author_id}:
        raise Refused("language", views.TAKEN)
    fresh = Translation(idea.conversation_id, idea.id, command.locale, me.id, command.text, ctx.now)
    if before is None:
        ctx.uow.add(fresh)
        locales = tuple(one for one in LOCALES if one in {*idea.translated, command.locale})
        ctx.uow.save(msgspec.structs.replace(idea, translated=locales))
        words = views.told(idea, command.locale)
        await receipts.say(ctx, idea, words, about=f"translated:{command.locale}", by=me.id)
    else:
        ctx.uow.save(fresh)
    ctx.refresh("idea", idea.conversation_id, idea.id)
    ctx.turn(views.added(idea, command.locale))


async def take_back(ctx: Context, action: Action) -> None:
    """Take a translation back (the argument is its language), or hide it as a moderator (``mod.sv``)."""
    idea = await finding.readable(ctx, action)
    conversation = await membership.reader(ctx, idea.conversation_id)
    by, _, locale = action.arg.rpartition(".")
    found = await ctx.uow.get(Translation, conversation.id, idea.id, locale) if locale in NAMES else None
    if found is None or found.hidden:
        raise Sorry(views.NONE)
    if by == "mod":
        me = await membership.moderator(ctx, conversation)
        await judging.fair(ctx, me, found.translator_id)
        ctx.uow.save(msgspec.structs.replace(found, hidden=True))
        ctx.refresh("idea", conversation.id, idea.id)
        whom = found.translator_id
        done = judging.log(ctx, me, "untranslate", "", about=idea.id, before=locale, participant_id=whom)
        await judging.tell(ctx, done, matter_of(idea), await ctx.uow.get(Participant, conversation.id, whom))
        ctx.turn(moderation_views.done(done, matter_of(idea), 0))
        return
    one = await ctx.participant(conversation.id)
    if one is None or one.id not in {found.translator_id, idea.author_id}:
        raise Sorry(common.NOT_YOURS)
    remove(ctx, idea, found)
    ctx.turn(views.removed(idea))


def remove(means: Means, idea: Idea, one: Translation) -> Idea:
    """Let a translation be gone."""
    means.uow.remove(one)
    fresh = msgspec.structs.replace(idea, translated=tuple(x for x in idea.translated if x != one.locale))
    means.uow.save(fresh)
    means.refresh("idea", idea.conversation_id, idea.id)
    return fresh


async def outdated(means: Means, idea: Idea) -> None:
    """The words of an idea have changed, or are gone: so are its translations."""
    for one, _name in await queries.of(means.uow, idea):
        idea = remove(means, await means.uow.need(Idea, idea.conversation_id, idea.id), one)
        who = await means.uow.get(Participant, one.conversation_id, one.translator_id)
        if who is not None and not who.left and idea.readable and who.id != idea.author_id:
            await calm.note(means, who, views.dropped(idea, one.locale), once=f"translation:{idea.id}:{one.locale}")


PRESSES = {"translate": begin, "untranslate": take_back}
