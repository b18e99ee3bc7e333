"""A class on the hub of ``course/teach/server``, for real: who waits, who fits, who sees whom.

    python tests/benchmarks/hub.py 1 10 20

As root, with this course, ``jupyterhub`` and ``jupyterhub-idle-culler`` installed and
``configurable-http-proxy`` on the PATH. Accounts, homes and processes live in namespaces of
their own and go when it ends. All students of a round press the button at one moment. Each
logs in, starts a server, opens a lesson, runs every cell, moves each control of each explorer, saves, and tries
to read what is another's. The exit code is 1 if anything failed.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import psutil
import requests
import websocket

HUB, PORT = Path(__file__).resolve().parents[2] / "course" / "teach" / "server", 18000
SPY = """
import http.client, os, pathlib, urllib.request
shared = pathlib.Path("{share}", os.environ["USER"], "x.jsonl")
shared.write_text("x")
shared.chmod(0o644)  # as `course share` does
def tried(path):
    try:
        return path if (os.listdir(path) if os.path.isdir(path) else open(path).read()) else ""
    except OSError:
        return ""
mine = os.path.expanduser("~")
places = [p for p in map(str, pathlib.Path("/home").iterdir()) if p != mine]
places += ["/root", "{share}/{other}", "{share}/{other}/x.jsonl", "{state}/jupyterhub.sqlite"]
for p in pathlib.Path("/proc").glob("[0-9]*"):
    if p.stat().st_uid != os.getuid():
        places += [f"{{p}}/environ", f"{{p}}/cwd/", f"{{p}}/fd"]
def served(port):
    try:
        path = f"http://127.0.0.1:{{port}}/user/{other}/api/contents"
        page = urllib.request.urlopen(path, timeout=5).read()
        return path if b".ipynb" in page else ""
    except (OSError, http.client.HTTPException):
        return ""
listening = [row.split()[1][-4:] for row in open("/proc/net/tcp") if " 0A " in row]
found = [*map(tried, places), *(served(int(port, 16)) for port in listening)]
print("READ", len(places), *filter(None, found))
print("JOURNAL", os.environ["COURSE_FOLDER"], *pathlib.Path(mine).rglob("course_journal"))
"""

GREEDY = """
try:
    many = [0] * (10**10 // 8)
except MemoryError as error:
    print(repr(error))
"""


def apart(words: list[str]) -> None:
    """Begin again in namespaces with an /etc, a /home and a /srv to be thrown away."""
    layer = "lowerdir=/etc,upperdir=/run/amur/up,workdir=/run/amur/work"
    steps = "mount -t tmpfs none /run && mkdir -p /run/amur/up /run/amur/work && "
    steps += f"mount -t overlay none -o {layer} /etc && "
    steps += 'mount -t tmpfs none /home && mount -t tmpfs none /srv && exec "$@"'
    unshare = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
    os.execvp("unshare", [*unshare, "sh", "-c", steps, "sh", sys.executable, *words])


class Student:
    """A browser of one student, without the browser."""

    def __init__(self, name: str, password: str, lesson: str):
        self.name, self.password, self.lesson = name, password, lesson
        self.web = requests.Session()
        self.web.trust_env = False
        self.base = f"http://127.0.0.1:{PORT}/user/{name}/"
        self.took, self.wrong, self.widgets = {}, [], {}

    def cookies(self) -> dict[str, str]:
        """Return the cookies of the student's own server."""
        return {c.name: c.value for c in self.web.cookies if self.base.endswith(c.path)}

    def ask(self, verb: str, path: str, **more):
        """Ask the student's own server."""
        headers = {"X-XSRFToken": self.cookies().get("_xsrf", ""), "Referer": self.base}
        answer = self.web.request(verb, self.base + path, headers=headers, timeout=300, **more)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def arrive(self):
        """Log in and wait for the server."""
        begun, hub = time.monotonic(), f"http://127.0.0.1:{PORT}/hub"
        page = self.web.get(f"{hub}/login", timeout=300)
        form = {"username": self.name, "password": self.password}
        form["_xsrf"] = self.web.cookies.get("_xsrf", path="/hub/")
        page = self.web.post(f"{hub}/login", data=form, timeout=300)
        while "/lab" not in page.url.partition("?")[0]:
            page.raise_for_status()
            if time.monotonic() - begun > 300:
                raise TimeoutError(page.url)
            time.sleep(0.5)
            page = self.web.get(f"{hub}/spawn", timeout=300)
        assert "jupyter-config-data" in page.text and "00_start_here" in page.url, page.url
        self.took["server"] = time.monotonic() - begun

    def open(self):
        """Open the lesson and start its kernel."""
        begun = time.monotonic()
        names = [f["name"] for f in self.ask("GET", "api/contents/")["content"]]
        self.file = next(name for name in names if name.startswith(self.lesson))
        self.book = self.ask("GET", f"api/contents/{self.file}")["content"]
        about = {"path": self.file, "type": "notebook", "name": ""}
        about["kernel"] = {"name": "python3"}
        kernel = self.ask("POST", "api/sessions", json=about)["kernel"]["id"]
        cookies = "; ".join(map("=".join, self.cookies().items()))
        address = f"ws{self.base[4:]}api/kernels/{kernel}/channels"
        host = f"http://127.0.0.1:{PORT}"
        self.socket = websocket.create_connection(address, 300, cookie=cookies, origin=host)
        self.execute("1")
        self.took["kernel"] = time.monotonic() - begun

    def send(self, kind: str, content: dict) -> list[dict]:
        """Send a message to the kernel; return all that it causes until it is idle."""
        header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "version": "5.3"}
        header |= {"session": "s", "username": "", "date": ""}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
        self.socket.send(json.dumps(message | {"channel": "shell", "buffers": []}))
        came = []
        while True:
            told = self.socket.recv()
            if isinstance(told, bytes):  # buffers follow the JSON
                starts = [int.from_bytes(told[n : n + 4], "big") for n in (4, 8)]
                count = int.from_bytes(told[:4], "big")
                told = told[starts[0] : starts[1] if count > 1 else None]
            told = json.loads(told)
            if told["parent_header"].get("msg_id") != header["msg_id"]:
                continue
            came.append(told)
            if told["msg_type"] == "comm_open":
                self.widgets[told["content"]["comm_id"]] = told["content"]["data"]["state"]
            if told["content"].get("execution_state") == "idle":
                return came

    def execute(self, code: str) -> str:
        """Run a cell; return what it prints."""
        asked = {"code": code, "silent": False, "store_history": True, "stop_on_error": False}
        came = self.send("execute_request", asked)
        self.wrong += [m["content"]["evalue"] for m in came if m["msg_type"] == "error"]
        return "".join(m["content"]["text"] for m in came if m["msg_type"] == "stream")

    def work(self):
        """Run the lesson, move its sliders, save it."""
        begun = time.monotonic()
        for cell in self.book["cells"]:
            if cell["cell_type"] == "code":
                self.execute("".join(cell["source"]))
        self.took["lesson"], times = time.monotonic() - begun, []
        for comm, state in list(self.widgets.items()):
            for place, control in enumerate(state.get("controls", {}).get("inputs", ())):
                begun, chosen = time.monotonic(), [*state["chosen"]]
                chosen[place] = len(control["words"]) - 1 - chosen[place]
                move = {"state": {"chosen": chosen}, "method": "update", "buffer_paths": []}
                came = self.send("comm_msg", {"comm_id": comm, "data": move})
                # the view is drawn anew
                assert any(m["msg_type"] == "update_display_data" for m in came), came
                times.append(time.monotonic() - begun)
        self.took["slider"] = median(times)  # there are some, or this fails
        saved = {"type": "notebook", "content": self.book}
        self.ask("PUT", f"api/contents/{self.file}", json=saved)

    def spy(self, state: str, share: str, other: str):
        """Try to read what is another student's; note what can be read."""
        said = self.execute(SPY.format(state=state, share=share, other=other)).split("\n")
        _read, tried, *found = said[0].split()
        assert int(tried) > 10
        self.wrong += [f"{self.name} reads {path}" for path in found]
        home = f"/home/{self.name}/amur-course"
        if said[1].split() != ["JOURNAL", home, f"{home}/course_journal"]:
            self.wrong.append(f"journal: {said[1]}")
        if "MemoryError" not in self.execute(GREEDY):
            self.wrong.append("a list of 10 GB was made")
        answer = self.web.get(f"http://127.0.0.1:{PORT}/user/{other}/api/contents", timeout=60)
        if answer.ok and "amur" in answer.text + answer.url and f"/user/{other}/" in answer.url:
            self.wrong.append(f"{self.name} reaches the server of {other}")


def use() -> dict[str, tuple[float, float]]:
    """Return what each student's processes take in MB and seconds of CPU; root's: the hub's."""
    found: dict[str, tuple[float, float]] = {}
    for process in psutil.process_iter(
        ["username", "cmdline", "memory_full_info", "cpu_times"]
    ):
        it, words = process.info, " ".join(process.info["cmdline"] or ())
        if it["username"] == "root" and not re.search("jupyterhub|http-proxy", words):
            continue  # ourselves
        memory, seconds = found.get(it["username"], (0, 0))
        # a page of several processes is shared out among them; the times of children count
        memory += it["memory_full_info"].pss / 2**20
        found[it["username"]] = memory, seconds + sum(it["cpu_times"][:4])
    return found


def everybody(students: list[Student], act) -> None:
    """Let all do the same at one moment."""
    with ThreadPoolExecutor(len(students)) as pool:
        start = threading.Barrier(len(students))
        list(pool.map(lambda student: (start.wait(), act(student)), students))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("rounds", nargs="*", type=int, default=[1, 10, 20])
    parser.add_argument("--lesson", default="03")
    args = parser.parse_args()
    if "COURSE_HUB_APART" not in os.environ:
        os.environ["COURSE_HUB_APART"] = "1"
        apart(sys.argv)
    state = tempfile.mkdtemp(dir="/srv")
    share = os.environ["COURSE_SHARE"] = "/srv/course-share"
    make = ["sh", HUB / "accounts.sh", str(sum(args.rounds))]
    slips = subprocess.check_output(make, text=True).split()[1:]
    command = [Path(sys.executable).with_name("jupyterhub"), "-f", HUB / "jupyterhub_config.py"]
    command += [f"--port={PORT}", "--log-level=WARN"]
    log = open(Path(state, "hub.log"), "w+", encoding="utf-8")
    hub = subprocess.Popen(command, cwd=state, stdout=log, stderr=log, umask=0o077)
    wrong = []
    try:
        while hub.poll() is None:
            try:
                requests.get(f"http://127.0.0.1:{PORT}/hub/api", timeout=5).raise_for_status()
                break
            except requests.RequestException:
                time.sleep(0.5)
        else:
            raise RuntimeError("the hub ended before it answered; its last words stand above")
        print("| students | server (s) | kernel (s) | lesson (s) | slider (ms) |"
              " CPU (s each) | idle (MB each) | at work (MB each) | hub (MB) |")  # fmt: skip
        print("|---|---|---|---|---|---|---|---|---|")
        for count in args.rounds:
            students = [Student(*slips.pop(0).split(","), args.lesson) for _ in range(count)]
            everybody(students, Student.arrive)
            idle = use()
            everybody(students, Student.open)
            everybody(students, Student.work)
            busy = use()
            names = [s.name for s in students]
            others = names[1:] + names[:1] if count > 1 else ["student999"]
            aims = dict(zip(names, others, strict=True))
            everybody(students, lambda s: s.spy(state, share, aims[s.name]))
            wrong += [text for s in students for text in s.wrong]
            cells = [str(count)]
            for what, times in (("server", 1), ("kernel", 1), ("lesson", 1), ("slider", 1000)):
                took = sorted(s.took[what] * times for s in students)
                digits = 0 if times > 1 else 1
                cells.append(f"{median(took):.{digits}f} (most {took[-1]:.{digits}f})")
            mean = [[sum(u[n][k] for n in names) / count for u in (idle, busy)] for k in (0, 1)]
            cells.append(f"{mean[1][0]:.1f} + {mean[1][1] - mean[1][0]:.1f}")
            cells += [f"{mean[0][0]:.0f}", f"{mean[0][1]:.0f}", f"{busy['root'][0]:.0f}"]
            print("|", " | ".join(cells), "|", flush=True)
            for student in students:
                student.socket.close()
                token = student.web.cookies.get("_xsrf", path="/hub/")
                headers = {"X-XSRFToken": token, "Referer": f"http://127.0.0.1:{PORT}/hub/home"}
                own = f"http://127.0.0.1:{PORT}/hub/api/users/{student.name}/server"
                student.web.delete(own, headers=headers, timeout=120).raise_for_status()
    finally:
        hub.terminate()
        hub.wait()
        if wrong or sys.exc_info()[0]:
            log.seek(0)
            print(log.read()[-5000:], file=sys.stderr)
    print("\n".join(wrong) or "nothing failed; nobody could read what is another's")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
