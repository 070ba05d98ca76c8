"""What the bot's speed and size are, one file a figure: `make bench`, or `make bench ONLY=name`.

Where time is involved a figure is a ratio: ours and theirs take turns on one machine in one run, and medians are
compared. Nothing here passes or fails: what was seen is written to `RESULTS.md` (for people) and `results.json`.
"""
