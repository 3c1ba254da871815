# Latents: what those of each model that encodes hold, and how the models' compare.


rule analyse_latents:
    input:
        code=code("latents.analyse_latents"),
        dataset=layout.DATASET,
        latents=layout.LATENTS,
        probe=layout.PROBE,
        morphology=layout.REAL_MORPHOLOGY,
    output:
        summary=layout.LATENT_TABLE,
        correlations=layout.LATENT_CORRELATIONS,
        analysis=layout.LATENT_ANALYSIS,
    log:
        "<logs>/analyse_latents/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/analyse_latents/{dataset}/{model}.tsv"
    conda:
        "../envs/evaluation.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        **runs("latents.analyse_latents", evaluation.latent_settings),
    message:
        "Analysing the latents of {wildcards.model} on {wildcards.dataset}"
    shell:
        COMMAND


use rule analyse_latents as relate_physics with:
    input:
        code=code("latents.relate_physics"),
        dataset=layout.DATASET,
        latents=layout.LATENTS,
        grid=layout.GALAXY_GRID,
    output:
        regression=layout.REGRESSION,
        cells=layout.GRID_TABLE,
        physics=layout.PHYSICS,
    log:
        "<logs>/relate_physics/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/relate_physics/{dataset}/{model}.tsv"
    params:
        **runs("latents.relate_physics", evaluation.physics_settings),
    message:
        "Relating the latents of {wildcards.model} on {wildcards.dataset} to its galaxies"


use rule analyse_latents as plot_latents with:
    input:
        code=code("latents.plot_latents"),
        dataset=layout.DATASET,
        latents=layout.LATENTS,
        probe=layout.PROBE,
        morphology=layout.REAL_MORPHOLOGY,
        summary=layout.LATENT_TABLE,
        correlations=layout.LATENT_CORRELATIONS,
    output:
        **figures("plot_latents"),
    log:
        "<logs>/plot_latents/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/plot_latents/{dataset}/{model}.tsv"
    conda:
        "../envs/report.yaml"
    params:
        **runs("latents.plot_latents", report_stage.model_style_settings, "model"),
    message:
        "Drawing the latents of {wildcards.model} on {wildcards.dataset}"


use rule plot_latents as plot_physics with:
    input:
        code=code("latents.plot_physics"),
        grid=layout.GALAXY_GRID,
        regression=layout.REGRESSION,
        cells=layout.GRID_TABLE,
        physics=layout.PHYSICS,
    output:
        **figures("plot_physics"),
    log:
        "<logs>/plot_physics/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/plot_physics/{dataset}/{model}.tsv"
    params:
        **runs("latents.plot_physics", report_stage.model_style_settings, "model"),
    message:
        "Drawing what the latents of {wildcards.model} on {wildcards.dataset} say of galaxies"


use rule analyse_latents as learn_classes with:
    input:
        code=code("latents.learn_classes"),
        dataset=layout.DATASET,
        latents=layout.LATENTS,
    output:
        places=layout.CLASS_MAP,
        numbers=layout.CLASSES,
    log:
        "<logs>/learn_classes/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/learn_classes/{dataset}/{model}.tsv"
    params:
        **runs("latents.learn_classes", evaluation.class_settings, "dataset"),
    message:
        "Learning classes from the latents of {wildcards.model} on {wildcards.dataset}"


use rule plot_latents as plot_classes with:
    input:
        code=code("latents.plot_classes"),
        places=layout.CLASS_MAP,
        numbers=layout.CLASSES,
    output:
        **figures("plot_classes"),
    log:
        "<logs>/plot_classes/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/plot_classes/{dataset}/{model}.tsv"
    params:
        **runs("latents.plot_classes", report_stage.model_style_settings, "model"),
    message:
        "Drawing the classes from the latents of {wildcards.model} on {wildcards.dataset}"


use rule plot_latents as compare_latents with:
    input:
        code=code("latents.compare_latents"),
        summaries=each_of(models_of, layout.LATENT_TABLE),
    output:
        **figures("compare_latents"),
    log:
        "<logs>/compare_latents/{dataset}.log",
    benchmark:
        "<benchmarks>/compare_latents/{dataset}.tsv"
    params:
        **runs("latents.compare_latents", report_stage.comparison_settings, "dataset"),
    message:
        "Comparing the latents of the models on {wildcards.dataset}"


use rule compare_latents as compare_bounds with:
    input:
        code=code("latents.compare_bounds"),
        dataset=layout.DATASET,
        summaries=each_of(bounded_models, layout.LATENT_TABLE),
        reconstructions=each_of(bounded_models, layout.RECONSTRUCTION),
    output:
        **figures("compare_bounds"),
        table=layout.BOUNDS,
    log:
        "<logs>/compare_bounds/{dataset}.log",
    benchmark:
        "<benchmarks>/compare_bounds/{dataset}.tsv"
    params:
        **runs("latents.compare_bounds", report_stage.bound_settings, "dataset"),
    message:
        "Comparing the models with a bound on {wildcards.dataset}"
