"""What ``course start`` tells JupyterLab, over the user's own settings.

Only words after ``--`` on the command line come later still.
"""

import secrets
from typing import Any

import zmq
from jupyter_server.auth.identity import IdentityProvider
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

c = get_config()  # type: ignore[name-defined]  # noqa: F821

# reached from this computer only, with a token, whatever was set for other work
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.allow_remote_access = False
c.ServerApp.allow_origin = ""
c.ServerApp.allow_origin_pat = ""
c.ServerApp.disable_check_xsrf = False
c.ServerApp.identity_provider_class = IdentityProvider  # that of passwords has a token too
c.ServerApp.tornado_settings = {}  # headers, among others
c.ServerApp.trust_xheaders = False
c.ServerApp.local_hostnames = ["localhost"]
c.ServerApp.base_url = "/"
c.ServerApp.certfile = c.ServerApp.keyfile = c.ServerApp.sock = ""
c.ServerApp.allow_root = True  # usual in containers
c.IdentityProvider.token = secrets.token_hex(24)
if zmq.has("curve"):  # the kernel warns about eavesdroppers otherwise
    c.KernelManager.transport_encryption = "auto"


class Careful(AsyncLargeFileManager):
    """Leaves out the saved widgets of a notebook that is not trusted.

    JupyterLab brings them back before any cell runs, trusted or not, and a widget may
    bring code of its own. Its file stays as it is.
    """

    def mark_trusted_cells(self, nb: Any, path: str = "") -> None:
        """Mark cells as before, of a notebook without saved widgets if not signed."""
        if not self.notary.check_signature(nb):
            nb["metadata"].pop("widgets", None)
        super().mark_trusted_cells(nb, path)


c.ServerApp.contents_manager_class = Careful

# nothing here may ask the network for anything
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"

c.ServerApp.open_browser = False  # `course start` does
c.ServerApp.answer_yes = True
c.Application.log_level = "ERROR"
