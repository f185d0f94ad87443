#include "model/float32/passes.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace octet::model::float32 {

namespace scalar {
extern const Passes<float> kFloatPasses;
}

namespace {

// Counts that leave a rest of a vector and of a tile, and one below a tile.
constexpr std::size_t kTile = 48;
constexpr std::size_t kCounts[] = {1, 31, 48, 977};

class PassesTest : public ::testing::Test {
 protected:
  std::vector<float> values(std::size_t count) {
    std::vector<float> result(count);
    for (float& value : result) value = static_cast<float>(static_cast<int>(random_() % 41) - 20);
    for (float& value : result) value += uniform_(random_) < 0.5F ? 0.0F : uniform_(random_);
    return result;
  }

  std::mt19937 random_{17};
  std::uniform_real_distribution<float> uniform_{-1, 1};
  const Passes<float>& chosen_ = passes<float>();
  const Passes<float>& plain_ = scalar::kFloatPasses;
};

// The set of this processor gives the bits of the plain one; ctest runs this once a set.
TEST_F(PassesTest, ElementsAreThoseOfThePlainSet) {
  const auto p = values(kTile);
  const auto q = values(kTile);
  const auto r = values(kTile);
  const auto s = values(kTile);
  for (const std::size_t count : kCounts) {
    const auto x = values(count);
    const auto h = values(count);
    const auto compare = [&](const auto& run) {
      std::vector<float> found = h;
      std::vector<float> expected = h;
      run(chosen_, found.data());
      run(plain_, expected.data());
      EXPECT_EQ(found, expected);
    };
    using Set = const Passes<float>&;
    compare([&](Set set, float* y) {
      set.affine(x.data(), count, kTile, {p.data(), q.data(), r.data()}, y);
    });
    compare([&](Set set, float* y) {
      set.batch_backward(h.data(), x.data(), count, kTile, {p.data(), q.data(), r.data(), s.data()},
                         y);
    });
    compare([&](Set set, float* y) {
      set.affine_relu(x.data(), count, kTile, {p.data(), q.data(), r.data()}, y);
    });
    compare([&](Set set, float* y) { set.add_relu(h.data(), x.data(), count, y); });
    compare([&](Set set, float* y) { set.relu(x.data(), count, y); });
    compare([&](Set set, float* y) { set.relu_backward(h.data(), x.data(), count, y); });
    compare([&](Set set, float* y) { set.add(h.data(), x.data(), count, y); });
    compare([&](Set set, float* y) { set.accumulate(x.data(), count, y); });
  }
}

TEST_F(PassesTest, LanesAreThoseOfThePlainSet) {
  const auto mean = values(kTile);
  for (const std::size_t count : kCounts) {
    const auto x = values(count);
    const auto h = values(count);
    const auto run = [&](const Passes<float>& set) {
      std::vector<float> lanes(7 * kTile, 0.25F);
      std::vector<std::int32_t> where(2 * kTile, -1);
      const auto at = [&](std::size_t i) { return lanes.data() + i * kTile; };
      set.sum(x.data(), count, kTile, at(0));
      set.squares(x.data(), count, kTile, mean.data(), at(1));
      set.gradients(h.data(), x.data(), count, kTile, mean.data(), at(2), at(3));
      set.extremes(x.data(), count, kTile, 5,
                   {at(4), at(5), at(6), where.data(), where.data() + kTile});
      return std::pair(lanes, where);
    };
    EXPECT_EQ(run(chosen_), run(plain_));
  }
}

TEST_F(PassesTest, PlainSetIsTheDefinition) {
  const std::vector<float> x = {-2, 3, 0, -0.0F, 7, 3};
  std::vector<float> y(6);
  plain_.relu(x.data(), 6, y.data());
  EXPECT_EQ(y, (std::vector<float>{0, 3, 0, 0, 7, 3}));
  const std::vector<float> h = {1, 2, 3, 4, 5, 6};
  plain_.add_relu(x.data(), h.data(), 6, y.data());
  EXPECT_EQ(y, (std::vector<float>{0, 5, 3, 4, 12, 9}));
  const std::vector<float> mean = {1, 0}, gain = {2, -1}, shift = {3, 1};
  plain_.affine_relu(x.data(), 6, 2, {mean.data(), gain.data(), shift.data()}, y.data());
  EXPECT_EQ(y, (std::vector<float>{0, 0, 1, 1, 15, 0}));
  plain_.affine(x.data(), 6, 2, {mean.data(), gain.data(), shift.data()}, y.data());
  EXPECT_EQ(y, (std::vector<float>{-3, -2, 1, 1, 15, -2}));
  plain_.relu_backward(h.data(), x.data(), 6, y.data());
  EXPECT_EQ(y, (std::vector<float>{0, 2, 0, 0, 5, 6}));
  // Tiles of two lanes, the third with the extremes; the first of equal ones stays.
  std::vector<float> sum(2), high = {-2, 3}, low = high;
  std::vector<std::int32_t> argmax = {4, 4}, argmin = argmax;
  plain_.extremes(x.data(), 6, 2, 4,
                  {sum.data(), high.data(), low.data(), argmax.data(), argmin.data()});
  EXPECT_EQ(sum, (std::vector<float>{5, 6}));
  EXPECT_EQ(high, (std::vector<float>{7, 3}));
  EXPECT_EQ(low, (std::vector<float>{-2, -0.0F}));
  EXPECT_EQ(argmax, (std::vector<std::int32_t>{6, 4}));
  EXPECT_EQ(argmin, (std::vector<std::int32_t>{4, 5}));
}

}  // namespace
}  // namespace octet::model::float32
