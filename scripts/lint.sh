#!/usr/bin/env bash
# lint.sh [BASE]: what is read rather than run: the format of C, shell and Python, the include
# graph, and clang-tidy on the C files that differ from the revision BASE (default HEAD~1; "all"
# takes every file). It needs a configured build/ for clang-tidy. Example: scripts/lint.sh origin/main
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
base=${1:-HEAD~1}
case $base in -h | --help) sed -n '2,/^set/s/^# //p' "${BASH_SOURCE[0]}"; exit 0 ;; esac
scripts/install.sh lint
failed=()
check() { # NAME COMMAND…
  echo "lint: $1"
  "${@:2}" || failed+=("$1")
}

c_files() { git ls-files '*.c' '*.h' '*.cc'; }
format() { c_files | xargs clang-format --dry-run --Werror; }
shell() { git ls-files '*.sh' .ci | xargs shellcheck --external-sources; }
python() {
  if command -v ruff >/dev/null; then ruff check scripts; else flake8 scripts; fi
}
tidy() {
  [[ -f build/compile_commands.json ]] || { echo "lint.sh: no build/: run scripts/build.sh first" >&2; return 1; }
  local files
  if [[ $base == all ]]; then
    files=$(git ls-files '*.c')
  elif git rev-parse --quiet --verify "$base^{commit}" >/dev/null; then
    files=$(git diff --name-only --diff-filter=d "$base" -- '*.c')
  else
    echo "lint.sh: $base is no revision here; clang-tidy reads every file" >&2
    files=$(git ls-files '*.c')
  fi
  # Only what this machine's build compiles: no NEON, no plug-in whose library is not installed.
  local built
  built=$(grep -o '"file": "[^"]*"' build/compile_commands.json | cut -d'"' -f4 | sed "s|^$PWD/||" | sort -u)
  [[ -n $built ]] || { echo "lint.sh: build/ names no file that it compiles" >&2; return 1; }
  files=$(comm -12 <(sort -u <<<"$files") <(echo "$built"))
  [[ -n $files ]] || return 0
  xargs -P "$(nproc)" -n 4 clang-tidy --quiet -p build <<<"$files" 2>/dev/null
}

check "the format of C" format
check "shell" shell
check "Python" python
check "the include graph" scripts/include_graph.py
[[ ! -d build ]] || check "the symbol graph" scripts/symbol_graph.sh
check "clang-tidy" tidy
[[ ${#failed[@]} -eq 0 ]] || { printf 'lint.sh: failed: %s\n' "${failed[*]}" >&2; exit 1; }
