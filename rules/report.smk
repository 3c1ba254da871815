# The report: one page that works from disk, with every figure and table in it.


rule build_report:
    input:
        code=code("report.build_report"),
        template=relative(PROJECT / "galforge/figures/report.html.j2"),
        captions=sorted(relative(path) for path in CAPTIONS.glob("*.rst")),
        gathered=report_stage.report_files(config),
    output:
        page=layout.REPORT,
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
        **runs(
            "report.build_report",
            lambda config: report_stage.report_settings(config, DEFAULT),
            results=layout.FOLDER,
        ),
    message:
        "Writing the report, {output.page}"
    shell:
        COMMAND
