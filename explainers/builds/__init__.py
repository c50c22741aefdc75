"""Knowledge about building images: what is built, what an engine says, what its errors mean."""
