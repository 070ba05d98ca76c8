"""What a conversation, a participant, an idea, a vote, a helper group is, and its rules.

Pure: frozen records and functions over them. No clock, no chance, no storage, no network, no words of the interface.
"""
