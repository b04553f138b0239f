"""Templates -> Python source. Nothing here runs on the request path except what it writes."""
