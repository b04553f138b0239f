"""From a request's path and model name to the provider, key and model that answer it."""
