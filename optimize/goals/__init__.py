"""Goals of a plan, and floors under it, on top of the one exact model."""
