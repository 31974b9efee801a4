"""Lanes of work come in; what each piece gives goes out as it ends: several lanes at once, one piece of a lane at a time.

Threads, because the work waits (for partners, for Prefect's server) more than it counts. Who stops asking, by Ctrl-C or an error
of his own, stops the work: a piece under way is interrupted where it stands and cleans up behind itself.
"""

import ctypes
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from contextvars import copy_context
from queue import SimpleQueue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

GRACE = 10.0  # seconds for what was interrupted; what waits in the network for longer ends with the process


def abreast(lanes: Sequence[Sequence[T]], work: Callable[[T], R], at_once: int) -> Generator[R, None, None]:
    """Do `work` for every piece, so many lanes at once; yield what it gives, in the order it ends. An error of it ends all."""
    ended: SimpleQueue[tuple[R, None] | tuple[None, BaseException]] = SimpleQueue()
    waiting, stop = iter(lanes), Event()

    def walk() -> None:
        with suppress(KeyboardInterrupt):
            for lane in waiting:  # one iterator for all: who is free takes the next lane
                for piece in lane:
                    if stop.is_set():
                        return
                    try:
                        ended.put((work(piece), None))
                    except BaseException as error:
                        ended.put((None, error))
                        return

    walkers = [Thread(target=copy_context().run, args=(walk,), daemon=True) for _ in range(min(at_once, len(lanes)))]
    try:
        for walker in walkers:
            walker.start()
        for _ in range(sum(map(len, lanes))):
            outcome, error = ended.get()
            if error is not None:
                raise error
            yield outcome  # type: ignore[misc]  # without an error there is an outcome
    except BaseException:
        stop.set()
        _interrupt(walkers)
        raise


def _interrupt(walkers: Sequence[Thread]) -> None:
    """Raise KeyboardInterrupt in the threads that are still at work, and wait a little for them to clean up."""
    for walker in walkers:
        if walker.is_alive() and walker.ident is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(walker.ident), ctypes.py_object(KeyboardInterrupt))
    until = time.monotonic() + GRACE
    for walker in walkers:
        walker.join(max(0.0, until - time.monotonic()))
