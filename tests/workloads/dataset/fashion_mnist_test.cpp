#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "workloads/dataset/dataset.hpp"

namespace octet::workloads {
namespace {

// The real files, where the package is installed: their size, balance, and the mean and deviation
// that the network file states.
TEST(FashionMnist, AgreesWithTheNetworkFile) {
  const Network network = find_network("fashion-cnn");
  if (!std::filesystem::is_directory(network.dataset.path)) {
    GTEST_SKIP() << network.dataset.path << " is not there: " << network.dataset.hint;
  }
  const Datasets sets = read_datasets(network, "");
  EXPECT_EQ(sets.train.images(), 60000);
  EXPECT_EQ(sets.test.images(), 10000);
  std::vector<long> count(10);
  for (const std::uint16_t label : sets.train.labels) ++count[label];
  for (const long each : count) EXPECT_EQ(each, 6000);

  double sum = 0;
  double squares = 0;
  for (const std::uint8_t pixel : sets.train.pixels) {
    const double value = pixel / 255.0;
    sum += value;
    squares += value * value;
  }
  const auto pixels = static_cast<double>(sets.train.pixels.size());
  const double mean = sum / pixels;
  EXPECT_NEAR(mean, network.dataset.mean, 1e-4);
  EXPECT_NEAR(std::sqrt(squares / pixels - mean * mean), network.dataset.deviation, 1e-4);
}

}  // namespace
}  // namespace octet::workloads
