"""Opens a browser on an address that holds a secret, out of sight of other users."""

import os
import secrets
import threading
import webbrowser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_SECONDS = 60  # for a cold browser on a slow computer


def open_browser(address: str) -> bool:
    """Open the user's browser on an address with a token in it.

    Everybody on a computer can read the command line of a browser. So it gets the
    address of a door, which leads on to the real one: once, and only for a browser of
    this user where the system tells whose it is (Linux).

    Args:
        address: where the browser shall arrive.

    Returns:
        Whether a browser came within a minute.
    """
    keys, over = [f"/{secrets.token_urlsafe()}"], threading.Event()

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not _ours(self.client_address[1]) or self.path not in keys:
                self.send_error(404)
                return
            keys.clear()
            self.send_response(302)
            self.send_header("Location", address)
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            over.set()

        def log_message(self, *_: object) -> None:
            pass

    def visit() -> None:
        if not webbrowser.open(f"http://127.0.0.1:{door.server_port}{keys[0]}"):
            over.set()

    with ThreadingHTTPServer(("127.0.0.1", 0), Door) as door:
        threading.Thread(target=door.serve_forever, daemon=True).start()
        # in a thread: a browser in the terminal comes back when it is closed
        threading.Thread(target=visit, daemon=True).start()
        any(over.wait(1) for _second in range(_SECONDS))  # so Ctrl+C gets through
        door.shutdown()
    return not keys


def _ours(port: int) -> bool:
    """Tell whether a connection from a port of this computer is this user's, or root's."""
    tables = [Path("/proc/net/tcp"), Path("/proc/net/tcp6")]
    texts = [table.read_text(encoding="ascii") for table in tables if table.exists()]
    rows = [row.split() for text in texts for row in text.splitlines()]
    owners = {row[7] for row in rows if row[1].endswith(f":{port:04X}")}
    return not rows or (bool(owners) and owners <= {"0", str(os.getuid())})
