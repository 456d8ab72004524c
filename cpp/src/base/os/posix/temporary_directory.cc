#include "base/os/temporary_directory.h"

#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace hrnet_native::os {

namespace fs = std::filesystem;

TemporaryDirectory::TemporaryDirectory(const fs::path& place, const std::string& prefix) {
  std::string name = (fs::absolute(place) / (prefix + "XXXXXX")).string();
  if (mkdtemp(name.data()) == nullptr) {
    throw fs::filesystem_error("cannot make a directory", place, std::error_code(errno, std::generic_category()));
  }
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace hrnet_native::os
