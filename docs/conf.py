"""How Sphinx builds the documentation: ``make docs``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import galforge

project = "galforge"
author = "The galforge developers"
copyright = "2026, the galforge developers"  # Sphinx's name
release = version = galforge.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "sphinx_copybutton"]
exclude_patterns = ["_build", "notebooks"]
myst_enable_extensions = ["colon_fence", "dollarmath"]
myst_heading_anchors = 3
# A page names the members that it wants.
numpydoc_show_class_members = False
autodoc_typehints = "none"  # numpydoc has them
autodoc_member_order = "bysource"

html_theme = "pydata_sphinx_theme"
html_title = "galforge"
html_theme_options = {
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
}
html_show_sourcelink = False
html_static_path: list[str] = []
