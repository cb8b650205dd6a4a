"""Python calls, and is called by, the programs in C and C++ of sdk/native/examples. They print the same lines."""

import asyncio
import subprocess
from pathlib import Path

import pytest
from world import LONGEST, SDK, TARGET, Program, World, server_program

NATIVE = SDK.parent / "native"
#: The app that a server without configuration serves.
APP = "1400000000"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the programs, linked with the library that cargo built."""
    library = TARGET / "debug" / "libwigwag.a"
    assert library.exists(), f"{library} is missing: cargo build --package wigwag-client-ffi"
    folder = tmp_path_factory.mktemp("programs")
    for compiler, standard, source in (
        ("cc", "-std=gnu11", "callee.c"),
        ("cc", "-std=gnu11", "caller.c"),
        ("c++", "-std=c++17", "v2tim_callee.cpp"),
        ("c++", "-std=c++17", "v2tim_caller.cpp"),
    ):
        program = folder / source.split(".")[0]
        command = [compiler, standard, "-I", str(NATIVE / "include"), str(NATIVE / "examples" / source), str(library)]
        subprocess.run([*command, "-lpthread", "-ldl", "-lm", "-o", str(program)], check=True)
    return folder


def user_sig(world: World, user: str) -> str:
    command = [server_program(), "token", user, "--data", str(world.home / "data")]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def starts(world: World, language: str, role: str, words: tuple[str, ...], built: Path) -> Program:
    """A caller, who is alice, or a callee, who is bob."""
    user = {"caller": "alice", "callee": "bob"}[role]
    if language == "Python":
        return Program.example(f"{role}.py", world.url, world.token(user), *words)
    if language == "C":
        return Program.native(built / role, world.url, world.token(user), *words)
    return Program.native(built / f"v2tim_{role}", world.url, APP, user, user_sig(world, user), *words)


@pytest.mark.parametrize(
    ("caller", "callee"), [("Python", "C"), ("C", "Python"), ("Python", "C++"), ("C++", "Python"), ("Python", "Python")]
)
async def test_two_languages_call_each_other(world: World, built: Path, caller: str, callee: str) -> None:
    def plays() -> None:
        bob = starts(world, callee, "callee", (), built)
        bob.says("connected")
        for data, answer, status in (
            ("dinner?", "accepted by ", 0),
            ("no", "rejected by ", 3),
            ("bye", "accepted by ", 0),
        ):
            alice = starts(world, caller, "caller", ("bob", data), built)
            invite_id = alice.says("inviting: ")
            assert bob.says("rings: ") == f"{invite_id} from alice: {data}"
            assert alice.says(answer).startswith("bob")
            assert alice.ends() == status
        assert bob.ends() == 0

    # Seven programs, one after the other.
    await asyncio.wait_for(asyncio.to_thread(plays), 4 * LONGEST)
