// What was moved from can be destroyed and assigned to, and says so when it is used.
// NOLINTBEGIN(bugprone-use-after-move,clang-analyzer-cplusplus.Move): that is what is tested
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "hrnet_native/image.h"
#include "hrnet_native/predictor.h"
#include "support/expect_error.h"
#include "support/pipeline_fixture.h"

namespace hrnet_native {
namespace {

TEST(MovedFrom, Predictor) {
  Predictor first(DEFAULT_MODEL);
  Predictor second(std::move(first));
  const std::vector<std::uint8_t> pixels(std::size_t{3} * 8 * 8);
  const ImageView view{pixels.data(), 8, 8, 24};
  std::vector<float> floats(1'000'000);
  const std::vector<std::function<void()>> uses = {
      [&] { first.Predict(view); },
      [&] { first.Predict(std::vector<ImageSource>{view}); },
      [&] { first.Submit(view); },
      [&] { first.Preprocess(view, floats.data()); },
      [&] { first.Infer(floats.data(), 1, floats.data()); },
      [&] { first.Warmup(); },
      [&] { first.Clone(); },
      [&] { first.stats(); },
      [&] { first.ResetStats(); },
      [&] { first.Close(); },
      [&] { first.model_info(); },
      [&] { first.options(); },
  };
  for (const auto& use : uses)
    ExpectError(ErrorCode::kInvalidArgument, "this predictor was moved from", [&] { use(); });
  first = std::move(second);
  EXPECT_NO_THROW(first.Predict(view));
  Predictor& itself = first;
  first = std::move(itself);
  EXPECT_NO_THROW(first.Predict(view));
}

TEST(MovedFrom, Future) {
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Options());
  const Picture picture(1);
  Future first = pipeline.Submit(picture.view(), {}, nullptr, nullptr);
  Future second = std::move(first);
  const char* const text = "this future was moved from";
  ExpectError(ErrorCode::kInvalidArgument, text, [&] { first.Get(); });
  ExpectError(ErrorCode::kInvalidArgument, text, [&] { first.WaitFor(std::chrono::microseconds(1)); });
  ExpectError(ErrorCode::kInvalidArgument, text, [&] { first.Cancel(); });
  first = std::move(second);
  EXPECT_EQ(first.Get().class_ids.size(), 4U);
}

TEST(MovedFrom, Image) {
  Image first(2, 3);
  first.set_truncated(true);
  first.row(1)[0] = 7;
  Image second = std::move(first);
  EXPECT_EQ(second.size_bytes(), 18U);
  EXPECT_TRUE(second.truncated());
  EXPECT_EQ(second.row(1)[0], 7);
  EXPECT_EQ(first.size_bytes(), 0U);
  EXPECT_FALSE(first.truncated());
  EXPECT_EQ(first.view().data, nullptr);
  first.Reshape(2, 3);
  ASSERT_NE(first.row(0), nullptr);  // though it had room for as many once
  first.row(1)[8] = 9;
  second = std::move(first);
  EXPECT_EQ(second.row(1)[8], 9);
}

}  // namespace
}  // namespace hrnet_native
// NOLINTEND(bugprone-use-after-move,clang-analyzer-cplusplus.Move)
