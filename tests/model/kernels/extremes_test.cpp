#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "model/kernels/kernels.hpp"

namespace octet::model {
namespace {

std::vector<std::uint8_t> some_bytes(std::mt19937& random, std::size_t count) {
  const std::uint32_t first = random() % 256;
  const std::uint32_t spread = random() % (256 - first) + 1;
  std::vector<std::uint8_t> bytes(count);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(first + random() % spread);
  return bytes;
}

TEST(ExtremesKernels, OfBytes) {
  std::mt19937 random(1);
  for (std::size_t count = 1; count <= 600; ++count) {
    std::vector<std::uint8_t> q = some_bytes(random, count);
    if (count % 3 == 0) q[random() % count] = count % 2 == 0 ? 0 : 255;  // alone anywhere
    const auto [least, most] = std::minmax_element(q.begin(), q.end());
    std::int32_t low = 1000, high = -1000;
    kernels().byte_extremes(q.data(), count, &low, &high);
    ASSERT_EQ(low, *least) << count;
    ASSERT_EQ(high, *most) << count;
  }
}

TEST(ExtremesKernels, OfBytesByChannel) {
  for (std::uint32_t seed = 1; seed <= 1500; ++seed) {
    std::mt19937 random(seed);
    constexpr std::size_t kChannels[] = {1,  2,  4,  7,  8,  9,   12,  16, 17,
                                         32, 48, 64, 65, 80, 128, 130, 192};
    const std::size_t channels = kChannels[seed % std::size(kChannels)];
    const std::size_t rows = random() % 70;
    const std::vector<std::uint8_t> q = some_bytes(random, rows * channels);
    std::vector<std::uint8_t> low(channels, 255), high(channels, 0);
    if (seed % 4 == 0) {  // what earlier rows left
      low = some_bytes(random, channels);
      high = some_bytes(random, channels);
    }
    std::vector<std::uint8_t> expected_low = low, expected_high = high;
    for (std::size_t i = 0; i < q.size(); ++i) {
      expected_low[i % channels] = std::min(expected_low[i % channels], q[i]);
      expected_high[i % channels] = std::max(expected_high[i % channels], q[i]);
    }
    kernels().byte_channel_extremes(q.data(), rows, channels, low.data(), high.data());
    ASSERT_EQ(low, expected_low) << "seed " << seed << ", " << channels << " channels";
    ASSERT_EQ(high, expected_high) << "seed " << seed << ", " << channels << " channels";
  }
}

}  // namespace
}  // namespace octet::model
