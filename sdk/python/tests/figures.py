"""Measures what the README says: how long a frame takes to the program's code, and what clients cost. Run by hand:

scripts/python.sh figures
"""

import asyncio
import base64
import hashlib
import json
import multiprocessing
import os
import struct
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from world import World

from wigwag import Client, MessageReceived

FRAMES = 2_000
PAUSE = 0.002
CLIENTS = 1_000
USERS = 20


def text_frame(value: object) -> bytes:
    """A WebSocket text frame as a server sends it, of at most 64 KiB."""
    payload = json.dumps(value).encode()
    length = bytes([len(payload)]) if len(payload) < 126 else b"\x7e" + struct.pack(">H", len(payload))
    return b"\x81" + length + payload


async def request_in(reader: asyncio.StreamReader) -> dict[str, Any]:
    """The next request of a client."""
    head = await reader.readexactly(2)
    length = head[1] & 0x7F
    if length == 126:
        (length,) = struct.unpack(">H", await reader.readexactly(2))
    mask = await reader.readexactly(4)
    masked = await reader.readexactly(length)
    request: dict[str, Any] = json.loads(bytes(byte ^ mask[place % 4] for place, byte in enumerate(masked)))
    return request


class Teller:
    """A server that only sends: events which carry the time at which they are written to the socket."""

    def __init__(self, address: Connection) -> None:
        self._address = address

    async def run(self) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self._address.send(server.sockets[0].getsockname()[1])
        async with server:
            await server.serve_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._greet(reader, writer)
        swallowing = asyncio.ensure_future(self._swallow(reader))
        for cursor in range(1, FRAMES + 1):
            content = {"sent": time.monotonic_ns()}
            message = {
                "messageID": str(cursor),
                "conversation": "c2c:a b",
                "seq": cursor,
                "sender": "a",
                "receiver": "b",
            }
            message |= {"time": 1, "type": "custom", "content": content}
            params = {"cursor": cursor, "time": 1, "type": "message.received", "message": message}
            writer.write(text_frame({"jsonrpc": "2.0", "method": "event", "params": params}))
            await writer.drain()
            await asyncio.sleep(PAUSE)
        await swallowing

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        key = next(line.split(":", 1)[1].strip() for line in lines if line.lower().startswith("sec-websocket-key"))
        accept = base64.b64encode(hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()).digest()).decode()
        upgrade = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade"
        writer.write(f"{upgrade}\r\nSec-WebSocket-Accept: {accept}\r\n\r\n".encode())
        request = await request_in(reader)
        limits = {"dataBytes": 1, "frameBytes": 1, "invitees": 1, "commandsPerSecond": 1, "commandBurst": 1}
        result = {"userID": "b", "time": 1, "cursor": 0, "head": 0, "pingInterval": 60, "limits": limits}
        result["openInvitations"] = []
        writer.write(text_frame({"jsonrpc": "2.0", "id": request["id"], "result": result}))

    async def _swallow(self, reader: asyncio.StreamReader) -> None:
        while await reader.read(65_536):
            pass


def run_teller(address: Connection) -> None:
    asyncio.run(Teller(address).run())


async def latency(port: int) -> list[float]:
    """From the write of a frame to the program's code, ms."""
    took = []
    async with Client(f"ws://127.0.0.1:{port}", "t") as client:
        async for event in client.events():
            now = time.monotonic_ns()
            if isinstance(event, MessageReceived):
                took.append((now - event.message.content["sent"]) / 1e6)
                if len(took) == FRAMES:
                    break
    return sorted(took)


def show_latency() -> None:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    teller = context.Process(target=run_teller, args=(there,), daemon=True)
    teller.start()
    took = asyncio.run(latency(here.recv()))
    teller.kill()
    teller.join()
    median, late = took[len(took) // 2], took[len(took) * 99 // 100]
    load = os.getloadavg()[0]
    print(
        f"from the frame to the program's code, ms: p50 {median:.2f}, p99 {late:.2f}, most {took[-1]:.2f} (load {load:.1f})"
    )


def resident() -> float:
    """MB of memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def threads() -> int:
    return len(os.listdir("/proc/self/task"))


async def show_cost(world: World) -> None:
    before = resident()
    async with world.client("user0"):
        print(f"one client: {threads()} threads, {resident():.1f} MB ({before:.1f} before)")
    clients = [world.client(f"user{number % USERS}", device_id=f"d{number}") for number in range(CLIENTS)]
    # A few at a time: the server bounds those that have not signed in.
    for first in range(0, CLIENTS, 50):
        await asyncio.gather(*(client.connect() for client in clients[first : first + 50]))
    print(f"{CLIENTS} clients of {USERS} users: {threads()} threads, {resident():.1f} MB")
    for first in range(0, CLIENTS, 50):
        await asyncio.gather(*(client.close() for client in clients[first : first + 50]))


def main() -> None:
    show_latency()
    with tempfile.TemporaryDirectory() as home, World(Path(home)) as world:
        asyncio.run(show_cost(world))


if __name__ == "__main__":
    main()
