"""Before numpy: the room's own setting, and the same for what scikit-learn brings, so that tests share the machine."""

import os

import bot.opinion  # noqa: F401 (it says how many threads numpy takes)

os.environ.setdefault("OMP_NUM_THREADS", "1")
