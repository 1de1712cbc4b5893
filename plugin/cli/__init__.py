"""The command line: `flask --app wsgi google …`. Importing a module of commands adds them to the group."""

from plugin.cli import commands, keys, reviewing, settings
from plugin.cli.common import google_commands

__all__ = ["commands", "google_commands", "keys", "reviewing", "settings"]
