#include "engine/native/operators/conv_cost.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/native/ceil_divide.h"
#include "engine/native/cost.h"
#include "engine/native/kernels/winograd_scratch.h"
#include "engine/native/packing.h"

namespace hrnet_native::native {
namespace {

// Transforms, for each position of a tile and block: a load, a store that goes to the second-level cache, and
// additions.
constexpr double kInputTransform = 9;
constexpr double kOutputTransform = 7;
// Reading a pixel and block of a direct convolution's input for the first time, from another thread's cache or afar.
constexpr double kInputRead = 8;
// Fetching packed weights takes this much longer if each thread fetches its own: what they fetch together comes through
// the cache that they share.
constexpr double kOwnWeights = 1.15;
// Transforming weights in each run, for each position of a channel and block.
constexpr double kWeightTransform = 3.6;
// They are transformed for some input channels at a time, and the sums of each position of a tile and block read and
// written for each such pass.
constexpr double kSumPass = 8;
// What it is worth to pack a float less: packing one takes about 70, so a network that is run some hundred times still
// gains. It decides where transforming once hardly does: HRNet_W18's 72 channels of 14x14 pixels take 31 MB less.
constexpr double kPackedFloat = 0.1;
constexpr int kSumLatency = 8;

/// A product of `rows` rows with all groups: each step of it takes as long as its multiply-adds, its loads, or the
/// latency of its sums.
double ProductCost(int rows, const Grouping& grouping, Range groups, double depth, const KernelSet& kernels) {
  double cost = 0;
  if (rows == 0) return cost;
  for (int g = groups.begin; g < groups.end; ++g) {
    const int blocks = grouping.groups[static_cast<std::size_t>(g)].num_blocks;
    const int most = kernels.max_rows(blocks);
    const int pieces = CeilDivide(rows, most);
    const int piece = CeilDivide(rows, pieces);
    cost += pieces * depth * std::max({piece * blocks, piece + blocks, kSumLatency});
  }
  return cost;
}

/// What a layer multiplies, or a member's share of it: rows of products, each with the inputs' channels.
struct Products {
  int rows;          ///< Pixels, or tiles.
  double positions;  ///< Taps, or a tile's transformed values.
};

std::vector<Products> PixelProducts(int taps, int mine) { return {{mine, static_cast<double>(taps)}}; }

/// A share of so many tiles of a map as `conv_step` divides it: by which positions they need.
std::vector<Products> TileProducts(const WinogradShape& shape, const MapShape& output, int mine) {
  const auto whole = [&](int side) {  // the part of an axis's tiles that have all outputs
    return static_cast<double>(shape.whole_tiles(side)) / shape.tiles(side);
  };
  const auto rows = [&](double part) { return static_cast<int>(std::ceil(mine * part)); };
  const double common = shape.positions - shape.last_positions;
  const double last = shape.last_positions;
  const double tall = whole(output.height);
  const double wide = whole(output.width);
  return {{mine, common * common},
          {rows(tall), last * common},
          {rows(wide), common * last},
          {rows(tall * wide), last * last}};
}

// A layer's tiles are worked on in pieces. Weights that are transformed again, or fetched from memory, for every piece
// are worth pieces that only the third-level cache holds: HRNet_W48's 192 channels of 14x14 pixels take 14 % less than
// in smaller pieces. And of so many tiles for each lane that multiplying takes thrice as long as fetching: at batch 8
// the head's 512 to 1024 channels take 14 ms in one piece and 28 in four.
constexpr std::size_t kThirdLevelBytes = 3 << 20;
constexpr std::size_t kCostlyWeightBytes = 1 << 20;
constexpr int kFewestTiles = 8;
constexpr int kFewestTilesPerLane = 4;

/// Whether a layer's weights are too many to be read, or have to be transformed, again for every piece of a few tiles.
bool AreCostly(WinogradForm form, bool transformed, int lanes, int in_blocks, int out_blocks) {
  const auto weights = static_cast<std::size_t>(ShapeOf(form).weights_per_pair()) *
                       static_cast<std::size_t>(in_blocks * lanes * out_blocks * lanes) * sizeof(float);
  return !transformed || weights > kCostlyWeightBytes;
}

}  // namespace

std::vector<WinogradForm> WinogradForms(const Windows& windows) {
  if (windows.kernel != std::array<int, 2>{3, 3}) return {};
  if (windows.stride == std::array<int, 2>{1, 1}) return {WinogradForm::kF2, WinogradForm::kF4};
  if (windows.stride == std::array<int, 2>{2, 2}) return {WinogradForm::kF2Stride2, WinogradForm::kF4Stride2};
  return {};
}

std::vector<WinogradForm> WinogradForms(const Windows& windows, const MapShape& output) {
  std::vector<WinogradForm> forms = WinogradForms(windows);
  const auto reach = [](WinogradForm form, int side) {
    const int tile = ShapeOf(form).output;
    return CeilDivide(side, tile) * tile;
  };
  const auto fits = [&](int side) { return reach(WinogradForm::kF5, side) <= reach(WinogradForm::kF4, side); };
  const bool has_f4 = std::count(forms.begin(), forms.end(), WinogradForm::kF4) > 0;
  if (has_f4 && fits(output.height) && fits(output.width)) forms.push_back(WinogradForm::kF5);
  return forms;
}

PieceSizes TilePieces(WinogradForm form, bool transformed, int lanes, int in_blocks, int out_blocks, int tiles) {
  const bool costly = AreCostly(form, transformed, lanes, in_blocks, out_blocks);
  const std::size_t limit = costly ? kThirdLevelBytes : kSecondLevelBytes;
  const int fewest = costly ? kFewestTilesPerLane * lanes : kFewestTiles;
  int pieces = 1;
  while (CeilDivide(tiles, pieces + 1) >= fewest &&
         WinogradScratch(form, transformed, lanes, in_blocks, out_blocks, CeilDivide(tiles, pieces)) > limit) {
    ++pieces;
  }
  const int most = CeilDivide(tiles, pieces);
  return {most, std::min(most, fewest)};
}

ConvChoice ChooseConv(const ConvFields& conv, const MapShape& output, int batch, int threads, const KernelSet& kernels,
                      const std::vector<WinogradForm>& forms, bool may_transform) {
  const int lanes = kernels.lanes;
  const int in_channels = conv.in_channels();
  const int in_blocks = CeilDivide(in_channels, lanes);
  const int out_blocks = CeilDivide(output.channels, lanes);
  ConvChoice best;
  double least = std::numeric_limits<double>::infinity();  // with what packing is worth
  const auto consider = [&](std::optional<WinogradForm> form, bool transformed) {
    int items = batch * output.height * output.width;  // tiles or pixels
    const int taps = conv.windows.taps();
    int weights_per_pair = taps;
    if (form) {
      const WinogradShape shape = ShapeOf(*form);
      items = batch * shape.tiles(output.height) * shape.tiles(output.width);
      weights_per_pair = shape.weights_per_pair();
      // Its weights are a third more than F(4x4)'s: with few tiles, fetching them outweighs what it saves.
      if (form == WinogradForm::kF5 && items < kFewestTilesPerLane * lanes) return;
    }
    const bool transforms_in_run = form && !transformed;
    const int packed_per_pair = transforms_in_run ? taps : weights_per_pair;
    for (const bool divide_channels : {false, true}) {
      if (divide_channels && (threads == 1 || out_blocks < threads)) continue;
      if (transforms_in_run && !divide_channels && threads > 1) continue;  // all threads would do the same
      const Grouping grouping = DivideBlocks(out_blocks, divide_channels ? threads : 1);
      const Range groups = grouping.shares.back();
      const int mine = divide_channels ? items : CeilDivide(items, threads);
      int blocks = 0;
      for (int g = groups.begin; g < groups.end; ++g) blocks += grouping.groups[static_cast<std::size_t>(g)].num_blocks;
      double product = 0;
      double values = 0;  // of transformed tiles
      for (const Products& some : form ? TileProducts(ShapeOf(*form), output, mine) : PixelProducts(taps, mine)) {
        product += ProductCost(some.rows, grouping, groups, some.positions * in_channels, kernels);
        values += some.rows * some.positions;
      }
      const double weights = static_cast<double>(in_channels) * blocks;
      const int pieces =
          form ? CeilDivide(mine, TilePieces(*form, transformed, lanes, in_blocks, blocks, mine).most) : 1;
      const int fetches = form && AreCostly(*form, transformed, lanes, in_blocks, blocks) ? pieces : 1;
      const double fetch =
          kWeightFloat * (divide_channels ? kOwnWeights : 1) * fetches * packed_per_pair * weights * lanes;
      double cost = std::hypot(product, fetch);  // prefetching hides the lesser behind the greater, but not all of it
      if (transforms_in_run) {
        const int passes = CeilDivide(in_blocks, BlocksPerPass(weights_per_pair, lanes));
        cost += kWeightTransform * weights_per_pair * weights * pieces + kSumPass * values * blocks * (passes - 1);
      }
      cost += form ? values * (kInputTransform * in_blocks + kOutputTransform * blocks) : kInputRead * mine * in_blocks;
      const double with_packing = cost + kPackedFloat * packed_per_pair * in_channels * out_blocks * lanes;
      if (with_packing < least) {
        least = with_packing;
        best = {form, transformed, divide_channels, cost};
      }
    }
  };
  consider(std::nullopt, false);
  for (const WinogradForm form : forms) {
    consider(form, false);
    if (may_transform) consider(form, true);
  }
  return best;
}

}  // namespace hrnet_native::native
