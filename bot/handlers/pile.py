"""The pile of drafts that a person has in a room: the last one is talked about. It is one row, kept through restarts.

At its bottom may lie what is no dialogue (`TALK`): the last plain words, which a button may make something of.
"""

from __future__ import annotations

from bot.flows.table import FLOWS
from bot.handlers.context import Context
from bot.store.records import Dialogue, Draft

TALK = "talk"


async def every(ctx: Context) -> list[Draft]:
    """Give all that lies there, what is talked about last."""
    dialogue = await ctx.uow.get(Dialogue, ctx.me.id, ctx.room.id)
    return [draft for draft in dialogue.secret if draft.flow in FLOWS or draft.flow == TALK] if dialogue else []


async def dialogues(ctx: Context) -> list[Draft]:
    """Give the dialogues that are open here."""
    return [draft for draft in await every(ctx) if draft.flow != TALK]


async def keep(ctx: Context, drafts: list[Draft]) -> None:
    """Let these lie there from now on."""
    before = await ctx.uow.get(Dialogue, ctx.me.id, ctx.room.id)
    if not drafts:
        if before is not None:
            ctx.uow.remove(before)
        return
    made = Dialogue(ctx.me.id, ctx.room.id, tuple(drafts), ctx.now)
    if before is None:
        ctx.uow.add(made)
    else:
        ctx.uow.save(made)


async def keep_talk(ctx: Context, text: str, ref: str = "") -> None:
    """Remember the last plain words (and the picture above them), for the buttons that ask what they are."""
    await keep(ctx, [Draft(TALK, {"text": text, "media": ref}), *await dialogues(ctx)])


async def talked_of(ctx: Context) -> str:
    """Give the reference of the picture that came with the last plain words; empty if there was none."""
    return next((draft.params.get("media", "") for draft in await every(ctx) if draft.flow == TALK), "")


async def talk(ctx: Context) -> str:
    """Give the last plain words, once."""
    drafts = await every(ctx)
    text = next((draft.params.get("text", "") for draft in drafts if draft.flow == TALK), "")
    if text:
        await keep(ctx, [draft for draft in drafts if draft.flow != TALK])
    return text


async def drop(ctx: Context) -> None:
    """Let go of all drafts here."""
    await keep(ctx, [])
