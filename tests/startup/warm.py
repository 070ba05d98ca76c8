"""A process that has loaded the bot's code, and turns copies of itself into commands: a start without the loading.

Each copy is a process as real as any: it has its own environment, folder, streams and signals, and ends like any other.
The test's side is `Warm` in `command.py`. Over the control socket comes one JSON object for each command with four file
descriptors: input, output, errors, and a socket on which first the process's number is told, and then how it ended.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import socket
import sys
import threading
import traceback
from typing import Any, NoReturn

MOST = 1 << 20


def serve(control: socket.socket) -> None:
    """Start what is asked for, and tell how it ended, until nobody is there to ask."""
    running: dict[int, tuple[int, socket.socket]] = {}
    while True:
        ready, _, _ = select.select([control, *running], [], [])
        for descriptor in [one for one in ready if one is not control]:
            number, told = running.pop(descriptor)
            _, status = os.waitpid(number, 0)
            os.close(descriptor)
            told.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
            told.close()
        if control in ready:
            asked, descriptors, _, _ = socket.recv_fds(control, MOST, 4)
            if not asked:
                return
            told = socket.socket(fileno=descriptors.pop())
            number = os.fork()
            if number == 0:
                control.close()
                told.close()
                become(json.loads(asked), descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
            told.sendall(f"{number}\n".encode())
            running[os.pidfd_open(number)] = number, told


def become(asked: dict[str, Any], descriptors: list[int]) -> NoReturn:
    """Be `python -m bot …` from here on."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    if asked["largest_file"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (asked["largest_file"],) * 2)
    sys.argv = ["bot", *asked["arguments"]]
    from bot.__main__ import main

    status = 1
    try:
        status = main()
    except SystemExit as end:
        status = int(end.code or 0)
    except BaseException:  # noqa: BLE001 (as the interpreter does it)
        traceback.print_exc()
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    sys.stdout.flush()
    # Taking the interpreter apart, piece by piece, would take longer than most commands.
    os._exit(status)


def load() -> None:
    """Load what any command may need."""
    import bot.__main__
    import bot.adapters.console.adapter
    import bot.adapters.telegram.adapter
    import bot.check
    import bot.scheduler
    import bot.web.metrics
    import bot.web.server  # noqa: F401 (all of this is only to be loaded)


if __name__ == "__main__":
    load()
    gc.collect()
    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv[1])))
