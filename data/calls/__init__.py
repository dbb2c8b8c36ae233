"""Past calls: reading, folding rows into calls, classing, placing on the road network."""
