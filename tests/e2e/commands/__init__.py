"""The commands of capabilities, as tests/e2e/test_cli_commands.py runs them."""
