# Stamps: each galaxy of a survey drawn on a square that holds all of it, and its quality metrics.


rule render_stamps:
    input:
        code=code("stamps.render_stamps"),
        survey=survey_manifest,
    output:
        stamps="<results>/stamps/{dataset}/{shard}-of-{shards}.h5",
    log:
        "<logs>/render_stamps/{dataset}/{shard}-of-{shards}.log",
    benchmark:
        "<benchmarks>/render_stamps/{dataset}/{shard}-of-{shards}.tsv"
    wildcard_constraints:
        dataset=datasets_of(pictures=False),
    conda:
        "../envs/survey.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(120),
    params:
        settings=settings_of(render_settings, "dataset"),
    message:
        "Drawing stamps of {wildcards.dataset}, shard {wildcards.shard} of {wildcards.shards}"
    shell:
        "python -m workflow_scripts.stamps.render_stamps"
        " --settings {params.settings:q} --survey {input.survey:q}"
        " --shard {wildcards.shard} --shards {wildcards.shards}"
        " --output {output.stamps:q} &> {log:q}"


rule measure_metrics:
    input:
        code=code("stamps.measure_quality"),
        stamps="<results>/stamps/{dataset}/{shard}-of-{shards}.h5",
    output:
        metrics="<results>/metrics/{dataset}/{shard}-of-{shards}.csv",
    log:
        "<logs>/measure_metrics/{dataset}/{shard}-of-{shards}.log",
    benchmark:
        "<benchmarks>/measure_metrics/{dataset}/{shard}-of-{shards}.tsv"
    conda:
        "../envs/survey.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(60),
    params:
        settings=canonical({}),
    shell:
        "python -m workflow_scripts.stamps.measure_quality"
        " --settings {params.settings:q} --stamps {input.stamps:q}"
        " --output {output.metrics:q} &> {log:q}"
