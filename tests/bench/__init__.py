"""The benchmarks measure what they say they measure: counts, no times."""
