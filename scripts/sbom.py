"""What the server's program is made of, as CycloneDX 1.5: every crate that is compiled into it, and what the page brings along.

    python scripts/sbom.py COMMIT SECONDS >wigwag.cdx.json

The same commit gives the same file: SECONDS, the time of the commit since the epoch, stands in it as its own time.
"""

import base64
import datetime
import json
import pathlib
import subprocess
import sys
import tomllib
import uuid

TOP = pathlib.Path(__file__).resolve().parent.parent
PACKAGE = "wigwag-server"


def cargo(*words):
    return subprocess.run(["cargo", *words], check=True, capture_output=True, text=True, cwd=TOP).stdout


def compiled():
    """Name and version of what is compiled into the program: with its features, on this kind of machine, tests left out."""
    said = cargo("tree", "--locked", "--package", PACKAGE, "--edges", "normal", "--prefix", "none", "--format", "{p}")
    return {tuple(line.split()[:2]) for line in said.splitlines() if line}


def checksums():
    """SHA-256 of each crate that came from the registry."""
    packages = tomllib.loads((TOP / "Cargo.lock").read_text())["package"]
    return {(package["name"], package["version"]): package["checksum"] for package in packages if "checksum" in package}


def crate(package, sums):
    """A crate as a component, by what Cargo.toml and Cargo.lock say of it."""
    name, version = package["name"], package["version"]
    part = {"type": "library", "bom-ref": f"pkg:cargo/{name}@{version}", "name": name, "version": version}
    part["purl"] = part["bom-ref"]
    if package.get("license"):
        # "MIT/Apache-2.0" is an older way to write it.
        part["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    if (name, version) in sums:
        part["hashes"] = [{"alg": "SHA-256", "content": sums[name, version]}]
    return part


def of_the_page():
    """What npm brings into the page that the program gives out; the SDK is part of the project."""
    packages = json.loads((TOP / "web/package-lock.json").read_text())["packages"]
    for path, package in sorted(packages.items()):
        name = path.removeprefix("node_modules/")
        if path.startswith("node_modules/") and not package.get("dev") and not package.get("link"):
            kind, digest = package["integrity"].split("-", 1)
            assert kind == "sha512", package
            hashes = [{"alg": "SHA-512", "content": base64.b64decode(digest).hex()}]
            ref = f"pkg:npm/{name}@{package['version']}"
            licenses = [{"expression": package["license"]}]
            yield {"type": "library", "bom-ref": ref, "name": name, "version": package["version"], "purl": ref, "licenses": licenses, "hashes": hashes}


def document(commit, seconds):
    # What other platforms need may not have been downloaded.
    machine = next(line.split()[1] for line in cargo("version", "--verbose").splitlines() if line.startswith("host:"))
    metadata = json.loads(cargo("metadata", "--locked", "--format-version", "1", "--filter-platform", machine))
    inside, sums = {(name, version.removeprefix("v")) for name, version in compiled()}, checksums()
    packages = {package["id"]: package for package in metadata["packages"] if (package["name"], package["version"]) in inside}
    refs = {name: f"pkg:cargo/{package['name']}@{package['version']}" for name, package in packages.items()}
    crates = sorted((crate(package, sums) for package in packages.values()), key=lambda part: part["bom-ref"])
    program = next(part for part in crates if part["name"] == PACKAGE) | {"type": "application", "name": "wigwag"}
    page = list(of_the_page())
    needs = [
        {"ref": refs[node["id"]], "dependsOn": sorted(refs[need] for need in node["dependencies"] if need in refs)}
        for node in metadata["resolve"]["nodes"]
        if node["id"] in refs
    ]
    for need in needs:
        if need["ref"] == program["bom-ref"]:
            need["dependsOn"] += [part["bom-ref"] for part in page]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'wigwag/{commit}')}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat().replace("+00:00", "Z"),
            "component": program | {"properties": [{"name": "wigwag:commit", "value": commit}]},
        },
        "components": [part for part in crates if part["bom-ref"] != program["bom-ref"]] + page,
        "dependencies": sorted(needs, key=lambda need: need["ref"]) + [{"ref": part["bom-ref"]} for part in page],
    }


if __name__ == "__main__":
    json.dump(document(sys.argv[1], int(sys.argv[2])), sys.stdout, indent=1, ensure_ascii=False)
    print()
