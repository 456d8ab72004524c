#pragma once

#include <cstddef>

namespace hrnet_native::native {

/// What the values of a map are.
enum class ElementType { kFloat32 };

/// Bytes of a value.
constexpr std::size_t SizeOf(ElementType type) {
  switch (type) {
    case ElementType::kFloat32:
      break;
  }
  return sizeof(float);
}

}  // namespace hrnet_native::native
