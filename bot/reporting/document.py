"""The harvest in somebody's language, before it is a page or Markdown: its sections, one after the other.

A section with nothing in it is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bot.chat.content import Text, When
from bot.domain.harvest import Harvest
from bot.domain.moments import local_day
from bot.i18n import render
from bot.reporting.parts import Document, Say, Section
from bot.reporting.sections.about import about
from bot.reporting.sections.ahead import ahead
from bot.reporting.sections.deeds import needed, steps, stories
from bot.reporting.sections.energy import energy
from bot.reporting.sections.gatherings import gatherings
from bot.reporting.sections.helpers import helpers
from bot.reporting.sections.ideas import ideas
from bot.reporting.sections.opinions import differ, refused, stand, unites
from bot.reporting.sections.people import people
from bot.reporting.sections.questions import questions

OWN_WORDS = Text("What people wrote stands here in their own words.")

SECTIONS: tuple[Callable[[Harvest, Say], Section], ...] = (
    about, people, unites, refused, stand, differ, energy, needed, helpers, steps, stories, gatherings, questions,
    ahead, ideas,
)  # fmt: skip
"""What the harvest tells, in this order: the long list of all ideas stands last."""


def document(harvest: Harvest, locale: str) -> Document:
    """Put the harvest into words."""
    say = saying(harvest, locale)
    return Document(
        locale=locale, spoken=spoken(harvest, locale), title=title(harvest, say),
        question=harvest.question, dates=dates(harvest, say),
        contents=say(Text("What is here")),
        sections=tuple(section for tell in SECTIONS if (section := tell(harvest, say))),
        foot=(
            say(OWN_WORDS),
            say(
                Text(
                    "Votes are secret. Sums show when five have weighed an idea, and change in steps of five. "
                    "A number of people shows from five on."
                )
            ),
            say(Text("Support is open, and so is who holds a helper group together.")),
        ),
    )  # fmt: skip


def spoken(harvest: Harvest, locale: str) -> str:
    """Give the language of the conversation, where it is not that of the reader; else nothing."""
    return harvest.locale if harvest.locale != locale else ""


def title(harvest: Harvest, say: Say) -> str:
    """Tell where it is from."""
    return say(Text("Harvest from %(place)s", {"place": harvest.place}))


def dates(harvest: Harvest, say: Say) -> str:
    """Tell of which days it is."""
    begun, made = When(harvest.begun_at, "day"), When(harvest.made_at, "day")
    if local_day(harvest.begun_at, harvest.zone) == local_day(harvest.made_at, harvest.zone):
        return say(Text("This is how things stood on %(made)s.", {"made": made}))
    return say(Text("We began on %(begun)s. This is how things stood on %(made)s.", {"begun": begun, "made": made}))


def saying(harvest: Harvest, locale: str) -> Say:
    """Give what writes a sentence for a reader of the harvest."""
    return partial(render, locale=locale, zone=harvest.zone)
