"""Records what was vendored: `vendor_record.py FOLDER NAME-VERSION=LICENCE …`.

Writes VENDOR.json beside the files.
"""

import hashlib
import json
import sys
from pathlib import Path


def main(folder: str, *packages: str) -> None:
    """Name, version, licence and the digest of every file, so that a test can hold them."""
    root = Path(folder)
    record = {}
    for package in packages:
        place, _, licence = package.partition("=")
        name, _, version = place.rpartition("-")
        record[name] = {
            "version": version,
            "licence": licence,
            "files": {
                str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
                for path in sorted((root / place).rglob("*"))
                if path.is_file()
            },
        }
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    (root / "VENDOR.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
