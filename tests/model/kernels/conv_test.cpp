#include <gtest/gtest.h>

#include <limits>
#include <ostream>
#include <random>
#include <vector>

#include "model/kernels/kernels.hpp"

namespace octet::model {
namespace {

// What one job is: a table's kernel cuts it into tiles by these numbers.
struct Case {
  int pixels, taps, tap_k4, padding_k4, vectors, columns, runs, lines, pixel_strides;
  bool mask;
};
std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.lines << " lines of " << c.pixels << " pixels, " << c.runs << " runs of "
             << c.taps << " x " << c.tap_k4 << " + " << c.padding_k4 << ", " << c.columns
             << " columns of " << c.vectors << " vectors, stride " << c.pixel_strides
             << (c.mask ? ", mask" : "");
}

struct Result {
  std::vector<std::int32_t> c;
  std::int32_t low, high;
};

Result run(const KernelTable& table, const Case& k, std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto bytes = [&](std::size_t count) {
    std::vector<std::uint8_t> codes(count);
    for (auto& code : codes) code = static_cast<std::uint8_t>(random());
    return codes;
  };
  const auto words = [&](std::size_t count) {
    std::vector<std::int32_t> values(count);
    for (auto& value : values) value = static_cast<std::int32_t>(random()) >> 8;
    return values;
  };
  ConvJob job{};
  job.pixels = k.pixels;
  job.lines = k.lines;
  job.run_count = k.runs;
  job.taps = k.taps;
  job.tap_k4 = k.tap_k4;
  job.k4 = k.taps * k.tap_k4 + k.padding_k4;
  job.chunk_k4 = 1;
  for (int chunk = 2; chunk <= 16; ++chunk)
    if (job.k4 % chunk == 0) job.chunk_k4 = chunk;
  // With one tap a pixel's bytes may lie anywhere behind the last one's.
  job.pixel_stride = std::ptrdiff_t{4} * k.tap_k4 * k.pixel_strides;
  job.line_stride = job.pixel_stride * (k.pixels + k.taps);
  std::vector<std::ptrdiff_t> runs;
  for (int i = 0; i < k.runs; ++i) runs.push_back(i * job.line_stride + i % 2);
  job.runs = runs.data();
  const auto a = bytes(static_cast<std::size_t>((k.lines + k.runs + 1) * job.line_stride) +
                       static_cast<std::size_t>(4 * job.k4 + 80));
  job.a = a.data();
  // The padding of a run has zero weights.
  auto weights = bytes(static_cast<std::size_t>(k.runs * job.k4) * 64 * k.vectors);
  for (std::size_t i = 0; i < weights.size(); ++i)
    if (static_cast<int>(i) / (64 * k.vectors) % job.k4 >= k.taps * k.tap_k4) weights[i] = 0;
  job.b = reinterpret_cast<const std::int8_t*>(weights.data());
  job.vectors = k.vectors;
  job.columns = k.columns;
  job.pixel_step = k.columns + static_cast<std::ptrdiff_t>(random() % 3);
  job.line_step = job.pixel_step * k.pixels + 5;
  job.row_pixel = 1 + static_cast<std::ptrdiff_t>(random() % 2);
  job.row_line = job.row_pixel * k.pixels + 3;
  const auto rows = words(static_cast<std::size_t>(job.row_line * k.lines));
  const auto columns = words(32);
  job.row_term = rows.data();
  job.col_term = columns.data();
  Result result{std::vector<std::int32_t>(static_cast<std::size_t>(job.line_step * k.lines), -77),
                std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::min()};
  job.c = result.c.data();
  const auto mask = bytes(result.c.size());
  job.mask = k.mask ? mask.data() : nullptr;
  job.mask_zero = static_cast<std::int32_t>(random() % 256);
  job.low = &result.low;
  job.high = &result.high;
  table.conv(job);
  return result;
}

void check(const Case& k, std::uint32_t seed) {
  const Result expected = run(*kernels_named("scalar"), k, seed);
  const Result found = run(kernels(), k, seed);
  ASSERT_EQ(found.c, expected.c) << "seed " << seed << ": " << k;
  ASSERT_EQ(found.low, expected.low) << "seed " << seed << ": " << k;
  ASSERT_EQ(found.high, expected.high) << "seed " << seed << ": " << k;
}

// Every length of a line with every number of shared taps: tiles of each size and each rest.
TEST(ConvKernel, TilesOfEveryLength) {
  std::uint32_t seed = 1;
  for (int pixels = 1; pixels <= 40; ++pixels)
    for (const int taps : {1, 2, 3, 4, 5, 6, 7, 9})
      for (const int vectors : {1, 2}) {
        check({pixels, taps, 2, 0, vectors, 16 * vectors, 2, 2, 1, taps % 2 == 0}, seed++);
        if (HasFatalFailure()) return;
      }
}

TEST(ConvKernel, AnyJob) {
  for (std::uint32_t seed = 1; seed <= 600 && !HasFatalFailure(); ++seed) {
    std::mt19937 random(seed);
    const auto upto = [&](unsigned high) { return static_cast<int>(random() % high) + 1; };
    Case k{};
    k.pixels = upto(40);
    k.taps = upto(7);
    k.tap_k4 = upto(6);
    k.padding_k4 = static_cast<int>(random() % 3);
    k.vectors = upto(2);
    k.columns = 16 * (k.vectors - 1) + upto(16);
    k.runs = static_cast<int>(random() % 4);
    k.lines = upto(3);
    k.pixel_strides = k.taps == 1 ? upto(3) : 1;
    k.mask = random() % 2 == 0;
    check(k, seed);
  }
}

}  // namespace
}  // namespace octet::model
