"""Plain talk: what somebody writes without a command, in private or in a group."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from bot.chat.content import Action, Content, Text, place_of
from bot.chat.events import CommandGiven, MessageReceived
from bot.domain.conversation import code_in
from bot.domain.ideas import MAX_IDEA
from bot.domain.needs import may_be
from bot.flows import feelings
from bot.flows.words import clean, is_no, is_yes
from bot.handlers import carrying, dialogues, membership, needs, pile, replies, start, stories
from bot.handlers.context import Context, Sorry
from bot.store.records import Prompted
from bot.views import plain as views
from bot.views import start as start_views
from bot.views.words import folded

GREETINGS = {
    **dict.fromkeys(("hej", "hejsan", "halla", "tjena", "god morgon", "god dag"), "sv"),
    **dict.fromkeys(("hello", "hi", "hey"), "en"),
}
"""Greetings as `_bare` gives them, each with its language."""
WONDERS = {
    **dict.fromkeys(
        (
            *(
                "vad ar det har",
                "vad ar detta",
                "vad ar du",
                "vem ar du",
                "vad ar byalag",
                "vad gor du",
                "vad gor man har",
            ),
            *("vad kan du", "vad kan du gora", "vad kan jag gora", "hur gor man", "hur gor jag"),
            *("hur funkar det", "hur funkar det har", "hur fungerar det", "hur fungerar det har"),
        ),
        "sv",
    ),
    **dict.fromkeys(
        (
            *("what is this", "what s this", "what are you", "who are you", "what is byalag", "what do you do"),
            *("what can you do", "what can i do", "how does it work", "how does this work", "how do i begin"),
        ),
        "en",
    ),
}
"""What somebody asks who wants to know what this is."""
THANKS = frozenset({"tack", "tackar", "tack sa mycket", "ok", "okej", "okay", "thanks", "thank you", "bra", "good"})
OWN_NUMBER = re.compile(r"(\d{1,6})\. ")
"""How the label of an idea in a list begins."""


async def message(
    ctx: Context,
    press: Callable[[Context, Action], Awaitable[None]],
    command: Callable[[Context, str, str], Awaitable[None]],
    named: Callable[[str], str | None],
) -> None:
    """Take a message: a number or word for a button, an answer, a command's plain word, or something to make use of.

    The latest message with choices is what a number or word refers to; if that is a flow's question, the flow reads it.
    """
    event = ctx.event
    assert isinstance(event, MessageReceived)  # noqa: S101 (the table sends nothing else)
    if not ctx.private:
        if not (await dialogues.message(ctx, event) or await replies.replied(ctx, event)):
            await (_spoken_to(ctx, event, press, command, named) if event.mentions_bot else carrying.said(ctx, event))
        return
    prompted = await ctx.prompted()
    asked = prompted is not None and any(one.verb in dialogues.PRESSES for _label, one in prompted.actions)
    letters = asked and await dialogues.reads_numbers(ctx)
    action = _meant(prompted, event.text, letters=letters, numbers=ctx.manner.numbers)
    leads = action is not None and action.verb in dialogues.WAYS and bool(place_of(event.text, letters=letters))
    if action is not None and (leads or not asked):
        ctx.means(action)
        await press(ctx, action)
        return
    words = clean(event.text)
    name, argument = _command(words, named)
    if await _greeted(ctx, _bare(words), asks=name == "help" and not argument):
        await dialogues.remind(ctx)
        return
    pictured = event.kind == "photo" and not name
    if (pictured and await stories.photo(ctx, event)) or await dialogues.message(ctx, event):
        return
    if name:
        ctx.event = CommandGiven(
            id=event.id, at=event.at, room=event.room, sender=event.sender, message_id=event.message_id, name=name,
            argument=argument, media=event.media,
        )  # fmt: skip
        await command(ctx, name, argument)
    elif _bare(words) in THANKS:
        ctx.say(Content.of(views.GLADLY))
    elif words.isdecimal():
        raise Sorry(Text("There is no choice %(number)s now. Write a few words, or /help.", {"number": words[:6]}))
    elif not any(map(str.isalnum, words)):
        ctx.say(Content.of(views.NO_WORDS), once="words")
    else:
        await ask_what_it_is(ctx, words)


async def _spoken_to(
    ctx: Context,
    event: MessageReceived,
    press: Callable[[Context, Action], Awaitable[None]],
    command: Callable[[Context, str, str], Awaitable[None]],
    named: Callable[[str], str | None],
) -> None:
    """Somebody in a group speaks to the bot: by a command's plain word, about an idea, or to hear what can be done."""
    first, _, rest = clean(event.text).partition(" ")
    name = named(first) or ""
    card = await ctx.card_at(event.reply_to.message_id) if event.reply_to else None
    if name:
        ctx.event = CommandGiven(
            id=event.id, at=event.at, room=event.room, sender=event.sender, message_id=event.message_id, name=name,
            argument=rest, reply_to=event.reply_to, media=event.media,
        )  # fmt: skip
        await command(ctx, name, rest)
    elif card is not None and card.subject == "idea":
        await press(ctx, Action("ballot", card.conversation_id, card.subject_id))
    elif card is None and await replies.mentioned(ctx, event):
        return
    else:
        ctx.say(start_views.help_group(await ctx.conversation()), quoting=True, only_me=True)


async def ask_what_it_is(ctx: Context, text: str) -> None:
    """Remember somebody's words, and ask what they are to be."""
    words = clean(text)
    if len(words) > MAX_IDEA:
        raise Sorry(
            Text("That is long. An idea has at most %(most)d characters. Please make it shorter.", {"most": MAX_IDEA})
        )
    media = ctx.event.media if isinstance(ctx.event, MessageReceived) else None
    pictured = media is not None and media.kind == "picture"
    await pile.keep_talk(ctx, words, media.ref if pictured and media is not None else "")
    likely = "story" if pictured else may_be(words) or ""
    ctx.say(views.meaning(words, await ctx.conversation(), angry=feelings.angry(words), likely=likely))


async def talked(ctx: Context, action: Action) -> None:
    """What was said is an idea, a need, or an offer."""
    if action.arg in {"need", "offer"}:
        await needs.talked(ctx, "need" if action.arg == "need" else "offer", await pile.talk(ctx))
        return
    if action.arg == "story":
        ref = await pile.talked_of(ctx)
        await stories.talked(ctx, await pile.talk(ctx), ref)
        return
    conversation = await membership.reader(ctx, action.scope) if action.scope else await membership.meant(ctx)
    await membership.contributor(ctx, conversation)
    text = await pile.talk(ctx)
    await dialogues.begin(ctx, "idea", {"conversation": str(conversation.id), "text": text, "private": "1"})


async def nothing(ctx: Context, _action: Action) -> None:
    """It was to be nothing."""
    await pile.talk(ctx)
    ctx.turn(Content.of(Text("Good. I have kept nothing of it.")))


async def _greeted(ctx: Context, said: str, *, asks: bool) -> bool:
    """Answer who greets, wonders what this is, or `asks` for help, days after a question too: it is no answer to it."""
    first, _, rest = said.partition(" ")
    wondered = rest if first in GREETINGS and rest in WONDERS else said
    if language := WONDERS.get(wondered) or GREETINGS.get(said):
        start.hear(ctx, language)
        await (start.help_(ctx, "how") if wondered in WONDERS else start.start(ctx, ""))
    elif asks:
        await start.help_(ctx, "")
    return bool(language) or asks


def _meant(prompted: Prompted | None, text: str, *, letters: bool, numbers: bool) -> Action | None:
    """Give the action of the button whose number, sign or label was typed, or a yes or no to it.

    `letters`: they go by letters, since a number is an answer. `numbers`: buttons are shown with numbers; where not,
    people see only those that labels begin with.
    """
    if prompted is None:
        return None
    typed = text.strip()
    number = typed.removeprefix("#")
    if number.isascii() and number.isdecimal() and not letters:
        own = {int(found[1]): one for label, one in prompted.actions if (found := OWN_NUMBER.match(label))}
        if number != typed or (own and not numbers):
            return own.get(int(number[:7]))
    if 0 < (place := place_of(typed, letters=letters)) <= len(prompted.actions):
        return prompted.actions[place - 1][1]
    said = _bare(typed) or _sign(typed)
    for label, action in prompted.actions:
        if said and said in {_bare(label), _sign(label.partition(" ")[0])}:
            return action
    for label, action in prompted.actions:
        first = _bare(label).partition(" ")[0]
        yes = is_yes(typed) and (is_yes(first) or (action.verb == "agree" and _bare(typed) not in THANKS))
        no = is_no(typed) and (is_no(first) or action.verb in {"nothing", "disagree"})
        if yes or no:
            return action
    return None


def _sign(text: str) -> str:
    """Give a sign without the colour of its skin and without what only sets it in colour; nothing of a word."""
    plain = "".join(one for one in text if not ("\U0001f3fb" <= one <= "\U0001f3ff" or one == "\ufe0f"))
    return "" if any(map(str.isalnum, plain)) else plain


def _command(words: str, named: Callable[[str], str | None]) -> tuple[str, str]:
    """Give the command that plain words name, and what it is about: one word, or a word and a number or code."""
    first, _, rest = words.partition(" ")
    name = named(first.rstrip("!?.")) or ""
    if name in {"ideas", "report", "vote", "energy", "lead"}:
        fits = not rest or rest.isdecimal()
    elif name == "join":
        fits = not rest or bool(code_in(rest))
    else:
        fits = not rest
    if name and fits:
        return name, rest
    if start.spoken(words):
        return "language", words
    return "", ""


def _bare(label: str) -> str:
    """Give a label as one would type it: without its picture, brackets and accents."""
    words = folded(label).partition("(")[0]
    return " ".join("".join(char if char.isalnum() else " " for char in words).split())


PRESSES = {"talked": talked, "nothing": nothing}
