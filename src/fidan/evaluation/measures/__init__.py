"""What `fidan evaluate` measures, a file each: what decides the figures of one model, how they are made, how told."""
