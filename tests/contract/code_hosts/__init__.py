"""What the code hosts' contract tests share: one repository, and the servers that hold it."""
