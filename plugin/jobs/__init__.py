"""RQ jobs: asking for runs, carrying them out, and the planner's beat."""
