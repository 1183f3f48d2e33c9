"""Work that goes on in a process of its own while its results are used in this one."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from typing import TypeVar

T = TypeVar("T")


def ahead(make: Callable[[], Iterator[T]]) -> Iterator[T]:
    """What `make` yields, made by a copy of this process, which is one ahead. It must leave open connections alone.

    Raises RuntimeError when it fails; what it says is on standard error then.
    """
    fork = multiprocessing.get_context("fork")
    receiver, sender = fork.Pipe(duplex=False)
    process = fork.Process(target=_send, args=(make, sender), daemon=True)
    process.start()
    sender.close()
    try:
        while (got := receiver.recv()) is not None:
            yield got[0]
    except EOFError:
        raise RuntimeError("The process that generates has ended before its work was done.") from None
    finally:
        receiver.close()
        process.terminate()  # it has ended, or its work is of no use any more
        process.join()


def _send(make: Callable[[], Iterator[object]], sender: Connection) -> None:
    # It makes millions of small things in no circles: looking for such would be a quarter of its time.
    gc.disable()
    for made in make():
        sender.send((made,))
    sender.send(None)
