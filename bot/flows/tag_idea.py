"""Give an idea its tags: a few plain words by which it is found."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec

from bot.chat.content import Text, quote
from bot.domain.ideas import TAGS, tag_key, tags_of
from bot.flows.commands import SetTags
from bot.flows.questions import Answer, Ask, Ctx, Flow, Input, Look, Meaning, Option, Parse, Retry

OFFERED = 8


class KnownTags(msgspec.Struct, frozen=True):
    """A look: the tags that ideas of the conversation have already, the most used first."""

    conversation_id: UUID


def tag_idea(conversation_id: UUID, idea_id: UUID, idea: str = "", before: str = "") -> Flow[SetTags]:
    """Ask for the tags of an idea; `before` are those that it has, and they are chosen already."""
    kept = tags_of(before)
    found = yield Look("known", KnownTags(conversation_id))
    known = [one for one in found if isinstance(one, str)]
    offered = list(dict.fromkeys((*kept, *known)))[:OFFERED]
    chosen: tuple[str, ...] = yield Ask(
        name="tags",
        text=Text("Which words should people find it by?"),
        parse=_tag({_id(one): one for one in offered}),
        options=tuple(Option(_id(one), one) for one in offered),
        most=TAGS,
        optional=True,
        skipped=kept,
        chosen=tuple(Input(one, _id(one)) for one in kept),
        hint=Text("At most %(n)d, such as “school” or “cycling”. Choose one again to take it away.", {"n": TAGS}),
        body=(quote(idea),) if idea else (),
    )
    return SetTags(conversation_id, idea_id, tuple(dict.fromkeys(chosen)))


def _id(tag: str) -> str:
    return f"t{tag_key(tag)}"


def _tag(offered: Mapping[str, str]) -> Parse:
    def parse(sent: Input, _: Ctx) -> Meaning:
        tag = offered.get(sent.choice) or next(iter(tags_of(sent.text)), None)
        return Answer(tag, Input(tag, _id(tag))) if tag else Retry(Text("Please write a plain word, with letters."))

    return parse
