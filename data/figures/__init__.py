"""The dictionary of figures: what each is called, its unit, which way is good, how it is published."""
