#pragma once

#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "floats.h"

/// What both programs are told: PROGRAM MODEL INPUT OUTPUT BATCH THREADS RUNS
struct Arguments {
  std::string model;
  std::vector<float> input;  ///< (batch, 3, side, side)
  std::string output;
  int batch;
  int side;
  int threads;
  int runs;
};

/// Parses the command line, lets `make` load the model, and prints the milliseconds of each run of what it returns: a
/// function that gives the outputs.
template <typename Make>
int Main(int argc, char** argv, Make make) {
  if (argc != 7) {
    return 2;
  }
  try {
    Arguments arguments{argv[1], ReadFloats(argv[2]), argv[3],           std::stoi(argv[4]),
                        0,       std::stoi(argv[5]),  std::stoi(argv[6])};
    arguments.side = static_cast<int>(std::sqrt(arguments.input.size() / (3 * arguments.batch)));
    const auto infer = make(arguments);
    std::vector<float> answer;
    for (int i = 0; i < arguments.runs; ++i) {
      const auto start = std::chrono::steady_clock::now();
      answer = infer();
      const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - start;
      std::printf("%.6f\n", taken.count());
    }
    Answer(arguments.output, answer.data(), answer.size());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
