"""Commands of the engine: `dispatcher` and `doctor`."""
