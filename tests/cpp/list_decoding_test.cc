#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>

#include "base/cpu_budget.h"
#include "encoders.h"
#include "fake_engine.h"
#include "predictor/options.h"
#include "predictor/pipeline.h"

namespace hrnet_native {
namespace {

std::ptrdiff_t ThreadsOfThisProcess() {
  namespace fs = std::filesystem;
  return std::distance(fs::directory_iterator("/proc/self/task"), fs::directory_iterator());
}

TEST(Pipeline, TheImagesOfAListAreDecodedByOtherThreadsToo) {
  if (CpuBudget() < 2) GTEST_SKIP() << "with one CPU the caller decodes alone";
  PredictorOptions options;
  options.backend = Backend::kCpu;
  options.max_batch_size = 4;
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Resolve(options, CpuBudget()));
  const std::string png = EncodePng(Gradient());
  const ImageSource image = EncodedImage{png.data(), png.size()};
  pipeline.Predict({image}, {});
  const std::ptrdiff_t alone = ThreadsOfThisProcess();
  pipeline.Predict({image, image, image, image}, {});
  EXPECT_GT(ThreadsOfThisProcess(), alone);
}

}  // namespace
}  // namespace hrnet_native
