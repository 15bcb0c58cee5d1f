"""A TCP proxy on the loopback interface that can be cut: nothing passes any more, and neither side is
told. It stands for a network that is down between two machines."""

import select
import socket
import threading

_LOOK_S = 0.05


class Proxy:
    def __init__(self, server_port: int):
        self._server_port = server_port
        self._is_cut = threading.Event()
        self._ends = threading.Event()
        # Of the kernel's choice, which is none of those that are looked for to be free later.
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._is_cut.set()

    def mend(self) -> None:
        """New connections pass, and so do old ones, if both sides still believe in them."""
        self._is_cut.clear()

    def stop(self) -> None:
        self._ends.set()
        self._listener.close()

    def _accept(self) -> None:
        while not self._ends.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass, args=(client,), daemon=True).start()

    def _pass(self, client: socket.socket) -> None:
        try:
            with client, socket.create_connection(("127.0.0.1", self._server_port)) as server:
                other = {client: server, server: client}
                while not self._ends.is_set():
                    if self._is_cut.wait(0):
                        self._ends.wait(_LOOK_S)
                        continue
                    for side in select.select([client, server], [], [], _LOOK_S)[0]:
                        data = side.recv(65_536)
                        if not data:
                            return
                        other[side].sendall(data)
        except OSError:
            return
