"""Laws of what we ship but did not write: unchanged, licensed, and needed."""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from importlib import metadata

from tests.architecture import house

VENDOR = house.SOURCE / "surfaces" / "console" / "static" / "vendor"
# Not imported by name: a driver that Django loads, and a server that is started as a program.
USED_BY_NAME = {"psycopg": "django.db.backends.postgresql", "granian": "serve"}


def test_vendored_files_are_as_recorded() -> None:
    record = json.loads((VENDOR / "VENDOR.json").read_text(encoding="utf-8"))

    kept = {
        name: digest for package in record.values() for name, digest in package["files"].items()
    }
    found = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "VENDOR.json"
    }

    assert found == kept


def test_every_vendored_package_carries_its_licence() -> None:
    record = json.loads((VENDOR / "VENDOR.json").read_text(encoding="utf-8"))

    for name, package in record.items():
        assert package["licence"], name
        assert (VENDOR / f"{name}-{package['version']}" / "LICENSE").exists()


def test_the_document_font_carries_its_licence() -> None:
    folder = house.SOURCE / "adapters" / "typesetting" / "data"

    assert list(folder.glob("*.otf"))
    assert "SIL OPEN FONT LICENSE" in (folder / "OFL.txt").read_text(encoding="utf-8")


def declared() -> set[str]:
    project = tomllib.loads((house.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    words = (line.split("[")[0].split(">")[0].split("=")[0] for line in project["dependencies"])
    return {word.strip().lower().replace("_", "-") for word in words}


def imported() -> set[str]:
    """Distributions whose packages are imported anywhere under src."""
    names = {
        name.split(".")[0]
        for folder in ("src/loanops", "src/loanops_sandbox")
        for path in house.ROOT.joinpath(folder).rglob("*.py")
        for _, name in house.imports_of(path)
    }
    owners = metadata.packages_distributions()
    foreign = names - sys.stdlib_module_names - {"loanops", "loanops_sandbox"}
    return {
        owner.lower().replace("_", "-") for name in foreign for owner in owners.get(name, [name])
    }


def named_in_settings() -> set[str]:
    text = (house.SOURCE / "config" / "settings.py").read_text(encoding="utf-8")
    owners = metadata.packages_distributions()
    return {
        owner.lower().replace("_", "-")
        for package, distributions in owners.items()
        if f'"{package}' in text
        for owner in distributions
    }


def test_every_declared_dependency_is_used() -> None:
    idle = declared() - imported() - named_in_settings() - set(USED_BY_NAME)

    assert not idle, f"remove from pyproject.toml: {sorted(idle)}"


def test_every_imported_package_is_declared() -> None:
    # Django and pydantic-settings bring these along and are their own reason.
    brought = {"pydantic", "pydantic-core", "asgiref", "sqlparse"}

    undeclared = imported() - declared() - brought

    assert not undeclared, f"declare in pyproject.toml: {sorted(undeclared)}"
