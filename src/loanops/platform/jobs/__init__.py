"""Jobs (任务): work done after the business transaction, at least once, surviving any crash.

Owns: Job, Schedule.  Answers: queries.  Obeys: operations; enqueued through `work`.
Never: loses a job to a killed worker; runs one that its transaction did not commit.
Read first: runner.py.
"""
