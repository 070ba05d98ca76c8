"""A real Matrix server for the tests: Synapse, in an environment of its own, one for each process of the test run.

Tests that ask for the fixture `synapse` share one process by a mark:

    pytestmark = pytest.mark.xdist_group("synapse")

Rules
-----
* It is installed from its locked requirements by the first test that wants it, beside the tests' own environment.
* It listens on loopback only, keeps SQLite in a folder that goes with it, and speaks with no other server.
* Its limits are lifted, unless a test asks for Synapse's own.
* `gate` makes an address in front of it, where a test lets requests fail; it also knows how far a client has read.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

LOCK = Path(__file__).with_name("requirements.lock")
PLACE = Path(sys.prefix) / "peers" / "synapse"
SERVER_NAME = "byalag.test"
SECRET = "tests only"
PATIENCE = 90.0

RUN = """
import ctypes, runpy, signal, sys
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # it ends with the tests, however they end
runpy.run_module("synapse.app.homeserver", run_name="__main__", alter_sys=True)
"""

PLENTY = {"per_second": 100_000, "burst_count": 100_000}
LIFTED = {
    "rc_message": PLENTY, "rc_registration": PLENTY, "rc_admin_redaction": PLENTY, "rc_3pid_validation": PLENTY,
    "rc_login": {"address": PLENTY, "account": PLENTY, "failed_attempts": PLENTY},
    "rc_joins": {"local": PLENTY, "remote": PLENTY}, "rc_joins_per_room": PLENTY,
    "rc_invites": {"per_room": PLENTY, "per_user": PLENTY, "per_issuer": PLENTY},
    "rc_key_requests": PLENTY, "rc_room_creation": PLENTY, "rc_media_create": PLENTY,
}  # fmt: skip


def install() -> Path:
    """Give the environment's Python, installed on first use; the lock's hash names it."""
    version = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    folder = PLACE / version
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    PLACE.mkdir(parents=True, exist_ok=True)
    with (PLACE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            venv.create(folder, with_pip=True, symlinks=True)
            pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet", "--quiet"]
            wanted = ["install", "--only-binary", ":all:", "--require-hashes", "--requirement", str(LOCK)]
            subprocess.run([*pip, *wanted], check=True, timeout=900)
            (folder / "ready").touch()
    return python


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Synapse:
    """One server. `stop` and `start` are the levers of a test; `more` is what its configuration says besides."""

    def __init__(self, **more: Any) -> None:
        self._python = install()
        self._folder = tempfile.TemporaryDirectory(prefix="byalag-synapse-", ignore_cleanup_errors=True)
        self.folder = Path(self._folder.name)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.observer = ""
        """The token of somebody who only watches, if there is one."""
        self._process: subprocess.Popen[bytes] | None = None
        self._write(more)
        self.start()

    def _write(self, more: dict[str, Any]) -> None:
        listener = {
            "port": self.port, "bind_addresses": ["127.0.0.1"], "type": "http", "tls": False,
            "resources": [{"names": ["client", "media"]}],
        }  # fmt: skip
        config = {
            "server_name": SERVER_NAME, "listeners": [listener], "pid_file": str(self.folder / "pid"),
            "database": {"name": "sqlite3", "args": {"database": str(self.folder / "synapse.db")}},
            "media_store_path": str(self.folder / "media"), "signing_key_path": str(self.folder / "key"),
            "log_config": str(self.folder / "log.yaml"), "registration_shared_secret": SECRET, "report_stats": False,
            "bcrypt_rounds": 4, "trusted_key_servers": [], "federation_domain_whitelist": [], "enable_metrics": False,
            "presence": {"enabled": False}, "send_federation": False, "suppress_key_server_warning": True,
            "caches": {"sync_response_cache_duration": "0s"},
            "url_preview_enabled": False, "forget_rooms_on_leave": False, "allow_public_rooms_over_federation": False,
        } | LIFTED | more  # fmt: skip
        (self.folder / "homeserver.yaml").write_text(json.dumps(config))
        handler = {"class": "logging.FileHandler", "filename": str(self.folder / "synapse.log"), "level": "WARNING"}
        log = {"version": 1, "handlers": {"file": handler}, "root": {"level": "WARNING", "handlers": ["file"]}}
        (self.folder / "log.yaml").write_text(json.dumps(log))
        command = [str(self._python), "-m", "synapse.app.homeserver", "--generate-keys"]
        subprocess.run([*command, "-c", str(self.folder / "homeserver.yaml")], check=True, capture_output=True)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [str(self._python), "-c", RUN, "-c", str(self.folder / "homeserver.yaml")]
        with (self.folder / "out").open("ab") as out:
            self._process = subprocess.Popen(command, cwd=self.folder, stdout=out, stderr=out, env=self._environment())
        deadline = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/health", timeout=5):  # noqa: S310 (our own)
                return
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("Synapse did not start:\n" + (self.folder / "out").read_text()[-2000:])
            time.sleep(0.05)

    @staticmethod
    def _environment() -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        return kept | {"SYNAPSE_REPORT_STATS": "no", "PYTHONDONTWRITEBYTECODE": "1"}

    def stop(self) -> None:
        """Stop it; what it holds is kept."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def end(self) -> None:
        """Stop it for good, and remove what it held."""
        self.stop()
        self._folder.cleanup()

    def register(self, name: str, password: str = "secret", *, display: str = "", admin: bool = False) -> str:
        """Make an account and give its id."""
        return str(self.enrol(name, password, display=display, admin=admin)["user_id"])

    def enrol(self, name: str, password: str = "secret", *, display: str = "", admin: bool = False) -> dict[str, Any]:
        """Make an account and log in with it; gives its `user_id`, `device_id` and `access_token`."""
        path = "/_synapse/admin/v1/register"
        nonce = self._ask("GET", path)["nonce"]
        said = "\0".join([nonce, name, password, "admin" if admin else "notadmin"]).encode()
        mac = hmac.new(SECRET.encode(), said, hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": password, "mac": mac, "admin": admin}
        return self._ask("POST", path, body | {"displayname": display or name})

    def lift_limits(self, user: str) -> None:
        """Let an administrator take all limits from one account."""
        admin = self.register("admin", admin=True)
        login = {"type": "m.login.password", "identifier": {"type": "m.id.user", "user": admin}, "password": "secret"}
        token = self._ask("POST", "/_matrix/client/v3/login", login)["access_token"]
        path = f"/_synapse/admin/v1/users/{user}/override_ratelimit"
        self._ask("POST", path, {"messages_per_second": 0, "burst_count": 0}, token)

    def _ask(self, method: str, path: str, body: Any = None, token: str = "") -> dict[str, Any]:
        data = json.dumps(body).encode() if body is not None else None
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(self.url + path, data, headers, method=method)  # noqa: S310 (our own server)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 (the same)
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{error.code} {error.read()!r}") from error


@contextmanager
def running(**more: Any) -> Iterator[Synapse]:
    """Run a server with a configuration of its own."""
    server = Synapse(**more)
    try:
        yield server
    finally:
        server.end()


@pytest.fixture(scope="session")
def synapse() -> Iterator[Synapse]:
    """Give this process's server."""
    with running() as server:
        yield server
