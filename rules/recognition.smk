# Recognition: networks that predict something of stamps, classes or scores, each in variants and repeats.


rule train_recognizer:
    input:
        code=recognizer_code("recognition.train_recognizer"),
        dataset=of_recognizer_dataset,
        labelled=of_recognizer(labelled_dataset),
    output:
        weights=layout.RECOGNIZER_WEIGHTS,
        record=layout.RECOGNIZER_RECORD,
        history=layout.RECOGNIZER_HISTORY,
        steps=layout.RECOGNIZER_STEPS,
        predictions=layout.RECOGNIZER_PREDICTIONS,
    log:
        "<logs>/train_recognizer/{recognizer}/{variant}/{repeat}.log",
    benchmark:
        "<benchmarks>/train_recognizer/{recognizer}/{variant}/{repeat}.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["training"]["threads"]
    resources:
        mem_mb=growing(8000),
        runtime="12h",
        gpu=gpus_wanted(config["training"]["device"]),
    params:
        # Undeclared, as Snakemake deletes what a failed job declares: a killed training resumes.
        **runs(
            "recognition.train_recognizer",
            recognition.recognizer_settings,
            "recognizer",
            "variant",
            "repeat",
            state=layout.RECOGNIZER_STATE,
            interim=layout.RECOGNIZER_INTERIM,
        ),
    message:
        "Training {wildcards.recognizer}, {wildcards.variant}, repeat {wildcards.repeat} (log: {log})"
    shell:
        COMMAND


rule score_samples:
    input:
        code=recognizer_code("recognition.score_samples"),
        weights=first_training(layout.RECOGNIZER_WEIGHTS),
        record=first_training(layout.RECOGNIZER_RECORD),
        sample=layout.SAMPLE,
    output:
        scores=layout.SAMPLE_SCORES,
    log:
        "<logs>/score_samples/{recognizer}/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/score_samples/{recognizer}/{dataset}/{model}.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["training"]["threads"]
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
        gpu=gpus_wanted(config["training"]["device"]),
    params:
        **runs("recognition.score_samples", training.device_settings),
    message:
        "Asking {wildcards.recognizer} about the samples of {wildcards.model}"
    shell:
        COMMAND


use rule score_samples as score_pictures with:
    input:
        code=recognizer_code("recognition.score_pictures"),
        weights=first_training(layout.RECOGNIZER_WEIGHTS),
        record=first_training(layout.RECOGNIZER_RECORD),
    output:
        scores=layout.PICTURE_SCORES,
    log:
        "<logs>/score_pictures/{recognizer}/{pictures}.log",
    benchmark:
        "<benchmarks>/score_pictures/{recognizer}/{pictures}.tsv"
    params:
        **runs("recognition.score_pictures", recognition.asking_settings, "recognizer", "pictures"),
        # Names and sizes: tens of thousands of inputs would cost Snakemake minutes each time.
        listing=asked_pictures,
    message:
        "Asking {wildcards.recognizer} about the pictures {wildcards.pictures}"


use rule score_samples as score_by_discriminator with:
    input:
        code=code("recognition.score_by_discriminator"),
        weights=of_discriminator(layout.WEIGHTS),
        extras=of_discriminator(layout.EXTRAS),
        model=of_discriminator(layout.RECORD),
        dataset=of_discriminator(layout.DATASET),
    output:
        scores=layout.DISCRIMINATOR_SCORES,
    log:
        "<logs>/score_by_discriminator/{recognizer}.log",
    benchmark:
        "<benchmarks>/score_by_discriminator/{recognizer}.tsv"
    params:
        **runs("recognition.score_by_discriminator", recognition.discriminator_settings, "recognizer"),
    message:
        "Asking the discriminator beside {wildcards.recognizer}"


rule compare_recognizers:
    input:
        code=code("recognition.compare_recognizers"),
        template=relative(PROJECT / "galforge/figures/comparison.html.j2"),
        dataset=of_recognizer_dataset,
        records=each_training(layout.RECOGNIZER_RECORD),
        histories=each_training(layout.RECOGNIZER_HISTORY),
        steps=each_training(layout.RECOGNIZER_STEPS),
        predictions=each_training(layout.RECOGNIZER_PREDICTIONS),
        pictures=asked_of(layout.PICTURE_SCORES),
        samples=asked_of(layout.SAMPLE_SCORES),
        discriminator=asked_of(layout.DISCRIMINATOR_SCORES),
    output:
        trainings=layout.RECOGNIZER_TRAININGS,
        table=layout.RECOGNIZER_TABLE,
        figures=layout.RECOGNIZER_FIGURES,
        vectors=[figure.replace(".png", ".pdf") for figure in layout.RECOGNIZER_FIGURES],
        page=layout.RECOGNIZER_PAGE,
    log:
        "<logs>/compare_recognizers/{recognizer}.log",
    benchmark:
        "<benchmarks>/compare_recognizers/{recognizer}.tsv"
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        **runs("recognition.compare_recognizers", recognition.comparing_settings, "recognizer"),
    message:
        "Comparing the trainings of {wildcards.recognizer}, {output.page}"
    shell:
        COMMAND
