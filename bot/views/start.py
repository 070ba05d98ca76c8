"""The first words, the help, the languages."""

from __future__ import annotations

from bot.chat.content import Choice, Content, Text, quote, small, title
from bot.domain.conversation import Conversation
from bot.i18n import NAMES
from bot.views import seasons
from bot.views.common import ENDED, LISTEN, NO_ROOM, Row, begin_or_join, begin_or_link, button, column


def greeting(locale: str = "") -> Content:
    """What a stranger sees first: two sentences, three things to do, how it works; and other languages, if unsure."""
    return Content.of(
        Text(
            "Hello. I am Byalag, a chat bot. I help neighbours, employees and elected "
            "talk about the future of their municipality."
        ),
        Text("Anyone can begin a conversation, invite the others, gather ideas and find out what unites you."),
        choices=(
            *begin_or_join(),
            *column(button(LISTEN, "listen"), button(Text("How does it work?"), "help", arg="how")),
            *_others(locale),
        ),
    )  # fmt: skip


def _others(locale: str) -> tuple[tuple[Choice, ...], ...]:
    """The languages that somebody may have meant, each named in itself."""
    return column(*(button(name, "language", arg=other) for other, name in NAMES.items() if locale not in {"", other}))


def how(locale: str = "") -> Content:
    """How it works, in a phone's screen; and the other languages, where theirs is a guess."""
    return Content.of(
        title(Text("How it works")),
        Text("1. Somebody asks a question about your municipality and invites others."),
        Text("2. Everyone gives ideas, and carries those of others."),
        Text("3. You weigh the ideas in secret: agree, disagree or pass. So we see what unites us."),
        Text("4. Anyone may take the lead for an idea. A helper group forms and does something about it."),
        small(Text("You can write to me in your own words. /privacy tells what is kept.")),
        choices=(*begin_or_join(), *_others(locale)),
    )


def help_private(
    conversation: Conversation, *, moderates: bool = False, hosts: bool = False, silent: bool = False
) -> Content:
    """What can be done here and now, in private. `silent`: its host is, so that this person may host instead."""
    if conversation.closed_at is not None:
        return ended(conversation, hosts=hosts)
    return Content.of(
        Text("We talk about %(place)s:", {"place": conversation.place_name}),
        quote(conversation.question),
        *seasons.said(conversation),
        Text("Write an idea in your own words, or choose:"),
        choices=(
            *_in_pairs(
                *seasons.ways(conversation, ("idea", "vote", "ideas", "groups", "invite"), private=True),
                _more(conversation),
                button(Text("My settings"), "settings"),
            ),
            *_for_few(conversation, moderates=moderates, hosts=hosts),
            *column(
                button(Text("The host is silent: host it"), "takeover", conversation.id, arg="ask") if silent else None
            ),
        ),
    )


def _more(conversation: Conversation) -> Choice:
    return button(Text("More"), "help", conversation.id, arg="more")


def more(conversation: Conversation, *, private: bool) -> Content:
    """What else can be done in a conversation, whatever its season."""
    scope = conversation.id
    return Content.of(
        Text("More that can be done here:"),
        choices=_in_pairs(
            button(Text("Gatherings"), "meet", scope),
            button(Text("What came of it"), "stories", scope),
            button(Text("I need support"), "need", scope),
            button(Text("I can help"), "offer", scope),
            *seasons.anytime(conversation, ("map", "energy", "harvest"), private=private),
            *((button(LISTEN, "listen"),) if private else ()),
        ),
    )


def _in_pairs(*choices: Choice) -> tuple[Row, ...]:
    return tuple(choices[start : start + 2] for start in range(0, len(choices), 2))


def _for_few(conversation: Conversation, *, moderates: bool, hosts: bool) -> tuple[Row, ...]:
    """What only moderators and hosts can do, beside each other."""
    rows: list[Row] = []
    if moderates:
        harvest = button(Text("The harvest"), "harvest", conversation.id)
        rows.append((harvest, button(Text("Moderate"), "mod", conversation.id)))
    if hosts:
        rows.append((button(Text("Host"), "host", conversation.id),))
    return tuple(rows)


def ended(conversation: Conversation, *, hosts: bool = False) -> Content:
    """What can be done when the conversation has ended: read, and begin or join another."""
    return Content.of(
        Text("We talked about %(place)s:", {"place": conversation.place_name}),
        quote(conversation.question),
        ENDED,
        choices=(
            (button(Text("The harvest"), "harvest", conversation.id),),
            (
                button(Text("Look at the ideas"), "ideas", conversation.id),
                button(Text("Helper groups"), "groups", conversation.id),
            ),
            *begin_or_join(),
            (button(Text("My settings"), "settings"),),
            *_for_few(conversation, moderates=False, hosts=hosts),
        ),
    )


def help_group(conversation: Conversation | None) -> Content:
    """What can be done here and now, in a group."""
    if conversation is None:
        return Content.of(NO_ROOM, choices=begin_or_link())
    if conversation.closed_at is not None:
        return Content.of(
            quote(conversation.question),
            ENDED,
            choices=column(
                button(Text("The harvest"), "harvest", conversation.id),
                button(Text("Look at the ideas"), "ideas", conversation.id),
                button(Text("Helper groups"), "groups", conversation.id),
            ),
        )
    return Content.of(
        Text("This room talks about %(place)s:", {"place": conversation.place_name}),
        quote(conversation.question),
        *seasons.said(conversation),
        Text("Write /idea and your idea, or reply with /idea to a message that is one."),
        choices=column(*_in_group(conversation), _more(conversation)),
    )


def _in_group(conversation: Conversation) -> list[Choice]:
    """What a group may press: while ideas are gathered, giving one is said in words above."""
    if conversation.season == "gathering":
        return seasons.ways(conversation, ("ideas", "vote", "groups"), private=False)[1:]
    return seasons.ways(conversation, ("ideas", "vote", "groups"), private=False, most=3)


def settings(conversation: Conversation | None) -> Content:
    """What one can set for oneself."""
    return Content.of(
        title(Text("My settings")),
        choices=column(
            button(Text("Language"), "language"),
            button(Text("Not to be disturbed"), "quiet"),
            button(Text("My hats"), "hats", conversation.id) if conversation else None,
            button(Text("My conversations"), "join"),
            button(Text("What is kept, and why"), "privacy"),
            button(Text("Get all that is mine"), "mydata"),
            button(Text("Erase me"), "forget"),
        ),
    )


def languages() -> Content:
    """Choose a language; each is named in itself."""
    return Content.of(
        Text("Which language shall I speak with you?"),
        choices=(tuple(button(name, "language", arg=locale) for locale, name in NAMES.items()),),
    )


def unknown(word: str, near: str) -> Content:
    """A command that does not exist: the nearest one, and help."""
    blocks = [Text("I do not know the command /%(word)s.", {"word": word})]
    if near:
        blocks.append(Text("Did you mean /%(near)s?", {"near": near}))
    blocks.append(Text("/help tells what can be done here."))
    return Content.of(*blocks)
