"""What both APIs share: operations, problems, callers, health, the document.

An API is a tuple of ``operations.Operation`` (the module's docstring shows one), which
``Application`` routes and ``openapi.document`` describes, so that the two agree:

    access = Access(pool)
    authenticator = Authenticator(access, url, cookie=session_cookie(settings))
    operations = (*OPERATIONS, *health.operations({"postgres": check}))
    text = openapi.document(operations, title=..., description=..., version=...)
    app = Application(
        (*operations, openapi.served(text)),
        routes=[Mount("/", pages)],   # whatever else there is
        lifespan=lifespan,   # yields {"authenticator": authenticator, ...}
    )

    application     a Starlette application whose operations come first
    problems        every error as a problem document; the table of codes
    operations      one entry per operation; what happens to a request on its way
    routing         the table as one route
    authentication  whose token or session it is
    bodies          reading a body within limits
    openapi         the document
    compression     of large answers
    health          live and ready
    headers, cors   headers of answers; pages of other origins
"""
