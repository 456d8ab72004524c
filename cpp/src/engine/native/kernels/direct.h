#pragma once

#include <cstddef>

#include "engine/native/kernels/kernels.h"
#include "engine/native/kernels/product.h"
#include "engine/native/kernels/vec.h"

namespace hrnet_native::native {

/// One pass of some pixels of a row over some blocks of input channels.
struct DirectPass {
  const DirectArgs* conv;
  const float* source;      ///< First pixel, in the first block of the pass.
  std::ptrdiff_t distance;  ///< Floats from a pixel of the source to the next.
  const float* weights;
  float* destination;   ///< First pixel, in the first block of the group, as the following.
  const float* addend;  ///< What is added to the sums, or null.
  const float* bias;    ///< Likewise.
  bool relu;
  int blocks;             ///< Of input channels, in this pass.
  int last_channels;      ///< Channels of the pass's last block.
  const float* prefetch;  ///< Weights of the next pass are fetched meanwhile,
  int prefetch_lines;     ///< so many lines for each tap of a block.
};

/// kSourceLanes: channels side by side in the source. A source of single planes (the network's input) has 1.
/// kDistance: the pass's, if it has more than one pixel. One pointer is then enough for all of them, nothing spills,
/// and 1x1 convolutions are 10 % faster. 0: the pass says it.
template <class A, int kSourceLanes, int kDistance>
struct MultiplyPixels {
  using Args = DirectPass;
  // Not inlined: within its caller the compiler runs out of registers.
  template <int kRows, int kBlocks>
  [[gnu::noinline]] static void Run(const DirectPass& p);
};

template <class A, int kSourceLanes, int kDistance>
template <int kRows, int kBlocks>
void MultiplyPixels<A, kSourceLanes, kDistance>::Run(const DirectPass& p) {
  using V = typename A::Vec;
  constexpr int kLanes = A::kLanes;
  const DirectArgs& conv = *p.conv;
  const std::size_t out_stride = conv.output.destination.block_stride;
  const std::ptrdiff_t distance = kDistance > 0 ? kDistance : p.distance;
  V sums[kRows][kBlocks];
  HRN_UNROLL for (int r = 0; r < kRows; ++r) HRN_UNROLL for (int b = 0; b < kBlocks; ++b) sums[r][b] = V{};
  const float* weights = p.weights;
  const float* prefetch = p.prefetch;
  const auto step = [&](const float* pixels) __attribute__((always_inline)) {
    V weight[kBlocks];
    HRN_UNROLL for (int b = 0; b < kBlocks; ++b) { weight[b] = Load<A>(weights + b * kLanes); }
    HRN_UNROLL for (int r = 0; r < kRows; ++r) {
      const V value = Splat<A>(pixels[r * distance]);
      HRN_UNROLL for (int b = 0; b < kBlocks; ++b) sums[r][b] += value * weight[b];
    }
    weights += kBlocks * kLanes;
  };
  const int whole_blocks = p.last_channels == kSourceLanes ? p.blocks : p.blocks - 1;
  for (int block = 0; block < whole_blocks; ++block) {
    const float* source = p.source + static_cast<std::size_t>(block) * conv.source.block_stride;
    for (int t = 0; t < conv.num_taps; ++t) {
      for (int i = 0; i < p.prefetch_lines; ++i, prefetch += kLineFloats) PrefetchFar<A>(prefetch);
      const float* tap = source + conv.taps[t];
      HRN_NO_UNROLL for (int c = 0; c < kSourceLanes; c += kStepsAtOnce) {
        HRN_UNROLL for (int s = 0; s < kStepsAtOnce && s < kSourceLanes; ++s) step(tap + c + s);
      }
    }
  }
  if (whole_blocks < p.blocks) {
    const float* source = p.source + static_cast<std::size_t>(whole_blocks) * conv.source.block_stride;
    for (int t = 0; t < conv.num_taps; ++t) {
      HRN_NO_UNROLL for (int c = 0; c < p.last_channels; ++c) step(source + conv.taps[t] + c);
    }
  }
  // What is added comes last: a sum that grows from nothing rounds less.
  const V floor = Splat<A>(p.relu ? 0.0F : -__builtin_inff());
  HRN_UNROLL for (int r = 0; r < kRows; ++r) {
    HRN_UNROLL for (int b = 0; b < kBlocks; ++b) {
      const std::size_t at = static_cast<std::size_t>(b) * out_stride + r * kLanes;
      V sum = sums[r][b];
      if (p.bias != nullptr) sum += Load<A>(p.bias + b * kLanes);
      if (p.addend != nullptr) sum += Load<A>(p.addend + at);
      Store<A>(p.destination + at, AtLeast<A>(floor, sum));
    }
  }
}

/// Calls `body(row, column, count)` for pieces of at most `most` pixels, of which none goes over a row's end.
template <class Body>
inline void ForPieces(Range pixels, int width, int most, const Body& body) {
  for (int begin = pixels.begin; begin < pixels.end;) {
    const int row = begin / width;
    const int end = pixels.end < (row + 1) * width ? pixels.end : (row + 1) * width;
    const RowPieces pieces(end - begin, most);
    for (int piece = 0; piece < pieces.count(); ++piece) {
      body(row, begin - row * width + pieces.begin(piece), pieces.rows(piece));
    }
    begin = end;
  }
}

/// Pixels of one image.
template <class A, int kSourceLanes, int kDistance>
void RunDirect(const DirectArgs& args, int image, Range pixels, Range groups) {
  constexpr int kLanes = A::kLanes;
  const MapView& to = args.output.destination;
  const int in_blocks = (args.in_channels + kSourceLanes - 1) / kSourceLanes;
  const auto taps = static_cast<std::size_t>(args.num_taps);
  const float* source = args.source.As<const float>() + static_cast<std::size_t>(image) * args.source.image_stride;
  const std::size_t row_stride = static_cast<std::size_t>(args.stride[0]) * args.source.row_stride;
  DirectPass pass{};
  pass.conv = &args;
  pass.distance = args.stride[1] * kSourceLanes;
  for (int g = groups.begin; g < groups.end; ++g) {
    const Group& group = args.groups[g];
    const std::size_t out = static_cast<std::size_t>(image) * to.image_stride +
                            static_cast<std::size_t>(group.first_block) * to.block_stride;
    const std::size_t block_weights = taps * static_cast<std::size_t>(kSourceLanes * group.num_blocks * kLanes);
    const bool known = kDistance == 0 || kDistance == pass.distance;
    const int most = known ? MaxRows<A>(group.num_blocks) : 1;  // one pixel has no distance to the next
    int fetches = 0;                                            // for each block
    ForPieces(pixels, args.width, most, [&](int, int, int) { fetches += args.num_taps; });
    pass.prefetch_lines = (static_cast<int>(block_weights / kLineFloats) + fetches - 1) / fetches;
    for (int begin = 0; begin < in_blocks; begin += args.blocks_per_pass) {
      const int left = in_blocks - begin;
      const bool last = left <= args.blocks_per_pass;
      // Partial sums lie in the destination. A residual may lie there too, and is then gone after the first of passes.
      const auto* addend = static_cast<const float*>(begin > 0 ? to.origin : args.output.residual);
      pass.bias = last ? static_cast<const float*>(args.output.bias) + group.first_block * kLanes : nullptr;
      pass.relu = last && args.output.relu;
      pass.blocks = last ? left : args.blocks_per_pass;
      pass.last_channels = last ? args.in_channels - (in_blocks - 1) * kSourceLanes : kSourceLanes;
      pass.weights =
          static_cast<const float*>(args.weights) + group.weights + static_cast<std::size_t>(begin) * block_weights;
      pass.prefetch = pass.weights + static_cast<std::size_t>(pass.blocks) * block_weights;
      const float* block_source = source + static_cast<std::size_t>(begin) * args.source.block_stride;
      ForPieces(pixels, args.width, most, [&](int row, int column, int count) {
        const auto y = static_cast<std::size_t>(row);
        const std::size_t at = out + y * to.row_stride + static_cast<std::size_t>(column * kLanes);
        pass.source = block_source + y * row_stride + column * pass.distance;
        pass.destination = to.As<float>() + at;
        pass.addend = addend == nullptr ? nullptr : addend + at;
        CallWith<MultiplyPixels<A, kSourceLanes, kDistance>, A>(count, group.num_blocks, pass);
        pass.prefetch += static_cast<std::size_t>(pass.prefetch_lines * pass.blocks) * taps * kLineFloats;
      });
    }
  }
}

/// The kernel for a layer's source and stride.
template <class A>
auto DirectFor(const DirectArgs& args) {
  constexpr int kLanes = A::kLanes;
  if (args.source_lanes == 1) return RunDirect<A, 1, 0>;
  if (args.stride[1] == 2) return RunDirect<A, kLanes, 2 * kLanes>;
  return RunDirect<A, kLanes, kLanes>;  // and other strides, which are rare, pixel by pixel
}

template <class A>
void DirectKernel(const DirectArgs& args, Range pixels, Range groups) {
  const auto run = DirectFor<A>(args);
  const int image_pixels = args.width * args.height;
  while (pixels.begin < pixels.end) {
    const int image = pixels.begin / image_pixels;
    const int first = image * image_pixels;
    const int end = pixels.end < first + image_pixels ? pixels.end : first + image_pixels;
    run(args, image, {pixels.begin - first, end - first}, groups);
    pixels.begin = end;
  }
}

}  // namespace hrnet_native::native
