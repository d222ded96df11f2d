"""What runs in the contestants' own venvs: standard library and the contestant's packages, nothing of Nexus.

driving.py  the same loop for everybody: keep N orders in flight, time each
"""
