"""The real-client ring: unmodified Kafka clients and tools against a broker. `cargo xtask conform` runs it."""
