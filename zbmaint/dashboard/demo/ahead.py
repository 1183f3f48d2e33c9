"""Work that goes on in processes of its own while its results are used in this one."""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TypeVar

T = TypeVar("T")


def ahead(parts: Sequence[Callable[[], Iterator[T]]]) -> Iterator[T]:
    """What `parts` yield, in turn, each made by a copy of this process, which is one ahead. They must leave open
    connections alone.

    Raises RuntimeError when one fails; what it says is on standard error then.
    """
    fork = multiprocessing.get_context("fork")
    workers: list[BaseProcess] = []
    receivers: list[Connection] = []
    for part in parts:
        receiver, sender = fork.Pipe(duplex=False)
        receivers.append(receiver)
        workers.append(fork.Process(target=_send, args=(part, sender, receivers), daemon=True))
        workers[-1].start()
        sender.close()
    waiting = list(receivers)
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
        for receiver, worker in zip(receivers, workers, strict=True):
            receiver.close()
            worker.terminate()  # it has ended, or its work is of no use any more
            worker.join()


def _send(make: Callable[[], Iterator[object]], sender: Connection, receivers: Sequence[Connection]) -> None:
    # The ends that are not ours: while we held them, we would never learn that nobody reads any more.
    for receiver in receivers:
        receiver.close()
    # It makes millions of small things in no circles: looking for such would be a quarter of its time.
    gc.disable()
    for made in make():
        sender.send((made,))
    sender.send(None)
