#include <array>
#include <chrono>
#include <vector>

#include "submitted.h"
#include "support/pipeline_fixture.h"
#include "sweep.h"

namespace hrnet_native {
namespace {

void ExpectAnswers(Pipeline& pipeline) {
  const Picture picture(1);
  const std::vector<Outcome> outcomes = pipeline.Predict({picture.view()}, {});
  EXPECT_EQ(outcomes[0].error, nullptr);
}

TEST(QueueFaults, Construct) {
  PredictorOptions options = Options(3);
  options.warmup = {2};
  SweepAll("Pipeline", [&](Trial& trial) {
    std::optional<Pipeline> pipeline;
    if (trial.Succeeds([&] { pipeline.emplace(FakeBundle(), std::make_shared<FakeModel>(), options); })) {
      ExpectAnswers(*pipeline);
    }
  });
}

/// Behind one that runs: served together, late, cancelled and refused.
TEST(QueueFaults, SubmitBehindOneThatRuns) {
  constexpr std::size_t kRoom = 3;
  const Picture picture(1);
  RequestOptions soon;
  soon.timeout = std::chrono::milliseconds(1);
  SweepAll("Submit behind one that runs", [&](Trial& trial) {
    std::array<Submitted, 1 + 2 + kRoom + 1> images;
    {
      Gated gated(Options(1, 4, kRoom));
      images[0].By(gated.pipeline, picture.view(), {});
      gated.gate.AwaitArrivals(1);
      trial.Succeeds([&] {
        images[1].By(gated.pipeline, picture.view(), soon);
        images[1].Await();
        images[2].By(gated.pipeline, picture.view(), {});
        images[2].future().Cancel();
        images[2].Await();
        for (std::size_t i = 3; i < images.size(); ++i) images[i].By(gated.pipeline, picture.view(), {});
      });
      gated.gate.Open();
      ExpectAnswers(gated.pipeline);
    }
    for (Submitted& image : images) image.ExpectSettled();
  });
}

TEST(QueueFaults, CloseWhileSomeWait) {
  const Picture picture(1);
  SweepAll("Close while some wait", [&](Trial& trial) {
    std::array<Submitted, 4> images;
    {
      Gated gated(Options(1, 1, 8));
      for (Submitted& image : images) image.By(gated.pipeline, picture.view(), {});
      gated.gate.AwaitArrivals(1);
      trial.Succeeds([&] {
        gated.gate.Open();
        gated.pipeline.Close();
      });
    }
    for (Submitted& image : images) image.ExpectSettled();
  });
}

/// More pieces than are under way at once, with an image that is none.
TEST(QueueFaults, LongList) {
  const Picture picture(1);
  std::vector<ImageSource> images(20, picture.view());
  images[7] = kBad;
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Options(2, 2));
  SweepAll("Predict of a long list", [&](Trial& trial) {
    std::vector<Outcome> outcomes;
    if (trial.Succeeds([&] { outcomes = pipeline.Predict(images, {}); })) {
      EXPECT_EQ(outcomes.size(), images.size());
      EXPECT_NE(outcomes[7].error, nullptr);
    }
    ExpectAnswers(pipeline);
  });
}

TEST(QueueFaults, InferInPieces) {
  const std::vector<float> inputs(9 * kInput);
  std::vector<float> scores(std::size_t{9} * FakeModel::kClasses);
  Pipeline pipeline(FakeBundle(), std::make_shared<FakeModel>(), Options(2, 2));
  SweepAll("Infer in pieces", [&](Trial& trial) {
    trial.Succeeds([&] { pipeline.Infer(inputs.data(), 9, scores.data(), {}); });
    ExpectAnswers(pipeline);
  });
}

}  // namespace
}  // namespace hrnet_native
