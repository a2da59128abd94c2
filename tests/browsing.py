"""Pages in a browser where there is one."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from matplotlib.image import imread
from playwright.sync_api import Page, sync_playwright

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-sync", "--disable-background-networking", "--disable-component-update"),
]

needs_chromium = pytest.mark.skipif(
    not CHROMIUM and "CI" not in os.environ,
    reason="no Chromium; on Debian: apt-get install chromium",
)


@contextmanager
def opened(path: Path, place: str = "") -> Iterator[Page]:
    """A page, opened from its file without network; what goes wrong in it fails the test.

    `place` ends its address, such as ``#name``.
    """
    wrong = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        context.set_offline(True)
        context.route("http*://**", lambda route: route.abort())
        page = context.new_page()
        page.on("request", lambda r: r.url.startswith("http") and wrong.append(f"asks {r.url}"))
        page.on("pageerror", lambda error: wrong.append(f"fails: {error}"))
        page.on("console", lambda m: m.type == "error" and wrong.append(f"says {m.text}"))
        page.goto(path.as_uri() + place)
        yield page
        browser.close()
    assert wrong == []


def is_blank(picture: bytes) -> bool:
    """Whether a picture (PNG) has one colour alone."""
    pixels = imread(BytesIO(picture))
    # A screenshot has three channels or four.
    pixels = pixels.reshape(-1, pixels.shape[-1])
    return bool((pixels == pixels[0]).all())


def barriers(page: Page) -> list[str]:
    """What axe finds in a page that keeps readers out: rule, impact, element and why."""
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:200]} {node['failureSummary']}"
        for rule in Axe().run(page).response["violations"]
        for node in rule["nodes"]
        if rule["impact"] in ("serious", "critical")
    ]


def assert_for_everyone(page: Page) -> None:
    """A page has no barriers, be it light or dark, and none of it but tables is wider than a phone.

    It is left dark, as on a phone.
    """
    inks = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        inks.append(page.evaluate("getComputedStyle(document.body).color"))
        assert barriers(page) == [], scheme
        # A list of choices opens over the page.
        for button in page.locator(".dtcc-button_dropdown").all()[:1]:
            button.click()
            page.locator(".dtcc-dropdown").wait_for()
            assert barriers(page) == [], scheme
            page.keyboard.press("Escape")
    assert inks[0] != inks[1]
    page.set_viewport_size({"width": 390, "height": 844})
    assert overflow(page) <= 0
    assert barriers(page) == []


def overflow(page: Page) -> int:
    """By how many pixels a page is wider than its window: then all of it scrolls sideways."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
