#include "sim/mapping/pass.hpp"

#include "sim/mapping/geometry.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

double cost_of_best(const PassShape& s, int lanes, const Scratchpad& pad, const Hardware& hw) {
  const std::int64_t n = pass_tile(s, {lanes, pad}, hw);
  return stream_cycles(s.granule.times(n), ceil_div(s.granules, n), {lanes, pad}, hw);
}

TEST(PassTile, MoreIsNeverDearer) {
  std::mt19937 random(3);
  const auto draw = [&](int most) { return static_cast<std::int64_t>(1 + random() % most); };
  const Hardware base = HardwareText{}.read();
  for (int i = 0; i < 2000; ++i) {
    const std::int64_t bytes = draw(200);
    PassShape s;
    s.granules = draw(i % 2 == 0 ? 20 : 100000);
    s.pad_bytes = s.granule.moved_bytes = bytes;
    s.granule.transfers = static_cast<int>(draw(6));
    s.granule.unit = {static_cast<int>(draw(4)), draw(30), draw(300)};
    if (i % 3 == 0) s.granule.range_bn = {1, draw(10), draw(100)};
    Scratchpad pad{512 * draw(400), 4, 8};
    const int lanes = static_cast<int>(draw(32));
    const std::int64_t tile = pass_tile(s, {lanes, pad}, base);
    ASSERT_GE(tile, 1);
    ASSERT_LE(tile, s.granules);
    if (bytes <= pad.half_bytes()) {
      ASSERT_LE(tile * bytes, pad.half_bytes());
    }
    const double before = cost_of_best(s, lanes, pad, base) * (1 + 1e-12);
    Scratchpad larger = pad, wider = pad;
    larger.bytes += draw(100000);
    wider.width_bytes *= 2;
    Hardware faster = base, more = base;
    faster.dram.clock_hz *= 2;
    more.dram.channels *= 2;
    EXPECT_LE(cost_of_best(s, lanes, larger, base), before);
    EXPECT_LE(cost_of_best(s, lanes, wider, base), before);
    EXPECT_LE(cost_of_best(s, 2 * lanes, pad, base), before);
    EXPECT_LE(cost_of_best(s, lanes, pad, faster), before);
    EXPECT_LE(cost_of_best(s, lanes, pad, more), before);
    if (HasFailure()) return;
  }
}

// Nothing but latencies: one tile. Nothing but bytes: many.
TEST(PassTile, LatenciesAgainstTheFirstLoad) {
  Hardware hw = HardwareText{}.read();
  const Scratchpad pad{1 << 30, 4, 8};
  PassShape s{1000, {}, 64};
  s.granule.moved_bytes = 64;
  s.granule.unit = {1, 64, 64};
  hw.dram.t.cl = hw.dram.t.rcd_rd = 1000000;
  EXPECT_EQ(pass_tile(s, {8, pad}, hw), 1000);
  hw.dram.t.cl = hw.dram.t.rcd_rd = 0;
  hw.vector_depth = 0;
  EXPECT_LT(pass_tile(s, {8, pad}, hw), 100);
}

}  // namespace
}  // namespace octet::sim
