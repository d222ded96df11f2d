"""What each row does. A row takes the stage, breaks something, waits for the facts, and returns its figure."""
