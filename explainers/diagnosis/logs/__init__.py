"""What logs say: the telling line, failed connections, missing variables, programs that do not start."""
