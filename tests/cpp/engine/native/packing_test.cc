#include "engine/native/packing.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <numeric>
#include <vector>

#include "base/byte_source.h"
#include "engine/native/operators/conv.h"
#include "hrnet_native/error.h"
#include "support/native_isas.h"

namespace hrnet_native::native {
namespace {

/// Floats 0, 1, 2 and so on, of which the second reading fails: a disk that errs once.
class FailsOnce final : public ByteSource {
 public:
  explicit FailsOnce(std::size_t floats) : values_(floats) { std::iota(values_.begin(), values_.end(), 0.0F); }

  std::size_t size() const override { return values_.size() * sizeof values_[0]; }

  void Read(std::uint64_t offset, void* to, std::size_t size) const override {
    if (++readings_ == 2) throw Error(ErrorCode::kInvalidArgument, "the disk is sick");
    std::memcpy(to, reinterpret_cast<const char*>(values_.data()) + offset, size);
  }

 private:
  std::vector<float> values_;
  mutable int readings_ = 0;
};

TEST(NativePacking, WeightsThatCannotBeReadAreReadAgainWithoutMoreMemory) {
  constexpr int kInputs = 3;
  for (const Isa isa : IsasOfThisCpu()) {
    const KernelSet& kernels = KernelsFor(isa);
    const int outputs = 2 * kernels.lanes;  // of which as many as there are lanes are read at once
    Weights weights;
    weights.values.file = std::make_shared<FailsOnce>(static_cast<std::size_t>(outputs * kInputs));
    weights.values.shape = {outputs, kInputs, 1, 1};
    Graph graph{};
    graph.layers.emplace_back();
    graph.layers[0].op = std::make_shared<Conv>(ConvFields{weights, {}, false});
    const WeightStore store(graph, kernels);
    const Packing packing{std::nullopt, kernels.lanes, 1, 1};
    try {
      store.Get(0, packing);
      FAIL() << "the error was lost";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInternal);
      EXPECT_STREQ(error.what(), "weights cannot be packed: the disk is sick");
    }
    const std::size_t bytes = store.bytes();
    const PackedWeights& packed = store.Get(0, packing);
    EXPECT_EQ(store.bytes(), bytes);
    for (int output = 0; output < outputs; ++output) {
      for (int input = 0; input < kInputs; ++input) {
        const int place = (output / kernels.lanes * kInputs + input) * kernels.lanes + output % kernels.lanes;
        EXPECT_EQ(static_cast<const float*>(packed.weights)[place], static_cast<float>(output * kInputs + input));
      }
    }
  }
}

}  // namespace
}  // namespace hrnet_native::native
