#!/bin/sh
# Makes the locks in requirements/ from pyproject.toml: hash-pinned, for Python 3.11 to 3.14, with
# no package-index address in them. Releases younger than a week are left out on purpose.
#
#   sh tools/lock.sh             keeps what is pinned and still allowed
#   sh tools/lock.sh --upgrade   takes the newest releases that are at least a week old
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-uv}
command -v "$uv" >/dev/null 2>&1 || uv=.venv/bin/uv
before=$("${PYTHON:-python3}" -c 'import datetime as d; print(d.date.today() - d.timedelta(days=7))')

compile() {
  out=$1
  shift
  "$uv" pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --no-header --exclude-newer "$before" \
    --output-file "$out" "$@" >/dev/null
}

compile requirements/runtime.txt "$@"
compile requirements/dev.txt --extra dev --constraint requirements/runtime.txt "$@"
sed -i 's/-c requirements\/runtime.txt/-c runtime.txt/' requirements/dev.txt
wc -l requirements/*.txt
