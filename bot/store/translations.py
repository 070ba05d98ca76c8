"""Queries about ideas in other languages."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import and_

from bot.domain.ideas import Idea, Translation
from bot.domain.people import Participant
from bot.store.schema import translation
from bot.store.unit_of_work import UnitOfWork

Shown = tuple[Translation, str]
"""A translation, and the shown name of who made it; empty if they show none."""


async def into(uow: UnitOfWork, ideas: Iterable[Idea], locale: str) -> dict[UUID, Shown]:
    """Give the translations of ideas into a language that can be seen, by idea; nothing is read where there is none."""
    wanted = [(one.conversation_id, one.id, locale) for one in ideas if locale in one.translated]
    if not wanted:
        return {}
    await uow.load(Translation, wanted)
    found = [one for key in wanted if (one := await uow.get(Translation, *key)) is not None and not one.hidden]
    await uow.load(Participant, [(one.conversation_id, one.translator_id) for one in found])
    return {one.idea_id: (one, await _name(uow, one)) for one in found}


async def of(uow: UnitOfWork, idea: Idea) -> list[Shown]:
    """Give all translations of an idea, the hidden ones, too."""
    if not idea.translated:
        return []
    condition = and_(translation.c.conversation_id == idea.conversation_id, translation.c.idea_id == idea.id)
    found = await uow.select(Translation, lambda query: query.where(condition).order_by(translation.c.locale))
    return [(one, await _name(uow, one)) for one in found]


async def _name(uow: UnitOfWork, one: Translation) -> str:
    who = await uow.get(Participant, one.conversation_id, one.translator_id)
    return who.secret.name if who else ""
