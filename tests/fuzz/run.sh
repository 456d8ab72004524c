#!/bin/sh
# Builds the fuzz targets, gathers seeds, and runs each target for a number of seconds: tests/fuzz/run.sh SECONDS.
# Run by `./dev fuzz` from the repository's root. A finding ends it; the input lies in build/fuzz/findings.
set -eu
seconds=$1
build=build/fuzz
pillow=$(sed -n 's/^pillow==//p' requirements-dev.txt)
export ASAN_SYMBOLIZER_PATH=/usr/lib/llvm-19/bin/llvm-symbolizer UBSAN_OPTIONS=print_stacktrace=1

cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
mkdir -p $build/corpus/decode $build/corpus/inference_yml $build/corpus/native_file $build/findings $build/seeds

if [ ! -e $build/seeds/.complete ]; then
  cp examples/cat.jpg $build/seeds
  # Pillow's source holds a thousand odd images. Fuzzing does without where no package index can be reached.
  if python -m pip download -q --disable-pip-version-check --no-deps --no-binary pillow "pillow==$pillow" \
    -d $build/download; then
    tar xzf $build/download/pillow-*.tar.gz -C $build/seeds --wildcards '*/Tests/images'
  fi
  if [ -n "${HRNET_NATIVE_TEST_DATA:-}" ]; then
    tar xzf "$HRNET_NATIVE_TEST_DATA/jpeg_fuzz_seeds.tar.gz" -C $build/seeds
  fi
  # One flat folder of small files for the fuzzer.
  find $build/seeds -type f -size -64k -exec sha256sum {} + | while read -r hash file; do
    cp "$file" "$build/corpus/decode/$hash"
  done
  cp python/hrnet_native/default_model/inference.yml $build/corpus/inference_yml/default
  python tests/fuzz/native_seeds.py $build/corpus/native_file
  touch $build/seeds/.complete
fi

for target in decode inference_yml native_file; do
  echo "fuzz_$target, $seconds s"
  $build/tests/fuzz/fuzz_$target $build/corpus/$target -dict=tests/fuzz/$target.dict -max_total_time="$seconds" \
    -max_len=65536 -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=256 -artifact_prefix=$build/findings/$target- \
    -print_final_stats=1 -verbosity=0 2>$build/$target.log ||
    {
      tail -n 60 $build/$target.log
      exit 1
    }
  grep -E '^stat::|corpus' $build/$target.log || true
  echo "corpus: $(find $build/corpus/$target -type f | wc -l) files"
done
