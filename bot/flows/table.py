"""The table of dialogues. A new one is a file, and a line here.

What a dialogue is begun with is kept beside its answers, as strings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from bot.chat.content import Text
from bot.flows.change_group import change_group
from bot.flows.commands import Command
from bot.flows.edit_idea import edit_idea
from bot.flows.gathering import change_gathering, plan_gathering, write_note
from bot.flows.give_idea import give_idea
from bot.flows.help import Reach, offer_help, reword, say_need, say_yes
from bot.flows.meeting import set_meeting
from bot.flows.merge_ideas import merge_ideas
from bot.flows.moderating import hide, mute, report
from bot.flows.new_conversation import new_conversation
from bot.flows.next_step import move_step, next_step
from bot.flows.parsers import Where
from bot.flows.plan_prompts import Kept, plan_prompts
from bot.flows.post_topic import change_topic, post_topic
from bot.flows.questions import Flow
from bot.flows.recurring import kept_rule
from bot.flows.tag_idea import tag_idea
from bot.flows.take_lead import take_lead
from bot.flows.tell_story import tell_story
from bot.flows.translate_idea import translate_idea

LANGUAGES = {"sv": "Svenska", "en": "English"}
"""The languages into which ideas are put, by their own names: those that the bot speaks (`bot.i18n`)."""

Params = Mapping[str, str]


class Dialogue(msgspec.Struct, frozen=True):
    """A flow by its title (what one is in the middle of), and how it is begun."""

    title: Text
    begin: Callable[[Params], Flow[Command]]


def _listed(params: Params) -> tuple[tuple[UUID, str], ...]:
    ids = [UUID(one) for one in params.get("ids", "").split()]
    return tuple(zip(ids, params.get("names", "").split("\n"), strict=False))


def _maybe(params: Params, name: str) -> UUID | None:
    return UUID(params[name]) if params.get(name) else None


def _id(params: Params, name: str) -> UUID:
    return UUID(params[name])


def _moments(params: Params) -> tuple[datetime, ...]:
    return tuple(datetime.fromtimestamp(int(one), UTC) for one in params.get("slots", "").split())


def _spots(params: Params) -> tuple[str, ...]:
    return tuple(filter(None, params.get("spots", "").split("\n")))


def _reach(params: Params) -> Reach:
    return Reach(params.get("address", ""), params.get("known", ""), "apart" in params)


def _prompt(params: Params) -> Flow[Command]:
    rule = kept_rule(params.get("rule", ""))
    lines = tuple(line for line in params.get("questions", "").split("\n") if line)
    kept = Kept(rule, params.get("series", ""), lines, int(params.get("first", "0"))) if rule is not None else None
    return plan_prompts(
        _id(params, "conversation"), params.get("zone", "Europe/Stockholm"),
        group_id=_id(params, "group") if "group" in params else None, said=params.get("said", ""),
        at=params.get("at", ""), series=params.get("what", ""),
        schedule_id=_id(params, "schedule") if "schedule" in params else None, kept=kept,
    )  # fmt: skip


FLOWS: Mapping[str, Dialogue] = {
    # places: keys, with spaces between; question: what was said already
    "new": Dialogue(
        Text("Begin a conversation"),
        lambda given: new_conversation(tuple(given.get("places", "").split()), given.get("question", "")),
    ),
    # conversation, text, private ("" in a group), meeting (what is given comes from one)
    "idea": Dialogue(
        Text("Give an idea"),
        lambda given: give_idea(
            _id(given, "conversation"),
            given.get("text", ""),
            private=bool(given.get("private", "")),
            meeting=bool(given.get("meeting", "")),
        ),
    ),
    # conversation, idea, before (its words), text
    "edit": Dialogue(
        Text("Change the words"),
        lambda given: edit_idea(
            _id(given, "conversation"), _id(given, "idea"), given.get("before", ""), given.get("text", "")
        ),
    ),
    # conversation, idea, words (its words)
    "translate": Dialogue(
        Text("Translate an idea"),
        lambda given: translate_idea(_id(given, "conversation"), _id(given, "idea"), given.get("words", ""), LANGUAGES),
    ),
    # conversation, idea, words (its words), before (its tags)
    "tags": Dialogue(
        Text("Give an idea its tags"),
        lambda given: tag_idea(
            _id(given, "conversation"), _id(given, "idea"), given.get("words", ""), given.get("before", "")
        ),
    ),
    # conversation, idea, number, words (its words)
    "merge": Dialogue(
        Text("Merge two ideas"),
        lambda given: merge_ideas(
            _id(given, "conversation"), _id(given, "idea"), int(given.get("number", "0")), given.get("words", "")
        ),
    ),
    # conversation; idea and words (its words) if it is taken from one; room: whether the bot can make one
    "lead": Dialogue(
        Text("Take the lead"),
        lambda given: take_lead(
            _id(given, "conversation"),
            _id(given, "idea") if "idea" in given else None,
            given.get("words", ""),
            can_make_room=bool(given.get("room", "")),
        ),
    ),
    # conversation, group; what its card says: what, whom, needs, first_step
    "group": Dialogue(
        Text("Change the group's card"),
        lambda given: change_group(
            _id(given, "conversation"),
            _id(given, "group"),
            what=given.get("what", ""),
            whom=given.get("whom", ""),
            needs=given.get("needs", ""),
            first_step=given.get("first_step", ""),
        ),
    ),
    # text; conversation, or place and name if it is known already (what was said before)
    "need": Dialogue(
        Text("Say what I need"),
        lambda given: say_need(
            _maybe(given, "conversation"), given.get("text", ""), Where(given.get("place", ""), given.get("name", ""))
        ),
    ),
    # the same; need and words (its words) if it is for one, with address and apart, as in `help.Reach`
    "offer": Dialogue(
        Text("Say what I can help with"),
        lambda given: offer_help(
            _maybe(given, "conversation"),
            given.get("text", ""),
            Where(given.get("place", ""), given.get("name", "")),
            _maybe(given, "need"),
            given.get("words", ""),
            _reach(given),
        ),
    ),
    # match, words (of the other side); address, known and apart, as in `help.Reach`
    "reach": Dialogue(
        Text("How I may be reached"),
        lambda given: say_yes(_id(given, "match"), given.get("words", ""), _reach(given)),
    ),
    # conversation, group, text; ids of members and their names (a line each), who is asked first
    "step": Dialogue(
        Text("Say the next step"),
        lambda given: next_step(_id(given, "conversation"), _id(given, "group"), given.get("text", ""), _listed(given)),
    ),
    # conversation, step, words (what is to be done)
    "movestep": Dialogue(
        Text("Move a step"),
        lambda given: move_step(_id(given, "conversation"), _id(given, "step"), given.get("words", "")),
    ),
    # conversation, text; about (a helper group), or ids of one's groups and what they want (a line each)
    "story": Dialogue(
        Text("Tell what came of it"),
        lambda given: tell_story(
            _id(given, "conversation"), given.get("text", ""), _listed(given), _maybe(given, "about")
        ),
    ),
    # help, before (its words)
    "reword": Dialogue(Text("Change the words"), lambda given: reword(_id(given, "help"), given.get("before", ""))),
    # conversation, subject, words (what it says)
    "report": Dialogue(
        Text("Say what is not all right"),
        lambda given: report(_id(given, "conversation"), _id(given, "subject"), given.get("words", "")),
    ),
    # conversation; group, if one meets; words, when: what was said already; zone; open: an Open Space
    "meet": Dialogue(
        Text("Plan a gathering"),
        lambda given: plan_gathering(
            _id(given, "conversation"),
            UUID(given["group"]) if "group" in given else None,
            given.get("words", ""),
            given.get("when", ""),
            zone=given.get("zone", ""),
            open_space=bool(given.get("open", "")),
        ),
    ),
    # conversation, gathering, zone; field is what to change
    "gathering": Dialogue(
        Text("Change the gathering"),
        lambda given: change_gathering(
            _id(given, "conversation"), _id(given, "gathering"), given.get("field", ""), zone=given.get("zone", "")
        ),
    ),
    # conversation, gathering, words (said already), zone; slots: seconds since 1970, with spaces; spots: on lines
    "topic": Dialogue(
        Text("Bring a topic"),
        lambda given: post_topic(
            _id(given, "conversation"),
            _id(given, "gathering"),
            given.get("words", ""),
            _moments(given),
            _spots(given),
            given.get("zone", ""),
        ),
    ),
    # conversation, topic; slots, spots, zone as above; field is what to change
    "retopic": Dialogue(
        Text("Change the topic"),
        lambda given: change_topic(
            _id(given, "conversation"),
            _id(given, "topic"),
            given.get("field", ""),
            _moments(given),
            _spots(given),
            given.get("zone", ""),
        ),
    ),
    # conversation, gathering; topic, if they are of one; words (its title)
    "note": Dialogue(
        Text("Write notes"),
        lambda given: write_note(
            _id(given, "conversation"),
            _id(given, "gathering"),
            UUID(given["topic"]) if "topic" in given else None,
            given.get("words", ""),
        ),
    ),
    "hide": Dialogue(
        Text("Hide it"),
        lambda given: hide(_id(given, "conversation"), _id(given, "subject"), given.get("words", "")),
    ),
    # conversation, zone; group; said, at or what (the series): what is answered already;
    # schedule, rule, series, questions: what was planned
    "prompt": Dialogue(Text("Plan a question"), _prompt),
    # conversation, zone
    "meeting": Dialogue(
        Text("Say when we meet"),
        lambda given: set_meeting(_id(given, "conversation"), given.get("zone", "Europe/Stockholm")),
    ),
    # conversation, participant, words (of what it is about, if any)
    "mute": Dialogue(
        Text("Give somebody a pause"),
        lambda given: mute(_id(given, "conversation"), _id(given, "participant"), given.get("words", "")),
    ),
}
