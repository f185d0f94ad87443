#include "sim/mapping/search.hpp"

#include <algorithm>

#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

constexpr Gemm kGemms[] = {Gemm::kForward, Gemm::kDataGradient, Gemm::kWeightGradient};

Product random_product(std::mt19937& random) {
  const auto draw = [&](int most) { return static_cast<std::int64_t>(1 + random() % most); };
  Product p;
  p.gemm = kGemms[random() % 3];
  GemmShape& s = p.shape;
  for (Axis* axis : {&s.y, &s.x}) {
    axis->kernel = draw(4);
    axis->stride = draw(3);
    axis->pad = static_cast<std::int64_t>(random() % static_cast<unsigned>(axis->kernel));
    axis->dilation = axis->kernel > 1 ? draw(2) : 1;
    const std::int64_t reach = (axis->kernel - 1) * axis->dilation + 1;
    axis->in = reach + static_cast<std::int64_t>(random() % 40);
    axis->out = (axis->in + 2 * axis->pad - reach) / axis->stride + 1;
  }
  s.batch = draw(40);
  s.groups = random() % 3 == 0 ? draw(16) : 1;
  s.in_c = s.groups * draw(random() % 2 == 0 ? 8 : 100);
  s.out_c = s.groups * draw(random() % 2 == 0 ? 8 : 100);
  p.weight_bytes = p.gemm == Gemm::kWeightGradient ? 2 : 1;
  p.wide_operand = p.gemm == Gemm::kWeightGradient;
  p.result_bytes =
      p.gemm == Gemm::kWeightGradient ? 8 : 4 + static_cast<std::int64_t>(random() % 4);
  return p;
}

Drain stored() {
  Drain d;
  d.add_move(4);
  d.add_pass(5);
  return d;
}

Hardware random_hardware(std::mt19937& random, const Hardware& base) {
  Hardware hw = base;
  const int sides[] = {4, 8, 16, 32};
  hw.rows = sides[random() % 4];
  hw.cols = sides[random() % 4];
  hw.fold_overlap = random() % 2 == 0;
  for (Scratchpad* pad : {&hw.activation, &hw.weight, &hw.accumulator}) {
    pad->bytes = std::int64_t{256} << random() % 11;
    pad->banks = 16;
    pad->width_bytes = 32;
  }
  return hw;
}

// Larger scratchpads and more bandwidth never cost more, for random products and machines.
TEST(Search, MoreIsNeverWorse) {
  std::mt19937 random(11);
  const Hardware base = HardwareText{}.read();
  int found_any = 0;
  for (int i = 0; i < 300; ++i) {
    const Product p = random_product(random);
    const Hardware hw = random_hardware(random, base);
    const auto found = search_mapping(p, stored(), hw);
    if (!found) continue;
    ++found_any;
    EXPECT_TRUE(fits(p, found->mapping.tiling, hw));
    for (Scratchpad Hardware::*pad :
         {&Hardware::activation, &Hardware::weight, &Hardware::accumulator}) {
      Hardware larger = hw;
      (larger.*pad).bytes = (larger.*pad).bytes * (1 + static_cast<std::int64_t>(random() % 8)) +
                            static_cast<std::int64_t>(random() % 4096);
      const auto more = search_mapping(p, stored(), larger);
      ASSERT_TRUE(more.has_value());
      // A part of a row is not tried where a row fits; what replaces it may cost a little more.
      const double slack = found->mapping.tiling.width < p.width() ? 1.05 : 1.0;
      EXPECT_LE(more->cost.objective(), found->cost.objective() * slack) << i;
    }
    Hardware faster = hw;
    faster.dram.channels *= 2;
    faster.dram.burst_bytes *= 2;
    faster.dram.row_bytes *= 2;
    EXPECT_LE(search_mapping(p, stored(), faster)->cost.objective(),
              found->cost.objective() * (1 + 1e-12))
        << i;
    if (HasFailure()) return;
  }
  EXPECT_GT(found_any, 200);
}

// No cost is below what the work takes: the array's cells, the bytes of every operand once.
TEST(Search, CostsBoundTheWork) {
  std::mt19937 random(12);
  const Hardware base = HardwareText{}.read();
  for (int i = 0; i < 300; ++i) {
    const Product p = random_product(random);
    const Hardware hw = random_hardware(random, base);
    const auto found = search_mapping(p, stored(), hw);
    if (!found) continue;
    const std::int64_t cells = std::int64_t{hw.rows} * hw.cols;
    if (p.gemm != Gemm::kDataGradient) {
      const std::int64_t macs =
          p.shape.batch * p.shape.y.out * p.shape.x.out * p.shape.out_c * p.shape.reduction();
      EXPECT_GE(found->cost.compute_cycles * cells, macs);
      EXPECT_GE(found->cost.transfers.weight_bytes,
                p.gemm == Gemm::kForward
                    ? p.shape.out_c * p.shape.reduction()
                    : 2 * p.shape.batch * p.shape.y.out * p.shape.x.out * p.shape.out_c);
    }
    EXPECT_GE(found->cost.cycles, static_cast<double>(found->cost.compute_cycles));
    EXPECT_GE(found->cost.cycles, found->cost.transfers.bus);
  }
}

// What lets the search leave a tiling out early is never above what that tiling costs.
TEST(TilingCosts, LeastIsBelowAll) {
  std::mt19937 random(14);
  const Hardware base = HardwareText{}.read();
  int tried = 0;
  for (int i = 0; i < 3000; ++i) {
    const Product p = random_product(random);
    const Hardware hw = random_hardware(random, base);
    const auto part = [&](std::int64_t size) {
      return 1 + static_cast<std::int64_t>(random() % static_cast<unsigned long>(size));
    };
    Tiling t;
    switch (random() % 3) {
      case 0:
        t = {part(p.shape.batch), p.height(), p.width()};
        break;
      case 1:
        t = {1, part(p.height()), p.width()};
        break;
      default:
        t = {1, 1, part(p.width())};
        break;
    }
    t.columns = part(p.columns());
    if (t.columns == p.columns()) t.groups = part(p.shape.groups);
    t.depth = random() % 2 == 0 ? p.depth() : part(p.depth());
    t.sliced = t.depth < p.depth() && random() % 2 == 0;
    t.pixels_outer = p.gemm != Gemm::kWeightGradient && random() % 2 == 0;
    if (!fits(p, t, hw)) continue;
    ++tried;
    const Drain drain = stored();
    const TilingCosts costs(p, drain, hw);
    const std::int64_t pixels = pixel_tiles(p, t);
    const auto columns = costs.columns(t);
    const auto fetches = costs.fetches(t, pixels, columns);
    const Moves source = costs.source(t);
    const Transfers all = costs.transfers(pixels, columns, source, fetches);
    EXPECT_LE(costs.least_bus(fetches, columns, source), all.bus * (1 + 1e-12));
    for (const Dataflow flow : {Dataflow::kOutput, Dataflow::kWeight, Dataflow::kInput}) {
      const auto compute = static_cast<double>(compute_cycles(p, t, flow, hw));
      EXPECT_LE(costs.least_compute(), compute) << i;
      const double cycles = costs.cycles(pixels, columns, all, compute);
      EXPECT_LE(costs.cycles(pixels, columns, all, costs.least_compute()), cycles * (1 + 1e-12));
      EXPECT_GE(cycles, std::max(compute, all.bus));
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(tried, 500);
}

TEST(Search, IsRememberedByShape) {
  const Hardware hw = HardwareText{}.read();
  MappingCache cache(hw, MappingStrategy::kSearch);
  std::mt19937 random(13);
  const Product p = random_product(random);
  const auto first = cache.find(p, stored());
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_EQ(cache.find(p, stored())->mapping, first->mapping);
  EXPECT_EQ(cache.size(), 1U);
  Product other = p;
  other.shape.batch += 1;
  (void)cache.find(other, stored());
  EXPECT_EQ(cache.size(), 2U);
}

}  // namespace
}  // namespace octet::sim
