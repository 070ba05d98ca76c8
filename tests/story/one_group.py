"""A helper group with a room on each network, act by act: a Telegram group is linked, words are carried both ways."""

from __future__ import annotations

from tests.peers.telegram import Group, Message
from tests.story.matrix import BothTown, MatrixNeighbour, MatrixRoom, Said
from tests.story.scenes import newest
from tests.story.world import Neighbour, link_in


async def links_a_group(town: BothTown, member: Neighbour, title: str) -> Group:
    """A member who is in the helper group brings a group in Telegram to it; the latest card in private is its own."""
    await member.presses("groupmore", newest(town, member.private, "groupmore"))
    await member.presses("linkroom", newest(town, member.private, "linkroom"))
    group = town.group(title, member)
    await member.follows(link_in(member.last, "g-"), group=group)
    return group


async def asks_to_carry(town: BothTown, holder: MatrixNeighbour, room: MatrixRoom) -> None:
    """Whoever holds it together begins it, from the card in the group's room."""
    await holder.presses("groupmore", newest(town, room, "groupmore"))
    await holder.presses("carry", newest(town, holder.private, "carry"), arg="")
    await holder.presses("carry", newest(town, holder.private, "carry"), arg="on")


async def a_word_and_its_reply(
    asking: Neighbour, answering: MatrixNeighbour, group: Group, room: MatrixRoom, words: tuple[str, str]
) -> tuple[Message, Said, Message]:
    """Each reads the other, by name, and the reply is one on the other side. Gives the word, its copy, the reply's."""
    word, reply = words
    asked = await asking.writes(word, group)
    copy = room.find(word)
    assert copy is not None
    assert copy.body == f"{asking.name}\n\n{word}"
    await answering.writes(reply, room, reply_to=copy.id)
    answer = group.find(reply)
    assert answer is not None
    assert answer.body == f"{answering.name}\n{reply}"
    assert answer.reply_to is asked
    return asked, copy, answer
