"""Grants of contracts."""

VIEW = "contracts.view"
OFFER = "contracts.offer"
CONFIRM = "contracts.confirm"
SIGN = "contracts.sign"
RENDER = "contracts.render"
