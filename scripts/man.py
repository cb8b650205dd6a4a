"""The manual page of the program, from what its own --help says.

    python scripts/man.py PATH_OF_WIGWAG SECONDS >wigwag.1

SECONDS since the epoch is the date that the page bears.
"""

import datetime
import re
import subprocess
import sys

FILES = [
    ("/etc/wigwag/wigwag.toml", "The configuration of the service."),
    ("/etc/wigwag/wigwag.env", "Its secrets, as WIGWAG_* variables; read by systemd."),
    ("/var/lib/wigwag", "Its data folder: the database, the key for tokens, the node's name."),
]


def asks(wigwag, *words):
    return subprocess.run([wigwag, *words], check=True, capture_output=True, text=True).stdout


def escaped(text):
    """For troff, line by line: a dot or an apostrophe at the beginning would be a request."""
    lines = text.replace("\\", "\\e").replace("-", "\\-").splitlines()
    return "\n".join("\\&" + line if line.startswith((".", "'")) else line for line in lines)


def as_it_is(text):
    return f".nf\n{escaped(text.strip())}\n.fi"


def commands(help_text):
    """Names and sentences of the list of commands."""
    listed = help_text.split("Commands:\n", 1)[1].split("\n\n", 1)[0]
    return [(name, line) for name, line in re.findall(r"^ +(\w+) +(.+)$", listed, re.MULTILINE) if name != "help"]


def page(wigwag, seconds):
    about = asks(wigwag, "--help")
    version = asks(wigwag, "-V").split()[1]
    date = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).date()
    parts = [f'.TH WIGWAG 1 "{date}" "Wigwag {version}" "User Commands"', ".SH NAME"]
    parts += ["wigwag \\- signaling server for invitations and calls", ".SH SYNOPSIS", ".B wigwag", ".I COMMAND", "[options]", ".SH DESCRIPTION"]
    parts += [escaped(about.split("\n", 1)[0]), ".SH COMMANDS"]
    for name, line in commands(about):
        parts += [".TP", f".B {name}", escaped(line)]
    parts += [".SH FILES"]
    for path, line in FILES:
        parts += [".TP", f".I {escaped(path)}", escaped(line)]
    for name, _ in commands(about):
        parts += [f'.SH "WIGWAG {name.upper()}"', as_it_is(asks(wigwag, name, "--help"))]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page(sys.argv[1], int(sys.argv[2])))
