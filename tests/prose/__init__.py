"""The prose linter: rules in .prose/, run by `make lint`."""
