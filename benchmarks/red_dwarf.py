"""Times red-dwarf's `run_pipeline` on the votes of a file; run by its own environment's Python: RUNS FILE."""

from __future__ import annotations

import json
import resource
import sys
import time

import numpy as np
from reddwarf.implementations.base import run_pipeline


def main() -> None:
    """Print the seconds of each run, and the peak memory in MiB."""
    runs, file = sys.argv[1:]
    votes = [
        {"participant_id": who, "statement_id": what, "vote": vote, "modified": 0}
        for who, what, vote in np.load(file).tolist()
    ]
    for _run in range(int(runs)):
        begin = time.perf_counter()
        run_pipeline(votes=votes, random_state=1)
        took = time.perf_counter() - begin
        print(json.dumps([took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]), flush=True)


if __name__ == "__main__":
    main()
