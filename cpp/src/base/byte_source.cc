#include "base/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "base/str_cat.h"
#include "hrnet_native/error.h"

namespace hrnet_native {
namespace {

[[noreturn]] void Fail(const std::string& message) { throw Error(ErrorCode::kInvalidArgument, message); }

std::string Reason(int error) { return std::generic_category().message(error); }

}  // namespace

// Without waiting: a pipe in the place of a file may have no writer.
FileBytes::FileBytes(const std::filesystem::path& path)
    : path_(path), file_(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  const int error = errno;
  if (file_ < 0 && (error == ENOENT || error == ENOTDIR)) {
    throw Error(ErrorCode::kNotFound, StrCat("no such file: ", path));
  }
  if (file_ < 0) Fail(StrCat("cannot open ", path, ": ", Reason(error)));
  struct stat status{};
  if (fstat(file_, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(file_);
    Fail(StrCat(path, " is not a regular file"));
  }
  size_ = static_cast<std::size_t>(status.st_size);
  written_ = status.st_mtim;
}

FileBytes::~FileBytes() { close(file_); }

void FileBytes::Read(std::uint64_t offset, void* to, std::size_t size) const {
  auto* next = static_cast<char*>(to);
  std::size_t left = size;
  while (left > 0) {
    const ssize_t count = pread(file_, next, left, static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) Fail(StrCat("cannot read ", path_, ": ", Reason(errno)));
    if (count == 0) break;  // shorter than it was
    next += count;
    left -= static_cast<std::size_t>(count);
    offset += static_cast<std::uint64_t>(count);
  }
  struct stat status{};
  if (left > 0 || fstat(file_, &status) != 0 || static_cast<std::size_t>(status.st_size) != size_ ||
      status.st_mtim.tv_sec != written_.tv_sec || status.st_mtim.tv_nsec != written_.tv_nsec) {
    Fail(StrCat(path_, " was written to while it was in use; a file is replaced by renaming another over it"));
  }
}

void MemoryBytes::Read(std::uint64_t offset, void* to, std::size_t size) const {
  if (offset > bytes_.size() || bytes_.size() - offset < size) {
    Fail(StrCat("there are ", bytes_.size(), " bytes, not ", size, " from ", offset, " on"));
  }
  if (size > 0) std::memcpy(to, bytes_.data() + offset, size);
}

std::vector<std::uint8_t> ReadAll(const ByteSource& source) {
  std::vector<std::uint8_t> bytes(source.size());
  source.Read(0, bytes.data(), bytes.size());
  return bytes;
}

}  // namespace hrnet_native
