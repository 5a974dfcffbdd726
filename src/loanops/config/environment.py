"""The typed settings of one installation, read from the environment and printed by ``config``.

Every name is an environment variable: ``LOANOPS_<NAME>``, but for ``DATABASE_URL``.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parents[3]


class Environment(BaseSettings):
    """What an operator may set; each field says what it is for."""

    model_config = SettingsConfigDict(env_prefix="LOANOPS_", extra="ignore")

    home: Path = Field(default=ROOT / "var", description="where data, files, keys and logs live")
    mode: Literal["development", "production"] = Field(
        default="development", description="production refuses unsafe settings and demo logins"
    )
    database_url: str = Field(
        default="",
        validation_alias="DATABASE_URL",
        description="postgres://user:password@host:port/name; empty means SQLite in the home",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""), description="signs sessions; empty means a key file in the home"
    )
    allowed_hosts: str = Field(
        default="localhost,127.0.0.1,[::1]", description="host names served, comma-separated"
    )
    public_url: str = Field(
        default="http://127.0.0.1:8000", description="how browsers and partners reach us"
    )
    portal_book: str = Field(
        default="", description="the book whose products the portal offers; empty: the first"
    )
    job_threads: int = Field(
        default=2, ge=0, le=32, description="job threads inside `serve`; 0 leaves jobs to workers"
    )
    job_lease_seconds: int = Field(
        default=60, ge=1, le=3600, description="silence after which a worker's jobs are taken back"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="JSON log lines at and above this level are written"
    )
    metrics_token: SecretStr = Field(
        default=SecretStr(""), description="bearer token of /metrics; empty allows loopback alone"
    )
    clock_file: Path | None = Field(
        default=None, description="development only: a file that holds the present moment"
    )
    wait_for_disk: bool = Field(
        default=True, description="development only: false builds a rehearsal without waiting"
    )
    smtp_url: str = Field(default="", description="smtp://user:password@host:port for mail")

    def database(self) -> dict[str, object]:
        """Django's database entry."""
        if not self.database_url:
            return {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(self.home / "loanops.sqlite3"),
                "CONN_MAX_AGE": 60,
                "OPTIONS": {
                    "timeout": 30,
                    # A write lock from the first statement on, so that a read inside a business
                    # transaction can never be overtaken by another writer.
                    "transaction_mode": "IMMEDIATE",
                    "init_command": (
                        "PRAGMA journal_mode=WAL;"
                        f"PRAGMA synchronous={'FULL' if self.wait_for_disk else 'OFF'};"
                        "PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536;"
                        "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456;"
                    ),
                },
            }
        parts = urlsplit(self.database_url)
        if parts.scheme not in {"postgres", "postgresql"}:
            raise ValueError(
                "DATABASE_URL must begin with postgres://; leave it empty to use SQLite."
            )
        # A page costs the same wherever it lies, in memory or on today's disks: told otherwise, the
        # planner reads a whole book to find the thousand loans of a file.
        asked = "-c random_page_cost=1.1"
        if not self.wait_for_disk:
            asked += " -c synchronous_commit=off"
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {
                "options": asked,
                # A statement that a connection sends again and again is planned once: in the close
                # of a small book, planning is half of the server's work.
                "server_side_binding": True,
                "prepare_threshold": 5,
            },
        }

    def signing_key(self) -> str:
        """The session signing key: given, or made once and kept in the home."""
        given = self.secret_key.get_secret_value()
        return given or kept_secret(self.home / "keys" / "session.key")

    def refuse_unsafe(self) -> list[str]:
        """What must be mended before production may start, one sentence each."""
        if self.mode != "production":
            return []
        unsafe = []
        if not self.secret_key.get_secret_value():
            unsafe.append("LOANOPS_SECRET_KEY is empty; set it to a long random text.")
        elif len(self.secret_key.get_secret_value()) < 32:
            unsafe.append("LOANOPS_SECRET_KEY is shorter than 32 characters; use a longer one.")
        if "*" in self.allowed_hosts:
            unsafe.append("LOANOPS_ALLOWED_HOSTS allows every host; name your own hosts.")
        if self.clock_file is not None:
            unsafe.append("LOANOPS_CLOCK_FILE is set; unset it: production lives in real time.")
        if not self.wait_for_disk:
            unsafe.append("LOANOPS_WAIT_FOR_DISK is false; unset it: money is written for good.")
        if not self.public_url.startswith("https://"):
            unsafe.append("LOANOPS_PUBLIC_URL must begin with https:// in production.")
        return unsafe


def kept_secret(path: Path) -> str:
    """A random secret that is made at the first call and read at every later one."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with path.open("x", encoding="ascii") as made:
            path.chmod(0o600)
            made.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text(encoding="ascii").strip()
