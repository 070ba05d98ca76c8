"""Scenes that the stories have in common: somebody begins, invites, joins, links a room, gives an idea, votes."""

from __future__ import annotations

from dataclasses import dataclass

from tests.peers.telegram import Group, Message
from tests.story.world import Neighbour, Place, Town, link_in, said_in, transcript

QUESTION = "Vad vill vi att Härnösand ska göra i vinter?"


@dataclass(frozen=True)
class Invited:
    """What an invitation consists of: the text to send on, the picture, and the links in them."""

    text: Message
    picture: Message
    link: str
    group_link: str


async def begins_a_conversation(host: Neighbour, place: str = "Härnösand", question: str = QUESTION) -> None:
    """The short way: place, question, yes, and the notice where it has not been answered yet."""
    await host.writes("/new")
    await host.writes(place)
    await host.writes(question)
    await host.picks("yes")
    if "yes" in host.offered():
        await host.agrees_to_the_notice()


async def invites(host: Neighbour) -> Invited:
    """Ask for an invitation for neighbours."""
    await host.writes("/invite")
    await host.presses("forwhom", newest(host.town, host.private, "forwhom"), arg="0")
    latest = host.private.bot_messages[::-1]
    text = next(message for message in latest if "start=i-" in message.body and not message.media)
    picture = next(message for message in latest if "photo" in message.media)
    return Invited(text, picture, link_in(text, "i-"), link_in(picture, "r-"))


async def joins(guest: Neighbour, invitation: Invited) -> None:
    """Come in by the link."""
    await guest.follows(invitation.link)


async def says_yes(guest: Neighbour) -> None:
    """Answer the notice before it comes up."""
    await guest.writes("/privacy")
    await guest.agrees_to_the_notice()


async def gives(giver: Neighbour, words: str, *, named: bool = True) -> None:
    """Give an idea in private, and answer what is asked on the way."""
    await giver.writes(f"/idea {words}")
    if "yes" in giver.offered():
        await giver.agrees_to_the_notice()
    await giver.picks("named" if named else "unnamed")


def newest(town: Town, place: Place, verb: str, words: str = "") -> Message:
    """Give the latest message in a room that offers this, and says this."""
    for message in reversed(said_in(place)):
        if words in message.body and any(action.verb == verb for action in town.actions(message).values()):
            return message
    raise AssertionError(f"nothing offers {verb} with {words!r} in\n{transcript(place)}")


async def town_with_a_conversation(town: Town, *guests: str) -> tuple[Neighbour, Group, Invited]:
    """Anna hosts a conversation, a group of five is linked to it."""
    anna = town.neighbour("Anna")
    await begins_a_conversation(anna)
    invitation = await invites(anna)
    group = town.group("Grannar", anna, *[town.neighbour(name) for name in ("Cecilia", "Dag", "Eva", "Filip")])
    await anna.follows(invitation.group_link, group=group)
    return anna, group, invitation
