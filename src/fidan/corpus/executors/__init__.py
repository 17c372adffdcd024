"""Where tasks run: in processes of this machine, on a Ray cluster, on a Slurm cluster. All write the same files."""
