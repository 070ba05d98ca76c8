"""One conversation on two networks, act by act: begun in Telegram in Swedish, joined in Matrix in English.

People look at what stands in their rooms, as always: of a message that came twice they take the later one.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.peers.telegram import Group
from tests.story.matrix import BothTown, MatrixNeighbour, MatrixRoom
from tests.story.scenes import Invited, begins_a_conversation, gives, invites, joins, newest, says_yes
from tests.story.world import Neighbour, Place

QUESTION = "Vad gör vi med den gamla skolan på Brännan?"
SLEDGE = "En kälkbacke vid den gamla skolan"
BENCH = "A bench by the water, where one can sit in the sun"
BUS = "Bussen borde gå senare på fredagar"


@dataclass
class Cast:
    """Who and where: Anna and Dag on Telegram, Bo and Cilla on Matrix, and a room on each."""

    town: BothTown
    anna: Neighbour
    dag: Neighbour
    bo: MatrixNeighbour
    cilla: MatrixNeighbour
    group: Group
    room: MatrixRoom | None = None
    workshop: MatrixRoom | None = None
    """The helper group's room, which the bot makes."""
    invitation: Invited | None = None

    @property
    def rooms(self) -> list[Place]:
        assert self.room is not None
        return [self.group, self.room]


async def the_story(town: BothTown) -> Cast:
    """All of it."""
    cast = await gathered(town)
    for act in ACTS:
        await act(cast)
    return cast


async def gathered(town: BothTown) -> Cast:
    """Let them move in."""
    anna, dag = town.neighbour("Anna"), town.neighbour("Dag")
    bo, cilla = await town.matrix_neighbour("Bo"), await town.matrix_neighbour("Cilla")
    return Cast(town, anna, dag, bo, cilla, town.group("Grannar på Brännan", anna, dag))


async def anna_begins_in_telegram(cast: Cast) -> None:
    """And her group is linked."""
    await begins_a_conversation(cast.anna, question=QUESTION)
    cast.invitation = await invites(cast.anna)
    await cast.anna.follows(cast.invitation.group_link, group=cast.group)
    await joins(cast.dag, cast.invitation)
    await says_yes(cast.dag)


async def bo_joins_in_matrix(cast: Cast) -> None:
    """By the same invitation's other link; his client does not tell his language, so he does."""
    assert cast.invitation is not None
    await cast.bo.follows(cast.invitation.text.body)
    cast.bo.wants("en")
    await cast.bo.writes("/language english")
    await says_yes(cast.bo)
    await cast.cilla.follows(cast.invitation.text.body)
    await says_yes(cast.cilla)
    # and makes a room with her and the bot, which knows where he belongs
    cast.room = await cast.town.matrix_room("By the water", cast.bo, cast.cilla)


async def ideas_come_from_both_sides(cast: Cast) -> None:
    """In private and in the rooms."""
    await gives(cast.anna, SLEDGE)
    await cast.bo.writes(f"/idea {BENCH}", cast.room)
    await gives(cast.cilla, BUS, named=False)


async def both_sides_carry_one(cast: Cast) -> None:
    """On the same card, each in the room they are in."""
    assert cast.room is not None
    town = cast.town
    await cast.dag.presses("support", newest(town, cast.group, "support", SLEDGE))
    await cast.cilla.presses("support", newest(town, cast.room, "support", SLEDGE))
    await cast.bo.presses("support", newest(town, cast.room, "support", SLEDGE))
    await cast.anna.presses("support", newest(town, cast.group, "support", BENCH))


async def they_weigh_in_secret(cast: Cast) -> None:
    """In private, on both."""
    for one, votes in ((cast.anna, ("agree", "pass")), (cast.bo, ("disagree", "agree"))):
        await one.writes("/vote")
        for vote in votes:
            await one.presses(vote, newest(cast.town, one.private, vote))


async def bo_takes_the_lead(cast: Cast) -> None:
    """From Matrix, where the bot makes a room for them; Anna joins in from Telegram, Cilla from Matrix."""
    assert cast.room is not None
    bo, town = cast.bo, cast.town
    # on the card in the room; what follows is asked in private
    await bo.presses("lead", newest(town, cast.room, "lead", SLEDGE))
    await bo.writes("The children")
    await bo.presses("skip", newest(town, bo.private, "skip"))
    await bo.presses("skip", newest(town, bo.private, "skip"))
    await bo.picks("yes")
    cast.workshop = await bo.enters(SLEDGE)
    await cast.anna.presses("joingroup", newest(town, cast.group, "joingroup"))
    await cast.cilla.presses("joingroup", newest(town, cast.room, "joingroup"))
    await cast.cilla.enters(SLEDGE)


ACTS = (
    anna_begins_in_telegram, bo_joins_in_matrix, ideas_come_from_both_sides, both_sides_carry_one,
    they_weigh_in_secret, bo_takes_the_lead,
)  # fmt: skip
