"""What a soak runs: stories, kill loops, callback chaos; each by a seed, each to a verdict."""

from __future__ import annotations

import json
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests import installations
from tests.installations import Installation
from tests.scenarios import operation as scene
from tests.soak import kernel

BOOK: Final = "tests.soak.book"
STORY: Final = "tests.soak.story"
CORRUPTING: Final = "tests.corrupting"
NAMED_MIN: Final = 0.95
# How a bank may answer an order to pay, besides how it calls back.
ANSWERS: Final = (
    "late", "system_fail", "server_error", "server_error_unpaid", "reset", "malformed", "html",
    "unsigned", "wrong_serial", "not_found_then_paid",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """What one seed of one part came to; ``found`` is empty where all held."""

    part: str
    seed: int
    found: tuple[str, ...]
    seconds: float


@contextmanager
def template() -> Iterator[Installation]:
    """A migrated installation in a folder of its own, from which every run is copied."""
    folder = Path(tempfile.mkdtemp(prefix="loanops-soak-"))
    try:
        with installations.template(folder / "template") as made:
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def story(original: Installation, home: Path, seed: int, steps: int) -> tuple[str, ...]:
    """One story under faults, with virtual time."""
    return _told(original, home, STORY, seed, steps)


def _told(
    original: Installation, home: Path, module: str, seed: int, steps: int
) -> tuple[str, ...]:
    """What a run in an installation of its own found, as it tells it in one JSON line."""
    with installations.copy_of(original, home) as made:
        done = made.run(module, str(seed), str(steps), check=False)
    if done.returncode != 0:
        return (done.stderr.strip()[-2000:],)
    return tuple(json.loads(done.stdout)["found"])


def corruptions(original: Installation, home: Path, seed: int, steps: int) -> tuple[str, ...]:
    """As many corruptions of single rows of a demo; those that ``verify`` is silent about, where
    they are more than it may miss."""
    with installations.copy_of(original, home) as made:
        made.loanops("demo", "--no-serve", "--days", "60", "--applicants", "120")
        done = made.run(CORRUPTING, str(seed), str(steps), check=False)
    if done.returncode != 0:
        return (done.stderr.strip()[-2000:],)
    came = json.loads(done.stdout)
    if came["named"] >= NAMED_MIN * came["count"]:
        return ()
    return (f"{came['named']} of {came['count']} named", *came["silent"])


def book(original: Installation, home: Path, seed: int, steps: int) -> tuple[str, ...]:
    """A small book to which everything happens, under failing statements and sudden deaths."""
    return _told(original, home, BOOK, seed, steps)


def life(original: Installation, home: Path, seed: int, steps: int) -> tuple[str, ...]:
    """One loan to which everything happens, in the kernel alone: no installation takes part."""
    del original, home
    return kernel.live(seed, steps)


def kills(original: Installation, home: Path, seed: int, steps: int) -> tuple[str, ...]:
    """A server killed several times while it pays out, with the bank misbehaving."""
    chance = random.Random(seed)
    return _paid_out(original, home, chance, contracts=8 + steps // 50, lives=chance.randint(2, 5))


def callbacks(original: Installation, home: Path, seed: int, steps: int) -> tuple[str, ...]:
    """A server that lives, and a bank that answers and calls back in every manner it knows."""
    chance = random.Random(seed)
    return _paid_out(original, home, chance, contracts=20 + steps // 50, lives=0)


def _paid_out(
    original: Installation, home: Path, chance: random.Random, *, contracts: int, lives: int
) -> tuple[str, ...]:
    port = scene.free_port()
    manners = [chance.choice((*scene.CALLS, *ANSWERS)) for _ in range(contracts)]
    calls = scene.callback_url(port)
    try:
        with scene.operation(original, home, contracts=contracts, calls=calls) as (made, banks):
            scene.assign(made, banks, manners)
            for _ in range(lives):
                with scene.serving(made, port):
                    scene.pass_time(made, polls=chance.randint(1, 12))
            with scene.serving(made, port):
                scene.settle(made, banks, seconds=600)
            scene.proven(made, banks, contracts=contracts)
    except AssertionError as broken:
        return (str(broken)[-2000:] or "it does not hold",)
    return ()


PARTS: Final[dict[str, Callable[[Installation, Path, int, int], tuple[str, ...]]]] = {
    "kernel": life,
    "book": book,
    "story": story,
    "kills": kills,
    "callbacks": callbacks,
    "corruptions": corruptions,
}


Rounds = Callable[[Sequence[tuple[str, int]], Installation, int], Iterable[Run]]


@contextmanager
def together(jobs: int) -> Iterator[Rounds]:
    """Runs so many at once, each in a process of its own; one alone runs in this one."""
    if jobs == 1:
        yield lambda wanted, original, steps: (
            run(part, original, seed, steps) for part, seed in wanted
        )
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield lambda wanted, original, steps: pool.map(
            run,
            [part for part, _ in wanted],
            [original] * len(wanted),
            [seed for _, seed in wanted],
            [steps] * len(wanted),
        )


def run(part: str, original: Installation, seed: int, steps: int) -> Run:
    """One run, in a home that is gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix=f"loanops-soak-{part}-{seed}-"))
    began = time.monotonic()
    try:
        found = PARTS[part](original, home, seed, steps)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    return Run(part, seed, found, round(time.monotonic() - began, 1))
