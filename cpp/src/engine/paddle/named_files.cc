#include "engine/paddle/named_files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void Fail(const std::string& reason) {
  throw Error(ErrorCode::kUnsupported, StrCat("Paddle cannot be given a model in memory: ", reason));
}

[[noreturn]] void FailWithErrno(const std::string& what) {
  Fail(StrCat(what, ": ", std::generic_category().message(errno)));
}

}  // namespace

fs::path TemporaryPlace() {
  std::error_code failure;
  fs::path place = fs::temp_directory_path(failure);
  if (failure) {
    throw Error(ErrorCode::kUnsupported,
                StrCat("there is no directory for temporary files: ", failure.message(), "; TMPDIR can name one"));
  }
  return place;
}

/// A sealed file without a name, which lies in memory (memfd).
class NamedFiles::Nameless {
 public:
  explicit Nameless(const ModelFile& file)
      : descriptor_(memfd_create(file.path().c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING)) {
    if (descriptor_ < 0) FailWithErrno("no memfd");
    try {
      Write(*file.bytes());
      if (fcntl(descriptor_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) FailWithErrno("no seal");
    } catch (...) {
      close(descriptor_);
      throw;
    }
  }
  ~Nameless() { close(descriptor_); }
  Nameless(const Nameless&) = delete;
  Nameless& operator=(const Nameless&) = delete;

  fs::path path() const { return StrCat("/proc/self/fd/", descriptor_); }

 private:
  void Write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t written = write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) FailWithErrno(StrCat("no memory for ", bytes.size(), " bytes"));
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  int descriptor_;
};

NamedFiles::NamedFiles(const ModelFile& program, const ModelFile& parameters)
    : program_(Name(program)), parameters_(Name(parameters)) {}

NamedFiles::~NamedFiles() = default;

fs::path NamedFiles::Name(const ModelFile& file) {
  if (file.bytes() == nullptr) return file.path();
  nameless_.push_back(std::make_unique<const Nameless>(file));
  const fs::path place = TemporaryPlace();
  try {
    if (!links_) links_.emplace(place, "hrnet_native_");
    fs::path link = links_->path() / file.path();
    fs::create_symlink(nameless_.back()->path(), link);
    return link;
  } catch (const fs::filesystem_error& error) {
    Fail(error.what());
  }
}

}  // namespace hrnet_native
