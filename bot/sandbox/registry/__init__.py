"""A registry on loopback that takes pushes of any client, and tells the sandbox's node how such an image behaves."""
