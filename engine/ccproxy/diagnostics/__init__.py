"""Problems in user files: the model, the code registry, suggestions and renderers."""
