"""Every command on Matrix as somebody types it there: in private and in a group, in Swedish and in English.

A row is where it is written (`-` in private, `#` in the group), what is written, and words of the answer, which always
comes in private. `*` restarts the bot. Rooms are encrypted; all that is said in private is in the person's language.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.peers.synapse import Synapse
from tests.story.tongues import TONGUES
from tests.story.village import Heard, Village
from tests.story.village import village as founded

pytestmark = [pytest.mark.xdist_group("synapse"), pytest.mark.timeout(600)]


SWEDISH = """
- hej | Starta ett samtal
- !nytt | Vilken kommun
- Hernösand | Vilken menar du?
- tillbaka | Vilken kommun
- stopp | Avbrutet: Starta ett samtal
- !nytt | Vilken kommun
- Härnösand | Vad vill du fråga alla i Härnösand?
- V | Det var väldigt kort
*
- !tillbaka | Vilken kommun
- Härnösand | Vad vill du fråga
- Vad gör vi i vinter? | Ska det vara så här?
- 4 | Varför
- !hoppa | Ska det vara så här?
- 99 | Välj ett av de här svaren
- 1 | säger du ja
- Nej | Inget sparades
- !nytt | Vilken kommun
- Härnösand | Vad vill du fråga
- Vad gör vi i vinter? | Ska det vara så här?
- ja | säger du ja
- 1 | Ditt samtal om Härnösand har börjat
# !idé En kälkbacke | -
# !idé | Vad är din idé?
- En isbana | -
# !rösta | idéer kvar att väga
- 1 | Du håller med
- 3 | Du avstod
- !rösta | vägt alla
# !idéer | Nyaste
- 1 | Här är idé
- !idéer 1 | En kälkbacke
- 1 | Du bär idé 1
- mer | Mer om idé 1
- !idéer 77 | Det finns ingen idé 77
# !inbjudan | -
- !inbjudan | Vem vill du bjuda in?
- 1 | Matrix: https://matrix.to/#/
- 5 | Det finns inget val 5
# !grupper | ingen stödgrupp än
- 1 | Vad vill du göra tillsammans
- stopp | Avbrutet: Ta ledningen
- !led Bygga backen | Vem eller vad vill du stödja?
*
- hoppa | Vad behöver du av andra?
- !stopp | Avbrutet: Ta ledningen
- !stopp | Inget är halvgjort just nu
- !med ABCDEF | Koden leder inte till något samtal
- !hattar | Vilka hattar
- 1 | Dina hattar: invånare
# !hattar | Dina hattar: invånare
- !integritet | Vad som sparas och varför
# !minadata | allt jag har sparat om dig
- !glöm | Ska jag radera dig?
- 3 | Inget har raderats
# !anmäl 2 | Det är ditt eget
- avbryt | Ska jag ge det här som en idé?
- !mod | Inget väntar
# !hjälp | I det här rummet samtalar vi
- 1 | Nyaste
- !hjälp | Vi samtalar om Härnösand
- !börja | Vi samtalar om Härnösand
- !hjälpp | Menade du !hjalp?
- !skörd | Skörden hittills
- !språk | Vilket språk
"""

ENGLISH = """
- hello | Begin a conversation
- !new | Which municipality
- Hernösand | Which one do you mean?
- back | Which municipality
- stop | Stopped: Begin a conversation
- !new | Which municipality
- Härnösand | What do you want to ask everyone in Härnösand?
- W | very short
*
- !back | Which municipality
- Härnösand | What do you want to ask
- What do we do this winter? | Is this how you want it?
- 4 | Why
- !skip | Is this how you want it?
- 99 | Please choose one of these
- 1 | Are you 13 or over
- No | Nothing was kept
- !new | Which municipality
- Härnösand | What do you want to ask
- What do we do this winter? | Is this how you want it?
- yes | Are you 13 or over
- 1 | Your conversation about Härnösand has begun
# !idea A sledge run | -
# !idea | What is your idea?
- An ice rink | -
# !vote | ideas left to weigh
- 1 | You agree
- 3 | You passed
- !vote | You have weighed all ideas
# !ideas | Newest
- 1 | Here is idea
- !ideas 1 | A sledge run
- 1 | You carry idea 1
- more | More about idea 1
- !ideas 77 | There is no idea 77
# !invite | -
- !invite | Whom
- 1 | Matrix: https://matrix.to/#/
- 5 | There is no choice 5
# !groups | There is no helper group yet
- 1 | What do you want to do
- stop | Stopped: Take the lead
- !lead Build the run | support?
*
- skip | What do you need from others?
- !stop | Stopped: Take the lead
- !stop | Nothing is half done just now
- !join ABCDEF | This code opens no conversation
- !hats | Which hats
- 1 | You wear: resident
# !hats | You wear: resident
- !privacy | What is kept, and why
# !mydata | all that I keep of you
- !forget | Erase you?
- 3 | Nothing was erased
# !report 2 | That is your own
- stop | Nothing is half done just now
- !mod | Nothing is waiting
# !help | This room talks about Härnösand
- 1 | Newest
- !help | We talk about Härnösand
- !start | We talk about Härnösand
- !hellp | Did you mean !help?
- !harvest | The harvest so far
- !quiet | once a day at most
- !listen | I am a computer. I ask
- The ice | Would you like to tell a little more
- stop | Nothing of what you said is kept
- !language | Which language
"""


@pytest.fixture
async def village(synapse: Synapse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Village]:
    async with founded(synapse, tmp_path, monkeypatch) as made:
        yield made


@pytest.mark.parametrize(("language", "table"), [("sv", SWEDISH), ("en", ENGLISH)])
async def test_every_command_is_answered_as_the_table_says(village: Village, language: str, table: str) -> None:
    one = await village.neighbour("Alva")
    group, written, wrong = "", {"Härnösand", "Byn", "Alva"}, []
    for row in table.strip().split("\n"):
        if row == "*":
            await village.begins_again()
            continue
        words, _, wanted = row[2:].partition(" | ")
        if row[0] == "#" and not group:
            group = await village.group("Byn", one)
        before = {heard.id: heard.body for heard in one.hears()}
        written |= {words, words.partition(" ")[2]}
        await one.writes(words, group if row[0] == "#" else "")
        answers = [heard for heard in one.hears() if before.get(heard.id) != heard.body]
        told = "\n".join(heard.body for heard in answers)
        if not (wanted in told or (wanted, told) == ("-", "")):
            wrong.append(f"{row}\n{told or 'nothing was said'}")
        strange = [line for heard in answers for line in lines(heard) if not _is_in(language, line, written)]
        wrong += [f"{row}\n{line}: in which language?" for line in strange]
    assert not wrong, "\n\n".join(wrong)
    # what the group saw: two greetings, three cards, an invitation; nothing of what was answered in private
    titles = [heard.body.partition("\n")[0] for heard in one.hears(group)]
    assert len(titles) == 4, titles


def lines(heard: Heard) -> list[str]:
    """Give the lines of a message that are the bot's own words."""
    return [
        line for line in heard.body.split("\n") if line and not line.startswith(("“", "”")) and "!start" not in line
    ]


def _is_in(language: str, line: str, written: set[str]) -> bool:
    """Whether a line is of this language's catalog, with its number or letter or without, its commands as in there."""
    said = re.sub(r"(?<!\w)!(?=\w)", "/", line)
    bare = re.sub(r"^(\d+|[A-Z])\. (#\d+ )?", "", said)
    return any(TONGUES.right(words, language, written) for words in (said, bare))
