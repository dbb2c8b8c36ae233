"""The council's report of a plan.

A brief and what stands behind it, on one page that opens without a network.
"""
