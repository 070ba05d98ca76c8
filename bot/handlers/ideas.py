"""Ideas: give one, also somebody else's message if they agree, and sleep on one; what else can be done with it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from bot.chat.content import Action, Content, Text
from bot.chat.events import ChoiceMade, CommandGiven
from bot.domain.conversation import Conversation
from bot.domain.ideas import MAX_IDEA, Hand, Idea, Proposal, ProposalSecret, Sums
from bot.domain.people import Account, Participant, Person
from bot.flows.commands import AskTomorrow, GiveIdeas
from bot.flows.words import clean
from bot.handlers import calm, dialogues, doors, finding, membership, merging, plain, rewording, sleeping
from bot.handlers.context import Context, Sorry
from bot.opinion import next_idea
from bot.store import merging as merge_queries
from bot.store import translations
from bot.views import common
from bot.views import ideas as views


async def idea(ctx: Context, argument: str) -> None:
    """Give an idea: its words now or asked for; as a reply, that message becomes the idea if its author agrees."""
    if argument and ctx.private and await ctx.conversation() is None:
        await plain.ask_what_it_is(ctx, argument)
        return
    conversation = await membership.meant(ctx)
    event = ctx.event
    await membership.may_contribute(ctx, conversation)
    if isinstance(event, CommandGiven) and event.reply_to and event.reply_to.text and not argument:
        await _from_reply(ctx, conversation, event)
        return
    if not ctx.private and not isinstance(event, CommandGiven):
        await doors.lead_to_private(
            ctx,
            Action("idea", conversation.id),
            Text("Give your idea to me in private, or write /idea and your idea here."),
        )
        return
    await membership.contributor(ctx, conversation)
    if ctx.private and not argument and await dialogues.wake(ctx):
        return
    params = {"conversation": str(conversation.id), "text": argument, "private": "1" if ctx.private else ""}
    if isinstance(event, CommandGiven) and argument:
        params["message"] = event.message_id
    await dialogues.begin(ctx, "idea", params)


async def _from_reply(ctx: Context, conversation: Conversation, event: CommandGiven) -> None:
    """Somebody thinks that another's message is an idea: its author decides."""
    quoted = event.reply_to
    assert quoted is not None  # noqa: S101 (the caller checked)
    words = clean(quoted.text)
    if await ctx.card_at(quoted.message_id):
        raise Sorry(Text("That is an idea already."))
    if not 0 < len(words) <= MAX_IDEA:
        raise Sorry(Text("That message is too long for an idea."))
    await membership.contributor(ctx, conversation)
    author = quoted.author
    if author is None or author.bot:
        raise Sorry(Text("I cannot tell who wrote that. Write /idea and the words yourself."))
    if author.account == event.sender.account:
        params = {"conversation": str(conversation.id), "text": words, "private": "1" if ctx.private else ""}
        await dialogues.begin(ctx, "idea", params | {"message": quoted.message_id})
        return
    proposal = Proposal(conversation.id, ctx.new_id(), ctx.now, ProposalSecret(words, author.account))
    ctx.uow.add(proposal)
    ask = views.proposed(proposal, ctx.my_name)
    account = await ctx.uow.by(Account, ctx.keys.lookup("account", str(author.account)))
    whom = await ctx.uow.get(Person, account.person_id) if account else None
    if whom is not None and await calm.note(ctx, whom, ask, at=ctx.now, once=f"proposed:{proposal.id}"):
        ctx.reply(Text("I have asked %(name)s, who wrote it.", {"name": author.name}))
    else:
        ctx.say(ask)


async def author_yes(ctx: Context, action: Action) -> None:
    """The author agrees: the message becomes an idea, under the author's name.

    Who wrote it in a room of the conversation belongs to it, and may answer in private as well.
    """
    conversation, proposal = await _proposed(ctx, action)
    author = await membership.contributor(ctx, conversation, stands_in_it=True)
    ctx.uow.remove(proposal)
    made = await _given_before(ctx, author, proposal.secret.text)
    if made is None:
        prompt_id = proposal.secret.prompt_id
        made = await _add(ctx, conversation, author.id, proposal.secret.text, named=True, prompt_id=prompt_id)
        ctx.publish("idea", conversation.id, made.id)
    _answered(ctx, Text("Thank you. It is idea %(number)d now.", {"number": made.number}))


async def _given_before(ctx: Context, author: Participant, words: str) -> Idea | None:
    """Give the idea that these words have become already: several may have proposed the same message."""

    def build(query: Any) -> Any:
        table = query.selected_columns
        return query.where(table.conversation_id == author.conversation_id, table.author_id == author.id)

    return next((one for one in await ctx.uow.select(Idea, build) if one.alive and one.text == words), None)


async def author_no(ctx: Context, action: Action) -> None:
    """The author does not want it: nothing stays."""
    _conversation, proposal = await _proposed(ctx, action)
    ctx.uow.remove(proposal)
    _answered(ctx, Text("Good that you say so. Nothing was kept."))


def _answered(ctx: Context, words: Text) -> None:
    """Put the answer in the place of the question, also where a group saw it; where only they were asked, tell them."""
    if ctx.manner.opens:
        ctx.reply(words)
    else:
        ctx.say(Content.of(words), replaces=ctx.event.message_id if isinstance(ctx.event, ChoiceMade) else "")


async def _proposed(ctx: Context, action: Action) -> tuple[Conversation, Proposal]:
    proposal = await ctx.uow.get(Proposal, _scope(action), action.subject) if action.subject else None
    if proposal is None:
        raise Sorry(Text("This has been answered already."))
    if proposal.secret.author != ctx.event.sender.account:
        raise Sorry(Text("Whoever wrote the message decides."))
    return await ctx.uow.need(Conversation, proposal.conversation_id), proposal


async def give(ctx: Context, command: GiveIdeas) -> None:
    """Give the ideas of a finished flow."""
    await given(ctx, command)
    if ctx.private:
        ctx.turn(views.given(len(command.texts), await ctx.uow.need(Conversation, command.conversation_id)))


async def given(ctx: Context, command: GiveIdeas) -> list[Idea]:
    """Give ideas; their cards go to the rooms."""
    conversation = await ctx.uow.need(Conversation, command.conversation_id)
    author = await membership.contributor(ctx, conversation)
    begun = await dialogues.begun_with(ctx, "idea")
    message_id, prompt = begun.get("message", ""), begun.get("prompt")
    source = rewording.source(ctx, message_id) if message_id else b""
    all_made = []
    for text in command.texts:
        made = await _add(
            ctx, conversation, author.id, text, named=command.named, from_meeting=command.from_meeting, source=source,
            prompt_id=UUID(prompt) if prompt else None,
        )  # fmt: skip
        if not ctx.private:
            ctx.show_card("idea", conversation.id, made.id)
        ctx.publish("idea", conversation.id, made.id)
        all_made.append(made)
    return all_made


async def ask_tomorrow(ctx: Context, _command: AskTomorrow) -> None:
    """Let somebody sleep on their idea: all is kept but the last answer, which is asked for again tomorrow."""
    draft = ctx.finishing
    assert draft is not None  # noqa: S101 (a flow is being finished)
    kept = tuple(answer for answer in draft.answers if answer[0] != "name")
    ctx.turn(await sleeping.put(ctx, msgspec.structs.replace(draft, answers=kept)))


async def more(ctx: Context, action: Action) -> None:
    """What else can be done with an idea; in front of others, nothing is said of whose it is."""
    conversation, found = await finding.seen(ctx, action)
    me = await ctx.participant(conversation.id)
    mine = me is not None and me.id == found.author_id
    if mine and not found.named and not ctx.private:
        await doors.lead_to_private(ctx, action)
        return
    hand = me is not None and await ctx.uow.get(Hand, conversation.id, found.id, me.id) is not None
    merge = await merging.standing(ctx, found)
    into = await ctx.uow.get(Idea, conversation.id, merge.into_id) if merge else None
    apart = merge is not None and merge.within(ctx.now) and (mine or (me and into and me.id == into.author_id))
    content = views.more(
        found, mine=mine, editable=mine and await rewording.may_change(ctx, found), hand=hand, apart=bool(apart),
        parts=await merge_queries.parts_of(ctx.uow, found),
        translated=[
            one.locale for one, _name in await translations.of(ctx.uow, found)
            if me is not None and not one.hidden and me.id in {one.translator_id, found.author_id}
        ],
    )  # fmt: skip
    ctx.say(content, only_me=not ctx.private)


# -- small helpers --------------------------------------------------------------------------------------------


async def _add(
    ctx: Context, conversation: Conversation, author_id: UUID, text: str, *, named: bool, from_meeting: bool = False,
    source: bytes = b"", prompt_id: UUID | None = None,
) -> Idea:  # fmt: skip
    """Add an idea under the conversation's next number."""
    latest = await ctx.uow.need(Conversation, conversation.id)
    ctx.uow.save(msgspec.structs.replace(latest, ideas=latest.ideas + 1))
    made = Idea(
        conversation.id, ctx.new_id(), latest.ideas + 1, author_id, named, text, ctx.now, from_meeting=from_meeting,
        turn=next_idea.turn(Sums(), ctx.rng.random()), source=source, prompt_id=prompt_id,
    )  # fmt: skip
    ctx.uow.add(made)
    return made


def _scope(action: Action) -> UUID:
    if action.scope is None:
        raise Sorry(common.STALE)
    return action.scope


PRESSES = {"more": more, "author_yes": author_yes, "author_no": author_no}
