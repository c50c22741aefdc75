"""What the registries' contract tests share."""
