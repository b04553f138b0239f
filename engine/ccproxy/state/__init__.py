"""What outlives a request: turns and rests that workers share, limits of keys, usage, totals.

Everything is counted in this process first, so that no request waits for a database. A thread then exchanges what is
new with a `Store` twice a second: it writes what happened here and reads what happened in other workers.
"""
