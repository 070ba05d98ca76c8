"""What people send to an open question, made into new answers. Nothing here loses an earlier answer unasked.

`receive` takes whatever was sent; `change` and `refuse` open a question again. All give new `Answers`: run the flow
with them, and it shows where the person is. Stopping makes no answers: whoever keeps them drops them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.chat.content import Text, place_of
from bot.flows.engine import CONFIRMED, Answers, Question
from bot.flows.parsers import NEEDED
from bot.flows.questions import BACK, DONE, SKIP, STOP, Answer, Ask, Choose, Ctx, Input, Option, Refused, Retry, Summary
from bot.flows.words import clean, fold, is_done, is_no, is_yes, one_line, word_of

_PIECES = re.compile(r"[,;\n]")
_MOST_PIECES = 50
_NUMBERS = re.compile(r"\d{1,3}(\s+\d{1,3})+")


@dataclass(frozen=True, slots=True)
class Received:
    """The new answers, a line to show before the question that is open now, and whether the person wants no more."""

    answers: Answers
    notice: Text | None = None
    stopped: bool = False


def receive(question: Question, sent: Input, answers: Answers, ctx: Ctx) -> Received:
    """Read what was sent to the open question.

    It is an option's id (of `question.options`, or `BACK`, `SKIP`, `STOP`, `DONE`), its number or label, or words.
    """
    text = clean(sent.text)
    if not text and not sent.choice:
        return Received(answers, _nothing(question, sent))
    choice = sent.choice or word_of(text) or _matching(text, question.options, ctx, letters=question.numbers)
    if not choice and question.awaits and is_no(text):
        choice = DONE if question.chosen else SKIP
    if choice in _LEADING:
        return _LEADING[choice](question, answers)
    ask = question.ask
    known = {"", *(option.id for option in question.options), DONE if question.multiple else ""}
    if choice not in known:
        return Received(answers, Text("That choice belonged to another question."))
    if any(option.id == choice for option in ask.changes):
        return Received(change(answers, choice))
    if isinstance(ask, Summary):
        if choice == ask.confirm.id or (not choice and is_yes(text)):
            return Received((*_without_begun(answers), (ask.name, "answer", CONFIRMED)))
        return Received(answers, Text("Please choose one of these."))
    if ask.most:
        return _several(question, ask, Input(choice=choice) if choice else Input(text), answers, ctx)
    # An option may say what to make of the words that were written before.
    return _one(ask, Input(question.written, choice) if choice else _typed(question, ask, text, ctx), answers, ctx)


def back(question: Question, answers: Answers) -> Received:
    """Close a question that was opened again; otherwise forget the answer before, so that it is asked for again."""
    if question.can_close:
        return Received(_without_begun(answers))
    if question.trail:
        return Received(_forget(_without_begun(answers), question.trail[-1]))
    return Received(answers, Text("This is the first question."))


def skip(question: Question, answers: Answers) -> Received:
    """Record that the question gets no answer, if it may."""
    if not question.can_skip:
        return Received(answers, NEEDED)
    return Received(_settle(question.ask, "skip", "", answers))


def stop(_: Question, answers: Answers) -> Received:
    """Say that the person wants no more; the answers are as they were."""
    return Received(answers, stopped=True)


def change(answers: Answers, name: str) -> Answers:
    """Open a question again. Its earlier answer stands until there is a new one."""
    kept = _without_begun(answers)
    present = next((value for asked, kind, value in kept if asked == name and kind == "answer"), "")
    return (*kept, (name, "change", present))


def refuse(answers: Answers, refused: Refused) -> Answers:
    """Forget the answer that the domain refused, and ask for it again."""
    return (*_forget(_without_begun(answers), refused.question), (refused.question, "change", ""))


_LEADING: Mapping[str, Callable[[Question, Answers], Received]] = {BACK: back, SKIP: skip, STOP: stop}


def _typed(question: Question, ask: Ask, text: str, ctx: Ctx) -> Input:
    """Take words as all of an answer, or as the rest of one that was asked about."""
    alone, together = Input(text), Input(f"{question.written} {text}")
    if not (ask.adds and question.written) or isinstance(ask.parse(alone, ctx), Answer):
        return alone
    meant = ask.parse(together, ctx)
    return together if isinstance(meant, Answer) or (text.isdecimal() and isinstance(meant, Choose)) else alone


def _one(ask: Ask, sent: Input, answers: Answers, ctx: Ctx) -> Received:
    match ask.parse(sent, ctx):
        case Answer(given=given):
            return Received(_settle(ask, "answer", given.record, answers))
        case Choose():  # Kept as a draft: the flow shows the choices, also after a restart.
            return Received((*_without_begun(answers), (ask.name, "change", sent.record)))
        case Retry(text=text):
            return Received(answers, text)


def _several(question: Question, ask: Ask, sent: Input, answers: Answers, ctx: Ctx) -> Received:
    """Choose, take back, or add own words; `DONE` settles."""
    if sent.choice == DONE or (not sent.choice and is_done(sent.text)):
        if question.chosen or ask.optional:
            record = "\n".join(item.record for item in question.chosen)
            return Received(_settle(ask, "answer", record, answers))
        return Received(answers, Text("Choose at least one."))
    chosen = [item.record for item in question.chosen]
    notice: Text | None = None
    pieces = [sent] if sent.choice else _pieces(sent.text, question.options, ctx)
    for piece in pieces:
        parsed = ask.parse(piece, ctx)
        if not isinstance(parsed, Answer):
            notice = parsed.text
            continue
        record = parsed.given.record
        same = [item for item in chosen if fold(item) == fold(record)]
        if same and len(pieces) == 1:
            chosen.remove(same[0])
        elif not same and len(chosen) >= ask.most:
            notice = Text("At most %(most)d fit. Choose one of them again to take it away.", {"most": ask.most})
        elif not same:
            chosen.append(record)
    return Received((*_without_begun(answers), (ask.name, "change", "\n".join(chosen))), notice)


def _pieces(text: str, options: tuple[Option, ...], ctx: Ctx) -> list[Input]:
    parts = text.split() if _NUMBERS.fullmatch(text) else _PIECES.split(text)
    words = [one_line(part) for part in parts[:_MOST_PIECES] if part.strip()]
    found = [(word, _matching(word, options, ctx)) for word in words]
    return [Input(choice=choice) if choice else Input(word) for word, choice in found]


def _matching(text: str, options: tuple[Option, ...], ctx: Ctx, *, letters: bool = False) -> str:
    """Give the id of the option with this number or label, or the first that begins with this yes or no; or nothing."""
    if 0 < (place := place_of(text, letters=letters)) <= len(options):
        return options[place - 1].id
    wanted = fold(text)
    labels = [(option.id, fold(ctx.say(option.label))) for option in options]
    meant = next((found for found, label in labels if label == wanted), "")
    for says in (is_yes, is_no):
        if not meant and says(text):
            meant = next((found for found, label in labels if says(label.partition(" ")[0])), "")
    return meant


def _nothing(question: Question, sent: Input) -> Text:
    if sent.kind != "text":
        return Text("Write a few words and I'll understand.")
    return Text("I saw no words there. Please write a few.") if question.awaits else Text("Please choose one of these.")


def _settle(ask: Ask | Summary, kind: str, value: str, answers: Answers) -> Answers:
    """Put the answer where the earlier one stood, or last."""
    voids = ask.voids if isinstance(ask, Ask) else ()
    entry = (ask.name, kind, value)
    kept = [entry if old[0] == ask.name else old for old in _without_begun(answers) if old[0] not in voids]
    return tuple(kept) if entry in kept else (*kept, entry)


def _forget(answers: Answers, name: str) -> Answers:
    return tuple(entry for entry in answers if entry[0] != name)


def _without_begun(answers: Answers) -> Answers:
    """Nothing is half done, and nothing said yes to: that yes was to something else."""
    return tuple(entry for entry in answers if entry[1] != "change" and entry[1:] != ("answer", CONFIRMED))
