#include "base/model_file.h"

namespace hrnet_native {

std::shared_ptr<const ByteSource> Open(const ModelFile& file) {
  if (file.bytes() == nullptr) return std::make_shared<const FileBytes>(file.path());
  return std::make_shared<const MemoryBytes>(*file.bytes(), file.bytes());
}

}  // namespace hrnet_native
