"""Reads the configuration, checks it against the schema and across keys, and resolves it.

If a file cannot be used, ``rknet check FILE`` says why.
"""

from __future__ import annotations

import itertools
import reprlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from rknet.cell import AXES, Cell
from rknet.datasets import Drawable, named
from rknet.datasets.own import own_datasets
from rknet.engines.base import ENGINES, preferred
from rknet.losses.base import LOSSES
from rknet.networks.base import ACTIVATIONS, BUILT_IN, LIFTS, Network, network
from rknet.optimisers.base import OPTIMISERS
from rknet.registry import suggestion
from rknet.study.grids import (
    Experiment,
    HorizonError,
    Run,
    completed,
    count,
    doubled,
    expand,
    seeds,
)
from rknet.study.typed import typed
from rknet.study.yaml_files import YamlError, read_yaml

#: The axes that an experiment must have; the protocol has the others.
REQUIRED = ("dataset", "network", "width", "depth")

#: More are a mistake, and Snakemake would need all memory to plan them.
MOST_RUNS = 100_000

#: The most numbers in K and b of all layers. Training keeps six copies of them: 24 GB.
MOST_PARAMETERS = 10**9

#: How often runs are repeated to decide claims, if the config does not say.
REPETITIONS = {"first": 4, "most": 64, "until": "first look"}

#: Limits of a configuration, far beyond real ones: a few lines of YAML can expand to a lot.
_MOST_VALUES, _DEEPEST, _LARGEST = 100_000, 20, 1e30

#: How many problems a message lists, and how many characters of one in a network's definition.
_MOST_PROBLEMS, _LONGEST_PROBLEM = 30, 1000

#: Shortens values in messages.
_brief = reprlib.Repr()
_brief.maxstring = _brief.maxother = 200
_brief.maxlist = _brief.maxdict = 20


class ConfigurationError(ValueError):
    """The configuration cannot be used; the message lists every problem with its key."""


@dataclass(frozen=True)
class Configuration:
    """A configuration that has passed every check.

    Attributes
    ----------
    results : str
        The folder for all results.
    experiments : dict
        By name, in the order of the config: those that run by default.
    optional : dict
        The same, for those that run only when asked for.
    networks : dict
        By name, the networks that can be used.
    datasets : dict
        By name, the user's own datasets.
    paper : str
        A Python package, or a folder, that holds the paper.
    optional_runs : str
        Which runs of optional experiments are included by default: ``finished`` (those of finished
        experiments, and what the archive has of others), ``so_far`` (those that exist) or ``all``.
    archive : str
        Which archived runs are taken instead of training: ``current`` (those of the present code),
        ``accept older code`` or ``ignore``.
    looks : tuple of int
        The numbers of repetitions at which claims are looked at.
    until_decided : bool
        Whether open claims are looked at again with more repetitions.
    """

    results: str
    experiments: dict[str, Experiment]
    optional: dict[str, Experiment]
    networks: dict[str, Network]
    datasets: dict[str, Drawable]
    paper: str
    optional_runs: str
    archive: str
    looks: tuple[int, ...]
    until_decided: bool

    @property
    def all_experiments(self) -> dict[str, Experiment]:
        """The experiments that run by default, then the optional ones."""
        return {**self.experiments, **self.optional}

    @property
    def runs(self) -> dict[str, Run]:
        """Every run of every experiment, optional or not, once, by its path.

        Those that looks at claims may ask for are among them.
        """
        runs = {run.path: run for e in self.all_experiments.values() for run in e.runs}
        if self.until_decided:
            runs |= {run.path: run for run in self.repeated(self.looks[-1])}
        return runs

    def repeated(self, repetitions: int) -> Iterator[Run]:
        """Each cell of the experiments that run by default, with this number of repetitions."""
        cells = dict.fromkeys(cell for e in self.experiments.values() for cell in e.cells)
        return (Run(cell, seed) for cell in cells for seed in range(repetitions))

    def dataset(self, name: str) -> Drawable:
        """The dataset with a given name: the user's, or one of the library's."""
        return self.datasets.get(name) or named(name)

    def dataset_of(self, cell: Cell) -> Drawable:
        """The dataset that a cell trains on, with its numbers of samples."""
        return self.dataset(cell.dataset).sized(cell.training_samples, cell.validation_samples)

    def drawables(self, name: str) -> list[Drawable]:
        """The dataset with a given name: as usual, and in every size that a cell asks for."""
        cells = (cell for e in self.all_experiments.values() for cell in e.cells)
        sizes = {(c.training_samples, c.validation_samples) for c in cells if c.dataset == name}
        usual = self.dataset(name)
        return [usual, *(usual.sized(*size) for size in sorted(sizes) if any(size))]

    def setting(self, run: Run) -> dict[str, Any]:
        """Everything that decides a run's result, as plain values.

        These are the cell, the seed, and the definitions of the network and of a user's dataset.
        """
        setting = {
            **run.cell.settings(),
            "network_definition": self.networks[run.cell.network].definition(),
            "seed": run.seed,
        }
        if own := self.datasets.get(run.cell.dataset):
            setting["dataset_definition"] = own.definition
        return setting


def choices() -> dict[str, tuple[str, ...]]:
    """By axis, the names that it takes."""
    return {
        "activation": ACTIVATIONS,
        "lift": LIFTS,
        "classifier": ("trained", "fixed"),
        "engine": tuple(sorted(ENGINES, key=lambda name: ENGINES[name].preference)),
        "loss": LOSSES.names(),
        "optimiser": OPTIMISERS.names(),
    }


@cache
def schema() -> dict[str, Any]:
    """The schema of a configuration: the YAML file next to this module, with the axes added."""
    written = read(Path(__file__).parent, "config.schema.yaml")
    single: dict[str, Any] = {
        axis: {"description": f"one of {', '.join(names)}", "enum": list(names)}
        for axis, names in choices().items()
    }
    for axis, name in written["$defs"].pop("axes").items():
        single[axis] = written["$defs"][name]
    listed = {key: _or_list(value) for key, value in single.items()}
    experiment = written["$defs"]["experiment"]["properties"]
    written["properties"]["protocol"]["properties"] = {
        axis: single[axis] for axis in AXES if axis not in REQUIRED
    }
    experiment["variants"]["items"]["properties"] = listed
    experiment.update(listed)
    return written


def _or_list(value: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a value of an axis, or of a list of different values."""
    several = "at least one of them" if "enum" in value else "at least one"
    return {
        "description": f"{value['description']}, or a list of {several}",
        "anyOf": [value, {"type": "array", "minItems": 1, "uniqueItems": True, "items": value}],
    }


def load(config: Mapping[str, Any], root: Path) -> Configuration:
    """Check a configuration and resolve it.

    The user's networks are tried on a few samples if an experiment names them.

    Parameters
    ----------
    config : mapping
        The configuration as read from YAML and the command line.
    root : Path
        The project's folder: experiments are looked up in ``config/experiments`` below it.

    Returns
    -------
    Configuration

    Raises
    ------
    ConfigurationError
        If anything is wrong; all problems are listed, each with its key, what was found and
        what is allowed.
    """
    _refuse(_odd_values(config, "config"))
    config = in_types(config)
    _refuse(_odd_values(config, "config"))
    _refuse(_schema_problems(config, schema(), "config"))
    written = _read_experiments(config, root, "experiments")
    optional = _read_experiments(config, root, "optional_experiments")
    everything = [*written, *optional]
    _refuse(problem for source, entry in everything for problem in _odd_values(entry, source))
    defs = schema()["$defs"]
    one = {**defs["experiment"], "$defs": defs}
    _refuse(
        problem for source, entry in everything for problem in _schema_problems(entry, one, source)
    )
    by_default = {experiment["name"] for _, experiment in written}
    # One that is in both lists runs by default.
    written += [entry for entry in optional if entry[1]["name"] not in by_default]
    _refuse(_folder_problems(config["results"]))
    networks = {name: network(definition) for name, definition in BUILT_IN.items()}
    _refuse(_add_networks(networks, config["networks"], "config"))
    for source, entry in everything:
        _refuse(_add_networks(networks, entry.get("networks", {}), source))
    datasets, odd = own_datasets(config.get("datasets", {}))
    _refuse(f"config: datasets: {problem}" for problem in odd)
    experiments: dict[str, Experiment] = {}
    _refuse(_add_experiments(experiments, written, config, networks, datasets))
    repetitions = {**REPETITIONS, **config.get("repetitions", {})}
    _refuse(_repetition_problems(repetitions, [experiments[name] for name in by_default]))
    return Configuration(
        config["results"].rstrip("/"),
        {name: e for name, e in experiments.items() if name in by_default},
        {name: e for name, e in experiments.items() if name not in by_default},
        networks,
        datasets,
        config.get("paper", "rknet.paper"),
        config.get("optional", "finished"),
        config.get("archive", "current"),
        doubled(repetitions["first"], repetitions["most"]),
        repetitions["until"] == "decided",
    )


def _repetition_problems(
    repetitions: Mapping[str, Any], experiments: Iterable[Experiment]
) -> Iterator[str]:
    first, most = repetitions["first"], repetitions["most"]
    if most < first:
        yield (
            f"config: repetitions: most: found {most}; expected at least {first}, the first look's"
        )
    runs = most * len({cell for experiment in experiments for cell in experiment.cells})
    if repetitions["until"] == "decided" and runs > MOST_RUNS:
        yield (
            f"config: repetitions: most: {most} repetitions of every cell are {runs} runs; "
            f"expected at most {MOST_RUNS}"
        )


def _folder_problems(results: str) -> Iterator[str]:
    """The file that is where the folder of the results should be, if there is one."""
    path = Path(results)
    for place in (path, *path.parents):
        if place.exists() and not place.is_dir():
            yield f"config: results: {place} is a file; expected a folder, or nothing there yet"


def in_types(config: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration in which text became the number, list or mapping that is due."""
    expected = schema()
    found = typed(config, expected, expected["$defs"])
    for key in ("experiments", "optional_experiments"):
        if isinstance(found.get(key), list):
            found[key] = [_experiment_in_types(entry) for entry in found[key]]
    return found


def _experiment_in_types(entry: Any) -> Any:
    defs = schema()["$defs"]
    return typed(entry, defs["experiment"], defs) if isinstance(entry, Mapping) else entry


def _add_networks(
    networks: dict[str, Network], written: Mapping[str, Any], source: str
) -> Iterator[str]:
    """Add the networks that the config or an experiment defines; yield the problems with them."""
    for name, definition in written.items():
        where = f"{source}: networks: {name}"
        if name in BUILT_IN:
            yield f"{where}: the paper's {name} cannot be redefined; rename yours"
            continue
        # Their runs would share folders on a disk that does not tell large from small letters.
        same = [other for other in networks if other.lower() == name.lower() and other != name]
        if same:
            yield f"{where}: there is {same[0]}, which differs in case only; rename yours"
            continue
        try:
            found = network(definition)
        except ValueError as error:
            yield f"{where}: {str(error)[:_LONGEST_PROBLEM]}"
            continue
        if networks.setdefault(name, found) != found:
            yield (
                f"{where}: found {_brief.repr(definition)}; {name} is defined differently "
                "elsewhere, in the config or another experiment: rename one of them"
            )


def _add_experiments(
    experiments: dict[str, Experiment],
    written: Iterable[tuple[str, Mapping[str, Any]]],
    config: Mapping[str, Any],
    networks: Mapping[str, Network],
    datasets: Mapping[str, Drawable],
) -> Iterator[str]:
    """Add the experiments in the order of the config; yield the problems with them."""
    runs = 0
    tried: Tried = {}
    for source, experiment in written:
        name = experiment["name"]
        if name in experiments:
            yield f"{source}: the experiment {name!r} is listed twice"
        grid = {key: values for key, values in experiment.items() if key in (*AXES, "horizon")}
        grids = [{**grid, **variant} for variant in experiment.get("variants", [{}])]
        missing = {axis for grid in grids for axis in REQUIRED if axis not in grid}
        if all("depth" in grid or "horizon" in grid for grid in grids):
            missing -= {"depth"}
        if missing:
            yield f"{source}: missing {', '.join(sorted(missing))}"
            continue
        wanted = config.get("seeds", experiment["seeds"])
        repetitions = len(wanted) if isinstance(wanted, list) else int(wanted)
        runs += count(config["protocol"], grids) * repetitions
        if runs > MOST_RUNS:
            yield (
                f"{source}: found {runs} runs, with the experiments before; expected at most "
                f"{MOST_RUNS} in all: there are too many seeds, or values of an axis"
            )
            return
        try:
            cells = _cells(config["protocol"], grids, networks)
        except HorizonError as error:
            yield f"{source}: horizon: {error}"
            continue
        experiments[name] = Experiment(name, cells, seeds(wanted))
        yield from dict.fromkeys(
            f"{source}: {problem}"
            for cell in cells
            for problem in _cell_problems(cell, networks, datasets, tried)
        )


def _cells(
    protocol: Mapping[str, Any],
    grids: Iterable[Mapping[str, Any]],
    networks: Mapping[str, Network],
) -> tuple[Cell, ...]:
    """The cells of an experiment's grids, each once.

    The protocol's engine is for networks with a backward sweep that engines know. Other networks
    get the engine that can train them, unless the experiment itself sets one.
    """
    cells: dict[Cell, None] = {}
    for grid in grids:
        for cell in expand(completed(protocol, grid)):
            known = networks.get(cell.network)
            if known is not None and not known.swept and "engine" not in grid:
                cell = replace(cell, engine=preferred(known, cell))
            cells[cell] = None
    return tuple(cells)


def _refuse(problems: Iterable[str]) -> None:
    if problems := list(problems):
        more = len(problems) - _MOST_PROBLEMS
        shown = [*problems[:_MOST_PROBLEMS], *([f"and {more} more problems"] if more > 0 else [])]
        raise ConfigurationError("\n".join(["the configuration cannot be used:", *shown]))


def _odd_values(value: Any, source: str) -> Iterator[str]:
    """The problems of values anywhere in the config, so that later checks can rely on them."""
    waiting = [(source, value, 0)]
    for seen in itertools.count(1):
        if not waiting:
            return
        where, value, depth = waiting.pop()
        if seen > _MOST_VALUES or depth > _DEEPEST:
            yield (
                f"{where}: expected at most {_MOST_VALUES} values, at most {_DEEPEST} deep; found "
                "more, or a value that contains itself"
            )
            return
        if isinstance(value, Mapping):
            for key, item in value.items():
                if not isinstance(key, str):
                    yield f"{where}: found the key {_brief.repr(key)}; expected text, in quotes"
                waiting.append((f"{where}: {key}", item, depth + 1))
        elif isinstance(value, list):
            waiting += [(f"{where}: {place}", item, depth + 1) for place, item in enumerate(value)]
        elif isinstance(value, int | float):
            if not abs(value) <= _LARGEST:  # no number, too
                found = value if isinstance(value, float) else "more"
                yield f"{where}: found {found}; expected a number of at most {_LARGEST}"
        elif value is not None and not isinstance(value, str):
            yield (
                f"{where}: found {_brief.repr(value)}; expected text (in quotes, if YAML takes it "
                "for something else), a number, a list or a mapping"
            )


def read(folder: Path, name: str) -> dict[str, Any]:
    """Read a YAML file, `name` in `folder`.

    Raises
    ------
    ConfigurationError
        If it cannot be read, is not YAML, has a key twice, or does not hold a mapping.
    """
    try:
        written = read_yaml(folder / name)
    except OSError as error:
        raise ConfigurationError(f"{name} cannot be read: {error}") from error
    except YamlError as error:
        raise ConfigurationError(f"{name}: {error}") from error
    if not isinstance(written, dict):
        raise ConfigurationError(
            f"{name}: expected a mapping, such as seeds: 4, found {_brief.repr(written)}"
        )
    if "__use_yte__" in written:
        raise ConfigurationError(f"{name}: __use_yte__: Snakemake would run code from this file")
    return written


def main(names: Sequence[str]) -> int:
    """Say why configuration files cannot be read; return the exit status.

    Snakemake itself names neither the file nor the place.
    """
    try:
        for name in names:
            read(Path(), name)
    except ConfigurationError as error:
        print(error)
        return 1
    return 0


def _read_experiments(
    config: Mapping[str, Any], root: Path, key: str
) -> list[tuple[str, dict[str, Any]]]:
    return [_read_experiment(entry, root, key) for entry in config.get(key, [])]


def _read_experiment(
    entry: str | dict[str, Any], root: Path, key: str
) -> tuple[str, dict[str, Any]]:
    """The place of an experiment in the config, for messages, and its content."""
    if isinstance(entry, Mapping):
        return f"config: {key}: {entry.get('name', '(no name)')}", dict(entry)
    folder = root / "config/experiments"
    path = folder / f"{entry}.yaml"
    source = f"config/experiments/{entry}.yaml"
    if not path.is_file():
        known = sorted(p.stem for p in folder.glob("*.yaml"))
        raise ConfigurationError(
            f"config: {key}: there is no {source}; there are {', '.join(known)}"
            f"{suggestion(entry, tuple(known))}"
        )
    written = read(root, source)
    return source, _experiment_in_types({"name": entry, **written})


def _schema_problems(value: Any, expected: Mapping[str, Any], source: str) -> Iterator[str]:
    errors = Draft202012Validator(expected).iter_errors(value)
    for error in sorted(errors, key=lambda e: [str(p) for p in e.path]):
        yield from _worded(error, ": ".join([source, *(str(p) for p in error.absolute_path)]))


def _worded(error: ValidationError, where: str) -> Iterator[str]:
    """A schema error in words: the key, what was found and what is allowed."""
    if error.validator == "additionalProperties":
        known = tuple(sorted(error.schema["properties"]))
        for key in sorted(set(error.instance) - set(known), key=str):
            yield (
                f"{where}: unknown key {key!r}; allowed are {', '.join(known)}"
                f"{suggestion(str(key), known)}"
            )
    elif error.validator == "required":
        for key in error.validator_value:
            if key not in error.instance:
                yield f"{where}: the key {key!r} is missing"
    else:
        expected = error.schema.get("description", error.message)
        yield f"{where}: found {_brief.repr(error.instance)}; expected {expected}"


#: The problems of networks, by what they see of a cell, so that each case is tried only once.
Tried = dict[tuple[Any, ...], list[str]]


def _cell_problems(
    cell: Cell, networks: Mapping[str, Network], datasets: Mapping[str, Drawable], tried: Tried
) -> Iterator[str]:
    """The problems of a cell that the schema cannot find."""
    about = None
    try:
        dataset = datasets.get(cell.dataset) or named(cell.dataset)
        about = dataset.about
    except ValueError as error:
        own = f", and your own {', '.join(datasets)}" if datasets else ""
        yield f"dataset: {error}{own} (add your own under datasets in the config)"
    else:
        try:
            dataset.sized(cell.training_samples, cell.validation_samples)
        except ValueError as error:
            axis = "training_samples" if cell.training_samples else "validation_samples"
            yield f"{axis}: {error}"
    if cell.depth * cell.width * (cell.width + 1) > MOST_PARAMETERS:
        yield (
            f"depth: found {cell.depth} layers of width {cell.width}; expected at most "
            f"{MOST_PARAMETERS} numbers in all their matrices"
        )
        return  # rather than try it
    if cell.momentum and not OPTIMISERS[cell.optimiser].has_momentum:
        having = ", ".join(name for name in OPTIMISERS if OPTIMISERS[name].has_momentum)
        yield f"momentum: found {cell.momentum} with {cell.optimiser}; only {having} has one"
    known = networks.get(cell.network)
    if known is None:
        yield (
            f"network: unknown network {cell.network!r}; there are {', '.join(networks)}"
            f"{suggestion(cell.network, tuple(networks))} (add your own under networks in the "
            "config)"
        )
        return
    yield from ENGINES[cell.engine].problems(known, cell)
    if about is not None:
        seen = ("dataset", "network", "width", "depth", "activation", "lift", "step_size")
        key = tuple(getattr(cell, axis) for axis in seen)
        if key not in tried:
            tried[key] = list(known.problems(cell, about.dimension, about.classes))
        yield from tried[key]
