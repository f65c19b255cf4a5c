"""Time: samples, the sampler thread, history, the clock and its cursor."""
