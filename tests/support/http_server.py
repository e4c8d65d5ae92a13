#!/usr/bin/env python3
"""A web server for tests that behaves as badly as its path says.

    http_server.py [CERTIFICATE KEY]    listens on a free port of 127.0.0.1 and says "listening on PORT";
                                        ends after whoever started it

    /ok             200 "ok"
    /echo           200, what was asked as JSON: method, path, headers (names small), body (a character a byte)
    /status/N       N, with the body "status N" and, from the query, the headers of it (?Retry-After=3)
    /file/PATH      200 where there is this file, else 429
    /hang           no answer, until the client leaves
    /cut            a body that ends before its Content-Length
    /endless        a body that never ends
    /flaky/N        500 for the first N requests of an Idempotency-Key, then 200
    /gate/N         200, once N requests are at this gate at the same moment
    /counts         JSON: requests, connections, at_work, peak (the most at once), keys (Idempotency-Keys in order)
"""

import asyncio
import json
import os
import ssl
import sys
from urllib.parse import parse_qsl, urlsplit


class Server:
    def __init__(self):
        self.requests = self.connections = self.at_work = self.peak = 0
        self.keys = []
        self.failures = {}
        self.gates = {}

    async def serve(self, reader, writer):
        self.connections += 1
        try:
            while await self.serve_one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def serve_one(self, reader, writer):
        """One request; False where the connection is to end."""
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        headers = {}
        for line in filter(None, lines[1:]):
            name, _, value = line.partition(":")
            headers.setdefault(name.lower(), value.strip())
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if target == "/counts":
            counts = {name: getattr(self, name) for name in ("requests", "connections", "at_work", "peak", "keys")}
            return await answer(writer, 200, json.dumps(counts))
        self.requests += 1
        self.at_work += 1
        self.peak = max(self.peak, self.at_work)
        self.keys.append(headers.get("idempotency-key", ""))
        try:
            return await self.behave(reader, writer, method, target, headers, body)
        finally:
            self.at_work -= 1

    async def behave(self, reader, writer, method, target, headers, body):
        parts = urlsplit(target)
        _, kind, *rest = parts.path.split("/")
        if kind == "echo":
            asked = {"method": method, "path": target, "headers": headers, "body": body.decode("latin-1")}
            return await answer(writer, 200, json.dumps(asked), method)
        if kind == "status":
            return await answer(writer, int(rest[0]), "status " + rest[0], method, dict(parse_qsl(parts.query)))
        if kind == "file":
            return await answer(writer, 200 if os.path.exists("/" + "/".join(rest)) else 429, "", method)
        if kind == "hang":
            await reader.read()
            return False
        if kind == "cut":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nand then")
            await writer.drain()
            return False
        if kind == "endless":
            return await endless(writer)
        if kind == "flaky":
            key = headers["idempotency-key"]
            self.failures[key] = self.failures.get(key, 0) + 1
            return await answer(writer, 500 if self.failures[key] <= int(rest[0]) else 200, "flaky")
        if kind == "gate":
            await self.pass_gate(int(rest[0]))
        return await answer(writer, 200, "ok", method)

    async def pass_gate(self, wanted):
        gate = self.gates.setdefault(wanted, [])
        passed = asyncio.get_running_loop().create_future()
        gate.append(passed)
        if len(gate) >= wanted:
            self.gates[wanted] = []
            for waiting in gate:
                if not waiting.done():
                    waiting.set_result(None)
        await passed


async def answer(writer, status, body, method="GET", headers=None):
    text = body.encode()
    more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    writer.write(f"HTTP/1.1 {status} Said\r\nContent-Length: {len(text)}\r\n{more}\r\n".encode())
    if method != "HEAD":
        writer.write(text)
    await writer.drain()
    return True


async def endless(writer):
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
    while True:
        writer.write(chunk)
        await writer.drain()


async def main(arguments):
    tls = None
    if arguments:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(*arguments)
    listening = await asyncio.start_server(Server().serve, "127.0.0.1", 0, backlog=4096, ssl=tls)
    print("listening on", listening.sockets[0].getsockname()[1], flush=True)
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(0.5)


asyncio.run(main(sys.argv[1:]))
