# Surveys: directories that galsim.COSMOSCatalog opens, or catalogues of pictures (colour cutouts of galaxies,
# and the sparse fields of the cosmology images). Each maker writes the same manifest, and nothing downstream
# knows which maker it was.


rule simulate_survey:
    input:
        code=code("survey.simulate_survey"),
    output:
        manifest=layout.SURVEY_MANIFEST,
        folder=directory(layout.SURVEY_FILES),
    log:
        "<logs>/simulate_survey/{survey}.log",
    benchmark:
        "<benchmarks>/simulate_survey/{survey}.tsv"
    wildcard_constraints:
        survey=surveys_from("simulated"),
    conda:
        "../envs/survey.yaml"
    threads: 8
    resources:
        mem_mb=growing(4000),
        runtime=growing(120),
    params:
        **runs("survey.simulate_survey", survey.survey_settings, "survey"),
    message:
        "Simulating the survey {wildcards.survey}"
    shell:
        COMMAND


use rule simulate_survey as simulate_cosmology with:
    input:
        code=code("survey.simulate_cosmology"),
    output:
        manifest=layout.SURVEY_MANIFEST,
        table=layout.PICTURE_CATALOG,
        folder=directory(layout.SURVEY_FILES),
    log:
        "<logs>/simulate_cosmology/{survey}.log",
    benchmark:
        "<benchmarks>/simulate_cosmology/{survey}.tsv"
    wildcard_constraints:
        survey=surveys_from("simulated_cosmology"),
    params:
        **runs("survey.simulate_cosmology", survey.survey_settings, "survey"),
    message:
        "Simulating the fields of {wildcards.survey}"


use rule simulate_cosmology as cut_deep_field with:
    input:
        code=code("survey.cut_deep_field"),
    log:
        "<logs>/cut_deep_field/{survey}.log",
    benchmark:
        "<benchmarks>/cut_deep_field/{survey}.tsv"
    wildcard_constraints:
        survey=surveys_from("hubble_deep_field"),
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(10),
    params:
        **runs("survey.cut_deep_field", survey.survey_settings, "survey"),
    message:
        "Cutting galaxies out of the Hubble eXtreme Deep Field picture"


use rule simulate_survey as import_survey with:
    input:
        code=code("survey.import_survey"),
        watched=local_survey_files,
    output:
        manifest=layout.SURVEY_MANIFEST,
    log:
        "<logs>/import_survey/{survey}.log",
    benchmark:
        "<benchmarks>/import_survey/{survey}.tsv"
    wildcard_constraints:
        survey=surveys_from("local"),
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(60),
    params:
        **runs("survey.import_survey", survey.survey_settings, "survey"),
    message:
        "Checking the survey {wildcards.survey}"


use rule import_survey as import_pictures with:
    input:
        code=code("survey.import_pictures"),
        watched=local_picture_files,
    output:
        manifest=layout.SURVEY_MANIFEST,
        table=layout.PICTURE_CATALOG,
    log:
        "<logs>/import_pictures/{survey}.log",
    benchmark:
        "<benchmarks>/import_pictures/{survey}.tsv"
    wildcard_constraints:
        survey=surveys_from(*LOCAL_PICTURES),
    params:
        **runs("survey.import_pictures", survey.survey_settings, "survey"),
        # Names and sizes: tens of thousands of inputs would cost Snakemake minutes each time.
        listing=picture_listing,
    message:
        "Reading the pictures of {wildcards.survey}"


use rule import_survey as download_survey with:
    input:
        code=code("survey.download_survey"),
    log:
        "<logs>/download_survey/{survey}.log",
    benchmark:
        "<benchmarks>/download_survey/{survey}.tsv"
    wildcard_constraints:
        survey=surveys_from(*DOWNLOADED),
    resources:
        mem_mb=growing(2000),
        runtime="12h",
    params:
        # Undeclared, as Snakemake deletes what a failed job, or one that runs again, declares: gigabytes
        # that came are kept, and an edit or another exclusion level downloads nothing.
        **runs("survey.download_survey", survey.survey_settings, "survey", folder=layout.DOWNLOAD_FOLDER),
    message:
        "Downloading the survey {wildcards.survey} (log: {log})"


use rule download_survey as download_pictures with:
    input:
        code=code("survey.download_pictures"),
        watched=picture_votes,
    output:
        manifest=layout.SURVEY_MANIFEST,
        table=layout.PICTURE_CATALOG,
    log:
        "<logs>/download_pictures/{survey}.log",
    benchmark:
        "<benchmarks>/download_pictures/{survey}.tsv"
    wildcard_constraints:
        survey=surveys_from("galaxy_zoo_2"),
    params:
        **runs("survey.download_pictures", survey.survey_settings, "survey", folder=layout.DOWNLOAD_FOLDER),
    message:
        "Downloading the pictures of {wildcards.survey} (log: {log})"


use rule download_pictures as import_fashion_mnist with:
    input:
        code=code("survey.import_fashion_mnist"),
        watched=fashion_files,
    output:
        manifest=layout.SURVEY_MANIFEST,
        table=layout.PICTURE_CATALOG,
        folder=directory(layout.SURVEY_FILES),
    log:
        "<logs>/import_fashion_mnist/{survey}.log",
    benchmark:
        "<benchmarks>/import_fashion_mnist/{survey}.tsv"
    wildcard_constraints:
        survey=surveys_from("fashion_mnist"),
    params:
        **runs(
            "survey.import_fashion_mnist",
            survey.survey_settings,
            "survey",
            downloads=layout.DOWNLOAD_FOLDER,
        ),
    message:
        "Importing Fashion-MNIST as {wildcards.survey} (log: {log})"


# The nodes of a cluster often have no way to the Internet; where Snakemake runs has one.
localrules:
    download_survey,
    download_pictures,
    import_fashion_mnist,
