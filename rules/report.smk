# The report: one page that works from disk, with every figure and table in it.


rule build_report:
    input:
        code=code("build_report"),
        template=relative(PROJECT / "workflow_scripts/figures/report.html.j2"),
        captions=sorted(relative(path) for path in CAPTIONS.glob("*.rst")),
        files=report_files(config),
    output:
        page="<results>/report/index.html",
    log:
        "<logs>/build_report.log",
    benchmark:
        "<benchmarks>/build_report.tsv"
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="30m",
    params:
        settings=canonical(report_settings(config, DEFAULT)),
        results=config["results"],
    message:
        "Writing the report, {output.page}"
    shell:
        "python -m workflow_scripts.build_report"
        " --settings {params.settings:q} --template {input.template:q}"
        " --captions {input.captions:q}"
        " --results {params.results:q} --output {output.page:q} &> {log:q}"
