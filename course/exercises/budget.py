"""One limit of time for a whole check, so that no answer can hold up a notebook.

What it can promise: in the main thread of Linux and macOS (where notebooks run their
cells) an alarm ends Python code and waiting, such as ``time.sleep``. On Windows, and in
other threads, a watching thread ends Python code as soon as its next line begins, but
not a call that waits. Nowhere does it end a single long step inside compiled code, such
as ``sum(range(10**12))``: only a restart of the kernel does.
"""

import ctypes
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SECONDS = 5.0  # for all that a check runs, the student's own code included
_WAITS = 4  # times as long for code that waits; on a busy machine all code does
_AGAIN = 1.0  # seconds: code that catches everything is told more than once


class OutOfTime(BaseException):
    """The time is over; no ``except Exception`` of a student's keeps it."""


@contextmanager
def limited() -> Iterator[None]:
    """Run a block without warnings, and raise `OutOfTime` in it when its time is over."""
    main = threading.current_thread() is threading.main_thread()
    start = _alarm if main and hasattr(signal, "setitimer") else _watch
    stop = start(SECONDS, _over(SECONDS))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        try:
            stop()
        finally:  # the last OutOfTime may have fallen into the stopping itself
            stop()


def _over(seconds: float) -> Callable[[], bool]:
    """Tell, when so many seconds have gone, whether the code has had them."""
    worked, began = time.process_time(), time.monotonic()
    return lambda: (
        time.process_time() - worked >= seconds or time.monotonic() - began >= _WAITS * seconds
    )


def _alarm(seconds: float, over: Callable[[], bool]) -> Callable[[], None]:
    def ring(_: int, frame: FrameType | None) -> None:
        if over():
            raise OutOfTime

    before = signal.signal(signal.SIGALRM, ring)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)

    def stop() -> None:
        signal.setitimer(signal.ITIMER_REAL, left, interval)
        signal.signal(signal.SIGALRM, before)

    return stop


def _watch(seconds: float, over: Callable[[], bool]) -> Callable[[], None]:
    done, gate = threading.Event(), threading.Lock()
    thread = ctypes.c_ulong(threading.get_ident())
    throw = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def wait() -> None:
        pause = seconds
        while not done.wait(pause):
            with gate:
                if not done.is_set() and over():
                    throw(thread, ctypes.py_object(OutOfTime))
            pause = _AGAIN

    def stop() -> None:
        with gate:
            done.set()
            throw(thread, None)  # what was thrown and has not arrived is taken back

    threading.Thread(target=wait, daemon=True).start()
    return stop
