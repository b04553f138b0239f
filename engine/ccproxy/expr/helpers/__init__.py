"""Helper functions that mappings may call besides JSONata's own. One function per helper, pure, without clock."""
