"""The harvest in all its forms: what stands there, and what hostile words cannot do."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, ValidationError, validate

from bot.domain import harvest
from bot.domain.harvest import Energy, Harvest, HarvestGroup, Weighed
from bot.i18n import LOCALES
from bot.reporting.data import data, schema
from bot.reporting.document import document
from bot.reporting.markdown import escaped, markdown
from bot.reporting.page import page
from bot.reporting.parts import Item, Picture, Section
from bot.reporting.sheet import sheet
from bot.reporting.tables import OURS, read_cell, tables, written, zipped
from tests.reporting.town import DAY, EMPTY, NORA, NOW, hostile

DOCS = Path(__file__).parents[2] / "docs"

HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}{% raw %}", "%(n)d %s", "</style><b>",
    "# No\n## heading\n- list\n1. number\n> quote\n| a | b |\n```\n![x](http://x)", "=1+1", "שלום \u0634 <b>",
)  # fmt: skip


class Read(HTMLParser):
    """A page as it is read: its tags in their order, their attributes, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in {"meta", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, text: str) -> None:
        if "style" not in self.open:
            self.text += text


def read(harvested: Harvest, locale: str = "en") -> Read:
    """The page of a harvest."""
    return Read(page(document(harvested, locale)).decode())


# -- the page --------------------------------------------------------------------------------------------------------


def test_the_page_tells_all_of_it_in_peoples_own_words() -> None:
    text = read(NORA).text
    for words in (
        "What do we want Nora to be like?", "I live here.", "Courage", "The budget", "20 people took part.",
        "resident: 12", "A bench by the lake,\nfor talking", "3 carry it.", "From the meeting.",
        "When 20 had weighed it: 12 agreed, 5 disagreed, 3 passed.", "Build it", "Alva holds it together.",
        "Meet on Friday", "It came from idea 1.", "join ABC234", "Group A: 9 people", "March 2, 2026",
        "9 came because somebody had invited them.", "What is missing?",
        "What can you do that a neighbour", "Feb 27\u2009–\u2009Mar 1", "2 hands to help.",
    ):  # fmt: skip
        assert words in text, words


def test_a_section_has_a_picture_and_its_words() -> None:
    drawn, taken = Picture("image/png", b"\x89PNG", "Two groups"), Picture("image/jpeg", b"\xff\xd8", "A bench")
    section = Section("map", "Map", pictures=(drawn,), items=(Item("story-1", "Story", "It is there.", picture=taken),))
    whole = msgspec.structs.replace(document(NORA, "en"), sections=(section,))
    assert '<img src="data:image/png;base64,iVBORw==" alt="Two groups">' in page(whole).decode()
    assert '<img src="data:image/jpeg;base64,/9g=" alt="A bench">' in page(whole).decode().partition("It is there.")[2]
    assert "*Two groups*\n\n### Story\n\n> It is there.\n\n*A bench*\n" in markdown(whole).decode()


def test_the_map_is_there_as_a_picture_and_in_words() -> None:
    town = msgspec.structs.replace(
        NORA, ideas=(msgspec.structs.replace(NORA.ideas[0], by_group=(Weighed(2, 7, 0),)), *NORA.ideas[1:]),
        opinions=msgspec.structs.replace(NORA.opinions, differ=(1,)),
    )  # fmt: skip
    words = "On the map: 1 group. Those who weighed alike are near each other. Group A: 9 people, in the middle."
    found = read(town)
    assert ("alt", words) in found.attributes
    assert "Where we differ" in found.text
    assert "In group A, 2 of 9 agreed." in found.text
    text = markdown(document(town, "en")).decode()
    assert f"*{words}*" in text
    assert "Where we differ" in text
    assert json.loads(data(town))["ideas"][0]["by_group"] == [{"agree": 2, "disagree": 7, "passed": 0}]


def test_what_nearly_all_disagree_with_stands_there_too() -> None:
    town = msgspec.structs.replace(NORA, opinions=msgspec.structs.replace(NORA.opinions, unites=(), refused=(2,)))
    told = read(town).text.split("What most do not want")[-1].partition("Where we stand")[0]
    assert "A sauna by the water" in told
    assert "## What most do not want\n\n### Idea 2" in markdown(document(town, "en")).decode()
    assert "What most do not want" not in read(NORA).text


def test_a_screen_reader_learns_in_which_language_people_wrote() -> None:
    arabic = "نريد مكانًا"
    town = msgspec.structs.replace(NORA, why=arabic)
    for written_by in (lambda where: page(document(town, where)), lambda where: sheet(town, where)):
        elsewhere, at_home = written_by("sv").decode(), written_by("en").decode()
        assert '<h1 dir="ltr" lang="en">What do we want' in elsewhere
        assert '<blockquote dir="ltr" lang="en">A bench' in elsewhere
        assert '<h1 dir="ltr">What do we want' in at_home
    assert f'<dd dir="rtl"><q>{arabic}' in page(document(town, "sv")).decode()


def test_a_merged_idea_stands_below_the_one_it_went_into_in_all_forms() -> None:
    text = read(NORA).text
    below = text.partition("Our ideas")[2].partition("Idea 3, part of idea 1")[2]
    assert "A seat for two" in below.partition("Idea 2")[0]
    assert "Those who gave the two ideas wanted them to be one." in below.partition("Idea 4, part of idea 1")[0]
    assert "When 6 had weighed it: 5 agreed, 0 disagreed, 1 passed." in below
    assert "with a moderator's yes" in below.partition("A swing")[2]
    assert "### Idea 3, part of idea 1\n\n> A seat for two" in markdown(document(NORA, "en")).decode()
    assert [part["agreed"] for part in json.loads(data(NORA))["ideas"][0]["parts"]] == [True, False]
    files = tables(NORA)
    assert list(csv.reader(io.StringIO(files["merged.csv"].decode())))[1:] == [["3", "1", "1"], ["4", "1", "0"]]
    comments = list(csv.DictReader(io.StringIO(files["comments.csv"].decode())))
    assert [(row["comment-id"], row["moderated"], row["agrees"]) for row in comments] == [
        ("1", "1", "12"), ("2", "1", ""), ("3", "-1", "5"), ("4", "-1", ""),
    ]  # fmt: skip
    assert "merged.csv" not in tables(EMPTY)


def test_in_swedish_it_speaks_swedish() -> None:
    swedish = read(NORA, "sv")
    assert "Skörd från Nora" in swedish.text
    assert "2 mars 2026" in swedish.text
    assert "Vad kan du som en granne kanske behöver?" in swedish.text
    assert ("lang", "sv") in swedish.attributes


def test_what_there_is_nothing_of_is_left_out() -> None:
    text = read(EMPTY).text
    for words in ("took part", "Our ideas", "Helper groups", "What unites us", "What it is about"):
        assert words not in text
    assert "What comes next" in text


@pytest.mark.parametrize("locale", LOCALES)
def test_one_can_go_through_it_without_eyes(locale: str) -> None:
    found = read(NORA, locale)
    levels = [int(tag[1]) for tag in found.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels)), "no level is skipped"
    ids = [value for name, value in found.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    targets = {value.removeprefix("#") for name, value in found.attributes if name in {"href", "aria-labelledby"}}
    assert targets <= set(ids)
    assert {"main", "header", "footer", "nav"} <= set(found.tags)
    assert found.open == []


def test_it_needs_nothing_else_and_runs_nothing() -> None:
    found = read(NORA)
    assert {"script", "link", "iframe", "form", "object"}.isdisjoint(found.tags)
    assert not [name for name, _value in found.attributes if name.startswith("on")]
    assert all(value.startswith("data:image/png;base64,") for name, value in found.attributes if name == "src")
    text = page(document(NORA, "en")).decode()
    assert "http" not in text.replace("http-equiv", "")


def test_what_is_written_stands_out_from_what_is_behind_it() -> None:
    """4.5 to 1 for words, 3 to 1 for lines and bars, in light and dark (WCAG 1.4.3, 1.4.11)."""
    text = page(document(NORA, "en")).decode()
    schemes = [dict(re.findall(r"--(\w+): (#\w+)", block)) for block in re.findall(r":root \{([^}]*)\}", text)]
    assert len(schemes) == 3
    for colours in schemes:
        for ground in ("paper", "card"):
            for ink in ("ink", "quiet", "link"):
                assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground, colours)
            for mark in ("line", "agree", "disagree"):
                assert contrast(colours[mark], colours[ground]) >= 3, (mark, ground, colours)


def contrast(one: str, other: str) -> float:
    """How far apart two colours are, by WCAG."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """How bright a colour is, by WCAG."""
    digits = colour.removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_become_markup_of_the_page(words: str) -> None:
    plain, found = read(hostile("words")), read(hostile(words))
    assert found.tags == plain.tags
    assert words in found.text


@given(st.text())
def test_no_words_at_all_change_the_page(words: str) -> None:
    assert read(hostile(f"a{words}")).tags == read(hostile("words")).tags


def test_each_text_is_read_in_its_own_direction() -> None:
    text = page(document(hostile("12 \u0634\u062c\u0631\u0629 a"), "en")).decode()
    assert '<h1 dir="rtl">' in text
    assert '<blockquote dir="rtl"' in text
    assert '<html lang="en" dir="ltr">' in text


# -- the sheet -------------------------------------------------------------------------------------------------------


def test_the_sheet_tells_what_counts_most() -> None:
    text = " ".join(Read(sheet(NORA, "sv").decode()).text.split())
    for words in (
        "Skörd från Nora", "20 personer var med 2 idéer 1 stödgrupp", "Det som förenar oss", "A bench by the lake",
        "12 höll med, 5 höll inte med, 3 avstod.", "Build it Vi behöver: hands Nästa steg: Saw them, 2 mars 2026 Alva",
        "Alva håller ihop gruppen.", "med ABC234", "Det här tar vi med oss från mötet",
    ):  # fmt: skip
        assert words in text, words
    assert "vill hjälpa till" not in text, "what people help with is told once, by its helper group"
    waiting = msgspec.structs.replace(NORA, groups=(), energy=(Energy(2, 3),), steps=())
    assert "A sauna by the water 3 händer vill hjälpa till." in " ".join(
        Read(sheet(waiting, "sv").decode()).text.split()
    )
    assert "Våra idéer" not in Read(sheet(EMPTY, "sv").decode()).text


def test_paper_and_page_tell_where_the_bot_is() -> None:
    found = NORA.reached(
        ["https://matrix.to/#/@b:nora.example → !start i-ABC234", "/start i-ABC234", "https://t.me/b?start=i-ABC234"]
    )
    assert found.ways == ("https://t.me/b?start=i-ABC234", "https://matrix.to/#/@b:nora.example")
    for read in (Read(sheet(found, "en").decode()), Read(page(document(found, "en")).decode())):
        assert [value for name, value in read.attributes if name == "href" and "://" in value] == list(found.ways)
    assert ("alt", f"A QR code that leads to {found.ways[0]}") in Read(sheet(found, "en").decode()).attributes
    assert "<https://t.me/b?start=i-ABC234>\n\n<https://matrix.to" in markdown(document(found, "en")).decode()
    assert msgspec.structs.replace(NORA, code="").reached(["https://t.me/b?start=i-"]).ways == ()
    assert "img" not in Read(sheet(NORA, "en").decode()).tags


def test_what_most_do_not_want_waits_for_nobody() -> None:
    refused = msgspec.structs.replace(NORA.ideas[1], weighed=Weighed(1, 4, 0))
    waits = "These ideas wait for somebody who takes the lead"
    assert waits in markdown(document(NORA, "en")).decode()
    ideas = (NORA.ideas[0], refused)
    assert waits not in markdown(document(msgspec.structs.replace(NORA, ideas=ideas), "en")).decode()


def test_the_sheet_is_in_large_print_where_there_is_room() -> None:
    assert b"html { font-size: 12pt; }" in sheet(NORA, "sv")
    assert b"html { font-size: 9.5pt; }" in sheet(
        msgspec.structs.replace(hostile("word " * 40), ideas=NORA.ideas[:1] * 5), "sv"
    )


def test_the_steps_that_are_still_to_come_are_told_as_what_comes_next() -> None:
    lamps = HarvestGroup("Lamps", "", "", "Count the posts", "Bo", 1, None)
    found = msgspec.structs.replace(NORA, groups=(*NORA.groups, lamps))
    told = dict(re.findall(r"## (.*)\n([^#]*)", markdown(document(found, "en")).decode()))["What comes next"]
    assert [words in told for words in ("Buy the planks", "Meet on Friday", "Saw them", "Count the posts")] == [
        False, False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_become_markup_of_the_sheet(words: str) -> None:
    plain, found = (Read(sheet(hostile(some), "en").decode()) for some in ("words", words))
    assert found.tags == plain.tags
    assert found.open == []


# -- Markdown --------------------------------------------------------------------------------------------------------


def test_markdown_reads_as_it_is() -> None:
    text = markdown(document(NORA, "en")).decode()
    assert text.startswith("# What do we want Nora to be like?\n\nHarvest from Nora\n")
    assert "### Idea 1\n\n> A bench by the lake,\\\n> for talking\n\nFrom the meeting.\n\n3 carry it.\n" in text
    assert "**What we hold to**\n\n- Trust\n- Courage\n" in text


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_become_markup_of_markdown(words: str) -> None:
    text = markdown(document(hostile(words), "en")).decode()
    headings = re.findall(r"^#+", text, re.MULTILINE)
    assert headings == re.findall(r"^#+", markdown(document(hostile("words"), "en")).decode(), re.MULTILINE)
    assert not re.search(r"(?<!\\)<|(?<!\\)!?(?<!\\)\[", text)


def test_what_would_be_markup_is_escaped() -> None:
    assert escaped("1. a\n- b\n*c* <d> [e](f) `g` # h") == (
        "1\\. a\n\\- b\n\\*c\\* \\<d\\> \\[e\\](f) \\`g\\` \\# h"
    )  # fmt: skip


# -- tables ----------------------------------------------------------------------------------------------------------


def rows(text: bytes) -> list[list[str]]:
    """A table."""
    return list(csv.reader(io.StringIO(text.decode(), newline="")))


def test_tables_have_the_columns_of_polis_and_nobody_in_them() -> None:
    files = {name: rows(text) for name, text in tables(NORA).items()}
    assert list(files) == ["summary.csv", "comments.csv", "comment-groups.csv", "merged.csv", *OURS]
    assert list(tables(EMPTY)) == ["summary.csv", "comments.csv", "comment-groups.csv"]
    assert files["summary.csv"] == [
        ["topic", "What do we want Nora to be like?"], ["url", ""], ["voters", "20"], ["voters-in-conv", "20"],
        ["commenters", ""], ["comments", "4"], ["groups", "1"], ["conversation-description", "I live here."],
    ]  # fmt: skip
    head, bench, sauna, *_parts = files["comments.csv"]
    assert head[-1] == "comment-body"
    assert dict(zip(head, bench, strict=True)) | {"datetime": ""} == {
        "timestamp": "1772323200", "datetime": "", "comment-id": "1", "author-id": "", "agrees": "12",
        "disagrees": "5", "moderated": "1", "is-meta": "0", "is-seed": "0", "group-informed-consensus": "",
        "comment-body": "A bench by the lake,\nfor talking",
    }  # fmt: skip
    assert bench[1] == "Sun Mar 01 2026 00:00:00 GMT+0000 (Coordinated Universal Time)"
    assert sauna[4:6] == ["", ""], "fewer than five: empty"
    assert files["comment-groups.csv"][1][2:6] == ["20", "12", "5", "3"]
    assert files["comment-groups.csv"][2][2:6] == ["", "", "", ""]


def test_what_was_done_has_tables_of_its_own() -> None:
    files = {name: rows(text) for name, text in tables(NORA).items()}
    assert [files[name][0] for name in OURS] == [list(columns) for columns in OURS.values()]
    assert files["helper-groups.csv"][1][:1] == ["1"]
    assert files["needs.csv"][1:] == [["Somebody to walk with the dog"]]
    assert files["steps.csv"][1:] == [["Buy the planks", "1", "1", ""], ["Saw them", "1", "0", NOW.isoformat()]]
    assert files["stories.csv"][1:] == [
        ["The bench is there, and people sit on it.", DAY.isoformat(), "Bo", "1", "0"]
    ]  # fmt: skip
    told = files["gatherings.csv"][1:]
    for row in told:
        people = row[5]
        assert people == "" or int(people) >= 5, "fewer than five: empty"
    assert [row[:2] for row in told] == [
        [str(place), number]
        for place, one in enumerate(NORA.gatherings, 1)
        for number in ["", *(str(each.number) for each in one.topics)]
    ]


@pytest.mark.parametrize("words", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "'=1", "\uff1d1", "''' +x"])
def test_no_cell_is_a_formula(words: str) -> None:
    for text in tables(hostile(words)).values():
        for row in rows(text):
            for cell in row:
                assert re.match(r"-?\d*$", cell) or cell.strip()[:1] not in "=+-@\uff1d", cell
    assert [read_cell(cell) for cell in rows(written((words,), ()))[0]] == [words]


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\0")))
def test_a_cell_gives_back_what_was_written(words: str) -> None:
    assert read_cell(rows(written((words, 1), ()))[0][0]) == words


def test_a_zip_of_the_same_files_is_the_same() -> None:
    assert zipped(tables(NORA)) == zipped(tables(NORA))


# -- JSON ------------------------------------------------------------------------------------------------------------


def test_the_data_are_all_of_it() -> None:
    found = json.loads(data(NORA))
    assert (found["format"], found["version"]) == ("byalag-harvest", 1)
    assert found["ideas"][0]["weighed"] == {"agree": 12, "disagree": 5, "passed": 3}
    assert found["ideas"][1]["weighed"] is None
    assert msgspec.convert(found, Harvest) == NORA


def test_it_is_as_its_schema_says() -> None:
    written = (DOCS / "harvest.schema.json").read_bytes()
    assert written == schema(), "write it anew: make catalogs"
    told = json.loads(written)
    Draft202012Validator.check_schema(told)
    for harvested in (NORA, EMPTY, hostile("<b>")):
        validate(json.loads(data(harvested)), told)
    with pytest.raises(ValidationError):
        validate(json.loads(data(NORA)) | {"people": "many"}, told)


def test_every_field_is_described() -> None:
    text = (DOCS / "harvest-format.md").read_text(encoding="utf-8")
    kinds = [one for one in vars(harvest).values() if isinstance(one, type) and issubclass(one, msgspec.Struct)]
    kinds = [one for one in kinds if one.__module__ == harvest.__name__]
    fields = {field.encode_name for kind in kinds for field in msgspec.structs.fields(kind)}
    assert {field for field in fields if f"`{field}`" not in text} == set()
