"""The front door: what it finds, what it prepares, what it says is missing."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from loanops.surfaces.cli import check, config, main, serve
from loanops.surfaces.cli.demo import command
from loanops.surfaces.cli.verbs import VERBS

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def bootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The bootstrap with a checkout of its own."""
    spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "tools" / "bootstrap.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "requirements").mkdir()
    for name in ("runtime.txt", "dev.txt"):
        (tmp_path / "requirements" / name).write_text(f"# {name}\n")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    return module


def stamped(bootstrap: ModuleType, lock: Path) -> None:
    bootstrap.PYTHON.parent.mkdir(parents=True, exist_ok=True)
    bootstrap.PYTHON.touch()
    (bootstrap.VENV / f"{lock.stem}.stamp").write_text(bootstrap.digest_of(lock))


class TestBootstrap:
    def test_needs_more_to_work_on_it_than_to_run_it(self, bootstrap: ModuleType) -> None:
        assert bootstrap.lock_for("test").name == "dev.txt"
        assert bootstrap.lock_for("demo").name == "runtime.txt"

    def test_prepares_the_larger_environment_for_every_verb_that_needs_a_checkout(
        self, bootstrap: ModuleType
    ) -> None:
        verbs = {
            path.stem
            for path in (ROOT / "src" / "loanops" / "surfaces" / "cli").glob("*.py")
            if "checkout()" in path.read_text(encoding="utf-8") and path.stem != "framing"
        }

        assert verbs == bootstrap.WORKING_ON_IT

    def test_prepares_nothing_twice(self, bootstrap: ModuleType) -> None:
        lock = bootstrap.lock_for("demo")
        stamped(bootstrap, lock)

        assert bootstrap.is_stamped(lock)

    def test_takes_the_larger_environment_for_the_smaller(self, bootstrap: ModuleType) -> None:
        stamped(bootstrap, bootstrap.lock_for("test"))

        assert bootstrap.is_stamped(bootstrap.lock_for("demo"))

    def test_prepares_again_when_the_lock_has_changed(self, bootstrap: ModuleType) -> None:
        lock = bootstrap.lock_for("demo")
        stamped(bootstrap, lock)
        lock.write_text("# another release\n")

        assert not bootstrap.is_stamped(lock)

    def test_names_the_line_that_mends_a_python_without_venv(
        self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)

        with pytest.raises(bootstrap.Missing, match=r"apt-get install -y python3\.\d+-venv"):
            bootstrap.make_environment(None)


class TestScript:
    def test_says_what_mends_a_machine_without_python(self, tmp_path: Path) -> None:
        (tmp_path / "bin").mkdir()
        (tmp_path / "tools").mkdir()
        for tool in ("sh", "dirname"):
            found = next(p for p in ("/bin", "/usr/bin") if Path(p, tool).exists())
            (tmp_path / "bin" / tool).symlink_to(Path(found, tool))
        script = tmp_path / "loanops"
        script.write_text((ROOT / "loanops").read_text())

        done = subprocess.run(
            ["/bin/sh", str(script), "demo"], capture_output=True, text=True, check=False,
            env={"PATH": str(tmp_path / "bin")},
        )  # fmt: skip

        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert "apt-get install -y python3 python3-venv" in done.stderr

    def test_refuses_a_named_python_that_does_not_fit(self) -> None:
        done = subprocess.run(
            [str(ROOT / "loanops"), "--version"], capture_output=True, text=True, check=False,
            env={**os.environ, "LOANOPS_PYTHON": "/nowhere/python"},
        )  # fmt: skip

        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert "Mend: unset LOANOPS_PYTHON" in done.stderr


class TestHelp:
    def test_loads_neither_django_nor_any_verb(self) -> None:
        code = (
            "import sys\n"
            "from click.testing import CliRunner\n"
            "from loanops.surfaces.cli.main import loanops\n"
            "done = CliRunner().invoke(loanops, ['--help'])\n"
            "assert done.exit_code == 0, done.output\n"
            "loaded = {'django', 'numpy', 'httpx'} & set(sys.modules)\n"
            "loaded |= {m for m in sys.modules if m.startswith('loanops.surfaces.cli.demo')}\n"
            "sys.exit(str(loaded) if loaded else 0)\n"
        )

        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )  # fmt: skip

        assert done.returncode == 0, done.stderr

    def test_speaks_chinese_to_a_chinese_terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LOANOPS_LANGUAGE", "zh_CN.UTF-8")

        said = CliRunner().invoke(main.loanops, ["--help"]).output

        assert "核对" in said

    @pytest.mark.parametrize("name", VERBS)
    def test_every_verb_exists_and_explains_itself(self, name: str) -> None:
        command = main.loanops.get_command(None, name)  # type: ignore[arg-type]

        assert command is not None
        assert command.help
        assert VERBS[name].en.endswith(".")
        assert VERBS[name].zh.endswith("。")


class TestConfig:
    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            ("postgres://ops:secret@db:5432/loanops", "postgres://ops:********@db:5432/loanops"),
            ("postgres://ops@db/loanops", "postgres://ops@db/loanops"),
            (True, "True"),
            (None, ""),
        ],
    )
    def test_shows_no_password(self, value: object, shown: str) -> None:
        assert config.shown(value) == shown

    def test_masks_secrets_and_names_the_unsafe(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LOANOPS_MODE", "production")
        monkeypatch.setenv("LOANOPS_SECRET_KEY", "too short to be safe")

        done = CliRunner().invoke(config.config, [])

        assert done.exit_code == 2
        assert "too short to be safe" not in done.output
        assert "LOANOPS_SECRET_KEY is shorter than 32 characters" in done.output

    @pytest.mark.parametrize(
        ("name", "value"), [("CLOCK_FILE", "story"), ("WAIT_FOR_DISK", "false")]
    )
    def test_refuses_in_production_what_is_for_rehearsals(
        self, monkeypatch: pytest.MonkeyPatch, name: str, value: str
    ) -> None:
        monkeypatch.setenv("LOANOPS_MODE", "production")
        monkeypatch.setenv(f"LOANOPS_{name}", value)

        done = CliRunner().invoke(config.config, [])

        assert done.exit_code == 2
        assert f"LOANOPS_{name} is" in done.output

    def test_names_the_variable_that_is_wrong(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LOANOPS_JOB_THREADS", "many")

        done = CliRunner().invoke(config.config, [])

        assert done.exit_code == 2
        assert "LOANOPS_JOB_THREADS" in done.output


class TestServe:
    def test_gives_up_on_a_server_that_keeps_ending(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Impatient(serve.threading.Event):
            def wait(self, timeout: float | None = None) -> bool:
                return super().wait(0.01)

        code = serve.supervise([sys.executable, "-c", "raise SystemExit(1)"], Impatient())

        assert code == 1

    def test_is_asked_for_its_port_before_a_demo_is_built(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def build(**_: object) -> None:
            raise AssertionError("the demo was built first")

        monkeypatch.setattr(command, "build", build)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            done = CliRunner().invoke(command.demo, ["--port", str(taken.getsockname()[1])])

        assert done.exit_code == 2
        assert "is in use" in done.output

    def test_says_when_the_port_is_taken(self) -> None:
        with serve.socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()

            assert not serve.port_is_free("127.0.0.1", other.getsockname()[1])


class TestCheck:
    def test_names_the_step_that_failed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        broken = check.Step("broken", (sys.executable, "-c", "raise SystemExit('no good')"))
        sound = check.Step("sound", (sys.executable, "-c", ""))
        monkeypatch.setattr(check, "STEPS", (sound, broken))

        done = CliRunner().invoke(check.check, [])

        assert done.exit_code == 1
        assert "ok   sound" in done.output
        assert "FAIL broken" in done.output
        assert "no good" in done.output


class TestMend:
    def test_of_a_home_that_cannot_be_written_is_one_sentence(self, tmp_path: Path) -> None:
        (tmp_path / "home").write_text("a file where a folder belongs")
        done = subprocess.run(
            [sys.executable, "-m", "loanops.surfaces.cli", "verify"],
            capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "DATABASE_URL": "",
                 "LOANOPS_HOME": str(tmp_path / "home" / "inside")},
        )  # fmt: skip

        assert done.returncode == 2
        assert len(done.stderr.strip().splitlines()) == 1
        assert "Mend: check rights and space" in done.stderr
