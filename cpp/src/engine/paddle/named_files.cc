#include "engine/paddle/named_files.h"

#include <string>
#include <system_error>

#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native {

namespace fs = std::filesystem;

fs::path TemporaryPlace() {
  std::error_code failure;
  fs::path place = fs::temp_directory_path(failure);
  if (failure) {
    throw Error(ErrorCode::kUnsupported,
                StrCat("there is no directory for temporary files: ", failure.message(), "; TMPDIR can name one"));
  }
  return place;
}

NamedFiles::NamedFiles(const ModelFile& program, const ModelFile& parameters)
    : program_(Name(program)), parameters_(Name(parameters)) {}

fs::path NamedFiles::Name(const ModelFile& file) {
  if (file.bytes() == nullptr) return file.path();
  const fs::path place = TemporaryPlace();
  try {
    files_.push_back(std::make_unique<const os::MemoryFile>(file.path().string(), *file.bytes()));
    if (!links_) links_.emplace(place, "hrnet_native_");
    fs::path link = links_->path() / file.path();
    fs::create_symlink(files_.back()->path(), link);
    return link;
  } catch (const std::system_error& error) {
    throw Error(ErrorCode::kUnsupported, StrCat("Paddle cannot be given a model in memory: ", error.what()));
  }
}

}  // namespace hrnet_native
