#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "model/kernels/kernels.hpp"

// The product of quads, from its definition in kernels.hpp.
namespace octet::model {
namespace {

void expect_product(std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto upto = [&](int high) { return static_cast<int>(random() % high) + 1; };
  WeightGradientJob job{};
  job.images = upto(5);
  job.quads = random() % 4 == 0 ? upto(300) : upto(40);
  job.rows = 16 * upto(3);
  job.column_groups = upto(9);
  const int spare = upto(20) - 1;  // quads between the groups
  job.x_image = std::ptrdiff_t{64} * job.column_groups * (job.quads + spare);
  job.g_panel = std::ptrdiff_t{64} * (job.quads + upto(3) - 1);
  job.g_image = job.rows / 16 * job.g_panel;
  std::vector<std::uint8_t> x(static_cast<std::size_t>(job.images * job.x_image));
  std::vector<std::int8_t> g(static_cast<std::size_t>(job.images * job.g_image));
  for (auto& byte : x) byte = static_cast<std::uint8_t>(random());
  for (auto& byte : g) byte = static_cast<std::int8_t>(random());

  // Neighbouring groups often have the same range, which may be empty.
  std::vector<QuadColumns> columns;
  for (int group = 0; group < job.column_groups; ++group) {
    const std::ptrdiff_t offset = std::ptrdiff_t{64} * group * (job.quads + spare);
    const int first = static_cast<int>(random() % static_cast<unsigned>(job.quads + 1));
    const int last =
        first + static_cast<int>(random() % static_cast<unsigned>(job.quads - first + 1));
    if (group > 0 && random() % 3 != 0)
      columns.push_back({offset, columns.back().first, columns.back().last});
    else if (random() % 2 == 0)
      columns.push_back({offset, 0, job.quads});
    else
      columns.push_back({offset, first, last});
    for (int image = 0; image < job.images; ++image)
      for (int quad = 0; quad < job.quads; ++quad)
        if (quad < columns.back().first || quad >= columns.back().last)
          std::fill_n(x.begin() + image * job.x_image + offset + 64 * quad, 64, 0);
  }

  const int width = 16 * job.column_groups;
  std::vector<std::int32_t> found(static_cast<std::size_t>(job.rows) * width);
  for (auto& sum : found) sum = static_cast<std::int32_t>(random());
  std::vector<std::int32_t> expected = found;
  for (int row = 0; row < job.rows; ++row)
    for (int column = 0; column < width; ++column) {
      std::int64_t sum = 0;
      for (int image = 0; image < job.images; ++image)
        for (int quad = 0; quad < job.quads; ++quad)
          for (int t = 0; t < 4; ++t)
            sum += x[static_cast<std::size_t>(
                       image * job.x_image + columns[static_cast<std::size_t>(column / 16)].offset +
                       64 * quad + 4 * (column % 16) + t)] *
                   g[static_cast<std::size_t>(image * job.g_image + row / 16 * job.g_panel +
                                              64 * quad + 4 * (row % 16) + t)];
      auto& to = expected[static_cast<std::size_t>(row) * width + column];
      to = static_cast<std::int32_t>(static_cast<std::uint32_t>(to) +
                                     static_cast<std::uint32_t>(sum));
    }
  job.x = x.data();
  job.g = g.data();
  job.columns = columns.data();
  job.acc = found.data();
  if (random() % 2 == 0) {  // what comes next is no part of the result
    job.next_x = {x.data(), static_cast<std::size_t>(random() % x.size())};
    job.next_g = {g.data(), static_cast<std::size_t>(random() % g.size())};
  }
  kernels().weight_gradient(job);
  ASSERT_EQ(found, expected) << "seed " << seed << ": " << job.images << " images, " << job.quads
                             << " quads, " << job.rows << " rows, " << job.column_groups
                             << " groups";
}

TEST(WeightGradientKernel, IsItsDefinition) {
  for (std::uint32_t seed = 1; seed <= 120 && !HasFatalFailure(); ++seed) expect_product(seed);
}

}  // namespace
}  // namespace octet::model
