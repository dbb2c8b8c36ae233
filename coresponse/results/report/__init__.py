"""The council's report: gathered when a plan is made, drawn again with what a sweep found."""
