"""How hypothesis works here: an example may take as long as a shared build machine makes it take."""

from hypothesis import settings

settings.register_profile("collectors", deadline=None)
settings.load_profile("collectors")
