"""Programs side by side in one city, with the same budget."""
