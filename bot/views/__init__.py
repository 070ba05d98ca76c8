"""What people see: pure functions from what is known to neutral content, one file a concern."""
