#pragma once

#include <cstddef>
#include <cstdint>

#include "base/isa.h"
#include "engine/native/activation.h"
#include "engine/native/element_type.h"

namespace hrnet_native::native {

/// Half-open range of indices.
struct Range {
  int begin;
  int end;
};

/// A batch of maps in memory. Channels are in blocks of `lanes`; a block is a plane of pixels, a pixel its `lanes`
/// channels side by side. Planes have a border of zeros around them, so that convolutions need not know where a map
/// ends. Strides are in elements.
struct MapView {
  void* origin;  ///< First pixel inside the border: first image, first block.
  std::size_t image_stride;
  std::size_t block_stride;
  std::size_t row_stride;
  ElementType type = ElementType::kFloat32;

  /// For whoever knows the type.
  template <class Element>
  Element* As() const {
    return static_cast<Element*>(origin);
  }
};

/// Most blocks of output channels in a group.
constexpr int kMaxGroup = 3;

/// Consecutive blocks of output channels that one call of a product kernel computes together.
struct Group {
  int first_block;
  int num_blocks;
  std::size_t weights;  ///< Where the group's packed weights begin, in elements.
};

/// How a convolution ends: what is added to the sums, and where they go. All maps have the destination's strides.
struct ConvOutput {
  MapView destination;
  const void* residual;  ///< Its origin, or null.
  const void* bias;      ///< One value a channel, padded to whole blocks.
  bool relu;
};

/// Winograd's algorithm F(m x m, 3 x 3): m output rows and columns at once, for stride 1 and for stride 2.
enum class WinogradForm { kF2, kF4, kF5, kF2Stride2, kF4Stride2 };
constexpr int kNumWinogradForms = 5;

/// Sizes of a form, in one dimension.
struct WinogradShape {
  int output;          ///< m.
  int input;           ///< Rows of input that a tile reads.
  int positions;       ///< Rows of a transformed tile, each of which is multiplied.
  int last_positions;  ///< Of these, the ones that only the last row of outputs needs.
  int weights;         ///< Rows of the transformed weights.
  int stride;          ///< Of the convolution.

  /// As few tiles as cover so many outputs. They are of nearly equal size: the whole ones and some that are short.
  int tiles(int outputs) const { return (outputs + output - 1) / output; }
  int whole_tiles(int outputs) const {
    const int whole = outputs - tiles(outputs) * (output - 1);
    return whole > 0 ? whole : 0;
  }

  /// Transformed weights of a channel pair.
  int weights_per_pair() const { return weights * weights; }
};
WinogradShape ShapeOf(WinogradForm form);

/// One tile of outputs: where its input and output begin within a block's plane, and how much of it exists.
struct WinogradTile {
  std::int32_t source;
  std::int32_t destination;
  std::int16_t height;
  std::int16_t width;
};

/// A 3x3 convolution by Winograd's algorithm.
struct WinogradArgs {
  MapView source;  ///< Its origin is the first pixel of the padding.
  ConvOutput output;
  bool transformed;     ///< The weights have been transformed; else the kernel does it in each run.
  const void* weights;  ///< Transformed: [group][position][channel][block of the group][lane], else as DirectArgs says.
  const Group* groups;
  const WinogradTile* tiles;  ///< Of one image.
  int tiles_per_image;
  int in_channels;
  int blocks_per_sum;  ///< Input blocks that are summed up by themselves: a sum that grows long rounds more.
};

/// A convolution of any kernel and stride, computed as it is defined.
struct DirectArgs {
  MapView source;    ///< Its origin is the first pixel of the padding.
  int source_lanes;  ///< Channels in a block of the source: the kernels' lanes, or 1 (planar, for the network's input).
  ConvOutput output;
  const void* weights;  ///< [group][block][ky][kx][channel of the block][block of the group][lane]
  const Group* groups;
  int width;  ///< Of the output, in pixels, as the following.
  int height;
  int stride[2];  ///< Down and across.
  int in_channels;
  const std::int32_t* taps;  ///< Where each tap is, from the first one, within a block's plane.
  int num_taps;
  int blocks_per_pass;  ///< Input blocks whose weights stay in the cache while the pixels pass by.
};

struct AddInput {
  const void* origin;
  std::size_t image_stride;
  std::size_t block_stride;
  std::size_t row_stride;
  int upsample;  ///< Every pixel counts for this many rows and columns.
};

/// The sum of maps, the smaller ones up-sampled by repetition.
struct AddArgs {
  const AddInput* inputs;
  int num_inputs;
  MapView destination;
  int blocks;
  int height;
  int width;
  bool relu;
};

/// A map times one factor a channel and image, plus a residual of the map's strides.
struct ScaleArgs {
  MapView source;
  MapView factors;  ///< A map of one pixel.
  MapView destination;
  const void* residual;
  int blocks;
  int height;
  int width;
  bool relu;
};

/// Pooling over windows; the padding never counts.
struct PoolArgs {
  MapView source;
  MapView destination;
  bool average;  ///< Else the maximum.
  int blocks;
  int source_height;
  int source_width;
  int height;
  int width;
  int kernel[2];
  int stride[2];
  int padding[2];  ///< Top and left.
};

/// A fully connected layer on maps of one pixel.
struct DenseArgs {
  MapView source;
  MapView destination;
  const void* weights;  ///< [block][input][lane]
  const void* bias;
  int inputs;
  Activation activation;
};

/// A group's weights, (outputs, channels, taps), and where they are packed to.
struct PackArgs {
  const void* weights;
  int outputs;
  int channels;
  int taps;
  int source_lanes;
  int blocks;    ///< Of the outputs; the last may lack some.
  void* packed;  ///< Of the group; zeros before.
};

/// Everything that is written once and compiled for each instruction set, for maps and weights of
/// ElementType::kFloat32. Ranges are pieces.
struct KernelSet {
  Isa isa;
  int lanes;  ///< Elements in a vector, channels in a block.

  /// Rows (tiles, pixels) that are computed at once with so many blocks of output channels.
  int (*max_rows)(int blocks);

  /// Tiles are numbered through the batch. `scratch` has WinogradScratch() bytes, from the beginning of a cache line.
  void (*winograd)(WinogradForm form, const WinogradArgs&, Range tiles, Range groups, void* scratch);
  /// Pixels are numbered through the batch, row by row.
  void (*direct)(const DirectArgs&, Range pixels, Range groups);
  /// Rows are numbered through (image, block, row).
  void (*add)(const AddArgs&, Range rows);
  void (*scale)(const ScaleArgs&, Range rows);
  void (*pool)(const PoolArgs&, Range rows);
  /// Planes are numbered through (image, block). The destination is a map of one pixel.
  void (*global_average_pool)(const PoolArgs&, Range planes);
  /// Output blocks of one image.
  void (*dense)(const DenseArgs&, int image, Range blocks);
  void (*pack_winograd)(WinogradForm form, const PackArgs&);
  void (*pack_direct)(const PackArgs&);
};

/// Bytes of scratch memory that `winograd` needs for so many tiles at once.
std::size_t WinogradScratch(WinogradForm form, bool transformed, int lanes, int in_blocks, int out_blocks, int tiles);

/// Defined where the architecture has the set.
extern const KernelSet kScalarKernels;
extern const KernelSet kAvx2Kernels;
extern const KernelSet kAvx512Kernels;
extern const KernelSet kNeonKernels;

/// The kernels for an instruction set. Throws Error kUnsupported for one that this build was not compiled for.
const KernelSet& KernelsFor(Isa isa);

}  // namespace hrnet_native::native
