"""A JupyterHub for a class on one Linux machine: each student an account of the system.

Run it as root: only root can start a server as somebody else, and one account for all
would let students read each other. ``accounts.sh`` makes the accounts.

    jupyterhub -f .../jupyterhub_config.py --ip 0.0.0.0 --ssl-cert CERT --ssl-key KEY

What is said on the command line wins. From a file of your own, take this one in by
``load_subconfig(".../jupyterhub_config.py")`` and change what you need below it.
"""

import grp
import os
import sys
from contextlib import suppress
from pathlib import Path

from course.words import _

c = get_config()  # type: ignore[name-defined]  # noqa: F821

# Who may come in: these groups of the system, by its passwords. Root is in none of them.
# Each time: who was taken out of a group stays out, whether or not they came in before.
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {"students", "teachers"}
c.PAMAuthenticator.allow_existing_users = False
c.PAMAuthenticator.open_sessions = False  # containers have none
c.JupyterHub.ip = "127.0.0.1"  # passwords shall not cross a network without --ssl-cert

# Each server: lessons copied, settings of the course, limits for each process. A list of
# 10 GB is a MemoryError in its cell; a chain of processes ends by itself.
asked = os.environ.get("COURSE_HUB_MB", "2000")
if not asked.isdecimal() or int(asked) < 500:
    sys.exit(_("COURSE_HUB_MB is a number of megabytes from 500 on, not {value}.", value=asked))
limits = [f"--data={int(asked) * 2**20}", "--nproc=512", "--core=0"]
served = [sys.executable, "-P", "-m", "course.start.served"]
single = str(Path(sys.executable).with_name("jupyterhub-singleuser"))
c.Spawner.cmd = ["prlimit", *limits, *served, single]
c.Spawner.start_timeout = c.Spawner.http_timeout = 300  # a whole class at one moment
c.JupyterHub.concurrent_spawn_limit = 0  # nobody is sent away; all wait a little longer

# Servers that nobody has used for an hour are stopped; files stay, variables do not.
idle = ["-m", "jupyterhub_idle_culler", "--timeout=3600", "--cull-every=300"]
c.JupyterHub.services = [{"name": "idle", "command": [sys.executable, *idle]}]
scopes = ["list:users", "read:users:activity", "read:servers", "delete:servers"]
# Teachers start and stop servers at /hub/admin. As admins they could enter them, too.
teachers: list[str] = []
with suppress(KeyError):  # no such group yet
    teachers = grp.getgrnam("teachers").gr_mem
manage = ["admin-ui", "list:users", "servers", "read:hub"]
c.JupyterHub.load_roles = [
    {"name": "idle", "scopes": scopes, "services": ["idle"]},
    {"name": "teacher", "scopes": manage, "users": teachers},
]

text = _(
    "Your files are yours: other students cannot read them, and teachers only what you share. "
    "Who administers this machine can read everything on it."
)
c.JupyterHub.template_vars = {"announcement": text}
