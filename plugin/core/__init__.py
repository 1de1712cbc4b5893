"""The decisions of a sync as pure functions over values: no I/O, clock, environment, randomness or logging."""
