"""Say what one needs, or can help with; say yes to somebody; change the words."""

from __future__ import annotations

from uuid import UUID

import msgspec

from bot.chat.content import Block, Text, Words, quote
from bot.domain.needs import MAX_HELP, MAX_WAY, RewordHelp, SayHelp, SayYes
from bot.flows.parsers import Where, choice, free_text, municipality
from bot.flows.questions import REQUIRED, Answer, Ask, Ctx, Flow, Input, Meaning, Option, Parse, Summary
from bot.flows.words import shorten


class Reach(msgspec.Struct, frozen=True):
    """How two may reach each other: the link to one's own account, and the other's name once they know each other.

    `apart`: they are on different networks, so that an account leads nowhere.
    """

    address: str = ""
    known: str = ""
    apart: bool = False


QUOTED = 300
LINES = 15
_YES_NO = choice({"yes": True, "no": False})
WHO = {"all": Text("All here, without my name"), "few": Text("Only those who may help")}


def say_need(conversation_id: UUID | None, text: str = "", place: Where | None = None) -> Flow[SayHelp]:
    """Ask what somebody needs support with; then who may read it, or where it is where there is no conversation."""
    words: str = yield Ask(
        name="text",
        text=Text("What do you need support with?"),
        parse=free_text(MAX_HELP, least=3, lines=LINES),
        given=text,
        hint=Text("A sentence is enough. Nobody sees your name before you and somebody else have both said yes."),
    )
    if conversation_id is not None:
        who: str = yield Ask(
            name="who",
            text=Text("Who may read it?"),
            parse=choice({key: key for key in WHO}),
            options=tuple(Option(key, label) for key, label in WHO.items()),
            awaits=False,
            body=(quote(shorten(words, QUOTED)),),
            changes=(Option("text", Text("Change the words")),),
        )
        return SayHelp("need", words, conversation_id, shared=who == "all")
    where: Where = yield _where(place)
    if _known(place):
        yield _so((("text", Text("I need support with"), words), ("place", Text("Place"), where.name)))
    return SayHelp("need", words, None, where.key, where.name)


def offer_help(
    conversation_id: UUID | None,
    text: str = "",
    place: Where | None = None,
    need: UUID | None = None,
    words: str = "",
    given: Reach | None = None,
) -> Flow[SayHelp]:
    """Ask what somebody can help with. For a certain `need`, whose `words` these are, that may stay unsaid."""
    if need is not None:
        how: str = yield Ask(
            name="text",
            text=Text("How can you help? You can also skip this."),
            parse=free_text(MAX_HELP, least=3, lines=LINES),
            given=text,
            optional=True,
            skipped="",
            body=(quote(shorten(words, QUOTED)),),
        )
        way: str = yield _way(given)
        return SayHelp("offer", how or words, conversation_id, answers=need, way=way)
    can: str = yield Ask(
        name="text",
        text=Text("What can you help with?"),
        parse=free_text(MAX_HELP, least=3, lines=LINES),
        given=text,
        hint=Text("What your hands or your head can do, and when. A sentence is enough."),
    )
    where = Where("", "")
    if conversation_id is None:
        where = yield _where(place)
    listens: bool = yield Ask(
        name="listens",
        text=Text("One more thing: some people just need somebody who listens. Could you be that for somebody, too?"),
        parse=_YES_NO,
        options=(Option("yes", Text("Yes, I can listen")), Option("no", Text("No, not now"))),
        awaits=False,
    )
    if conversation_id is None and _known(place):
        yield _so((("text", Text("I can help with"), can), ("place", Text("Place"), where.name)))
    return SayHelp("offer", can, conversation_id, where.key, where.name, listens=listens)


def say_yes(match_id: UUID, words: str = "", given: Reach | None = None) -> Flow[SayYes]:
    """Ask who says yes to somebody how they may be reached."""
    way: str = yield _way(given, (quote(shorten(words, QUOTED)),) if words else ())
    return SayYes(match_id, way)


def reword(help_id: UUID, before: str = "") -> Flow[RewordHelp]:
    """Ask for other words of a need or an offer."""
    text: str = yield Ask(
        name="text",
        text=Text("How do you want to say it instead?"),
        parse=free_text(MAX_HELP, least=3, lines=LINES),
        body=(quote(shorten(before, QUOTED)),) if before else (),
    )
    return RewordHelp(help_id, text)


def _known(place: Where | None) -> bool:
    """Whether it was said before where somebody is; then they need not be asked, and can still change it."""
    return place is not None and bool(place.name)


def _where(place: Where | None) -> Ask:
    return Ask(
        name="place",
        text=Text("In which municipality?"),
        parse=municipality,
        hint=Text("So that I can find somebody near you."),
        default=place if _known(place) else REQUIRED,
    )


def _way(given: Reach | None, body: tuple[Block, ...] = ()) -> Ask:
    """Ask how somebody may be reached; their own account is one press, where it is of use to the other."""
    given = given or Reach()
    if given.known:
        hint = Text("Only %(name)s sees this.", {"name": given.known})
    else:
        hint = Text("They see this and your name only when both of you have said yes. Skip it, and you write to them.")
    if given.apart:
        body += (Block("text", Text("You use different apps: a phone number or an e-mail address works for both.")),)
    elif given.address:
        body += (
            Block("text", Text("With one press you share your account here: %(address)s", {"address": given.address})),
        )
    own = Option("account", Text("Share my account"))
    return Ask(
        name="way",
        text=Text("How may they reach you? Write a phone number, an address, or whatever suits you."),
        parse=_address(given.address, own.id),
        options=(own,) if given.address and not given.apart else (),
        optional=True,
        skipped="",
        hint=hint,
        body=body,
    )


def _address(address: str, account: str) -> Parse:
    """Read one's own words, or the press that shares one's account."""
    words = free_text(MAX_WAY, lines=3)

    def parse(sent: Input, ctx: Ctx) -> Meaning:
        if address and sent.choice == account:
            return Answer(address, Input(choice=account))
        return words(sent, ctx)

    return parse


def _so(lines: tuple[tuple[str, Text, Words], ...]) -> Summary:
    return Summary(
        lines=tuple((name, value) for _, name, value in lines),
        confirm=Option("yes", Text("Yes, say it")),
        changes=tuple(Option(key, name) for key, name, _ in lines),
    )
