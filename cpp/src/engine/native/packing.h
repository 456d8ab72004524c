#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "base/aligned_buffer.h"
#include "engine/native/graph.h"
#include "engine/native/kernels/kernels.h"

namespace hrnet_native::native {

/// How a layer's weights are packed.
struct Packing {
  std::optional<WinogradForm> form;  ///< None: direct.
  int source_lanes;
  int shares;                   ///< Threads that the output channels are divided among.
  int most_blocks = kMaxGroup;  ///< Of output channels in a group.

  bool operator<(const Packing& other) const;
};

/// Memory for many weights side by side: most are smaller than a huge page, and a page of their own each would miss the
/// processor's address cache whenever the next layer begins.
class WeightMemory {
 public:
  /// Zeros from the beginning of a cache line, for as long as this lives. Any thread.
  void* Take(std::size_t bytes);
  std::size_t bytes() const;

 private:
  mutable std::mutex mutex_;
  std::vector<AlignedBuffer> chunks_;
  std::size_t used_ = 0;  // of the last chunk
  std::size_t taken_ = 0;
};

/// Packed weights. Zeros pad the output channels to whole blocks.
struct PackedWeights {
  void* weights;
  std::size_t bytes;  ///< Of the weights.
  void* bias;
  std::vector<Group> groups;
  std::vector<Range> shares;  ///< Each thread's groups; one share if the channels are not divided.
};

/// Divides blocks of output channels among threads and then into groups of at most so many.
struct Grouping {
  std::vector<Group> groups;  ///< Without their weights' places.
  std::vector<Range> shares;
};
Grouping DivideBlocks(int blocks, int shares, int most_blocks = kMaxGroup);

/// Takes memory for a layer's packed weights and bias: zeros.
PackedWeights PlaceWeights(const Weights& weights, const Packing& packing, const KernelSet& kernels,
                           WeightMemory& memory);

/// Reads a layer's weights and bias and packs them into their memory. Throws Error as ByteSource::Read; it can then be
/// called again.
void PackWeights(const Weights& weights, const Packing& packing, const KernelSet& kernels, const PackedWeights& packed);

/// The packed weights of one model, made when they are first asked for, shared by all contexts and batch sizes.
class WeightStore {
 public:
  WeightStore(const Graph& graph, const KernelSet& kernels) : graph_(graph), kernels_(kernels) {}

  /// Any thread; different weights are packed at the same time. Throws Error kInternal if they cannot be read.
  const PackedWeights& Get(std::size_t layer, const Packing& packing) const;

  std::size_t bytes() const { return memory_.bytes(); }

 private:
  struct Entry {
    // Not std::call_once: an exception that passes it makes glibc load a library, which takes memory or ends the
    // process.
    std::mutex mutex;
    PackedWeights weights{};
    bool is_packed = false;
  };

  const Graph& graph_;
  const KernelSet& kernels_;
  mutable WeightMemory memory_;
  mutable std::mutex mutex_;  // of the map; an entry's own guards its filling
  mutable std::map<std::pair<std::size_t, Packing>, std::unique_ptr<Entry>> entries_;
};

}  // namespace hrnet_native::native
