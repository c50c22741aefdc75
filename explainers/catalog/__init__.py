"""What a team's catalog entry means: read, checked, rendered; pure, nothing is sent or stored here."""
