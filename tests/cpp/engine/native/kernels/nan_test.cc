#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "base/aligned_buffer.h"
#include "engine/native/kernels/kernels.h"
#include "support/native_isas.h"

namespace hrnet_native::native {
namespace {

/// A map of one row and one block of channels, without a border.
class Row {
 public:
  Row(int lanes, int width, float value)
      : lanes_(lanes), size_(static_cast<std::size_t>(lanes * width)), memory_(size_ * sizeof(float)) {
    std::fill_n(data(), size_, value);
  }

  MapView view() { return {data(), 0, size_, size_}; }
  float* data() { return reinterpret_cast<float*>(memory_.data()); }

  /// Of the first channel.
  float& at(int x) { return data()[x * lanes_]; }

 private:
  int lanes_;
  std::size_t size_;  // in floats
  AlignedBuffer memory_;
};

constexpr float kNan = __builtin_nanf("");

/// Each of them would turn a NaN into 0 or into -inf if it asked for the larger number the wrong way round: a model
/// with a broken weight would then answer with plausible scores.
class NativeNan : public testing::TestWithParam<Isa> {
 protected:
  const KernelSet& kernels() const { return KernelsFor(GetParam()); }
  int lanes() const { return kernels().lanes; }
};

TEST_P(NativeNan, PassesAConvolution) {
  for (const bool relu : {false, true}) {
    Row source(lanes(), 3, 1);
    Row destination(lanes(), 3, 0);
    Row weights(lanes(), lanes(), 1);
    Row bias(lanes(), 1, 0);
    source.at(1) = kNan;
    const Group group{0, 1, 0};
    const std::int32_t tap = 0;
    DirectArgs args{};
    args.source = source.view();
    args.source_lanes = lanes();
    args.output = {destination.view(), nullptr, bias.data(), relu};
    args.weights = weights.data();
    args.groups = &group;
    args.width = 3;
    args.height = 1;
    args.stride[0] = args.stride[1] = 1;
    args.in_channels = lanes();
    args.taps = &tap;
    args.num_taps = 1;
    args.blocks_per_pass = 1;
    kernels().direct(args, {0, 3}, {0, 1});
    EXPECT_EQ(destination.at(0), static_cast<float>(lanes()));
    EXPECT_TRUE(std::isnan(destination.at(1))) << "relu " << relu;
    EXPECT_EQ(destination.at(2), static_cast<float>(lanes()));
  }
}

TEST_P(NativeNan, PassesAWinogradTile) {
  for (const bool relu : {false, true}) {
    constexpr WinogradForm kForm = WinogradForm::kF2;
    const WinogradShape shape = ShapeOf(kForm);
    Row source(lanes(), shape.input * shape.input, 1);
    Row destination(lanes(), shape.output * shape.output, 0);
    Row weights(lanes(), shape.weights_per_pair() * lanes(), 1);
    Row bias(lanes(), 1, 0);
    source.at(0) = kNan;  // which only the first output sees
    const Group group{0, 1, 0};
    const WinogradTile tile{0, 0, static_cast<std::int16_t>(shape.output), static_cast<std::int16_t>(shape.output)};
    WinogradArgs args{};
    args.source = source.view();
    args.source.row_stride = static_cast<std::size_t>(shape.input * lanes());
    args.output = {destination.view(), nullptr, bias.data(), relu};
    args.output.destination.row_stride = static_cast<std::size_t>(shape.output * lanes());
    args.transformed = true;
    args.weights = weights.data();
    args.groups = &group;
    args.tiles = &tile;
    args.tiles_per_image = 1;
    args.in_channels = lanes();
    args.blocks_per_sum = 1;
    AlignedBuffer scratch(WinogradScratch(kForm, true, lanes(), 1, 1, 1));
    kernels().winograd(kForm, args, {0, 1}, {0, 1}, scratch.data());
    EXPECT_TRUE(std::isnan(destination.at(0))) << "relu " << relu;
    EXPECT_FALSE(std::isnan(destination.at(shape.output * shape.output - 1))) << "relu " << relu;
  }
}

TEST_P(NativeNan, PassesASumOfMaps) {
  for (const bool relu : {false, true}) {
    Row broken(lanes(), 1, kNan);
    Row whole(lanes(), 1, 1);
    Row destination(lanes(), 1, 0);
    const auto input = [](Row& row) {
      const MapView view = row.view();
      return AddInput{view.origin, view.image_stride, view.block_stride, view.row_stride, 1};
    };
    const AddInput inputs[] = {input(broken), input(whole)};
    kernels().add({inputs, 2, destination.view(), 1, 1, 1, relu}, {0, 1});
    EXPECT_TRUE(std::isnan(destination.at(0))) << "relu " << relu;
  }
}

TEST_P(NativeNan, PassesAScaledMap) {
  for (const bool relu : {false, true}) {
    Row source(lanes(), 1, 1);
    Row factors(lanes(), 1, kNan);
    Row destination(lanes(), 1, 0);
    kernels().scale({source.view(), factors.view(), destination.view(), nullptr, 1, 1, 1, relu}, {0, 1});
    EXPECT_TRUE(std::isnan(destination.at(0))) << "relu " << relu;
  }
}

TEST_P(NativeNan, PassesAMaximumWhereverItIs) {
  for (int place = 0; place < 3; ++place) {
    Row source(lanes(), 3, 1);
    Row destination(lanes(), 1, 0);
    source.at(place) = kNan;
    PoolArgs args{source.view(), destination.view(), false, 1, 1, 3, 1, 1, {1, 3}, {1, 1}, {0, 0}};
    kernels().pool(args, {0, 1});
    EXPECT_TRUE(std::isnan(destination.at(0))) << "place " << place;
  }
}

TEST_P(NativeNan, PassesAFullyConnectedLayer) {
  for (const Activation activation : {Activation::kNone, Activation::kRelu, Activation::kSigmoid}) {
    Row source(lanes(), 1, kNan);
    Row destination(lanes(), 1, 0);
    Row weights(lanes(), 1, 1);
    Row bias(lanes(), 1, 0);
    kernels().dense({source.view(), destination.view(), weights.data(), bias.data(), 1, activation}, 0, {0, 1});
    EXPECT_TRUE(std::isnan(destination.at(0))) << "activation " << static_cast<int>(activation);
  }
}

INSTANTIATE_TEST_SUITE_P(EveryInstructionSet, NativeNan, testing::ValuesIn(IsasOfThisCpu()));

}  // namespace
}  // namespace hrnet_native::native
