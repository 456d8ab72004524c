#include "model/bundle.h"

#include "base/str_cat.h"
#include "hrnet_native/error.h"
#include "model/inference_yml.h"

namespace hrnet_native {
namespace {

namespace fs = std::filesystem;

bool IsFile(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

}  // namespace

Bundle ReadBundle(const fs::path& directory, const fs::path& native_file) {
  std::error_code ignored;
  if (!fs::exists(directory, ignored)) {
    throw Error(ErrorCode::kNotFound, StrCat("no such model directory: ", directory));
  }
  if (!fs::is_directory(directory, ignored)) {
    throw Error(ErrorCode::kModelLoad, StrCat(directory, " is not a directory; expected one with a Paddle model"));
  }
  Bundle bundle;
  for (const char* name : {"inference.json", "inference.pdmodel"}) {
    if (bundle.program.empty() && IsFile(directory / name)) bundle.program = directory / name;
  }
  bundle.parameters = directory / "inference.pdiparams";
  if (!native_file.empty()) {
    if (!IsFile(native_file)) throw Error(ErrorCode::kNotFound, StrCat("no such native_file: ", native_file));
    bundle.native = native_file;
  } else if (IsFile(directory / "native.safetensors")) {
    bundle.native = directory / "native.safetensors";
  }
  if (bundle.native.empty() && (bundle.program.empty() || !IsFile(bundle.parameters))) {
    throw Error(ErrorCode::kModelLoad,
                StrCat(directory, " lacks ",
                       bundle.program.empty() ? "inference.json or inference.pdmodel" : "inference.pdiparams",
                       "; expected a model exported by hrnet-native, PaddleClas or PaddleX"));
  }
  if (!IsFile(bundle.parameters)) bundle.program.clear();
  const fs::path config = directory / "inference.yml";
  if (IsFile(config)) ReadInferenceYml(config, bundle);
  return bundle;
}

}  // namespace hrnet_native
