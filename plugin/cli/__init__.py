"""The command line: `flask --app wsgi google …`."""

from plugin.cli.commands import google_commands

__all__ = ["google_commands"]
