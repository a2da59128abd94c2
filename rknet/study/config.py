"""The configuration: read, checked against the schema and across keys, resolved.

``python -m rknet.study.config FILE`` says why a file cannot be read, if it cannot.
"""

from __future__ import annotations

import difflib
import itertools
import reprlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from rknet import datasets
from rknet.cell import AXES, Cell
from rknet.study.grids import Experiment, Run, count, expand, seeds
from rknet.tableau import SCHEMES, ButcherTableau

#: The paper's networks: StandardNet has no scheme, the others are (2.12) with theirs.
NETWORKS: dict[str, ButcherTableau | None] = {
    "StandardNet": None,
    "EulerNet": SCHEMES["euler"],
    "RK4Net": SCHEMES["rk4"],
}


#: The compiled engine writes its matrix products out, so compiling takes time as the square of the
#: width: half a minute at this one.
WIDEST_COMPILED = 128


#: More are a slip, and Snakemake would take all memory to plan them.
MOST_RUNS = 100_000

#: Numbers in K and b of all layers, of which training keeps six copies: 24 GB.
MOST_PARAMETERS = 10**9

#: What a configuration may hold, far beyond what one does: YAML can say a lot in a few lines.
_MOST_VALUES, _DEEPEST, _LARGEST = 100_000, 20, 1e30

#: How many problems a message lists.
_MOST_PROBLEMS = 30

#: Values in messages, however long they are.
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
        The folder for all that is made.
    experiments : dict
        By name, in the order of the config: those that run by default.
    optional : dict
        Likewise, those that run only when asked for.
    networks : dict
        By name, the scheme of each network that may be used; None for StandardNet.
    """

    results: str
    experiments: dict[str, Experiment]
    optional: dict[str, Experiment]
    networks: dict[str, ButcherTableau | None]

    @property
    def all_experiments(self) -> dict[str, Experiment]:
        """Those that run by default, then the optional ones."""
        return {**self.experiments, **self.optional}

    @property
    def runs(self) -> dict[str, Run]:
        """Every run of every experiment, optional or not, once, by its path."""
        return {run.path: run for e in self.all_experiments.values() for run in e.runs}

    def setting(self, run: Run) -> dict[str, Any]:
        """All that decides a run's result, as plain values: the cell, the scheme, the seed."""
        tableau = self.networks[run.cell.network]
        cell = {axis: getattr(run.cell, axis) for axis in AXES}
        return {**cell, "tableau": tableau and tableau.to_mapping(), "seed": run.seed}


def load(config: Mapping[str, Any], root: Path, reserved: Iterable[str] = ()) -> Configuration:
    """Check a configuration and resolve it.

    Parameters
    ----------
    config : mapping
        The configuration as read from YAML and the command line.
    root : Path
        The project's folder: experiments are looked up in ``config/experiments`` below it and
        the schema in ``workflow/schemas``.
    reserved : iterable of str, optional
        Names that no experiment may have, as rules or results have them.

    Returns
    -------
    Configuration

    Raises
    ------
    ConfigurationError
        If anything is wrong; all problems are listed, each with its key, what was found and
        what is allowed.
    """
    schema = yaml.safe_load((root / "workflow/schemas/config.schema.yaml").read_text())
    _refuse(_odd_values(config, "config"))
    _refuse(_schema_problems(config, schema, schema, "config"))
    written = _read_experiments(config, root, "experiments")
    optional = _read_experiments(config, root, "optional_experiments")
    experiment_schema = {**schema["$defs"]["experiment"], "$defs": schema["$defs"]}
    everything = [*written, *optional]
    _refuse(problem for source, entry in everything for problem in _odd_values(entry, source))
    _refuse(
        problem
        for source, entry in everything
        for problem in _schema_problems(entry, experiment_schema, schema, source)
    )
    by_default = {experiment["name"] for _, experiment in written}
    # One that is in both lists runs by default.
    written += [entry for entry in optional if entry[1]["name"] not in by_default]
    networks = dict(NETWORKS)
    _refuse(_add_networks(networks, config["networks"]))
    experiments: dict[str, Experiment] = {}
    problems: list[str] = []
    runs = 0
    for source, experiment in written:
        name = experiment["name"]
        if name in experiments:
            problems.append(f"{source}: the experiment {name!r} is listed twice")
        if name in reserved:
            problems.append(
                f"{source}: name: {name!r} is the name of a rule, or of a table, figure or page; "
                "choose another"
            )
        grid = {**config["protocol"], **{k: v for k, v in experiment.items() if k in AXES}}
        variants = experiment.get("variants", [{}])
        missing = {
            axis
            for variant in variants
            for axis in ("dataset", "network", "width", "depth")
            if axis not in {**grid, **variant}
        }
        if missing:
            problems.append(f"{source}: missing {', '.join(sorted(missing))}")
            continue
        wanted = config.get("seeds", experiment["seeds"])
        runs += count(grid, variants) * (len(wanted) if isinstance(wanted, list) else int(wanted))
        if runs > MOST_RUNS:
            problems.append(
                f"{source}: found {runs} runs, with the experiments before; expected at most "
                f"{MOST_RUNS} in all: there are too many seeds, or values of an axis"
            )
            break
        cells = expand(grid, variants)
        experiments[name] = Experiment(name, cells, seeds(wanted))
        problems.extend(
            dict.fromkeys(f"{source}: {p}" for c in cells for p in _cell_problems(c, networks))
        )
    _refuse(problems)
    return Configuration(
        config["results"].rstrip("/"),
        {name: e for name, e in experiments.items() if name in by_default},
        {name: e for name, e in experiments.items() if name not in by_default},
        networks,
    )


def _refuse(problems: Iterable[str]) -> None:
    if problems := list(problems):
        more = len(problems) - _MOST_PROBLEMS
        shown = [*problems[:_MOST_PROBLEMS], *([f"and {more} more problems"] if more > 0 else [])]
        raise ConfigurationError("\n".join(["the configuration cannot be used:", *shown]))


def _odd_values(value: Any, source: str) -> Iterator[str]:
    """What is wrong with values wherever they stand, so that all else can rely on them."""
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
        If it cannot be read, is no YAML, or holds no mapping.
    """
    try:
        written = yaml.safe_load((folder / name).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{name} cannot be read: {error}") from error
    # YAML's own errors, those of text and of numbers that are none, and endless nesting.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"{name} is no YAML: {error}") from error
    if not isinstance(written, dict):
        raise ConfigurationError(
            f"{name}: expected a mapping, such as seeds: 4, found {_brief.repr(written)}"
        )
    if "__use_yte__" in written:
        raise ConfigurationError(f"{name}: __use_yte__: Snakemake would run code from this file")
    return written


def main(names: Sequence[str]) -> int:
    """Say what is wrong with configuration files that cannot be read; return the exit status.

    Snakemake does not say which file it is, or where in it.
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
    """Where an experiment is written, for messages, and what is written there."""
    if isinstance(entry, Mapping):
        return f"config: {key}: {entry.get('name', '(no name)')}", dict(entry)
    folder = root / "config/experiments"
    path = folder / f"{entry}.yaml"
    source = f"config/experiments/{entry}.yaml"
    if not path.is_file():
        known = sorted(p.stem for p in folder.glob("*.yaml"))
        raise ConfigurationError(
            f"config: {key}: there is no {source}; there are {', '.join(known)}"
            f"{_suggestion(entry, known)}"
        )
    written = read(root, source)
    return source, {"name": entry, **written}


def _schema_problems(
    value: Any, schema: dict[str, Any], root_schema: dict[str, Any], source: str
) -> Iterator[str]:
    for error in sorted(
        Draft202012Validator(schema).iter_errors(value), key=lambda e: [str(p) for p in e.path]
    ):
        where = ": ".join([source, *(str(p) for p in error.absolute_path)])
        yield from _worded(error, where, root_schema)


def _worded(error: ValidationError, where: str, root_schema: dict[str, Any]) -> Iterator[str]:
    """A schema error as sentences that name the key, what was found and what is allowed."""
    if error.validator in ("additionalProperties", "unevaluatedProperties"):
        known = sorted(_known_keys(error.schema, root_schema))
        for key in sorted(set(error.instance) - set(known), key=str):
            yield (
                f"{where}: unknown key {key!r}; allowed are {', '.join(known)}"
                f"{_suggestion(str(key), known)}"
            )
    elif error.validator == "required":
        for key in error.validator_value:
            if key not in error.instance:
                yield f"{where}: the key {key!r} is missing"
    else:
        expected = error.schema.get("description", error.message)
        yield f"{where}: found {_brief.repr(error.instance)}; expected {expected}"


def _known_keys(schema: Mapping[str, Any], root_schema: Mapping[str, Any]) -> set[str]:
    keys = set(schema.get("properties", {}))
    if "$ref" in schema:
        keys |= _known_keys(root_schema["$defs"][schema["$ref"].split("/")[-1]], root_schema)
    return keys


def _add_networks(
    networks: dict[str, ButcherTableau | None], written: Mapping[str, Any]
) -> Iterator[str]:
    """Add the networks that the config defines; yield what is wrong with them."""
    for name, definition in written.items():
        scheme, where = definition["tableau"], f"config: networks: {name}: tableau"
        if name in NETWORKS:
            yield f"config: networks: {name}: the paper's {name} cannot be redefined; rename yours"
        elif isinstance(scheme, str) and scheme not in SCHEMES:
            yield (
                f"{where}: unknown scheme {scheme!r}; there are {', '.join(SCHEMES)}"
                f"{_suggestion(scheme, SCHEMES)}"
            )
        else:
            try:
                networks[name] = (
                    SCHEMES[scheme]
                    if isinstance(scheme, str)
                    else ButcherTableau.from_mapping(scheme)
                )
            except ValueError as error:
                yield f"{where}: {error}"


def _cell_problems(cell: Cell, networks: Mapping[str, ButcherTableau | None]) -> Iterator[str]:
    """What is wrong with a cell that no schema sees."""
    try:
        dimension = datasets.describe(cell.dataset).dimension
    except ValueError as error:
        yield f"dataset: {error}"
    else:
        if cell.width < dimension:
            yield (
                f"width: found {cell.width}; {cell.dataset} has {dimension} input dimensions, "
                f"and a feature space has at least as many"
            )
    if cell.engine == "compiled" and cell.width > WIDEST_COMPILED:
        yield (
            f"width: found {cell.width}; the compiled engine takes widths up to "
            f"{WIDEST_COMPILED}, set engine: torch for more"
        )
    if cell.depth * cell.width * (cell.width + 1) > MOST_PARAMETERS:
        yield (
            f"depth: found {cell.depth} layers of width {cell.width}; expected at most "
            f"{MOST_PARAMETERS} numbers in all their matrices"
        )
    if cell.momentum and cell.optimiser != "sgd":
        yield f"momentum: found {cell.momentum} with {cell.optimiser}; only sgd has one"
    if cell.network not in networks:
        yield (
            f"network: unknown network {cell.network!r}; there are {', '.join(networks)}"
            f"{_suggestion(cell.network, networks)} (add your own under networks in the config)"
        )
    elif (tableau := networks[cell.network]) and not tableau.is_explicit:
        yield (
            f"network: {cell.network} has an implicit tableau; the {cell.engine} engine takes "
            f"explicit ones only (A strictly lower triangular)"
        )


def _suggestion(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1)
    return f" — did you mean {close[0]!r}?" if close else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
