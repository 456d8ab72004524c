#include "base/sha256.h"

#include <openssl/evp.h>

#include <array>

#include "hrnet_native/error.h"

namespace hrnet_native {

std::string Sha256(const void* data, std::size_t size) {
  std::array<unsigned char, 32> digest{};
  if (EVP_Digest(data, size, digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
    throw Error(ErrorCode::kInternal, "OpenSSL does not compute SHA-256 here");
  }
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15U];
  }
  return text;
}

}  // namespace hrnet_native
