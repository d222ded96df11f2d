"""How moments and numbers are written, where a language has a habit of its own."""
