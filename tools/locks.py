"""Holds the locks in requirements/ to pyproject.toml, without asking any package index.

Every declared dependency is pinned to a release that its range allows, every pin carries hashes,
dev.txt pins all of runtime.txt alike, and no line names an index or a host.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
_HOST = re.compile(r"https?:|--(index|extra-index|find-links|trusted)|file:|git\+")


def pins_of(text: str) -> dict[str, list[Version]]:
    """Every pinned package with its versions (one for each Python it differs by)."""
    pins: dict[str, list[Version]] = {}
    for name, version in _PIN.findall(text):
        pins.setdefault(canonicalize_name(name), []).append(Version(version))
    return pins


def faults_of(lock: Path, declared: list[str]) -> list[str]:
    """What is wrong with one lock, one sentence each."""
    text = lock.read_text(encoding="utf-8")
    pins = pins_of(text)
    found = [
        f"{lock.name} names a host: {line}" for line in text.splitlines() if _HOST.search(line)
    ]
    for block in re.split(r"\n(?=[A-Za-z0-9])", text):
        if _PIN.match(block) and "--hash=sha256:" not in block:
            found.append(f"{lock.name} has no hash for {block.split()[0]}")
    for line in declared:
        wanted = Requirement(line)
        versions = pins.get(canonicalize_name(wanted.name), [])
        if not versions:
            found.append(f"{lock.name} does not pin {wanted.name}")
        found += [
            f"{lock.name} pins {wanted.name}=={version}, pyproject wants {wanted.specifier}"
            for version in versions
            if not wanted.specifier.contains(version)
        ]
    return found


def main() -> int:
    """Print what is wrong; exit 1 if anything is."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    runtime, dev = (ROOT / "requirements" / name for name in ("runtime.txt", "dev.txt"))
    declared = project["dependencies"]
    found = faults_of(runtime, declared)
    found += faults_of(dev, declared + project["optional-dependencies"]["dev"])
    dev_pins = pins_of(dev.read_text(encoding="utf-8"))
    found += [
        f"dev.txt and runtime.txt differ on {name}"
        for name, versions in pins_of(runtime.read_text(encoding="utf-8")).items()
        if dev_pins.get(name) != versions
    ]
    sys.stdout.write("".join(f"{fault}\n" for fault in found))
    if found:
        sys.stdout.write("Mend: sh tools/lock.sh\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
