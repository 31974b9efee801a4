"""How fast, against whom, and where the time goes: `python -m benchmarks` measures and writes results.md.

Reading order: measure.py (one run in a process of its own), feeds.py and town.py (what is measured), then one module a question:
validation.py, path.py, unchanged.py, publishing.py, orchestration.py. peers/ runs in environments of their own.
"""
