"""Tables of the user's: how they are read and split, and what is said of bad ones."""

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from rknet import datasets
from rknet.datasets.own import own_dataset, own_datasets
from rknet.datasets.own.reading import read
from rknet.datasets.own.table import shares, stratified

FIXTURE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(frame, name="t.csv"):
    """A table with the column ``labels``, in the format that its name says."""
    if name.endswith(".csv"):
        frame.to_csv(name, index=False)
    elif name.endswith(".parquet"):
        frame.to_parquet(name, index=False)
    else:
        np.savez(
            name, x=frame.drop(columns="labels").to_numpy(), labels=frame["labels"].to_numpy(str)
        )


def defined(file="t.csv", training=4, validation=2, **options):
    return own_dataset(
        "mine", {"file": file, "training": training, "validation": validation, **options}
    )


def table_of(name):
    return read(name, "labels", [])


def rows(x):
    return list(map(tuple, x.tolist()))


@st.composite
def tables(draw, enough=2):
    """A table of any classes in any order, and samples that it has; each row has its number."""
    counts = draw(st.lists(st.integers(enough, 40), min_size=2, max_size=6))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    labels = rng.permutation(np.repeat([f"class {k}" for k in range(len(counts))], counts))
    number = np.arange(len(labels))
    scale = draw(st.sampled_from([1e-3, 1.0, 1e4]))
    frame = pd.DataFrame({"number": number, "noise": scale * (5 + rng.random(len(labels)))})
    training = draw(st.integers(1, len(labels) - 1))
    validation = draw(st.integers(1, len(labels) - training))
    return frame.assign(labels=labels), training, validation


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=20), st.data())
def test_shares_are_right_within_one(counts, data):
    counts = np.array(counts)
    total = data.draw(st.integers(0, counts.sum()))
    found = shares(counts, total)
    assert found.sum() == total
    assert (found <= counts).all()
    assert (np.abs(found - counts * total / counts.sum()) < 1).all()


@FIXTURE
@given(tables(), st.integers(0, 5), st.sampled_from(["t.csv", "t.parquet", "t.npz"]))
def test_every_row_is_drawn_at_most_once_and_every_class_has_its_share(table, seed, name):
    frame, training, validation = table
    write(frame, name)
    counts = frame["labels"].value_counts().sort_index().to_numpy()
    assume(all(part.all() for part in stratified(counts, (training, validation))))
    dataset = defined(name, training, validation)
    assert dataset.about.class_names == tuple(sorted(frame["labels"].unique()))
    assert (dataset.about.samples, dataset.about.dimension) == ((training, validation), 2)
    drawn = dataset.draw(seed)
    numbers = []
    for split, samples in zip(drawn, (training, validation), strict=True):
        assert len(split.labels) == samples
        assert (split.x.dtype, split.labels.dtype) == (np.float32, np.int64)
        chosen = frame.iloc[split.x[:, 0].astype(int)]
        names = [dataset.about.class_names[label] for label in split.labels]
        assert chosen["labels"].tolist() == names
        np.testing.assert_array_equal(chosen["noise"].astype(np.float32), split.x[:, 1])
        numbers += split.x[:, 0].astype(int).tolist()
    assert len(set(numbers)) == training + validation
    # Of the table's rows each class has its share among those that are drawn, within one, and of
    # these it has its share in either split.
    taken = [np.bincount(split.labels, minlength=len(counts)) for split in drawn]
    both = taken[0] + taken[1]
    assert (np.abs(both - counts * both.sum() / counts.sum()) < 1).all()
    for split, samples in zip(taken, (training, validation), strict=True):
        assert (np.abs(split - both * samples / both.sum()) < 1).all()


@FIXTURE
@given(tables(enough=8), st.integers(0, 5))
def test_standardised_by_the_training_samples(table, seed):
    frame, *_ = table
    write(frame)
    half = len(frame) // 2
    plain = defined(training=half, validation=half).draw(seed)
    scaled = defined(training=half, validation=half, standardise=True).draw(seed)
    np.testing.assert_allclose(scaled.training.x.mean(axis=0, dtype=float), 0, atol=1e-5)
    np.testing.assert_allclose(scaled.training.x.std(axis=0, dtype=float), 1, rtol=1e-5)
    numbers = frame["number"].to_numpy()
    used = plain.training.x[:, 0].astype(int)
    expected = (plain.validation.x[:, 0] - numbers[used].mean()) / numbers[used].std()
    np.testing.assert_allclose(scaled.validation.x[:, 0], expected, atol=1e-5)
    for one, other in zip(plain, scaled, strict=True):
        np.testing.assert_array_equal(one.labels, other.labels)


def test_a_constant_dimension_stays_so():
    write(pd.DataFrame({"a": range(6), "b": 3.0, "labels": list("xyxyxy")}))
    for split in defined(standardise=True).draw(0):
        assert (split.x[:, 1] == 0).all()


def test_a_seed_is_a_split_and_gives_the_same_file():
    write(pd.DataFrame({"a": range(60), "labels": list("xyz") * 20}))
    first, again, other = (defined(training=30, validation=20).draw(seed) for seed in (3, 3, 4))
    datasets.save("first.npz", first)
    datasets.save("again.npz", again)
    assert Path("first.npz").read_bytes() == Path("again.npz").read_bytes()
    assert rows(first.training.x) != rows(other.training.x)
    loaded = datasets.load("first.npz", "mine")
    assert loaded.about == first.about
    assert loaded.about.class_names == ("x", "y", "z")


def test_formats_hold_the_same():
    frame = pd.DataFrame({"a": [0.5, 1.5, 2.5] * 4, "b": range(12), "labels": ["u", "v", "w"] * 4})
    for name in ("t.csv", "t.parquet", "t.npz"):
        write(frame, name)
    first, *others = (defined(n, 6, 3).draw(1) for n in ("t.csv", "t.parquet", "t.npz"))
    for other in others:
        for one, two in zip(first, other, strict=True):
            np.testing.assert_array_equal(one.x, two.x)
            np.testing.assert_array_equal(one.labels, two.labels)


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        ([10, 9, 10, 9], ("9", "10")),
        ([1.0, 0.0, 1.0, 0.0], ("0", "1")),
        ([-1, 1, 1, -1], ("-1", "1")),
        (["b", "10", "b", "10"], ("10", "b")),
        ([True, False, True, False], ("False", "True")),
        ([0.5, 1.5, 1.5, 0.5], ("0.5", "1.5")),
        ([10.5, 9.5, 1e-5, -2.5], ("-2.5", "1e-05", "9.5", "10.5")),
        (["nan", "b", "nan", "b"], ("b", "nan")),
    ],
)
@pytest.mark.parametrize("name", ["t.csv", "t.parquet"])
def test_classes_are_named_in_order(labels, names, name):
    frame = pd.DataFrame({"a": [1, 2, 3, 4], "labels": labels})
    write(frame.astype({"labels": str}) if name == "t.csv" else frame, name)
    expected = tuple(map(str, names)) if name == "t.parquet" else names
    found = table_of(name)
    if name == "t.csv" and isinstance(labels[0], float):
        expected = tuple(sorted({str(label) for label in labels}, key=float))
    assert found.class_names == expected


@pytest.mark.parametrize("kind", ["S", "U", object])
def test_classes_as_bytes_are_text(kind):
    labels = np.array(["é", "a", "é", "a"])
    if kind == "U":
        np.savez("t.npz", x=np.ones((4, 2)), labels=labels)
        assert table_of("t.npz").class_names == ("a", "é")
        return
    coded = [label.encode() for label in labels.tolist()]
    if kind == "S":
        np.savez("t.npz", x=np.ones((4, 2)), labels=np.array(coded))
        assert table_of("t.npz").class_names == ("a", "é")
    else:
        pd.DataFrame({"a": range(4), "labels": coded}).to_parquet("t.parquet")
        assert table_of("t.parquet").class_names == ("a", "é")


def test_classes_that_are_no_text_are_refused():
    labels = np.array([b"a", b"\xff", b"a", b"\xff"])
    np.savez("t.npz", x=np.ones((4, 2)), labels=labels)
    with pytest.raises(ValueError, match=r"t\.npz, row 2, column 'labels': found .*text in UTF-8"):
        table_of("t.npz")
    np.savez("t.npz", x=np.ones((4, 2)), labels=np.array([b"a", b"b", b"", b"a"]))
    with pytest.raises(ValueError, match=r"t\.npz, row 3, column 'labels': found no value"):
        table_of("t.npz")


def test_the_index_that_pandas_writes_is_no_dimension():
    frame = pd.DataFrame({"a": range(8), "labels": list("xyxyxyxy")})
    frame[frame["a"] != 3].to_parquet("t.parquet")
    assert "__index_level_0__" in parquet.read_schema("t.parquet").names
    assert defined("t.parquet").about.dimension == 1
    assert defined("t.parquet", features="__index_level_0__").about.dimension == 1


def test_a_column_twice_is_refused():
    columns = [pa.array([1.0, 2.0]), pa.array([3.0, 4.0]), pa.array(["a", "b"])]
    parquet.write_table(pa.table(columns, names=["x", "x", "labels"]), "t.parquet")
    with pytest.raises(ValueError, match=r"t\.parquet has the column 'x' twice"):
        table_of("t.parquet")


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.npz"])
def test_a_folder_in_place_of_a_file_is_named(name):
    Path(name).mkdir()
    with pytest.raises(ValueError, match=rf"^{name} (cannot be read|is empty)"):
        table_of(name)


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.npz"])
def test_a_file_that_may_not_be_read_is_named(name, monkeypatch):
    frame = pd.DataFrame({"a": range(6), "labels": list("xyxyxy")})
    write(frame, name)
    refuse = lambda *_, **__: (_ for _ in ()).throw(PermissionError(13, "Permission denied", name))  # noqa: E731
    for place in ("pathlib.Path.open", "numpy.load", "pyarrow.parquet.ParquetFile"):
        monkeypatch.setattr(place, refuse)
    with pytest.raises(ValueError, match=rf"^{name} cannot be read: .*Permission denied"):
        table_of(name)


def test_columns_can_be_chosen():
    frame = pd.DataFrame({"id": range(6), "b": 1.5, "a": 2.5, "kind": list("xyxyxy")})
    for name in ("t.csv", "t.parquet"):
        write(frame, name)
        one = defined(name, label="kind", features=["a", "b"]).draw(0).training
        assert set(rows(one.x)) == {(2.5, 1.5)}
        assert defined(name, label="kind", features="a").about.dimension == 1
        assert defined(name, label="kind").about.dimension == 3


def test_an_array_of_images_has_their_shape():
    x = np.arange(6 * 2 * 3, dtype=np.uint8).reshape(6, 2, 3)
    np.savez("t.npz", pictures=x, kinds=np.array([0, 1] * 3))
    found = defined("t.npz", features="pictures", label="kinds")
    assert (found.about.image_shape, found.about.dimension) == ((2, 3), 6)
    assert set(rows(found.draw(0).training.x)) < set(rows(x.reshape(6, 6)))


def test_the_definition_is_plain_and_tells_the_data():
    write(pd.DataFrame({"a": range(6), "labels": list("xyxyxy")}))
    found = defined()
    assert json.loads(json.dumps(found.definition)) == found.definition
    # It defines the same dataset, as long as the file is the same.
    again = own_dataset("mine", found.definition)
    assert again.definition == found.definition
    assert again.roots == ("rknet.datasets.own.table:TableDataset",)
    write(pd.DataFrame({"a": range(7), "labels": list("xyxyxyx")}))
    assert defined().definition["sha256"] != found.definition["sha256"]
    with pytest.raises(ValueError, match=r"t\.csv has changed meanwhile"):
        own_dataset("mine", found.definition)


GOOD = "a,b,class\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n9,1,x\n2,3,y\n"

#: By what is wrong: the file's content, what differs in its definition, and what is said of it.
BAD = {
    "missing": (None, {}, "t.csv: there is no such file"),
    "empty": ("", {}, "t.csv is empty"),
    "only names": ("a,b,class\n", {}, "t.csv has no rows"),
    "only a mark": ("\ufeff", {}, "t.csv has no column 'class'"),
    "another suffix": (GOOD, {"file": "t.txt"}, "t.txt: expected a name that ends in .csv, "),
    "unknown label": (GOOD, {"label": "kind"}, "t.csv has no column 'kind'; there are a, b, class"),
    "unknown feature": (GOOD, {"features": ["a", "c"]}, "t.csv has no column 'c'; there are a, b"),
    "label as feature": (GOOD, {"features": "class"}, "t.csv: the column 'class' is among the"),
    "no feature": ("class\nx\ny\n", {}, "t.csv has no column but 'class'"),
    "empty cell": (GOOD + "1,,x\n", {}, "t.csv, line 8, column 'b': found no value; expected a"),
    "NaN": (GOOD + "1,nan,x\n", {}, "t.csv, line 8, column 'b': found 'nan'; expected a finite"),
    "text": (GOOD + "1,abc,x\n", {}, "t.csv, line 8, column 'b': found 'abc'; expected a finite"),
    "decimal comma": (GOOD + '1,"2,5",x\n', {}, "t.csv, line 8, column 'b': found '2,5'; expected"),
    "infinite": (GOOD + "inf,1,x\n", {}, "t.csv, line 8, column 'a': found 'inf'; expected a"),
    "too large": (GOOD + "1e39,1,x\n", {}, "t.csv, line 8, column 'a': found '1e39'; expected a"),
    "no class": (GOOD + "1,1, \n", {}, "t.csv, line 8, column 'class': found no value; expected"),
    "after blank lines": (GOOD + "\n\n1,z,x\n", {}, "t.csv, line 10, column 'b': found 'z'"),
    "after a line break": (GOOD + '1,1,"x\n"\n1,z,x\n', {}, "t.csv, line 10, column 'b': found"),
    "too many values": (GOOD + "1,2,3,x\n", {}, "t.csv, line 8: found 4 values; expected 3"),
    "too few values": (GOOD + "1,2\n", {}, "t.csv, line 8: found 2 values; expected 3"),
    "open quote": (GOOD + '1,2,"x\n', {}, "t.csv, line 8: unexpected end of data"),
    "name twice": ("a,a,class\n1,2,x\n", {}, "t.csv, line 1: column 2 has the name 'a' again"),
    "no name": (",a,class\n1,2,x\n", {}, "t.csv, line 1: column 1 has no name"),
    "one class": ("a,class\n1,x\n2,x\n3,x\n4,x\n", {}, "t.csv, column 'class': all rows are of"),
    "too few rows": (GOOD, {"training": 6}, "t.csv has 6 rows; expected at least 8, for 6 in"),
    "rare class": (GOOD + "1,1,z\n", {}, "t.csv: the class 'z' has 1 of 7 rows, so none of its"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_a_bad_table_is_named(what):
    content, options, message = BAD[what]
    options = {"file": "t.csv", "label": "class", "training": 4, "validation": 2, **options}
    if content is not None:
        Path(options["file"]).write_text(content, encoding="utf-8")
    found, problems = own_datasets({"mine": options})
    assert not found
    assert problems[0].startswith(f"mine: {message}")


def test_bytes_that_are_no_text_are_named():
    Path("t.csv").write_bytes(b"a,labels\n\xff,x\n")
    with pytest.raises(ValueError, match=r"t\.csv is no UTF-8 text"):
        defined()
    Path("u.csv").mkdir()
    with pytest.raises(ValueError, match=r"u\.csv cannot be read"):
        defined("u.csv")


def archive(**arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


TWO = np.array([0, 1] * 3)

#: Likewise for archives of arrays, and tables with types.
BAD_ARRAYS = {
    "no archive": (b"PK nothing", "t.npz is no NPZ file of arrays"),
    "no array": (archive(y=TWO, labels=TWO), "t.npz has no array 'x'; there are y, labels"),
    "no labels": (archive(x=np.ones((6, 2))), "t.npz has no array 'labels'; there are x"),
    "objects": (archive(x=np.array([[None]]), labels=TWO), "t.npz is no NPZ file of arrays"),
    "flat": (archive(x=np.ones(6), labels=TWO), r"t.npz: the array 'x' has the shape (6,)"),
    "other length": (archive(x=np.ones((5, 2)), labels=TWO), "t.npz: the array 'labels' has the"),
    "text": (archive(x=np.array([["1", "a"]] * 6), labels=TWO), "t.npz, row 1, column 'x[:, 1]': "),
    "times": (archive(x=np.zeros((6, 2), "M8[s]"), labels=TWO), "t.npz, column 'x[:, 0]': found "),
    "not finite": (
        archive(x=np.where(np.arange(12).reshape(6, 2) == 5, np.nan, 1), labels=TWO),
        "t.npz, row 3, column 'x[:, 1]': found no value",
    ),
    "label is NaN": (
        archive(x=np.ones((6, 2)), labels=np.array([0, 1, np.nan, 0, 1, 0])),
        "t.npz, row 3, column 'labels': found no value",
    ),
    "no rows": (archive(x=np.ones((0, 2)), labels=TWO[:0]), "t.npz has no rows"),
}


@pytest.mark.parametrize("what", BAD_ARRAYS)
def test_a_bad_archive_is_named(what):
    content, message = BAD_ARRAYS[what]
    Path("t.npz").write_bytes(content)
    with pytest.raises(ValueError, match=r"t\.npz") as error:
        defined("t.npz")
    assert str(error.value).startswith(message)


def test_features_of_an_archive_are_one_array():
    Path("t.npz").write_bytes(archive(x=np.ones((6, 2)), labels=TWO))
    with pytest.raises(ValueError, match="expected the name of one array"):
        defined("t.npz", features=["x", "labels"])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"a": [1, 2, None, 4, 5, 6]}, "t.parquet, row 3, column 'a': found no value"),
        ({"a": ["1", "2", "3", None, "5", "6"]}, "t.parquet, row 4, column 'a': found no value"),
        ({"a": ["1", "2", "x", "4", "5", "6"]}, "t.parquet, row 3, column 'a': found 'x'"),
        ({"a": pd.date_range("2020", periods=6)}, "t.parquet, column 'a': found datetime64"),
        ({"a": [[1, 2]] * 6}, "t.parquet, column 'a': found list<"),
        ({"a": range(6), "labels": [[1]] * 6}, "t.parquet, column 'labels': found list<"),
        ({"a": range(6), "labels": ["x", None, "y", "x", "y", "x"]}, "t.parquet, row 2, column"),
        (
            {"b": range(6), "labels": list("xyxyxy")},
            "t.parquet has no column 'a'; there are la",
        ),
    ],
)
def test_a_bad_parquet_file_is_named(columns, message):
    write(pd.DataFrame({"labels": list("xyxyxy"), **columns}), "t.parquet")
    with pytest.raises(ValueError, match=r"t\.parquet") as error:
        defined("t.parquet", features="a")
    assert str(error.value).startswith(message)


def test_what_is_no_parquet_file_is_named():
    Path("t.parquet").write_text(GOOD)
    with pytest.raises(ValueError, match=r"t\.parquet is no Parquet file"):
        defined("t.parquet")


def test_categories_and_decimals_are_read():
    from decimal import Decimal

    frame = pd.DataFrame({"a": [Decimal("1.5")] * 6, "labels": pd.Categorical(list("xyxyxy"))})
    write(frame, "t.parquet")
    found = defined("t.parquet")
    assert found.about.class_names == ("x", "y")
    assert (found.draw(0).training.x == 1.5).all()


@pytest.mark.parametrize("name", ["spiral", "digits", "donut_7d", "donut_3d_9c"])
def test_a_name_that_is_taken_is_refused(name):
    found, problems = own_datasets({name: {"file": "t.csv", "training": 4, "validation": 2}})
    assert not found
    assert problems == [f"{name}: there is a dataset of this name already; choose another"]


@FIXTURE
@given(st.binary(max_size=60), st.sampled_from(["t.csv", "t.npz", "t.parquet"]))
def test_anything_else_is_refused_or_read(content, name):
    """Nothing but a ValueError comes of any bytes."""
    Path(name).write_bytes(content)
    found, problems = own_datasets({"mine": {"file": name, "training": 4, "validation": 2}})
    assert len(found) + len(problems) == 1
    assert all(problem.startswith(f"mine: {name}") for problem in problems)
