#pragma once

#include <sstream>
#include <string>

namespace hrnet_native {

/// Concatenates whatever streams accept; for messages.
template <typename... Parts>
std::string StrCat(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

}  // namespace hrnet_native
