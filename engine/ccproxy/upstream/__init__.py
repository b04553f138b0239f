"""The way to providers: addresses, headers, pooled connections, and failures as data.

aiohttp's client session costs about 100 microseconds a request and two task switches for each piece of a stream, which
is more than a whole conversion. What a proxy needs of HTTP/1.1 is small, so it is written here: a head, three framings
of a body, a pool. Reading is push, from the socket through the conversion to the client's socket without a future.
"""
