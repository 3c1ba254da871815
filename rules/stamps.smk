# Stamps: each galaxy of a survey drawn on a square that holds all of it, or its picture cropped and resized,
# and the quality of each stamp.


rule render_stamps:
    input:
        code=code("stamps.render_stamps"),
        survey=survey_manifest,
    output:
        stamps=layout.STAMPS,
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
        mem_mb=drawing(1500),
        runtime=growing(120),
    params:
        **runs("stamps.render_stamps", dataset.render_settings, "dataset", "shard", "shards"),
    message:
        "Making stamps of {wildcards.dataset}, shard {wildcards.shard} of {wildcards.shards}"
    shell:
        COMMAND


use rule render_stamps as prepare_pictures with:
    input:
        code=code("stamps.prepare_pictures"),
        survey=survey_manifest,
        table=picture_catalog,
    log:
        "<logs>/prepare_pictures/{dataset}/{shard}-of-{shards}.log",
    benchmark:
        "<benchmarks>/prepare_pictures/{dataset}/{shard}-of-{shards}.tsv"
    wildcard_constraints:
        dataset=datasets_of(pictures=True),
    params:
        **runs("stamps.prepare_pictures", dataset.picture_settings, "dataset", "shard", "shards"),
    message:
        "Preparing pictures of {wildcards.dataset}, shard {wildcards.shard} of {wildcards.shards}"


rule measure_stamps:
    input:
        code=code("evaluation.measure_morphology"),
        stamps=layout.STAMPS,
    output:
        morphology=layout.STAMP_MORPHOLOGY,
    log:
        "<logs>/measure_stamps/{dataset}/{shard}-of-{shards}.log",
    benchmark:
        "<benchmarks>/measure_stamps/{dataset}/{shard}-of-{shards}.tsv"
    conda:
        "../envs/evaluation.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(720),
    params:
        **runs("evaluation.measure_morphology", dataset.stamp_morphology_settings),
    message:
        "Measuring the morphology of stamps of {wildcards.dataset}, shard {wildcards.shard} of {wildcards.shards}"
    shell:
        COMMAND


rule measure_quality:
    input:
        code=code("stamps.measure_quality"),
        stamps=layout.STAMPS,
    output:
        quality=layout.QUALITY,
    log:
        "<logs>/measure_quality/{dataset}/{shard}-of-{shards}.log",
    benchmark:
        "<benchmarks>/measure_quality/{dataset}/{shard}-of-{shards}.tsv"
    conda:
        "../envs/survey.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(60),
    params:
        **runs("stamps.measure_quality"),
    message:
        "Measuring the quality of stamps of {wildcards.dataset}, shard {wildcards.shard} of {wildcards.shards}"
    shell:
        COMMAND
