"""The console's table of contents."""

from __future__ import annotations

from django.urls import URLPattern, path

from loanops.surfaces.console.pages import (
    audit,
    board,
    books,
    identity,
    jobs,
    parameters,
    search,
)

app_name = "console"
urlpatterns: list[URLPattern] = [
    path("", board.board, name="board"),
    path("search", search.search, name="search"),
    path("sign-in", identity.sign_in, name="sign_in"),
    path("sign-out", identity.sign_out, name="sign_out"),
    path("speak", identity.speak, name="speak"),
    path("language", identity.choose_language, name="choose_language"),
    path("book", books.choose_book, name="choose_book"),
    path("day-close", books.day_close, name="day_close"),
    path("jobs", jobs.jobs, name="jobs"),
    path("jobs/<int:job>/retry", jobs.retry, name="retry_job"),
    path("deliveries/<int:delivery>/redrive", jobs.redrive, name="redrive"),
    path("audit", audit.audit, name="audit"),
    path("people", identity.people, name="people"),
    path("people/add", identity.add_person, name="add_person"),
    path("people/<str:login_name>", identity.person, name="person"),
    path("people/<str:login_name>/grant", identity.grant_role, name="grant_role"),
    path("people/<str:login_name>/end-role", identity.end_role, name="end_role"),
    path("people/<str:login_name>/deactivate", identity.deactivate, name="deactivate"),
    path("roles", identity.role_matrix, name="roles"),
    path("keys", identity.keys, name="keys"),
    path("keys/issue", identity.issue_key, name="issue_key"),
    path("keys/<str:prefix>/revoke", identity.revoke_key, name="revoke_key"),
    path("parameters", parameters.parameters, name="parameters"),
    path("parameters/<str:name>", parameters.set_parameter, name="set_parameter"),
]
