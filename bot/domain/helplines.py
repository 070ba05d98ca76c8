"""Numbers to call, by country: people who listen, and help in an emergency.

Each line names who answers, and on whose page the number stands. They were written down from what is generally known,
and numbers change: whoever runs the bot compares them with those pages before the first day, and once a year, and can
set their own for a country (`docs/operate.md`).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Helpline(msgspec.Struct, frozen=True):
    """Who answers (their own name), the number as one dials it, and whose page says so."""

    name: str
    number: str
    source: str


EMERGENCY = Helpline("SOS", "112", "https://digital-strategy.ec.europa.eu/en/policies/112")
"""The same in all countries of the table."""

HELPLINES = {
    "SE": (
        Helpline("1177 Vårdguiden", "1177", "https://www.1177.se"),
        Helpline("Mind Självmordslinjen", "90101", "https://mind.se"),
        Helpline("Jourhavande medmänniska", "08-702 16 80", "https://jourhavande-medmanniska.se"),
        Helpline("Bris (under 18)", "116 111", "https://www.bris.se"),
        Helpline("Kvinnofridslinjen", "020-50 50 50", "https://kvinnofridslinjen.se"),
    ),
    "NO": (
        Helpline("Legevakt", "116 117", "https://www.helsenorge.no"),
        Helpline("Mental Helse", "116 123", "https://mentalhelse.no"),
        Helpline("Kirkens SOS", "22 40 00 40", "https://www.kirkens-sos.no"),
        Helpline("Alarmtelefonen for barn og unge", "116 111", "https://www.116111.no"),
    ),
    "DK": (
        Helpline("Livslinien", "70 201 201", "https://www.livslinien.dk"),
        Helpline("SIND", "70 23 27 50", "https://sind.dk"),
        Helpline("BørneTelefonen", "116 111", "https://bornetelefonen.dk"),
    ),
    "FI": (
        Helpline("Päivystysapu, Jourhjälpen", "116 117", "https://116117.fi"),
        Helpline("MIELI Kriisipuhelin", "09 2525 0111", "https://mieli.fi"),
        Helpline("MIELI Kristelefonen (svenska)", "09 2525 0116", "https://mieli.fi"),
        Helpline("Lasten ja nuorten puhelin", "116 111", "https://www.mll.fi"),
    ),
}
"""Those who answer in a country."""

_ZONES = {"Europe/Stockholm": "SE", "Europe/Oslo": "NO", "Europe/Copenhagen": "DK", "Europe/Helsinki": "FI"}


def with_own(own: Mapping[str, Mapping[str, str]]) -> Mapping[str, tuple[Helpline, ...]]:
    """Give the lines of all countries: in the place of ours those (a number for each name) of the operator's own."""
    return HELPLINES | {
        country: tuple(Helpline(name, number, "BYALAG_HELPLINES") for name, number in lines.items())
        for country, lines in own.items()
    }


def lines_for(
    place_key: str, zone: str, helplines: Mapping[str, tuple[Helpline, ...]] = HELPLINES
) -> tuple[Helpline, ...]:
    """Give the numbers to call: of the place's country, or of the zone's; in any case the emergency number."""
    country = place_key.partition("-")[0] or _ZONES.get(zone, "")
    return (EMERGENCY, *helplines.get(country, helplines.get(_ZONES.get(zone, ""), ())))
