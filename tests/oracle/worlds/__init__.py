"""Small worlds, one module a measure group: the boundary days, empty columns and odd lives that a control must stand."""
