"""Projects that build agents, stage by stage."""
