#include "engine/native/conv_step.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "engine/native/ceil_divide.h"
#include "engine/native/even_piece.h"

namespace hrnet_native::native {
namespace {

// What a thread passes over again and again should stay in its first-level cache, of 32 KB.
constexpr std::size_t kFirstLevelBytes = 16 << 10;
constexpr int kFewestPixels = 56;
// The rounding error of Winograd's forms grows with the number of channels that are summed, and errors of early layers
// spread through all that follow. So in the first sixteenth of the layers at most 56 channels are summed at once, and
// then those sums.
constexpr std::size_t kFirstPart = 16;
constexpr int kFirstSum = 56;

/// How a layer's work is laid out: tiles or pixels with all groups of output channels; or, where the channels are
/// divided among threads, their shares with all tiles or pixels.
struct ConvWork {
  const PackedWeights& packed;
  int count;  ///< Of tiles or pixels.
  PieceSizes sizes;

  /// `body(items, groups)` computes some items of some groups.
  template <class Body>
  Step MakeStep(const Body& body) const {
    const auto for_pieces = [most = sizes.most, body](Range items, Range groups, float* scratch) {
      const int pieces = CeilDivide(items.end - items.begin, most);
      for (int piece = 0; piece < pieces; ++piece) body(EvenPiece(items, piece, pieces), groups, scratch);
    };
    const auto shares = static_cast<int>(packed.shares.size());
    if (shares == 1) {
      return {count, sizes, [for_pieces, groups = packed.shares[0]](Range some, float* scratch) {
                for_pieces(some, groups, scratch);
              }};
    }
    return {shares, {1, 1}, [for_pieces, groups = packed.shares, all = Range{0, count}](Range some, float* scratch) {
              for (int share = some.begin; share < some.end; ++share) {
                for_pieces(all, groups[static_cast<std::size_t>(share)], scratch);
              }
            }};
  }
};

/// The source, with its origin moved to the first pixel of the padding.
MapView PaddedSource(const PlanContext& context, const Layer& layer) {
  MapView view = context.layout.View(layer.inputs[0], context.arena);
  const MapLayout& layout = context.layout.of(layer.inputs[0]);
  view.origin -= static_cast<std::size_t>(layer.padding[0]) * view.row_stride +
                 static_cast<std::size_t>(layer.padding[1] * layout.lanes);
  return view;
}

ConvOutput OutputOf(const PlanContext& context, const Layer& layer, const PackedWeights& packed) {
  return {context.layout.View(layer.output, context.arena),
          layer.residual == kNoValue ? nullptr : context.layout.View(layer.residual, context.arena).origin, packed.bias,
          layer.activation == Activation::kRelu};
}

/// Of nearly equal sizes: a form that has four outputs computes three with fewer products.
std::vector<WinogradTile> TilesOf(const MapShape& output, const WinogradShape& shape, const MapLayout& source,
                                  const MapLayout& destination) {
  std::vector<WinogradTile> tiles;
  const int rows = shape.tiles(output.height);
  const int columns = shape.tiles(output.width);
  for (int row = 0; row < rows; ++row) {
    const Range y = EvenPiece({0, output.height}, row, rows);
    for (int column = 0; column < columns; ++column) {
      const Range x = EvenPiece({0, output.width}, column, columns);
      tiles.push_back({(y.begin * source.columns + x.begin) * shape.stride * source.lanes,
                       (y.begin * destination.columns + x.begin) * destination.lanes,
                       static_cast<std::int16_t>(y.end - y.begin), static_cast<std::int16_t>(x.end - x.begin)});
    }
  }
  return tiles;
}

/// Where the kernel's positions are, from that of the first.
std::vector<std::int32_t> TapOffsets(const Layer& layer, const MapLayout& source) {
  std::vector<std::int32_t> taps;
  for (int y = 0; y < layer.kernel[0]; ++y) {
    for (int x = 0; x < layer.kernel[1]; ++x) taps.push_back((y * source.columns + x) * source.lanes);
  }
  return taps;
}

Step WinogradStep(const PlanContext& context, const Layer& layer, std::size_t index, WinogradForm form,
                  bool transformed, const PackedWeights& packed, std::size_t& scratch_floats) {
  const MapLayout& source = context.layout.of(layer.inputs[0]);
  const MapLayout& destination = context.layout.of(layer.output);
  const auto tiles =
      std::make_shared<std::vector<WinogradTile>>(TilesOf(destination.shape, ShapeOf(form), source, destination));
  WinogradArgs args{};
  args.source = PaddedSource(context, layer);
  args.output = OutputOf(context, layer, packed);
  args.transformed = transformed;
  args.weights = packed.weights;
  args.groups = packed.groups.data();
  args.tiles = tiles->data();
  args.tiles_per_image = static_cast<int>(tiles->size());
  args.in_channels = source.shape.channels;
  const bool first = index * kFirstPart < context.graph.layers.size();
  args.blocks_per_sum = first ? kFirstSum / source.lanes : source.blocks;

  const int out_blocks = CeilDivide(destination.blocks, static_cast<int>(packed.shares.size()));
  const int count = context.batch * args.tiles_per_image;
  const bool divided = packed.shares.size() > 1;
  const PieceSizes sizes = TilePieces(form, transformed, context.kernels.lanes, source.blocks, out_blocks,
                                      divided ? count : CeilDivide(count, context.threads));
  scratch_floats = std::max(
      scratch_floats, WinogradScratch(form, transformed, context.kernels.lanes, source.blocks, out_blocks, sizes.most));
  return ConvWork{packed, count, sizes}.MakeStep(
      [args, form, tiles, kernel = context.kernels.winograd](Range items, Range groups, float* scratch) {
        kernel(form, args, items, groups, scratch);
      });
}

Step DirectStep(const PlanContext& context, const Layer& layer, const PackedWeights& packed) {
  const MapLayout& source = context.layout.of(layer.inputs[0]);
  const MapLayout& destination = context.layout.of(layer.output);
  const auto taps = std::make_shared<std::vector<std::int32_t>>(TapOffsets(layer, source));
  DirectArgs args{};
  args.source = PaddedSource(context, layer);
  args.source_lanes = source.lanes;
  args.output = OutputOf(context, layer, packed);
  args.weights = packed.weights;
  args.groups = packed.groups.data();
  args.width = destination.shape.width;
  args.height = destination.shape.height;
  std::copy_n(layer.stride.begin(), 2, args.stride);
  args.in_channels = source.shape.channels;
  args.taps = taps->data();
  args.num_taps = static_cast<int>(taps->size());

  // Weights of a group that do not fit the first-level cache are taken in passes over the input channels.
  const std::size_t block_bytes = static_cast<std::size_t>(layer.kernel[0] * layer.kernel[1]) *
                                  static_cast<std::size_t>(source.lanes) *
                                  static_cast<std::size_t>(kMaxGroup * context.kernels.lanes) * sizeof(float);
  args.blocks_per_pass = std::max(1, static_cast<int>(kFirstLevelBytes / block_bytes));
  if (static_cast<std::size_t>(source.blocks) * block_bytes <= 3 * kFirstLevelBytes)
    args.blocks_per_pass = source.blocks;
  const int count = context.batch * args.width * args.height;
  PieceSizes sizes{count, count};
  // Pixels stay in that cache while the groups pass by, unless all weights are too many to be read more than once.
  if (packed.size * sizeof(float) <= kSecondLevelBytes) {
    const std::size_t pixel_bytes = static_cast<std::size_t>(source.blocks * source.lanes) *
                                    static_cast<std::size_t>(layer.stride[0]) *
                                    static_cast<std::size_t>(layer.stride[1]) * sizeof(float);
    sizes.most = std::max(kFewestPixels, static_cast<int>(kFirstLevelBytes / pixel_bytes));
    sizes.fewest = kFewestPixels;
  }
  return ConvWork{packed, count, sizes}.MakeStep(
      [args, taps, kernel = context.kernels.direct](Range items, Range groups, float*) {
        kernel(args, items, groups);
      });
}

}  // namespace

Step ConvStep(const PlanContext& context, std::size_t index, const ConvChoice& choice, std::size_t& scratch_floats) {
  const Layer& layer = context.graph.layers[index];
  const Packing packing{choice.transformed ? choice.form : std::nullopt, context.layout.of(layer.inputs[0]).lanes,
                        choice.divide_channels ? context.threads : 1};
  const PackedWeights& packed = context.weights.Get(index, packing);
  return choice.form ? WinogradStep(context, layer, index, *choice.form, choice.transformed, packed, scratch_floats)
                     : DirectStep(context, layer, packed);
}

}  // namespace hrnet_native::native
