#pragma once

#include <string>
#include <string_view>

#include "base/byte_source.h"

namespace hrnet_native {

/// SHA-256 in 64 lower-case hexadecimal digits.
std::string Sha256(std::string_view bytes);

/// The same of what is read a piece at a time. Throws as ByteSource::Read.
std::string Sha256(const ByteSource& source);

}  // namespace hrnet_native
