"""Where source code comes from: code hosts behind the CodeHost port, and the build context made from a commit."""
