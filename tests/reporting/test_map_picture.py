"""The picture of a map: the same in every light, and nothing in it by colour alone."""

from __future__ import annotations

import io
from functools import partial

import pytest
from PIL import Image

from bot.domain.maps import Area, Shape
from bot.i18n import LOCALES, render
from bot.reporting.map_picture import LOOKS, PAPER, draw, labels

SHAPES = tuple(Shape("ABCDE"[n], 20 + n, Area(n / 2.5 - 0.8, (-1) ** n * 0.5, 0.3, 0.2, n)) for n in range(5))


def pixels(drawn: bytes) -> Image.Image:
    return Image.open(io.BytesIO(drawn)).convert("RGB")


@pytest.mark.parametrize("locale", LOCALES)
def test_it_is_drawn_on_its_own_paper_in_each_language(locale: str) -> None:
    words = labels(SHAPES, partial(render, locale=locale))
    assert words.title == {"sv": "Var vi står", "en": "Where we stand"}[locale]
    found = pixels(draw(SHAPES, words))
    paper = tuple(int(PAPER[at : at + 2], 16) for at in (1, 3, 5))
    wide, high = found.size
    assert (wide, high) == (1080, 885)
    edge = [found.getpixel((x, y)) for x in range(wide) for y in (0, high - 1)]
    edge += [found.getpixel((x, y)) for y in range(high) for x in (0, wide - 1)]
    assert set(edge) == {paper}, "nothing is cut off, and nothing shines through"


def test_each_group_has_a_pattern_and_a_line_of_its_own() -> None:
    assert len({hatch for _colour, hatch, _line in LOOKS}) == len(LOOKS)
    grey = pixels(draw(SHAPES, labels(SHAPES, partial(render, locale="en")))).convert("L")
    assert sum(count > 0 for count in grey.histogram()) > 20, "and it can be told apart in grey"


def test_one_sees_where_one_stands() -> None:
    words = labels(SHAPES, partial(render, locale="en"))
    assert draw(SHAPES, words, (0.2, 0.1)) != draw(SHAPES, words)
    assert draw(SHAPES, words) is draw(SHAPES, words), "what was drawn is kept for a while"
