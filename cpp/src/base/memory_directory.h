#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace hrnet_native {

/// Files that lie in memory and have paths nevertheless, for readers that open files by name. No byte of them reaches a
/// disk: the directory holds links to nameless files (memfd). It dies with this object.
class MemoryDirectory {
 public:
  /// Throws Error kUnsupported if the system has no such files, or no place for temporary directories.
  MemoryDirectory();
  ~MemoryDirectory();
  MemoryDirectory(const MemoryDirectory&) = delete;
  MemoryDirectory& operator=(const MemoryDirectory&) = delete;

  /// Copies the bytes to a new file that nobody can change any more, and returns its path. Throws as the constructor.
  std::filesystem::path Add(const std::string& name, std::string_view bytes);

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
  std::vector<int> files_;
};

}  // namespace hrnet_native
