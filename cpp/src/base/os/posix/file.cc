#include "base/os/file.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native::os {
namespace {

[[noreturn]] void Fail(const char* what, const std::filesystem::path& path, int error) {
  throw Error(ErrorCode::kInvalidArgument, StrCat(what, " ", path, ": ", std::generic_category().message(error)));
}

}  // namespace

// Without waiting: a pipe in the place of a file may have no writer.
InputFile::InputFile(const std::filesystem::path& path)
    : path_(path), descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  const int error = errno;
  if (descriptor_ < 0 && (error == ENOENT || error == ENOTDIR)) {
    throw Error(ErrorCode::kNotFound, StrCat("no such file: ", path));
  }
  if (descriptor_ < 0) Fail("cannot open", path, error);
  struct stat status{};
  if (fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(descriptor_);
    throw Error(ErrorCode::kInvalidArgument, StrCat(path, " is not a regular file"));
  }
}

InputFile::~InputFile() { close(descriptor_); }

FileState InputFile::state() const {
  struct stat status{};
  if (fstat(descriptor_, &status) != 0) Fail("cannot read", path_, errno);
  return {static_cast<std::uint64_t>(status.st_size), status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
}

std::size_t InputFile::Read(std::uint64_t offset, void* to, std::size_t size) const {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t count =
        pread(descriptor_, static_cast<char*>(to) + done, size - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) Fail("cannot read", path_, errno);
    if (count == 0) break;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

bool Exchange(const std::filesystem::path& one, const std::filesystem::path& other) noexcept {
  return syscall(SYS_renameat2, AT_FDCWD, one.c_str(), AT_FDCWD, other.c_str(), RENAME_EXCHANGE) == 0;
}

}  // namespace hrnet_native::os
