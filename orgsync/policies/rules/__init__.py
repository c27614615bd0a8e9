"""One module for each rule, each with its `RULE`; `orgsync.policies.RULES` lists them."""
