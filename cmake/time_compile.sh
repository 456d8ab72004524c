#!/bin/sh
# A compiler launcher: runs the compiler, or the launcher that follows, and leaves the CPU time that it took beside the
# object, in OBJECT.times, as the shell's `times` has it. An object that ccache has takes next to none.
"$@" || exit
for word; do
  [ "${previous:-}" != -o ] || times >"$word.times"
  previous=$word
done
