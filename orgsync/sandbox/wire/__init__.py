"""What every endpoint is made of: the request, the store, paging, validation, errors, switches."""
