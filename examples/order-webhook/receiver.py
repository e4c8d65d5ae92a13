#!/usr/bin/env python3
"""A warehouse to try the job with: takes orders, and prints each as a line of JSON.

    WEBHOOK_TOKEN=… receiver.py [PORT]          8099 unless another is given; 0 takes a free one, which is printed first

An order that was taken already, which its Idempotency-Key tells, is answered the same and not taken again. Every seventh
order is turned away at first with 503, and one is asked to come back in a second: both are tried again.
"""

import http.server
import json
import os
import sys
import threading

TOKEN = os.environ["WEBHOOK_TOKEN"]


class Warehouse:
    def __init__(self):
        self.lock = threading.Lock()
        self.taken = set()
        self.turned_away = set()

    def answer(self, key, order):
        """The status, and headers, for an order."""
        with self.lock:
            number = order["order"]
            if number % 7 == 0 and number not in self.turned_away:
                self.turned_away.add(number)
                return (429, {"Retry-After": "1"}) if number == 7 else (503, {})
            if key not in self.taken:
                self.taken.add(key)
                print(json.dumps(order), flush=True)
            return 200, {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    warehouse = Warehouse()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            return self.reply(401, {})
        try:
            order = json.loads(body)
        except ValueError:
            return self.reply(400, {})
        order["path"] = self.path
        return self.reply(*self.warehouse.answer(self.headers["Idempotency-Key"], order))

    def reply(self, status, headers):
        self.send_response(status)
        for name, value in {"Content-Length": "0", **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format, *arguments):
        """One line an order is enough."""


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 64  # by default five connections may wait to be accepted; the sixth would be held up for a second


def main():
    server = Server(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8099), Handler)
    print(f"listening on port {server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
