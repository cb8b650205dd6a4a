"""What a process is to a client: threads, ends, forks."""

import asyncio
import os
import resource
import sys
from pathlib import Path

import pytest
from world import Program, World, within

#: Each signs in a user and then does something rude. Its words are the server's address and a token.
OPEN = """
import asyncio, os, sys
from wigwag import Client

async def opens() -> Client:
    client = Client(sys.argv[1], sys.argv[2], connect_timeout=60.0)
    await client.connect()
    return client
"""

ENDS = {
    "the end of the program": "client = asyncio.run(opens())",
    "sys.exit": "client = asyncio.run(opens())\nsys.exit(0)",
    "an end in the event loop": """
async def main() -> None:
    client = await opens()
    reading = asyncio.ensure_future(client.events().__anext__())
    await asyncio.sleep(0)
    inviting = client.invite("nobody")
asyncio.run(main())
""",
    "an end beside a thread that waits": """
import threading
async def main() -> None:
    client = await opens()
    ready.set()
    async for event in client.events():
        pass
ready = threading.Event()
threading.Thread(target=lambda: asyncio.run(main()), daemon=True).start()
ready.wait()
""",
}


@pytest.mark.parametrize("end", ENDS)
async def test_a_program_ends_with_open_clients(world: World, tmp_path: Path, end: str) -> None:
    program = tmp_path / "program.py"
    program.write_text(OPEN + ENDS[end] + "\nprint('at the end', flush=True)" * ("sys.exit" not in end))
    run = Program.python(str(program), world.url, world.token("bob"), warnings="ignore")
    assert await within(asyncio.to_thread(run.ends)) == 0


FORKS = """
client = asyncio.run(opens())
waits = client.invite("nobody")
read, write = os.pipe()
child = os.fork()
if child == 0:
    said = []
    for attempt in (lambda: client.invite("bob"), client.invitations, lambda: asyncio.run(opens())):
        try:
            attempt()
            said.append("nothing")
        except RuntimeError as error:
            said.append("forked" if "was forked after wigwag had been used" in str(error) else str(error))
    print("child:", *said, flush=True)
    sys.exit(0)
_, status = os.waitpid(child, 0)
print("status:", status, flush=True)
print("parent:", asyncio.run(client.request("user.getReach")) != {}, flush=True)
asyncio.run(client.close())
"""


async def test_a_forked_process_is_told_so_and_its_parent_goes_on(world: World, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(OPEN + FORKS)
    run = Program.python(str(program), world.url, world.token("bob"), warnings="ignore")
    assert await within(asyncio.to_thread(run.says, "child: ")) == "forked forked forked"
    assert await within(asyncio.to_thread(run.says, "status: ")) == "0"
    assert await within(asyncio.to_thread(run.says, "parent: ")) == "True"
    assert await within(asyncio.to_thread(run.ends)) == 0


POOLS = """
import multiprocessing

def answers(url: str, token: str) -> str:
    async def signs_in() -> str:
        async with Client(url, token, connect_timeout=60.0) as client:
            return client.user_id
    return asyncio.run(signs_in())

if __name__ == "__main__":
    # A parent that has not used the client may fork; one that has starts processes anew.
    for method, before in (("fork", False), ("spawn", True)):
        if before:
            client = asyncio.run(opens())
        with multiprocessing.get_context(method).Pool(2) as pool:
            print(f"{method}:", *pool.starmap(answers, [tuple(sys.argv[1:3])] * 2), flush=True)
    asyncio.run(client.close())
"""


async def test_processes_of_a_pool_sign_in(world: World, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(OPEN + POOLS)
    run = Program.python(str(program), world.url, world.token("bob"), warnings="ignore")
    assert await within(asyncio.to_thread(run.says, "fork: ")) == "bob bob"
    assert await within(asyncio.to_thread(run.says, "spawn: ")) == "bob bob"
    assert await within(asyncio.to_thread(run.ends)) == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts threads in /proc")
async def test_many_clients_need_no_more_threads(world: World) -> None:
    async def signs_in(number: int) -> None:
        async with world.client(f"user{number % 5}", device_id=f"device-{number}"):
            signed_in.append(number)
            if len(signed_in) == 100:
                everybody.set()
            await everybody.wait()

    signed_in: list[int] = []
    everybody = asyncio.Event()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert most == resource.RLIM_INFINITY or most > 200
    clients = asyncio.gather(*(signs_in(number) for number in range(100)))
    await within(everybody.wait())
    ours = [name for name in thread_names() if name == "wigwag-io"]
    await within(clients)
    assert len(ours) == 2


def thread_names() -> list[str]:
    return [Path(f"/proc/self/task/{task}/comm").read_text().strip() for task in os.listdir("/proc/self/task")]
