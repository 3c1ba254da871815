"""A report that is made once for the tests of a module."""

import pytest

from galforge.configuration import layout
from tests.helpers.report_inputs import (
    ASKED,
    CONTROLS,
    MODELS,
    ask,
    compare,
    draw_dataset,
    draw_dataset_figures,
    draw_latents,
    draw_missing_figures,
    draw_model,
    draw_strip,
    explore,
    learn,
    make_run,
    report_content,
    write_report,
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    run = make_run(tmp_path_factory.mktemp("run"))
    content = report_content()
    draw_dataset(run)
    draw_dataset_figures(run)
    for name in (*MODELS, *CONTROLS):
        draw_strip(run, name)
    for model in MODELS:
        draw_model(run, model)
        draw_latents(run, model)
    for model in ASKED:
        ask(run, model)
        explore(run, model)
        learn(run, model)
    compare(run)
    draw_missing_figures(run, content)
    output = run.path(layout.REPORT)
    write_report(run, content, output)
    return run, content, output
