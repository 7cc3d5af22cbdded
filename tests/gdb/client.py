# SPDX-License-Identifier: MIT
"""A client of GDB's remote protocol, as test harnesses write it."""
import socket


class Client:
    def __init__(self, path, timeout=60):
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.settimeout(timeout)
        self.connection.connect(path)
        self.buffer = b""
        self.console = b""
        self.ask("QStartNoAckMode")
        self.acknowledged = False
        self.ask("?")

    acknowledged = True

    def byte(self):
        if not self.buffer:
            self.buffer = self.connection.recv(65536)
            if not self.buffer:
                raise ConnectionError("the stub has closed the connection")
        first, self.buffer = self.buffer[:1], self.buffer[1:]
        return first

    def send(self, text):
        data = text.encode("latin-1")
        self.connection.sendall(b"$%s#%02x" % (data, sum(data) & 255))

    def take(self):
        while self.byte() != b"$":
            pass
        end = self.buffer.find(b"#")
        while end < 0 or len(self.buffer) < end + 3:
            self.buffer += self.connection.recv(65536)
            end = self.buffer.find(b"#")
        answer, self.buffer = self.buffer[:end].decode("latin-1"), self.buffer[end + 3:]
        if self.acknowledged:
            self.connection.sendall(b"+")
        return answer

    def ask(self, text):
        """The answer to a packet; what is for the console is kept apart."""
        self.send(text)
        answer = self.take()
        while answer[:1] == "O" and answer != "OK":
            self.console += bytes.fromhex(answer[1:])
            answer = self.take()
        return answer

    def need(self, text, answer="OK"):
        got = self.ask(text)
        if got != answer:
            raise AssertionError("%s is answered with %s instead of %s" % (text, got, answer))
