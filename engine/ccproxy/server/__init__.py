"""The HTTP server: aiohttp's low-level server, requests to the pipeline, pages of the proxy's own, start and stop."""
