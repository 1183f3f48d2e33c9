"""A real SMTP server on loopback that keeps what it gets, and refuses what a test wants refused."""

from __future__ import annotations

import email
import email.policy
import socketserver
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from threading import Event, Thread


@dataclass
class Mailbox:
    """Listens at `port`. `refuses` are the replies for the next commands of a verb, such as {"RCPT": ["550 no"]}.

    While `hold` is set it takes messages and never says so.
    """

    port: int = 0
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refuses: dict[str, list[str]] = field(default_factory=dict)
    spoken: list[str] = field(default_factory=list)
    hold: Event = field(default_factory=Event)
    closing: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def subjects(self) -> list[str]:
        return [message["Subject"] for message in self.messages]

    def text(self, at: int = -1) -> str:
        """The plain text of a message."""
        part = self.messages[at].get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    def html(self, at: int = -1) -> str:
        """Its HTML; empty when it has none."""
        part = self.messages[at].get_body(("html",))
        return str(part.get_content()) if part is not None else ""


class Conversation(socketserver.StreamRequestHandler):
    """One client, from its greeting to its end."""

    mailbox: Mailbox

    def handle(self) -> None:
        self.say("220 test")
        while line := self.rfile.readline().decode().strip():
            verb = line[:4].upper()
            self.mailbox.spoken.append(verb)
            if refusals := self.mailbox.refuses.get(verb):
                reply = refusals.pop(0)
                if reply == "hang up":
                    return
                self.say(reply)
            elif verb == "DATA":
                self.take()
            else:
                if verb == "RCPT":
                    self.mailbox.recipients.append(line.partition("<")[2].rpartition(">")[0])
                self.say("221 bye" if verb == "QUIT" else "250 ok")
            if verb == "QUIT":
                return

    def take(self) -> None:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        if refusals := self.mailbox.refuses.get("."):
            self.say(refusals.pop(0))
            return
        self.mailbox.messages.append(message)
        if self.mailbox.hold.is_set():
            self.mailbox.closing.wait(60)  # it has the message, and does not say so
            return
        self.say("250 taken")

    def say(self, reply: str) -> None:
        self.wfile.write(f"{reply}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    """The server behind a mailbox."""

    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def mailbox(port: int = 0) -> Iterator[Mailbox]:
    """A mailbox that takes everything, until the end of the block."""
    made = Mailbox()
    with Server(("127.0.0.1", port), type("Bound", (Conversation,), {"mailbox": made})) as server:
        made.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield made
        made.closing.set()
        server.shutdown()
        thread.join(5)
