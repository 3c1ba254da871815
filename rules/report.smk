# The report: one page that works from disk, with every figure and table in it.


rule build_report:
    input:
        code=code("build_report"),
        template=relative(PROJECT / "workflow_scripts/figures/report.html.j2"),
        captions=sorted(relative(path) for path in CAPTIONS.glob("*.rst")),
        files=lambda wildcards: report_files(scoped(wildcards), wildcards.scope),
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
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        settings=lambda wildcards: canonical(report_settings(scoped(wildcards), DEFAULT)),
        results=lambda wildcards: config["results"],
    message:
        "Writing the report, {output.page}"
    shell:
        "python -m workflow_scripts.build_report"
        " --settings {params.settings:q} --template {input.template:q}"
        " --captions {input.captions:q}"
        " --results {params.results:q} --scope={wildcards.scope:q} --output {output.page:q} &> {log:q}"
