"""Open Space as people see it: its principles, the marketplace, the topics, and the book of what was said.

The four principles and the law of two feet are Harrison Owen's (*Open Space Technology*); the words are our own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from bot.chat.content import Block, Choice, Content, Text, When, Words, quote, small, title
from bot.domain.gatherings import Gathering, MeetingNote
from bot.domain.open_space import Topic
from bot.views.common import Row, button, column, not_all_right
from bot.views.words import excerpt

TITLE = 90
FIELD = 160
IN_LIST = 50
IN_BOOK = 70
Params = dict[str, str | int | When | Text]
ON_WALL = 10
SLOT, PLACE = 24, 30
SAID = 110
"""How much of a topic's notes the short book tells."""
BOOK = 8

LAW = Text("And one law, of your two feet: if you neither learn nor give where you are, go where you do.")
GONE = Text("This topic is not here any more.")
NOT_YOURS = Text("Only whoever brought the topic can do that.")
NONE_COMING = Text("No Open Space is planned here. Anyone can plan one.")
NOT_BEGUN = Text("The Open Space has not begun yet. When it has, one press tells where you are.")
TAKEN_DOWN = Text("The topic is taken down. You can bring it again, at another time or place.")
FULL = Text("There are very many topics now. Perhaps yours can join one of them.")


def principles() -> list[Words]:
    """The four principles and the law of two feet, after Harrison Owen."""
    return [
        Text("Whoever comes is just who was needed."),
        Text("What happens is what could happen today."),
        Text("It begins when it is ready to begin."),
        Text("When it is over, it is over."),
        LAW,
    ]


def source() -> Text:
    """Name where they come from."""
    return Text("After Harrison Owen, Open Space Technology.")


def wall(one: Gathering, topics: Sequence[Topic]) -> list[Words | Block]:
    """What an Open Space's card shows: the principles, and once there are topics, these and the law."""
    if not topics:
        return [*principles(), small(source())]
    lines: list[Words | Block] = [
        Text(
            "%(number)d. %(what)s (%(where)s)",
            {"number": each.number, "what": excerpt(each.title, IN_LIST), "where": _slot_and_place(one, each, 0)},
        )
        for each in topics[:ON_WALL]
    ]
    if len(topics) > ON_WALL:
        n = len(topics) - ON_WALL
        lines.append(small(Text("… and %(n)d more topic", {"n": n}, plural="… and %(n)d more topics")))
    return [*lines, small(LAW)]


def market_button(one: Gathering) -> Choice:
    """The button to the marketplace."""
    return button(Text("The marketplace"), "market", one.conversation_id, one.id)


def market(
    one: Gathering, topics: Sequence[Topic], here: Mapping[UUID, int], skip: int, page: int, *, running: bool
) -> Content:
    """The topics, by time; a press opens one, another tells that one is there."""
    scope = one.conversation_id
    blocks: list[Words | Block] = [title(Text("Marketplace: %(what)s", {"what": excerpt(one.what, TITLE)}))]
    if not topics:
        blocks.append(Text("The wall is empty. Anyone can bring a topic."))
    opening: list[Choice] = []
    moving: list[Choice] = []
    for topic in topics[skip : skip + page]:
        words: Params = {"number": topic.number, "what": excerpt(topic.title, IN_LIST)}
        blocks.append(Text("%(number)d. %(what)s", words))
        blocks.append(small(_slot_and_place(one, topic, here.get(topic.id, 0) if running else 0)))
        label = Text("%(number)d. %(what)s", {"number": topic.number, "what": excerpt(topic.title, 16)})
        opening.append(button(label, "topic", scope, topic.id))
        if running:
            moving.append(button(Text("I am at %(number)d", {"number": topic.number}), "here", scope, topic.id))
    rows = [*_beside(opening, 2), *_beside(moving, 3)]
    if len(topics) > skip + page:
        rows.append((button(Text("More topics"), "market", scope, one.id, str(skip + page)),))
    rows.append((button(Text("Bring a topic"), "posttopic", scope, one.id),))
    if one.state == "held":
        rows[-1] = (button(Text("Where do we put our energy?"), "energy", scope),)
    return Content.of(*blocks, choices=tuple(rows))


def _beside(choices: Sequence[Choice], most: int) -> list[Row]:
    """Put buttons beside each other, so many in a row."""
    return [tuple(choices[begin : begin + most]) for begin in range(0, len(choices), most)]


def card(topic: Topic, one: Gathering, name: str, here: int) -> Content:
    """A topic: what, when, where, who brought it; a press tells that one is here."""
    if topic.state != "shown":
        return Content.of(GONE)
    words: Params = {"number": topic.number, "what": excerpt(topic.title, TITLE)}
    blocks: list[Words | Block] = [title(Text("Topic %(number)d: %(what)s", words))]
    if len(topic.title) > TITLE:
        blocks.append(quote(topic.title))
    blocks.append(_slot_and_place(one, topic, here))
    if name:
        blocks.append(small(Text("%(name)s opens it.", {"name": name})))
    scope = topic.conversation_id
    more = button(Text("More"), "topic", scope, topic.id, "more")
    if one.state == "held":
        return Content.of(*blocks, choices=((more,),))
    return Content.of(
        *blocks, choices=((button(Text("I am here now"), "here", scope, topic.id), more), (market_button(one),))
    )


def more(topic: Topic, one: Gathering, notes: Sequence[MeetingNote], *, mine: bool, runs: bool) -> Content:
    """What was written down of a topic; and what whoever brought it can do."""
    words: Params = {"number": topic.number, "what": excerpt(topic.title, TITLE)}
    scope = topic.conversation_id
    blocks: list[Words | Block] = [title(Text("Topic %(number)d: %(what)s", words))]
    blocks += [quote(excerpt(note.text, 2 * FIELD)) for note in notes[-3:]]
    if not notes:
        blocks.append(Text("Nothing has been written down yet."))
    rows: list[Row] = []
    if mine:
        rows.append((button(Text("Write notes"), "meetnote", scope, topic.id, "topic"),))
        if topic.idea_id is None:
            rows.append((button(Text("Give it as an idea"), "topicidea", scope, topic.id),))
    if runs and one.state == "planned":
        rows += [
            (
                button(Text("Another time"), "topic", scope, topic.id, "when"),
                button(Text("Another place"), "topic", scope, topic.id, "where"),
            ),
            (button(Text("Take it down"), "topic", scope, topic.id, "down"),),
        ]
    rows.append((market_button(one),))
    if not mine:
        rows.append((not_all_right(scope, topic.id),))
    return Content.of(*blocks, choices=tuple(rows))


def moved(topic: Topic, here: int) -> Text:
    """Tell somebody that they are counted at a topic."""
    return Text(
        "You are at topic %(number)d. So far you are the only one there, as far as I know.",
        {"number": topic.number, "n": here},
        plural="You are at topic %(number)d. You are %(n)d there now.",
    )  # fmt: skip


def posted(topic: Topic, beside: Topic | None) -> Content:
    """Thank whoever brought a topic."""
    return Content.of(
        Text("Thank you. It is topic %(number)d on the wall.", {"number": topic.number}),
        *_hint(beside),
        small(Text("Afterwards, write down what was said, under “More” on its card.")),
    )


def changed(topic: Topic, beside: Topic | None) -> Content:
    """Tell that a topic is talked about at another time or place."""
    told = Text("Topic %(number)d is changed. Its card and the wall show it.", {"number": topic.number})
    return Content.of(told, *_hint(beside))


def has_moved(topic: Topic, one: Gathering) -> Content:
    """Tell whoever is at a topic where and when it is now, or that it is taken down."""
    words: Params = {"number": topic.number, "what": excerpt(topic.title, IN_LIST)}
    if topic.state != "shown":
        told: list[Words | Block] = [Text("Topic %(number)d, “%(what)s”, is taken down.", words)]
    else:
        told = [Text("Topic %(number)d, “%(what)s”, is here now:", words), _slot_and_place(one, topic, 0)]
    return Content.of(*told, choices=column(market_button(one)))


def _hint(beside: Topic | None) -> list[Words | Block]:
    """Tell of a topic that is in the same place at the same time, if there is one."""
    if beside is None:
        return []
    words: Params = {"number": beside.number, "what": excerpt(beside.title, IN_LIST)}
    return [
        Text("Topic %(number)d, “%(what)s”, is in the same place then.", words),
        Text("Perhaps you can share it. Or choose another time or place, under “More” on the card."),
    ]


def is_idea(number: int) -> Text:
    """Tell that a topic is an idea."""
    return Text("It is idea %(number)d now.", {"number": number})


def is_idea_already(number: int) -> Text:
    """Tell that a topic is an idea already."""
    return Text("It is idea %(number)d already.", {"number": number})


def book(one: Gathering, topics: Sequence[Topic], notes: Mapping[UUID, Sequence[MeetingNote]]) -> Content:
    """The book of proceedings, in short: each topic, and the first of what was said."""
    blocks: list[Words | Block] = [title(Text("The book of the day: %(what)s", {"what": excerpt(one.what, TITLE)}))]
    if not topics:
        blocks.append(Text("No topic was posted, and that was what could happen today."))
    for topic in topics[:BOOK]:
        words: Params = {"number": topic.number, "what": excerpt(topic.title, IN_BOOK)}
        blocks.append(Text("%(number)d. %(what)s", words))
        lines = (line.strip(" -•*") for note in notes.get(topic.id, ()) for line in note.text.splitlines())
        said = " · ".join(filter(None, lines))
        if said:
            blocks.append(quote(excerpt(said, SAID)))
    if len(topics) > BOOK:
        n = len(topics) - BOOK
        blocks.append(small(Text("… and %(n)d more topic", {"n": n}, plural="… and %(n)d more topics")))
    if topics:
        blocks.append(small(Text("All of it stands in the harvest. Whoever brought a topic can still write more.")))
    scope = one.conversation_id
    return Content.of(
        *blocks,
        choices=column(
            button(Text("Where do we put our energy?"), "energy", scope),
            market_button(one),
            button(Text("The harvest"), "harvest", scope),
        ),
    )


def _slot_and_place(one: Gathering, topic: Topic, here: int) -> Text:
    """Say when and where, as far as that is told, and how many are there now."""
    slot: Words = excerpt(topic.secret.slot, SLOT)
    if topic.at is not None:
        slot = Text("%(when)s", {"when": When(topic.at, "clock", one.zone)})
    parts: list[Words] = [
        slot or Text("No time yet"),
        excerpt(topic.secret.place, PLACE) or Text("no place yet"),
    ]
    where: Params = {"slot": parts[0], "place": parts[1], "n": here}
    if not here:
        return Text("%(slot)s, %(place)s", where)
    return Text("%(slot)s, %(place)s. %(n)d is there now.", where, plural="%(slot)s, %(place)s. %(n)d are there now.")
