"""The documentation: it is built strictly, works from its files, and says what its sources say."""

import importlib
import inspect
import os
import re
import subprocess
import sys

import pytest
from browsing import is_blank, needs_chromium, opened
from project import ROOT

DOCS = ROOT / "docs"
#: Where `make docs` has MkDocs: its needs are others than the project's.
PYTHON = ROOT / "build/docs/bin/python"
TEXTS = ("README.md", "config/README.md", "archive/README.md", "benchmarks/README.md",
         "CONTRIBUTING.md")  # fmt: skip
#: The numbered equations of Sections 2 and 3.
EQUATIONS = [*(f"2.{n}" for n in range(1, 13)), *(f"3.{n}" for n in range(1, 27))]

needs_mkdocs = pytest.mark.skipif(
    not PYTHON.exists() and "CI" not in os.environ, reason="no MkDocs; make docs installs it"
)


@pytest.fixture(scope="module")
def site(once):
    def build(folder):
        done = subprocess.run(
            [PYTHON, "-m", "mkdocs", "build", "--site-dir", folder],
            cwd=ROOT,
            env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "WARNING" not in done.stderr

    return once("site", build)


def pages(site):
    return [path for path in sorted(site.rglob("*.html")) if path.name != "404.html"]


@needs_mkdocs
def test_nothing_is_left_of_what_is_put_in(site):
    assert len(pages(site)) > 20
    for path in pages(site):
        words = re.sub(r"<(script|code|pre)\b.*?</\1>", "", path.read_text(), flags=re.S)
        assert not re.search(r"\{\{|```|\$\w|\]\[", words), path


@needs_mkdocs
@needs_chromium
def test_every_page_works_without_a_network(site):
    with opened(site / "index.html") as page:
        for path in pages(site):
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 844})
                page.goto(path.as_uri())
                assert page.locator("h1").count() == 1, path
                across = "document.documentElement.scrollWidth - innerWidth"
                assert page.evaluate(across) <= 0, f"{path} is wider than {width}"
            for picture in page.locator(".md-content img").all():
                assert picture.evaluate("img => img.naturalWidth") > 0, path


@needs_mkdocs
@needs_chromium
def test_the_search_finds_an_equation_and_a_function(site):
    with opened(site / "index.html") as page:
        for words, file in (("symplectic", "mathematics.html"), ("stops_early", "training.html")):
            page.goto((site / "index.html").as_uri())
            page.fill("[data-md-component=search-query]", words)
            page.locator(f".md-search-result__link[href*='{file}']").first.wait_for()


@needs_mkdocs
@needs_chromium
def test_formulas_are_drawn_in_light_and_dark(site):
    with opened(site / "mathematics.html") as page:
        backgrounds = []
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.reload()
            equation = page.locator("[id='eq-3.26'] > div")
            assert not is_blank(equation.screenshot())
            style = "body => getComputedStyle(body).backgroundColor"
            backgrounds.append(page.locator("body").evaluate(style))
        assert backgrounds[0] != backgrounds[1]


@needs_mkdocs
def test_everything_it_needs_is_pinned():
    freeze = [PYTHON, "-m", "pip", "freeze"]
    # Not what the checkout's own path adds.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(freeze, env=environment, capture_output=True, text=True, check=True)
    pins = set((ROOT / "constraints.txt").read_text().lower().splitlines())
    found = set(done.stdout.lower().split())
    assert any(package.startswith("mkdocs==") for package in found)
    assert found <= pins


def test_every_equation_is_there_once_in_order():
    text = (DOCS / "mathematics.md").read_text()
    assert re.findall(r"^```math (\S+)$", text, re.M) == EQUATIONS


def linked():
    """By each object that an equation links to first, the equations whose code it is."""
    text = (DOCS / "mathematics.md").read_text().partition("## What is checked")[0]
    # Consecutive formulas share what is below them.
    parts = re.split(r"^```math (\S+)\n.*?\n```$", text, flags=re.M | re.S)[1:]
    waiting, found = [], {}
    for number, below in zip(parts[::2], parts[1::2], strict=True):
        waiting.append(number)
        if below.strip():
            code = below.partition("\nCode:")[2].partition("\n\n")[0]
            for name in re.findall(r"\]\[(\S+?)\]", code)[:1]:
                found.setdefault(name, []).extend(waiting)
            assert code or "*Derivation.*" in below or waiting == ["2.2"], number
            waiting = []
    assert not waiting
    return found


def cited(text):
    """The equations that a text cites, ranges written out."""
    # A line may end within a range.
    text = re.sub(r"\s+", " ", text)
    found = set(re.findall(r"\((\d\.\d+)\)", text))
    for first, last in re.findall(r"\((\d\.\d+)\)–\((\d\.\d+)\)", text):
        found |= set(EQUATIONS[EQUATIONS.index(first) : EQUATIONS.index(last) + 1])
    return found


@pytest.mark.parametrize(("name", "equations"), linked().items(), ids=lambda x: str(x)[-40:])
def test_the_code_of_an_equation_cites_it(name, equations):
    module, attributes = name, []
    while True:
        try:
            found = importlib.import_module(module)
            break
        except ModuleNotFoundError:
            module, _, attribute = module.rpartition(".")
            attributes.insert(0, attribute)
    for attribute in attributes:
        found = getattr(found, attribute)
    text = inspect.getsource(inspect.unwrap(getattr(found, "py_func", found)))
    assert set(equations) <= cited(text), name


@pytest.mark.parametrize("script", sorted((DOCS / "tutorials").glob("*.py")), ids=lambda p: p.name)
def test_a_tutorial_runs(script, tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", script],
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "agg", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    (picture,) = tmp_path.glob("*.png")
    assert not is_blank(picture.read_bytes())


@pytest.mark.parametrize("text", TEXTS)
def test_every_part_of_a_text_is_on_a_page(text):
    included = re.findall(r"^\{\{ (.+) \}\}$", "\n".join(map(_read, DOCS.rglob("*.md"))), re.M)
    content = re.sub(r"^```.*?^```$", "", (ROOT / text).read_text(), flags=re.M | re.S)
    sections = {f"{text} :: {title}" for title in re.findall(r"^##? +(.+)$", content, re.M)}
    if text not in included:
        assert {" :: ".join(entry.split(" :: ")[:2]) for entry in included} >= sections


def _read(path):
    return path.read_text()


def test_the_verdict_is_that_of_its_sources():
    home, readme = _read(DOCS / "index.md"), _read(ROOT / "README.md")
    counts = {"random": [0, 0], "zeros": [0, 0]}
    for lift, good, bad in re.findall(r"\| (random|zeros) \| (\d+) \| (\d+) \|", readme):
        counts[lift] = [counts[lift][0] + int(good), counts[lift][1] + int(bad)]
    (random, off), (zeros, none) = counts.values()
    assert f"{random} of {random + off} numbers" in home
    assert f"{zeros} of {zeros + none} if" in home
    decisions = _read(DOCS / "decisions.md")
    supported = re.findall(r"^\| (\w+) \| \S+ \| .* \| supported \| \d", decisions, re.M)
    assert supported.count("D3") == supported.count("D10") == 2
    assert {"S1", "S2"} <= set(supported)
    (total, *verdicts) = re.search(
        r"^(\d+) verdicts.*?(\d+) supported, (\d+) contradicted, (\d+) futile", decisions, re.M
    ).groups()
    said = "Of {} verdicts on claims, {} are supported, {} contradicted and {} futile"
    assert said.format(total, *verdicts) in re.sub(r"\s+", " ", home)
