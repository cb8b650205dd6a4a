"""A call between two `wigwag client`s over a server that somebody else has started, with something happening to it in the middle.

    python scripts/call.py PATH_OF_WIGWAG ws://ADDRESS TOKEN_OF_ALICE TOKEN_OF_BOB KEY [--ringing COMMAND] [--talking COMMAND]

Alice calls Bob; COMMAND is run by bash while it rings, and another while they talk. Then Alice hangs up. All that the two hear has to be that, once and in
order, whatever became of their connections; and the API for back ends, asked with KEY (scope `read`), has to tell the same of the invitation
and the call.
"""

import argparse
import json
import queue
import subprocess
import urllib.request
from threading import Thread

# Far above what a loaded machine needs to replace a node, seconds. The call rings for longer.
PATIENCE = 120
RINGS_S = 300


class Device:
    """One `wigwag client`: commands go in as lines, JSON comes out as lines."""

    def __init__(self, wigwag, url, user, token):
        self.user = user
        self.told = queue.Queue()
        self.events = []
        command = [wigwag, "client", "--as", user, "--url", url, "--token", token, "--json"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        Thread(target=self.listen, daemon=True).start()
        self.hears("that it is connected", lambda line: line.get("state") == "connected")

    def listen(self):
        for line in self.process.stdout:
            self.told.put(json.loads(line))

    def hears(self, what, matches):
        """The next line that matches. What events pass meanwhile are kept, to be looked at in the end."""
        while True:
            try:
                line = self.told.get(timeout=PATIENCE)
            except queue.Empty:
                raise SystemExit(f"{self.user} has waited {PATIENCE} s for {what}; heard: {self.kinds()}") from None
            if "event" in line:
                self.events.append(line["event"])
            if "error" in line:
                raise SystemExit(f"{self.user}'s command was refused: {line}")
            if matches(line):
                return line

    def hears_event(self, kind):
        return self.hears(kind, lambda line: line.get("event", {}).get("type") == kind)["event"]

    def does(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        name = command.split()[0]
        return self.hears(f"the reply to {name}", lambda line: line.get("command") == name)["result"]

    def kinds(self):
        return [event["type"] for event in self.events]

    def goes(self):
        self.process.stdin.close()
        self.process.wait(timeout=PATIENCE)
        while not self.told.empty():
            line = self.told.get()
            if "event" in line:
                self.events.append(line["event"])


class BackEnd:
    """Asks the API under the same address."""

    def __init__(self, url, key):
        self.address = url.replace("ws", "http", 1).removesuffix("/v1/ws")
        self.key = key

    def reads(self, path):
        request = urllib.request.Request(f"{self.address}/v1/{path}", headers={"authorization": f"Bearer {self.key}"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)


def run(command):
    if command:
        subprocess.run(["bash", "-euo", "pipefail", "-c", command], check=True, timeout=PATIENCE)


def expect(what, found, wanted):
    if found != wanted:
        raise SystemExit(f"{what}: {found!r}, not {wanted!r}")


def call(alice, bob, back_end, asked):
    # Ringing somebody who has never signed in is refused, so both are there by now.
    rung = alice.does(f"call bob --timeout {RINGS_S}")
    expect("who rings", bob.hears_event("invitation.received")["inviteID"], rung["inviteID"])
    run(asked.ringing)
    bob.does(f"accept {rung['inviteID']}")
    expect("what Alice hears is accepted", alice.hears_event("invitation.accepted")["inviteID"], rung["inviteID"])
    expect("who talks", talking(back_end, rung), ["alice", "bob"])
    run(asked.talking)
    alice.does("hangup")
    expect("how it ends for Bob", bob.hears_event("call.hungUp")["endReason"], "hungUp")
    return rung


def talking(back_end, rung):
    """The users in the one running call, which has to be this one."""
    calls = back_end.reads("calls")["calls"]
    expect("the calls that run", [running["callID"] for running in calls], [rung["call"]["callID"]])
    return sorted(person["userID"] for person in calls[0]["people"] if person["state"] == "joined")


def look_at_the_end(alice, bob, back_end, rung):
    expect("what Alice has heard", alice.kinds(), ["invitation.accepted"])
    expect("what Bob has heard", bob.kinds(), ["invitation.received", "call.hungUp"])
    expect("the calls that run at the end", back_end.reads("calls")["calls"], [])
    ended = back_end.reads("users/bob/calls")["calls"][0]
    expect("the newest of Bob's calls", (ended["callID"], ended["endReason"]), (rung["call"]["callID"], "hungUp"))


def main():
    parser = argparse.ArgumentParser()
    for name in ("wigwag", "url", "alice", "bob", "key"):
        parser.add_argument(name)
    parser.add_argument("--ringing")
    parser.add_argument("--talking")
    asked = parser.parse_args()
    devices = []
    try:
        for user in ("alice", "bob"):
            devices.append(Device(asked.wigwag, asked.url, user, getattr(asked, user)))
        back_end = BackEnd(asked.url, asked.key)
        rung = call(*devices, back_end, asked)
        for device in devices:
            device.goes()
        look_at_the_end(*devices, back_end, rung)
    finally:
        for device in devices:
            device.process.kill()
    print(f"call {rung['call']['callID']} was told once to each, and its state is right")


if __name__ == "__main__":
    main()
