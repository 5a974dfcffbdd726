"""Identity (身份): persons, their roles and scopes with validity, and keys of programs.

Owns: Person, RoleHolding, ApiKey.  Answers: queries.  Obeys: operations.
Never: decides business; shows a key twice.
Read first: data/roles.toml.
"""
