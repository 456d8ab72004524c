#include "base/os/memory_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/str_cat.h"

namespace hrnet_native::os {
namespace {

[[noreturn]] void Fail(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

void Write(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) Fail(StrCat("no memory for ", bytes.size(), " bytes"));
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

MemoryFile::MemoryFile(const std::string& name, std::string_view bytes)
    : descriptor_(memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING)) {
  if (descriptor_ < 0) Fail("no memfd");
  try {
    Write(descriptor_, bytes);
    if (fcntl(descriptor_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) Fail("no seal");
  } catch (...) {
    close(descriptor_);
    throw;
  }
}

MemoryFile::~MemoryFile() { close(descriptor_); }

std::filesystem::path MemoryFile::path() const { return StrCat("/proc/self/fd/", descriptor_); }

}  // namespace hrnet_native::os
