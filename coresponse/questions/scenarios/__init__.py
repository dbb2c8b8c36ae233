"""What-ifs.

Plans judged in futures that differ from the history, and plans that hold up in all of them.
"""
