"""python -m demo.google --port N"""

from __future__ import annotations

import argparse
import signal
import sys
import threading

from demo.google.model import Client
from demo.google.server import build_server


def parse_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo.google", description="A simulated Google.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--seed", help="JSON file; without it a small Spanish company")
    parser.add_argument("--latency-ms", type=float, default=0, help="added to every request")
    parser.add_argument("--part-latency-ms", type=float, default=0, help="added per part of a batch")
    parser.add_argument("--client-id", default="demo-client")
    parser.add_argument("--client-secret", default="demo-secret")
    parser.add_argument("--redirect-uri", action="append", default=[], help="may be given more than once")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    options = parse_arguments(arguments)
    server = build_server(
        options.host,
        options.port,
        options.seed,
        latency_s=options.latency_ms / 1000,
        part_latency_s=options.part_latency_ms / 1000,
        client=Client(options.client_id, options.client_secret, options.redirect_uri),
    )
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"Google simulator on {server.url}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
