#include "base/memory_directory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void Fail(const std::string& what) {
  throw Error(ErrorCode::kUnsupported,
              StrCat("a model cannot be loaded from memory: ", what, ": ", std::generic_category().message(errno)));
}

void WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) Fail(StrCat("no memory for ", bytes.size(), " bytes"));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

MemoryDirectory::MemoryDirectory() {
  std::error_code failure;
  std::string name = (fs::temp_directory_path(failure) / "hrnet_native_XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) Fail(StrCat("no temporary directory ", name));
  path_ = name;
}

MemoryDirectory::~MemoryDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  for (const int file : files_) close(file);
}

fs::path MemoryDirectory::Add(const std::string& name, std::string_view bytes) {
  const int file = memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (file < 0) Fail("no memfd");
  files_.push_back(file);
  WriteAll(file, bytes);
  if (fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) Fail("no seal");
  fs::path link = path_ / name;
  std::error_code failure;
  fs::create_symlink(StrCat("/proc/self/fd/", file), link, failure);
  if (failure) Fail(StrCat("no link ", link));
  return link;
}

}  // namespace hrnet_native
