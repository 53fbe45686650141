"""336,776 flights through a broker by three client libraries, and back out of the lake by SQL."""
