"""What stands behind each door: one module for each part of the portal, functions of what was asked."""
