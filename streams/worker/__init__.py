"""The workers: a Faust app a stage, each a thin shell around one pure function."""
