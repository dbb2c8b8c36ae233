#!/usr/bin/env bash
# On each Python of 3.12 and 3.13 that this machine has, on the path or under pyenv, with the pinned packages: what a new
# Python breaks first, which is the readers (standard library and compiled packages), and the kernels and the optimizer
# against every deployment of small cities. All at once, a process each. Says which there were. A version that takes longer
# than MOST_S is told, and fails nothing: only a test that fails does.
set -uo pipefail
cd "$(dirname "$0")/.."
MOST_S=${MOST_S:-240}
VERSIONS=${VERSIONS:-3.12 3.13}

interpreter() {
  local path
  for path in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1".*/bin/python; do
    # a shim of pyenv may stand for nothing, and Debian's may lack what makes environments
    if "$path" -c "import ensurepip, sys, venv; sys.exit('%d.%d' % sys.version_info[:2] != '$1')" 2>/dev/null; then
      command -v "$path"
      return
    fi
  done
  return 1
}

fast_tests() {
  local venv=".venv/python$2"
  if [ ! -x "$venv/bin/python" ]; then
    "$1" -m venv "$venv" || return
  fi
  # most modules of the packages are never loaded here: to compile them all takes longer than those that are
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt \
    --editable ".[xls]" coverage hypothesis pytest pytest-xdist xlwt || return
  # whole histories and real cities are long, and read by what the other tests read
  "$venv/bin/python" -m pytest -n 0 -q -p no:cacheprovider -m 'not slow and not browser' tests/data \
    --ignore-glob='*/test_'{calls_real,roads_formats,roads_plausible,times_of_histories}.py \
    tests/optimize/test_{brute_force,limits,status,recount,objective,explicit}.py
}
export -f fast_tests

said=$(mktemp -d)
trap 'rm -rf "$said"' EXIT
for version in $VERSIONS; do
  python=$(interpreter "$version") || continue
  echo "$python" >"$said/$version.python"
  timeout "$MOST_S" bash -c 'fast_tests "$@"' fast_tests "$python" "$version" >"$said/$version.log" 2>&1 &
  echo $! >"$said/$version.pid"
done

failed=0
for version in $VERSIONS; do
  if [ ! -e "$said/$version.pid" ]; then
    echo "Python $version: not on this machine, not tested"
    continue
  fi
  echo "Python $version: $(cat "$said/$version.python")"
  wait "$(cat "$said/$version.pid")"
  code=$?
  cat "$said/$version.log"
  case $code in
    0) echo "Python $version: passed" ;;
    124) echo "Python $version: not finished within $MOST_S s" ;;
    *) echo "Python $version: FAILED"; failed=1 ;;
  esac
done
exit "$failed"
