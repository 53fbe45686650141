"""One module for each client library: version, produce, consume, and a group member where it has one."""
