"""The simulator."""

from tests.simulated_google import google, simulator

__all__ = ["google", "simulator"]
