#pragma once

#include <filesystem>
#include <string>

namespace hrnet_native::os {

/// A new directory that nobody else may enter, removed in the end with all in it.
class TemporaryDirectory {
 public:
  /// Its name begins with `prefix`. Throws std::filesystem::filesystem_error.
  TemporaryDirectory(const std::filesystem::path& place, const std::string& prefix);
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace hrnet_native::os
