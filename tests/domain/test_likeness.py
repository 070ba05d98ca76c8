"""Which ideas may say the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.likeness import similar

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
