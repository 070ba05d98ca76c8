"""What moderators type after ``/mod``: the same that they can press, of an idea by its number."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bot.chat.content import Action, Content
from bot.domain.conversation import Conversation
from bot.domain.ideas import Idea
from bot.domain.moderation import MUTE_DAYS, Matter, matter_of
from bot.domain.people import Participant
from bot.handlers import desk, doors, finding, judging, membership, merging, moderation, naming, uniting
from bot.handlers.context import Context, Sorry
from bot.handlers.reports import numbered, reason_of
from bot.store import moderation as queries
from bot.views import merging as merging_views
from bot.views import moderation as views
from bot.views.words import folded

Typed = Callable[[Context, Conversation, Participant, str], Awaitable[None]]


async def mod(ctx: Context, argument: str) -> None:
    """Look at what waits, or do what is typed; from a group in private, but for what is a reply there."""
    if not argument:
        await moderation.look(ctx)
        return
    conversation = await membership.meant(ctx)
    me = await membership.moderator(ctx, conversation)
    word, _, rest = argument.partition(" ")
    doing = TYPED.get(folded(word))
    if not ctx.private and doing not in {naming.name, naming.unname}:
        await doors.lead_to_private(ctx, Action("mod", conversation.id))
    elif doing is None:
        raise Sorry(views.HOW)
    else:
        await doing(ctx, conversation, me, rest.strip())


async def _hide(ctx: Context, conversation: Conversation, me: Participant, rest: str) -> None:
    matter, words = await _numbered(ctx, conversation, rest)
    given = await queries.most_given(ctx.uow, conversation.id, matter.id)
    await moderation.hide_for(ctx, conversation, me, matter, reason_of(ctx, words) if words else given)


async def _restore(ctx: Context, conversation: Conversation, me: Participant, rest: str) -> None:
    matter, words = await _numbered(ctx, conversation, rest)
    await desk.done(ctx, conversation, await judging.restore(ctx, me, matter, reason_of(ctx, words)))


async def _mute(ctx: Context, conversation: Conversation, me: Participant, rest: str) -> None:
    """Idea's number, days, and a reason if it is not to be asked."""
    matter, words = await _numbered(ctx, conversation, rest)
    days, _, why = words.partition(" ")
    if not days or not why.strip():
        await moderation.ask_pause(ctx, me, matter)
        return
    if days not in map(str, MUTE_DAYS):
        raise Sorry(views.DAYS)
    whom = await ctx.uow.need(Participant, conversation.id, matter.author_id)
    await desk.done(ctx, conversation, await judging.pause(ctx, me, whom, int(days), reason_of(ctx, why), matter))


async def _unmute(ctx: Context, conversation: Conversation, me: Participant, rest: str) -> None:
    matter, words = await _numbered(ctx, conversation, rest)
    whom = await ctx.uow.need(Participant, conversation.id, matter.author_id)
    await desk.done(ctx, conversation, await judging.pause(ctx, me, whom, 0, reason_of(ctx, words), matter))


async def _log(ctx: Context, conversation: Conversation, _me: Participant, _rest: str) -> None:
    await desk.log(ctx, conversation, 0)


async def _undo(ctx: Context, conversation: Conversation, me: Participant, _rest: str) -> None:
    last = await queries.last_by(ctx.uow, conversation.id, me.id)
    if last is None:
        raise Sorry(views.NOTHING_DONE)
    await desk.undo(ctx, conversation, me, last)


async def _merge(ctx: Context, conversation: Conversation, me: Participant, rest: str) -> None:
    """Two numbers, and a reason: decided here for who cannot be asked any more, otherwise they are asked."""
    ideas: list[Idea] = []
    for _ in range(2):
        try:
            idea, rest = await numbered(ctx, conversation, rest)
        except Sorry as sorry:
            if sorry.words == views.WHICH:
                raise Sorry(views.TWO_NUMBERS) from sorry
            raise
        await finding.still_alive(ctx, idea)
        ideas.append(idea)
    idea, into = ideas
    found = await merging.between(ctx, idea, into)
    content = None if found else await merging.propose(ctx, conversation, me, idea, into)
    found = found or await merging.between(ctx, idea, into)
    if found is not None and any([not await merging.reachable(ctx, one) for one in await merging.missing(ctx, found)]):
        await desk.done(ctx, conversation, await uniting.merge(ctx, me, found, reason_of(ctx, rest) if rest else ""))
    else:
        ctx.turn(content or Content.of(merging_views.ASKED_ALREADY))


async def _apart(ctx: Context, conversation: Conversation, me: Participant, rest: str) -> None:
    idea, words = await numbered(ctx, conversation, rest)
    await desk.done(ctx, conversation, await uniting.apart(ctx, me, idea, reason_of(ctx, words) if words else ""))


TYPED: Mapping[str, Typed] = {
    "hide": _hide, "dolj": _hide,
    "restore": _restore, "visa": _restore,
    "mute": _mute, "paus": _mute,
    "unmute": _unmute, "slapp": _unmute,
    "merge": _merge, "ihop": _merge,
    "apart": _apart, "isar": _apart,
    "log": _log, "logg": _log,
    "undo": _undo, "angra": _undo,
    "add": naming.name, "utse": naming.name,
    "remove": naming.unname, "entlediga": naming.unname,
}  # fmt: skip
"""What can be typed after ``/mod``, in English and Swedish, without accents."""


async def _numbered(ctx: Context, conversation: Conversation, rest: str) -> tuple[Matter, str]:
    """Read an idea's number and the words after it. Raises `Sorry`."""
    idea, words = await numbered(ctx, conversation, rest)
    return moderation.known(matter_of(idea)), words
