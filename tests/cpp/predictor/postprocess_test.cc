#include "predictor/postprocess.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "support/expect_error.h"

namespace hrnet_native {
namespace {

TEST(LogitsToProbabilities, MatchesTheDefinitionAndBearsLargeValues) {
  std::vector<float> values = {1000, 1001, 998};
  LogitsToProbabilities(values.data(), 3);
  const double sum = std::exp(-1.0) + 1 + std::exp(-3.0);
  EXPECT_NEAR(values[0], std::exp(-1.0) / sum, 1e-6);
  EXPECT_NEAR(values[1], 1 / sum, 1e-6);
  EXPECT_TRUE(IsDistribution(values.data(), 3, 1e-5));
}

TEST(IsDistribution, RefusesLogitsAndNotANumber) {
  const float logits[] = {2, -1};
  const float partial[] = {0.5F, 0.4F};
  const float broken[] = {NAN, 1};
  const float another[] = {0.5F, 0.5F, 7};  // image's outputs follow
  EXPECT_TRUE(IsDistribution(another, 2, 1e-3));
  EXPECT_FALSE(IsDistribution(logits, 2, 1e-3));
  EXPECT_FALSE(IsDistribution(partial, 2, 1e-3));
  EXPECT_FALSE(IsDistribution(broken, 2, 1e-3));
}

TEST(RequireFinite, NamesTheClassAndTheValue) {
  const auto check = [](float value) {
    const float outputs[] = {0.5F, value};
    RequireFinite(outputs, 2, ErrorCode::kInternal);
  };
  check(0.5F);
  ExpectError(ErrorCode::kInternal, "output of class 1 is nan", [&] { check(NAN); });
  ExpectError(ErrorCode::kInternal, "output of class 1 is inf", [&] { check(INFINITY); });
}

TEST(TopK, DescendsAndBreaksTiesByClassId) {
  const float scores[] = {0.1F, 0.3F, 0.3F, 0.2F, 0.1F};
  const Classification top = TopK(scores, 5, 4, {"a", "b", "c", "d", "e"});
  EXPECT_EQ(top.class_ids, (std::vector<int>{1, 2, 3, 0}));
  EXPECT_EQ(top.scores, (std::vector<float>{0.3F, 0.3F, 0.2F, 0.1F}));
  EXPECT_EQ(top.label_names, (std::vector<std::string>{"b", "c", "d", "a"}));
}

TEST(TopK, GivesWhatThereIs) {
  const float scores[] = {0.4F, 0.6F};
  const Classification top = TopK(scores, 2, 5, {});
  EXPECT_EQ(top.class_ids, (std::vector<int>{1, 0}));
  EXPECT_TRUE(top.label_names.empty());
}

}  // namespace
}  // namespace hrnet_native
