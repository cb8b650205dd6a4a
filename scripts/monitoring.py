"""Shows the files of deploy/prometheus and deploy/grafana to a real Prometheus that scrapes a real server: each query of the dashboard
finds something, each rule can be evaluated and is tested, and no query names a metric that the server does not have.

    python scripts/monitoring.py PATH_OF_PROMETHEUS PATH_OF_WIGWAG
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOP = pathlib.Path(__file__).resolve().parent.parent
RULES = TOP / "deploy/prometheus/wigwag.rules.yml"
TESTS = TOP / "deploy/prometheus/wigwag.rules.test.yml"
EXAMPLE = TOP / "deploy/prometheus/prometheus.yml"
DASHBOARD = TOP / "deploy/grafana/wigwag.json"
SOURCE = TOP / "crates/server/src/telemetry/metrics.rs"
# Far above what a loaded machine needs, seconds.
PATIENCE = 120
# Their series begin with something that this test does not bring about: a failing store, PostgreSQL's contention, a client in a hurry or
# without manners. The source says that they are there.
BEGIN_LATER = {"wigwag_store_errors_total", "wigwag_batches_repeated_total", "wigwag_rate_limited_total", "wigwag_frames_refused_total"}


class Program:
    """A process that writes to a file, and ends with this one."""

    def __init__(self, folder, name, *words):
        self.log = folder / f"{name}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen([str(word) for word in words], stdout=log, stderr=subprocess.STDOUT, cwd=folder)

    def says(self, pattern):
        """The first group of the pattern, as soon as the program has said it."""
        return until(f"{self.log.name} says {pattern}", self.__heard, pattern)

    def __heard(self, pattern):
        assert self.process.poll() is None, self.log.read_text()
        found = re.search(pattern, self.log.read_text())
        return found and found.group(1)

    def ends(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


class BackEnd(BaseHTTPRequestHandler):
    """Takes every webhook."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def until(what, ask, *words):
    """What `ask` gives as soon as it gives something."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = ask(*words)
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError(f"it never came to this: {what}")


def asks(url, body=None, key=None):
    head = {"content-type": "application/json"} | ({"authorization": f"Bearer {key}"} if key else {})
    request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else None, head)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)


def server(folder, wigwag, hooks):
    """A server that tells a back end, and has carried something out and refused something. Gives it and its host and port."""
    (folder / "data").mkdir()
    (folder / "secret").write_text("whsec_" + "QUFB" + "A" * 39 + "=\n")
    (folder / "wigwag.toml").write_text(
        'listen = "127.0.0.1:0"\n[retention]\nevents_days = 10\n[webhooks]\nallow = ["127.0.0.1"]\n'
        f'[[webhooks.endpoints]]\nname = "shop"\nurl = "{hooks}"\nsecret_file = "{folder}/secret"\n'
    )
    place = ["--config", folder / "wigwag.toml", "--data", folder / "data"]
    made = [str(word) for word in (wigwag, "key", "create", "shop", "--scopes", "all", *place)]
    key = subprocess.run(made, check=True, capture_output=True, text=True).stdout.strip()
    running = Program(folder, "wigwag", wigwag, "serve", *place)
    host = running.says(r"ws://(127\.0\.0\.1:\d+)")
    asks(f"http://{host}/v1/users", {"users": [{"userID": "alice"}, {"userID": "bob"}]}, key)
    asks(f"http://{host}/v1/users/alice/invitations", {"invitee": "bob", "timeout": 1}, key)
    client = [str(word) for word in (wigwag, "client", "--as", "alice", "--url", f"ws://{host}", "--data", folder / "data")]
    typed = "invite nobody\nquit\n"
    said = subprocess.run(client, input=typed, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE, check=False)
    assert "unknownUser" in said.stdout, said.stdout
    return running, host


def prometheus(folder, program, host):
    """One that scrapes that server by the example's configuration, only faster. Gives it and its address."""
    text = EXAMPLE.read_text().replace("127.0.0.1:9710", host).replace("15s", "1s").replace("wigwag.rules.yml", str(RULES))
    assert host in text and str(RULES) in text, text
    (folder / "prometheus.yml").write_text(text)
    words = ["--config.file=prometheus.yml", "--storage.tsdb.path=series", "--web.listen-address=127.0.0.1:0"]
    running = Program(folder, "prometheus", program, *words)
    return running, "http://" + running.says(r'Listening on"? address=(127\.0\.0\.1:\d+)')


def names(text):
    """The metrics named, without what Prometheus adds to a histogram's name."""
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bwigwag_\w+", text)}


def of_the_server(host):
    with urllib.request.urlopen(f"http://{host}/metrics", timeout=PATIENCE) as answer:
        samples = [line for line in answer.read().decode().splitlines() if not line.startswith("#")]
    return names("\n".join(samples))


def registered():
    """The counters of the source, as they are named in queries."""
    return {f"wigwag_{name}_total" for name in re.findall(r'register\(\s*\w+,\s*"(\w+)"', SOURCE.read_text())}


def queries(dashboard):
    """Title and query of each target, as Grafana would ask them of all nodes."""
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            query = target["expr"].replace("$__rate_interval", "1m").replace("$node", ".*")
            # What is left out of a picture because it is 0 is there all the same.
            yield panel["title"], re.sub(r" > 0$", "", query)


def check_layout(panels):
    """Grafana shows panels where they say, one above the other if they say so."""
    assert len({panel["id"] for panel in panels}) == len(panels), "two panels have one id"
    taken = {}
    for panel in panels:
        at = panel["gridPos"]
        assert at["x"] + at["w"] <= 24, panel["title"]
        for place in ((x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])):
            assert place not in taken, f"{panel['title']} covers {taken[place]}"
            taken[place] = panel["title"]


def check_names(host, texts):
    known = of_the_server(host)
    assert not known & BEGIN_LATER, f"these series are there from the start now: {known & BEGIN_LATER}"
    assert registered() >= BEGIN_LATER, f"{SOURCE.name} does not register {BEGIN_LATER - registered()}"
    for file, text in texts.items():
        unknown = names(text) - known - BEGIN_LATER
        assert not unknown, f"{file} names what the server does not have: {sorted(unknown)}"


def check_queries(address, dashboard):
    def found(query):
        answer = asks(f"{address}/api/v1/query?" + urllib.parse.urlencode({"query": query}))
        return answer["data"]["result"]

    count = 0
    for title, query in queries(dashboard):
        if not names(query) & BEGIN_LATER:
            until(f"the dashboard's \"{title}\" shows something: {query}", found, query)
            count += 1
    return count


def check_rules(address):
    def evaluated():
        rules = [rule for group in asks(f"{address}/api/v1/rules")["data"]["groups"] for rule in group["rules"]]
        return rules if rules and all(rule["health"] != "unknown" for rule in rules) else None

    rules = until("the rules are evaluated", evaluated)
    tests = TESTS.read_text()
    for rule in rules:
        assert rule["health"] == "ok", rule
        assert rule["annotations"].keys() >= {"summary", "runbook"}, rule["name"]
        assert rule["labels"]["severity"] in ("critical", "warning"), rule["name"]
        assert f'alertname="{rule["name"]}", ' in tests or f"{{alertname=\"{rule['name']}\"}}" in tests, f"no test fires {rule['name']}"
    firing = [rule["name"] for rule in rules if rule["state"] == "firing"]
    assert not firing, f"alerts of a server that is well: {firing}"
    return len(rules)


def main():
    program, wigwag = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    hooks = ThreadingHTTPServer(("127.0.0.1", 0), BackEnd)
    threading.Thread(target=hooks.serve_forever, daemon=True).start()
    dashboard = json.loads(DASHBOARD.read_text())
    check_layout(dashboard["panels"])
    running = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        try:
            served, host = server(folder, wigwag, f"http://127.0.0.1:{hooks.server_port}/hooks")
            running.append(served)
            watched, address = prometheus(folder, program, host)
            running.append(watched)
            asked = check_queries(address, dashboard)
            check_names(host, {file.name: file.read_text() for file in (DASHBOARD, RULES)})
            rules = check_rules(address)
        finally:
            for one in running:
                one.ends()
    print(f"{asked} queries of the dashboard find something in a real Prometheus, {rules} alerts are evaluated and tested")


if __name__ == "__main__":
    main()
