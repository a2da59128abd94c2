"""Image files for tests, and a server that has them or not."""

import http.server
import threading
from contextlib import contextmanager

ROLES = ("train-images", "train-labels", "t10k-images", "t10k-labels")
NAMES = {role: f"{role}-idx{3 if 'images' in role else 1}-ubyte" for role in ROLES}
#: Contents that begin as IDX files do, so that none is taken for an archive.
CONTENTS = {role: b"\0\0\x08\x01" + role.encode() * 5000 for role in ROLES}


@contextmanager
def serving(handler):
    """A server on this machine; its handler notes in `asked` what it is asked for."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.asked = []
        server.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
