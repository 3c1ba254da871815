# Experiments: trainings that differ in a setting or two, compared. The trainings themselves are those of train_model.


rule gather_trainings:
    input:
        code=code("experiments.gather_trainings"),
        record=of_trainings(layout.RECORD),
        history=of_trainings(layout.HISTORY),
        dataset=of_trainings(layout.DATASET, where=experiments.reconstructed),
        reconstruction=of_trainings(layout.RECONSTRUCTION, where=experiments.reconstructed),
        scores=of_trainings(layout.MODEL_SCORES, where=experiments.judged),
    output:
        trainings=layout.TRIALS,
        variants=report(
            layout.VARIANTS,
            category="Experiments",
            subcategory="{experiment}",
            labels={"what": "variants"},
        ),
    log:
        "<logs>/gather_trainings/{experiment}.log",
    benchmark:
        "<benchmarks>/gather_trainings/{experiment}.tsv"
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        **runs("experiments.gather_trainings", experiments.gathering_settings, "experiment"),
    message:
        "Comparing the trainings of {wildcards.experiment}"
    shell:
        COMMAND


use rule gather_trainings as plot_variants with:
    input:
        code=code("experiments.plot_variants"),
        trainings=layout.TRIALS,
        variants=layout.VARIANTS,
        history=of_trainings(layout.HISTORY),
    output:
        **figures("plot_variants"),
    log:
        "<logs>/plot_variants/{experiment}.log",
    benchmark:
        "<benchmarks>/plot_variants/{experiment}.tsv"
    params:
        **runs("experiments.plot_variants", experiments.variant_figure_settings, "experiment"),
    message:
        "Drawing what the variants of {wildcards.experiment} come to"


use rule gather_trainings as show_variant_samples with:
    input:
        code=code("experiments.show_stamps"),
        dataset=base_dataset,
        stamps=of_trainings(layout.SAMPLE, first_alone=True),
    output:
        **figures("show_variant_samples"),
    log:
        "<logs>/show_variant_samples/{experiment}.log",
    benchmark:
        "<benchmarks>/show_variant_samples/{experiment}.tsv"
    params:
        **runs("experiments.show_stamps", experiments.variant_picture_settings, "experiment"),
    message:
        "Drawing stamps of the variants of {wildcards.experiment}"


use rule show_variant_samples as show_variant_reconstructions with:
    input:
        code=code("experiments.show_stamps"),
        dataset=base_dataset,
        stamps=of_trainings(layout.RECONSTRUCTION, first_alone=True),
    output:
        **figures("show_variant_reconstructions"),
    log:
        "<logs>/show_variant_reconstructions/{experiment}.log",
    benchmark:
        "<benchmarks>/show_variant_reconstructions/{experiment}.tsv"
    params:
        **runs("experiments.show_stamps", experiments.variant_picture_settings, "experiment"),


use rule gather_trainings as build_experiment_page with:
    input:
        code=code("experiments.build_page"),
        template=relative(PROJECT / "galforge/figures/experiment.html.j2"),
        captions=sorted(relative(path) for path in CAPTIONS.glob("variant*.rst")),
        trainings=layout.TRIALS,
        variants=layout.VARIANTS,
        figures=page_figures,
    output:
        page=layout.EXPERIMENT_PAGE,
    log:
        "<logs>/build_experiment_page/{experiment}.log",
    benchmark:
        "<benchmarks>/build_experiment_page/{experiment}.tsv"
    params:
        **runs("experiments.build_page", experiments.page_settings, "experiment"),
    message:
        "Writing the page of {wildcards.experiment}, {output.page}"
