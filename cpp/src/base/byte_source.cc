#include "base/byte_source.h"

#include <cstring>
#include <string>

#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

[[noreturn]] void Fail(const std::string& message) { throw Error(ErrorCode::kInvalidArgument, message); }

}  // namespace

void FileBytes::Read(std::uint64_t offset, void* to, std::size_t size) const {
  if (file_.Read(offset, to, size) < size || !(file_.state() == opened_)) {
    Fail(StrCat(file_.path(), " was written to while it was in use; a file is replaced by renaming another over it"));
  }
}

void MemoryBytes::Read(std::uint64_t offset, void* to, std::size_t size) const {
  if (offset > bytes_.size() || bytes_.size() - offset < size) {
    Fail(StrCat("there are ", bytes_.size(), " bytes, not ", size, " from ", offset, " on"));
  }
  if (size > 0) std::memcpy(to, bytes_.data() + offset, size);
}

std::vector<std::uint8_t> ReadAll(const ByteSource& source) {
  std::vector<std::uint8_t> bytes(source.size());
  source.Read(0, bytes.data(), bytes.size());
  return bytes;
}

}  // namespace hrnet_native
