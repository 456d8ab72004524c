#include "engine/native/safetensors.h"

#include <optional>
#include <string>

#include "base/str_cat.h"
#include "engine/native/json_fields.h"
#include "engine/native/limits.h"
#include "hrnet_native/error.h"

namespace hrnet_native::native {
namespace {

constexpr std::uint64_t kMaxHeader = std::uint64_t{100} << 20;  // the format's own limit
// A GiB of floats: a mistake, and too many for the products of sizes that are counted in int.
constexpr std::size_t kMaxTensorBytes = std::size_t{1} << 30;

/// What follows the header.
struct Data {
  std::shared_ptr<const ByteSource> file;
  std::uint64_t begin;
  std::size_t size;
};

/// Adds a tensor to `places`, which maps where tensors begin to where they end.
Tensor ReadTensor(const Json& json, const Data& data, std::map<std::uint64_t, std::uint64_t>& places) {
  const Json::Object& entry = Object(json, "it");
  const std::string& type = Text(entry, "dtype");
  if (type != "F32" && type != "F16") FailToLoad("it must have dtype F32 or F16");
  const auto* shape = Member(entry, "shape").As<Json::Array>();
  const auto* offsets = Member(entry, "data_offsets").As<Json::Array>();
  const auto offset = [&](std::size_t i) { return (*offsets)[i].As<std::uint64_t>(); };
  if (shape == nullptr || shape->size() > 4 || offsets == nullptr || offsets->size() != 2 || offset(0) == nullptr ||
      offset(1) == nullptr) {
    FailToLoad("it must have a shape of at most four sides and two offsets");
  }
  Tensor tensor;
  tensor.is_half = type == "F16";
  std::size_t bytes = tensor.is_half ? sizeof(std::uint16_t) : sizeof(float);
  const std::size_t most = data.size < kMaxTensorBytes ? data.size : kMaxTensorBytes;
  for (const Json& side : *shape) {
    tensor.shape.push_back(Integer(side, "a side", 1, kMaxSide));
    const auto count = static_cast<std::size_t>(tensor.shape.back());
    if (bytes > most / count) FailToLoad(StrCat("it is larger than the file, or than ", kMaxTensorBytes, " bytes"));
    bytes *= count;
  }
  const std::uint64_t begin = *offset(0);
  const std::uint64_t end = *offset(1);
  if (begin > end || end > data.size || end - begin != bytes) {
    FailToLoad(StrCat("it must have ", bytes, " bytes within the file's ", data.size));
  }
  if (!places.emplace(begin, end).second) FailToLoad("it begins where another does");
  tensor.file = data.file;
  tensor.offset = data.begin + begin;
  return tensor;
}

void RequireNoGaps(const std::map<std::uint64_t, std::uint64_t>& places, std::size_t size) {
  std::uint64_t next = 0;
  for (const auto& [begin, end] : places) {
    if (begin != next) FailToLoad(StrCat("a tensor begins at byte ", begin, ", expected ", next));
    next = end;
  }
  if (next != size) FailToLoad(StrCat("the tensors end at byte ", next, " of ", size));
}

}  // namespace

Safetensors ReadSafetensors(const std::shared_ptr<const ByteSource>& file) {
  const std::size_t size = file->size();
  std::uint64_t length = 0;
  if (size < sizeof length) FailToLoad("the file is too short for a safetensors file");
  file->Read(0, &length, sizeof length);
  if (length > kMaxHeader || length > size - sizeof length) {
    FailToLoad(StrCat("the header of ", length, " bytes does not fit the file"));
  }
  std::string text(length, '\0');
  file->Read(sizeof length, text.data(), text.size());
  const std::optional<Json> json = ParseJson(text);
  const auto* header = json ? json->As<Json::Object>() : nullptr;
  if (header == nullptr) FailToLoad("the header is no JSON object");
  const Data data{file, sizeof length + length, size - sizeof length - text.size()};

  Safetensors contents;
  contents.graph = Text(Object(Member(*header, "__metadata__"), "'__metadata__'"), "hrnet_native.graph");
  std::map<std::uint64_t, std::uint64_t> places;
  for (const auto& [name, entry] : *header) {
    if (name == "__metadata__") continue;
    try {
      contents.tensors.emplace(name, ReadTensor(entry, data, places));
    } catch (const Error& error) {
      FailToLoad(StrCat("tensor ", Shown(name), ": ", error.what()));
    }
  }
  RequireNoGaps(places, data.size);
  return contents;
}

}  // namespace hrnet_native::native
