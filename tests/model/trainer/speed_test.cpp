#include "model/trainer/speed.hpp"

#include <gtest/gtest.h>

namespace octet::model {
namespace {

TEST(Speed, ForetellsFromWhatItSaw) {
  Speed speed(300);
  EXPECT_EQ(speed.seconds_left(1000, 2), 0.0);
  speed.trained(128, 0.5);
  speed.trained(128, 1.5);  // 128 images a second so far
  EXPECT_EQ(speed.seconds_left(256, 0), 2.0);
  EXPECT_EQ(speed.seconds_left(256, 2), 2.0 + 2 * 300.0 / 128 / 3);  // no test was seen yet
  speed.tested(8.0);
  speed.tested(4.0);
  EXPECT_EQ(speed.seconds_left(256, 2), 10.0);
  EXPECT_EQ(speed.seconds_left(0, 0), 0.0);
}

}  // namespace
}  // namespace octet::model
