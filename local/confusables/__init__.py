"""Writes lambdas/shared/values/confusables.py from the data of a library: make confusables."""
