#pragma once

#include <cstddef>
#include <utility>

#include "engine/native/kernels/kernels.h"
#include "engine/native/kernels/product.h"
#include "engine/native/kernels/vec.h"
#include "engine/native/kernels/winograd_forms.h"
#include "engine/native/kernels/winograd_scratch.h"

namespace hrnet_native::native {

/// Transforms one tile of one block: the columns first, then the rows. Only a pair of rows is held between the two
/// passes; the whole tile would spill. `Transform` is a form's B^T or A^T, `load(i, j)` reads an element, `store(i, j,
/// v)` writes one.
template <class A, class Transform, class Load, class Store>
inline __attribute__((always_inline)) void TransformTile(const Load& load, const Store& store) {
  using V = typename A::Vec;
  constexpr int kIn = Transform::kIn;
  constexpr int kPairs = sizeof(Transform::kRows) / sizeof(RowPair);
  const auto pass_rows = [&](const V* row, int i) __attribute__((always_inline)) {
    ForEach<Transform::kOut>([&](auto j) __attribute__((always_inline)) {
      store(i, static_cast<int>(j), Transform::template Row<j.value>(row));
    });
  };
  ForEach<kPairs>([&](auto pair) __attribute__((always_inline)) {
    constexpr RowPair kRows = Transform::kRows[pair.value];
    V first[kIn];
    V second[kIn];
    HRN_UNROLL for (int j = 0; j < kIn; ++j) {
      V column[kIn];
      HRN_UNROLL for (int i = 0; i < kIn; ++i) column[i] = load(i, j);
      first[j] = Transform::template Row<kRows.first>(column);
      if constexpr (kRows.second >= 0) second[j] = Transform::template Row<kRows.second>(column);
    }
    pass_rows(first, kRows.first);
    if constexpr (kRows.second >= 0) pass_rows(second, kRows.second);
  });
}

/// base to the power of a small `exponent`. Of A, as all here: the linker must not mix instruction sets.
template <class A>
constexpr float Power(double base, int exponent) {
  double power = 1;
  for (int i = 0; i < exponent; ++i) power *= base;
  return static_cast<float>(power);
}

/// A form's two transforms under the names that TransformTile uses.
template <class Form>
struct InputTransform {
  static constexpr int kIn = Form::kInput;
  static constexpr int kOut = Form::kPositions;
  static constexpr auto& kRows = Form::kInputRows;
  template <int kRow, class V>
  static V Row(const V* d) {
    return Form::template Input<kRow>(d);
  }
};

template <class Form>
struct WeightTransform {
  static constexpr int kIn = 3;
  static constexpr int kOut = Form::kPositions;
  static constexpr auto& kRows = Form::kInputRows;
  template <int kRow, class V>
  static V Row(const V* g) {
    V sum;
    bool empty = true;
    ForEach<3>([&](auto n) __attribute__((always_inline)) {
      constexpr int kTap = n.value * 2 % 3;  // the outer taps first: rows of opposite points share their sum
      constexpr auto kWeight = static_cast<float>(Form::kWeights[kRow][kTap]);
      if constexpr (kWeight != 0) {
        sum = empty ? kWeight * g[kTap] : sum + kWeight * g[kTap];
        empty = false;
      }
    });
    return sum;
  }
};

template <class Form>
struct OutputTransform {
  static constexpr int kIn = Form::kPositions;
  static constexpr int kOut = Form::kOutput;
  static constexpr auto& kRows = Form::kOutputRows;
  template <int kRow, class V>
  static V Row(const V* m) {
    return Form::template Output<kRow>(m);
  }
};

/// Tiles and groups of one call, and its scratch memory.
struct WinogradBlock {
  Range tiles;
  Range groups;
  float* inputs;  ///< [position][block][tile][lane]
  std::size_t inputs_stride;
  float* sums;  ///< [position][block of the groups][tile][lane]
  std::size_t sums_stride;
  float* weights;  ///< [position][channel of the pass][block of the group][lane], if they come untransformed.
};

template <class A, class Form>
void TransformInputs(const WinogradArgs& args, const WinogradBlock& block) {
  using V = typename A::Vec;
  constexpr int kLanes = A::kLanes;
  constexpr int kSide = Form::kPositions;
  const int count = block.tiles.end - block.tiles.begin;
  const int in_blocks = (args.in_channels + kLanes - 1) / kLanes;
  for (int t = 0; t < count; ++t) {
    const int number = block.tiles.begin + t;
    const float* tile = args.source.origin + args.tiles[number % args.tiles_per_image].source +
                        static_cast<std::size_t>(number / args.tiles_per_image) * args.source.image_stride;
    float* out = block.inputs + static_cast<std::size_t>(t * kLanes);
    for (int b = 0; b < in_blocks; ++b) {
      TransformTile<A, InputTransform<Form>>(
          [&](int i, int j) __attribute__((always_inline)) {
            return Load<A>(tile + static_cast<std::size_t>(i) * args.source.row_stride + j * kLanes);
          },
          [&](int i, int j, V v) __attribute__((always_inline)) {
            Store<A>(out + static_cast<std::size_t>(i * kSide + j) * block.inputs_stride, v);
          });
      tile += args.source.block_stride;
      out += static_cast<std::size_t>(count * kLanes);
    }
  }
}

/// Transforms the weights of a group for the input blocks of one pass.
template <class A, class Form>
void TransformWeights(const WinogradArgs& args, const Group& group, Range in_blocks, float* out, std::size_t stride) {
  constexpr int kLanes = A::kLanes;
  constexpr int kSide = Form::kPositions;
  const int step = group.num_blocks * kLanes;
  for (int in = in_blocks.begin; in < in_blocks.end; ++in) {
    const int left = args.in_channels - in * kLanes;
    const int channels = left < kLanes ? left : kLanes;
    const float* taps = args.weights + group.weights + static_cast<std::size_t>(in * kLanes * 9 * step);
    for (int row = 0; row < channels * step; row += kLanes, out += kLanes) {
      TransformTile<A, WeightTransform<Form>>(
          [&](int i, int j) __attribute__((always_inline)) {
            return Load<A>(taps + row + static_cast<std::size_t>((i * 3 + j) * channels * step));
          },
          [&](int i, int j, typename A::Vec v)
              __attribute__((always_inline)) { Store<A>(out + static_cast<std::size_t>(i * kSide + j) * stride, v); });
    }
  }
}

/// Weights of one group and pass as MultiplyPass reads them.
struct WinogradWeights {
  const float* floats;
  std::size_t stride;           ///< Between positions.
  const float* prefetch;        ///< What is fetched from memory meanwhile:
  std::size_t prefetch_stride;  ///< so much for each position.
};

/// Adds to a group's sums the products with the input blocks of one pass.
template <class A, class Form>
void MultiplyPass(const WinogradArgs& args, const WinogradBlock& block, const Group& group, Range in_blocks,
                  const WinogradWeights& weights) {
  constexpr int kLanes = A::kLanes;
  constexpr int kPositions = Form::kPositions * Form::kPositions;
  const int count = block.tiles.end - block.tiles.begin;
  const auto tile_floats = static_cast<std::size_t>(count * kLanes);
  const int first_block = args.groups[block.groups.begin].first_block;
  const EvenPieces pieces(count, MaxRows<A>(group.num_blocks));
  const EvenPieces parts(in_blocks.end - in_blocks.begin, args.blocks_per_sum);
  const int last = in_blocks.end * kLanes < args.in_channels ? in_blocks.end * kLanes : args.in_channels;
  const int channels = last - in_blocks.begin * kLanes;
  const int lines = static_cast<int>(weights.prefetch_stride / 16);
  const int fetches = pieces.count() * (channels / kLanes);
  Product product{};
  product.block_stride = tile_floats;
  product.sums_stride = tile_floats;
  product.prefetch_lines = fetches > 0 ? (lines + fetches - 1) / fetches : 0;
  for (int p = 0; p < kPositions; ++p) {
    const auto position = static_cast<std::size_t>(p);
    const float* inputs =
        block.inputs + position * block.inputs_stride + static_cast<std::size_t>(in_blocks.begin) * tile_floats;
    float* sums = block.sums + position * block.sums_stride +
                  static_cast<std::size_t>(group.first_block - first_block) * tile_floats;
    product.prefetch = weights.prefetch + position * weights.prefetch_stride;
    for (int piece = 0; piece < pieces.count(); ++piece) {
      const int begin = pieces.begin(piece);
      product.rows = inputs + begin * kLanes;
      product.weights = weights.floats + position * weights.stride;
      product.sums = sums + begin * kLanes;
      for (int part = 0; part < parts.count(); ++part) {
        const int first = parts.begin(part) * kLanes;
        const int end = first + parts.rows(part) * kLanes;
        product.channels = (end < channels ? end : channels) - first;
        product.accumulate = in_blocks.begin > 0 || part > 0;
        CallWith<Multiply<A>, A>(pieces.rows(piece), group.num_blocks, product);
        product.rows += static_cast<std::size_t>(parts.rows(part)) * tile_floats;
        product.weights += product.channels * group.num_blocks * kLanes;
        product.prefetch += product.prefetch_lines * 16 * (product.channels / kLanes);
      }
    }
  }
}

template <class A, class Form>
void MultiplyPositions(const WinogradArgs& args, const WinogradBlock& block) {
  constexpr int kLanes = A::kLanes;
  constexpr int kPositions = Form::kPositions * Form::kPositions;
  const int in_blocks = (args.in_channels + kLanes - 1) / kLanes;
  for (int g = block.groups.begin; g < block.groups.end; ++g) {
    const Group& group = args.groups[g];
    const float* floats = args.weights + group.weights;
    if (args.transformed) {
      const auto stride = static_cast<std::size_t>(args.in_channels * group.num_blocks * kLanes);
      MultiplyPass<A, Form>(args, block, group, {0, in_blocks}, {floats, stride, floats + stride, stride});
      continue;
    }
    const int pass = BlocksPerPass(kPositions, kLanes);
    const std::size_t stride = PositionStride(group.num_blocks, pass * kLanes, kLanes);
    const auto pass_floats = static_cast<std::size_t>(pass * kLanes * 9 * group.num_blocks * kLanes);
    for (int begin = 0; begin < in_blocks; begin += pass) {
      const Range blocks{begin, begin + pass < in_blocks ? begin + pass : in_blocks};
      TransformWeights<A, Form>(args, group, blocks, block.weights, stride);
      floats += pass_floats;
      MultiplyPass<A, Form>(args, block, group, blocks,
                            {block.weights, stride, floats, (pass_floats / kPositions + 15) / 16 * 16});
    }
  }
}

template <class A, class Form, bool kResidual, bool kWhole>
inline void TransformOutput(const WinogradArgs& args, const float* sums, std::size_t sums_stride, typename A::Vec bias,
                            std::size_t offset, const WinogradTile& tile) {
  using V = typename A::Vec;
  constexpr int kSide = Form::kPositions;
  const ConvOutput& output = args.output;
  const V floor = Splat<A>(output.relu ? 0.0F : -__builtin_inff());
  TransformTile<A, OutputTransform<Form>>(
      [&](int i, int j) __attribute__((always_inline)) {
        return Load<A>(sums + static_cast<std::size_t>(i * kSide + j) * sums_stride);
      },
      [&](int i, int j, V v) __attribute__((always_inline)) {
        if (!kWhole && (i >= tile.height || j >= tile.width)) return;
        const std::size_t at = offset + static_cast<std::size_t>(i) * output.destination.row_stride +
                               static_cast<std::size_t>(j * A::kLanes);
        if constexpr (Form::kOutputRatio == 1) {
          v += bias;
        } else {
          v = v * Splat<A>(Power<A>(Form::kOutputRatio, i + j)) + bias;
        }
        if constexpr (kResidual) v += Load<A>(output.residual + at);
        Store<A>(output.destination.origin + at, Max<A>(v, floor));
      });
}

template <class A, class Form>
void TransformOutputs(const WinogradArgs& args, const WinogradBlock& block) {
  constexpr int kLanes = A::kLanes;
  const int count = block.tiles.end - block.tiles.begin;
  const Group& last = args.groups[block.groups.end - 1];
  const int first_block = args.groups[block.groups.begin].first_block;
  const float* sums = block.sums;
  for (int b = first_block; b < last.first_block + last.num_blocks; ++b) {
    const auto bias = Load<A>(args.output.bias + b * kLanes);
    for (int t = 0; t < count; ++t, sums += kLanes) {
      const int number = block.tiles.begin + t;
      const WinogradTile& tile = args.tiles[number % args.tiles_per_image];
      const std::size_t offset =
          static_cast<std::size_t>(tile.destination) +
          static_cast<std::size_t>(number / args.tiles_per_image) * args.output.destination.image_stride +
          static_cast<std::size_t>(b) * args.output.destination.block_stride;
      const bool whole = tile.height == Form::kOutput && tile.width == Form::kOutput;
      const auto transform =
          args.output.residual != nullptr
              ? (whole ? TransformOutput<A, Form, true, true> : TransformOutput<A, Form, true, false>)
              : (whole ? TransformOutput<A, Form, false, true> : TransformOutput<A, Form, false, false>);
      transform(args, sums, block.sums_stride, bias, offset, tile);
    }
  }
}

template <class A, class Form>
void RunWinograd(const WinogradArgs& args, Range tiles, Range groups, float* scratch) {
  constexpr int kLanes = A::kLanes;
  const int count = tiles.end - tiles.begin;
  const int in_blocks = (args.in_channels + kLanes - 1) / kLanes;
  const Group& last = args.groups[groups.end - 1];
  WinogradBlock block{};
  block.tiles = tiles;
  block.groups = groups;
  block.inputs = scratch;
  block.inputs_stride = PositionStride(in_blocks, count, kLanes);
  block.sums = scratch + block.inputs_stride * static_cast<std::size_t>(Form::kPositions * Form::kPositions);
  block.sums_stride =
      PositionStride(last.first_block + last.num_blocks - args.groups[groups.begin].first_block, count, kLanes);
  block.weights = block.sums + block.sums_stride * static_cast<std::size_t>(Form::kPositions * Form::kPositions);
  TransformInputs<A, Form>(args, block);
  MultiplyPositions<A, Form>(args, block);
  TransformOutputs<A, Form>(args, block);
}

template <class A>
void WinogradKernel(WinogradForm form, const WinogradArgs& args, Range tiles, Range groups, float* scratch) {
  WithForm(form, [&](auto f) { RunWinograd<A, decltype(f)>(args, tiles, groups, scratch); });
}

}  // namespace hrnet_native::native
