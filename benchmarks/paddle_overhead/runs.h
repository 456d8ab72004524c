#pragma once

#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#if __has_include(<valgrind/callgrind.h>)
#include <valgrind/callgrind.h>
#else
#define CALLGRIND_START_INSTRUMENTATION
#define CALLGRIND_STOP_INSTRUMENTATION
#endif

#include "floats.h"

/// What both programs are told: PROGRAM MODEL INPUT OUTPUT BATCH THREADS
struct Arguments {
  std::string model;
  std::vector<float> input;  ///< (batch, 3, side, side)
  std::string output;
  int batch;
  int side;
  int threads;
};

/// Calls `infer` that often, and prints a line of JSON with the milliseconds of each call.
template <typename Infer>
std::vector<float> Run(const Infer& infer, int runs) {
  std::vector<float> answer;
  const char* separator = "{\"ms\": [";
  for (int i = 0; i < runs; ++i) {
    const auto start = std::chrono::steady_clock::now();
    answer = infer();
    const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - start;
    std::printf("%s%.6f", separator, taken.count());
    separator = ", ";
  }
  std::puts("]}");
  std::fflush(stdout);
  return answer;
}

/// Parses the command line, lets `make` load the model, says so with a line of JSON, and obeys the lines of standard
/// input: `run N`, or `count N`, whose instructions callgrind counts. What `make` returns is a function that gives the
/// outputs; the last ones are written in the end.
template <typename Make>
int Main(int argc, char** argv, Make make) {
  if (argc != 6) {
    return 2;
  }
  try {
    Arguments arguments{argv[1], ReadFloats(argv[2]), argv[3], std::stoi(argv[4]), 0, std::stoi(argv[5])};
    arguments.side = static_cast<int>(std::sqrt(arguments.input.size() / (3 * arguments.batch)));
    const auto infer = make(arguments);
    std::puts("{}");
    std::fflush(stdout);
    std::vector<float> answer;
    std::string command;
    for (int runs = 0; std::cin >> command >> runs;) {
      if (command == "count") {
        CALLGRIND_START_INSTRUMENTATION;
        answer = Run(infer, runs);
        CALLGRIND_STOP_INSTRUMENTATION;
      } else if (command == "run") {
        answer = Run(infer, runs);
      } else {
        throw std::runtime_error("unknown command " + command);
      }
    }
    Answer(arguments.output, answer.data(), answer.size());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
