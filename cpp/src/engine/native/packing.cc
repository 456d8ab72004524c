#include "engine/native/packing.h"

#include <algorithm>
#include <tuple>

#include "base/str_cat.h"
#include "engine/native/cache_line.h"
#include "engine/native/ceil_divide.h"
#include "engine/native/half.h"
#include "hrnet_native/error.h"

namespace hrnet_native::native {
namespace {

/// A tensor's values as float32; none where there is no tensor.
class Floats {
 public:
  explicit Floats(const Tensor& tensor) {
    if (tensor.file == nullptr) return;
    size_ = tensor.size();
    values_.reset(new float[size_]);  // not zeroed first
    if (tensor.is_half) {
      std::vector<std::uint16_t> halves(size_);
      tensor.file->Read(tensor.offset, halves.data(), size_ * sizeof halves[0]);
      std::transform(halves.begin(), halves.end(), values_.get(), FromHalf);
    } else {
      tensor.file->Read(tensor.offset, values_.get(), size_ * sizeof values_[0]);
    }
  }

  const std::byte* data() const { return reinterpret_cast<const std::byte*>(values_.get()); }
  const float* begin() const { return values_.get(); }
  const float* end() const { return values_.get() + size_; }

 private:
  std::size_t size_ = 0;
  std::unique_ptr<float[]> values_;
};

/// A layer's weights and bias, read before memory is taken for them: that cannot be given back.
struct Source {
  explicit Source(const Layer& layer) : weights(layer.weight), bias(layer.bias) {}
  Floats weights;
  Floats bias;
};

float* PackBias(const Floats& source, int padded_outputs, WeightMemory& memory) {
  float* bias = memory.Take(static_cast<std::size_t>(padded_outputs));
  std::copy(source.begin(), source.end(), bias);
  return bias;
}

constexpr std::size_t kChunkFloats = std::size_t{4} << 20;

}  // namespace

float* WeightMemory::Take(std::size_t floats) {
  const std::size_t rounded = WholeLines(floats);
  const std::lock_guard<std::mutex> lock(mutex_);
  if (chunks_.empty() || chunks_.back().size() - used_ < rounded) {
    chunks_.emplace_back(std::max(rounded, kChunkFloats));
    used_ = 0;
  }
  float* place = chunks_.back().data() + used_;
  used_ += rounded;
  taken_ += rounded;
  return place;
}

std::size_t WeightMemory::bytes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return taken_ * sizeof(float);
}

bool Packing::operator<(const Packing& other) const {
  return std::tie(form, source_lanes, shares) < std::tie(other.form, other.source_lanes, other.shares);
}

Grouping DivideBlocks(int blocks, int shares) {
  Grouping grouping;
  for (int share = 0; share < shares; ++share) {
    const int begin = blocks * share / shares;
    const int end = blocks * (share + 1) / shares;
    const int groups = CeilDivide(end - begin, kMaxGroup);
    const int first = static_cast<int>(grouping.groups.size());
    for (int g = 0; g < groups; ++g) {
      const int from = begin + (end - begin) * g / groups;
      grouping.groups.push_back({from, begin + (end - begin) * (g + 1) / groups - from, 0});
    }
    grouping.shares.push_back({first, first + groups});
  }
  return grouping;
}

PackedWeights PackConv(const Layer& layer, const Packing& packing, const KernelSet& kernels, WeightMemory& memory) {
  const Source source(layer);
  const int outputs = layer.weight.shape[0];
  const int channels = layer.weight.shape[1];
  const int taps = layer.kernel[0] * layer.kernel[1];
  const int lanes = kernels.lanes;
  const int blocks = CeilDivide(outputs, lanes);
  PackedWeights packed;
  Grouping grouping = DivideBlocks(blocks, packing.shares);
  packed.groups = std::move(grouping.groups);
  packed.shares = std::move(grouping.shares);
  packed.bias = PackBias(source.bias, blocks * lanes, memory);
  const int positions = packing.form ? ShapeOf(*packing.form).weights_per_pair() : taps;
  const auto block_floats = static_cast<std::size_t>(positions) * static_cast<std::size_t>(channels * lanes);
  packed.size = static_cast<std::size_t>(blocks) * block_floats;
  float* weights = memory.Take(packed.size);
  packed.weights = weights;
  for (Group& group : packed.groups) {
    group.weights = static_cast<std::size_t>(group.first_block) * block_floats;
    PackArgs args{};
    args.weights = source.weights.data();
    args.outputs = outputs;
    args.channels = channels;
    args.taps = taps;
    args.source_lanes = packing.source_lanes;
    args.group = group;
    args.packed = weights + group.weights;
    if (packing.form) {
      kernels.pack_winograd(*packing.form, args);
    } else {
      kernels.pack_direct(args);
    }
  }
  return packed;
}

PackedWeights PackDense(const Layer& layer, const KernelSet& kernels, WeightMemory& memory) {
  const Source source(layer);
  const int outputs = layer.weight.shape[0];
  const int inputs = layer.weight.shape[1];
  const int blocks = CeilDivide(outputs, kernels.lanes);
  PackedWeights packed;
  packed.bias = PackBias(source.bias, blocks * kernels.lanes, memory);
  const auto block_floats = static_cast<std::size_t>(inputs) * static_cast<std::size_t>(kernels.lanes);
  packed.size = static_cast<std::size_t>(blocks) * block_floats;
  float* weights = memory.Take(packed.size);
  packed.weights = weights;
  for (int block = 0; block < blocks; ++block, weights += block_floats) {
    kernels.pack_direct({source.weights.data(), outputs, inputs, 1, kernels.lanes, {block, 1, 0}, weights});
  }
  return packed;
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
  if (!entry->packed) {
    const Layer& source = graph_.layers[layer];
    try {
      entry->packed =
          source.op == Op::kDense ? PackDense(source, kernels_, memory_) : PackConv(source, packing, kernels_, memory_);
    } catch (const Error& error) {
      throw Error(ErrorCode::kInternal, StrCat("weights cannot be packed: ", error.what()));
    }
  }
  return *entry->packed;
}

}  // namespace hrnet_native::native
