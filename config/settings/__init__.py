"""Settings by place: local (bin/nexus), test (pytest), production (compose). base is what they share."""
