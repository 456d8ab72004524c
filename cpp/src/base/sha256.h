#pragma once

#include <cstddef>
#include <string>

namespace hrnet_native {

/// SHA-256 of some bytes, as 64 lower-case hexadecimal digits. Throws Error kInternal if OpenSSL refuses.
std::string Sha256(const void* data, std::size_t size);

}  // namespace hrnet_native
