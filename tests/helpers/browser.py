"""Pages as a test asks about them: their elements, and what they do in a real browser."""

import html
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
VOID = {"meta", "link", "img", "br", "hr", "input", "wbr"}


def told_by(page, profile, window, *options):
    """Return what a page wrote into its ``pre`` as JSON, in a window of this width and height (px)."""
    command = [
        BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
        "--window-size={},{}".format(*window), f"--user-data-dir={profile}", "--virtual-time-budget=20000",
        "--dump-dom", *options, page.as_uri(),
    ]  # fmt: skip
    shown = subprocess.run(command, capture_output=True, text=True, timeout=120)
    found = re.search(r"<pre>(.*?)</pre>", shown.stdout, flags=re.DOTALL)
    assert found and found[1], f"the page said nothing: {shown.stderr[-2000:]}"
    return json.loads(html.unescape(found[1]))


class Page(HTMLParser):
    """What a test asks of a page; unclosed or crossed elements are noted."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.faults, self.ids, self.links, self.images, self.text = [], [], [], [], [], []
        self.sources, self.rows, self.named = [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag not in VOID:
            self.open.append(tag)
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag == "section" and "aria-labelledby" in attributes:
            self.named.append(attributes["aria-labelledby"])
        self.links += [attributes["href"]] if tag == "a" else []
        self.images += [attributes] if tag == "img" else []
        self.sources += [attributes[name] for name in ("src", "href") if name in attributes]
        if tag == "tr":
            self.rows.append("")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at line {self.getpos()[0]}")

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.text.append(data)
            if "tr" in self.open:
                self.rows[-1] += data
