"""What orgsync costs: `python -m benchmarks` compares a plan with the least it could cost and with other programs."""
