"""The command line: `flask --app wsgi google …`."""

from plugin.cli import commands, reviewing, settings
from plugin.cli.common import google_commands

__all__ = ["commands", "google_commands", "reviewing", "settings"]
