# The report: one page that works from disk, with every figure and table in it.


rule build_report:
    input:
        code=code("report.build_report"),
        template=relative(PROJECT / "galforge/figures/report.html.j2"),
        captions=sorted(relative(path) for path in CAPTIONS.glob("*.rst")),
        files=lambda wildcards: report_files(config),
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
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=lambda wildcards: canonical(report_settings(config, DEFAULT)),
        results=lambda wildcards: config["results"],
    message:
        "Writing the report, {output.page}"
    shell:
        "python -m workflow_scripts.report.build_report"
        " --settings {params.settings:q} --template {input.template:q}"
        " --captions {input.captions:q}"
        " --results {params.results:q} --output {output.page:q} &> {log:q}"
