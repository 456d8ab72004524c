#pragma once

#include <cstddef>
#include <string>

#include "base/str_cat.h"
#include "engine/native/element_type.h"

namespace hrnet_native::native {

/// A value's size for one image.
struct MapShape {
  int channels;
  int height;
  int width;

  bool operator==(const MapShape& other) const {
    return channels == other.channels && height == other.height && width == other.width;
  }
  bool operator!=(const MapShape& other) const { return !(*this == other); }
};

/// For a message.
inline std::string Shown(const MapShape& shape) {
  return StrCat("(", shape.channels, ", ", shape.height, ", ", shape.width, ")");
}

/// How maps of one shape lie in memory, in elements. Maps of a shape share it, so that a sum and its terms are reached
/// by one offset, and a map may take another's place without its border of zeros being written again.
struct MapLayout {
  MapShape shape;
  ElementType type;
  int lanes;  ///< Channels of a block: the kernels' lanes, or 1 for an input with fewer channels.
  int blocks;
  int top;   ///< Border before the first row.
  int left;  ///< Border before the first column.
  int rows;  ///< With the border.
  int columns;

  std::size_t row_stride() const { return static_cast<std::size_t>(columns) * static_cast<std::size_t>(lanes); }
  std::size_t block_stride() const { return static_cast<std::size_t>(rows) * row_stride(); }
  std::size_t size() const { return static_cast<std::size_t>(blocks) * block_stride(); }
  std::size_t bytes() const { return size() * SizeOf(type); }
  std::size_t origin() const {
    return static_cast<std::size_t>(top) * row_stride() +
           static_cast<std::size_t>(left) * static_cast<std::size_t>(lanes);
  }
};

/// Zeros that a layer wants around its input.
struct Border {
  int top = 0;      ///< Rows before the map.
  int left = 0;     ///< Columns before it.
  int rows = 0;     ///< Rows in all, from the first of the border: the map's and what is read beyond it.
  int columns = 0;  ///< Columns in all.
};

}  // namespace hrnet_native::native
