"""The engine: going on, back, skipping, changing, refusing, and flows that change under people's feet."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.chat.content import Text
from bot.flows.answering import refuse
from bot.flows.engine import Done, Question, Run, resume
from bot.flows.parsers import choice, free_text, suggested
from bot.flows.questions import (
    Answer,
    Ask,
    Choose,
    Ctx,
    Flow,
    Input,
    Look,
    Meaning,
    Option,
    Refused,
    Retry,
    Summary,
    recorded,
)
from tests.flows.transcript import CTX, Play, play

YES = Option("yes", "Do it")
COLOURS = (Option("red", "Red"), Option("blue", "Blue"), Option("green", "Gréen"))


def text(name: str, *, optional: bool = False) -> Ask:
    return Ask(name=name, text=Text(f"{name}?"), parse=free_text(20), optional=optional, skipped="-")


def trip() -> Flow[dict[str, object]]:
    """Two that are asked, one that may be skipped, three that stand in the summary."""
    where = yield text("where")
    when = yield text("when")
    who = yield text("who", optional=True)
    why = yield Ask(name="why", text=Text("why?"), parse=free_text(20), default="", optional=True, skipped="")
    colour = yield Ask(
        name="colour", text=Text("colour?"), parse=choice({one.id: one.id for one in COLOURS}), options=COLOURS,
        awaits=False, default="red",
    )  # fmt: skip
    bring = yield Ask(
        name="bring", text=Text("bring?"), parse=suggested(COLOURS, free_text(10)), options=COLOURS, default=(),
        optional=True, skipped=(), most=2,
    )  # fmt: skip
    yield Summary(
        lines=((Text("Where"), where), (Text("Why"), why)),
        confirm=YES,
        changes=tuple(Option(name, name) for name in ("where", "when", "why", "colour", "bring")),
    )
    return {"where": where, "when": when, "who": who, "why": why, "colour": colour, "bring": bring}


def at_summary() -> Play:
    return play(trip, "Hjo", "now", "skip")


def test_only_what_is_needed_is_asked_and_the_rest_stands_in_the_summary() -> None:
    told = at_summary()
    assert told.asked == ["where", "when", "who", "confirm"]
    assert told.send("@yes").command == {
        "where": "Hjo", "when": "now", "who": "-", "why": "", "colour": "red", "bring": (),
    }  # fmt: skip


def test_the_same_answers_lead_to_the_same_place() -> None:
    told = at_summary()
    assert Play(trip, answers=told.answers).lines[-1] == told.lines[-1]


def test_back_leads_from_question_to_question_to_the_first() -> None:
    told = at_summary().send("back", "tillbaka", "back")
    assert told.asked[-3:] == ["who", "when", "where"]
    assert not told.question.can_back
    told.send("Back")
    assert "! This is the first question." in told.transcript
    assert told.answers == ()
    assert told.send("Kil", "later", "Ann").send("Do it").command["where"] == "Kil"  # type: ignore[index]


def test_back_forgets_one_answer_and_no_other() -> None:
    told = play(trip, "Hjo", "now").send("back")
    assert told.answers == (("where", "answer", "=Hjo"),)


def test_only_what_may_be_skipped_is_skipped() -> None:
    told = play(trip, "hoppa över")
    assert (told.asked, told.answers) == (["where", "where"], ())
    assert "! This question needs an answer." in told.transcript
    assert at_summary().answers[-1] == ("who", "skip", "")


@pytest.mark.parametrize("said", ["Nej.", "no thanks", "Hoppa över!"])
def test_a_no_to_what_may_be_skipped_skips_it_and_is_no_answer_elsewhere(said: str) -> None:
    assert play(trip, "Hjo", "now", said).answers[-1] == ("who", "skip", "")
    told = play(trip, said)
    assert (told.asked, told.answers) == (["where", "where"], ())
    assert "! This question needs an answer." in told.transcript


def test_a_no_more_to_what_several_were_chosen_of_keeps_them() -> None:
    told = at_summary().send("@bring", "red, blue", "no thanks", "@yes")
    assert told.command["bring"] == ("Red", "Blue")  # type: ignore[index]


def test_stop_is_told_and_changes_nothing() -> None:
    told = play(trip, "Hjo", "avbryt")
    assert told.stopped
    assert told.answers == (("where", "answer", "=Hjo"),)


def test_words_for_leading_inside_an_answer_are_just_words() -> None:
    assert play(trip, "the back of it").answers == (("where", "answer", "=the back of it"),)


def test_a_change_asks_one_question_and_comes_back() -> None:
    told = at_summary().send("@why", "because", "@where", "Kil")
    assert told.asked[3:] == ["confirm", "why", "confirm", "where", "confirm"]
    assert "Where: Kil\nWhy: because" in told.last
    assert [name for name, *_ in told.answers] == ["where", "when", "who", "why"]


def test_a_change_is_chosen_by_number_or_label_too() -> None:
    assert at_summary().send("4").question.name == "why"
    assert at_summary().send("Colour").question.name == "colour"


def test_back_from_a_change_keeps_the_earlier_answer() -> None:
    told = at_summary()
    before = told.answers
    assert told.send("@where").question.written == "Hjo"
    assert told.send("back").answers == before
    assert told.send("@why", "back").answers == before
    assert told.question.name == "confirm"


def test_back_at_the_summary_passes_over_what_stands_there() -> None:
    told = at_summary().send("@why", "because", "back")
    assert told.question.name == "who"
    assert told.send("Bo").last.startswith("Where: Hjo\nWhy: because")


def test_a_changed_question_may_be_skipped_to_empty_it() -> None:
    told = at_summary().send("@why", "because", "@why", "skip", "@yes")
    assert told.command["why"] == ""  # type: ignore[index]


def test_a_yes_falls_with_what_is_changed_after_it() -> None:
    told = at_summary().send("@yes")
    told.answers = refuse(told.answers, Refused("when", Text("Too late.")))
    assert told.question.name == "when"
    told.send("soon")
    assert told.question.name == "confirm"
    assert told.send("ja").command["when"] == "soon"  # type: ignore[index]


def test_what_was_refused_is_asked_again_also_where_a_default_stood() -> None:
    told = at_summary().send("@yes")
    told.answers = refuse(told.answers, Refused("colour", Text("Not red.")))
    assert told.question.name == "colour"
    assert told.send("2", "@yes").command["colour"] == "blue"  # type: ignore[index]


def test_a_refused_answer_can_be_walked_back_from() -> None:
    told = at_summary().send("@yes")
    told.answers = refuse(told.answers, Refused("when", Text("Too late.")))
    assert told.send("back").question.name == "where"


@pytest.mark.parametrize("typed", ["2", "Blue", "  bLUE ", "@blue"])
def test_an_option_is_chosen_by_number_label_or_button(typed: str) -> None:
    assert at_summary().send("@colour", typed, "@yes").command["colour"] == "blue"  # type: ignore[index]


def test_a_label_is_found_without_its_accents() -> None:
    assert at_summary().send("@colour", "green", "@yes").command["colour"] == "green"  # type: ignore[index]


@pytest.mark.parametrize("typed", ["7", "0", "purple", "@purple", "", "@done"])
def test_a_wrong_choice_keeps_the_question_and_loses_nothing(typed: str) -> None:
    told = at_summary().send("@colour")
    before = told.answers
    told.send(typed)
    assert told.answers == before
    assert told.question.name == "colour"
    assert told.last.startswith("! ")


def test_a_button_of_an_earlier_question_does_nothing() -> None:
    told = at_summary()
    before = told.answers
    told.send("@blue")
    assert told.answers == before
    assert "That choice belonged to another question." in told.last


# -- several answers ------------------------------------------------------------------------------------------


def test_several_are_chosen_taken_back_and_done() -> None:
    told = at_summary().send("@bring", "@red", "@blue", "@red", "Klar")
    assert told.send("@yes").command["bring"] == ("Blue",)  # type: ignore[index]


@pytest.mark.parametrize("typed", ["1 3", "1, 3", "red, gréen", "red\n3", "Red; green"])
def test_several_are_typed_at_once(typed: str) -> None:
    assert at_summary().send("@bring", typed, "@done", "@yes").command["bring"] == ("Red", "Gréen")  # type: ignore[index]


def test_own_words_stand_beside_the_options() -> None:
    told = at_summary().send("@bring", "fika, 2")
    assert told.question.own == ("fika",)
    assert "2* Blue" in told.last
    assert told.send("@done", "@yes").command["bring"] == ("fika", "Blue")  # type: ignore[index]


def test_too_many_are_told_and_the_first_stay() -> None:
    told = at_summary().send("@bring", "1 2 3")
    assert "At most 2 fit." in told.last
    assert [item.choice for item in told.question.chosen] == ["red", "blue"]


def test_a_wrong_one_among_several_loses_none_of_the_others() -> None:
    told = at_summary().send("@bring", "red, something far too long")
    assert told.last.startswith("! That is 22 characters; at most 10 fit.")
    assert [item.choice for item in told.question.chosen] == ["red"]


def test_none_of_several_skips() -> None:
    told = at_summary().send("@bring", "@red", "@red", "@done", "@yes")
    assert told.command["bring"] == ()  # type: ignore[index]


def test_what_was_chosen_is_there_when_it_is_changed_again() -> None:
    told = at_summary().send("@bring", "1 2", "@done", "@bring")
    assert [item.choice for item in told.question.chosen] == ["red", "blue"]
    assert told.send("@blue", "back", "@yes").command["bring"] == ("Red", "Blue")  # type: ignore[index]


# -- ambiguous, given beforehand, read from outside -----------------------------------------------------------


def town(sent: Input, _: Ctx) -> Meaning:
    if sent.choice == "asis":
        return Answer(sent.text, sent)
    if sent.choice in {"n", "s"}:
        return Answer(f"Lund-{sent.choice}", Input(choice=sent.choice))
    if sent.text == "Lund":
        return Choose(Text("Which Lund?"), (Option("n", "North"), Option("s", "South"), Option("asis", "As written")))
    return Answer(sent.text, sent) if sent.text.istitle() else Retry(Text("A capital, please."))


def journey(given: str = "") -> Flow[tuple[str, str]]:
    place = yield Ask(name="town", text=Text("town?"), parse=town, given=given)
    day = yield text("day")
    return place, day


def test_an_ambiguous_answer_is_offered_as_a_choice_also_after_a_restart() -> None:
    told = play(journey, "Lund")
    assert told.last == "! Which Lund?\ntown?\n1. North\n2. South\n3. As written"
    again = Play(journey, answers=told.answers)
    assert again.transcript == told.last
    assert again.send("south", "Monday").command == ("Lund-s", "Monday")


def test_an_option_may_stand_for_the_words_as_written() -> None:
    assert play(journey, "Lund", "@asis", "Monday").command == ("Lund", "Monday")


def test_an_ambiguous_answer_can_be_written_again_or_taken_back() -> None:
    assert play(journey, "Lund", "Hjo", "Monday").command == ("Hjo", "Monday")
    told = play(journey, "Lund", "lund", "back")
    assert (told.answers, told.question.options, told.question.can_back) == ((), (), False)


def test_what_was_written_before_counts_if_it_parses() -> None:
    assert Play(lambda: journey("Hjo")).asked == ["day"]
    assert Play(lambda: journey("hjo")).transcript == "! A capital, please.\ntown?"
    assert Play(lambda: journey("Lund")).send("1", "Monday").command == ("Lund-n", "Monday")


def test_back_at_the_first_question_with_words_given_before_leads_nowhere() -> None:
    for given in ("Hjo", "hjo", "Lund"):
        told = Play(lambda given=given: journey(given))  # type: ignore[misc]
        assert not told.question.can_back
        told.send("back")
        assert told.answers == ()


def looking() -> Flow[object]:
    name = yield text("name")
    found = yield Look("names", name)
    alike = yield Ask(
        name="alike", text=Text("alike?"), parse=choice({one: one for one in found}),
        options=tuple(Option(one, one) for one in found),
    )  # fmt: skip
    return alike


def test_a_look_is_read_afresh_and_a_choice_that_is_gone_is_asked_for_again() -> None:
    told = play(looking, "Bo", "@bob", found=("bo", "bob"))
    assert told.command == "bob"
    told.found = ("bo",)
    assert told.question.name == "alike"


async def test_a_driver_resolves_the_looks() -> None:
    queries = []

    async def look(query: object) -> object:
        queries.append(query)
        return ("bo", "bob")

    outcome = await resume(looking, (("name", "answer", "=Bo"), ("alike", "answer", "#bob=")), CTX, look)
    assert outcome == Done("bob")
    assert queries == ["Bo"]


# -- flows change while people are in them --------------------------------------------------------------------


def version(*names: str) -> Callable[[], Flow[dict[str, str]]]:
    def flow() -> Flow[dict[str, str]]:
        answers = {}
        for name in names:
            answers[name] = yield text(name)
        yield Summary(lines=(), confirm=YES)
        return answers

    return flow


def test_questions_may_be_added_dropped_and_reordered() -> None:
    told = play(version("a", "b", "c"), "1", "2")
    told.make = version("c", "b", "new", "a")
    assert told.question.name == "c"
    assert told.send("3").question.name == "new"
    assert told.send("4", "@yes").command == {"c": "3", "b": "2", "new": "4", "a": "1"}
    told.make = version("a")
    assert told.command == {"a": "1"}


def test_a_yes_to_an_older_summary_is_no_yes_to_the_new_one() -> None:
    told = play(version("a"), "1", "@yes")
    told.make = version("a", "b")
    assert told.send("2").question.name == "confirm"


def test_back_leads_only_to_questions_that_are_still_asked() -> None:
    told = play(version("a", "b", "c"), "1", "2")
    told.make = version("a", "c")
    assert told.send("back").question.name == "a"


def test_a_recorded_answer_that_no_longer_parses_is_asked_for_again() -> None:
    for record in ("=a text of more than twenty characters", "#gone=", "", "nonsense"):
        told = Play(trip, answers=(("where", "answer", record), ("when", "answer", "=now")))
        assert told.asked == ["where"]
        assert told.send("Hjo").question.name == "who"


def test_a_skip_that_is_no_longer_allowed_is_asked_for() -> None:
    assert Play(trip, answers=(("where", "skip", ""),)).asked == ["where"]


def test_a_question_asked_twice_is_a_mistake_of_the_flow() -> None:
    with pytest.raises(ValueError, match="asked twice"):
        Run(version("a", "a"), (("a", "answer", "=1"),), CTX).step()


def test_an_answer_voids_what_hung_on_it() -> None:
    def flow() -> Flow[object]:
        first = yield Ask(name="a", text=Text("a?"), parse=free_text(9), voids=("b",))
        second = yield Ask(name="b", text=Text("b?"), parse=free_text(9), changes=(Option("a", "Change a"),))
        third = yield Ask(name="c", text=Text("c?"), parse=free_text(9), changes=(Option("a", "Change a"),))
        return first, second, third

    told = play(flow, "1", "2", "@a")
    assert told.send("back").question.name == "c"
    assert told.send("@a", "new").question.name == "b"


# -- small things ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given", [Input("words"), Input("a=b\n#c=d"), Input(choice="x"), Input("Hög=sby #1", "asis"), Input()]
)
def test_a_record_is_read_as_it_was_written(given: Input) -> None:
    assert recorded(given.record) == given


@pytest.mark.parametrize("name", ["", "sju sköna", "thirteenchars", "a=b", "back", "skip", "stop", "done"])
def test_an_options_id_is_short_ascii_and_its_own(name: str) -> None:
    with pytest.raises(ValueError, match="no id"):
        Option(name, "label")


@pytest.mark.parametrize("kind", ["photo", "voice", "sticker", "file", "other"])
def test_what_has_no_words_is_asked_for_words(kind: str) -> None:
    told = play(trip, Input(kind=kind))  # type: ignore[arg-type]
    assert "! Write a few words and I'll understand." in told.last
    assert told.answers == ()


def test_a_photo_with_a_line_of_text_counts_as_words() -> None:
    assert play(trip, Input("Hjo", kind="photo")).question.name == "when"


def test_the_question_says_what_can_be_done() -> None:
    told = Play(trip)
    assert isinstance(told.question, Question)
    assert (told.question.awaits, told.question.can_skip, told.question.multiple) == (True, False, False)
    assert at_summary().send("@colour").question.awaits is False
    assert at_summary().send("@bring").question.multiple
