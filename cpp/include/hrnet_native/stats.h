#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hrnet_native {

/// How long one stage took, over all images that were answered. Quantiles come from a histogram of fixed size: within
/// 6.25 %.
struct StageStats {
  std::uint64_t count = 0;
  std::uint64_t total_ns = 0;
  std::uint64_t p50_ns = 0;
  std::uint64_t p90_ns = 0;
  std::uint64_t p99_ns = 0;
};

/// Images that got no answer, by reason.
struct RejectStats {
  std::uint64_t queue_full = 0;
  std::uint64_t deadline_exceeded = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t closed = 0;
  std::uint64_t bad_input = 0;  ///< Not found, not an image, or not of the form that was asked for.
  std::uint64_t internal = 0;   ///< The engine failed, or memory or threads ran out.
};

/// A snapshot of what a predictor did since it was made or its statistics were reset. Warm-up runs do not count.
struct Stats {
  std::uint64_t inference_count = 0;       ///< Images that the engine ran.
  std::uint64_t execution_count = 0;       ///< Runs of the engine.
  double mean_batch_size = 0;              ///< inference_count / execution_count
  std::vector<std::uint64_t> batch_sizes;  ///< Element i: runs of i + 1 images; max_batch_size elements.
  // The stages of an image follow each other without a gap: their sum is its total.
  StageStats decode;       ///< Reading the file and decoding; 0 for arrays.
  StageStats preprocess;   ///< Resizing, cropping, normalising.
  StageStats queue;        ///< Waiting for a thread that decodes, for room in the queue, and for an instance.
  StageStats infer;        ///< The run of the engine that the image was part of.
  StageStats postprocess;  ///< From the engine's end to the answer.
  StageStats total;
  RejectStats rejected;
  int queue_size = 0;  ///< Images that wait now.
  // Memory, in bytes. With the native engine a further instance costs its arena and nothing else.
  std::size_t file_bytes = 0;  ///< Size of the native engine's file, which weights are read from when they are packed.
  std::size_t weights_bytes = 0;  ///< Of all instances together, those they share once.
  std::size_t arena_bytes = 0;    ///< For intermediate values of all instances; 0 where the engine cannot tell.
};

}  // namespace hrnet_native
