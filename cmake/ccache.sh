# Sourced in the root of a clone: settings of ccache with which a clone in another folder has the same objects. Paths
# below the clone count as relative ones, and the folder in which the compiler runs, which only debuggers read, not at all.
export CCACHE_BASEDIR="$PWD" CCACHE_NOHASHDIR=true
