"""Which ideas may say the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.likeness import related, similar

IDEAS = [
    "Fler bänkar längs ån",
    "Plantera träd på torget",
    "Fler cykelbanor till skolan",
    "Biblioteket borde ha öppet längre",
    "Gratis buss för unga",
    "Ett verktygsbibliotek i gamla skolan",
]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Fler bänkar vid ån", "Fler bänkar längs ån"),
        ("fler parkbänkar", "Fler bänkar längs ån"),
        ("Biblioteket ska ha öppet längre på kvällar", "Biblioteket borde ha öppet längre"),
        ("Verktygsbibliotek", "Ett verktygsbibliotek i gamla skolan"),
        ("Gratis bussar till ungdomar", "Gratis buss för unga"),
    ],
)
def test_the_same_thought_is_found(text: str, same: str) -> None:
    assert IDEAS[similar(text, enumerate(IDEAS))[0]] == same


@pytest.mark.parametrize("text", ["Bygg ett badhus", "En ny rondell vid infarten", "!!!", "🙂"])
def test_another_thought_is_not(text: str) -> None:
    assert similar(text, enumerate(IDEAS)) == []


@given(st.text(max_size=700), st.lists(st.text(max_size=700), max_size=5))
def test_no_text_is_too_odd(text: str, others: list[str]) -> None:
    found = similar(text, enumerate(others))
    assert len(found) == len(set(found)) <= 3


@pytest.mark.parametrize(
    ("need", "offer", "suits"),
    [
        ("Jag behöver skjuts till vårdcentralen på tisdag", "Jag kan köra folk till vårdcentralen", True),
        ("Jag behöver hjälp med trädgården", "Jag kan hjälpa till med trädgårdsarbete", True),
        ("I need support with maths homework for my son", "I can help with homework, maths and English", True),
        ("Jag behöver hjälp med datorn", "Jag kan hjälpa till med trädgårdsarbete", False),
        ("I need help with moving", "I can help with homework", False),
        ("", "I can help with homework", False),
    ],
)
def test_a_need_and_an_offer_are_related_by_what_they_are_about(need: str, offer: str, *, suits: bool) -> None:
    assert related(need, [("it", offer)]) == (["it"] if suits else [])


def test_the_likeliest_stand_first() -> None:
    others = [(1, "I sing"), (2, "Homework"), (3, "Homework in maths"), (4, "Maths"), (5, "Something in the maths way")]
    assert related("Homework in maths", others, most=2)[0] == 3
