"""Faults of the Docker engine in the middle of a run."""

from __future__ import annotations

import gc
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.faults.engine import Engine, EngineError, own_engine
from tests.faults.plans import Meanwhile, at
from tests.faults.server import FaultyServer
from tests.faults.site import Site

pytestmark = [
    pytest.mark.docker,
    # If an engine is down, the docker library leaves the sockets open that it cannot connect.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def _no_sockets_for_the_next_test() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """Start one engine for all tests: loading the image takes seconds."""
    folder = Path(tempfile.mkdtemp(prefix="codeloop-engine-"))  # a socket's path must be short
    try:
        with own_engine(folder) as engine, pytest.MonkeyPatch.context() as patch:
            patch.setenv("DOCKER_HOST", engine.address)
            yield engine
    except EngineError as error:
        pytest.skip(str(error))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def quiet(
    engine: Engine,
    running_server: FaultyServer,
    dataset: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Site:
    """Make a run in containers without any fault."""
    folder = tmp_path_factory.mktemp("quiet")
    site = replace(Site.make(running_server, dataset, folder), sandbox="docker")
    running_server.forget()
    assert site.begin() == 0
    return site


@pytest.fixture
def contained(site: Site) -> Site:
    """Return a site whose programs run in containers."""
    return replace(site, sandbox="docker")


def image_and_containers_gone(engine: Engine) -> None:
    engine.remove_images()
    engine.kill_containers()


TROUBLE: dict[str, Callable[[Engine], object]] = {
    "the engine restarts": Engine.restart,
    "a container is killed": lambda engine: engine.kill_containers(1),
    "all containers are killed": Engine.kill_containers,
    "the image is removed": Engine.remove_images,
    "image and containers are removed": image_and_containers_gone,
}


@pytest.mark.parametrize("name", TROUBLE)
def test_a_run_survives_trouble_with_the_engine(
    contained: Site, quiet: Site, engine: Engine, name: str
) -> None:
    """The run has undisturbed results, at once or when it is resumed."""
    contained.server.plan = [(at(8), Meanwhile(lambda: TROUBLE[name](engine)))]
    if contained.begin("--sandbox.patience", "2") != 0:
        assert contained.resume() == 0
    assert len(contained.server.requests) >= 8
    assert contained.results() == quiet.results()
    assert not contained.server.given_twice()


def test_containers_that_are_killed_again_and_again_convict_nobody(
    contained: Site, quiet: Site, engine: Engine
) -> None:
    again = Meanwhile(engine.kill_containers)
    contained.server.plan = [(at(*range(3, 15)), again)]
    if contained.begin() != 0:
        assert contained.resume() == 0
    assert contained.results() == quiet.results()
    assert not contained.server.given_twice()


def test_a_run_whose_engine_is_gone_is_resumed_when_it_is_back(
    contained: Site, quiet: Site, engine: Engine
) -> None:
    contained.server.plan = [(at(9), Meanwhile(engine.stop))]
    try:
        assert contained.begin("--sandbox.patience", "1") in (1, 2)
    finally:
        engine.start()
    assert contained.resume() == 0
    assert contained.results() == quiet.results()
    assert not contained.server.given_twice()
