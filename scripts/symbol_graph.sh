#!/usr/bin/env bash
# symbol_graph.sh [DIR]: holds the folders of kernels/ to their order (core, then simd and elem, then
# window, the families, the registry) by the symbols that their objects in DIR (default: build) use.
# scripts/include_graph.py sees what is included; a function of poolbench.h that is defined in a
# higher folder only shows here. Prints what points up, and fails if anything does.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
dir=${1:-build}
# Those of today's build: an older one may have left others behind.
objects=$(grep -oE ' -o [^ "]*/kernels/[^ "]*\.o' "$dir/compile_commands.json" | cut -c5- | grep -v /providers/ | sort -u)
(cd "$dir" && xargs nm -A -g <<<"$objects") | awk '
  function level(folder) {
    if (folder == "core") return 0
    if (folder == "simd" || folder == "elem") return 1
    if (folder == "window") return 2
    return folder == "registry" ? 4 : 3
  }
  {
    match($0, /kernels\/[a-z0-9_]+\//)
    folder = substr($0, RSTART + 8, RLENGTH - 9)
    if ($(NF - 1) == "U") users[folder " " $NF] = 1; else home[$NF] = folder
  }
  END {
    for (user in users) {
      split(user, part, " ")
      if (!(part[2] in home) || home[part[2]] == part[1]) continue
      arrows++
      if (level(home[part[2]]) < level(part[1])) continue
      up++
      print "kernels/" part[1] " points up to kernels/" home[part[2]] ": calls " part[2]
    }
    printf "%d of %d arrows point up\n", up, arrows
    exit up > 0 || arrows == 0
  }'
