"""Road networks: reading, speeds, the compact cached form, snapping."""
