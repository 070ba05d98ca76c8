"""Makes one idea of two, and two of one: what has to change with it, whoever decided it.

Rules
-----
* Votes, support and hands stay where they were given; nothing is counted twice, and nothing lost. Who carried the idea
  that is part of another now, or had a hand on it, is asked about the whole, one by one.
* Helper groups go along, and come back when the two are taken apart.
* `Idea.merged_into` names the whole, never a part of it; what stands in the merges is the order in which it came about,
  from which it is made anew when something in the middle is taken apart.
* When a whole is not there any more (hidden, taken back, erased), its parts stand for themselves again.
"""

from __future__ import annotations

import msgspec

from bot.domain.groups import HelperGroup
from bot.domain.ideas import Hand, Idea, Support
from bot.domain.merging import Merge, roots
from bot.domain.people import Participant
from bot.handlers import calm, receipts
from bot.handlers.means import Means
from bot.store import merging as queries
from bot.store.records import Due
from bot.views import merging as views

CARRIERS, LAPSE = "merge_carriers", "merge_lapses"
AT_ONCE = 50
"""So many who carried an idea are asked in one transaction."""


async def join(means: Means, merge: Merge) -> tuple[Idea, Idea]:
    """Make an idea part of another; gives both, as they are now. Both are alive."""
    uow, scope = means.uow, merge.conversation_id
    idea, into = await uow.need(Idea, scope, merge.idea_id), await uow.need(Idea, scope, merge.into_id)
    groups = await queries.groups_of(uow, idea)
    await _move(means, groups, idea, into)
    for one in await queries.parts_of(uow, idea, hidden=True):
        uow.save(msgspec.structs.replace(one, merged_into=into.id))
        means.refresh("idea", scope, one.id)
    idea = await uow.need(Idea, scope, idea.id)
    uow.save(msgspec.structs.replace(idea, state="merged", merged_into=into.id))
    uow.save(msgspec.structs.replace(merge, state="done", groups=tuple(one.id for one in groups), decided_at=means.now))
    await unasked(means, merge)
    await drop_open(means, idea)
    for changed in (idea, into):
        means.refresh("idea", scope, changed.id)
    means.wake_at(CARRIERS, means.now, conversation_id=scope, subject_id=merge.id)
    return await uow.need(Idea, scope, idea.id), await uow.need(Idea, scope, into.id)


async def part(means: Means, merge: Merge) -> tuple[Idea, Idea]:
    """Take two apart again; gives the one that stands for itself now, and the whole that it was part of."""
    uow, scope = means.uow, merge.conversation_id
    uow.save(msgspec.structs.replace(merge, state="over", decided_at=means.now))
    await calm.drop(means, f"carry:{merge.id}")
    idea = await uow.need(Idea, scope, merge.idea_id)
    whole = await uow.need(Idea, scope, idea.merged_into or merge.into_id)
    now = roots(one for one in await queries.done(uow, scope) if one.id != merge.id)
    for one in await queries.parts_of(uow, whole, hidden=True):
        root = now.get(one.id)
        if root != one.merged_into:
            state = "shown" if root is None and one.state == "merged" else one.state
            uow.save(msgspec.structs.replace(one, merged_into=root, state=state))
            means.refresh("idea", scope, one.id)
    gone_along = [await uow.get(HelperGroup, scope, one) for one in merge.groups]
    await _move(means, [one for one in gone_along if one is not None and one.idea_id == whole.id], whole, idea)
    means.refresh("idea", scope, whole.id)
    return await uow.need(Idea, scope, idea.id), await uow.need(Idea, scope, whole.id)


async def ceased(means: Means, idea: Idea) -> None:
    """An idea is not there any more: its parts stand for themselves again, and nobody is asked about it."""
    await drop_open(means, idea)
    for merge in await queries.about(means.uow, idea.conversation_id, [idea.id], "done"):
        if merge.into_id == idea.id:
            apart, _whole = await part(means, merge)
            await receipts.tell(means, apart, views.for_itself(apart), about=f"apart:{merge.id}")
        elif idea.state == "withdrawn":
            means.uow.save(msgspec.structs.replace(merge, state="over", decided_at=means.now))
            latest = await means.uow.need(Idea, idea.conversation_id, idea.id)
            means.uow.save(msgspec.structs.replace(latest, merged_into=None))


async def drop_open(means: Means, idea: Idea) -> None:
    """Nobody is asked any more whether this idea shall become one with another."""
    for merge in await queries.about(means.uow, idea.conversation_id, [idea.id], "asked"):
        means.uow.save(msgspec.structs.replace(merge, state="over", decided_at=means.now))
        await unasked(means, merge)


async def unasked(means: Means, merge: Merge) -> None:
    """Nobody has to be asked about it any more."""
    await means.wake_not(f"{LAPSE}:{merge.id}")
    await calm.drop(means, f"merge:{merge.id}")


async def _move(means: Means, groups: list[HelperGroup], before: Idea, after: Idea) -> None:
    """Let helper groups belong to another idea."""
    if not groups:
        return
    uow, scope = means.uow, before.conversation_id
    for group in groups:
        uow.save(msgspec.structs.replace(group, idea_id=after.id))
        means.refresh("group", scope, group.id)
    before, after = await uow.need(Idea, scope, before.id), await uow.need(Idea, scope, after.id)
    uow.save(msgspec.structs.replace(before, leads=max(before.leads - len(groups), 0)))
    uow.save(msgspec.structs.replace(after, leads=after.leads + len(groups)))


async def ask_carriers(means: Means, due: Due) -> None:
    """Ask those who carried an idea, or had a hand on it, about the one that it is part of; some at a time."""
    scope, uow = due.conversation_id, means.uow
    merge = await uow.get(Merge, scope, due.subject_id)
    idea = await uow.get(Idea, scope, merge.idea_id) if merge else None
    if merge is None or merge.state != "done" or idea is None or idea.merged_into is None:
        return
    whole = await uow.need(Idea, idea.conversation_id, idea.merged_into)
    after = (due.secret or {}).get("after", "")
    people = await queries.carriers(uow, idea, after, AT_ONCE)
    keys = [(idea.conversation_id, of, one) for one in people for of in (idea.id, whole.id)]
    await uow.load(Support, keys)
    await uow.load(Hand, keys)
    await uow.load(Participant, [(idea.conversation_id, one) for one in people])
    await calm.meet(
        means, [await uow.need(Participant, idea.conversation_id, one) for one in people], f"carry:{merge.id}"
    )
    for one in people:
        who = await uow.need(Participant, idea.conversation_id, one)
        carried = await uow.get(Support, idea.conversation_id, idea.id, one) is not None
        asked = carried and await uow.get(Support, idea.conversation_id, whole.id, one) is None
        hand = await uow.get(Hand, idea.conversation_id, idea.id, one) is not None
        if not who.left and (asked or hand):
            content = views.carry_on(idea, whole, carried=asked, hand=hand)
            await calm.note(means, who, content, once=f"carry:{merge.id}")
    if len(people) == AT_ONCE:
        last = {"after": str(people[-1])}
        means.wake_at(CARRIERS, means.now, conversation_id=scope, subject_id=merge.id, secret=last)


DUE = {CARRIERS: ask_carriers}
