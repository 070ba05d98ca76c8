"""Matrix: `adapter.MatrixAdapter` with `settings.MatrixSettings`; nothing is loaded before it is needed."""
