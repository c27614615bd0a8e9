"""Comments and issues on GitHub, the only folder that imports PyGithub. Promise: one of each, and only its own."""
