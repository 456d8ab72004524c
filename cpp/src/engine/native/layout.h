#pragma once

#include <cstddef>
#include <vector>

#include "engine/native/graph.h"
#include "engine/native/kernels/kernels.h"
#include "engine/native/map_layout.h"

namespace hrnet_native::native {

/// Where every value lies, for one size of input. It depends neither on the batch, whose images each have an arena of
/// the same form, nor on the kernels that are chosen, as the borders serve all of them.
class Layout {
 public:
  /// `lanes`: of the kernels for ElementType::kFloat32, which all maps have today. Throws Error kModelLoad if the
  /// network's shapes do not fit together at this size.
  Layout(const Graph& graph, int height, int width, int lanes);

  const MapLayout& of(ValueId value) const { return layouts_[layout_of_[static_cast<std::size_t>(value)]]; }
  const MapShape& shape(ValueId value) const { return of(value).shape; }

  /// The value in an arena that begins at `arena`.
  MapView View(ValueId value, std::byte* arena) const;

  /// Images of one batch: the rows and the pixels of all are counted in int.
  int most_images() const;

  /// Of one image's arena, in whole cache lines.
  std::size_t image_bytes() const { return image_bytes_; }

 private:
  void InferShapes(const Graph& graph, int height, int width);
  void MakeLayouts(const Graph& graph, int lanes);
  void PlaceValues(const Graph& graph);

  std::vector<MapShape> shapes_;
  std::vector<MapLayout> layouts_;      // of the distinct shapes
  std::vector<std::size_t> layout_of_;  // of each value
  std::vector<std::size_t> offsets_;    // of each value, in bytes
  std::size_t image_bytes_ = 0;
};

}  // namespace hrnet_native::native
