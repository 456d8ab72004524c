#include "engine/native/conv_step.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "engine/native/ceil_divide.h"
#include "engine/native/share.h"

namespace hrnet_native::native {
namespace {

// What a thread passes over again and again should stay in its first-level cache, of 32 KB.
constexpr std::size_t kFirstLevelBytes = 16 << 10;
constexpr int kFewestPixels = 56;
// Sums over many channels are what rounds most in Winograd's forms, and all later layers see the errors of the first
// ones: there a sum has so many channels at most, and sums of sums follow.
constexpr std::size_t kFirstPart = 16;
constexpr int kFirstSum = 56;

/// The members' shares of a layer's items (tiles or pixels) and groups, and how many items are worked on at once.
struct Shares {
  std::vector<Range> items;
  std::vector<Range> groups;
  int items_at_once;

  Shares(const PackedWeights& packed, int item_count, int threads) : items_at_once(item_count) {
    const bool divided = packed.shares.size() > 1;
    for (int member = 0; member < threads; ++member) {
      items.push_back(divided ? Range{0, item_count} : Share({0, item_count}, member, threads));
      groups.push_back(packed.shares[divided ? static_cast<std::size_t>(member) : 0]);
    }
  }

  /// Calls `body(items, groups)` for a member's share, in nearly equal pieces.
  template <class Body>
  void ForPieces(int member, const Body& body) const {
    const Range mine = items[static_cast<std::size_t>(member)];
    const int count = mine.end - mine.begin;
    const int pieces = CeilDivide(count, items_at_once);
    for (int piece = 0; piece < pieces; ++piece) {
      body(Share(mine, piece, pieces), groups[static_cast<std::size_t>(member)]);
    }
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

std::vector<WinogradTile> TilesOf(const MapShape& output, const WinogradShape& shape, const MapLayout& source,
                                  const MapLayout& destination) {
  std::vector<WinogradTile> tiles;
  const int m = shape.output;
  for (int y = 0; y < output.height; y += m) {
    for (int x = 0; x < output.width; x += m) {
      tiles.push_back({(y * source.columns + x) * shape.stride * source.lanes,
                       (y * destination.columns + x) * destination.lanes,
                       static_cast<std::int16_t>(std::min(m, output.height - y)),
                       static_cast<std::int16_t>(std::min(m, output.width - x))});
    }
  }
  return tiles;
}

std::vector<std::int32_t> TapsOf(const Layer& layer, const MapLayout& source) {
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

  Shares shares(packed, context.batch * args.tiles_per_image, context.threads);
  const int out_blocks = CeilDivide(destination.blocks, static_cast<int>(packed.shares.size()));
  const int tiles_of_member = shares.items.back().end - shares.items.back().begin;
  shares.items_at_once =
      TilesAtOnce(form, transformed, context.kernels.lanes, source.blocks, out_blocks, tiles_of_member);
  scratch_floats = std::max(scratch_floats, WinogradScratch(form, transformed, context.kernels.lanes, source.blocks,
                                                            out_blocks, shares.items_at_once));
  return [=, kernel = context.kernels.winograd](int member, float* memory) {
    (void)tiles;  // kept for args
    shares.ForPieces(member, [&](Range items, Range groups) { kernel(form, args, items, groups, memory); });
  };
}

Step DirectStep(const PlanContext& context, const Layer& layer, const PackedWeights& packed) {
  const MapLayout& source = context.layout.of(layer.inputs[0]);
  const MapLayout& destination = context.layout.of(layer.output);
  const auto taps = std::make_shared<std::vector<std::int32_t>>(TapsOf(layer, source));
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
  Shares shares(packed, context.batch * args.width * args.height, context.threads);
  // Pixels stay in that cache while the groups pass by, unless all weights are too many to be read more than once.
  if (packed.size * sizeof(float) <= kSecondLevelBytes) {
    const std::size_t pixel_bytes = static_cast<std::size_t>(source.blocks * source.lanes) *
                                    static_cast<std::size_t>(layer.stride[0]) *
                                    static_cast<std::size_t>(layer.stride[1]) * sizeof(float);
    shares.items_at_once = std::max(kFewestPixels, static_cast<int>(kFirstLevelBytes / pixel_bytes));
  }
  return [=, kernel = context.kernels.direct](int member, float*) {
    (void)taps;  // kept for args
    shares.ForPieces(member, [&](Range items, Range groups) { kernel(args, items, groups); });
  };
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
