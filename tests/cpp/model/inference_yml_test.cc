#include "model/inference_yml.h"

#include <unistd.h>

#include <fstream>
#include <string>

#include "support/expect_error.h"

namespace hrnet_native {
namespace {

class InferenceYml : public testing::Test {
 protected:
  Bundle Read(const std::string& text) const {
    std::ofstream(path_) << text;
    Bundle bundle;
    ReadInferenceYml(path_, true, bundle);
    return bundle;
  }

  static std::string Ops(const std::string& ops) { return "PreProcess:\n  transform_ops:\n" + ops; }

 private:
  // Of its own: tests run side by side.
  std::filesystem::path path_ =
      std::filesystem::path(testing::TempDir()) / (std::to_string(getpid()) + "_inference.yml");
};

TEST_F(InferenceYml, ReadsWhatPaddleClasWrites) {
  const Bundle bundle =
      Read("Global:\n  model_name: HRNet_W18_C\n" +
           Ops("  - ResizeImage:\n      resize_short: 292\n"
               "  - CropImage:\n      size: 256\n"
               "  - NormalizeImage:\n      scale: 1.0/255.0\n      mean: [0.5, 0.4, 0.3]\n      std: [0.2, 0.3, 0.4]\n"
               "      order: ''\n      channel_num: 3\n"
               "  - ToCHWImage:\n") +
           "PostProcess:\n  Topk:\n    topk: 5\n    label_list: [cat, dog]\n");
  EXPECT_EQ(bundle.name, "HRNet_W18_C");
  EXPECT_EQ(bundle.preprocess.resize_short, 292);
  EXPECT_EQ(bundle.preprocess.crop_height, 256);
  EXPECT_EQ(bundle.preprocess.scale, static_cast<float>(1.0 / 255.0));
  EXPECT_EQ(bundle.preprocess.mean[2], 0.3F);
  EXPECT_EQ(bundle.preprocess.std[0], 0.2F);
  EXPECT_EQ(bundle.labels, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(bundle.output, OutputKind::kProbabilities);
}

TEST_F(InferenceYml, ResizeToASizeNeedsNoCrop) {
  const Bundle bundle = Read(Ops("  - ResizeImage: {size: [96, 64]}\n"));
  EXPECT_EQ(bundle.preprocess.resize_short, 0);
  EXPECT_EQ(bundle.preprocess.crop_width, 96);
  EXPECT_EQ(bundle.preprocess.crop_height, 64);
}

TEST_F(InferenceYml, ThePositiveShortSideWinsOverTheSize) {
  const auto resize = [this](const std::string& options) {
    return Read(Ops("  - ResizeImage: {" + options + "}\n  - CropImage: {size: 32}\n")).preprocess;
  };
  EXPECT_EQ(resize("resize_short: 40, size: 50").resize_short, 40);
  EXPECT_EQ(resize("resize_short: 40, size: 50").resize_height, 0);
  for (const char* none : {"null", "0", "-1"}) {
    EXPECT_EQ(resize(std::string("size: 50, resize_short: ") + none).resize_short, 0);
    EXPECT_EQ(resize(std::string("size: 50, resize_short: ") + none).resize_height, 50);
  }
}

TEST_F(InferenceYml, NullIsTheOperatorsOwnDefault) {
  const PreprocessConfig config =
      Read(Ops("  - ResizeImage: {resize_short: 40, size: null, interpolation: null, backend: null}\n"
               "  - CropImage: {size: 32}\n"
               "  - NormalizeImage: {scale: null, mean: null, std: null, order: null}\n"))
          .preprocess;
  const PreprocessConfig defaults;
  EXPECT_EQ(config.interpolation, defaults.interpolation);
  EXPECT_EQ(config.scale, defaults.scale);
  EXPECT_EQ(config.mean, defaults.mean);
  EXPECT_EQ(config.std, defaults.std);
}

TEST_F(InferenceYml, WhatTheListDoesNotNameIsNotDone) {
  const PreprocessConfig config = Read(Ops("  - CropImage: {size: 32}\n")).preprocess;
  EXPECT_EQ(config.resize_short, 0);
  EXPECT_EQ(config.resize_height, 0);
  EXPECT_EQ(config.scale, 1);
  EXPECT_EQ(config.mean[1], 0);
  EXPECT_EQ(config.std[2], 1);
}

TEST_F(InferenceYml, KnowsBothLibrariesResizes) {
  const auto resize = [this](const std::string& options) {
    return Read(Ops("  - ResizeImage: {size: 32, " + options + "}\n")).preprocess;
  };
  EXPECT_EQ(resize("backend: cv2").interpolation, Interpolation::kBilinear);
  EXPECT_EQ(resize("backend: pil").interpolation, Interpolation::kBilinear);  // PaddleClas's choice, not Pillow's
  EXPECT_EQ(resize("backend: PIL, interpolation: Bicubic").backend, ResizeBackend::kPil);
  EXPECT_EQ(resize("backend: PIL, interpolation: Bicubic").interpolation, Interpolation::kBicubic);
  EXPECT_EQ(resize("backend: pil, interpolation: hamming").interpolation, Interpolation::kHamming);
  EXPECT_EQ(resize("backend: pil, interpolation: hamming").backend, ResizeBackend::kPil);
  EXPECT_EQ(resize("interpolation: area").interpolation, Interpolation::kArea);
}

TEST_F(InferenceYml, AFourthChannelIsPadding) {
  EXPECT_EQ(Read(Ops("  - CropImage: {size: 8}\n  - NormalizeImage: {channel_num: 4}\n")).preprocess.channel_num, 4);
}

TEST_F(InferenceYml, ANetworkMayTakeBgr) {
  const auto color = [this](const std::string& options) {
    return Read(Ops("  - DecodeImage: {" + options + "}\n  - CropImage: {size: 8}\n")).preprocess.color;
  };
  EXPECT_EQ(color("to_rgb: true"), ColorOrder::kRgb);
  EXPECT_EQ(color("channel_first: false"), ColorOrder::kRgb);
  EXPECT_EQ(color("to_rgb: false"), ColorOrder::kBgr);
}

TEST_F(InferenceYml, OneClassIsAPositiveNumberOfThem) {
  Read("PostProcess: {Topk: {topk: 1}}\n");
  for (const char* none : {"0", "-1"}) {
    ExpectError(ErrorCode::kModelLoad, std::string("topk must be a positive integer, not ") + none,
                [&] { Read(std::string("PostProcess: {Topk: {topk: ") + none + "}}\n"); });
  }
}

TEST_F(InferenceYml, KnowsLogits) {
  EXPECT_EQ(Read("hrnet_native: {output: logits}\n").output, OutputKind::kLogits);
  ExpectError(ErrorCode::kModelLoad, "energies", [this] { Read("hrnet_native: {output: energies}\n"); });
}

TEST_F(InferenceYml, RefusesWhatItDoesNotKnow) {
  const auto refuses = [this](ErrorCode code, const std::string& words, const std::string& text) {
    ExpectError(code, words, [&] { Read(text); });
  };
  refuses(ErrorCode::kModelLoad, "unknown operator: WarpImage", Ops("  - WarpImage:\n"));
  refuses(ErrorCode::kModelLoad, "unknown option: crop", Ops("  - ResizeImage: {resize_short: 256, crop: 1}\n"));
  refuses(ErrorCode::kUnsupported, "random", Ops("  - ResizeImage: {resize_short: 256, interpolation: random}\n"));
  refuses(ErrorCode::kUnsupported, "tf", Ops("  - ResizeImage: {resize_short: 256, backend: tf}\n"));
  refuses(ErrorCode::kUnsupported, "DecodeImage.backend=pil is not supported; expected cv2",
          Ops("  - DecodeImage: {backend: pil}\n  - CropImage: {size: 9}\n"));
  refuses(ErrorCode::kUnsupported, "DecodeImage.channel_first=true", Ops("  - DecodeImage: {channel_first: true}\n"));
  refuses(ErrorCode::kUnsupported, "NormalizeImage.output_fp16=true is not supported; expected false",
          Ops("  - NormalizeImage: {output_fp16: true}\n"));
  refuses(ErrorCode::kModelLoad, "no interpolation box", Ops("  - ResizeImage: {size: 256, interpolation: box}\n"));
  refuses(ErrorCode::kModelLoad, "too late", Ops("  - CropImage: {size: 9}\n  - ResizeImage: {size: 256}\n"));
  refuses(ErrorCode::kModelLoad, "twice", Ops("  - CropImage: {size: 9}\n  - CropImage: {size: 8}\n"));
  refuses(ErrorCode::kModelLoad, "picture is hwc", Ops("  - NormalizeImage: {order: chw}\n"));
  refuses(ErrorCode::kModelLoad, "picture is chw", Ops("  - ToCHWImage:\n  - NormalizeImage: {order: ''}\n"));
  refuses(ErrorCode::kModelLoad, "large", Ops("  - ResizeImage: {resize_short: large}\n"));
  refuses(ErrorCode::kModelLoad, "resize_short or size", Ops("  - ResizeImage: {}\n"));
  refuses(ErrorCode::kModelLoad, "from 1 to 65536, not 0", Ops("  - ResizeImage: {resize_short: 0}\n"));
  refuses(ErrorCode::kModelLoad, "-5", Ops("  - CropImage: {size: -5}\n"));
  refuses(ErrorCode::kModelLoad, "one size", Ops("  - ResizeImage: {resize_short: 64}\n"));
  refuses(ErrorCode::kModelLoad, "larger than", Ops("  - ResizeImage: {size: 96}\n  - CropImage: {size: [64, 128]}\n"));
  refuses(ErrorCode::kModelLoad, "three numbers", Ops("  - NormalizeImage: {mean: [1, 2]}\n"));
  refuses(ErrorCode::kModelLoad, "must be positive", Ops("  - NormalizeImage: {std: [1, 0, 1]}\n"));
  refuses(ErrorCode::kModelLoad, "divides by zero", Ops("  - NormalizeImage: {scale: 1/0}\n"));
  refuses(ErrorCode::kModelLoad, "an input of 65536x65536 pixels, expected at most 16777216",
          Ops("  - CropImage: {size: 65536}\n"));
  refuses(ErrorCode::kModelLoad, "an input of 65536x257 pixels", Ops("  - ResizeImage: {size: [65536, 257]}\n"));
  for (const char* number : {"0", "-1", "many", "2.5", "[1]"}) {
    refuses(ErrorCode::kModelLoad, "Topk.topk must be a positive integer",
            std::string("PostProcess: {Topk: {topk: ") + number + "}}\n");
  }
  refuses(ErrorCode::kModelLoad, "inference.yml", "a: [1");
  refuses(ErrorCode::kModelLoad, "mapping", "just words");
}

TEST_F(InferenceYml, OurOwnSectionHasNoOtherKeysAndOneVersion) {
  Read("hrnet_native: {format_version: 1, architecture: {any: thing}, weights: {origin: x}, paddle_version: 3.3.1}\n");
  const auto refuses = [this](const std::string& words, const std::string& section) {
    ExpectError(ErrorCode::kModelLoad, words, [&] { Read("hrnet_native: " + section + "\n"); });
  };
  refuses("format_version is 2, and this library reads version 1", "{format_version: 2, novelty: 1}");
  refuses("format_version must be an integer, not one", "{format_version: one}");
  refuses("hrnet_native has an unknown key: outputs", "{outputs: logits}");
  refuses("hrnet_native must hold a mapping, not logits", "logits");
  refuses("hrnet_native.probe has an unknown key: tolerence",
          "{probe: {generator: splitmix64, seed: 1, tolerance: 0.1, tolerence: 1, outputs: [1]}}");
}

TEST_F(InferenceYml, SectionsOfOthersMayHoldWhatTheyLike) {
  EXPECT_EQ(Read("Hpi: {backend_configs: {tensorrt: {x: 1}}}\nGlobal: {model_name: m, more: [1]}\n"
                 "PostProcess: {Topk: {topk: null, class_id_map_file: x}, SavePreLabel: {save_dir: y}}\n")
                .name,
            "m");
}

TEST_F(InferenceYml, NoMappingHasAKeyTwice) {
  const auto refuses = [this](const std::string& words, const std::string& text) {
    ExpectError(ErrorCode::kModelLoad, words, [&] { Read(text); });
  };
  refuses("line 2 has the key Global for the second time", "Global: {model_name: a}\nGlobal: {model_name: b}\n");
  refuses("has the key size for the second time", Ops("  - CropImage: {size: 9, size: 8}\n"));
  refuses("has the key output for the second time",
          "hrnet_native: {output: logits, probe: null, output: probabilities}");
  refuses("has the key a for the second time", "x: [{a: 1}, {a: {b: [c, c]}, a: 2}]\n");
  // In values, in other mappings, behind aliases: that is no repetition.
  Read("a: [a, a]\nb: &anchor {a: b}\nc: *anchor\n? [a]\n: b\n? [a, a]\n: a\nd: {a: {a: a}}\n");
}

TEST_F(InferenceYml, AliasesOfAliasesTakeNoTime) {
  std::string text = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 40; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last + ", " + last + "]\n";
  }
  Read(text);
}

}  // namespace
}  // namespace hrnet_native
