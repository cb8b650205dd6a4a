"""Whether the packages of npm and Python may be used, by the list of licences in deny.toml.

    python scripts/licences.py LOCK_FILE_OF_NPM_OR_FOLDER_OF_PYTHON_PACKAGES …

What npm brings into what is given out may have the licences of that list. Tools that build and test, which are given to nobody, may also have
those of TOOLS. Ends with 1 and a line for each package that may not be used, or that says nothing of its licence.
"""

import importlib.metadata
import json
import pathlib
import re
import sys
import tomllib

TOP = pathlib.Path(__file__).resolve().parent.parent

# Each lets a tool be used as it is; MPL-2.0 and CC-BY-4.0 ask something of whoever gives a changed copy to others.
TOOLS = {"MPL-2.0", "CC-BY-4.0", "BlueOak-1.0.0", "Python-2.0", "PSF-2.0"}

# What packages of Python wrote before there was a field for an SPDX expression: a classifier, or words of their own.
IN_WORDS = {
    "MIT License": "MIT",
    "MIT Licence": "MIT",
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}


def permits(expression, allowed):
    """Whether an SPDX expression can be met with the licences allowed: OR is the user's choice, AND asks for both.

    >>> [permits(said, {"MIT", "ISC"}) for said in ("MIT", "GPL-3.0-only OR MIT", "(ISC AND MIT) OR GPL-3.0-only")]
    [True, True, True]
    >>> [permits(said, {"MIT", "ISC"}) for said in ("GPL-3.0-only", "MIT AND GPL-3.0-only", "(ISC OR MIT) AND GPL-3.0-only", "MIT WITH X", "MIT style")]
    [False, False, False, False, False]
    """
    words = re.findall(r"[()]|[^\s()]+", expression)

    def alternatives():
        met = everything()
        while words and words[0] == "OR":
            words.pop(0)
            met = everything() or met
        return met

    def everything():
        met = one()
        while words and words[0] == "AND":
            words.pop(0)
            met = one() and met
        return met

    def one():
        word = words.pop(0)
        if word == "(":
            met = alternatives()
            words.remove(")")
            return met
        if words and words[0] == "WITH":
            word = f"{word} {words.pop(0)} {words.pop(0)}"
        return word in allowed

    # Words that are left over are no expression, but somebody's own way to say it.
    return alternatives() and not words


def of_npm(lock_file):
    """Name, licence and whether it is a tool, of each package that a lock file names; links lead to the project itself."""
    for path, package in json.loads(lock_file.read_text())["packages"].items():
        if path and not package.get("link"):
            name = path.rpartition("node_modules/")[2]
            yield f"{name} {package.get('version')}", package.get("license"), package.get("dev", False) or "test" in lock_file.parts


def of_python(folder):
    """The same of each package that is installed in a folder. All are tools: the wheel that is given out needs none."""
    for package in importlib.metadata.distributions(path=[str(folder)]):
        told = package.metadata
        kinds = [kind.rpartition(" :: ")[2] for kind in told.get_all("Classifier") or [] if kind.startswith("License :: OSI Approved :: ")]
        licence = told.get("License-Expression") or " AND ".join(map(in_one_word, kinds)) or IN_WORDS.get(told.get("License"), told.get("License"))
        yield f"{package.name} {package.version}", licence, True


def in_one_word(licence):
    """
    >>> in_one_word("MIT License"), in_one_word("ISC"), in_one_word("GNU General Public License v3 (GPLv3)")
    ('MIT', 'ISC', 'GNU-General-Public-License-v3-GPLv3')
    """
    return IN_WORDS.get(licence) or "-".join(re.findall(r"[^\s()]+", licence))


def refused(packages, allowed):
    for name, licence, is_tool in packages:
        if not licence or not permits(licence, allowed | TOOLS if is_tool else allowed):
            yield f"{name}: {licence or 'it says nothing of its licence'}"


def main(places):
    allowed = set(tomllib.loads((TOP / "deny.toml").read_text())["licenses"]["allow"])
    lines, count = [], 0
    for place in map(pathlib.Path, places):
        packages = list(of_python(place) if place.is_dir() else of_npm(place))
        assert packages, f"{place} has no packages"
        count += len(packages)
        lines += [f"{place}: {line}" for line in refused(packages, allowed)]
    print("\n".join(lines) or f"{count} packages of npm and Python have licences that are allowed")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
