"""Runs the stand-in CRM: python -m demo.crm --port N --database-url URL --sessions DIR --site-url URL."""

import argparse
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from demo.crm.front import create_app
from demo.crm.installation import ForeignConfigError, prepare_installation, write_planner_files


class QuietHandler(WSGIRequestHandler):
    """Keeps each request out of the log; errors still reach it."""

    def log_request(self, *_args: object) -> None:
        pass


def main() -> None:
    arguments = _parser().parse_args()
    try:
        installation = prepare_installation(
            arguments.site_url,
            arguments.database_url,
            arguments.sessions,
            root=arguments.crm_root,
            app_key=arguments.app_key,
            csrf_secret=arguments.csrf_secret,
            tls_in_front=arguments.tls_in_front,
        )
    except ForeignConfigError as error:
        raise SystemExit(str(error)) from error
    app = create_app(installation)
    if installation.root is not None:
        with app.extensions["crm_engine"].connect() as connection:
            write_planner_files(connection, installation.root)
    server = make_server("127.0.0.1", arguments.port, app, threaded=True, request_handler=QuietHandler)
    print(
        f"CRM ready on http://127.0.0.1:{server.server_port}{installation.path} as {installation.site_url}",
        flush=True,
    )
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m demo.crm", description="The stand-in CRM of the demo.")
    parser.add_argument("--port", type=int, required=True, help="port on 127.0.0.1; 0 takes a free one")
    parser.add_argument(
        "--database-url", required=True, help="mysql+pymysql://… of a database made by demo.crm.database"
    )
    parser.add_argument("--sessions", type=Path, required=True, help="folder for PHP's session files")
    parser.add_argument("--site-url", required=True, help="the address that browsers use, path included")
    parser.add_argument(
        "--crm-root", type=Path, help="folder that gets config.inc.php and the planner's files"
    )
    parser.add_argument("--app-key", help="$application_unique_key, 32 hex")
    parser.add_argument("--csrf-secret", help="$secret of csrf-magic, 40 hex")
    parser.add_argument(
        "--tls-in-front", action="store_true", help="as fastcgi_param HTTPS on: TLS ends at a proxy"
    )
    return parser


if __name__ == "__main__":
    main()
