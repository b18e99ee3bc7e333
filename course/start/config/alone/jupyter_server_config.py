"""What ``course start`` adds: its JupyterLab is reached from this computer only.

A hub decides for itself who reaches the servers that it starts.
"""

import secrets

from jupyter_server.auth.identity import IdentityProvider

c = get_config()  # type: ignore[name-defined]  # noqa: F821

# with a token, whatever was set for other work
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

c.ServerApp.open_browser = False  # `course start` does
c.ServerApp.answer_yes = True
c.Application.log_level = "ERROR"
