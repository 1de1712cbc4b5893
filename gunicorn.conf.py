"""What gunicorn reads by itself when it is started here; its command line has the last word."""

# Loaded once, before the workers are forked: with a wrong setting the service ends (exit code 2, all problems listed),
# instead of starting workers for ever. Nothing is opened before the fork (plugin/bootstrap/parts.py).
preload_app = True
