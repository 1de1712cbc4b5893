"""The CRM's tables, files and sessions. Its columns are known here and nowhere else."""
