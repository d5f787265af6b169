"""A server that gives some answers and then drips: byte after byte, and never an end. A timeout of a socket sees none."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PAUSE = 0.05  # seconds between two drops: shorter than any timeout of a socket


@contextmanager
def running(*answers: bytes, drop: bytes = b"2", waits: bool = False, seconds: float = 60) -> Iterator[int]:
    """Start a server and end it afterwards; its port. It speaks first unless it ``waits`` for the other side, gives one
    answer to each thing that it is told, and then ``drop`` again and again for so many seconds."""
    over = threading.Event()

    def speak(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            for number, answer in enumerate(answers):
                if (number or waits) and not connection.recv(1 << 20):
                    return
                connection.sendall(answer)
            for _ in range(int(seconds / PAUSE)):
                connection.sendall(drop)
                if over.wait(PAUSE):
                    return

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=speak, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)
