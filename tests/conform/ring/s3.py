"""An S3 store of one's own (moto), and a proxy in front of it that makes trouble on request.

Invariants: moto runs in a process of its own, on a port of its own; the proxy passes on every byte unless it was told
otherwise; what it was told ends by itself after the number of requests that was given.
"""

import http.client
import random
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

BUCKET = "lakes"
KEYS = {"aws_access_key_id": "ring", "aws_secret_access_key": "ring-secret"}
START = """
import logging, sys, time
logging.getLogger("werkzeug").setLevel(logging.ERROR)
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print("port", server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


class Moto:
    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", START], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        word, port = self.process.stdout.readline().split()
        assert word == "port"
        self.port = int(port)
        self.client().create_bucket(Bucket=BUCKET)

    def client(self):
        return client(self.port)

    def stop(self):
        self.process.stdin.close()
        self.process.wait(20)
        self.process.stdout.close()


def client(port):
    import boto3

    return boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", region_name="us-east-1", **KEYS)


def keys(port):
    """All objects of the bucket."""
    pages = client(port).get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    return {o["Key"] for page in pages for o in page.get("Contents", ())}


class Trouble:
    """What the proxy does to some requests: to those of a method, or of one of a tuple of methods."""

    def __init__(self, kind, share=1.0, method=None):
        assert kind in ("503", "500", "500-after", "drop", "hang", "truncate", "refuse"), kind
        self.kind, self.share = kind, share
        self.methods = (method,) if isinstance(method, str) else method


class Proxy:
    """Passes requests on to moto; `trouble` is done to them if it is set."""

    def __init__(self, port, seed=1):
        self.trouble = None
        self.made = 0
        self.requests = 0
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body are two writes: the second must not wait 40 ms for the client's delayed ACK.
            disable_nagle_algorithm = True

            def log_message(self, *_):
                pass

            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Transfer-Encoding") == "chunked":
                    raise AssertionError("chunked requests are not expected")
                kind = proxy.choose(self.command)
                if kind in ("503", "500"):
                    return self.say(int(kind))
                if kind == "refuse":
                    self.close_connection = True
                    return None
                upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                upstream.request(self.command, self.path, body, dict(self.headers))
                answer = upstream.getresponse()
                data = answer.read()
                upstream.close()
                if kind == "500-after":
                    return self.say(500)
                if kind == "hang":
                    time.sleep(3)
                if kind in ("hang", "drop"):
                    # It was done, and nobody is told.
                    self.close_connection = True
                    return None
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in ("transfer-encoding", "connection", "content-length", "date", "server"):
                        self.send_header(name, value)
                length = answer.getheader("Content-Length") if self.command == "HEAD" else len(data)
                self.send_header("Content-Length", str(length or 0))
                self.end_headers()
                if kind == "truncate":
                    self.wfile.write(data[: len(data) // 2])
                    self.close_connection = True
                elif self.command != "HEAD":
                    self.wfile.write(data)
                return None

            def say(self, status):
                text = b"<Error><Code>InternalError</Code></Error>"
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = serve

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                # A client that was killed in the middle of a request.
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def choose(self, method):
        with self.lock:
            self.requests += 1
            t = self.trouble
            if t is None or (t.methods and method not in t.methods) or self.random.random() >= t.share:
                return None
            self.made += 1
            return t.kind

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def settings(port, prefix):
    """A broker's settings for a lake in this store."""
    return [
        f"lake.url=s3://{BUCKET}/{prefix}",
        f"lake.s3.endpoint=http://127.0.0.1:{port}",
        "lake.s3.region=us-east-1",
        f"lake.s3.access.key.id={KEYS['aws_access_key_id']}",
        f"lake.s3.secret.access.key={KEYS['aws_secret_access_key']}",
        "lake.catalog.client.config=credentials",
    ]
