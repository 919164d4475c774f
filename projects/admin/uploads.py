def upload(*a): ...


preview = progress = state = cancel = upload
