"""Ideas: give one, carry one, change and take back one's own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from bot.chat.content import Action, Content, Text
from bot.chat.events import ChoiceMade, CommandGiven, MessageEdited
from bot.domain.conversation import Conversation
from bot.domain.ideas import MAX_IDEA, Hand, Idea, Proposal, ProposalSecret, Sums, Support, Vote, editable
from bot.domain.people import Account, Participant, Person
from bot.flows.commands import AskTomorrow, EditIdea, GiveIdeas, SupportInstead
from bot.flows.questions import Refused
from bot.flows.words import clean
from bot.handlers import (
    calm,
    dialogues,
    doors,
    finding,
    joining,
    membership,
    merging,
    plain,
    receipts,
    sleeping,
    translating,
)
from bot.handlers.context import Context, Sorry
from bot.opinion import next_idea
from bot.store import ideas as queries
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
        made = await _add(ctx, conversation, author.id, proposal.secret.text, named=True)
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
    """Put the answer in the place of the question, also where a group saw it."""
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
    message_id = (await dialogues.begun_with(ctx, "idea")).get("message", "")
    source = _source(ctx, message_id) if message_id else b""
    all_made = []
    for text in command.texts:
        made = await _add(
            ctx, conversation, author.id, text, named=command.named, from_meeting=command.from_meeting, source=source
        )
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


async def support_instead(ctx: Context, command: SupportInstead) -> None:
    """Somebody had the same idea before: carry that one."""
    conversation = await ctx.uow.need(Conversation, command.conversation_id)
    participant = await membership.contributor(ctx, conversation)
    found = await ctx.uow.get(Idea, command.conversation_id, command.idea_id)
    if found is None or not found.alive:
        raise Refused("similar", common.GONE)
    await _carry(ctx, participant, found)
    ctx.turn(Content.of(Text("You carry idea %(number)d now. Thank you.", {"number": found.number})))


async def support(ctx: Context, action: Action) -> None:
    """Carry an idea, or stop carrying it: open to all. The argument `carry` never stops it."""
    conversation, found = await _found(ctx, action)
    await finding.still_alive(ctx, found)
    participant = await membership.contributor(ctx, conversation)
    stays = action.arg == "carry" or (ctx.manner.before_all and not ctx.private)
    if await _carry(ctx, participant, found) or stays:
        ctx.tell(Text("You carry idea %(number)d.", {"number": found.number}))
    else:
        await _let_go(ctx, participant, found)


async def unsupported(ctx: Context, action: Action) -> None:
    """The sign of carrying an idea was taken back: then it is carried no more."""
    conversation, found = await _found(ctx, action)
    me = await ctx.participant(conversation.id)
    if me is not None:
        await _let_go(ctx, me, found)


async def _let_go(ctx: Context, participant: Participant, found: Idea) -> None:
    """Let a participant carry an idea no more."""
    before = await ctx.uow.get(Support, found.conversation_id, found.id, participant.id)
    if before is None:
        return
    ctx.uow.remove(before)
    ctx.uow.save(msgspec.structs.replace(found, supporters=found.supporters - 1))
    ctx.refresh("idea", found.conversation_id, found.id)
    ctx.tell(Text("You do not carry idea %(number)d any more.", {"number": found.number}))


async def _carry(ctx: Context, participant: Participant, found: Idea) -> bool:
    """Whether the participant did not carry it before; then they do now."""
    if await ctx.uow.get(Support, found.conversation_id, found.id, participant.id):
        return False
    ctx.uow.add(Support(found.conversation_id, found.id, participant.id, ctx.now))
    ctx.uow.save(msgspec.structs.replace(found, supporters=found.supporters + 1))
    ctx.refresh("idea", found.conversation_id, found.id)
    if found.supporters == 0:
        await receipts.supported(ctx, found, participant.id)
    return True


async def more(ctx: Context, action: Action) -> None:
    """What else can be done with an idea; in front of others, nothing is said of whose it is."""
    conversation, found = await _found(ctx, action)
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
        found, mine=mine, editable=mine and await _editable(ctx, found), hand=hand, apart=bool(apart),
        parts=await merge_queries.parts_of(ctx.uow, found),
        translated=[
            one.locale for one, _name in await translations.of(ctx.uow, found)
            if me is not None and not one.hidden and me.id in {one.translator_id, found.author_id}
        ],
    )  # fmt: skip
    ctx.say(content, only_me=not ctx.private)


async def begin_edit(ctx: Context, action: Action) -> None:
    """Change the words of one's own idea."""
    conversation, found = await _mine(ctx, action)
    await membership.may_contribute(ctx, conversation)
    if not await _editable(ctx, found):
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
    if found is None or me is None or me.id != found.author_id or not await _editable(ctx, found):
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
    found = await queries.from_message(ctx.uow, _source(ctx, event.message_id))
    if found is None or found.author_id != me.id or words == found.text or not 0 < len(words) <= MAX_IDEA:
        return
    if await _editable(ctx, found):
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


# -- small helpers --------------------------------------------------------------------------------------------


async def _add(
    ctx: Context, conversation: Conversation, author_id: UUID, text: str, *, named: bool, from_meeting: bool = False,
    source: bytes = b"",
) -> Idea:  # fmt: skip
    """Add an idea under the conversation's next number."""
    latest = await ctx.uow.need(Conversation, conversation.id)
    ctx.uow.save(msgspec.structs.replace(latest, ideas=latest.ideas + 1))
    made = Idea(
        conversation.id, ctx.new_id(), latest.ideas + 1, author_id, named, text, ctx.now, from_meeting=from_meeting,
        turn=next_idea.turn(Sums(), ctx.rng.random()), source=source,
    )  # fmt: skip
    ctx.uow.add(made)
    return made


async def _editable(ctx: Context, found: Idea) -> bool:
    """Whether its author may still change an idea: that they carried or weighed it themselves does not count."""
    own = found.conversation_id, found.id, found.author_id
    carried, weighed = await ctx.uow.get(Support, *own), await ctx.uow.get(Vote, *own)
    sums = found.sums.with_vote(weighed.value, -1) if weighed else found.sums
    others = msgspec.structs.replace(found, supporters=found.supporters - (carried is not None), sums=sums)
    return editable(others, ctx.now)


def _source(ctx: Context, message_id: str) -> bytes:
    """Give the keyed hash of a message in this room."""
    return ctx.keys.lookup("source", ctx.room.id.bytes, message_id)


def _scope(action: Action) -> UUID:
    if action.scope is None:
        raise Sorry(common.STALE)
    return action.scope


async def _found(ctx: Context, action: Action) -> tuple[Conversation, Idea]:
    """Give the idea of a button, if its words can be seen. Raises `Sorry`."""
    found = await finding.readable(ctx, action)
    return await membership.reader(ctx, found.conversation_id), found


async def _mine(ctx: Context, action: Action) -> tuple[Conversation, Idea]:
    conversation, found = await _found(ctx, action)
    me = await ctx.participant(conversation.id)
    if me is None or me.id != found.author_id:
        raise Sorry(common.NOT_YOUR_IDEA)
    return conversation, found


UNDONE = {"support": unsupported}
PRESSES = {
    "support": support, "more": more, "edit": begin_edit, "withdraw": withdraw, "author_yes": author_yes,
    "author_no": author_no,
}  # fmt: skip
