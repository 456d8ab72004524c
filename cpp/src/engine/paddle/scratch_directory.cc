#include "engine/paddle/scratch_directory.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>

#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native {

ScratchDirectory::ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::path place = std::filesystem::temp_directory_path(ignored);
  if (place.empty()) place = "/tmp";
  std::string name = (place / "hrnet_native.XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw Error(ErrorCode::kInternal, StrCat("no temporary directory in ", place, ": ", std::strerror(errno)));
  }
  path_ = name;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace hrnet_native
