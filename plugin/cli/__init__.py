"""The command line: `flask --app wsgi google …`."""

from plugin.cli import settings as _settings  # noqa: F401 - adds its command
from plugin.cli.commands import google_commands

__all__ = ["google_commands"]
