"""Each view there is, of plain, of very long and of hostile words: it fits, it is in one's language, it stays words.

Views are found by what they give, and called with what their parameters are named after: a new one is tried unasked.
"""

from __future__ import annotations

import importlib
import inspect
import itertools
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import time, timedelta
from html.parser import HTMLParser
from typing import Any, get_args
from uuid import UUID

import msgspec
import pytest

import bot.views
from bot.adapters.matrix import render as matrix
from bot.adapters.telegram import render as telegram
from bot.chat.content import Action, Attachment, Choice, Content, LocalMessage, Text, When, quote
from bot.chat.keys import AccountKey, RoomKey
from bot.chat.port import Manner
from bot.crypto import Keyring, make_keys
from bot.domain.calm import NIGHT, Calm, Note, Quiet
from bot.domain.conversation import MAX_GIVENS, MAX_QUESTION, MAX_VALUE, MAX_VALUES, MAX_WHY, Conversation, Season
from bot.domain.gatherings import MAX_NOTE, MAX_WHAT, MAX_WHERE, Counts, Gathering, GatheringSecret, MeetingNote
from bot.domain.groups import MAX_FIELD, HelperGroup
from bot.domain.harvest import Weighed
from bot.domain.helplines import EMERGENCY, HELPLINES
from bot.domain.ideas import MAX_IDEA, Idea, Proposal, ProposalSecret, Sums, Translation, Vote
from bot.domain.invitations import Invitation
from bot.domain.maps import Area, Findings, MapGroup, MapIdea
from bot.domain.merging import Merge
from bot.domain.moderation import Act, HostingKind, JudgingKind, matter_of
from bot.domain.needs import MAX_HELP, Help, HelpSecret, Match
from bot.domain.open_space import MAX_PLACE, MAX_TITLE, Topic, TopicSecret
from bot.domain.people import HATS, Account, AccountSecret, Participant, ParticipantSecret, Person
from bot.domain.prompts import FUTURE, MAX_PROMPT, Occurrence, Rule, Schedule
from bot.domain.rhythm import STEPS, Rhythm
from bot.domain.rooms import Room, RoomSecret
from bot.domain.steps import MAX_STEP, MAX_STORY, Step, Story
from bot.flows.engine import Question
from bot.flows.parsers import free_text
from bot.flows.plan_prompts import Coming
from bot.flows.questions import Ask, Option
from bot.i18n import LOCALES
from bot.store.moderation import Reported
from bot.store.overview import Overview
from bot.store.records import Listening, Message
from bot.store.seen_map import Seen
from bot.store.short_harvest import ShortHarvest, ShortIdea
from bot.views.localize import localize
from bot.views.moderation import Line
from bot.views.prompts import Planned
from tests.handlers.world import NOON
from tests.peers.telegram.entities import utf16_len
from tests.peers.telegram.html import parse_html

PLAIN = "A bench by the river"
LONG = "An idea, or a question, of which nobody knows the end before it has been read to its very end. " * 50
HOSTILE = (
    "<b>x</i></blockquote><a href='javascript:x()'>&amp;&#60; %(name)s %s %% {0} [x](https://evil.example) *_`~|\" "
    "<script>x</script><mx-reply><img src=x> \u202e\u2066\u0000\u0007 https://matrix.to/#/@room"
)
"""What would be markup, a format or a link anywhere else."""
OURS = {
    "telegram": {"b", "i", "blockquote"},
    "matrix": {"p", "strong", "em", "blockquote", "br", "ol", "ul", "li", "a", "code"},
}
SCREENS = 1400
"""Characters, which is a phone's screen or two."""
NOT_SHORT = {"ideas.whole", "translations.whole", "carrying.carried", "carrying.left_out"}
"""All words of a long idea, or of what somebody said in another room: that is what it is for."""
NOT_OF_NOTHING = {"groups.its_rooms"}
"""Asked only where there is something to tell."""
KEYS = Keyring(make_keys())
ID = UUID(int=7)


def views() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every function that gives a message."""
    for found in pkgutil.iter_modules(bot.views.__path__):
        module = importlib.import_module(f"bot.views.{found.name}")
        for name, view in inspect.getmembers(module, inspect.isfunction):
            if view.__module__ == module.__name__ and not name.startswith("_"):
                gives = inspect.signature(view).return_annotation
                if gives in {"Content", "list[Content]"}:
                    yield f"{found.name}.{name}", view


def of(words: str, module: str = "") -> dict[str, tuple[Any, ...]]:
    """What each kind of parameter may be, of these words; the first is what there is most of."""

    def at_most(most: int) -> str:
        return words[:most]

    town = Conversation(
        ID, "", at_most(50), at_most(MAX_QUESTION), at_most(MAX_WHY), (at_most(MAX_VALUE),) * MAX_VALUES,
        at_most(MAX_GIVENS), "weeks", "anyone", "ABC234", "sv", "Europe/Stockholm", ID, NOON, ideas=12,
    )  # fmt: skip
    idea = Idea(ID, ID, 1234, ID, named=True, text=at_most(MAX_IDEA), created_at=NOON, supporters=1)
    vote = Vote(ID, ID, ID, 1, NOON)
    group = HelperGroup(ID, ID, ID, *[at_most(MAX_FIELD)] * 4, NOON, idea_id=ID, members=3)
    fika = Gathering(
        ID, ID, ID, at_most(MAX_WHAT), NOON, NOON + timedelta(hours=2), "Europe/Stockholm", NOON, NOON,
        GatheringSecret(at_most(MAX_WHERE)), seats=12,
    )  # fmt: skip
    wall = Topic(ID, ID, ID, 3, ID, at_most(MAX_TITLE), NOON, secret=TopicSecret(at_most(MAX_PLACE), at_most(60)))
    written = MeetingNote(ID, ID, ID, ID, at_most(MAX_NOTE), NOON)
    gatherings = (
        fika, msgspec.structs.replace(fika, state="off"), msgspec.structs.replace(fika, state="held"),
        msgspec.structs.replace(fika, open_space=True, seats=0, at=NOON + timedelta(days=300)),
    )  # fmt: skip
    link = Invitation(ID, ID, b"", "join", ID, NOON, name=at_most(40), limit=10, expires_at=NOON)
    acts = tuple(
        Act(ID, ID, kind, at_most(200), ID, NOON, subject_id=ID)  # type: ignore[arg-type]
        for kind in get_args(HostingKind if module == "hosting" else JudgingKind)
    )
    options = (Option("x", at_most(60)),)
    people = tuple(
        Participant(ID, ID, NOON, ParticipantSecret(at_most(64)), role=role)
        for role in ("host", "cohost", "moderator", "")
    )
    ask = Ask(name="whom", text=Text("Whom or what do you want to support?"), parse=free_text(5), options=options)
    group_room = Room(
        ID, "telegram", b"r" * 16, RoomSecret(RoomKey("telegram", "-1"), ""), private=False, created_at=NOON
    )
    account = Account(ID, ID, "telegram", b"", AccountSecret(AccountKey("telegram", "1"), at_most(64)))
    lines = (ShortIdea(1234, at_most(MAX_IDEA), 2, None), ShortIdea(2, at_most(MAX_IDEA), 0, Weighed(4, 1, 0)))
    in_short = ShortHarvest(
        2000,
        1234,
        12,
        (*lines, ShortIdea(3, "x", 0, None)),
        (at_most(MAX_FIELD),) * 3,
        (at_most(MAX_IDEA),) * 2,
        (at_most(MAX_IDEA), 3),
        3,
        1,
        12,
    )
    sums = Sums(123, 45, 6)
    thing = msgspec.structs.replace(idea, shown_sums=sums, hands=2)
    group_sums = MapIdea(174, NOON, (sums,) * 5)
    unlike = tuple(
        MapGroup(name, 1234, tuple((UUID(int=n), bool(n % 2)) for n in range(5)), Area()) for name in range(5)
    )
    named = [msgspec.structs.replace(thing, id=UUID(int=n)) for n in range(5)]
    known = {one.id: one for one in named}
    three = tuple(known)
    findings = Findings("groups", 9999, 0, 0, unlike, three, three, three, three, dict.fromkeys(three, group_sums))
    plain_sums = msgspec.structs.replace(findings, rung="sums", groups=())
    maps = (
        Seen(findings, known),
        Seen(msgspec.structs.replace(findings, groups=unlike[:2]), known),
        Seen(plain_sums, known, missing=8),
        Seen(msgspec.structs.replace(plain_sums, all_agree=(), all_disagree=()), {}, missing=0),
        Seen(Findings(), {}, [thing, idea, idea, idea, idea], 6, {ID: (at_most(64),) * 6}),
        Seen(Findings()),
    )
    weekly = Rule("weeks", time(18), NOON.date(), weekdays=(0, 3))
    own = Schedule(ID, ID, ID, NOON, NOON, "Europe/Stockholm", weekly, secret=(at_most(MAX_PROMPT),) * 3)
    twelve = msgspec.structs.replace(own, series=FUTURE, secret=(), rule=Rule("months", time(21), NOON.date(), day=-1))
    asked = Occurrence(ID, ID, ID, NOON.date(), NOON, "late", secret=at_most(MAX_PROMPT))
    rhythm = Rhythm(ID, NOON, NOON, steps=tuple((step, NOON) for step in STEPS))
    soon = (Coming(NOON, NOON), Coming(NOON, NOON + timedelta(hours=9)), Coming(NOON, NOON))
    planned = (
        Planned(own, soon, 3, asked, clashes=True), Planned(twelve, soon[:2], 0), Planned(twelve, soon[:1], 1),
        Planned(msgspec.structs.replace(own, state="paused", group_id=ID), (), 1),
    )  # fmt: skip
    todo = Step(ID, ID, ID, at_most(MAX_STEP), ID, NOON, NOON, ID)
    tale = Story(ID, ID, ID, at_most(MAX_STORY), NOON)
    helps = tuple(
        Help(ID, kind, "", at_most(50), NOON, HelpSecret(at_most(MAX_HELP)), ID, ID, state=state)
        for kind, state in (("need", "open"), ("offer", "open"), ("need", "resting"), ("need", "met"),
                            ("need", "hidden"), ("need", "withdrawn"))
    )  # fmt: skip
    matters = tuple(filter(None, map(matter_of, (idea, wall, fika, group, todo, tale, *helps))))
    before = Content.of(Text("New in “%(what)s”: %(names)s.", {"what": "x", "names": "y"}))
    return {
        "Conversation": (town,), "Idea": (idea,), "Vote": (vote,), "HelperGroup": (group,), "Invitation": (link,),
        "Translation": (Translation(ID, ID, "sv", ID, at_most(MAX_IDEA), NOON),),
        "Merge": (Merge(ID, ID, ID, ID, ID, NOON),),
        "Gathering": gatherings, "Counts": (Counts(2, 1, 3, (at_most(64),)), Counts()),
        "Mapping[UUID, Counts]": ({ID: Counts(1)}, {}),
        "Attachment": (Attachment("file", "gathering.ics", "text/calendar", b"x", Text("A file")),),
        "Topic": (wall, msgspec.structs.replace(wall, at=NOON)),
        "Mapping[UUID, int]": ({ID: 3}, {}), "Mapping[UUID, Sequence[MeetingNote]]": ({ID: [written]}, {}),
        "MeetingNote": (written,), "bool | None": (None, True, False),
        "Act": acts, "Room": (group_room,), "Question": (Question(ask=ask, options=ask.options, written=at_most(500)),),
        "Proposal": (Proposal(ID, ID, NOON, ProposalSecret(at_most(MAX_IDEA), account.secret.key)),),
        "Reported": (Reported(matters[0], NOON, ((at_most(200), 2), ("threat", 1))),),
        "Line": (Line(acts[0], matters[0], at_most(64)),),
        "Matter": matters,
        "Person": (Person(ID, NOON),), "Participant": people, "Account": (account,), "Mine": (), "UUID": (ID,),
        "Content": (before,), "Block": (quote(at_most(60)),), "datetime": (NOON,),
        "Choice": (Choice(Text("Look at it"), Action("show", ID, ID)),),
        "Listening": (Listening(ID, ID, NOON),), "Mapping[UUID, bytes]": ({ID: b"jpeg"}, {}),
        "Seen": maps, "Place": ((0.3, -0.2),), "bytes": (b"\x89PNG", b""),
        "Overview": (
            Overview(tuple((hat, 1234) for hat in HATS[:1]), HATS[1:], ("matrix",), 2, 1, 40, 3, ((at_most(300), 12),)),
            Overview(missing=HATS)
        ),
        "Rhythm": (rhythm, msgspec.structs.replace(rhythm, state="paused"), Rhythm(ID, NOON, NOON)),
        "Schedule": (own, twelve), "Planned": planned, "Occurrence": (asked,),
        "Story": (tale, *(msgspec.structs.replace(tale, state=one) for one in ("hidden", "withdrawn"))),
        "Step": (todo, msgspec.structs.replace(todo, state="done"), msgspec.structs.replace(todo, doer_id=None)),
        "tuple[Step, str]": ((todo, at_most(64)),),
        "Help": helps, "Match": (Match(ID, ID, ID, NOON),),
        "tuple[Match, Help]": ((Match(ID, ID, ID, NOON), helps[0]),),
        "tuple[Words, Help, str]": ((at_most(60), helps[1], at_most(200)),), "Collection[UUID]": ({ID}, ()),
        "tuple[Help, Sequence[Match]]": ((helps[0], [Match(ID, ID, ID, NOON)]),),
        "tuple[Idea, Vote]": ((idea, vote),), "Text": (Text("Somebody"),), "When": (When(NOON + timedelta(days=1)),),
        "Names": ({ID: (at_most(64),) * 6}, {}),
        "Mapping[str, int]": ({at_most(24): 2}, {}),
        "tuple[int, ...]": ((3, 2, 1),), "bool": (True, False), "int": (2, 1, 0, 40), "Words": (at_most(60),),
        "str | Text": (at_most(64),), "Mapping[str, str]": ({"telegram": "https://t.me/x_bot?start=i-abc"},),
        "Helpline": (EMERGENCY, *HELPLINES["SE"]),
        "Calm": (Calm(ID), Calm(ID, "never", NOON, Quiet(time(21, 30), time(7), weekend=True))),
        "Quiet": (NIGHT, Quiet(time(), time()), Quiet(time(), time(), weekend=True)),
        "Calm | Note": (Note(ID, ID, "soon", NOON, NOON, before), Calm(ID)),
        "Collection[str]": (HATS, ()), "ShortHarvest": (in_short, ShortHarvest(None, 0, 0)),
    }  # fmt: skip


LENGTHS = {
    "text": MAX_IDEA, "word": 30, "asked": MAX_IDEA, "idea_text": MAX_IDEA, "about": MAX_QUESTION, "operator": 200,
}  # fmt: skip
"""How long what people wrote may be, where it is not a name."""
FIXED: Mapping[str, tuple[Any, ...]] = {
    "season": get_args(Season), "locale": LOCALES, "translated": (LOCALES,),
    "order": ("new", "most", "free", "unites"), "code": ("x" * 22,), "room_code": ("x" * 22,),
    "place": tuple(range(1, 15)), "task": ("co", "mod", "over"), "private_start": ("a-xyz",),
    "whom": ("neighbours", "elected"), "near": ("", "idea"), "flow": ("lead",), "verb": ("step",),
    "begun_with": ({},), "link": ("https://t.me/x_bot?start=i-abc",), "hats": ("",), "page": (5,), "tail": ("0a1b2c",),
    "networks": (["telegram", "matrix"],), "answer": ("yes", "no", ""), "media": ("", "picture", "file"),
}  # fmt: skip
"""What is never anybody's words."""


def _values(parameter: inspect.Parameter, words: str, kinds: Mapping[str, tuple[Any, ...]]) -> tuple[Any, ...]:
    if parameter.name in FIXED:
        return FIXED[parameter.name]
    return _of_kind(str(parameter.annotation), words[: LENGTHS.get(parameter.name, 64)], kinds)


def _of_kind(kind: str, words: str, kinds: Mapping[str, tuple[Any, ...]]) -> tuple[Any, ...]:
    """What a parameter of this kind may be; whoever makes a view of a new kind adds it to `of`."""
    several = re.fullmatch(r"(?:list|Sequence)\[(.+)\]", kind)
    both = re.fullmatch(r"tuple\[(\w+), (\w+)\]", kind)
    if kind.endswith(" | None"):
        return (*_of_kind(kind.removesuffix(" | None"), words, kinds), None)
    if kind in kinds:
        return kinds[kind]
    if several:
        return ([*_of_kind(several[1], words, kinds)[:1]] * 5, [])
    if both:
        return (tuple(_of_kind(one, words, kinds)[0] for one in both.groups()),)
    assert kind == "str", kind
    return (words,)


def said(view: Callable[..., Any], words: str) -> Iterator[Content]:
    """All that a view gives of these words: each value of a parameter once, and all pairs of the first few."""
    parameters = inspect.signature(view).parameters.values()
    kinds = of(words, view.__module__.rpartition(".")[2])
    choices = [_values(parameter, words, kinds) for parameter in parameters]
    for values in itertools.islice(itertools.product(*choices), 200):
        given = dict(zip(parameters, values, strict=True))
        fixed = [value for parameter, value in given.items() if parameter.kind is not parameter.KEYWORD_ONLY]
        named = {
            parameter.name: value for parameter, value in given.items() if parameter.kind is parameter.KEYWORD_ONLY
        }
        gives = view(*fixed, **named)
        yield from gives if isinstance(gives, list) else [gives]


def messages(view: Callable[..., Any], words: str, locale: str) -> Iterator[LocalMessage]:
    """The same for somebody, in their language."""
    room = of("")["Room"][0]
    return (localize(Message(content, locale=locale), room, KEYS, Manner()) for content in said(view, words))


def text_of(message: LocalMessage) -> str:
    """All that is read of a message."""
    labels = [choice.label for row in message.choices for choice in row]
    return "\n".join([*(block.text for block in message.blocks), *labels])


class Tags(HTMLParser):
    """The tags and attributes of a text, and whether they are closed."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: set[str] = set()
        self.links: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


VIEWS = dict(views())
every_view = pytest.mark.parametrize("name", VIEWS)


def test_they_are_found() -> None:
    assert len(VIEWS) > 55


@pytest.mark.parametrize("locale", LOCALES)
@every_view
def test_a_view_says_something_in_ones_language_and_leaves_no_gap(name: str, locale: str) -> None:
    for message in messages(VIEWS[name], PLAIN, locale):
        text = text_of(message)
        assert message.blocks or name in NOT_OF_NOTHING
        assert all(block.text.strip() for block in message.blocks)
        assert not re.search(r"%[(sd%]|\{\w*\}|None|Text\(|UUID\(|\b[Tt]rue\b|\bFalse\b", text), text
        assert message.attachment is None or message.attachment.alt


@pytest.mark.parametrize("locale", LOCALES)
@every_view
def test_a_view_of_long_words_fits_a_screen_or_two(name: str, locale: str) -> None:
    for message in messages(VIEWS[name], LONG, locale):
        text = "\n".join(block.text for block in message.blocks)
        assert name in NOT_SHORT or len(text) <= SCREENS, text
        labels = [choice.label for row in message.choices for choice in row]
        assert all(0 < len(label) <= telegram.LABEL for label in labels), labels


@pytest.mark.parametrize("locale", LOCALES)
@every_view
def test_hostile_words_are_words_in_telegram(name: str, locale: str) -> None:
    for message in messages(VIEWS[name], HOSTILE, locale):
        for call in telegram.read(telegram.render(RoomKey("telegram", "-1"), message)):
            sent = msgspec.json.decode(call.params)
            markup = sent.get("text", sent.get("caption", ""))
            plain, _entities = parse_html(markup)
            assert utf16_len(plain) <= (telegram.TEXT if "text" in sent else telegram.CAPTION)
            tags = Tags(markup)
            assert tags.found <= OURS["telegram"], markup
            assert not tags.open
            assert "\0" not in plain


@pytest.mark.parametrize("locale", LOCALES)
@every_view
def test_hostile_words_are_words_in_matrix(name: str, locale: str) -> None:
    for message in messages(VIEWS[name], HOSTILE, locale):
        rendered = matrix.render("@bot:example.org", RoomKey("matrix", "!room:example.org"), message)
        markup = msgspec.json.decode(matrix.read(rendered).content)["formatted_body"]
        tags = Tags(markup)
        assert tags.found <= OURS["matrix"], markup
        assert not tags.open
        assert all(link.startswith("https://matrix.to/#/@bot:example.org") for link in tags.links), tags.links


def test_hostile_words_would_be_noticed() -> None:
    with pytest.raises(AssertionError):
        Tags(HOSTILE)
    assert Choice(HOSTILE, Action("help")).label == HOSTILE
