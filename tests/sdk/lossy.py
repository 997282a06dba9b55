"""A bad line to a server: it breaks connections when it is told to."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit


class LossyLine:
    """Passes bytes on between clients and a server, until it is to lose some."""

    def __init__(self, server_url: str) -> None:
        parts = urlsplit(server_url)
        assert parts.hostname is not None
        self._server = (parts.hostname, parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self.lose_answers = 0
        """So many answers to come are read from the server and never passed on."""
        self.cut_after: int | None = None
        """The connection breaks after so many more bytes of answers."""
        self.lost = 0

    @property
    def url(self) -> str:
        host, port = self._listener.getsockname()
        return f"http://{host}:{port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        self._close(*self._open)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                self._open |= {client, server}
                for carry in (self._questions, self._answers):
                    threading.Thread(
                        target=carry, args=(client, server), daemon=True
                    ).start()

    def _questions(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(1 << 16):
                server.sendall(data)
        self._close(client, server)

    def _answers(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(1 << 16):
                if self.lose_answers:
                    self.lose_answers -= 1
                    self.lost += 1
                    break
                if self.cut_after is not None and len(data) >= self.cut_after:
                    client.sendall(data[: self.cut_after])
                    self.cut_after = None
                    self.lost += 1
                    break
                if self.cut_after is not None:
                    self.cut_after -= len(data)
                client.sendall(data)
        self._close(client, server)

    def _close(self, *lines: socket.socket) -> None:
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
            self._open.discard(line)
