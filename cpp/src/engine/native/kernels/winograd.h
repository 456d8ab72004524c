#pragma once

#include <cstddef>
#include <type_traits>
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

/// What is left to multiply the output (i, j) by, where `sum` is i + j. Of A, as all here: the linker must not mix
/// instruction sets.
template <class A, class Form>
constexpr float OutputFactor(int sum) {
  double factor = Form::kOutputScale * Form::kOutputScale;
  for (; sum > 0; --sum) factor *= Form::kOutputRatio;
  return static_cast<float>(factor);
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
  static constexpr int kOut = kNumWeightRows<Form>;
  static constexpr auto& kRows = Form::kWeightRows;
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

/// True if only the last row (column) of a tile's outputs uses this row (column) of positions.
template <class A, class Form>
constexpr bool LastOnly(int position) {
  return (Form::kLastOnly >> position & 1U) != 0;
}

/// The row of G that a row of positions is multiplied by.
template <class A, class Form>
constexpr int WeightRow(int position) {
  return position < kNumWeightRows<Form> ? position : kNumWeightRows<Form> - 1;
}

/// The tiles of one call, those that need the same positions side by side: a tile is short where it has not all of its
/// form's output rows, or columns, and then needs no position that is there for the last one alone. In this order the
/// tiles that need a position are neighbours, whichever it is.
template <class A>
struct SortedTiles {
  static constexpr int kKinds = 4;  ///< Short in rows, whole, short in columns, short in both.
  const PlacedTile* tiles;
  int begins[kKinds + 1];  ///< Of each kind, and the end.

  static int KindOf(bool short_rows, bool short_columns) {
    return short_columns ? (short_rows ? 3 : 2) : (short_rows ? 0 : 1);
  }

  int count() const { return begins[kKinds]; }

  /// Those that need a position, which may be one that only a last row, or a last column, of outputs needs.
  Range Needing(bool last_row, bool last_column) const {
    return {begins[last_row ? 1 : 0], begins[last_column ? 2 : last_row ? 3 : 4]};
  }

  /// The tile after one of a kind, or the last one again.
  const PlacedTile& Next(int tile, Range kind) const { return tiles[tile + 1 < kind.end ? tile + 1 : tile]; }

  /// Calls `body(short_rows, short_columns, tiles)` for each kind, the first two std::bool_constants.
  template <class Body>
  void ForEachKind(const Body& body) const {
    body(std::true_type{}, std::false_type{}, Range{begins[0], begins[1]});
    body(std::false_type{}, std::false_type{}, Range{begins[1], begins[2]});
    body(std::false_type{}, std::true_type{}, Range{begins[2], begins[3]});
    body(std::true_type{}, std::true_type{}, Range{begins[3], begins[4]});
  }
};

/// Puts the tiles into `places`.
template <class A, class Form>
SortedTiles<A> SortTiles(const WinogradArgs& args, Range tiles, PlacedTile* places) {
  const auto for_each = [&](const auto& body) {
    int image = tiles.begin / args.tiles_per_image;
    int number = tiles.begin % args.tiles_per_image;
    for (int left = tiles.end - tiles.begin; left > 0; --left) {
      const WinogradTile& tile = args.tiles[number];
      body(SortedTiles<A>::KindOf(tile.height < Form::kOutput, tile.width < Form::kOutput), tile,
           static_cast<std::size_t>(image));
      if (++number == args.tiles_per_image) {
        number = 0;
        ++image;
      }
    }
  };
  SortedTiles<A> sorted{};
  sorted.tiles = places;
  for_each([&](int kind, const WinogradTile&, std::size_t) { ++sorted.begins[kind + 1]; });
  int next[SortedTiles<A>::kKinds];
  for (int kind = 0; kind < SortedTiles<A>::kKinds; ++kind) {
    next[kind] = sorted.begins[kind];
    sorted.begins[kind + 1] += sorted.begins[kind];
  }
  for_each([&](int kind, const WinogradTile& tile, std::size_t image) {
    places[next[kind]++] = {args.source.As<const float>() + tile.source + image * args.source.image_stride,
                            static_cast<std::size_t>(tile.destination) + image * args.output.destination.image_stride,
                            tile.height, tile.width};
  });
  return sorted;
}

/// Tiles and groups of one call, and its scratch memory.
template <class A>
struct WinogradBlock {
  SortedTiles<A> sorted;
  Range groups;
  float* inputs;  ///< [position][block][tile][lane]
  std::size_t inputs_stride;
  float* sums;  ///< [position][block of the groups][tile][lane]
  std::size_t sums_stride;
  float* weights;  ///< [position][channel of the pass][block of the group][lane], if they come untransformed.
};

/// Fetches a tile of a plane, of so many rows and columns: the next one, while one is transformed. As tiles lie in many
/// planes, no processor sees by itself which comes next.
template <class A, int kSide>
inline void PrefetchTile(const float* tile, std::size_t row_stride) {
  HRN_UNROLL for (int i = 0; i < kSide; ++i) {
    HRN_UNROLL for (int j = 0; j < kSide * A::kLanes; j += static_cast<int>(kLineFloats))
        __builtin_prefetch(tile + static_cast<std::size_t>(i) * row_stride + j);
  }
}

template <class A, class Form>
void TransformInputs(const WinogradArgs& args, const WinogradBlock<A>& block) {
  using V = typename A::Vec;
  constexpr int kLanes = A::kLanes;
  constexpr int kSide = Form::kPositions;
  const int in_blocks = (args.in_channels + kLanes - 1) / kLanes;
  block.sorted.ForEachKind([&](auto short_rows, auto short_columns, Range tiles) {
    for (int t = tiles.begin; t < tiles.end; ++t) {
      const float* tile = block.sorted.tiles[t].source;
      const float* next = block.sorted.Next(t, tiles).source;
      float* out = block.inputs + static_cast<std::size_t>(t * kLanes);
      for (int b = 0; b < in_blocks; ++b) {
        PrefetchTile<A, Form::kInput>(next, args.source.row_stride);
        TransformTile<A, InputTransform<Form>>(
            [&](int i, int j) __attribute__((always_inline)) {
              return Load<A>(tile + static_cast<std::size_t>(i) * args.source.row_stride + j * kLanes);
            },
            [&](int i, int j, V v) __attribute__((always_inline)) {
              if ((short_rows.value && LastOnly<A, Form>(i)) || (short_columns.value && LastOnly<A, Form>(j))) return;
              Store<A>(out + static_cast<std::size_t>(i * kSide + j) * block.inputs_stride, v);
            });
        tile += args.source.block_stride;
        next += args.source.block_stride;
        out += static_cast<std::size_t>(block.sorted.count() * kLanes);
      }
    }
  });
}

/// Transforms the weights of a group for the input blocks of one pass.
template <class A, class Form>
void TransformWeights(const WinogradArgs& args, const Group& group, Range in_blocks, float* out, std::size_t stride) {
  constexpr int kLanes = A::kLanes;
  constexpr int kSide = kNumWeightRows<Form>;
  const int step = group.num_blocks * kLanes;
  for (int in = in_blocks.begin; in < in_blocks.end; ++in) {
    const int left = args.in_channels - in * kLanes;
    const int channels = left < kLanes ? left : kLanes;
    const float* taps =
        static_cast<const float*>(args.weights) + group.weights + static_cast<std::size_t>(in * kLanes * 9 * step);
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
  std::size_t stride;           ///< Between those of different positions.
  const float* prefetch;        ///< What is fetched from memory meanwhile:
  std::size_t prefetch_stride;  ///< so much for each of them.
};

/// Adds to a group's sums the products with the input blocks of one pass.
template <class A, class Form>
void MultiplyPass(const WinogradArgs& args, const WinogradBlock<A>& block, const Group& group, Range in_blocks,
                  const WinogradWeights& weights) {
  constexpr int kLanes = A::kLanes;
  constexpr int kSide = Form::kPositions;
  constexpr int kWeightRows = kNumWeightRows<Form>;
  const auto tile_floats = static_cast<std::size_t>(block.sorted.count() * kLanes);
  const int first_block = args.groups[block.groups.begin].first_block;
  const RowPieces parts(in_blocks.end - in_blocks.begin, args.blocks_per_sum);
  const int last = in_blocks.end * kLanes < args.in_channels ? in_blocks.end * kLanes : args.in_channels;
  const int channels = last - in_blocks.begin * kLanes;
  const int lines = static_cast<int>(weights.prefetch_stride / kLineFloats);
  struct Needing {
    int first;
    RowPieces pieces;
  };
  const auto needing = [&](bool last_row, bool last_column) {
    const Range tiles = block.sorted.Needing(last_row, last_column);
    return Needing{tiles.begin, RowPieces(tiles.end - tiles.begin, MaxRows<A>(group.num_blocks))};
  };
  const Needing tiles_needing[2][2] = {{needing(false, false), needing(false, true)},
                                       {needing(true, false), needing(true, true)}};
  Product product{};
  product.block_stride = tile_floats;
  product.sums_stride = tile_floats;
  for (int p = 0; p < kSide * kSide; ++p) {
    const int i = p / kSide;
    const int j = p % kSide;
    const Needing& tiles = tiles_needing[LastOnly<A, Form>(i) ? 1 : 0][LastOnly<A, Form>(j) ? 1 : 0];
    const auto position = static_cast<std::size_t>(p);
    const auto weights_of = static_cast<std::size_t>(WeightRow<A, Form>(i) * kWeightRows + WeightRow<A, Form>(j));
    const bool first_use = i < kWeightRows && j < kWeightRows;
    const float* inputs =
        block.inputs + position * block.inputs_stride + static_cast<std::size_t>(in_blocks.begin) * tile_floats;
    float* sums = block.sums + position * block.sums_stride +
                  static_cast<std::size_t>(group.first_block - first_block) * tile_floats;
    const int fetches = tiles.pieces.count() * (channels / kLanes);
    product.prefetch = weights.prefetch + weights_of * weights.prefetch_stride;
    product.prefetch_lines = first_use && fetches > 0 ? (lines + fetches - 1) / fetches : 0;
    for (int piece = 0; piece < tiles.pieces.count(); ++piece) {
      const int begin = tiles.first + tiles.pieces.begin(piece);
      product.rows = inputs + begin * kLanes;
      product.weights = weights.floats + weights_of * weights.stride;
      product.sums = sums + begin * kLanes;
      for (int part = 0; part < parts.count(); ++part) {
        const int first = parts.begin(part) * kLanes;
        const int end = first + parts.rows(part) * kLanes;
        product.channels = (end < channels ? end : channels) - first;
        product.accumulate = in_blocks.begin > 0 || part > 0;
        CallWith<Multiply<A>, A>(tiles.pieces.rows(piece), group.num_blocks, product);
        product.rows += static_cast<std::size_t>(parts.rows(part)) * tile_floats;
        product.weights += product.channels * group.num_blocks * kLanes;
        product.prefetch +=
            static_cast<std::size_t>(product.prefetch_lines * (product.channels / kLanes)) * kLineFloats;
      }
    }
  }
}

template <class A, class Form>
void MultiplyPositions(const WinogradArgs& args, const WinogradBlock<A>& block) {
  constexpr int kLanes = A::kLanes;
  constexpr int kWeights = kNumWeightRows<Form> * kNumWeightRows<Form>;
  const int in_blocks = (args.in_channels + kLanes - 1) / kLanes;
  for (int g = block.groups.begin; g < block.groups.end; ++g) {
    const Group& group = args.groups[g];
    const float* floats = static_cast<const float*>(args.weights) + group.weights;
    if (args.transformed) {
      const auto stride = static_cast<std::size_t>(args.in_channels * group.num_blocks * kLanes);
      MultiplyPass<A, Form>(args, block, group, {0, in_blocks}, {floats, stride, floats + stride, stride});
      continue;
    }
    const RowPieces passes(in_blocks, BlocksPerPass(kWeights, kLanes));
    const std::size_t stride = PositionStride(group.num_blocks, passes.rows(0) * kLanes, kLanes);
    for (int pass = 0; pass < passes.count(); ++pass) {
      const int begin = passes.begin(pass);
      const Range blocks{begin, begin + passes.rows(pass)};
      const auto pass_floats = static_cast<std::size_t>(passes.rows(pass) * kLanes * 9 * group.num_blocks * kLanes);
      TransformWeights<A, Form>(args, group, blocks, block.weights, stride);
      floats += pass_floats;
      MultiplyPass<A, Form>(
          args, block, group, blocks,
          {block.weights, stride, floats, (pass_floats / kWeights + kLineFloats - 1) / kLineFloats * kLineFloats});
    }
  }
}

template <class A, class Form, bool kResidual, bool kShortRows, bool kShortColumns>
inline void TransformOutput(const WinogradArgs& args, const float* sums, std::size_t sums_stride, typename A::Vec bias,
                            std::size_t offset, const PlacedTile& tile) {
  using V = typename A::Vec;
  constexpr int kSide = Form::kPositions;
  constexpr int kLast = Form::kOutput - 1;
  const ConvOutput& output = args.output;
  const V floor = Splat<A>(output.relu ? 0.0F : -__builtin_inff());
  TransformTile<A, OutputTransform<Form>>(
      [&](int i, int j) __attribute__((always_inline)) {
        return Load<A>(sums + static_cast<std::size_t>(i * kSide + j) * sums_stride);
      },
      [&](int i, int j, V v) __attribute__((always_inline)) {
        if (kShortRows && (i == kLast || i >= tile.height)) return;
        if (kShortColumns && (j == kLast || j >= tile.width)) return;
        const std::size_t at = offset + static_cast<std::size_t>(i) * output.destination.row_stride +
                               static_cast<std::size_t>(j * A::kLanes);
        v = v * Splat<A>(OutputFactor<A, Form>(i + j)) + bias;
        if constexpr (kResidual) v += Load<A>(static_cast<const float*>(output.residual) + at);
        Store<A>(output.destination.As<float>() + at, AtLeast<A>(floor, v));
      });
}

template <class A, class Form>
void TransformOutputs(const WinogradArgs& args, const WinogradBlock<A>& block) {
  constexpr int kLanes = A::kLanes;
  const Group& last = args.groups[block.groups.end - 1];
  const int first_block = args.groups[block.groups.begin].first_block;
  const MapView& destination = args.output.destination;
  const auto* residual = static_cast<const float*>(args.output.residual);
  block.sorted.ForEachKind([&](auto short_rows, auto short_columns, Range tiles) {
    constexpr bool kShortRows = decltype(short_rows)::value;
    constexpr bool kShortColumns = decltype(short_columns)::value;
    const auto transform = residual != nullptr ? TransformOutput<A, Form, true, kShortRows, kShortColumns>
                                               : TransformOutput<A, Form, false, kShortRows, kShortColumns>;
    for (int b = first_block; b < last.first_block + last.num_blocks; ++b) {
      const auto bias = Load<A>(static_cast<const float*>(args.output.bias) + b * kLanes);
      const float* sums = block.sums + static_cast<std::size_t>((b - first_block) * block.sorted.count() * kLanes);
      const std::size_t plane = static_cast<std::size_t>(b) * destination.block_stride;
      for (int t = tiles.begin; t < tiles.end; ++t) {
        const std::size_t next = block.sorted.Next(t, tiles).destination + plane;
        PrefetchTile<A, Form::kOutput>(destination.As<const float>() + next, destination.row_stride);
        if (residual != nullptr) PrefetchTile<A, Form::kOutput>(residual + next, destination.row_stride);
        const PlacedTile& tile = block.sorted.tiles[t];
        transform(args, sums + t * kLanes, block.sums_stride, bias, tile.destination + plane, tile);
      }
    }
  });
}

template <class A, class Form>
void RunWinograd(const WinogradArgs& args, Range tiles, Range groups, void* scratch) {
  constexpr int kLanes = A::kLanes;
  constexpr auto kPositions = static_cast<std::size_t>(Form::kPositions * Form::kPositions);
  const int count = tiles.end - tiles.begin;
  const int in_blocks = (args.in_channels + kLanes - 1) / kLanes;
  const Group& last = args.groups[groups.end - 1];
  WinogradBlock<A> block{};
  block.sorted = SortTiles<A, Form>(args, tiles, static_cast<PlacedTile*>(scratch));
  block.groups = groups;
  block.inputs = static_cast<float*>(scratch) + PlacedTilesFloats(count);
  block.inputs_stride = PositionStride(in_blocks, count, kLanes);
  block.sums = block.inputs + block.inputs_stride * kPositions;
  block.sums_stride =
      PositionStride(last.first_block + last.num_blocks - args.groups[groups.begin].first_block, count, kLanes);
  block.weights = block.sums + block.sums_stride * kPositions;
  TransformInputs<A, Form>(args, block);
  MultiplyPositions<A, Form>(args, block);
  TransformOutputs<A, Form>(args, block);
}

template <class A>
void WinogradKernel(WinogradForm form, const WinogradArgs& args, Range tiles, Range groups, void* scratch) {
  WithForm(form, [&](auto f) { RunWinograd<A, decltype(f)>(args, tiles, groups, scratch); });
}

}  // namespace hrnet_native::native
