"""The app for gunicorn and for `flask --app wsgi`."""

import sys

from plugin import create_app
from plugin.core.errors import ConfigError

try:
    app = create_app()
except ConfigError as error:
    # One line per problem; a traceback would only hide them.
    print("The settings are not complete:", *error.problems, sep="\n  ", file=sys.stderr)
    sys.exit(2)
