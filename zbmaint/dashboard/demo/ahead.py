"""Work that goes on in processes of its own while its results are used in this one."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from typing import TypeVar

T = TypeVar("T")


def ahead(parts: Sequence[Callable[[], Iterator[T]]]) -> Iterator[T]:
    """What `parts` yield, in turn, each made by a copy of this process, which is one ahead. They must leave open
    connections alone.

    Raises RuntimeError when one fails; what it says is on standard error then.
    """
    fork = multiprocessing.get_context("fork")
    workers = []
    for part in parts:
        receiver, sender = fork.Pipe(duplex=False)
        process = fork.Process(target=_send, args=(part, sender), daemon=True)
        process.start()
        sender.close()
        workers.append((receiver, process))
    waiting = [receiver for receiver, _ in workers]
    try:
        while waiting:
            for receiver in list(waiting):
                got = receiver.recv()
                if got is None:
                    waiting.remove(receiver)
                else:
                    yield got[0]
    except EOFError:
        raise RuntimeError("A process that generates has ended before its work was done.") from None
    finally:
        for receiver, process in workers:
            receiver.close()
            process.terminate()  # it has ended, or its work is of no use any more
            process.join()


def _send(make: Callable[[], Iterator[object]], sender: Connection) -> None:
    # It makes millions of small things in no circles: looking for such would be a quarter of its time.
    gc.disable()
    for made in make():
        sender.send((made,))
    sender.send(None)
