#pragma once

#include <cstddef>

#include "engine/native/kernels/kernels.h"
#include "engine/native/kernels/vec.h"
#include "engine/native/kernels/winograd_forms.h"

namespace hrnet_native::native {

/// The taps of channel `channel` for the lanes of one block of outputs, as doubles; zeros beyond the last output.
template <class A>
inline void ReadTaps(const PackArgs& args, int block, int channel, double (*taps)[A::kLanes]) {
  for (int lane = 0; lane < A::kLanes; ++lane) {
    const int output = block * A::kLanes + lane;
    for (int t = 0; t < args.taps; ++t) taps[t][lane] = 0;
    if (output >= args.outputs) continue;
    const std::size_t first = (static_cast<std::size_t>(output) * static_cast<std::size_t>(args.channels) +
                               static_cast<std::size_t>(channel)) *
                              static_cast<std::size_t>(args.taps);
    for (int t = 0; t < args.taps; ++t) {
      float value = 0;
      __builtin_memcpy(&value, args.weights + (first + static_cast<std::size_t>(t)) * sizeof value, sizeof value);
      taps[t][lane] = value;
    }
  }
}

/// G g G^T, in double: the transform of the weights then adds one rounding and no more.
template <class A, class Form>
void PackWinograd(const PackArgs& args) {
  constexpr int kLanes = A::kLanes;
  constexpr int kSide = kNumWeightRows<Form>;
  const int blocks = args.group.num_blocks;
  const auto position_stride = static_cast<std::size_t>(args.channels * blocks * kLanes);
  for (int b = 0; b < blocks; ++b) {
    for (int c = 0; c < args.channels; ++c) {
      double taps[9][kLanes];
      ReadTaps<A>(args, args.group.first_block + b, c, taps);
      double columns[kSide][3][kLanes];
      for (int i = 0; i < kSide; ++i) {
        const double* g = Form::kWeights[i];
        for (int x = 0; x < 3; ++x) {
          for (int lane = 0; lane < kLanes; ++lane) {
            columns[i][x][lane] = g[0] * taps[x][lane] + g[1] * taps[3 + x][lane] + g[2] * taps[6 + x][lane];
          }
        }
      }
      float* packed = args.packed + static_cast<std::size_t>((c * blocks + b) * kLanes);
      for (int i = 0; i < kSide; ++i) {
        for (int j = 0; j < kSide; ++j, packed += position_stride) {
          const double* g = Form::kWeights[j];
          for (int lane = 0; lane < kLanes; ++lane) {
            packed[lane] = static_cast<float>(g[0] * columns[i][0][lane] + g[1] * columns[i][1][lane] +
                                              g[2] * columns[i][2][lane]);
          }
        }
      }
    }
  }
}

template <class A>
void PackWinogradKernel(WinogradForm form, const PackArgs& args) {
  WithForm(form, [&](auto f) { PackWinograd<A, decltype(f)>(args); });
}

template <class A>
void PackDirectKernel(const PackArgs& args) {
  constexpr int kLanes = A::kLanes;
  const int blocks = args.group.num_blocks;
  for (int c = 0; c < args.channels; ++c) {
    const int in_block = c / args.source_lanes;
    const int left = args.channels - in_block * args.source_lanes;
    const int block_channels = left < args.source_lanes ? left : args.source_lanes;
    for (int b = 0; b < blocks; ++b) {
      for (int t = 0; t < args.taps; ++t) {
        // Whole input blocks before, taps before within the block, channels before within the tap.
        const int row = in_block * args.source_lanes * args.taps + t * block_channels + c % args.source_lanes;
        float* packed = args.packed + static_cast<std::size_t>(row * blocks + b) * kLanes;
        for (int lane = 0; lane < kLanes; ++lane) {
          const int output = (args.group.first_block + b) * kLanes + lane;
          if (output >= args.outputs) continue;
          const std::size_t index = (static_cast<std::size_t>(output) * static_cast<std::size_t>(args.channels) +
                                     static_cast<std::size_t>(c)) *
                                        static_cast<std::size_t>(args.taps) +
                                    static_cast<std::size_t>(t);
          __builtin_memcpy(packed + lane, args.weights + index * sizeof(float), sizeof(float));
        }
      }
    }
  }
}

}  // namespace hrnet_native::native
