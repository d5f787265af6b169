"""Floor 6: the web door. Auditors follow a deviation to its source line and take packs away; the security team steers.

Every page is made here from what the house says; it works without a script, and nothing on it comes from elsewhere.
"""
