"""A back end that is told by webhooks: takes real deliveries of a real server, and verifies each with standardwebhooks, the public package
of PyPI, as it is. The first request is answered with 503, so that one is an attempt made again.

    python scripts/webhooks.py PATH_OF_WIGWAG
"""

import itertools
import json
import pathlib
import queue
import subprocess
import sys
import tempfile
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from standardwebhooks import Webhook, WebhookVerificationError

# 32 bytes each: the one that counts, the one that it replaces, and one that nobody signs with.
SECRET, PREVIOUS, OTHER = (f"whsec_{start}{'A' * 39}=" for start in ("QUFB", "QkJC", "Q0ND"))
# Far above what a loaded machine needs, seconds.
PATIENCE = 60


class Receiver(ThreadingHTTPServer):
    """Puts what comes into a queue."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Requests)
        self.told = queue.Queue()
        self.statuses = itertools.chain([503], itertools.repeat(204))
        Thread(target=self.serve_forever, daemon=True).start()

    def url(self):
        return f"http://127.0.0.1:{self.server_port}/hooks"


class Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        status = next(self.server.statuses)
        self.server.told.put((dict(self.headers), body))
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server:
    """A server on a folder of its own, with a key for its back end."""

    def __init__(self, wigwag, folder, url):
        (folder / "data").mkdir()
        (folder / "secret").write_text(SECRET + "\n")
        (folder / "wigwag.toml").write_text(
            'listen = "127.0.0.1:0"\n[retention]\nevents_days = 10\n[webhooks]\nallow = ["127.0.0.1"]\n'
            f'[[webhooks.endpoints]]\nname = "shop"\nurl = "{url}"\n'
            f'secret_file = "{folder}/secret"\nprevious_secret = "{PREVIOUS}"\nevents = ["invitation.*"]\n'
        )
        place = ["--config", folder / "wigwag.toml", "--data", folder / "data"]
        made = [wigwag, "key", "create", "shop", "--scopes", "all", *place]
        self.key = subprocess.run(made, check=True, capture_output=True, text=True).stdout.strip()
        self.log = folder / "log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen([wigwag, "serve", *place], stdout=subprocess.PIPE, stderr=log, text=True)
        words = (word for line in self.process.stdout for word in line.split())
        self.address = next((word for word in words if word.startswith("http://")), None)
        assert self.address, self.log.read_text()

    def asks(self, path, body):
        head = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        request = urllib.request.Request(self.address.rstrip("/") + path, json.dumps(body).encode(), head)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)

    def stops(self):
        self.process.terminate()
        return self.process.wait(PATIENCE)


def is_refused(secret, body, headers):
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return True
    return False


def verified(headers, body):
    """What was told, when both secrets say that it is the server's; and nothing else is."""
    event = Webhook(SECRET).verify(body, headers)
    assert event == Webhook(PREVIOUS).verify(body, headers) == json.loads(body)
    assert is_refused(OTHER, body, headers), headers
    assert is_refused(SECRET, body.replace(b"invitation", b"imitation"), headers), headers
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        changed = {key: value for key, value in headers.items() if key.lower() != name}
        assert is_refused(SECRET, body, changed), name
    return next(value for key, value in headers.items() if key.lower() == "webhook-id"), event


def play(server, receiver):
    server.asks("/v1/users", {"users": [{"userID": "alice"}, {"userID": "bob"}]})
    invite = server.asks("/v1/users/alice/invitations", {"invitee": "bob", "data": "your driver is here", "timeout": 60})["inviteID"]
    server.asks(f"/v1/invitations/{invite}/cancel", {"data": "we found another"})
    told = [verified(*receiver.told.get(timeout=PATIENCE)) for _ in range(3)]
    ids = [name for name, _ in told]
    kinds = [event["type"] for _, event in told]
    assert kinds == ["invitation.received", "invitation.received", "invitation.cancelled"], kinds
    assert ids[0] == ids[1] != ids[2], ids
    assert {event["data"]["inviteID"] for _, event in told} == {invite}, told
    assert told[1][1]["data"]["data"] == "your driver is here", told


def main():
    receiver = Receiver()
    with tempfile.TemporaryDirectory() as name:
        server = Server(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(name), receiver.url())
        try:
            play(server, receiver)
        except BaseException:
            print(server.log.read_text(), file=sys.stderr)
            raise
        finally:
            ended = server.stops()
        assert ended == 0, server.log.read_text()
        log = server.log.read_text()
        assert "whsec_" not in log and "/hooks" not in log, log
    print("standardwebhooks verifies what the server sends")


if __name__ == "__main__":
    main()
