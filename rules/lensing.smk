# Lensing: what a model's galaxies are worth as sources whose shape is known, and behind lenses. Off by default.

LENSED_SOURCES = "|".join(lensing.LENSED_SOURCES)


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
        **runs("lensing.plot_shear", report_stage.model_style_settings, "model"),
    message:
        "Drawing the shears of the galaxies of {wildcards.model} on {wildcards.dataset}"


rule draw_lenses:
    input:
        code=model_code("lensing.draw_lenses"),
        dataset=layout.DATASET,
        weights=layout.WEIGHTS,
        record=layout.RECORD,
    output:
        lenses=layout.LENSES,
    log:
        "<logs>/draw_lenses/{dataset}/{model}/{sources}.log",
    benchmark:
        "<benchmarks>/draw_lenses/{dataset}/{model}/{sources}.tsv"
    wildcard_constraints:
        sources=LENSED_SOURCES,
    conda:
        "../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
        gpu=gpus_wanted(config["training"]["device"]),
    params:
        **runs("lensing.draw_lenses", lensing.lens_settings, "sources"),
    message:
        "Drawing lensed galaxies ({wildcards.sources}) for {wildcards.model} on {wildcards.dataset}"
    shell:
        COMMAND


use rule draw_lenses as train_source_reader with:
    input:
        code=model_code("lensing.train_source_reader"),
        lenses=layout.LENSES,
        weights=layout.WEIGHTS,
        record=layout.RECORD,
    output:
        reader=layout.SOURCE_READER,
        reader_record=layout.SOURCE_READER_RECORD,
    log:
        "<logs>/train_source_reader/{dataset}/{model}/{sources}.log",
    benchmark:
        "<benchmarks>/train_source_reader/{dataset}/{model}/{sources}.tsv"
    wildcard_constraints:
        sources="|".join(lensing.TRAINING_SOURCES),
    params:
        **runs("lensing.train_source_reader", lensing.lens_settings, "sources"),
    message:
        "Training the network that finds sources, on {wildcards.sources} lenses, for {wildcards.model} on {wildcards.dataset}"


rule judge_lenses:
    input:
        code=model_code("lensing.judge_lenses"),
        weights=layout.WEIGHTS,
        record=layout.RECORD,
        held_out=layout.LENSES.of(dataset="{dataset}", model="{model}", sources="held_out"),
        training=layout.LENSES.of(dataset="{dataset}", model="{model}", sources="survey"),
        readers=[
            layout.SOURCE_READER.of(dataset="{dataset}", model="{model}", sources=kind)
            for kind in lensing.TRAINING_SOURCES
        ],
    output:
        scores=layout.LENS_SCORES,
        reconstructions=layout.LENS_RECONSTRUCTIONS,
    log:
        "<logs>/judge_lenses/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/judge_lenses/{dataset}/{model}.tsv"
    conda:
        "../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=growing(3000),
        runtime=growing(30),
        gpu=gpus_wanted(config["training"]["device"]),
    params:
        **runs("lensing.judge_lenses", training.device_settings),
    message:
        "Reconstructing the sources of lenses by {wildcards.model} on {wildcards.dataset}"
    shell:
        COMMAND


use rule plot_model as plot_lenses with:
    input:
        code=code("lensing.plot_lenses"),
        scores=layout.LENS_SCORES,
        reconstructions=layout.LENS_RECONSTRUCTIONS,
    output:
        **figures("plot_lenses"),
    log:
        "<logs>/plot_lenses/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/plot_lenses/{dataset}/{model}.tsv"
    params:
        **runs("lensing.plot_lenses", report_stage.model_style_settings, "model"),
    message:
        "Drawing lenses and their sources by {wildcards.model} on {wildcards.dataset}"
