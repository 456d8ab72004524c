#pragma once

#include <cmath>
#include <cstddef>

#include "engine/native/kernels/kernels.h"
#include "engine/native/kernels/vec.h"

namespace hrnet_native::native {

/// A fully connected layer streams its weights once: memory sets its speed, and eight sums hide the latency of adding.
/// They also halve three times the length of a sum, and with it its rounding error.
template <class A>
void DenseKernel(const DenseArgs& args, int image, Range blocks) {
  using V = typename A::Vec;
  constexpr int kLanes = A::kLanes;
  constexpr int kSums = 8;
  const float* in = args.source.As<const float>() + static_cast<std::size_t>(image) * args.source.image_stride;
  float* out = args.destination.As<float>() + static_cast<std::size_t>(image) * args.destination.image_stride;
  for (int b = blocks.begin; b < blocks.end; ++b) {
    const float* weights = static_cast<const float*>(args.weights) +
                           static_cast<std::size_t>(b) * static_cast<std::size_t>(args.inputs) * kLanes;
    // Vectors are maps of one pixel: the next block of channels is a whole (bordered) plane away.
    const auto input = [&](int i) __attribute__((always_inline)) {
      return in[static_cast<std::size_t>(i / kLanes) * args.source.block_stride + static_cast<std::size_t>(i % kLanes)];
    };
    V sums[kSums] = {};
    int i = 0;
    for (; i + kSums <= args.inputs; i += kSums) {
      HRN_UNROLL for (int s = 0; s < kSums; ++s) { sums[s] += Splat<A>(input(i + s)) * Load<A>(weights + s * kLanes); }
      weights += kSums * kLanes;
    }
    for (; i < args.inputs; ++i, weights += kLanes) sums[0] += Splat<A>(input(i)) * Load<A>(weights);
    V sum = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
    sum += Load<A>(static_cast<const float*>(args.bias) + b * kLanes);
    if (args.activation == Activation::kRelu) sum = AtLeast<A>(V{}, sum);
    if (args.activation == Activation::kSigmoid) {
      for (int lane = 0; lane < kLanes; ++lane) sum[lane] = 1.0F / (1.0F + std::exp(-sum[lane]));
    }
    Store<A>(out + static_cast<std::size_t>(b) * args.destination.block_stride, sum);
  }
}

}  // namespace hrnet_native::native
