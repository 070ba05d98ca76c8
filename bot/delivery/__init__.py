"""The ways out: the outbox worker with its pacing and fan-outs, and the lane that answers presses."""
