#pragma once

#include <cstddef>

#include "engine/native/cache_line.h"
#include "engine/native/kernels/kernels.h"
#include "engine/native/kernels/vec.h"
#include "engine/native/kernels/winograd_forms.h"

namespace hrnet_native::native {

/// Calls `body(lane, weights)` for the outputs of a block: an output's weights for some channels, [channel][tap]. Those
/// of as many channels that follow are fetched meanwhile: no processor sees by itself where so many outputs go on.
template <class A, class Body>
inline void ForEachOutput(const PackArgs& args, int block, int channel, int channels, const Body& body) {
  const auto size = static_cast<std::size_t>(channels) * static_cast<std::size_t>(args.taps);
  const int first = block * A::kLanes;
  for (int lane = 0; lane < A::kLanes && first + lane < args.outputs; ++lane) {
    const std::size_t index = static_cast<std::size_t>(first + lane) * static_cast<std::size_t>(args.channels) +
                              static_cast<std::size_t>(channel);
    const float* weights = static_cast<const float*>(args.weights) + index * static_cast<std::size_t>(args.taps);
    for (std::size_t line = 0; line < size; line += kLineFloats) __builtin_prefetch(weights + size + line);
    body(lane, weights);
  }
}

/// G g G^T of one channel for the lanes of a block, in double: the transform of the weights then adds one rounding and
/// no more. `store(position, lane, value)`.
template <class A, class Form, class Store>
inline void TransformTaps(const float (&taps)[9][A::kLanes], const Store& store) {
  constexpr int kLanes = A::kLanes;
  constexpr int kSide = kNumWeightRows<Form>;
  double columns[kSide][3][kLanes];
  for (int i = 0; i < kSide; ++i) {
    const double* g = Form::kWeights[i];
    for (int x = 0; x < 3; ++x) {
      for (int lane = 0; lane < kLanes; ++lane) {
        columns[i][x][lane] = g[0] * taps[x][lane] + g[1] * taps[3 + x][lane] + g[2] * taps[6 + x][lane];
      }
    }
  }
  for (int i = 0; i < kSide; ++i) {
    for (int j = 0; j < kSide; ++j) {
      const double* g = Form::kWeights[j];
      for (int lane = 0; lane < kLanes; ++lane) {
        store(i * kSide + j, lane,
              static_cast<float>(g[0] * columns[i][0][lane] + g[1] * columns[i][1][lane] + g[2] * columns[i][2][lane]));
      }
    }
  }
}

/// A few channels at a time: each position's weights are then written in whole cache lines. Written one vector at a
/// time they would lie a multiple of a page apart, which is one set of the first-level cache.
template <class A, class Form>
void PackWinograd(const PackArgs& args) {
  constexpr int kLanes = A::kLanes;
  constexpr int kPositions = kNumWeightRows<Form> * kNumWeightRows<Form>;
  constexpr int kMostChannels = 4;
  const int blocks = args.blocks;
  const auto position_stride = static_cast<std::size_t>(args.channels * blocks * kLanes);
  float staged[kPositions][kMostChannels * kMaxGroup * kLanes];
  for (int begin = 0; begin < args.channels; begin += kMostChannels) {
    const int left = args.channels - begin;
    const int channels = left < kMostChannels ? left : kMostChannels;
    for (int b = 0; b < blocks; ++b) {
      float taps[kMostChannels][9][kLanes] = {};
      ForEachOutput<A>(args, b, begin, channels, [&](int lane, const float* weights) {
        for (int i = 0; i < channels * 9; ++i) taps[i / 9][i % 9][lane] = weights[i];
      });
      for (int c = 0; c < channels; ++c) {
        const int place = (c * blocks + b) * kLanes;
        TransformTaps<A, Form>(taps[c], [&](int p, int lane, float value) { staged[p][place + lane] = value; });
      }
    }
    float* packed = static_cast<float*>(args.packed) + static_cast<std::size_t>(begin * blocks * kLanes);
    for (int p = 0; p < kPositions; ++p, packed += position_stride) {
      __builtin_memcpy(packed, staged[p], static_cast<std::size_t>(channels * blocks * kLanes) * sizeof(float));
    }
  }
}

template <class A>
void PackWinogradKernel(WinogradForm form, const PackArgs& args) {
  WithForm(form, [&](auto f) { PackWinograd<A, decltype(f)>(args); });
}

/// An input block's weights lie together, [tap][channel][block of the group][lane]: they stay in the first-level cache
/// while output after output is written into them.
template <class A>
void PackDirectKernel(const PackArgs& args) {
  const int step = args.blocks * A::kLanes;
  auto* packed = static_cast<float*>(args.packed);
  for (int begin = 0; begin < args.channels; begin += args.source_lanes) {
    const int left = args.channels - begin;
    const int channels = left < args.source_lanes ? left : args.source_lanes;
    for (int b = 0; b < args.blocks; ++b) {
      ForEachOutput<A>(args, b, begin, channels, [&](int lane, const float* weights) {
        for (int c = 0; c < channels; ++c) {
          float* out = packed + c * step + b * A::kLanes + lane;
          for (int t = 0; t < args.taps; ++t, out += channels * step) *out = weights[c * args.taps + t];
        }
      });
    }
    packed += static_cast<std::size_t>(channels * args.taps) * static_cast<std::size_t>(step);
  }
}

}  // namespace hrnet_native::native
