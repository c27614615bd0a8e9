"""What a rule of key policies is, and what rules are written with."""
