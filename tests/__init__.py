"""Tests by kind: unit, integration, races, journeys, wire, architecture. support/ is what they share."""
