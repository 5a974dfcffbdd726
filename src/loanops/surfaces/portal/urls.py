"""The portal's table of contents."""

from __future__ import annotations

from django.urls import URLPattern, path

from loanops.surfaces.portal.pages import (
    applications,
    applying,
    consenting,
    door,
    home,
    loans,
    offers,
)

app_name = "portal"
urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("c/<slug:channel>", door.arrive, name="arrive"),
    path("sign-in", door.sign_in, name="sign_in"),
    path("code", door.code, name="code"),
    path("identity", door.identity, name="identity"),
    path("sign-out", door.sign_out, name="sign_out"),
    path("language", door.speak, name="speak"),
    path("account", home.account, name="account"),
    path("consents/take-back", home.take_back, name="take_back"),
    path("apply", applying.apply, name="apply"),
    path("apply/reconsider", consenting.reconsider, name="reconsider"),
    path("apply/<slug:step>", applying.apply_step, name="apply_step"),
    path("applications/<str:number>", applications.application, name="application"),
    path("applications/<str:number>/documents", applications.send_document, name="send_document"),
    path("applications/<str:number>/withdraw", applications.withdraw, name="withdraw"),
    path("documents/<str:document>", applications.read_document, name="read_document"),
    path("offers/<str:number>", offers.offer, name="offer"),
    path("offers/<str:number>/read", offers.read_statement, name="read_statement"),
    path("offers/<str:number>/confirm", offers.confirm, name="confirm"),
    path("contracts/<str:number>", offers.contract, name="contract"),
    path("contracts/<str:number>/signing", offers.open_signing, name="open_signing"),
    path("contracts/<str:number>/back", offers.signed_back, name="signed_back"),
    path("contracts/<str:number>/sign", offers.sign, name="sign"),
    path("contracts/<str:number>/file", offers.contract_file, name="contract_file"),
    path("loans/<str:number>", loans.loan, name="loan"),
    path("loans/<str:number>/papers/<slug:paper>", loans.paper, name="paper"),
]
