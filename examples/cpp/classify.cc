// Classifies one image: classify MODEL_DIR IMAGE

#include <cstdio>
#include <new>

#include "hrnet_native/error.h"
#include "hrnet_native/predictor.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: classify MODEL_DIR IMAGE\n");
    return 2;
  }
  try {
    const hrnet_native::Predictor predictor(argv[1]);
    const auto result = predictor.Predict(std::filesystem::path(argv[2]));
    for (std::size_t i = 0; i < result.scores.size(); ++i) {
      const char* name = result.label_names.empty() ? "" : result.label_names[i].c_str();
      std::printf("%d %.9g %s\n", result.class_ids[i], static_cast<double>(result.scores[i]), name);
    }
  } catch (const hrnet_native::Error& error) {
    std::fprintf(stderr, "classify: %s\n", error.what());
    return 1;
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "classify: no memory\n");
    return 1;
  }
  return 0;
}
