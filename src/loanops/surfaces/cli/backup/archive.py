"""The archive: a gzipped tar with the database, the files, the anchors and a manifest.

The manifest names every member with its SHA-256, the engine, the migrations and the fingerprint of
the vault keys. Order matters while people work on: the anchor is copied before the database, so it
never remembers a seal that the copy lacks; the files after it, so no row lacks its bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

FORMAT: Final = "loanops-backup/1"
MANIFEST: Final = "manifest.json"
_CHUNK = 1024 * 1024


class BadArchive(Exception):
    """The archive is not one of ours, or not whole; the message says what is wrong."""


@dataclass(frozen=True)
class Manifest:
    """What an archive says of itself."""

    format: str
    version: str
    made_at: str
    engine: str
    migrations: dict[str, str]
    keys: dict[str, str]
    members: dict[str, str]


def digest_of(path: Path) -> str:
    """SHA-256 of a file, read in pieces."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def files_below(folder: Path) -> Iterator[Path]:
    """Every finished file of a folder; names with a leading dot are still being written."""
    if folder.exists():
        yield from (
            path
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        )


def write(target: Path, members: dict[str, Path], about: dict[str, Any]) -> Manifest:
    """Write the archive beside its name, sync it, and only then give it its name."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    try:
        manifest = _written(partial, members, about)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    partial.replace(target)
    return manifest


def _written(partial: Path, members: dict[str, Path], about: dict[str, Any]) -> Manifest:
    digests: dict[str, str] = {}
    with partial.open("wb") as raw:
        partial.chmod(0o600)
        with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=3) as tar:
            for name, path in members.items():
                digests[name] = digest_of(path)
                tar.add(path, arcname=name, recursive=False)
            manifest = Manifest(format=FORMAT, members=digests, **about)
            _add_text(tar, MANIFEST, json.dumps(asdict(manifest), indent=2, sort_keys=True))
        raw.flush()
        os.fsync(raw.fileno())
    return manifest


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    content = text.encode()
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    entry.mode = 0o600
    tar.addfile(entry, io.BytesIO(content))


def unpack(source: Path, into: Path) -> Manifest:
    """Extract an archive into an empty folder and check every member against the manifest.

    :raises BadArchive: not an archive of ours, a member missing, changed or unexpected.
    """
    try:
        with tarfile.open(source, mode="r:gz") as tar:
            tar.extractall(into, filter="data")
    except (tarfile.TarError, EOFError, OSError) as fault:
        raise BadArchive(f"{source.name} cannot be read as an archive ({fault})") from fault
    manifest = _manifest_of(into / MANIFEST, source.name)
    found = {
        str(path.relative_to(into)): path
        for path in sorted(into.rglob("*"))
        if path.is_file() and path != into / MANIFEST
    }
    missing = sorted(set(manifest.members) ^ set(found))
    if missing:
        raise BadArchive(f"{source.name} and its manifest differ on {', '.join(missing[:3])}")
    for name, digest in manifest.members.items():
        if digest_of(found[name]) != digest:
            raise BadArchive(f"{source.name} was changed: {name} has another content")
    return manifest


def _manifest_of(path: Path, source: str) -> Manifest:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        manifest = Manifest(**said)
    except (OSError, ValueError, TypeError) as fault:
        raise BadArchive(f"{source} holds no manifest of a LoanOps backup") from fault
    if manifest.format != FORMAT:
        raise BadArchive(f"{source} has the format {manifest.format}, this version reads {FORMAT}")
    return manifest
