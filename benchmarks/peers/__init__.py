"""Programs we compare ourselves with; each module runs in that program's own environment and imports nothing of ours but measure."""
