"""What the course tells every JupyterLab, over the user's own settings.

Only words after ``--`` on the command line come later still.
"""

from typing import Any

import zmq
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

c = get_config()  # type: ignore[name-defined]  # noqa: F821

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
