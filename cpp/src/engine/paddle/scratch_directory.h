#pragma once

#include <filesystem>

namespace hrnet_native {

/// A directory of its own among the temporary ones, which nobody else may enter; removed in the end with all in it.
class ScratchDirectory {
 public:
  /// Throws Error kInternal if there is no place for one.
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace hrnet_native
