"""The signals of `manage.py up`: what asks it to stop, and what wakes it."""

from __future__ import annotations

import contextlib
import select
import signal
import socket
from types import FrameType, TracebackType
from typing import Any, Self

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopAsked(BaseException):
    """Somebody asked to stop while we were starting; like KeyboardInterrupt no handler of errors must swallow it."""


class StopSignals:
    """While entered, counts the requests to stop and wakes `wait` on them and on the end of a child.

    The first request raises StopAsked as long as `raising` is set, so that a long step of the start ends at once.
    Main thread only.
    """

    def __init__(self) -> None:
        self.count = 0
        self.raising = True
        self._previous: dict[signal.Signals, Any] = {}
        self._woken, self._waker = socket.socketpair()
        self._previous_waker = -1

    def __enter__(self) -> Self:
        """Take the signals over."""
        for end in (self._woken, self._waker):
            end.setblocking(False)
        self._previous_waker = signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        for number in STOPPING:
            # nohup asks us to outlive the terminal.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                self._previous[number] = signal.signal(number, self._on_stop)
        # A handler is what makes the kernel's signal reach the wake-up socket.
        self._previous[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Give the signals back."""
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._previous_waker)
        self._woken.close()
        self._waker.close()

    def wait(self, seconds: float) -> None:
        """Return on the next signal, at most after `seconds`."""
        if select.select([self._woken], [], [], max(0.0, seconds))[0]:
            with contextlib.suppress(BlockingIOError):
                self._woken.recv(4096)

    def at_least(self, count: int) -> bool:
        """Whether stopping was asked for `count` times."""
        return self.count >= count

    def _on_stop(self, number: int, _frame: FrameType | None) -> None:
        self.count += 1
        if self.raising and self.count == 1:
            raise StopAsked(signal.Signals(number).name)
