#!/usr/bin/env bash
# The fast tests (data, and the optimizer against every deployment of small cities) on each Python of 3.12 and 3.13 that this machine has, on the path or under pyenv, with
# the pinned packages. Says which there were. A version that takes longer than MOST_S is told, and fails nothing: only a
# test that fails does.
set -uo pipefail
cd "$(dirname "$0")/.."
MOST_S=${MOST_S:-180}
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
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -c constraints.txt \
    --editable . coverage hypothesis pytest pytest-xdist || return
  "$venv/bin/python" -m pytest -n 2 --dist loadfile -q -m 'not slow and not browser' tests/data \
    tests/optimize/test_{brute_force,goals_brute_force,limits,status,recount,objective,explicit}.py
}
export -f fast_tests

failed=0
for version in $VERSIONS; do
  if ! python=$(interpreter "$version"); then
    echo "Python $version: not on this machine, not tested"
    continue
  fi
  echo "Python $version: $python"
  timeout "$MOST_S" bash -c 'fast_tests "$@"' fast_tests "$python" "$version"
  case $? in
    0) echo "Python $version: passed" ;;
    124) echo "Python $version: not finished within $MOST_S s" ;;
    *) echo "Python $version: FAILED"; failed=1 ;;
  esac
done
exit "$failed"
