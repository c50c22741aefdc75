"""The storefront: one page, at every path."""

from http.server import BaseHTTPRequestHandler, HTTPServer

PAGE = b"Welcome to the storefront.\n"


class Storefront(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(PAGE)


print("storefront listening on :8080")
HTTPServer(("", 8080), Storefront).serve_forever()
