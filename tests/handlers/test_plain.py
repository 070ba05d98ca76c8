"""Plain talk: nobody has to know a command, press a button, or be in a good mood."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.chat.events import MessageKind
from bot.chat.port import Manner
from bot.domain.ideas import MAX_IDEA, Vote
from bot.handlers.tables import COMMANDS
from bot.store.records import Dialogue
from tests.handlers.deeds import (
    as_it_stands,
    count,
    current,
    end_conversation,
    ideas_of,
    mentions,
    press_old,
    sends,
)
from tests.handlers.world import World

SHALL_I = "Shall I give this as an idea?"
BEGINNING = "This could be the beginning of something. What shall I do with it?"
NO_WORDS = "Write a few words and I'll understand."


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = await World.begin(tmp_path)
    yield made
    await made.end()


# -- what words may mean -------------------------------------------------------------------------------------------


async def test_words_become_an_idea_with_a_yes(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    [asked] = await world.message(anna, anna.room, "A bench by the lake")
    assert asked.text == f"A bench by the lake\n{SHALL_I}\nWhat do we want Nora to be like?"
    await world.message(anna, anna.room, "Yes!")
    await world.message(anna, anna.room, "no")
    [idea] = await ideas_of(world, conversation)
    assert (idea.text, idea.named) == ("A bench by the lake", False)


@pytest.mark.parametrize("words", ["What is this?", "hi, how does this work?", "Vad är det här??", "vem är du"])
async def test_who_asks_what_this_is_hears_how_it_works(world: World, words: str) -> None:
    anna = await world.person("Anna")
    [answer] = await world.message(anna, anna.room, words)
    assert answer.text.startswith("How it works\n1. Somebody asks a question")


@pytest.mark.parametrize("words", ["help", "Hjälp!"])
async def test_help_is_no_answer_to_a_question(world: World, words: str) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    await world.command(anna, anna.room, "idea")
    helped, reminded = await world.message(anna, anna.room, words)
    assert helped.text.startswith("We talk about Nora:")
    assert reminded.text == "Something of yours is still open."


@pytest.mark.parametrize("words", ["no", "No.", "nej tack!", "nothing, thank you", "5"])
async def test_words_become_nothing_with_a_no(world: World, words: str) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    await world.message(anna, anna.room, "Just thinking aloud")
    [answer] = await world.message(anna, anna.room, words)
    assert answer.text == "Good. I have kept nothing of it."
    async with world.work() as uow:
        assert await uow.select(Dialogue, lambda query: query) == []


async def test_without_a_conversation_words_may_become_its_question(world: World) -> None:
    anna = await world.person("Anna")
    for way in ("What do we do with the old school?", "/idea What do we do with the old school?"):
        [asked] = await (world.command if way.startswith("/") else world.message)(anna, anna.room, way)
        assert asked.text == f"What do we do with the old school?\n{BEGINNING}"
    await world.press(anna, anna.room, "Begin a conversation with it")
    await world.message(anna, anna.room, "Nora")
    [begun] = await world.message(anna, anna.room, "yes")
    assert "What do we do with the old school?" in begun.text


async def test_an_older_question_about_words_does_not_take_the_newer_ones(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    [first] = await world.message(anna, anna.room, "A bench")
    first = as_it_stands(first)
    await world.message(anna, anna.room, "A boat")
    await press_old(world, anna, anna.room, first, "Yes, as an idea")
    shown = next(said for said in world.said(anna.room) if "under your name" in said.text)
    assert shown.text.startswith("A boat"), "it asks before it gives, and shows which"
    await press_old(world, anna, anna.room, first, "Yes, as an idea")
    assert await ideas_of(world, conversation) == []


@pytest.mark.parametrize(
    "words",
    ["I hate this council", "NOBODY EVER LISTENS TO US", "So typical!!!", "The damn bus", "Fan vad trött jag är"],
)
async def test_anger_is_heard_and_never_refused(world: World, words: str) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    [asked] = await world.message(anna, anna.room, words)
    assert asked.text.startswith(f"{words}\nWhat would you rather see? What do you dare begin?\n{SHALL_I}")


@pytest.mark.parametrize("words", ["A fantastic bench", "NORA", "What a day!", "Skating on the lake"])
async def test_joy_is_not_taken_for_anger(world: World, words: str) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    [asked] = await world.message(anna, anna.room, words)
    assert "What would you rather see?" not in asked.text


async def test_when_the_conversation_has_ended_words_may_begin_another(world: World) -> None:
    anna = await world.person("Anna")
    await end_conversation(world, await world.conversation(anna))
    [asked] = await world.message(anna, anna.room, "And what about winter?")
    assert BEGINNING in asked.text


# -- words for buttons and commands ------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["2", "weigh the ideas", "Weigh the ideas.", "WEIGH  THE IDEAS"])
async def test_a_number_or_the_label_stands_for_a_button(world: World, words: str) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    await world.idea(conversation, anna, "A bench")
    await world.command(anna, anna.room, "/help")
    [ballot] = await world.message(anna, anna.room, words)
    assert "1 idea left to weigh." in ballot.text


@pytest.mark.parametrize(
    ("words", "vote"),
    [
        ("Agree", 1),
        ("yes!", 1),
        ("👍🏽", 1),
        ("nej", -1),
        ("👎", -1),
        ("pass", 0),
        ("🤷\ufe0f", 0),
        ("3", 0),
        ("ok", None),
    ],
)
async def test_a_word_a_sign_or_a_number_weighs_the_idea_that_is_asked_about(
    world: World, words: str, vote: int | None
) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    await world.idea(conversation, anna, "A bench")
    await world.command(anna, anna.room, "/vote")
    await world.message(anna, anna.room, words)
    async with world.work() as uow:
        votes = await uow.select(Vote, lambda query: query)
    assert [one.value for one in votes] == ([] if vote is None else [vote])


@pytest.mark.parametrize(
    ("manner", "words", "answers"),
    [
        (Manner(), "3", "Idea 3"),
        (Manner(), "#1", "Idea 1"),
        (Manner(), "5", "There is no choice 5 now."),
        (Manner(numbers=True), "3", "Idea 1"),
        (Manner(numbers=True), "#3", "Idea 3"),
    ],
)
async def test_a_number_is_the_one_that_is_seen(world: World, manner: Manner, words: str, answers: str) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    for text in ("A bench", "A bakery", "A choir"):
        await world.idea(conversation, anna, text)
    world.network.manner = manner
    await world.command(anna, anna.room, "/ideas")
    [answer] = await world.message(anna, anna.room, words)
    assert answer.text.startswith(answers)


async def test_a_number_beyond_the_buttons_is_no_idea(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    await world.command(anna, anna.room, "/help")
    for number in ("0", "12", "99999999999999999999"):
        [answer] = await world.message(anna, anna.room, number)
        assert answer.text == f"There is no choice {number[:6]} now. Write a few words, or /help."


@pytest.mark.parametrize("name", sorted({*COMMANDS} | {command.swedish for command in COMMANDS.values()}))
async def test_in_private_a_commands_word_is_the_command(world: World, name: str) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    typed = [said.text for said in await world.command(anna, anna.room, f"/{name}")]
    await world.command(anna, anna.room, "/stop")
    said = [said.text for said in await world.message(anna, anna.room, name.capitalize())]
    assert said == typed
    assert not any(SHALL_I in text for text in said)


@pytest.mark.parametrize("name", ["hjälp", "idé", "Rösta", "IDÉER", "språk", "anmäl", "glöm"])
async def test_accents_matter_neither_way(world: World, name: str) -> None:
    anna = await world.person("Anna", locale="sv")
    await world.conversation(anna)
    for said in await world.message(anna, anna.room, name):
        assert "Ska jag ge det här som en idé?" not in said.text


async def test_a_plain_word_may_bring_a_number_or_a_code(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    conversation = await world.conversation(anna)
    await world.idea(conversation, anna, "A bench")
    [card] = await world.message(anna, anna.room, "ideas 1")
    assert card.text.startswith("Idea 1\nA bench")
    await world.command(anna, anna.room, "/invite for Bo")
    code = next(word.partition("start=i-")[2] for said in world.said(anna.room) for word in said.text.split()
                if "start=i-" in word)  # fmt: skip
    [welcome] = await world.message(bo, bo.room, f"join {code}")
    assert welcome.text.startswith("Welcome to a conversation about Nora")
    assert await current(world, bo) == conversation


@pytest.mark.parametrize(
    "words",
    ["help the library", "ideas for the school", "join forces with Kumla", "new lamps", "led lamps 3", "stop it"],
)
async def test_a_sentence_is_no_command(world: World, words: str) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    assert SHALL_I in (await world.message(anna, anna.room, words))[0].text


@pytest.mark.parametrize("words", ["Hej!", "hello", "God morgon", "tjena :)", "Hallå"])
async def test_a_greeting_gets_a_greeting(world: World, words: str) -> None:
    anna = await world.person("Anna")
    assert (await world.message(anna, anna.room, words))[0].labels[0] == "Begin a conversation"
    await world.conversation(anna)
    [here] = await world.message(anna, anna.room, words)
    assert here.text.startswith("We talk about Nora:")
    assert here.labels[-1] == "Host", "a host is greeted as one"


@pytest.mark.parametrize("words", ["Thanks", "tack!", "Tack så mycket", "ok", "Okej.", "thank you"])
async def test_thanks_are_thanks(world: World, words: str) -> None:
    anna = await world.person("Anna")
    [answer] = await world.message(anna, anna.room, words)
    assert answer.text.startswith("Gladly.")
    assert await count(world, "dialogue") == 0


@pytest.mark.parametrize(
    ("locale", "words", "answer"),
    [("sv", "english", "From now on I speak English"), ("en", "Svenska", "Från och med nu talar jag svenska"),
     ("sv", "engelska", "From now on I speak English"), ("en", "Swedish", "Från och med nu talar jag svenska")],
)  # fmt: skip
async def test_a_languages_name_is_a_wish_for_it(world: World, locale: str, words: str, answer: str) -> None:
    anna = await world.person("Anna", locale=locale)
    assert (await world.message(anna, anna.room, words))[0].text.startswith(answer)


# -- what is no words ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["voice", "sticker", "photo", "file", "other"])
async def test_without_words_a_few_are_asked_for(world: World, kind: MessageKind) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    assert [said.text for said in await sends(world, anna, anna.room, kind)] == [NO_WORDS]


@pytest.mark.parametrize("words", ["👍", "???", "…", "🤷‍♀️ 🙈"])
async def test_signs_are_no_words(world: World, words: str) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    assert [said.text for said in await world.message(anna, anna.room, words)] == [NO_WORDS]


async def test_a_photo_with_a_line_may_be_an_idea(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    [asked] = await sends(world, anna, anna.room, "photo", "The wall we could paint")
    assert asked.text.startswith(f"The wall we could paint\n{SHALL_I}")


async def test_too_many_words_are_told_so(world: World) -> None:
    anna = await world.person("Anna")
    await world.conversation(anna)
    [answer] = await world.message(anna, anna.room, "word " * MAX_IDEA)
    assert answer.text == "That is long. An idea has at most 4000 characters. Please make it shorter."


async def test_long_words_are_shown_in_part_and_given_whole(world: World) -> None:
    anna = await world.person("Anna")
    conversation = await world.conversation(anna)
    words = "A long thought. " * 200
    [asked] = await world.message(anna, anna.room, words)
    assert len(asked.text) < 400
    await world.message(anna, anna.room, "yes")
    await world.message(anna, anna.room, "yes")
    assert (await ideas_of(world, conversation))[0].text == words.strip()


# -- in a group ------------------------------------------------------------------------------------------------------


async def test_talk_in_a_group_is_the_groups_own(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    garden = await world.group("Garden", await world.conversation(anna, bo))
    loose = await world.group("Loose")
    for place in (garden, loose):
        for words in ("hello", "1", "idea", "yes", "I HATE THIS BUS!!!", "thanks"):
            assert await world.message(bo, place, words) == []
        assert await sends(world, bo, place, "sticker") == []
    assert await count(world, "idea", "dialogue", "waiting") == 0


async def test_whoever_mentions_the_bot_is_told_what_can_be_done_here(world: World) -> None:
    anna, bo = await world.person("Anna"), await world.person("Bo")
    garden = await world.group("Garden", await world.conversation(anna, bo))
    [told] = await mentions(world, bo, garden, "@byalag what can you do?")
    assert told.message.only_for == "bo"
    assert told.labels == ["Look at the ideas", "Weigh in private", "Helper groups", "More"]
    [told] = await mentions(world, bo, await world.group("Loose"), "@byalag hello")
    assert told.labels == ["Begin a conversation", "Link it to mine"]


async def test_words_of_danger_are_not_taken_for_an_idea(world: World) -> None:
    bo = await world.person("Bo")
    for _ in range(2):  # Without a conversation, and with one.
        [asked] = await world.message(bo, bo.room, "I do not want to live any more")
        assert "112" in asked.text
        assert asked.text.split("\n")[2] == "What is it to be?"
        assert asked.labels[0] == "Be listened to"
        await world.conversation(bo)
