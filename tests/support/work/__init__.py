"""A Django app with small task types, as a user of Nexus would add: named in NEXUS_APPS."""
