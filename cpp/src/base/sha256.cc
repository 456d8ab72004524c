#include "base/sha256.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

void Require(bool succeeded) {
  if (!succeeded) throw Error(ErrorCode::kInternal, "OpenSSL does not compute SHA-256 here");
}

class Hasher {
 public:
  Hasher() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    Require(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }

  void Add(const void* data, std::size_t size) { Require(EVP_DigestUpdate(context_.get(), data, size) == 1); }

  std::string Digits() {
    std::array<unsigned char, 32> digest{};
    Require(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) == 1);
    constexpr const char* kDigits = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : digest) {
      text += kDigits[byte >> 4];
      text += kDigits[byte & 15U];
    }
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

}  // namespace

std::string Sha256(std::string_view bytes) {
  Hasher hasher;
  hasher.Add(bytes.data(), bytes.size());
  return hasher.Digits();
}

std::string Sha256(const ByteSource& source) {
  constexpr std::size_t kPiece = std::size_t{256} << 10;  // stays in the second-level cache
  Hasher hasher;
  std::vector<char> piece(std::min(kPiece, source.size()));
  for (std::size_t offset = 0; offset < source.size(); offset += piece.size()) {
    const std::size_t size = std::min(piece.size(), source.size() - offset);
    source.Read(offset, piece.data(), size);
    hasher.Add(piece.data(), size);
  }
  return hasher.Digits();
}

}  // namespace hrnet_native
