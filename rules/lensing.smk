# Lensing: what a model's galaxies are worth as sources whose shape is known. Off by default.


rule measure_shear:
    input:
        code=model_code("lensing.measure_shear"),
        survey=survey_manifest,
        dataset=layout.DATASET,
        weights=layout.WEIGHTS,
        record=layout.RECORD,
    output:
        table=layout.SHEAR,
    log:
        "<logs>/measure_shear/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/measure_shear/{dataset}/{model}.tsv"
    conda:
        "../envs/training.yaml"
    threads: MOST_PROCESSES
    resources:
        mem_mb=growing(1000, a_thread=700),
        runtime=growing(240),
    params:
        **runs("lensing.measure_shear", lensing.shear_settings),
    message:
        "Measuring known shears of the galaxies of {wildcards.model} on {wildcards.dataset}"
    shell:
        COMMAND


use rule plot_model as plot_shear with:
    input:
        code=code("lensing.plot_shear"),
        table=layout.SHEAR,
    output:
        **figures("plot_shear"),
    log:
        "<logs>/plot_shear/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/plot_shear/{dataset}/{model}.tsv"
    params:
        **runs("lensing.plot_shear"),
    message:
        "Drawing the shears of the galaxies of {wildcards.model} on {wildcards.dataset}"
