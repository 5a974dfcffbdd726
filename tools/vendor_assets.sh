#!/bin/sh
# Fetches the front-end files that LoanOps ships and writes them below the console's static folder.
# The result is committed: running and testing never need Node. Run it again only to move a version.
#
# htmx is not here: django-htmx carries it (static path django_htmx/htmx-2.min.js).
set -eu
cd "$(dirname "$0")/.."
here=$(pwd)
vendor=$here/src/loanops/surfaces/console/static/vendor
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

tabler=1.6.1
echarts=6.1.0
icons=3.49.0

cd "$work"
for package in "@tabler/core@$tabler" "echarts@$echarts" "@tabler/icons@$icons"; do
  npm pack --silent "$package" >/dev/null
done
for archive in *.tgz; do
  mkdir "${archive%.tgz}"
  tar -xzf "$archive" -C "${archive%.tgz}" --strip-components=1
done

rm -rf "$vendor"
mkdir -p "$vendor/tabler-$tabler" "$vendor/echarts-$echarts" "$vendor/icons-$icons"
cp "tabler-core-$tabler/dist/css/tabler.min.css" "tabler-core-$tabler/dist/js/tabler.min.js" \
  "$vendor/tabler-$tabler/"
cp "echarts-$echarts/dist/echarts.min.js" "echarts-$echarts/LICENSE" "echarts-$echarts/NOTICE" \
  "$vendor/echarts-$echarts/"
cp "echarts-$echarts/licenses/LICENSE-d3" "$vendor/echarts-$echarts/"
cp "tabler-icons-$icons/LICENSE" "$vendor/icons-$icons/"
# The package of Tabler carries its licence only in the head of each file.
{
  sed -n '2,4s/^ \* //p' "$vendor/tabler-$tabler/tabler.min.css"
  echo
  sed '1,/^Copyright/d' "tabler-icons-$icons/LICENSE"
} >"$vendor/tabler-$tabler/LICENSE"
# Source maps are not shipped, so nothing may point at them.
find "$vendor" -name '*.css' -o -name '*.js' | while read -r file; do
  sed -i -e 's#/\*\# sourceMappingURL=[^*]*\*/##' -e 's#^//\# sourceMappingURL=.*$##' "$file"
done

cd "$here"
python3 tools/sprite.py "$work/tabler-icons-$icons/icons" tools/icons.txt \
  "$vendor/icons-$icons/sprite.svg"
python3 tools/vendor_record.py "$vendor" "tabler-$tabler=MIT" "echarts-$echarts=Apache-2.0" \
  "icons-$icons=MIT"
