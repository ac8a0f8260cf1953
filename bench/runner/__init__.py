"""What scripts/bench is made of: the benches, what is promised of them, the machine, the plots."""
