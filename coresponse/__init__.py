"""coresponse.

Where to post crisis responders, when to staff them, and what each further dollar buys.
"""

__version__ = "0.1.0"
