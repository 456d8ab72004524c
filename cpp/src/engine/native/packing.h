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

/// How a convolution's weights are packed.
struct Packing {
  std::optional<WinogradForm> form;  ///< None: direct.
  int source_lanes;
  int shares;  ///< Threads that the output channels are divided among.

  bool operator<(const Packing& other) const;
};

/// Packed weights. Zeros pad the output channels to whole blocks.
struct PackedWeights {
  AlignedBuffer weights;
  AlignedBuffer bias;
  std::vector<Group> groups;
  std::vector<Range> shares;  ///< Each thread's groups; one share if the channels are not divided.
};

/// Divides blocks of output channels among threads and then into groups.
struct Grouping {
  std::vector<Group> groups;  ///< Without their weights' places.
  std::vector<Range> shares;
};
Grouping DivideBlocks(int blocks, int shares);

PackedWeights PackConv(const Layer& layer, const Packing& packing, const KernelSet& kernels);
PackedWeights PackDense(const Layer& layer, const KernelSet& kernels);

/// The packed weights of one model, made when they are first asked for, shared by all contexts and batch sizes.
class WeightStore {
 public:
  WeightStore(const Graph& graph, const KernelSet& kernels) : graph_(graph), kernels_(kernels) {}

  /// Any thread; different weights are packed at the same time.
  const PackedWeights& Get(std::size_t layer, const Packing& packing) const;

  std::size_t bytes() const;

 private:
  struct Entry {
    std::once_flag once;
    PackedWeights packed;
  };

  const Graph& graph_;
  const KernelSet& kernels_;
  mutable std::mutex mutex_;  // of the map; an entry's flag guards its filling
  mutable std::map<std::pair<std::size_t, Packing>, std::unique_ptr<Entry>> entries_;
};

}  // namespace hrnet_native::native
