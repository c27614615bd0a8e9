"""The Admin API over HTTP, the only folder that imports httpx. Promise: a whole answer, or an error that says why."""
