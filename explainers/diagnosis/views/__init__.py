"""Objects as rules see them: specs, states and references taken apart, nulls and gaps tolerated."""
