"""The doors of workflows, beneath /api/.

definitions.py  tools, stages, workflows, pipeline nodes: list, make, read, change, delete
bundling.py     import and export
applying.py     a workflow carried out, and its answer
looking.py      simulate: what it would do
telling.py      telemetry and changes
knowing.py      what a workflow knows
"""
