"""Workflows of stages with contracts."""
