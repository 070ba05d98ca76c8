"""Whatever the bot can say, in every language: in the product's words, short, plain, and read without pictures."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from uuid import UUID

import pytest
from babel.messages.pofile import read_po

from bot.chat.content import Content, Text, When, Words
from bot.chat.keys import AccountKey
from bot.domain.conversation import MAX_GIVENS, MAX_QUESTION, MAX_VALUE, MAX_VALUES, MAX_WHY, Conversation
from bot.domain.ideas import MAX_IDEA, Idea, Proposal, ProposalSecret, Vote
from bot.domain.people import HAT_NAMES
from bot.flows.engine import Question, Run
from bot.flows.give_idea import Similar
from bot.flows.questions import Ctx, Look
from bot.flows.table import FLOWS
from bot.handlers.tables import COMMANDS
from bot.i18n import DIRECTORY, LOCALES, render
from bot.views import conversations, day, dialogues, idea_lists, ideas, invite, plain, privacy, start, votes
from tests.handlers.world import NOON

ALERT, BUTTON = 200, 40
MOST_WORDS = 25
"""In one sentence. A semicolon ends one too: it is a pause when read aloud."""

NEVER = {
    "sv": r"ärende\w*|klagomål\w*|brukar(e|en|na|nas)|kund(en|er|erna|ens)?|handläggar\w*|användar\w*",
    "en": r"tickets?|complain\w*|users?|customers?|cases?",
}
"""As whole words, in all their forms. What must not be said in one language is not said in another either."""

LONGEST: dict[str, str | int | When | Text] = {
    "name": "Maximiliana Bartholomeusdotter-Ekenstierna", "convener": "Maximiliana Bartholomeusdotter-Ekenstierna",
    "question": "q" * 90, "group": "g" * 60, "until": When(datetime(2026, 9, 30, 21, 59, tzinfo=UTC)),
    "number": 9_999, "whole": 9_999, "n": 99_999, "idea": "i" * idea_lists.IN_LIST, "what": "w" * 28,
    "most": 9_999, "near": "inbjudan", "word": "w" * 30, "place": "Upplands Väsby",
    "label": Text("Somebody who is employed here"), "hat": Text("young person"), "limit": 9_999,
}  # fmt: skip
"""The longest that a parameter of an alert or a button may be."""


SHOUTED = re.compile(r"\b(?!JSON\b)[A-ZÅÄÖ]{4,}\b")


def said(locale: str) -> list[str]:
    """All messages of a language, each of its forms."""
    forms: list[str] = []
    with (DIRECTORY / "sv" / "LC_MESSAGES" / "bot.po").open("rb") as file:
        for message in filter(lambda message: message.id, read_po(file, locale="sv")):
            found = message.id if locale == "en" else message.string
            forms += [*found] if isinstance(found, (list, tuple)) else [found]
    return forms


def words_of(text: str) -> list[str]:
    """The words as they are read: of a parameter one, of a command its name."""
    return re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", re.sub(r"%\(\w+\)[sd]", "something", text))


def sentences_of(text: str) -> list[list[str]]:
    """The sentences, each as its words."""
    found = [words_of(part) for part in re.split(r"(?<=[.?!:;])\s+|\n", text)]
    return [sentence for sentence in found if sentence]


def lix(texts: list[str]) -> float:
    """How hard to read: words a sentence, and long words in a hundred (Björnsson 1968). Below 30 is for children."""
    sentences = [sentence for text in texts for sentence in sentences_of(text)]
    words = [word for sentence in sentences for word in sentence]
    return len(words) / len(sentences) + 100 * sum(len(word) > 6 for word in words) / len(words)


def longest(words: Words, locale: str) -> str:
    """Render a message with the longest parameters there may be."""
    if isinstance(words, str):
        return words
    params = {name: LONGEST.get(name, value) for name, value in words.params.items()}
    return render(Text(words.msgid, params, words.plural, words.context), locale)


# -- the words -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("locale", LOCALES)
def test_no_word_makes_somebody_a_case(locale: str) -> None:
    never = re.compile(rf"\b({'|'.join(NEVER.values())})\b", re.IGNORECASE)
    assert [text for text in said(locale) if never.search(text)] == []
    assert never.search("Ditt ärende har tagits emot"), "they would be found"


@pytest.mark.parametrize("locale", LOCALES)
def test_nobody_is_shouted_at(locale: str) -> None:
    assert [text for text in said(locale) if "!" in text or SHOUTED.search(text)] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_nobody_is_blamed(locale: str) -> None:
    blame = re.compile(r"\b(error|invalid|failed|forbidden|illegal|ogiltig\w*|misslyck\w*|förbjud\w*)\b", re.IGNORECASE)
    assert [text for text in said(locale) if blame.search(text)] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_a_twelve_year_old_understands_it(locale: str) -> None:
    texts = said(locale)
    sentences = [sentence for text in texts for sentence in sentences_of(text)]
    assert lix(texts) <= 25
    assert sum(map(len, sentences)) / len(sentences) <= 8
    assert [" ".join(sentence) for sentence in sentences if len(sentence) > MOST_WORDS] == []
    assert [text for text in texts if len(words_of(text)) >= 12 and lix([text]) > 47] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_every_message_says_something_without_its_signs(locale: str) -> None:
    """A line that only lays out what others wrote or a number is the exception, and there are few."""
    bare = [text for text in said(locale) if not words_of(re.sub(r"%\(\w+\)[sd]", "", text))]
    assert all(re.search(r"%\(\w+\)[sd]", text) for text in bare), bare


# -- what has little room --------------------------------------------------------------------------------------------

HANDLERS, VIEWS = "bot/handlers", "bot/views"
ALERTING = {"Sorry", "NotNow", "tell", "open_private", "lead_to_private"}
MAKING_BUTTONS = {"button", "Choice"}
MADE: dict[str, Words] = {
    "views.asked_by_me(waits.at)": Text(
        "You have said so already. If the host does not come back, you are the host from %(when)s.",
        {"when": "30 September"},
    ),
    "views.asked_already(waits.at)": Text(
        "Somebody has said already that they will host, from %(when)s.", {"when": "30 September"}
    ),
    "views.taken(other)": Text(
        "This group is linked to “%(question)s”. A host or moderator of it can part them first.", {"question": ""}
    ),
    "views.moved(found, there)": Text(
        "You are at topic %(number)d. So far you are the only one there, as far as I know.",
        {"number": 100, "n": 1},
        plural="You are at topic %(number)d. You are %(n)d there now.",
    ),
    "views.is_idea(made.number)": Text("It is idea %(number)d now.", {"number": 9999}),
    "views.is_idea_already(known.number)": Text("It is idea %(number)d already.", {"number": 9999}),
    "told_views.sent_file(one)": Text(
        "You are coming: %(when)s. I have written to you in private.", {"when": "Wednesday 30 September 18:30"}
    ),
    "told_views.full(one)": Text(
        "All %(n)d places are taken. You are on the waiting list, and will hear from me when there is a place for you.",
        {"n": 10000},
    ),
    "views.welcome_in(group, convener.secret.name)": Text(
        "Good to have you. You are %(n)d now, and %(name)s holds it together.", {"n": 2, "name": ""}
    ),
}
"""Alerts that a function makes: the longest that it gives."""
PASSED_ON = {"words", "sorry.words", "refused.text"}
"""What was told elsewhere already."""
NEVER_PRESSED = {"views.HOW"}
"""What only somebody who typed is told."""


def modules(folder: str) -> Iterator[tuple[ModuleType, ast.Module]]:
    """The modules of a package, with their sources."""
    root = Path(importlib.import_module("bot").__file__ or "").parent.parent
    for path in sorted((root / folder).glob("*.py")):
        if path.stem != "__init__":
            module = importlib.import_module(f"{folder.replace('/', '.')}.{path.stem}")
            yield module, ast.parse(path.read_text(encoding="utf-8"))


def calls(folder: str, names: set[str]) -> Iterator[tuple[ModuleType, ast.Call]]:
    """The calls of these functions."""
    for module, tree in modules(folder):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in names:
                    yield module, node


def literal(node: ast.Call) -> Text:
    """A `Text` as it stands in the source; its parameters are known by name."""
    msgid, params, plural = "", {}, ""
    for place, argument in enumerate([*node.args, *node.keywords]):
        value = argument.value if isinstance(argument, ast.keyword) else argument
        if place == 0 and isinstance(value, ast.Constant):
            msgid = str(value.value)
        elif isinstance(value, ast.Dict):
            params = {str(key.value): "" for key in value.keys if isinstance(key, ast.Constant)}
        elif isinstance(argument, ast.keyword) and argument.arg == "plural" and isinstance(value, ast.Constant):
            plural = str(value.value)
    names = set(re.findall(r"%\((\w+)\)", msgid + plural)) - set(params)
    return Text(msgid, {**params, **dict.fromkeys(names, "")}, plural)


def told(module: ModuleType, node: ast.expr) -> list[Words] | None:
    """What an expression may say, or None if that cannot be read off the source."""
    match node:
        case ast.Call(func=ast.Name(id="Text")):
            first = node.args[0]
            return [literal(node)] if isinstance(first, ast.Constant) else None
        case ast.IfExp(body=body, orelse=orelse):
            both = [told(module, body), told(module, orelse)]
            return None if None in both else [words for one in both if one for words in one]
        case ast.Constant(value=str(value)):
            return [value]
        case ast.Subscript(value=value):
            table = _evaluated(module, value)
            return [one if isinstance(one, Text) else str(one) for one in table.values()] if table else None
        case ast.Name() | ast.Attribute():
            value = _evaluated(module, node)
            return [value] if isinstance(value, Text) else None
    return None


def _evaluated(module: ModuleType, node: ast.expr) -> object:
    try:
        return eval(ast.unparse(node), vars(module))  # noqa: S307 (our own source)
    except (NameError, AttributeError):
        return None


def alerts() -> list[Words]:
    """All that may be said in an alert, as far as the source tells; the rest is in `MADE`."""
    found: list[Words] = [privacy.ALERT]
    for module, call in calls(HANDLERS, ALERTING):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        arguments = (
            call.args[2:] if name == "lead_to_private" else call.args[1:] if name == "open_private" else call.args
        )
        if name == "tell" and isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) != "ctx":
            continue
        if not arguments or (name == "tell" and isinstance(call.func, ast.Name)):
            continue
        source = ast.unparse(arguments[0])
        if source in NEVER_PRESSED:
            continue
        words = told(module, arguments[0])
        if words is None and source in MADE:
            words = [MADE[source]]
        assert words is not None or source in PASSED_ON, f"{module.__name__}:{call.lineno}: {source}"
        found += words or []
    return found


@pytest.mark.parametrize("locale", LOCALES)
def test_an_alert_fits_two_hundred_characters(locale: str) -> None:
    texts = [longest(words, locale) for words in alerts()]
    assert len(texts) > 40, "they were found"
    assert [text for text in texts if len(text) > ALERT] == []


def buttons() -> list[Words]:
    """All labels of buttons, as far as the source tells."""
    found: list[Words] = []
    for folder in (VIEWS, HANDLERS):
        for module, call in calls(folder, MAKING_BUTTONS):
            if call.args:
                found += told(module, call.args[0]) or []
    found += [*idea_lists.ORDERS.values(), *map(Text, HAT_NAMES.values()), *map(Text, invite.LABELS.values())]
    found += [Text("Go on with: %(title)s", {"title": flow.title}) for flow in FLOWS.values()]
    return found


@pytest.mark.parametrize("locale", LOCALES)
def test_a_button_has_forty_characters(locale: str) -> None:
    labels = [longest(words, locale) for words in buttons()]
    assert len(labels) > 60, "they were found"
    assert [label for label in labels if len(label) > BUTTON] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_a_button_has_words_or_a_number_that_stands_above_it(locale: str) -> None:
    labels = [longest(words, locale) for words in buttons()]
    assert [label for label in labels if not (words_of(label) or label.isdecimal())] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_a_line_of_a_menu_is_short(locale: str) -> None:
    assert [one.about for one in COMMANDS.values() if len(render(Text(one.about), locale)) > BUTTON] == []


LONG = "An idea, or a question, of which nobody knows the end before it has been read to its very end. " * 50


def a_conversation() -> Conversation:
    """A conversation with as many words as there may be."""
    return Conversation(
        UUID(int=1), "", "Sankt Anna och Gryts skärgårdskommun i Östergötland", LONG[:MAX_QUESTION], LONG[:MAX_WHY],
        (LONG[:MAX_VALUE],) * MAX_VALUES, LONG[:MAX_GIVENS], "weeks", "anyone", "ABC234", "sv", "Europe/Stockholm",
        UUID(int=2), NOON, ideas=12,
    )  # fmt: skip


def an_idea() -> Idea:
    """An idea with as many words as there may be."""
    return Idea(UUID(int=1), UUID(int=3), 1234, UUID(int=4), named=True, text=LONG[:MAX_IDEA], created_at=NOON)


def shown() -> Iterator[Content]:
    """What people see of the longest that people wrote."""
    town, idea = a_conversation(), an_idea()
    vote = Vote(town.id, idea.id, UUID(int=5), 1, NOON)
    yield conversations.to_join([town] * 5, [town] * 5, town, LONG)
    yield conversations.welcome(town, idea)
    yield conversations.begun(town)
    yield conversations.card(town)
    yield conversations.now_current(town)
    yield idea_lists.listed(town, [idea] * 8, "new", 0, more_follow=True)
    for others, given in ((2, 20), (12, 4), (0, 20)):
        need = Text("Somebody needs support: %(what)s", {"what": LONG[:89]})
        lines: dict[day.Key, Words] = {("need", UUID(int=n)): need for n in range(others)}
        lines |= {("idea", UUID(int=n)): LONG[:89] for n in range(given)}
        content, _later = day.message(town, lines, "en", "Europe/Stockholm")
        assert content is not None
        yield content
    yield ideas.card(idea, town, LONG[:64], "", private=True)
    yield ideas.more(idea, mine=True, editable=True)
    yield ideas.given(60, town)
    yield ideas.withdraw_sure(idea)
    yield ideas.proposed(Proposal(town.id, idea.id, NOON, ProposalSecret(idea.text, AccountKey("a", "b"))), LONG[:64])
    yield votes.ballot(town, idea, 1000, None, (idea, vote))
    yield votes.finished(town, (idea, vote), 1000)
    yield plain.meaning(idea.text, town, angry=True)
    yield from (start.greeting(), start.how(), start.settings(town), start.help_group(town), start.ended(town))
    yield start.help_private(town, moderates=True, hosts=True)
    yield start.more(town, private=True)
    answers = (("place", "answer", "=" + town.place_name), ("question", "answer", "=" + town.question),
               ("why", "answer", "=" + town.why), ("givens", "answer", "=" + town.givens))  # fmt: skip
    ctx = Ctx(NOON, "Europe/Stockholm", "en")
    for name, given, answered in (
        ("new", {}, (("place", "answer", "#aswritten" + "=" + town.place_name), *answers[1:])),
        ("idea", {"conversation": str(town.id), "text": idea.text, "private": "1"}, ()),
        ("idea", {"conversation": str(town.id), "text": "\n".join(f"{n} {LONG[:300]}" for n in range(12))}, ()),
        ("lead", {"conversation": str(town.id), "words": idea.text}, ()),
    ):
        run = Run(lambda name=name, given=given: FLOWS[name].begin(given), answered, ctx)
        outcome = run.step()
        if isinstance(outcome, Look):
            alike = tuple(Similar(UUID(int=n), n, idea.text) for n in range(1, 4))
            outcome = run.step(alike)
        assert isinstance(outcome, Question), outcome
        yield dialogues.asking(name, given, outcome, None, UUID(int=9), private=True, about=town.question)


@pytest.mark.parametrize("locale", LOCALES)
def test_what_people_wrote_is_cut_to_fit_a_button(locale: str) -> None:
    labels = [render(choice.label, locale) for content in shown() for row in content.choices for choice in row]
    assert [label for label in labels if len(label) > BUTTON] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_the_longest_that_people_wrote_fits_a_screen_or_two(locale: str) -> None:
    """A phone shows about 700 characters at once."""
    for content in shown():
        text = "\n".join(render(block.words, locale) for block in content.blocks)
        assert len(text) <= 1400, text


@pytest.mark.parametrize("locale", LOCALES)
def test_no_message_offers_the_same_words_twice(locale: str) -> None:
    """What is typed instead of pressed must mean one thing."""
    for content in shown():
        labels = [render(choice.label, locale) for row in content.choices for choice in row]
        fixed = [label for label in labels if not label.endswith("…") and not label.endswith(("(now)", "(nu)"))]
        assert len(fixed) == len(set(fixed)), labels
