"""The same story in a terminal: `python -m bot run`, and lines through a pipe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest

from bot.chat.content import Text
from bot.domain.ideas import Sums
from bot.domain.people import SECOND_TAP_AFTER
from bot.i18n import LOCALES, render
from bot.views.ideas import sums
from tests.story.terminal import Terminal, own_lines
from tests.story.tongues import TONGUES

QUESTION = "Vad gör vi med den gamla skolan på Brännan?"
SLEDGE = "En kälkbacke vid den gamla skolan"
BENCH = "A bench by the water, where one can sit in the sun"
LATE_BUS = "Bussen borde gå senare på fredagar"
PLACE = "Brännan bortom skogen"
VOTERS = {"Anna": "agree", "Bo": "agree", "Cecilia": "disagree", "Dag": "pass", "Eva": "agree", "Gun": "agree"}
FIRST_DEED_IS_A_VOTE = {"Dag", "Gun"}
LANGUAGES = {"Bo": "en"}


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    made = Terminal(tmp_path)
    yield made
    made.close()


async def test_the_whole_story_in_a_terminal(terminal: Terminal) -> None:
    invitation, for_groups = await anna_begins_and_invites(terminal)
    two_rooms_are_linked(terminal, for_groups)
    bo_joins_in_english(terminal, invitation)
    await ideas_become_cards(terminal, invitation)
    both_carry_an_idea(terminal)
    await six_weigh_in_secret(terminal, invitation)
    await bo_takes_the_lead_and_anna_joins_in(terminal)

    assert terminal.quits() == 0
    assert "Traceback" not in terminal.errors()
    everybody_was_understood(terminal)


async def anna_begins_and_invites(terminal: Terminal) -> tuple[str, str]:
    terminal.types("/start")
    await terminal.presses("new")
    terminal.types(PLACE)
    terminal.types("tillbaka")
    terminal.types(PLACE)
    await terminal.presses("pick", "aswritten")
    # a wrong answer, then the right one
    terminal.types("V")
    terminal.types(QUESTION)
    await terminal.presses("pick", "yes")
    begun = await terminal.presses("yes")
    assert any(QUESTION in one.text for one in begun)
    # the text to send on, and the picture
    terminal.types("/invite")
    text, picture = await terminal.presses("forwhom", "0")
    assert QUESTION in text.text
    saved = re.search(r"saved as (\S+)", picture.text)
    assert saved is not None
    assert Path(saved[1]).read_bytes().startswith(b"\x89PNG")  # noqa: ASYNC240 (nothing else runs)
    return _found(r"/start (i-[\w-]+)", text.text), _found(r"/start (r-[\w-]+)", picture.text)


def two_rooms_are_linked(terminal: Terminal, for_groups: str) -> None:
    for name in ("Bo", "Cecilia", "Dag", "Eva"):
        terminal.becomes(name, LANGUAGES.get(name, ""))
    terminal.becomes("Anna")
    welcome = terminal.types(f":room Grannar /start {for_groups}")
    assert QUESTION in welcome[-1].text
    # and a topic of the sports club, where Cecilia adds the bot
    terminal.becomes("Cecilia")
    terminal.enters("Idrottsföreningen", "Vinter")
    terminal.becomes("Anna")
    terminal.enters("Idrottsföreningen", "Vinter")
    welcome = terminal.types("/med")
    assert welcome[-1].room == "Idrottsföreningen / Vinter"
    assert QUESTION in welcome[-1].text


def bo_joins_in_english(terminal: Terminal, invitation: str) -> None:
    terminal.becomes("Bo")
    welcome = terminal.types(f":link /start {invitation}")
    assert QUESTION in welcome[-1].text


async def ideas_become_cards(terminal: Terminal, invitation: str) -> None:
    # from Anna's plain words in private
    terminal.becomes("Anna")
    terminal.types(SLEDGE)
    await terminal.presses("talked")
    await terminal.presses("pick", "named")
    # from Bo in the group, after his yes in private
    terminal.becomes("Bo")
    terminal.enters("Grannar")
    terminal.types(f"/idea {BENCH}")
    assert not terminal.cards("Grannar", BENCH)
    terminal.types(":private")
    await terminal.presses("yes")
    # from a message of Cecilia's, with her yes
    terminal.becomes("Cecilia")
    terminal.types(f":link /start {invitation}")
    terminal.types("/privacy")
    await terminal.presses("yes")
    terminal.enters("Grannar")
    terminal.types(LATE_BUS)
    number = _found(rf"#(\d+) Cecilia: {LATE_BUS}", "\n".join(terminal.notes))
    terminal.becomes("Bo")
    terminal.enters("Grannar")
    terminal.types(f":reply {number} /idea")
    terminal.becomes("Cecilia")
    await terminal.presses("author_yes")
    # each is in each room, once
    for room in ("Grannar", "Idrottsföreningen / Vinter"):
        for words in (SLEDGE, BENCH, LATE_BUS):
            assert len(terminal.cards(room, words)) == 1, f"{words} in {room}"


def both_carry_an_idea(terminal: Terminal) -> None:
    # Eva has never spoken with the bot
    card = terminal.card("Grannar", SLEDGE)
    terminal.becomes("Eva")
    terminal.enters("Grannar")
    terminal.presses_on(card, "support")
    assert terminal.notes[-1].startswith("(only Eva sees: ")
    sleep(SECOND_TAP_AFTER.total_seconds() + 0.1)
    changed = terminal.presses_on(card, "support")
    assert {one.room for one in changed} == {"Grannar", "Idrottsföreningen / Vinter"}
    assert all(one.changed and "(1)" in one.text for one in changed)
    # Bo carries it in the other room
    terminal.becomes("Bo")
    terminal.enters("Idrottsföreningen", "Vinter")
    changed = terminal.presses_on(terminal.card("Idrottsföreningen / Vinter", SLEDGE), "support")
    assert all("(2)" in one.text for one in changed)


async def six_weigh_in_secret(terminal: Terminal, invitation: str) -> None:
    for count, (name, vote) in enumerate(VOTERS.items(), 1):
        terminal.becomes(name, LANGUAGES.get(name, ""))
        terminal.types(f":link /start {invitation}")
        terminal.types("/ideas 1")
        await terminal.presses("ballot")
        came = await terminal.presses(vote)
        if name in FIRST_DEED_IS_A_VOTE:
            came += await terminal.presses("yes")
        told = [line for one in came for line in one.words if any(_is_sums(line, locale) for locale in LOCALES)]
        known = render(sums(Sums(3, 1, 1)), LANGUAGES.get(name, "sv"))
        assert [known in line for line in told] == ([] if count < 5 else [True]), f"the {count}. voter reads {told}"
    # no card tells how
    for one in terminal.shown:
        if not one.room.endswith("← bot"):
            assert not any(_is_sums(line, locale) for line in one.words for locale in LOCALES)
    assert "6" in terminal.card("Grannar", SLEDGE).text


async def bo_takes_the_lead_and_anna_joins_in(terminal: Terminal) -> None:
    terminal.becomes("Bo")
    terminal.enters("Grannar")
    terminal.presses_on(terminal.card("Grannar", SLEDGE), "lead")
    link = _found(r":link /start (a[\w-]+)\)", terminal.notes[-1])
    terminal.types(f":link /start {link}")
    terminal.types("The children of Brännan")
    terminal.types("Somebody with a digger")
    await terminal.presses("back")
    terminal.types("Somebody with a digger, and cocoa")
    await terminal.presses("skip")
    formed = await terminal.presses("pick", "yes")
    cards = [one for one in formed if "cocoa" in one.text and one.labels]
    assert {one.room for one in cards} == {"Grannar", "Idrottsföreningen / Vinter", "Bo ← bot"}
    # Anna joins in from the group
    terminal.becomes("Anna")
    terminal.enters("Grannar")
    card = next(one for one in cards if one.room == "Grannar")
    changed = terminal.presses_on(card, "joingroup")
    assert "Bo" in terminal.notes[-1]
    assert {one.room for one in changed} == {"Grannar", "Idrottsföreningen / Vinter", "Bo ← bot"}
    assert all(re.search(r"\b2 (personer|people)\b", one.text) for one in changed)


def everybody_was_understood(terminal: Terminal) -> None:
    """Whatever was printed is in the language of whose room it is."""
    written = {QUESTION, SLEDGE, BENCH, LATE_BUS, PLACE, *VOTERS, "Eva", *terminal.typed}
    written |= {line for one in terminal.typed for line in (one.partition(" ")[2],)}
    for reader, line in own_lines(terminal.shown):
        language = LANGUAGES.get(reader, "sv")
        plain = re.sub(r" \((?:/start|:room).*\)$|^(?:picture: |saved as ).*", "", line)
        assert TONGUES.right(plain, language, written), f"to {reader}: {line}"


def _found(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    assert found is not None, f"no {pattern} in {text}"
    return found[1]


def _is_sums(line: str, locale: str) -> bool:
    sentence = re.escape(render(sums(Sums(7001, 7001, 7001)), locale))
    return re.search(re.sub("7001|21003", r"\\d+", sentence), line) is not None


# -- what people mistype ----------------------------------------------------------------------------------------


async def test_bad_input_in_a_terminal_ends_nothing(terminal: Terminal) -> None:
    """Nothing that is typed stops it, and each line for the bot is answered."""
    for line in (
        "/idea", "/vote", "/ideas 99999999999", "/join ABCDEF", "/start i-nothing", "/xyzzy", "/back", "/stop",
        "/new", "\x1b[31mröd\x07", "x" * 10_000, ":voice", ":sticker", ":photo", "tillbaka", "Härnösand", "V",
        "\u202eåäö\u0000", "/stop", "🌻" * 300, "<b>&amp;</b>", "%(name)s %d %%", "/idea " + "y" * 10_000,
        "-1", "0", "99999", "/language xx", "/privacy", "/hats", "/mod", "/report",
    ):  # fmt: skip
        came = terminal.types(line)
        assert came, f"{line[:40]!r} was not answered"
        assert all(len(one.text) < 5000 for one in came)
    # what only the console understands is answered by it
    for line in (":press 77.1", ":reply 99999 hej", ":edit 1", ":as", ":room", ":topic x", ":link !", ":nothing"):
        before = len(terminal.notes)
        terminal.types(line)
        assert len(terminal.notes) > before, f"{line!r} was not answered"
    assert terminal.quits() == 0
    assert "Traceback" not in terminal.errors()
    assert not any(render(Text("Something went wrong on my side"), "sv") in one.text for one in terminal.shown)


def test_the_end_of_the_pipe_is_the_end(terminal: Terminal) -> None:
    assert terminal.types("/start")
    assert terminal.process.stdin is not None
    terminal.process.stdin.close()
    assert terminal.process.wait(30) == 0
