"""Pages in a browser where there is one."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import pytest
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
def opened(path: Path) -> Iterator[Page]:
    """A page, opened from its file without network; what goes wrong in it fails the test."""
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
        page.goto(path.as_uri())
        yield page
        browser.close()
    assert wrong == []


def is_blank(picture: bytes) -> bool:
    """Whether a picture (PNG) has one colour alone."""
    pixels = imread(BytesIO(picture))
    # A screenshot has three channels or four.
    pixels = pixels.reshape(-1, pixels.shape[-1])
    return bool((pixels == pixels[0]).all())
