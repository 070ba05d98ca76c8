"""A room's one message of all that is new: a line each, in an order that one likes to hear, and a number to press.

Ideas come last. What fits on a phone is told: of the ideas that are left it says how many, and leads to all of them;
the rest comes with the next message.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from bot.chat.content import Block, Content, Text, When, Words, small, title
from bot.domain.conversation import Conversation
from bot.domain.gatherings import Gathering
from bot.domain.groups import HelperGroup
from bot.domain.ideas import Idea
from bot.domain.maps import Edition
from bot.domain.needs import Help
from bot.domain.rooms import Room
from bot.domain.steps import Step, Story, StoryPicture, picture_card
from bot.i18n import render
from bot.store.records import Card
from bot.store.unit_of_work import UnitOfWork
from bot.views import common, seasons
from bot.views.cards import load_cards
from bot.views.common import Row, button, column
from bot.views.gatherings import heading, moment
from bot.views.words import excerpt

MOST = 8
IDEAS = 3
"""So many ideas are told in any case."""
IN_ROW = 4
IN_LINE = 90

Key = tuple[str, UUID]
Line = Callable[[UnitOfWork, Conversation, UUID, datetime], Awaitable[Words | None]]


async def load(uow: UnitOfWork, cards: Iterable[tuple[str, UUID | None, UUID | None]]) -> None:
    """Read what the messages of some rooms will ask for: (subject, conversation, id)."""
    await load_cards(uow, cards)


async def content(
    uow: UnitOfWork, room: Room, cards: Sequence[Key], now: datetime
) -> tuple[Content | None, Sequence[Key]]:
    """Give the message of all that is new in a room, if anything is; and what is to come with the next one."""
    conversation = await uow.get(Conversation, room.conversation_id) if room.conversation_id else None
    if conversation is None:
        return None, ()
    return message(conversation, await _lines(uow, room, conversation, cards, now), room.locale, room.zone)


def message(
    conversation: Conversation, lines: Mapping[Key, Words], locale: str, zone: str
) -> tuple[Content | None, Sequence[Key]]:
    """Write it from the lines, as many as fit on a phone; gives what is to come with the next one, too."""
    all_ideas = [key for key in lines if key[0] == "idea"]
    all_others = [key for key in lines if key[0] != "idea"]
    others, later = _cut(all_others, MOST - min(len(all_ideas), IDEAS))
    ideas, more = _cut(all_ideas, MOST - len(others))
    if not others and not ideas:
        return None, ()
    told = [*others, *ideas]
    numbered = [
        render(Text("%(number)d. %(what)s", {"number": number, "what": lines[key]}), locale, zone)
        for number, key in enumerate(told, 1)
    ]
    blocks: list[Words | Block] = [title(Text("What is new") if others else Text("New ideas"))]
    blocks.append(small(excerpt(conversation.question, 2 * IN_LINE)))
    if conversation.closed_at is not None:
        blocks.append(common.ENDED)
    if others:
        blocks.append("\n".join(numbered[: len(others)]))
    if others and ideas:
        blocks.append(Text("New ideas:"))
    if ideas:
        blocks.append("\n".join(numbered[len(others) :]))
    if more:
        blocks.append(Text("And %(n)d more.", {"n": len(more)}, plural="And %(n)d more."))
    if later:
        n = len(later)
        blocks.append(Text("%(n)d more comes next time.", {"n": n}, plural="%(n)d more come next time."))
    blocks.append(small(Text("A number shows you more.")))
    return Content.of(*blocks, choices=_choices(conversation, told, all_ideas=bool(more))), later


async def _lines(
    uow: UnitOfWork, room: Room, conversation: Conversation, cards: Sequence[Key], now: datetime
) -> dict[Key, Words]:
    """Give a line for each that can be seen and is not in the room already, in the order in which they are told."""
    await uow.load(Card, [(room.id, *key) for key in cards])
    maps = [key for key in cards if key[0] == "map"]
    found: dict[Key, Words] = {}
    for subject, (line, _verb) in _TOLD.items():
        for key in cards:
            if key[0] != subject or key in maps[:-1] or await uow.get(Card, room.id, *key) is not None:
                continue
            if subject == "picture" and ("story", picture_card(key[1])) in found:
                continue
            words = await line(uow, conversation, key[1], now)
            if words is not None:
                found[key] = words
    return found


def _cut(keys: Sequence[Key], most: int) -> tuple[Sequence[Key], Sequence[Key]]:
    return keys[:most], keys[most:]


def _choices(conversation: Conversation, told: Sequence[Key], *, all_ideas: bool) -> tuple[Row, ...]:
    numbers = [
        button(str(number), _TOLD[subject][1], conversation.id, subject_id, SHORT.get(subject, ""))
        for number, (subject, subject_id) in enumerate(told, 1)
    ]
    suggests = conversation.season != "gathering" and conversation.closed_at is None
    return (
        *(tuple(numbers[start : start + IN_ROW]) for start in range(0, len(numbers), IN_ROW)),
        *column(
            button(Text("All ideas"), "ideas", conversation.id) if all_ideas else None,
            *(seasons.ways(conversation, private=False, most=1) if suggests else ()),
        ),
    )


async def _idea(uow: UnitOfWork, conversation: Conversation, idea_id: UUID, _now: datetime) -> Words | None:
    idea = await uow.get(Idea, conversation.id, idea_id)
    return excerpt(idea.text, IN_LINE) if idea is not None and idea.alive else None


async def _gathering(uow: UnitOfWork, conversation: Conversation, gathering_id: UUID, now: datetime) -> Words | None:
    one = await uow.get(Gathering, conversation.id, gathering_id)
    if one is None or not one.coming(now):
        return None
    return Text("%(what)s, %(when)s", {"what": heading(one), "when": moment(one)})


async def _step(uow: UnitOfWork, conversation: Conversation, step_id: UUID, _now: datetime) -> Words | None:
    one = await uow.get(Step, conversation.id, step_id)
    if one is None or one.state != "open":
        return None
    what = Text("Next step: %(what)s", {"what": excerpt(one.what, IN_LINE)})
    return what if one.at is None else Text("%(what)s, %(when)s", {"what": what, "when": When(one.at)})


async def _need(uow: UnitOfWork, _conversation: Conversation, need_id: UUID, _now: datetime) -> Words | None:
    one = await uow.get(Help, need_id)
    if one is None or not one.alive:
        return None
    return Text("Somebody needs support: %(what)s", {"what": excerpt(one.text, IN_LINE)})


async def _group(uow: UnitOfWork, conversation: Conversation, group_id: UUID, _now: datetime) -> Words | None:
    one = await uow.get(HelperGroup, conversation.id, group_id)
    if one is None or one.state != "open":
        return None
    return Text("Helper group: %(what)s", {"what": excerpt(one.what, IN_LINE)})


async def _story(uow: UnitOfWork, conversation: Conversation, story_id: UUID, _now: datetime) -> Words | None:
    one = await uow.get(Story, conversation.id, story_id)
    if one is None or one.state != "shown":
        return None
    return Text("What came of it: %(what)s", {"what": excerpt(one.text, IN_LINE)})


async def _picture(uow: UnitOfWork, conversation: Conversation, card_id: UUID, _now: datetime) -> Words | None:
    one = await uow.get(Story, conversation.id, picture_card(card_id))
    if one is None or one.state != "shown" or await uow.get(StoryPicture, conversation.id, one.id) is None:
        return None
    return Text("A picture to the story “%(what)s”", {"what": excerpt(one.text, IN_LINE)})


async def _map(uow: UnitOfWork, conversation: Conversation, edition_id: UUID, _now: datetime) -> Words | None:
    return Text("The map of where we stand") if await uow.get(Edition, conversation.id, edition_id) else None


async def _book(uow: UnitOfWork, conversation: Conversation, gathering_id: UUID, _now: datetime) -> Words | None:
    one = await uow.get(Gathering, conversation.id, gathering_id)
    if one is None or not one.there:
        return None
    return Text("The book of the day: %(what)s", {"what": excerpt(one.what, IN_LINE)})


_TOLD: Mapping[str, tuple[Line, str]] = {
    "gathering": (_gathering, "gathering"),
    "step": (_step, "card"),
    "need": (_need, "card"),
    "group": (_group, "group"),
    "story": (_story, "card"),
    "picture": (_picture, "card"),
    "map": (_map, "card"),
    "book": (_book, "card"),
    "idea": (_idea, "show"),
}
"""What is told, in this order, and the verb of its button: of a new kind of card a function and a line."""

SHORT: Mapping[str, str] = {
    "step": "step", "need": "need", "story": "story", "picture": "pic", "map": "map", "book": "book"
}  # fmt: skip
"""How the buttons of `card` name a kind of card."""
