"""Sees to .venv and hands over to the command line. Standard library only.

The environment is made once from the hash-pinned locks in requirements/ (runtime.txt to run
LoanOps, dev.txt to work on it) by uv where it is on the PATH, by venv and pip where it is not. A
stamp keeps the digest of the lock it was made from, so later starts cost one file read.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
WORKING_ON_IT = frozenset({"test", "check", "new", "bench", "soak"})


class Missing(Exception):
    """Something is not there; the message ends with the line that mends it."""


def lock_for(verb: str) -> Path:
    """The lock that a verb needs: work on the project needs more than running it."""
    name = "dev.txt" if verb in WORKING_ON_IT else "runtime.txt"
    return ROOT / "requirements" / name


def digest_of(lock: Path) -> str:
    """What the stamp holds: the lock's content."""
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def is_stamped(lock: Path) -> bool:
    """Whether .venv was made from exactly this lock; dev.txt holds all of runtime.txt."""
    if not PYTHON.exists():
        return False
    runtime = ROOT / "requirements" / "runtime.txt"
    dev = ROOT / "requirements" / "dev.txt"
    wanted = digest_of(lock)
    stamps = {path.name: path.read_text(encoding="ascii") for path in VENV.glob("*.stamp")}
    if stamps.get(f"{lock.stem}.stamp") == wanted:
        return True
    return lock == runtime and stamps.get("dev.stamp") == digest_of(dev)


def run(command: list[str], *, what: str) -> None:
    """One step of making the environment; its own words are shown only when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment())
    if done.returncode != 0:
        sys.stderr.write(done.stdout[-2000:] + done.stderr[-4000:])
        raise Missing(
            f"Could not {what}. Mend: see the lines above (most often the package index could "
            f"not be reached), then run ./loanops again; rm -r {VENV} starts afresh"
        )


def environment() -> dict[str, str]:
    """The caller's environment without what would make pip or Python look elsewhere.

    Bytecode is kept: the many processes of a demo or a suite would each compile the house again.
    """
    kept = dict(os.environ)
    for name in (
        "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "PIP_REQUIRE_VIRTUALENV",
        "PYTHONDONTWRITEBYTECODE",
    ):  # fmt: skip
        kept.pop(name, None)
    return kept


def make_environment(uv: str | None) -> None:
    """An empty .venv; a base Python without ensurepip (Debian's) is named with its mend."""
    if uv:
        made_by = ["--clear", "--no-python-downloads", "--python", sys.executable]
        run([uv, "venv", "--quiet", *made_by, str(VENV)], what="make the environment with uv")
        return
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise Missing(
            "This Python cannot make virtual environments. "
            f"Mend: apt-get install -y python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        )
    run([sys.executable, "-m", "venv", "--clear", str(VENV)], what="make the environment")


def install(lock: Path, uv: str | None) -> None:
    """Every package of the lock, each checked against its hash."""
    if uv:
        command = [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    else:
        # What is used is compiled when it is first used; compiling all takes as long as all else.
        command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        command += ["--no-compile"]
        command += ["--only-binary", ":all:"] if lock.stem == "runtime" else []
    run([*command, "--require-hashes", "-r", str(lock)], what=f"install {lock.name}")
    (VENV / f"{lock.stem}.stamp").write_text(digest_of(lock), encoding="ascii")


def works() -> bool:
    """Whether .venv's Python starts (a moved folder or an upgraded system breaks it)."""
    if not PYTHON.exists():
        return False
    probe = [str(PYTHON), "-c", "import sys"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def has_installer(uv: str | None) -> bool:
    """Whether something can install into .venv: uv, or its own pip."""
    return bool(uv) or any(VENV.glob("lib/python*/site-packages/pip"))


def see_to_environment(lock: Path) -> None:
    """Makes or completes .venv; two starts at once wait for each other."""
    if is_stamped(lock):
        return
    ROOT.joinpath("var").mkdir(exist_ok=True)
    with (ROOT / "var" / "bootstrap.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if is_stamped(lock):
            return
        uv = shutil.which("uv")
        sys.stderr.write(f"LoanOps: preparing .venv from requirements/{lock.name} (once) ...\n")
        if not works() or not has_installer(uv):
            make_environment(uv)
        install(lock, uv)


def main(argv: list[str]) -> NoReturn:
    """Prepare, then become the command line; what is missing is one line and exit 2."""
    verb = next((word for word in argv if not word.startswith("-")), "")
    try:
        see_to_environment(lock_for(verb))
    except Missing as missing:
        sys.stderr.write(f"{missing}\n")
        sys.exit(2)
    except OSError as fault:
        sys.stderr.write(f"{fault.strerror}: {fault.filename}. Mend: check rights and space\n")
        sys.exit(2)
    env = environment()
    env["PYTHONPATH"] = str(ROOT / "src")
    env["PATH"] = f"{VENV / 'bin'}{os.pathsep}{env.get('PATH', '')}"
    os.execve(PYTHON, [str(PYTHON), "-m", "loanops.surfaces.cli", *argv], env)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
