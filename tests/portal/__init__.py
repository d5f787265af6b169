"""The web door, as browsers and programs find it: over real HTTP."""
