"""What `course.start.served` adds where a hub or a container starts JupyterLab."""

import os
import socket
from pathlib import Path
from uuid import uuid4

from jupyter_core.paths import jupyter_runtime_dir

c = get_config()  # type: ignore[name-defined]  # noqa: F821

c.ServerApp.root_dir = os.environ["COURSE_FOLDER"]
first = "/lab/tree/00_start_here.ipynb"
c.ServerApp.default_url = c.LabApp.default_url = c.JupyterNotebookApp.default_url = first

# Kernels of many students that begin at one moment would take each other's ports, and
# die. Sockets in the home have no ports, where its disk and the length of its name allow.
try:
    place = Path(jupyter_runtime_dir())
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    trial = place / f"kernel-{uuid4()}-ipc-1"
    with socket.socket(socket.AF_UNIX) as tried:
        tried.bind(str(trial))
    trial.unlink()
    c.KernelManager.transport = "ipc"
except (OSError, AttributeError):
    pass
