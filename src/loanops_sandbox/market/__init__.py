"""A market of simulated borrowers: who they are, what they ask for, how they pay.

`people` draws them from one seed, `habits` says what each does on a day, `player` lets them act
on a running platform over HTTP. Nobody here exists; numbers are valid in form and invented.
"""
