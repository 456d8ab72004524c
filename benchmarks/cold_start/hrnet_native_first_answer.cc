// One answer of this project's library: hrnet_native_first_answer MODEL INPUT OUTPUT BACKEND

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include "floats.h"
#include "hrnet_native/predictor.h"

namespace {

using hrnet_native::Backend;

Backend BackendOf(const std::string& name) {
  for (const Backend backend :
       {Backend::kAuto, Backend::kNative, Backend::kOneDnn, Backend::kOpenVino, Backend::kCpu}) {
    if (hrnet_native::Name(backend) == name) {
      return backend;
    }
  }
  throw std::runtime_error("unknown backend: " + name);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    return 2;
  }
  try {
    hrnet_native::PredictorOptions options;
    options.backend = BackendOf(argv[4]);
    const hrnet_native::Predictor predictor(argv[1], options);
    const std::vector<float> input = ReadFloats(argv[2]);
    std::vector<float> scores(predictor.model_info().num_classes);
    predictor.Infer(input.data(), 1, scores.data());
    Answer(argv[3], scores.data(), scores.size());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
