"""Plans: the operations that fix a fault, one module a subject. Rules say what is wrong; these say what to do."""
