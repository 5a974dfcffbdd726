"""The WSGI application that a server runs."""

from django.core.handlers.wsgi import WSGIHandler

from loanops.config.startup import start

start()
application = WSGIHandler()
