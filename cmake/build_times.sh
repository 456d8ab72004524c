#!/bin/sh
# The CPU seconds of every translation unit that was compiled with time_compile.sh in the build folder $1: the slowest,
# and the sums. Ends with 1 if one took more than 60. Alone on a machine none should take more than 30, which is said;
# the rest is for machines that are slower, or compile several at once.
set -eu
cd "$1"
find . -name '*.o.times' -exec awk '
  function seconds(time) { split(time, part, "[ms]"); return part[1] * 60 + part[2] }
  FNR == 2 {
    name = substr(FILENAME, 3)
    sub(/CMakeFiles\/[^\/]*\.dir\//, "", name)
    sub(/\.o\.times$/, "", name)
    print seconds($1) + seconds($2), name
  }' {} + | sort -rn | awk '
  NR <= 15 { printf("%7.1f s  %s%s\n", $1, $2, $1 > 60 ? "  (above 60)" : $1 > 30 ? "  (above 30)" : "") }
  $1 > 60 { failed = 1 }
  { part = $2 ~ /^cpp\// ? "of the library, the plugin and the module" : "of tests and benchmarks"; files[part]++; sum[part] += $1 }
  END {
    for (part in sum) printf("%7.1f s  all %d files %s\n", sum[part], files[part], part)
    exit failed
  }'
