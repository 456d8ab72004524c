#include "engine/native/operators/conv_step.h"

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
    const auto for_pieces = [most = sizes.most, body](Range items, Range groups, void* scratch) {
      const int pieces = CeilDivide(items.end - items.begin, most);
      for (int piece = 0; piece < pieces; ++piece) body(EvenPiece(items, piece, pieces), groups, scratch);
    };
    const auto shares = static_cast<int>(packed.shares.size());
    if (shares == 1) {
      return {count, sizes, [for_pieces, groups = packed.shares[0]](Range some, void* scratch) {
                for_pieces(some, groups, scratch);
              }};
    }
    return {shares, {1, 1}, [for_pieces, groups = packed.shares, all = Range{0, count}](Range some, void* scratch) {
              for (int share = some.begin; share < some.end; ++share) {
                for_pieces(all, groups[static_cast<std::size_t>(share)], scratch);
              }
            }};
  }
};

/// The source, with its origin moved to the first pixel of the padding.
MapView PaddedSource(const LayerContext& context, const Windows& windows) {
  MapView view = context.input_view(0);
  const std::size_t before = static_cast<std::size_t>(windows.padding[0]) * view.row_stride +
                             static_cast<std::size_t>(windows.padding[1] * context.input(0).lanes);
  view.origin = view.As<std::byte>() - before * SizeOf(view.type);
  return view;
}

ConvOutput OutputOf(const LayerContext& context, const ConvFields& conv, const PackedWeights& packed) {
  return {context.output_view(), context.residual(), packed.bias, conv.relu};
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
std::vector<std::int32_t> TapOffsets(const Windows& windows, const MapLayout& source) {
  std::vector<std::int32_t> taps;
  for (int y = 0; y < windows.kernel[0]; ++y) {
    for (int x = 0; x < windows.kernel[1]; ++x) taps.push_back((y * source.columns + x) * source.lanes);
  }
  return taps;
}

Step WinogradStep(const LayerContext& context, const ConvFields& conv, WinogradForm form, bool transformed,
                  const PackedWeights& packed) {
  const MapLayout& source = context.input(0);
  const MapLayout& destination = context.output();
  const KernelSet& kernels = context.plan.kernels;
  const auto tiles =
      std::make_shared<std::vector<WinogradTile>>(TilesOf(destination.shape, ShapeOf(form), source, destination));
  WinogradArgs args{};
  args.source = PaddedSource(context, conv.windows);
  args.output = OutputOf(context, conv, packed);
  args.transformed = transformed;
  args.weights = packed.weights;
  args.groups = packed.groups.data();
  args.tiles = tiles->data();
  args.tiles_per_image = static_cast<int>(tiles->size());
  args.in_channels = source.shape.channels;
  const bool first = context.index * kFirstPart < context.plan.graph.layers.size();
  args.blocks_per_sum = first ? kFirstSum / source.lanes : source.blocks;

  const int out_blocks = CeilDivide(destination.blocks, static_cast<int>(packed.shares.size()));
  const int count = context.batch * args.tiles_per_image;
  const bool divided = packed.shares.size() > 1;
  const PieceSizes sizes = TilePieces(form, transformed, kernels.lanes, source.blocks, out_blocks,
                                      divided ? count : CeilDivide(count, context.threads));
  Step step = ConvWork{packed, count, sizes}.MakeStep(
      [args, form, tiles, kernel = kernels.winograd](Range items, Range groups, void* scratch) {
        kernel(form, args, items, groups, scratch);
      });
  step.scratch_bytes = WinogradScratch(form, transformed, kernels.lanes, source.blocks, out_blocks, sizes.most);
  return step;
}

Step DirectStep(const LayerContext& context, const ConvFields& conv, const PackedWeights& packed) {
  const Windows& windows = conv.windows;
  const MapLayout& source = context.input(0);
  const MapLayout& destination = context.output();
  const KernelSet& kernels = context.plan.kernels;
  const auto taps = std::make_shared<std::vector<std::int32_t>>(TapOffsets(windows, source));
  DirectArgs args{};
  args.source = PaddedSource(context, conv.windows);
  args.source_lanes = source.lanes;
  args.output = OutputOf(context, conv, packed);
  args.weights = packed.weights;
  args.groups = packed.groups.data();
  args.width = destination.shape.width;
  args.height = destination.shape.height;
  std::copy_n(windows.stride.begin(), 2, args.stride);
  args.in_channels = source.shape.channels;
  args.taps = taps->data();
  args.num_taps = static_cast<int>(taps->size());

  // Weights of a group that do not fit the first-level cache are taken in passes over the input channels.
  const std::size_t block_bytes = static_cast<std::size_t>(windows.taps()) * static_cast<std::size_t>(source.lanes) *
                                  static_cast<std::size_t>(kMaxGroup * kernels.lanes) * SizeOf(source.type);
  args.blocks_per_pass = std::max(1, static_cast<int>(kFirstLevelBytes / block_bytes));
  if (static_cast<std::size_t>(source.blocks) * block_bytes <= 3 * kFirstLevelBytes)
    args.blocks_per_pass = source.blocks;
  const int count = context.batch * args.width * args.height;
  PieceSizes sizes{count, count};
  // Pixels stay in that cache while the groups pass by, unless all weights are too many to be read more than once.
  if (packed.bytes <= kSecondLevelBytes) {
    const std::size_t pixel_bytes = static_cast<std::size_t>(source.blocks * source.lanes) *
                                    static_cast<std::size_t>(windows.stride[0]) *
                                    static_cast<std::size_t>(windows.stride[1]) * SizeOf(source.type);
    sizes.most = std::max(kFewestPixels, static_cast<int>(kFirstLevelBytes / pixel_bytes));
    sizes.fewest = kFewestPixels;
  }
  return ConvWork{packed, count, sizes}.MakeStep(
      [args, taps, kernel = kernels.direct](Range items, Range groups, void*) { kernel(args, items, groups); });
}

}  // namespace

Step ConvStep(const LayerContext& context, const ConvFields& conv, const ConvChoice& choice) {
  const PackedWeights& packed =
      context.PackedBy({choice.transformed ? choice.form : std::nullopt, context.input(0).lanes,
                        choice.divide_channels ? context.threads : 1});
  return choice.form ? WinogradStep(context, conv, *choice.form, choice.transformed, packed)
                     : DirectStep(context, conv, packed);
}

}  // namespace hrnet_native::native
