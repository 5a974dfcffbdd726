"""LoanOps (助贷运营平台): the open platform a loan-facilitation company runs its whole day on."""

__version__ = "0.1.0"
