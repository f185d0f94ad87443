#include "bench/measure.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "common/error.hpp"

namespace {

using octet::bench::MeasureOptions;
using octet::bench::Spread;

octet::workloads::Network small_cnn() {
  return octet::workloads::read_network(std::string(OCTET_SOURCE_DIR) +
                                        "/tests/cases/small-cnn.yaml");
}

TEST(Spread, InterpolatesBetweenNeighbours) {
  const Spread five = octet::bench::spread_of({5, 1, 4, 2, 3});
  EXPECT_EQ(five.best, 1);
  EXPECT_EQ(five.lower_quartile, 2);
  EXPECT_EQ(five.median, 3);
  EXPECT_EQ(five.upper_quartile, 4);
  const Spread four = octet::bench::spread_of({10, 20, 40, 30});
  EXPECT_EQ(four.lower_quartile, 17.5);
  EXPECT_EQ(four.median, 25);
  EXPECT_EQ(four.upper_quartile, 32.5);
  EXPECT_EQ(octet::bench::spread_of({7}).upper_quartile, 7);
}

TEST(SyntheticBatch, IsAFunctionOfTheStep) {
  const auto network = small_cnn();
  std::vector<std::uint8_t> pixels(64 * 144), again_pixels(64 * 144);
  std::vector<std::uint16_t> labels(64), again_labels(64);
  octet::bench::synthetic_batch(network, 3, pixels, labels);
  octet::bench::synthetic_batch(network, 3, again_pixels, again_labels);
  EXPECT_EQ(pixels, again_pixels);
  EXPECT_EQ(labels, again_labels);
  octet::bench::synthetic_batch(network, 4, again_pixels, again_labels);
  EXPECT_NE(pixels, again_pixels);
  EXPECT_NE(labels, again_labels);
  // 9216 bytes miss one of 256 values, and 64 labels one of 4, once in 10^13 and 10^7 draws; these
  // draws are fixed.
  for (int value = 0; value < 256; ++value) EXPECT_NE(std::ranges::count(pixels, value), 0);
  for (int label = 0; label < network.classes; ++label)
    EXPECT_NE(std::ranges::count(labels, label), 0);
  EXPECT_LT(*std::ranges::max_element(labels), network.classes);
}

TEST(MeasureSteps, MeasuresAsManyAsAsked) {
  MeasureOptions options;
  options.batch = 4;
  options.steps = 5;
  const auto done = octet::bench::measure_steps(small_cnn(), {}, options);
  EXPECT_EQ(done.seconds.size(), 5U);
  // With a clock half as many, rounded up; no times of an engine that keeps none.
  EXPECT_EQ(done.clocked_seconds.size(), done.clock.total() > 0.0 ? 3U : 0U);
  EXPECT_GT(*std::ranges::min_element(done.seconds), 0.0);
}

TEST(MeasureSteps, OneStepIsTheLeast) {
  MeasureOptions options;
  options.batch = 4;
  options.seconds = 1e-9;
  EXPECT_EQ(octet::bench::measure_steps(small_cnn(), {}, options).seconds.size(), 1U);
}

TEST(MeasureSteps, RefusesWhatTheEngineRefuses) {
  MeasureOptions options;
  options.batch = 1 << 20;
  EXPECT_THROW(static_cast<void>(octet::bench::measure_steps(small_cnn(), {}, options)),
               octet::Error);
}

}  // namespace
