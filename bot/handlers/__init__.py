"""What the bot does when something happens: one file a concern, found through the tables in `tables.py`."""
