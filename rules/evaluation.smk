# Evaluation: statmorph on real and generated stamps by the same code, distances with the floor beside
# them, and one leaderboard per dataset.


rule draw_control:
    input:
        code=code("evaluation.draw_control"),
        dataset=layout.DATASET,
        survey=control_survey,
    output:
        sample=layout.SAMPLE,
    log:
        "<logs>/draw_control/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/draw_control/{dataset}/{model}.tsv"
    wildcard_constraints:
        model="control_[a-z_]+",
    conda:
        "../envs/survey.yaml"
    threads: 1
    resources:
        mem_mb=drawing(2000),
        runtime=growing(60),
    params:
        **runs("evaluation.draw_control", evaluation.control_settings, "dataset", "model"),
    message:
        "Drawing {wildcards.model} on {wildcards.dataset}"
    shell:
        COMMAND


rule measure_morphology:
    input:
        code=code("evaluation.measure_morphology"),
        stamps=[layout.SAMPLE, layout.NOISE_MATCHED],
    output:
        morphology=[layout.RAW_MORPHOLOGY, layout.MATCHED_MORPHOLOGY],
    log:
        "<logs>/measure_morphology/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/measure_morphology/{dataset}/{model}.tsv"
    priority: 1
    conda:
        "../envs/evaluation.yaml"
    threads: measuring_processes(2)
    resources:
        mem_mb=growing(2000, a_thread=500),
        runtime=growing(240),
    params:
        **runs("evaluation.measure_morphology", evaluation.morphology_settings),
    message:
        "Measuring the morphology of {wildcards.model}'s stamps"
    shell:
        COMMAND


use rule measure_morphology as measure_real_morphology with:
    input:
        code=code("evaluation.measure_morphology"),
        stamps=layout.DATASET,
    output:
        morphology=layout.REAL_MORPHOLOGY,
    log:
        "<logs>/measure_morphology/{dataset}.log",
    benchmark:
        "<benchmarks>/measure_morphology/{dataset}.tsv"
    params:
        **runs("evaluation.measure_morphology", evaluation.real_morphology_settings),
    message:
        "Measuring the morphology of {wildcards.dataset}'s test stamps"


use rule measure_morphology as measure_reconstructed_morphology with:
    input:
        code=code("evaluation.measure_morphology"),
        stamps=layout.RECONSTRUCTION,
    output:
        morphology=layout.RECONSTRUCTED_MORPHOLOGY,
    log:
        "<logs>/measure_reconstructed_morphology/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/measure_reconstructed_morphology/{dataset}/{model}.tsv"
    threads: measuring_processes(1)
    params:
        **runs("evaluation.measure_morphology", evaluation.reconstructed_morphology_settings),
    message:
        "Measuring the morphology of {wildcards.model}'s reconstructions"


rule train_feature_network:
    input:
        code=code("evaluation.train_feature_network"),
        dataset=layout.DATASET,
    output:
        weights=layout.FEATURE_WEIGHTS,
        record=layout.FEATURE_RECORD,
    log:
        "<logs>/train_feature_network/{dataset}.log",
    benchmark:
        "<benchmarks>/train_feature_network/{dataset}.tsv"
    priority: 1
    conda:
        "../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(120),
    params:
        **runs("evaluation.train_feature_network", evaluation.feature_network_settings),
    message:
        "Training the feature network of {wildcards.dataset}"
    shell:
        COMMAND


use rule train_feature_network as measure_features with:
    input:
        code=code("evaluation.measure_features"),
        dataset=layout.DATASET,
        weights=layout.FEATURE_WEIGHTS,
        record=layout.FEATURE_RECORD,
        stamps=[layout.SAMPLE, layout.NOISE_MATCHED],
        inception=config["evaluation"]["features"]["inception"] or [],
    output:
        features=[layout.RAW_FEATURES, layout.MATCHED_FEATURES],
    log:
        "<logs>/measure_features/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/measure_features/{dataset}/{model}.tsv"
    resources:
        mem_mb=growing(4000),
        runtime=growing(60),
    params:
        **runs("evaluation.measure_features", evaluation.feature_settings),
    message:
        "Measuring the features of {wildcards.model}'s stamps"


use rule measure_features as measure_real_features with:
    input:
        code=code("evaluation.measure_features"),
        dataset=layout.DATASET,
        weights=layout.FEATURE_WEIGHTS,
        record=layout.FEATURE_RECORD,
        inception=config["evaluation"]["features"]["inception"] or [],
    output:
        features=layout.REAL_FEATURES,
    log:
        "<logs>/measure_features/{dataset}.log",
    benchmark:
        "<benchmarks>/measure_features/{dataset}.tsv"
    params:
        **runs("evaluation.measure_features", evaluation.real_feature_settings),
    message:
        "Measuring the features of {wildcards.dataset}'s test stamps"


rule evaluate_floor:
    input:
        code=code("evaluation.evaluate_floor"),
        dataset=layout.DATASET,
        real=layout.REAL_MORPHOLOGY,
        real_features=layout.REAL_FEATURES,
        inception=config["evaluation"]["features"]["inception"] or [],
    output:
        floor=layout.FLOOR,
    log:
        "<logs>/evaluate_floor/{dataset}.log",
    benchmark:
        "<benchmarks>/evaluate_floor/{dataset}.tsv"
    priority: 1
    conda:
        "../envs/evaluation.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        **runs("evaluation.evaluate_floor", evaluation.evaluation_settings),
    message:
        "Scoring the test stamps of {wildcards.dataset} against each other"
    shell:
        COMMAND


use rule evaluate_floor as evaluate_model with:
    input:
        code=code("evaluation.evaluate_model"),
        dataset=layout.DATASET,
        real=layout.REAL_MORPHOLOGY,
        real_features=layout.REAL_FEATURES,
        floor=layout.FLOOR,
        stamps=[layout.SAMPLE, layout.NOISE_MATCHED],
        morphology=[layout.RAW_MORPHOLOGY, layout.MATCHED_MORPHOLOGY],
        features=[layout.RAW_FEATURES, layout.MATCHED_FEATURES],
        record=unless_control(layout.RECORD),
        reconstruction=unless_control(layout.RECONSTRUCTION),
        reconstructed=unless_control(layout.RECONSTRUCTED_MORPHOLOGY),
    output:
        scores=layout.MODEL_SCORES,
    log:
        "<logs>/evaluate_model/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/evaluate_model/{dataset}/{model}.tsv"
    params:
        **runs("evaluation.evaluate_model", evaluation.evaluation_settings),
    message:
        "Scoring {wildcards.model} on {wildcards.dataset}"


use rule evaluate_floor as measure_asked with:
    input:
        code=code("evaluation.measure_asked"),
        dataset=layout.DATASET,
        stamps=[layout.SAMPLE, layout.NOISE_MATCHED],
        morphology=[layout.RAW_MORPHOLOGY, layout.MATCHED_MORPHOLOGY],
        real=layout.REAL_MORPHOLOGY,
        baseline=of_baseline(layout.SAMPLE, layout.NOISE_MATCHED),
        baseline_morphology=of_baseline(layout.RAW_MORPHOLOGY, layout.MATCHED_MORPHOLOGY),
    output:
        asked=layout.ASKED,
        numbers=layout.ASKED_NUMBERS,
    log:
        "<logs>/measure_asked/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/measure_asked/{dataset}/{model}.tsv"
    priority: 0
    params:
        **runs("evaluation.measure_asked", evaluation.asked_settings, "dataset", "model"),
    message:
        "Measuring what {wildcards.model} on {wildcards.dataset} was asked for"


use rule evaluate_floor as match_noise with:
    input:
        code=code("evaluation.match_noise"),
        dataset=layout.DATASET,
        sample=layout.SAMPLE,
    output:
        matched=layout.NOISE_MATCHED,
    log:
        "<logs>/match_noise/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/match_noise/{dataset}/{model}.tsv"
    params:
        **runs("evaluation.match_noise", evaluation.noise_matching_settings),
    message:
        "Adding the noise of {wildcards.dataset} to {wildcards.model}'s stamps"


use rule evaluate_floor as build_leaderboard with:
    input:
        code=code("evaluation.build_leaderboard"),
        floor=layout.FLOOR,
        scores=each_of(judged_of, layout.MODEL_SCORES),
        repeated=each_of(further_trainings, layout.MODEL_SCORES),
    output:
        leaderboard=report(
            layout.LEADERBOARD,
            caption=str(CAPTIONS / "leaderboard.rst"),
            category="Leaderboards",
            labels={"dataset": "{dataset}"},
        ),
        all_scores=layout.SCORES,
        rounded=layout.ROUNDED_TABLES,
    log:
        "<logs>/build_leaderboard/{dataset}.log",
    benchmark:
        "<benchmarks>/build_leaderboard/{dataset}.tsv"
    priority: 0
    resources:
        mem_mb=growing(1000),
        runtime=growing(30),
    params:
        **runs("evaluation.build_leaderboard", evaluation.leaderboard_settings, "dataset"),
    message:
        "Ranking the models on {wildcards.dataset}"


rule plot_model:
    input:
        code=code("evaluation.plot_model"),
        dataset=layout.DATASET,
        sample=layout.SAMPLE,
        matched=layout.NOISE_MATCHED,
        reconstruction=layout.RECONSTRUCTION,
        interpolation=layout.INTERPOLATION,
        history=layout.HISTORY,
        real=layout.REAL_MORPHOLOGY,
        generated=layout.MATCHED_MORPHOLOGY,
        scores=layout.MODEL_SCORES,
    output:
        **figures("plot_model"),
    log:
        "<logs>/plot_model/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/plot_model/{dataset}/{model}.tsv"
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        **runs("evaluation.plot_model", report_stage.model_figure_settings, "model"),
    message:
        "Drawing what {wildcards.model} makes on {wildcards.dataset}"
    shell:
        COMMAND


use rule plot_model as plot_evaluation with:
    input:
        code=code("evaluation.plot_evaluation"),
        dataset=layout.DATASET,
        stamps=[layout.SAMPLE, layout.NOISE_MATCHED],
        real=layout.REAL_MORPHOLOGY,
        generated=layout.MATCHED_MORPHOLOGY,
        features=layout.MATCHED_FEATURES,
        scores=layout.MODEL_SCORES,
    output:
        **figures("plot_evaluation"),
    log:
        "<logs>/plot_evaluation/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/plot_evaluation/{dataset}/{model}.tsv"
    params:
        **runs("evaluation.plot_evaluation", report_stage.evaluation_figure_settings, "model"),
    message:
        "Drawing what {wildcards.model} on {wildcards.dataset} was judged by"


use rule plot_model as plot_asked with:
    input:
        code=code("evaluation.plot_asked"),
        asked=layout.ASKED,
        numbers=layout.ASKED_NUMBERS,
    output:
        **figures("plot_asked"),
    log:
        "<logs>/plot_asked/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/plot_asked/{dataset}/{model}.tsv"
    params:
        **runs("evaluation.plot_asked", report_stage.model_style_settings, "model"),
    message:
        "Drawing what {wildcards.model} on {wildcards.dataset} was asked for"


use rule plot_model as compare_samples with:
    input:
        code=code("evaluation.compare_samples"),
        dataset=layout.DATASET,
        samples=each_of(models_of, layout.SAMPLE),
        scores=each_of(models_of, layout.MODEL_SCORES),
    output:
        **figures("compare_samples"),
    log:
        "<logs>/compare_samples/{dataset}.log",
    benchmark:
        "<benchmarks>/compare_samples/{dataset}.tsv"
    params:
        **runs("evaluation.compare_samples", report_stage.comparison_settings, "dataset"),
    message:
        "Drawing samples of all models on {wildcards.dataset}"


use rule compare_samples as compare_curves with:
    input:
        code=code("evaluation.compare_curves"),
        histories=each_of(models_of, layout.HISTORY),
        records=each_of(models_of, layout.RECORD),
    output:
        **figures("compare_curves"),
    log:
        "<logs>/compare_curves/{dataset}.log",
    benchmark:
        "<benchmarks>/compare_curves/{dataset}.tsv"
    params:
        **runs("evaluation.compare_curves", report_stage.comparison_settings, "dataset"),
    message:
        "Drawing the learning curves of all models on {wildcards.dataset}"


use rule compare_samples as compare_scores with:
    input:
        code=code("evaluation.compare_scores"),
        all_scores=layout.SCORES,
    output:
        **figures("compare_scores"),
    log:
        "<logs>/compare_scores/{dataset}.log",
    benchmark:
        "<benchmarks>/compare_scores/{dataset}.tsv"
    params:
        **runs("evaluation.compare_scores", report_stage.comparison_settings, "dataset"),
    message:
        "Drawing the scores of all models on {wildcards.dataset}"


use rule plot_model as plot_thumbnail with:
    input:
        code=code("evaluation.plot_thumbnail"),
        sample=layout.SAMPLE,
    output:
        thumbnail=layout.MODEL_THUMBNAIL,
    log:
        "<logs>/plot_thumbnail/{dataset}/{model}.log",
    benchmark:
        "<benchmarks>/plot_thumbnail/{dataset}/{model}.tsv"
    priority: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        **runs("evaluation.plot_thumbnail"),
    message:
        "Drawing the first stamps of {wildcards.model} on {wildcards.dataset}"
