"""What every command shares: request, reply, parsing, policy, ports, dispatch, errors."""
