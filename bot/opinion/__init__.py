"""What the votes of a conversation say: where people stand, which groups there are, what unites them, what to ask next.

Rules of this room:

- The only room with numpy. Import it where it is used, off the event loop (`asyncio.to_thread`): nothing of it is
  loaded when the bot starts. `next_idea` alone goes without numpy and may be used anywhere.
- Pure: votes and what was remembered in, results and what to remember out. No clock, no dice, no I/O; the same in gives
  the same out, whatever the order of the votes and whether they came one by one or all at once.
- People and ideas are named by 16 bytes (`UUID.bytes`). What they said and who they are is not known here.
- A vote is +1 (agree), −1 (disagree) or 0 (pass).

The formulas are Polis's: C. Small, M. Bjorkegren, T. Erkkilä, L. Shaw, C. Megill, “Polis: Scaling deliberation by
mapping high dimensional opinion spaces”, 2021, and the source of github.com/compdemocracy/polis, folder `math`.
"""

import os

# One thread: the processors left are for those who press buttons meanwhile. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
