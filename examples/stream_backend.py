"""A model backend for Colabel in one file: finds e-mail addresses, links and hashtags, and says each as it is found.

Run it with any Python 3: `python examples/stream_backend.py`. In the project's page under "Model backends", add one of
kind `stream` with the address http://127.0.0.1:9000/suggest. It suggests spans for every label whose name stands below.
"""

import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATTERNS = {
    "email": r"[\w.+-]+@[\w-]+\.[\w.-]+",
    "link": r"https?://\S+",
    "hashtag": r"#\w+",
    "product": r"\b[A-Z]\w*\d\w*",
}


class Suggest(BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.end_headers()
        text, fields = asked["task"]["text"], [f for f in asked["fields"] if f["kind"] == "span"]
        for number, field in enumerate(fields, 1):
            for label in field["labels"]:
                for match in re.finditer(PATTERNS.get(label["name"].lower(), r"(?!)"), text):
                    where = {"start": match.start(), "end": match.end(), "text": match.group()}
                    self.say("suggestion", field=field["key"], label=label["key"], score=0.9, **where)
            self.say("progress", done=number, total=len(fields))
        self.say("done", version="patterns-1")

    def say(self, type, **more):
        self.wfile.write(json.dumps({"type": type, **more}).encode() + b"\n")  # one object a line, sent at once


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", 9000), Suggest).serve_forever()
