"""What both APIs share: operations, problems, callers, health, the document.

An API is a tuple of ``operations.Operation`` (the module's docstring shows one), which
``routing.Table`` routes and ``openapi.document`` describes, so that the two agree:

    access = Access(pool)
    authenticator = Authenticator(access, url, cookie=session_cookie(settings))
    operations = (*OPERATIONS, *health.operations({"postgres": check}))
    text = openapi.document(operations, title=..., description=..., version=...)
    app = Starlette(
        routes=[Table((*operations, openapi.served(text))), Mount("/", pages)],
        exception_handlers=problem_handlers(),
        lifespan=lifespan,   # yields {"authenticator": authenticator, ...}
    )
    app.router.redirect_slashes = False

    problems        every error as a problem document; the table of codes
    operations      one entry per operation; what happens to a request on its way
    routing         the table as one route
    authentication  whose token or session it is
    bodies          reading a body within limits
    openapi         the document
    health          live and ready
    headers, cors   headers of answers; pages of other origins
"""
