# Upscaling: networks from places to pixels, each fitted to one picture.


rule fit_upscaler:
    input:
        code=code("upscaling.fit_upscaler"),
        survey=picture_source("survey"),
        watched=picture_source("path"),
    output:
        weights=layout.UPSCALER_WEIGHTS,
        history=layout.UPSCALER_HISTORY,
        record=layout.UPSCALER_RECORD,
        drawn=layout.UPSCALED,
    log:
        "<logs>/fit_upscaler/{upscaler}/{picture}.log",
    benchmark:
        "<benchmarks>/fit_upscaler/{upscaler}/{picture}.tsv"
    conda:
        "../envs/training.yaml"
    threads: config["training"]["threads"]
    resources:
        mem_mb=growing(4000),
        runtime=growing(120),
        gpu=gpus_wanted(config["training"]["device"]),
    params:
        # Undeclared, as Snakemake deletes what a failed job declares: a killed fit resumes.
        **runs(
            "upscaling.fit_upscaler",
            recognition.upscaler_settings,
            "upscaler",
            "picture",
            state=layout.UPSCALER_STATE,
        ),
    message:
        "Fitting {wildcards.upscaler} to {wildcards.picture}"
    shell:
        COMMAND


rule plot_upscaled:
    input:
        code=code("upscaling.plot_upscaled"),
        survey=picture_source("survey"),
        watched=picture_source("path"),
        record=layout.UPSCALER_RECORD,
        drawn=layout.UPSCALED,
    output:
        figures=[layout.UPSCALER_FIGURE],
        vectors=[layout.UPSCALER_FIGURE.replace(".png", ".pdf")],
    log:
        "<logs>/plot_upscaled/{upscaler}/{picture}.log",
    benchmark:
        "<benchmarks>/plot_upscaled/{upscaler}/{picture}.tsv"
    conda:
        "../envs/training.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        **runs("upscaling.plot_upscaled", recognition.upscaler_figure_settings, "upscaler", "picture"),
    message:
        "Drawing what {wildcards.upscaler} makes of {wildcards.picture}"
    shell:
        COMMAND


rule compare_upscaled:
    input:
        code=code("upscaling.compare_upscaled"),
        template=relative(PROJECT / "galforge/figures/comparison.html.j2"),
        records=each_picture(layout.UPSCALER_RECORD),
        figures=each_picture(layout.UPSCALER_FIGURE),
    output:
        page=layout.UPSCALER_PAGE,
    log:
        "<logs>/compare_upscaled/{upscaler}.log",
    benchmark:
        "<benchmarks>/compare_upscaled/{upscaler}.tsv"
    conda:
        "../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(10),
    params:
        **runs("upscaling.compare_upscaled", recognition.upscaler_page_settings, "upscaler"),
    message:
        "Comparing what {wildcards.upscaler} drew, {output.page}"
    shell:
        COMMAND
