"""What others may ask of workflows, by their names."""

from __future__ import annotations

from workorders import offers

from .starting import offered, published

offers.offer("workflow", names=published, file=offered)
