#pragma once

#include <cstddef>
#include <vector>

#include "engine/native/graph.h"
#include "engine/native/kernels/kernels.h"

namespace hrnet_native::native {

/// A value's size for one image.
struct MapShape {
  int channels;
  int height;
  int width;

  bool operator==(const MapShape& other) const {
    return channels == other.channels && height == other.height && width == other.width;
  }
};

/// How maps of one shape lie in memory, in floats. Maps of a shape share it, so that a sum and its terms are reached by
/// one offset, and a map may take another's place without its border of zeros being written again.
struct MapLayout {
  MapShape shape;
  int lanes;  ///< Channels of a block: the kernels' lanes, or 1 for an input with fewer channels.
  int blocks;
  int top;   ///< Border before the first row.
  int left;  ///< Border before the first column.
  int rows;  ///< With the border.
  int columns;

  std::size_t row_stride() const { return static_cast<std::size_t>(columns) * static_cast<std::size_t>(lanes); }
  std::size_t block_stride() const { return static_cast<std::size_t>(rows) * row_stride(); }
  std::size_t size() const { return static_cast<std::size_t>(blocks) * block_stride(); }
  std::size_t origin() const {
    return static_cast<std::size_t>(top) * row_stride() +
           static_cast<std::size_t>(left) * static_cast<std::size_t>(lanes);
  }
};

/// Where every value lies, for one size of input. It depends neither on the batch, whose images each have an arena of
/// the same form, nor on the kernels that are chosen, as the borders serve all of them.
class Layout {
 public:
  /// Throws Error kModelLoad if the network's shapes do not fit together at this size.
  Layout(const Graph& graph, int height, int width, int lanes);

  const MapLayout& of(ValueId value) const { return layouts_[layout_of_[static_cast<std::size_t>(value)]]; }
  const MapShape& shape(ValueId value) const { return of(value).shape; }

  /// The value in an arena that begins at `arena`.
  MapView View(ValueId value, float* arena) const;

  /// Images of one batch: the rows and the pixels of all are counted in int.
  int most_images() const;

  /// Floats of one image's arena.
  std::size_t image_floats() const { return image_floats_; }

 private:
  void InferShapes(const Graph& graph, int height, int width);
  void MakeLayouts(const Graph& graph, int lanes);
  void PlaceValues(const Graph& graph);

  std::vector<MapShape> shapes_;
  std::vector<MapLayout> layouts_;      // of the distinct shapes
  std::vector<std::size_t> layout_of_;  // of each value
  std::vector<std::size_t> offsets_;    // of each value
  std::size_t image_floats_ = 0;
};

/// The forms of Winograd's algorithm that a layer can be computed by at any size; none if it is no such convolution.
std::vector<WinogradForm> WinogradForms(const Layer& layer);

/// Those, and F(5x5) where it fits the map as well as F(4x4): 14x14 pixels are 9 tiles of 49 products, or 16 of 36.
std::vector<WinogradForm> WinogradForms(const Layer& layer, const MapShape& output);

}  // namespace hrnet_native::native
