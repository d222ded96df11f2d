"""What the engine may ask of work orders: task type -> stage, one line each."""

from __future__ import annotations

from agents import queues
from nexus import engine

from .equipment import backup, cost, health, logs
from .flow import execute, plan, review, settle, triage

engine.handler("triage", queue="nexus.control", timeout=300)(triage.assess)
engine.handler("plan", queue="nexus.control", timeout=300)(plan.draw_up)
engine.handler("gather", queue="nexus.tools", timeout=60)(execute.gather)
engine.handler("outline", queue="nexus.agents", timeout=600, route=queues.of_family)(execute.outline)
engine.handler("section", queue="nexus.agents", timeout=600, route=queues.of_family)(execute.section)
engine.handler("assemble", queue="nexus.tools", timeout=60)(execute.assemble)
engine.handler("review", queue="nexus.control", timeout=600)(review.examine)
engine.handler("revise", queue="nexus.agents", timeout=600, route=queues.of_family)(execute.revise)
engine.handler("close", queue="nexus.control", timeout=60)(settle.close)

engine.handler("health_check", queue="nexus.tools", timeout=60)(health.check)
engine.handler("log_rotate", queue="nexus.tools", timeout=300)(logs.rotate)
engine.handler("backup", queue="nexus.tools", timeout=800)(backup.back_up)
engine.handler("cost_report", queue="nexus.tools", timeout=60)(cost.report)
