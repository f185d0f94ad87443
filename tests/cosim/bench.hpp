#pragma once
// What every bench shares: its options, a seeded generator, a clock for a verilated top, the one
// summary line.
#include <verilated.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

namespace octet::cosim {

struct Options {
  std::uint32_t seed = 1;
  bool quick = false;   // a small share of the random checks, for a first look
  std::string capture;  // a folder of *.UNIT.capture files, or nothing
};

// splitmix64: a test's stream of numbers, the same everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  // Uniform in [low, high].
  std::int64_t range(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(next() % (static_cast<std::uint64_t>(high - low) + 1));
  }
  bool one_in(std::uint64_t n) { return next() % n == 0; }
  // A signed int32 whose magnitude is spread over all sizes.
  std::int32_t any_size() {
    const auto x = static_cast<std::uint32_t>(next());
    return static_cast<std::int32_t>(x) >> range(0, 31);
  }

 private:
  std::uint64_t state_;
};

// How often a side of a stream is not ready: never, or one cycle in `one_in`.
struct Stalls {
  std::uint64_t one_in = 0;
  bool now(Random& random) const { return one_in != 0 && random.one_in(one_in); }
};

// The first mismatch ends a bench.
class Mismatch : public std::exception {
 public:
  explicit Mismatch(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};
[[noreturn]] inline void mismatch(const std::string& inputs, const std::string& expected,
                                  const std::string& got) {
  throw Mismatch(inputs + ": expected " + expected + ", got " + got);
}
inline void expect(std::int64_t expected, std::int64_t got, const std::string& inputs) {
  if (expected != got) mismatch(inputs, std::to_string(expected), std::to_string(got));
}

// A verilated top with clk_i and rst_ni. Set inputs, `settle`, read outputs, `edge`.
template <class Top>
class Clocked {
 public:
  Clocked() {
    top.rst_ni = 0;
    settle();
    edge();
    top.rst_ni = 1;
    settle();
  }
  ~Clocked() { top.final(); }
  Clocked(const Clocked&) = delete;
  Clocked& operator=(const Clocked&) = delete;

  void settle() {
    top.clk_i = 0;
    top.eval();
  }
  void edge() {
    top.clk_i = 1;
    top.eval();
    ++cycle;
  }

  Top top;
  std::uint64_t cycle = 0;
};

// Reads the options, runs `check(options)`, which returns what it did in words, and prints
// "PASS unit: words, seed S" or "FAIL unit: first mismatch: ...". Exit status 0 or 1; 2 for bad
// use.
template <class Check>
int bench_main(int argc, char** argv, const char* unit, Check check) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    const bool has_value = i + 1 < argc;
    if (option == "--seed" && has_value) {
      options.seed = static_cast<std::uint32_t>(std::strtoul(argv[++i], nullptr, 10));
    } else if (option == "--capture" && has_value) {
      options.capture = argv[++i];
    } else if (option == "--quick") {
      options.quick = true;
    } else {
      std::fprintf(stderr, "%s: usage: [--seed N] [--capture DIR] [--quick]\n", argv[0]);
      return 2;
    }
  }
  try {
    const std::string done = check(options);
    if (done.empty()) {
      std::printf("FAIL %s: nothing was checked\n", unit);
      return 1;
    }
    std::printf("PASS %s: %s, seed %u\n", unit, done.c_str(), options.seed);
    return 0;
  } catch (const Mismatch& error) {
    std::printf("FAIL %s: first mismatch: %s\n", unit, error.what());
  } catch (const std::exception& error) {
    std::printf("FAIL %s: %s\n", unit, error.what());
  }
  return 1;
}

}  // namespace octet::cosim
