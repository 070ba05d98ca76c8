"""Stories: what came of it, told to the conversation; and those of other places, to try here.

A story belongs to its conversation, and to a helper group if it tells of one. It may be told without a name in private.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec

from bot.chat.content import Action, Content, Text
from bot.chat.events import CommandGiven, MessageReceived
from bot.domain.conversation import Conversation
from bot.domain.groups import HelperGroup
from bot.domain.ideas import MAX_IDEA, Idea
from bot.domain.moderation import matter_of
from bot.domain.people import Participant
from bot.domain.steps import MAX_STORY, Story, StoryPicture, TellStory, picture_card
from bot.flows.take_lead import FROM_IDEA
from bot.flows.words import clean, shorten
from bot.handlers import dialogues, doors, groups, helper_rooms, membership, receipts, reports
from bot.handlers.context import Context, Sorry
from bot.store import steps as queries
from bot.store.records import ANSWER, Message, Outbox, StoryPictureFile
from bot.views import common
from bot.views import stories as views

GROUPS = 5
JUST_NOW = timedelta(hours=1)
"""So long after a story was told a photo belongs to it."""
ALL = "all"
"""The argument of the button that shows stories of other places; how many to pass over follows."""


async def story(ctx: Context, argument: str) -> None:
    """Tell what came of it: its words now, or asked for in private."""
    conversation = await membership.meant(ctx)
    await membership.may_contribute(ctx, conversation)
    text = clean(argument)
    if not ctx.private and text:
        if len(text) > MAX_STORY:
            raise Sorry(
                Text(
                    "That is %(n)d characters; at most %(most)d fit. Please make it shorter.",
                    {"n": len(text), "most": MAX_STORY},
                )
            )
        await tell(ctx, TellStory(conversation.id, ctx.room.group_id, text))
    elif not ctx.private:
        await doors.lead_to_private(ctx, Action("story", conversation.id, ctx.room.group_id))
    else:
        event = ctx.event
        sent = event.media if isinstance(event, CommandGiven) else None
        await _begin(ctx, conversation, text, None, sent.ref if sent is not None and sent.kind == "picture" else "")


async def pressed(ctx: Context, action: Action) -> None:
    """Tell a story, by a button: of a helper group, if that is said."""
    if action.scope is None:
        await story(ctx, "")
        return
    conversation = await membership.reader(ctx, action.scope)
    group = (await groups.meant(ctx, action))[1] if action.subject is not None else None
    await membership.may_contribute(ctx, conversation)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    await membership.mean(ctx, conversation.id)
    await _begin(ctx, conversation, "", group)


async def _begin(ctx: Context, conversation: Conversation, text: str, group: HelperGroup | None, ref: str = "") -> None:
    me = await ctx.participant(conversation.id)
    mine = (await queries.groups_of(ctx.uow, me))[:GROUPS] if me is not None and group is None else []
    params = {"conversation": str(conversation.id), "text": text, "ids": " ".join(str(one.id) for one in mine),
              "names": "\n".join(" ".join(one.what.split()) for one in mine)}  # fmt: skip
    if group is not None:
        params["about"] = str(group.id)
    if ref:
        params["media"] = ref
    await dialogues.begin(ctx, "story", params)


async def tell(ctx: Context, command: TellStory) -> None:
    """Keep a story, and show it in the conversation's rooms."""
    conversation = await membership.reader(ctx, command.conversation_id)
    me = await membership.contributor(ctx, conversation)
    group = await ctx.uow.get(HelperGroup, conversation.id, command.group_id) if command.group_id else None
    told = Story(
        conversation.id, ctx.new_id(), me.id, command.text, ctx.now, group.id if group else None, named=command.named
    )
    ctx.uow.add(told)
    if not ctx.private:
        ctx.show_card("story", conversation.id, told.id)
    ctx.publish("story", conversation.id, told.id)
    idea = await ctx.uow.get(Idea, conversation.id, group.idea_id) if group is not None and group.idea_id else None
    await receipts.tell(ctx, idea, views.receipt(told), about=f"story:{told.id}", by=me.id)
    event = ctx.event
    ref = (await dialogues.begun_with(ctx, "story")).get("media", "")
    if not ref and isinstance(event, CommandGiven) and event.media is not None and event.media.kind == "picture":
        ref = event.media.ref
    if ref:
        _fetch(ctx, told, ref)
    if ctx.private:
        ctx.turn(views.told(told, pictured=bool(ref)))


async def photo(ctx: Context, event: MessageReceived) -> bool:
    """Whether a photo in private belongs to the story that somebody has just told; then it is brought."""
    media, here = event.media, await ctx.conversation()
    me = await ctx.participant(here.id) if here is not None else None
    if media is None or media.kind != "picture" or me is None:
        return False
    mine = [one for one in await queries.told_by(ctx.uow, me) if one.state == "shown"]
    if not mine or mine[-1].pictured or mine[-1].created_at < ctx.now - JUST_NOW:
        return False
    _fetch(ctx, mine[-1], media.ref)
    return True


def _fetch(ctx: Context, told: Story, ref: str) -> None:
    """Have a picture brought and kept with a story, beside all else; in private that is told."""
    file = StoryPictureFile(told.id, ctx.room.channel, ref, told=ctx.private)
    ctx.uow.add(
        Outbox(
            ctx.new_id(), ctx.room.channel, "say", ANSWER, ctx.now, room_id=ctx.room.id,
            unique_key=f"picture:{told.id}", conversation_id=told.conversation_id,
            secret=Message(Content.of(views.GROUP_LINE), locale=ctx.locale, file=file), state="making",
        )
    )  # fmt: skip


async def talked(ctx: Context, text: str, ref: str) -> None:
    """What somebody has said in plain words, with a picture or without, is a story."""
    conversation = await membership.meant(ctx)
    await membership.may_contribute(ctx, conversation)
    await _begin(ctx, conversation, text, None, ref)


async def tale(ctx: Context, action: Action) -> None:
    """See a story, take one's own back, or say that one is not all right."""
    found, conversation = await _found(ctx, action)
    me = await ctx.participant(conversation.id)
    mine = me is not None and me.id == found.author_id
    match action.arg:
        case "back" if mine:
            await take_away(ctx, found)
            ctx.uow.save(msgspec.structs.replace(found, state="withdrawn", pictured=False))
            ctx.refresh("story", conversation.id, found.id)
            ctx.turn(Content.of(views.BACK)) if ctx.private else ctx.tell(views.BACK)
        case "back":
            raise Sorry(common.NOT_YOURS)
        case "bad":
            await reports.report_matter(ctx, conversation, matter_of(found), "")
        case _:
            await _show(ctx, found, conversation)


async def _show(ctx: Context, found: Story, conversation: Conversation) -> None:
    author = await ctx.uow.get(Participant, conversation.id, found.author_id) if found.named else None
    group = await ctx.uow.get(HelperGroup, conversation.id, found.group_id) if found.group_id else None
    name, what = author.secret.name if author else "", group.what if group and group.there else ""
    ctx.turn(views.card(found, conversation, name, what, private=ctx.private))


async def take_away(ctx: Context, story: Story) -> None:
    """Let a story's picture be gone, also from the rooms where it stands."""
    ctx.retract("picture", story.conversation_id, picture_card(story.id))
    kept = await ctx.uow.get(StoryPicture, story.conversation_id, story.id)
    if kept is not None:
        ctx.uow.remove(kept)


async def stories(ctx: Context, argument: str) -> None:
    """Look at the stories of the conversation, or at those of other places."""
    here = await ctx.conversation()
    if argument.startswith(ALL) or here is None:
        digits = argument.removeprefix(ALL)
        await _elsewhere(ctx, here, int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 4 else 0)  # noqa: PLR2004 (digits)
        return
    conversation = await membership.reader(ctx, here.id)
    ctx.turn(views.listing(conversation, await queries.stories(ctx.uow, conversation.id)))


async def _elsewhere(ctx: Context, here: Conversation | None, skip: int) -> None:
    if not ctx.private:
        await doors.lead_to_private(ctx, Action("stories", arg=f"{ALL}{skip}"))
        return
    but = here.id if here is not None else None
    found = await queries.of_open_conversations(ctx.uow, but, skip, 2)
    if not found:
        raise Sorry(views.NO_MORE)
    there = await ctx.uow.need(Conversation, found[0].conversation_id)
    ctx.turn(views.elsewhere(found[0], there, skip + 1 if len(found) > 1 else 0))


async def try_it(ctx: Context, action: Action) -> None:
    """Begin an idea, or a helper group, from a story of another place."""
    found, _there = await _found(ctx, action)
    if not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    here = await membership.meant(ctx)
    await membership.may_contribute(ctx, here)
    if action.arg == "idea":
        params = {"conversation": str(here.id), "text": found.text[:MAX_IDEA], "private": "1"}
        await dialogues.begin(ctx, "idea", params)
    elif action.arg == "lead":
        params = {"conversation": str(here.id), "words": shorten(found.text, FROM_IDEA)}
        if helper_rooms.made_on(ctx, ctx.room.channel):
            params["room"] = "yes"
        await dialogues.begin(ctx, "lead", params)
    else:
        ctx.turn(views.how_to_try(found, here))


async def _found(ctx: Context, action: Action) -> tuple[Story, Conversation]:
    """Give a button's story that can be seen, and its conversation. Raises `Sorry`."""
    if action.scope is None or action.subject is None:
        raise Sorry(common.STALE)
    conversation = await membership.reader(ctx, action.scope)
    found = await ctx.uow.get(Story, conversation.id, action.subject)
    if found is None or found.state != "shown":
        raise Sorry(views.GONE)
    return found, conversation


PRESSES = {"story": pressed, "tale": tale, "tryit": try_it}
