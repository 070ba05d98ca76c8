"""The database: its schema, the unit of work, and one module of queries a noun."""
