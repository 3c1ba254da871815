"""What axe finds on the report's pages, and the leaderboard's choices, in a headless browser."""

import html
import json
import re
import shutil
import subprocess

import pytest

from tests.figures.test_report import BROWSER, made  # noqa: F401, a fixture
from tests.helpers.report_inputs import CONTROLS, DATASET, MODELS

AXE = "axe-core@4.14.1"

CHECK = """<script src="axe.min.js"></script><script>
const wait = () => new Promise(resolve => setTimeout(resolve, 50));
const rows = () => [...document.querySelectorAll("table.chosen tbody tr")].filter(row => row.offsetHeight > 0)
  .map(row => row.className.split(" ")[0]);
const heads = () => [...document.querySelector("table.chosen").tHead.rows[0].cells]
  .filter(head => head.offsetWidth > 0).map(head => head.textContent);
const tick = name => { document.querySelector(`.choices ${name}`).click(); };
addEventListener("load", async () => {
  const found = { faults: [], pages: 0 };
  try {
    document.querySelectorAll("details").forEach(part => { part.open = true; });
    for (const link of document.querySelectorAll("nav a")) {
      location.hash = link.hash;
      await wait();
      const result = await axe.run(document, { resultTypes: ["violations"] });
      found.pages += 1;
      for (const fault of result.violations) {
        for (const node of fault.nodes) {
          found.faults.push([link.hash, fault.id, node.target.join(" "), node.failureSummary].join(" | "));
        }
      }
    }
    location.hash = "#leaderboards";
    await wait();
    found.before = [rows(), heads()];
    tick("[data-kind=control]");
    tick('[data-column="Missing tails"]');
    found.after = [rows(), heads()];
    tick("[data-kind=control]");
    tick('[data-column="Missing tails"]');
    found.again = [rows(), heads()];
  } catch (error) { found.failed = String(error); }
  document.body.innerHTML = "<pre></pre>";
  document.querySelector("pre").textContent = JSON.stringify(found);
});
</script></body>"""


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    """Return the text of axe, from npm."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("no npm on this machine")
    folder = tmp_path_factory.mktemp("npm")
    command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder), AXE]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
    if done.returncode:
        pytest.skip(f"npm gives no {AXE}: {done.stderr[-300:]}")
    return (folder / "node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no chromium or chrome on this machine")
@pytest.mark.parametrize("dark", [False, True])
def test_axe_finds_no_fault_and_what_is_unticked_is_not_shown(made, axe, tmp_path, dark):  # noqa: F811
    (tmp_path / "axe.min.js").write_text(axe, encoding="utf-8")
    page = made[2].read_text(encoding="utf-8").replace("</body>", CHECK)
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    command = [
        BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--window-size=1400,1000",
        f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=60000", "--dump-dom",
        *(["--blink-settings=preferredColorScheme=0"] if dark else []), (tmp_path / "page.html").as_uri(),
    ]  # fmt: skip
    shown = subprocess.run(command, capture_output=True, text=True, timeout=300)
    said = re.search(r"<pre>(.*?)</pre>", shown.stdout, flags=re.DOTALL)
    assert said and said[1], f"the page said nothing: {shown.stderr[-2000:]}"
    found = json.loads(html.unescape(said[1]))
    assert "failed" not in found, found
    assert found["pages"] == 4 + len(MODELS), "leaderboard, how to read, dataset, records, and each model"
    assert found["faults"] == []

    (kinds, heads), (fewer_kinds, fewer_heads) = found["before"], found["after"]
    assert kinds.count("control") == len(CONTROLS)
    assert fewer_kinds == [kind for kind in kinds if kind != "control"]
    assert "Missing tails" in heads
    assert fewer_heads == [head for head in heads if head != "Missing tails"]
    assert found["again"] == found["before"], DATASET
