#include "engine/paddle/engine_cache.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

#include "support/expect_error.h"

namespace hrnet_native {
namespace {

namespace fs = std::filesystem;

const EngineKey kKey = {{"model", "abc"}, {"driver", "550.2"}, {"precision", "fp16"}};

void Write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

std::string Read(const fs::path& path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// A cache in a directory of its own, removed at the end.
class EngineCacheTest : public testing::Test {
 protected:
  void SetUp() override { fs::remove_all(root_); }
  void TearDown() override { fs::remove_all(root_); }

  fs::path Store(const EngineKey& key, const std::string& engine) const {
    return cache_.Store(key, [&](const fs::path& directory) { Write(directory / "trt_serialized_1", engine); });
  }

  const fs::path root_ = fs::path(testing::TempDir()) /
                         (std::string("engine_cache_") + testing::UnitTest::GetInstance()->current_test_info()->name());
  const EngineCache cache_{root_};
};

TEST_F(EngineCacheTest, FindsWhatWasStored) {
  EXPECT_NE(cache_.Find(kKey).reason.find("none for this model"), std::string::npos);
  const fs::path directory = Store(kKey, "engine");
  EXPECT_EQ(cache_.Find(kKey).directory, directory);
  EXPECT_EQ(Read(directory / "trt_serialized_1"), "engine");
}

TEST_F(EngineCacheTest, SaysHowAStaleEngineDiffers) {
  Store({{"model", "abc"}, {"driver", "535.1"}, {"precision", "fp32"}}, "two differences");
  Store({{"model", "abc"}, {"driver", "535.1"}, {"precision", "fp16"}}, "one");
  Store({{"model", "xyz"}, {"driver", "550.2"}, {"precision", "fp16"}}, "of another model");
  const EngineCache::Found found = cache_.Find(kKey);
  EXPECT_TRUE(found.directory.empty());
  EXPECT_NE(found.reason.find("is for driver 535.1, not 550.2"), std::string::npos) << found.reason;
  EXPECT_EQ(found.reason.find("precision"), std::string::npos) << found.reason;
}

TEST_F(EngineCacheTest, EveryDamageIsFoundAndMended) {
  const auto damages = {
      +[](const fs::path& directory) { Write(directory / "trt_serialized_1", "engin"); },
      +[](const fs::path& directory) { fs::remove(directory / "trt_serialized_1"); },
      +[](const fs::path& directory) { Write(directory / "engine.json", "{\"key\": [], \"files\""); },
      +[](const fs::path& directory) { Write(directory / "engine.json", "[1]"); },
      +[](const fs::path& directory) { fs::remove(directory / "engine.json"); },
  };
  for (const auto& damage : damages) {
    damage(Store(kKey, "engine"));
    EXPECT_NE(cache_.Find(kKey).reason.find("is damaged: its "), std::string::npos);
    EXPECT_EQ(cache_.Find(kKey).directory, fs::path());
    const fs::path directory = Store(kKey, "engine");
    EXPECT_EQ(cache_.Find(kKey).directory, directory);
  }
}

TEST_F(EngineCacheTest, AKeyInTheManifestThatIsNoKeyHurtsNobody) {
  fs::create_directories(root_ / "foreign");
  Write(root_ / "foreign" / "engine.json", R"({"key": {"model": 1}, "files": {}})");
  EXPECT_NE(cache_.Find(kKey).reason.find("none for this model"), std::string::npos);
}

TEST_F(EngineCacheTest, ABuildThatFailsLeavesTheCacheAsItWas) {
  const fs::path directory = Store(kKey, "engine");
  const auto fail = [](const fs::path& empty) {
    Write(empty / "half", "half");
    throw std::runtime_error("planted");
  };
  EXPECT_THROW(cache_.Store(kKey, fail), std::runtime_error);
  EXPECT_EQ(cache_.Find(kKey).directory, directory);
  EXPECT_EQ(std::distance(fs::directory_iterator(root_), {}), 1);
}

TEST_F(EngineCacheTest, NobodySeesAnEngineThatIsBeingBuilt) {
  cache_.Store(kKey, [&](const fs::path& directory) {
    Write(directory / "trt_serialized_1", "half");
    EXPECT_TRUE(cache_.Find(kKey).directory.empty());
  });
  EXPECT_FALSE(cache_.Find(kKey).directory.empty());
  EXPECT_EQ(std::distance(fs::directory_iterator(root_), {}), 1);  // no leftovers
}

TEST_F(EngineCacheTest, AWholeEngineIsNotReplaced) {
  const fs::path directory = cache_.Store(kKey, [&](const fs::path& late) {
    Write(late / "trt_serialized_1", "late");
    Store(kKey, "early");  // as another process may
  });
  EXPECT_EQ(Read(directory / "trt_serialized_1"), "early");
  EXPECT_EQ(std::distance(fs::directory_iterator(root_), {}), 1);
}

TEST_F(EngineCacheTest, WhatKilledBuildersLeftIsRemovedWhenItIsOld) {
  const fs::path old = root_ / ".partial-old";
  const fs::path young = root_ / ".partial-young";
  const auto now = fs::file_time_type::clock::now();
  for (const auto& [path, hours] : {std::pair(old, 25), std::pair(young, 23)}) {
    fs::create_directories(path);
    Write(path / "half", "half");
    fs::last_write_time(path, now - std::chrono::hours(hours));
  }
  Store(kKey, "engine");
  EXPECT_FALSE(fs::exists(old));
  EXPECT_TRUE(fs::exists(young));
}

TEST_F(EngineCacheTest, WhatCannotBeReadIsNoEngineAndNoException) {
  const fs::path directory = Store(kKey, "engine");
  fs::remove(directory / "trt_serialized_1");
  fs::create_directory(directory / "trt_serialized_1");
  EXPECT_NE(cache_.Find(kKey).reason.find("trt_serialized_1 is missing"), std::string::npos);
  const EngineCache nowhere(root_ / std::string(300, 'x'));
  EXPECT_NE(nowhere.Find(kKey).reason.find("there is none"), std::string::npos);
}

TEST_F(EngineCacheTest, AnEngineIsAsOpenAsTheCache) {
  fs::create_directories(root_);
  fs::permissions(root_, fs::perms(0750));
  EXPECT_EQ(fs::status(Store(kKey, "engine")).permissions(), fs::perms(0750));
}

TEST_F(EngineCacheTest, ARootThatCannotBeWrittenIsAnError) {
  Write(root_, "a file");
  ExpectError(ErrorCode::kInvalidArgument, "cannot be written", [&] { Store(kKey, "engine"); });
}

}  // namespace
}  // namespace hrnet_native
