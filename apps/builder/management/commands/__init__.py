"""api_key and bootstrap."""
