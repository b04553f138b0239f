"""MCP servers behind one endpoint: clients see one server with everybody's tools, resources and prompts."""
