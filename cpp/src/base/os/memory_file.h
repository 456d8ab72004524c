#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace hrnet_native::os {

/// A read-only file in memory, for libraries that take only paths. No byte of it reaches a disk.
class MemoryFile {
 public:
  /// The name is for those who look at the process. Throws std::system_error.
  MemoryFile(const std::string& name, std::string_view bytes);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  /// By which this process can open it, as long as this lives.
  std::filesystem::path path() const;

 private:
  int descriptor_;
};

}  // namespace hrnet_native::os
