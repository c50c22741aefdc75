"""Documents as HTML pages: to attach to a ticket, to keep, to print."""
