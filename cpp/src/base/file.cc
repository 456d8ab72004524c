#include "base/file.h"

#include <fstream>

#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native {

std::uintmax_t FileSize(const std::filesystem::path& path) {
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status)) throw Error(ErrorCode::kNotFound, StrCat("no such file: ", path));
  if (!std::filesystem::is_regular_file(status)) {
    throw Error(ErrorCode::kInvalidArgument, StrCat(path, " is not a regular file"));
  }
  const std::uintmax_t size = std::filesystem::file_size(path, failure);
  if (failure) throw Error(ErrorCode::kInvalidArgument, StrCat("cannot read ", path));
  return size;
}

std::vector<std::uint8_t> ReadFile(const std::filesystem::path& path) {
  std::vector<std::uint8_t> bytes(FileSize(path));
  std::ifstream stream(path, std::ios::binary);
  if (!stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()))) {
    throw Error(ErrorCode::kInvalidArgument, StrCat("cannot read ", path));
  }
  return bytes;
}

}  // namespace hrnet_native
