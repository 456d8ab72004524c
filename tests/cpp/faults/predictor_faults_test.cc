#include "hrnet_native/predictor.h"

#include <cmath>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <vector>

#include "submitted.h"
#include "support/encoders.h"
#include "sweep.h"

namespace hrnet_native {
namespace {

const std::filesystem::path kModel = DEFAULT_MODEL;

PredictorOptions Options() {
  PredictorOptions options;
  options.backend = Backend::kNative;
  options.num_threads = 2;  // as many as every machine for developers has
  options.max_batch_size = 2;
  options.top_k = 10;
  return options;
}

std::string ReadWhole(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

bool IsNear(const Classification& got, const Classification& expected) {
  if (got.class_ids != expected.class_ids || got.label_names != expected.label_names) return false;
  for (std::size_t i = 0; i < got.scores.size(); ++i) {
    if (std::abs(got.scores[i] - expected.scores[i]) > 1e-5F) return false;
  }
  return true;
}

/// The default model, what it is asked, and what it answers.
class PredictorFaults : public ::testing::Test {
 protected:
  void ExpectWorks(const Predictor& made) const { EXPECT_TRUE(IsNear(made.Predict(image), expected)); }

  const std::string encoded = EncodeJpeg(Gradient());
  const ImageSource image = EncodedImage{encoded.data(), encoded.size()};
  Predictor predictor{kModel, Options()};
  const Classification expected = predictor.Predict(image);
  const std::size_t input_size = static_cast<std::size_t>(predictor.model_info().channels) *
                                 static_cast<std::size_t>(predictor.model_info().height) *
                                 static_cast<std::size_t>(predictor.model_info().width);
};

TEST_F(PredictorFaults, Construct) {
  PredictorOptions options = Options();
  options.warmup = {2};
  SweepAll("Predictor", [&](Trial& trial) {
    std::optional<Predictor> made;
    if (trial.Succeeds([&] { made.emplace(kModel, options); })) ExpectWorks(*made);
  });
}

TEST_F(PredictorFaults, FromBytes) {
  const std::string native = ReadWhole(kModel / "native.safetensors");
  const std::string config = ReadWhole(kModel / "inference.yml");
  ModelBytes bytes;
  bytes.native = native;
  bytes.config = config;
  SweepAll("FromBytes", [&](Trial& trial) {
    std::optional<Predictor> made;
    if (trial.Succeeds([&] { made = Predictor::FromBytes(bytes, Options()); })) ExpectWorks(*made);
  });
}

TEST_F(PredictorFaults, Clone) {
  SweepAll("Clone", [&](Trial& trial) {
    std::optional<Predictor> clone;
    if (trial.Succeeds([&] { clone = predictor.Clone(); })) ExpectWorks(*clone);
    ExpectWorks(predictor);
  });
}

TEST_F(PredictorFaults, CloseAndDestroy) {
  SweepAll("Clone, Close, ~Predictor", [&](Trial& trial) {
    trial.Succeeds([&] {
      Predictor clone = predictor.Clone();
      clone.Close();
    });
  });
}

TEST_F(PredictorFaults, PredictOne) {
  SweepAll("Predict", [&](Trial& trial) {
    Classification answer;
    if (trial.Succeeds([&] { answer = predictor.Predict(image); })) {
      EXPECT_TRUE(IsNear(answer, expected));
    }
    ExpectWorks(predictor);
  });
}

TEST_F(PredictorFaults, PredictList) {
  const std::string junk = "no picture";
  const std::vector<ImageSource> images = {image, EncodedImage{junk.data(), junk.size()}, image, image, image};
  SweepAll("Predict of a list", [&](Trial& trial) {
    std::vector<Outcome> outcomes;
    if (trial.Succeeds([&] { outcomes = predictor.Predict(images); })) {
      for (std::size_t i = 0; i < images.size(); ++i) {
        EXPECT_TRUE(i == 1 ? outcomes[i].error != nullptr
                           : outcomes[i].error || IsNear(outcomes[i].classification, expected));
      }
    }
    ExpectWorks(predictor);
  });
}

TEST_F(PredictorFaults, Preprocess) {
  std::vector<float> chw(input_size);
  predictor.Preprocess(image, chw.data());
  const std::vector<float> right = chw;
  SweepAll("Predictor::Preprocess", [&](Trial& trial) {
    if (trial.Succeeds([&] { predictor.Preprocess(image, chw.data()); })) {
      EXPECT_EQ(chw, right);
    }
  });
}

TEST_F(PredictorFaults, Infer) {
  constexpr int kBatch = 3;
  const auto classes = static_cast<std::size_t>(predictor.model_info().num_classes);
  const std::vector<float> inputs(kBatch * input_size, 0.5F);
  std::vector<float> scores(kBatch * classes);
  predictor.Infer(inputs.data(), kBatch, scores.data());
  const std::vector<float> right = scores;
  SweepAll("Infer", [&](Trial& trial) {
    if (!trial.Succeeds([&] { predictor.Infer(inputs.data(), kBatch, scores.data()); })) return;
    for (std::size_t i = 0; i < right.size(); ++i) EXPECT_NEAR(scores[i], right[i], 1e-5F);
  });
  ExpectWorks(predictor);
}

/// Batch sizes that the engine did not meet before.
TEST_F(PredictorFaults, Warmup) {
  SweepAll("Warmup", [&](Trial& trial) {
    const Predictor clone = predictor.Clone();
    trial.Succeeds([&] { clone.Warmup({2}, 1); });
    ExpectWorks(clone);
  });
}

TEST_F(PredictorFaults, Statistics) {
  SweepAll("stats, ResetStats", [&](Trial& trial) {
    trial.Succeeds([&] {
      predictor.stats();
      predictor.ResetStats();
    });
    ExpectWorks(predictor);
  });
}

TEST_F(PredictorFaults, Submit) {
  for (const bool with_deadline : {false, true}) {
    RequestOptions request;
    if (with_deadline) request.timeout = std::chrono::hours(1);
    SweepAll(with_deadline ? "Submit with a time-out" : "Submit", [&](Trial& trial) {
      std::optional<Predictor> clone = predictor.Clone();  // whose decoder threads and watcher are still to come
      Submitted submitted;
      trial.Succeeds([&] {
        submitted.By(*clone, image, request);
        submitted.Await();
      });
      if (submitted.is_served()) {
        EXPECT_TRUE(IsNear(submitted.future().Get(), expected));
      }
      ExpectWorks(*clone);
      clone.reset();
      submitted.ExpectSettled();
    });
  }
}

}  // namespace
}  // namespace hrnet_native
