#pragma once

#include <cstddef>

#include "engine/native/kernels/kernels.h"
#include "engine/native/kernels/product.h"
#include "engine/native/kernels/vec.h"

namespace hrnet_native::native {

/// One pass of some pixels over some blocks of input channels.
struct DirectPass {
  const DirectArgs* conv;
  const Pixel* pixels;
  const float* source;  ///< Image and first block of the pass.
  const float* weights;
  float* destination;   ///< Image and first block of the group, as the following.
  const float* addend;  ///< What is added to the sums, or null.
  const float* bias;    ///< Likewise.
  bool relu;
  int blocks;             ///< Of input channels, in this pass.
  int last_channels;      ///< Channels of the pass's last block.
  const float* prefetch;  ///< Weights of the next pass are fetched meanwhile,
  int prefetch_lines;     ///< so many lines of 16 floats for each tap of a block.
};

/// kSourceLanes: channels side by side in the source. A source of single planes (the network's input) has 1.
template <class A, int kSourceLanes>
struct MultiplyPixels {
  using Args = DirectPass;
  // Not inlined: within its caller the compiler runs out of registers.
  template <int kRows, int kBlocks>
  [[gnu::noinline]] static void Run(const DirectPass& p);
};

template <class A, int kSourceLanes>
template <int kRows, int kBlocks>
void MultiplyPixels<A, kSourceLanes>::Run(const DirectPass& p) {
  using V = typename A::Vec;
  constexpr int kLanes = A::kLanes;
  const DirectArgs& conv = *p.conv;
  const std::size_t out_stride = conv.output.destination.block_stride;
  V sums[kRows][kBlocks];
  const float* pixels[kRows];
  HRN_UNROLL for (int r = 0; r < kRows; ++r) {
    pixels[r] = p.source + p.pixels[r].source;
    HRN_UNROLL for (int b = 0; b < kBlocks; ++b) sums[r][b] = V{};
  }
  const float* weights = p.weights;
  const float* prefetch = p.prefetch;
  const auto step = [&](std::size_t tap) __attribute__((always_inline)) {
    V weight[kBlocks];
    HRN_UNROLL for (int b = 0; b < kBlocks; ++b) {
      weight[b] = Load<A>(weights + b * kLanes);
      KeepInRegister(weight[b]);
    }
    HRN_UNROLL for (int r = 0; r < kRows; ++r) {
      const V value = Splat<A>(pixels[r][tap]);
      HRN_UNROLL for (int b = 0; b < kBlocks; ++b) sums[r][b] += value * weight[b];
    }
    weights += kBlocks * kLanes;
  };
  const int whole_blocks = p.last_channels == kSourceLanes ? p.blocks : p.blocks - 1;
  for (int block = 0; block < whole_blocks; ++block) {
    const std::size_t offset = static_cast<std::size_t>(block) * conv.source.block_stride;
    for (int t = 0; t < conv.num_taps; ++t) {
      for (int i = 0; i < p.prefetch_lines; ++i, prefetch += 16) __builtin_prefetch(prefetch);
      const std::size_t tap = offset + static_cast<std::size_t>(conv.taps[t]);
      ForEach<kSourceLanes>([&](auto c) __attribute__((always_inline)) { step(tap + c.value); });
    }
  }
  if (whole_blocks < p.blocks) {
    const std::size_t offset = static_cast<std::size_t>(whole_blocks) * conv.source.block_stride;
    for (int t = 0; t < conv.num_taps; ++t) {
      const std::size_t tap = offset + static_cast<std::size_t>(conv.taps[t]);
      for (int c = 0; c < p.last_channels; ++c) step(tap + static_cast<std::size_t>(c));
    }
  }
  // What is added comes last: a sum that grows from nothing rounds less.
  const V floor = Splat<A>(p.relu ? 0.0F : -__builtin_inff());
  HRN_UNROLL for (int r = 0; r < kRows; ++r) {
    HRN_UNROLL for (int b = 0; b < kBlocks; ++b) {
      const std::size_t at = static_cast<std::size_t>(b) * out_stride + p.pixels[r].destination;
      V sum = sums[r][b];
      if (p.bias != nullptr) sum += Load<A>(p.bias + b * kLanes);
      if (p.addend != nullptr) sum += Load<A>(p.addend + at);
      Store<A>(p.destination + at, Max<A>(sum, floor));
    }
  }
}

/// Pixels of one image.
template <class A, int kSourceLanes>
void RunDirect(const DirectArgs& args, int image, Range pixels, Range groups) {
  constexpr int kLanes = A::kLanes;
  const int in_blocks = (args.in_channels + kSourceLanes - 1) / kSourceLanes;
  const auto taps = static_cast<std::size_t>(args.num_taps);
  const float* source = args.source.origin + static_cast<std::size_t>(image) * args.source.image_stride;
  for (int g = groups.begin; g < groups.end; ++g) {
    const Group& group = args.groups[g];
    const std::size_t out = static_cast<std::size_t>(image) * args.output.destination.image_stride +
                            static_cast<std::size_t>(group.first_block) * args.output.destination.block_stride;
    const std::size_t block_weights = taps * static_cast<std::size_t>(kSourceLanes * group.num_blocks * kLanes);
    const EvenPieces pieces(pixels.end - pixels.begin, MaxRows<A>(group.num_blocks));
    DirectPass pass{};
    pass.conv = &args;
    pass.destination = args.output.destination.origin + out;
    const float* residual = args.output.residual != nullptr ? args.output.residual + out : nullptr;
    for (int begin = 0; begin < in_blocks; begin += args.blocks_per_pass) {
      const int left = in_blocks - begin;
      const bool last = left <= args.blocks_per_pass;
      // Partial sums lie in the destination. A residual may lie there too, and is then gone after the first of passes.
      pass.addend = begin == 0 ? residual : pass.destination;
      pass.bias = last ? args.output.bias + group.first_block * kLanes : nullptr;
      pass.relu = last && args.output.relu;
      pass.blocks = last ? left : args.blocks_per_pass;
      pass.last_channels = last ? args.in_channels - (in_blocks - 1) * kSourceLanes : kSourceLanes;
      pass.source = source + static_cast<std::size_t>(begin) * args.source.block_stride;
      pass.weights = args.weights + group.weights + static_cast<std::size_t>(begin) * block_weights;
      pass.prefetch = pass.weights + static_cast<std::size_t>(pass.blocks) * block_weights;
      const int fetches = pieces.count() * static_cast<int>(taps);  // for each block
      pass.prefetch_lines = (static_cast<int>(block_weights / 16) + fetches - 1) / fetches;
      for (int piece = 0; piece < pieces.count(); ++piece) {
        pass.pixels = args.pixels + pixels.begin + pieces.begin(piece);
        CallWith<MultiplyPixels<A, kSourceLanes>, A>(pieces.rows(piece), group.num_blocks, pass);
        pass.prefetch += static_cast<std::size_t>(pass.prefetch_lines * 16 * pass.blocks) * taps;
      }
    }
  }
}

template <class A>
void DirectKernel(const DirectArgs& args, Range pixels, Range groups) {
  const auto run = args.source_lanes == 1 ? RunDirect<A, 1> : RunDirect<A, A::kLanes>;
  while (pixels.begin < pixels.end) {
    const int image = pixels.begin / args.pixels_per_image;
    const int first = image * args.pixels_per_image;
    const int end = pixels.end < first + args.pixels_per_image ? pixels.end : first + args.pixels_per_image;
    run(args, image, {pixels.begin - first, end - first}, groups);
    pixels.begin = end;
  }
}

}  // namespace hrnet_native::native
