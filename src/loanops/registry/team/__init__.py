"""Teams (团队): who works on what, and the work items (待办) that wait for a person.

Owns: Team, its members and the kinds of work it takes, Item, ServiceLevel, Run.
Answers: queries.  Obeys: operations.  Announces: nothing; it follows the events of all rooms.
Never: decides business; holds anything about a subject but what sorts and narrows a list.
Read first: domain/kinds.py, ports.py, then operations/following.py.
"""
