"""What the flows look up (`bot.flows.questions.Look`), each query with what answers it."""

from __future__ import annotations

from bot.domain.likeness import similar
from bot.flows.give_idea import Similar, SimilarIdeas
from bot.flows.merge_ideas import OtherIdeas
from bot.flows.plan_prompts import NextTimes
from bot.flows.tag_idea import KnownTags
from bot.handlers import calendar
from bot.handlers.means import Means
from bot.store import ideas as queries
from bot.store import prompts as prompt_queries


async def look(means: Means, query: object) -> object:
    """Find what a flow asks for. Raises `TypeError` for a query that is in no line here."""
    match query:
        case SimilarIdeas(conversation_id=conversation_id, text=text):
            known = await queries.texts(means.uow, conversation_id)
            found = similar(text, [((idea_id, number, other), other) for idea_id, number, other in known])
            return tuple(Similar(*one) for one in found)
        case KnownTags(conversation_id=conversation_id):
            return tuple(await queries.tags(means.uow, conversation_id))
        case NextTimes(rule=rule, zone=zone, conversation_id=conversation_id, group_id=group_id):
            _rooms, quiet = await prompt_queries.reach(means.uow, conversation_id, group_id)
            return calendar.coming(rule, zone, means.now, quiet=quiet)
        case OtherIdeas(conversation_id=conversation_id, idea_id=own, text=text):
            known = [one for one in await queries.texts(means.uow, conversation_id) if one[0] != own]
            found = similar(text, [((idea_id, number, other), other) for idea_id, number, other in known])
            rest = [one for one in known if one not in found]
            return (*(Similar(*one) for one in found), *(Similar(*one, alike=False) for one in rest))
        case _:
            raise TypeError(query)
