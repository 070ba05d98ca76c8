"""Receipts: whoever gave an idea learns what became of it.

Rules
-----
* All goes through `calm.note`, into the next of their messages; nothing is said in a group, so nobody learns there who
  gave an idea without a name.
* Each thing once, whatever is taken back and done again meanwhile. Nobody is told of what they did themselves.
* Only of what is open to all: never of a vote, and of sums only what the map has told everybody.
* Whoever gave an idea that is part of another now learns of the whole.
"""

from __future__ import annotations

from uuid import UUID

from bot.chat.content import Choice, Content, Words
from bot.domain.groups import HelperGroup
from bot.domain.ideas import Idea, Receipt
from bot.domain.maps import Edition
from bot.domain.people import Participant
from bot.handlers import calm
from bot.handlers.means import Means
from bot.store import maps, merging
from bot.store.records import MAPPED, Due
from bot.views import receipts as views

UNITING = 5
"""So many ideas are named as what unites people."""


async def tell(
    means: Means,
    idea: Idea | None,
    words: Words,
    *,
    about: str,
    by: UUID | None = None,
    choice: Choice | None = None,
    only_this: bool = False,
    soon: bool = False,
) -> None:
    """Have whoever gave an idea told what became of it: `words` above the words of their idea.

    `about` names what happened, such as ``story:ID``: nobody is told of the same thing twice. `by` is the participant
    who did it. Without a `choice` of its own the receipt leads to the idea. Who gave a part of it is told as well, if
    it is not about `only_this`. `soon`: it does not wait for a digest. Nothing, where there is no idea.
    """
    if idea is not None and idea.readable:
        for one in [idea, *([] if only_this else await merging.parts_of(means.uow, idea))]:
            await _tell(means, one, views.receipt(one, words, choice), about, by, soon=soon)


async def say(means: Means, idea: Idea, content: Content, *, about: str, by: UUID | None) -> None:
    """Have whoever gave an idea told this, once."""
    await _tell(means, idea, content, about, by)


async def supported(means: Means, idea: Idea, by: UUID) -> None:
    """Somebody carries an idea: whoever gave it hears of the first one."""
    await _tell(means, idea, views.supported(idea), "support", by)


async def led(means: Means, idea: Idea, group: HelperGroup, convener: Participant) -> None:
    """Somebody took the lead for an idea."""
    for one in [idea, *await merging.parts_of(means.uow, idea)]:
        await _tell(means, one, views.led(one, group, convener.secret.name), f"lead:{group.id}", convener.id)


async def mapped(means: Means, due: Due) -> None:
    """There is a new map: who gave what unites people is told so."""
    edition = await maps.latest(means.uow, due.conversation_id) if due.conversation_id else None
    if edition is not None:
        await unites(means, edition)


async def unites(means: Means, edition: Edition) -> None:
    """Tell who gave what unites people in a map, once each."""
    findings, scope = edition.secret, edition.conversation_id
    uniting = (findings.unites if findings.groups else findings.all_agree)[:UNITING]
    await means.uow.load(Idea, [(scope, one) for one in uniting])
    await means.uow.load(Receipt, [(scope, one, "unites") for one in uniting])
    for one in uniting:
        idea = await means.uow.get(Idea, scope, one)
        if idea is not None and idea.alive:
            await _tell(means, idea, views.unites(idea, groups=bool(findings.groups)), "unites", None)


async def _tell(
    means: Means, idea: Idea, content: Content, about: str, by: UUID | None, *, soon: bool = False
) -> None:  # fmt: skip
    scope = idea.conversation_id
    if idea.author_id == by or await means.uow.get(Receipt, scope, idea.id, about) is not None:
        return
    author = await means.uow.get(Participant, scope, idea.author_id)
    if author is not None and not author.left:
        means.uow.add(Receipt(scope, idea.id, about, means.now))
        await calm.note(means, author, content, soon=soon, once=f"receipt:{idea.id}:{about}")


DUE = {MAPPED: mapped}
