"""The project keeps what it says of itself: its locks, its lists, its words and its licence."""

from __future__ import annotations

import ast
import hashlib
import io
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.__main__ import main
from tools import babel_text, check_catalogs

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = ("requirements.lock", "requirements-pdf.lock", "requirements-dev.lock")
MADE = {
    "node_modules",
    ".git",
    ".venv",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".import_linter_cache",
    ".hypothesis",
    "__pycache__",
}


def _name(requirement: str) -> str:
    """A package's name as its index writes it."""
    found = re.match(r"[\w.-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found.group()).lower()


def _locked(lock: str) -> dict[str, str]:
    """What a lock pins: version by name."""
    pins = re.findall(r"^([\w.-]+)(?:\[[^]]*])?==([^\s;]+)", (ROOT / lock).read_text(), re.MULTILINE)
    return {_name(name): version for name, version in pins}


def _files(root: Path = ROOT) -> Iterator[Path]:
    for path in root.iterdir():
        if path.is_dir():
            yield from () if path.name in MADE else _files(path)
        elif path.is_file():
            yield path


RUNS = {_name(requirement) for requirement in PROJECT["project"]["dependencies"]}
EXTRA = {_name(one) for extra in PROJECT["project"]["optional-dependencies"].values() for one in extra}
HELPS = {_name(requirement) for group in PROJECT["dependency-groups"].values() for requirement in group}


def test_every_direct_dependency_stands_in_the_list_with_its_locked_version() -> None:
    rows = re.findall(r"^\| ([\w-]+) \| ([\d.]+) \|", (ROOT / "docs/dependencies.md").read_text(), re.MULTILINE)
    pins = _locked("requirements-dev.lock")

    assert dict(rows) == {name: pins[name] for name in RUNS | EXTRA | HELPS}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_a_hash_for_everything_and_names_no_index(lock: str) -> None:
    text = (ROOT / lock).read_text()
    entries = re.split(
        r"^(?=\w)", "\n".join(line for line in text.splitlines() if not line.startswith("#")), flags=re.MULTILINE
    )

    assert [entry.split()[0] for entry in entries if entry.strip() and "--hash=sha256:" not in entry] == []
    assert "://" not in text
    assert not re.search(r"^--", text, re.MULTILINE)


def test_the_locks_have_the_same_versions_and_all_that_is_asked_for() -> None:
    runs, prints, develops = (_locked(lock) for lock in LOCKS)

    assert runs.items() <= develops.items()
    assert runs.keys() >= RUNS
    assert prints.items() <= develops.items()
    assert prints.keys() >= RUNS | EXTRA
    assert develops.keys() >= RUNS | EXTRA | HELPS


def test_the_project_is_built_with_what_is_locked() -> None:
    assert {_name(requirement) for requirement in PROJECT["build-system"]["requires"]} <= _locked(
        "requirements.lock"
    ).keys()


def test_a_platform_is_told_what_to_run() -> None:
    processes = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())

    assert processes.keys() == {"web", "worker", "release"}
    assert [command for command in processes.values() if "python -m bot " not in command] == []


def test_the_image_takes_only_files_that_exist_and_may_go_in() -> None:
    lines = (ROOT / "Containerfile").read_text().splitlines()
    copied = {name for line in lines if line.startswith("COPY") and "--from" not in line for name in line.split()[1:-1]}
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}

    assert copied == allowed
    assert [name for name in copied if not (ROOT / name).exists()] == []


def test_the_licence_is_the_affero_general_public_license_word_for_word() -> None:
    licence = (ROOT / "LICENSE").read_bytes()

    assert hashlib.sha256(licence).hexdigest() == "0d96a4ff68ad6d4b6f1f30f713b18d5184912ba8dd389f86aa7710db079abcb0"
    assert PROJECT["project"]["license"] == "AGPL-3.0-or-later"


def test_it_says_where_it_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    systems = [one for one in PROJECT["project"]["classifiers"] if one.startswith("Operating System")]
    assert systems == ["Operating System :: POSIX :: Linux", "Operating System :: MacOS"]
    for page in ("README.md", "docs/operate.md"):
        text = " ".join((ROOT / page).read_text().split())
        assert all(word in text for word in ("Linux or macOS", "On Windows", "WSL"))
    monkeypatch.setattr(sys, "platform", "win32")
    assert main(["check"]) == 1
    assert "On Windows, run it in WSL or in a container." in capsys.readouterr().err


def test_what_the_pages_tell_to_make_can_be_made() -> None:
    verbs = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / ".ci/run"]
    told = {
        verb for page in pages for verb in re.findall(r"(?:`|^\s*\$? ?)make ([a-z]+)", page.read_text(), re.MULTILINE)
    }

    assert {"run", "test"} <= told
    assert told - verbs == set()


def test_the_project_stands_alone() -> None:
    outside = "../" + "shared"
    texts = {path: path.read_bytes() for path in _files()}

    assert [path for path, text in texts.items() if outside.encode() in text] == []


def test_what_is_pure_reads_no_clock() -> None:
    """The contracts on imports hold the rest; `datetime` itself they must let in."""
    sources = [path for room in ("chat", "domain", "flows", "views") for path in (ROOT / "bot" / room).rglob("*.py")]
    calls = [
        (path, node.func.attr)
        for path in sources
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]

    assert sources
    assert [call for call in calls if call[1] in {"now", "today", "utcnow", "uuid1", "uuid4", "uuid7"}] == []


# --- the catalogs


def test_the_bot_speaks_swedish_to_the_last_word() -> None:
    assert (ROOT / "locales/sv/LC_MESSAGES/bot.po").exists()
    assert check_catalogs.problems() == []


def _extracted(source: str) -> list[babel_text.Found]:
    return list(babel_text.extract(io.BytesIO(source.encode()), (), ("Translators:",), {}))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('Text("Hello")', ("gettext", ("Hello",))),
        ('content.Text("Hello " "%(name)s", {"name": name})', ("gettext", ("Hello %(name)s",))),
        ('Text("one idea", {"n": 2}, plural="%(n)s ideas")', ("ngettext", ("one idea", "%(n)s ideas"))),
        ('Text("open", context="season")', ("pgettext", ("season", "open"))),
        ('Text("one vote", {"n": 2}, "%(n)s votes", "sums")', ("npgettext", ("sums", "one vote", "%(n)s votes"))),
        ('N_("Later")', ("gettext", ("Later",))),
    ],
)
def test_a_message_is_found_however_it_is_written(source: str, message: tuple[str, tuple[str, ...]]) -> None:
    assert _extracted(source) == [(1, *message, [])]


@pytest.mark.parametrize(
    "source", ["Text(msgid)", 'Text(f"Hello {name}")', 'Text("")', 'words("Hello")', "Text(**all)"]
)
def test_what_is_no_literal_message_is_passed_over(source: str) -> None:
    assert _extracted(source) == []


def test_a_comment_right_above_goes_to_the_translators() -> None:
    source = (
        '# why\n# Translators: said at dawn\n# and at dusk\nText("Hello")\n\n# Translators: far away\n\nText("Bye")\n'
    )

    assert [comments for *_, comments in _extracted(source)] == [["Translators: said at dawn", "and at dusk"], []]


@pytest.fixture
def small_project(tmp_path: Path) -> Path:
    """A project that says two things."""
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot/words.py").write_text('Text("Hello %(name)s")\nText("one idea", plural="%(n)s ideas")\n')
    return tmp_path


HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\nPlural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
HELLO = '\n#, python-format\nmsgid "Hello %(name)s"\nmsgstr "Hej %(name)s"\n'
IDEAS = (
    '\n#, python-format\nmsgid "one idea"\nmsgid_plural "%(n)s ideas"\nmsgstr[0] "en idé"\nmsgstr[1] "%(n)s idéer"\n'
)


@pytest.mark.parametrize(
    ("catalog", "problem"),
    [
        (HELLO + IDEAS, ""),
        (HELLO, "missing: 'one idea'"),
        (HELLO + IDEAS + '\nmsgid "Bye"\nmsgstr "Hej då"\n', "no longer said: 'Bye'"),
        (HELLO.replace("Hej %(name)s", "") + IDEAS, "not translated: 'Hello %(name)s'"),
        (HELLO + IDEAS.replace("%(n)s idéer", ""), "not translated: 'one idea'"),
        (HELLO.replace("python-format", "fuzzy, python-format") + IDEAS, "fuzzy: 'Hello %(name)s'"),
        (HELLO.replace("Hej %(name)s", "Hej du") + IDEAS, "without name: 'Hello %(name)s'"),
        (HELLO + IDEAS.replace("%(n)s ideas", "%(n)s thoughts"), "another plural: 'one idea'"),
    ],
)
def test_a_catalog_that_is_not_whole_is_told_apart(small_project: Path, catalog: str, problem: str) -> None:
    folder = small_project / "locales/sv/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "bot.po").write_text(HEADER + catalog)

    found = check_catalogs.problems(small_project)

    assert found == ([f"locales/sv/LC_MESSAGES/bot.po: {problem}"] if problem else [])


def test_a_project_without_catalogs_is_not_whole(small_project: Path) -> None:
    assert check_catalogs.problems(small_project) == ["locales: there is no catalog"]
