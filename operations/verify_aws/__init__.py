"""make verify-aws: checks on a deployed account what only AWS can show, and changes nothing."""
