"""Benchmarks: how long a sync takes, what it asks of Google and of the database. `make bench`."""
