"""Printing beside the bot: a process of its own lays a page out, which takes seconds and all of a processor."""

from __future__ import annotations

import asyncio
import sys

from bot.reporting.pdf import CANNOT, NoPdf

PATIENCE = 120.0
"""Seconds that a page may take."""


class NotPrinted(Exception):
    """The process died or took too long."""


async def printed(page: bytes) -> bytes:
    """Give a page as PDF. Raises `NoPdf` where none can be made, `NotPrinted` where this one was not."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.reporting.pdf", stdin=pipe, stdout=pipe, stderr=pipe
    )
    try:
        async with asyncio.timeout(PATIENCE):
            made, told = await process.communicate(page)
    except TimeoutError:
        raise NotPrinted("it took too long") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode == CANNOT:
        raise NoPdf(told.decode())
    if process.returncode or not made:
        raise NotPrinted(f"status {process.returncode}")
    return made
