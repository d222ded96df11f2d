"""A Django app with the task types of the benchmark: named in NEXUS_APPS."""
