#pragma once

#include <cstddef>
#include <filesystem>

namespace hrnet_native {

/// A whole file, mapped for reading. Whoever replaces the file must do so by renaming, as everything here does: a file
/// that is shortened in place takes its pages away.
class MappedFile {
 public:
  /// Throws Error: kNotFound if there is no such file, kInvalidArgument if it is no regular file or cannot be mapped.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  const std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace hrnet_native
