#include "engine/native/packing.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <tuple>

#include "base/str_cat.h"
#include "engine/native/cache_line.h"
#include "engine/native/ceil_divide.h"
#include "engine/native/half.h"
#include "hrnet_native/error.h"

namespace hrnet_native::native {
namespace {

/// Reads a few of a tensor's outputs at a time, always into the same memory: it is still in the second-level cache when
/// they are packed, and the system gives few pages for it.
class OutputReader {
 public:
  /// The values of `count` outputs as float32, valid until the next call. Throws Error as ByteSource::Read.
  const float* Read(const Tensor& tensor, int first, int count) {
    const std::size_t each = tensor.size() / static_cast<std::size_t>(tensor.shape[0]);
    const std::size_t begin = static_cast<std::size_t>(first) * each;
    const std::size_t size = static_cast<std::size_t>(count) * each;
    if (values_.size() < size) values_.resize(size);
    if (tensor.is_half) {
      if (halves_.size() < size) halves_.resize(size);
      tensor.file->Read(tensor.offset + begin * sizeof halves_[0], halves_.data(), size * sizeof halves_[0]);
      std::transform(halves_.data(), halves_.data() + size, values_.data(), FromHalf);
    } else {
      tensor.file->Read(tensor.offset + begin * sizeof values_[0], values_.data(), size * sizeof values_[0]);
    }
    return values_.data();
  }

 private:
  std::vector<float> values_;
  std::vector<std::uint16_t> halves_;
};

int Taps(const Weights& weights) {
  const std::vector<int>& shape = weights.values.shape;
  return std::accumulate(shape.begin() + 2, shape.end(), 1, std::multiplies<>());
}

constexpr std::size_t kChunkBytes = std::size_t{16} << 20;

}  // namespace

void* WeightMemory::Take(std::size_t bytes) {
  const std::size_t rounded = WholeLines(bytes);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (chunks_.empty() || chunks_.back().size() - used_ < rounded) {
    chunks_.emplace_back(std::max(rounded, kChunkBytes));
    used_ = 0;
  }
  std::byte* place = chunks_.back().data() + used_;
  used_ += rounded;
  taken_ += rounded;
  return place;
}

std::size_t WeightMemory::bytes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return taken_;
}

bool Packing::operator<(const Packing& other) const {
  return std::tie(form, source_lanes, shares, most_blocks) <
         std::tie(other.form, other.source_lanes, other.shares, other.most_blocks);
}

Grouping DivideBlocks(int blocks, int shares, int most_blocks) {
  Grouping grouping;
  for (int share = 0; share < shares; ++share) {
    const int begin = blocks * share / shares;
    const int end = blocks * (share + 1) / shares;
    const int groups = CeilDivide(end - begin, most_blocks);
    const int first = static_cast<int>(grouping.groups.size());
    for (int g = 0; g < groups; ++g) {
      const int from = begin + (end - begin) * g / groups;
      grouping.groups.push_back({from, begin + (end - begin) * (g + 1) / groups - from, 0});
    }
    grouping.shares.push_back({first, first + groups});
  }
  return grouping;
}

PackedWeights PlaceWeights(const Weights& weights, const Packing& packing, const KernelSet& kernels,
                           WeightMemory& memory) {
  const int blocks = CeilDivide(weights.values.shape[0], kernels.lanes);
  const int channels = weights.values.shape[1];
  const int positions = packing.form ? ShapeOf(*packing.form).weights_per_pair() : Taps(weights);
  const auto block_floats = static_cast<std::size_t>(positions) * static_cast<std::size_t>(channels * kernels.lanes);
  PackedWeights packed;
  Grouping grouping = DivideBlocks(blocks, packing.shares, packing.most_blocks);
  packed.groups = std::move(grouping.groups);
  packed.shares = std::move(grouping.shares);
  for (Group& group : packed.groups) group.weights = static_cast<std::size_t>(group.first_block) * block_floats;
  packed.bias = memory.Take(static_cast<std::size_t>(blocks * kernels.lanes) * sizeof(float));
  packed.bytes = static_cast<std::size_t>(blocks) * block_floats * sizeof(float);
  packed.weights = memory.Take(packed.bytes);
  return packed;
}

void PackWeights(const Weights& weights, const Packing& packing, const KernelSet& kernels,
                 const PackedWeights& packed) {
  const int outputs = weights.values.shape[0];
  OutputReader reader;
  if (weights.bias.file) std::copy_n(reader.Read(weights.bias, 0, outputs), outputs, static_cast<float*>(packed.bias));
  for (const Group& group : packed.groups) {
    const int first = group.first_block * kernels.lanes;
    PackArgs args{};
    args.outputs = std::min(group.num_blocks * kernels.lanes, outputs - first);
    args.weights = reader.Read(weights.values, first, args.outputs);
    args.channels = weights.values.shape[1];
    args.taps = Taps(weights);
    args.source_lanes = packing.source_lanes;
    args.blocks = group.num_blocks;
    args.packed = static_cast<float*>(packed.weights) + group.weights;
    if (packing.form) {
      kernels.pack_winograd(*packing.form, args);
    } else {
      kernels.pack_direct(args);
    }
  }
}

const PackedWeights& WeightStore::Get(std::size_t layer, const Packing& packing) const {
  Entry* entry = nullptr;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    std::unique_ptr<Entry>& slot = entries_[{layer, packing}];
    if (!slot) slot = std::make_unique<Entry>();
    entry = slot.get();
  }
  const std::lock_guard<std::mutex> lock(entry->mutex);
  if (!entry->is_packed) {
    const Weights& source = *graph_.layers[layer].op->weights();
    // Once, also where they cannot be read at first: memory that was taken cannot be given back.
    if (entry->weights.weights == nullptr) entry->weights = PlaceWeights(source, packing, kernels_, memory_);
    try {
      PackWeights(source, packing, kernels_, entry->weights);
    } catch (const Error& error) {
      throw Error(ErrorCode::kInternal, StrCat("weights cannot be packed: ", error.what()));
    }
    entry->is_packed = true;
  }
  return entry->weights;
}

}  // namespace hrnet_native::native
