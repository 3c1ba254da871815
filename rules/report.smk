# The report: one page that works from disk, with every figure and table in it.


rule build_report:
    input:
        code=code("build_report"),
        template=relative(PROJECT / "workflow_scripts/figures/report.html.j2"),
        files=report_paths,
    output:
        page="<results>/{scope}report/index.html",
    log:
        "<logs>/{scope}build_report.log",
    benchmark:
        "<benchmarks>/{scope}build_report.tsv"
    wildcard_constraints:
        scope=SCOPES,
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime="30m",
    params:
        settings=lambda wildcards: canonical(report_settings(scoped(wildcards))),
        files=report_arguments,
    message:
        "Writing the report, {output.page}"
    shell:
        "python -m workflow_scripts.build_report"
        " --settings {params.settings:q} --template {input.template:q}"
        " {params.files:q} --output {output.page:q} &> {log:q}"
