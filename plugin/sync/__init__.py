"""The use cases: connect, gather, apply, run. They know `ports.py` and `core`, no adapter."""
