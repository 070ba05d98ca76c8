"""Pictures of Matrix as people see it: a real client in a browser looks at the story of two networks."""
