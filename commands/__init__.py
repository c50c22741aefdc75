"""One slash command a module, and in `base` what they share. Commands never import each other."""
