"""Logs: structlog, JSON on a server, readable in a terminal; never message text, names, accounts or tokens.

What may be logged is listed, everything else is left out: a field that is not known to be harmless does not appear.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

HARMLESS = frozenset(
    {"event", "level", "timestamp", "logger", "channel", "kind", "verb", "command", "count", "attempts", "seconds",
     "reference", "state", "priority", "error", "where", "version", "port", "queue", "status", "method", "waits", "ids",
     "exception", "reason"}
)  # fmt: skip
"""Fields that never carry anything of a person. `error` is an exception's type, `exception` its traceback's places."""


def harmless_only(_logger: Any, _method: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop the fields that are not on the list."""
    for name in [name for name in fields if name not in HARMLESS]:
        del fields[name]
    return fields


def places(error: BaseException) -> str:
    """Write where an exception was raised: types, files and lines, but no message and no values."""
    lines: list[str] = []
    seen: BaseException | None = error
    while seen is not None:
        lines.append(type(seen).__name__)
        trace = seen.__traceback__
        while trace is not None:
            code = trace.tb_frame.f_code
            lines.append(f"  {code.co_filename.rpartition('/bot/')[2]}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return "\n".join(lines)


class PlacesOnly(logging.Formatter):
    """What the libraries log: who speaks, and where something went wrong; never what about, which may be anything."""

    def format(self, record: logging.LogRecord) -> str:
        """Write level and logger, and the places of an exception."""
        lines = [f"{record.levelname} {record.name}"]
        if record.exc_info and record.exc_info[1] is not None:
            lines.append(places(record.exc_info[1]))
        return "\n".join(lines)


def set_up(level: str, *, readable: bool) -> None:
    """Configure logging for the process; the libraries' loggers speak only from warnings on."""
    renderer: Any = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()) if readable else None
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            harmless_only,
            renderer or structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlacesOnly())
    logging.basicConfig(level=logging.ERROR, handlers=[handler], force=True)
    for name in ("httpx", "httpcore", "telegram", "nio", "aiohttp", "apscheduler", "sqlalchemy", "aiosqlite"):
        logging.getLogger(name).setLevel(logging.ERROR)
