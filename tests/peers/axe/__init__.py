"""axe-core, which finds what keeps people from a page: told by a browser what stands there, it names each fault.

Its script comes from a wheel that has it in it, locked by hash, and is kept beside the tests' own environment.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tests.peers.browser import Browser

LOCK = Path(__file__).with_name("requirements.lock")
PLACE = Path(sys.prefix) / "peers" / "axe"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """
axe.run({runOnly: %s, resultTypes: ["violations"]}).then((found) => found.violations.map(
    (one) => one.id + ": " + one.nodes.map((node) => node.target + " " + node.failureSummary).join("; ")))
"""


def script() -> str:
    """Give the script, fetched on first use; the lock's hash names it."""
    file = PLACE / f"{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}.js"
    PLACE.mkdir(parents=True, exist_ok=True)
    with (PLACE / "lock").open("w") as lock, tempfile.TemporaryDirectory() as folder:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet", "--quiet"]
            wanted = ["download", "--no-deps", "--only-binary", ":all:", "--require-hashes", "--dest", folder]
            subprocess.run([*pip, *wanted, "--requirement", str(LOCK)], check=True, timeout=300)
            [wheel] = Path(folder).glob("*.whl")
            with zipfile.ZipFile(wheel) as packed:
                file.write_bytes(packed.read("axe_playwright_python/axe.min.js"))
    return file.read_text(encoding="utf-8")


async def faults(browser: Browser, axe: str) -> list[str]:
    """Give all faults of the page that a browser shows, by the rules of WCAG 2.2 AA and of good practice."""
    await browser.find(f"{axe}; true")
    found: list[str] = await browser.find(RUN % json.dumps(RULES))
    return found
