"""What a group or an alias changes in requests, the same for every protocol and on both paths."""
