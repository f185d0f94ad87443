// The Range-BN unit against the golden model, forward and backward, channel by channel: ties, dead
// channels, extremes, n not divisible by the chunks, chunks of one value, random stalls, captured
// tensors; and the cycle formula of every command.
#include <Vrange_bn.h>

#include <deque>

#include "common/capture.hpp"
#include "model/ops/range_bn.hpp"
#include "tests/cosim/bench.hpp"
#include "tests/cosim/captures.hpp"

namespace octet::cosim {
namespace {

enum Op { kStats = 0, kNormalise = 1, kSums = 2, kApply = 3 };

struct Counts {
  std::uint64_t channels = 0, values = 0, dead = 0, captured = 0;
};

// One channel's work and data.
struct Channel {
  std::string name;
  std::vector<std::uint8_t> q;
  int chunks = 1;
  model::RangeBnApply apply;
  model::QuantParams out;
  model::Rounding rounding = model::Rounding::kNearest;
  std::vector<std::uint16_t> random;  // one a value
  std::vector<std::uint8_t> g8;
  std::vector<std::uint16_t> g16;
  std::int32_t zero8 = 0, zero16 = 0;
  std::vector<std::int32_t> captured_e;  // what a run gave, or nothing
};

class Unit {
 public:
  explicit Unit(std::uint64_t seed) : random_(seed) {}

  void stall(std::uint64_t one_in) { stalls_.one_in = one_in; }

  // Both passes of one channel.
  void check(const Channel& channel) {
    const std::int64_t n = static_cast<std::int64_t>(channel.q.size());
    std::vector<model::RangeBnStats> stats(1);
    model::RangeBnExtremes extremes;
    model::range_bn_statistics_ref(channel.q, 1, channel.chunks, stats, extremes);
    const model::RangeBnStats& s = stats[0];
    const bool dead = s.range_sum == 0;
    where_ = channel.name + " n " + std::to_string(n) + " chunks " + std::to_string(channel.chunks);

    auto& top = dut_.top;
    top.n_i = static_cast<std::uint32_t>(n);
    top.chunks_i = static_cast<std::uint16_t>(channel.chunks);

    // Statistics.
    run(kStats, channel, extremes, dead ? n + 72 : n + 105);
    expect(s.sum, top.sum_o, where_ + " S");
    expect(s.mu, top.mu_o, where_ + " mu");
    expect(s.range_sum, top.range_sum_o, where_ + " R");
    expect(s.reciprocal, top.reciprocal_o, where_ + " rho");
    expect(s.q_low, top.q_low_o, where_ + " lowest q");
    expect(s.q_high, top.q_high_o, where_ + " highest q");
    expect(channel.chunks, static_cast<std::int64_t>(got_max_.size()), where_ + " extremes");
    for (std::size_t k = 0; k < got_max_.size(); ++k) {
      expect(extremes.argmax[k], got_max_[k], where_ + " argmax of chunk " + std::to_string(k));
      expect(extremes.argmin[k], got_min_[k], where_ + " argmin of chunk " + std::to_string(k));
    }
    finish();

    // Normalisation.
    top.mu_i = static_cast<std::uint32_t>(channel.apply.mu);
    top.mantissa_i = static_cast<std::uint32_t>(channel.apply.factor.mantissa);
    top.exponent_i = static_cast<std::uint32_t>(channel.apply.factor.exponent) & 0x3F;
    top.bias_i = static_cast<std::uint32_t>(channel.apply.bias);
    top.zero_point_i = static_cast<std::uint16_t>(channel.out.zero_point);
    top.q_max_i = static_cast<std::uint8_t>(channel.out.q_max);
    top.stochastic_i = channel.rounding == model::Rounding::kStochastic;
    run(kNormalise, channel, extremes, n + 7);
    expect(n, static_cast<std::int64_t>(got_.size()), where_ + " values of y");
    for (std::size_t i = 0; i < got_.size(); ++i) {
      const std::int32_t y = model::range_bn_apply_value(channel.q[i], channel.apply, channel.out,
                                                         channel.rounding, channel.random[i]);
      expect(y, got_[i],
             where_ + " y of q " + std::to_string(channel.q[i]) + " mu " +
                 std::to_string(channel.apply.mu) + " mantissa " +
                 std::to_string(channel.apply.factor.mantissa) + " exponent " +
                 std::to_string(channel.apply.factor.exponent) + " bias " +
                 std::to_string(channel.apply.bias));
    }
    finish();

    // Gradient sums, both copies.
    std::vector<model::RangeBnSums> sums(1);
    top.mu_i = static_cast<std::uint32_t>(s.mu);
    for (const bool wide : {true, false}) {
      wide_gradient_ = wide;
      top.zero_point_i = static_cast<std::uint16_t>(wide ? channel.zero16 : channel.zero8);
      if (wide) {
        model::range_bn_gradient_sums_ref<std::uint16_t>(channel.g16, channel.zero16, channel.q,
                                                         stats, sums);
      } else {
        model::range_bn_gradient_sums_ref<std::uint8_t>(channel.g8, channel.zero8, channel.q, stats,
                                                        sums);
      }
      run(kSums, channel, extremes, n + 4);
      const std::string copy = wide ? " 16-bit copy" : " 8-bit copy";
      expect(sums[0].gradient, sign_extend(top.grad_sum_o, 41), where_ + " A," + copy);
      expect(sums[0].product, sign_extend(top.grad_product_o, 57), where_ + " B," + copy);
      finish();
    }

    // Data gradient, from the 8-bit copy's sums (those of the last run).
    const model::RangeBnBackward scalars =
        model::range_bn_backward_scalars(sums[0], n, s.range_sum);
    std::vector<std::int32_t> e(channel.q.size());
    model::range_bn_backward_ref(channel.g8, channel.zero8, 1, channel.chunks, stats, extremes,
                                 std::span<const model::RangeBnBackward>(&scalars, 1), e);
    for (std::size_t i = 0; i < channel.captured_e.size(); ++i) {
      expect(e[i], channel.captured_e[i], where_ + " captured e of row " + std::to_string(i));
    }
    top.range_sum_i = static_cast<std::uint16_t>(s.range_sum);
    top.grad_sum_i = static_cast<std::uint64_t>(sums[0].gradient) & ((std::uint64_t{1} << 33) - 1);
    top.grad_product_i =
        static_cast<std::uint64_t>(sums[0].product) & ((std::uint64_t{1} << 49) - 1);
    run(kApply, channel, extremes, dead ? n + 31 : n + 123);
    expect(scalars.mean, sign_extend(top.grad_mean_o, 18), where_ + " mg");
    expect(scalars.extreme, sign_extend(top.grad_extreme_o, 31), where_ + " t");
    expect(n, static_cast<std::int64_t>(got_.size()), where_ + " values of e");
    for (std::size_t i = 0; i < e.size(); ++i) {
      expect(e[i], got_[i], where_ + " e of row " + std::to_string(i));
    }
    finish();
    ++counts.channels;
    counts.values += channel.q.size();
    counts.dead += dead;
  }

  Counts counts;

 private:
  static std::int64_t sign_extend(std::uint64_t bits, int width) {
    return static_cast<std::int64_t>(bits << (64 - width)) >> (64 - width);
  }

  // One command up to its result, which is left waiting for `finish`. Checks the cycles where
  // nothing stalled.
  void run(Op op, const Channel& channel, const model::RangeBnExtremes& extremes,
           std::int64_t formula) {
    auto& top = dut_.top;
    got_.clear();
    got_max_.clear();
    got_min_.clear();
    std::size_t sent = 0;
    std::size_t extremes_sent = 0;
    const std::size_t extremes_out = op == kStats ? static_cast<std::size_t>(channel.chunks) : 0;
    bool commanded = false;
    std::uint64_t start = 0;
    top.res_ready_i = 0;
    const std::uint64_t limit = dut_.cycle + 10000 + 100 * channel.q.size();
    for (;;) {
      if (dut_.cycle > limit) throw Mismatch(where_ + ": command " + std::to_string(op) + " hangs");
      top.cmd_valid_i = !commanded;
      top.op_i = op;
      // After its last value a stream offers the next channel's: the unit must not take it.
      const std::size_t at = std::min(sent, channel.q.size() - 1);
      top.in_valid_i = !stalls_.now(random_);
      top.q_i = channel.q[at];
      top.g_i = wide_gradient_ && op == kSums ? channel.g16[at] : channel.g8[at];
      top.random_i = channel.random[at];
      top.out_ready_i = !stalls_.now(random_);
      top.ext_ready_i = !stalls_.now(random_);
      const std::size_t k = std::min(extremes_sent, extremes.argmax.size() - 1);
      top.ext_valid_i = !stalls_.now(random_);
      top.argmax_i = static_cast<std::uint32_t>(extremes.argmax[k]);
      top.argmin_i = static_cast<std::uint32_t>(extremes.argmin[k]);
      dut_.settle();
      if (!commanded && top.cmd_ready_o) start = dut_.cycle;
      const bool accepted = !commanded && top.cmd_ready_o;
      if (top.in_valid_i && top.in_ready_o) ++sent;
      if (top.ext_valid_i && top.ext_ready_o) ++extremes_sent;
      if (top.out_valid_o && top.out_ready_i) got_.push_back(static_cast<std::int32_t>(top.data_o));
      if (top.ext_valid_o && top.ext_ready_i) {
        got_max_.push_back(static_cast<std::int32_t>(top.argmax_o));
        got_min_.push_back(static_cast<std::int32_t>(top.argmin_o));
      }
      const bool finished = commanded && top.res_valid_o && got_max_.size() >= extremes_out;
      if (finished) break;  // the result stays until `finish`
      dut_.edge();
      commanded = commanded || accepted;
    }
    const std::string name = where_ + " command " + std::to_string(op);
    expect(static_cast<std::int64_t>(channel.q.size()), static_cast<std::int64_t>(sent),
           name + " values taken");
    expect(op == kApply ? static_cast<std::int64_t>(extremes.argmax.size()) : 0,
           static_cast<std::int64_t>(extremes_sent), name + " extremes taken");
    if (stalls_.one_in == 0) {
      expect(formula, static_cast<std::int64_t>(dut_.cycle - start + 1), name + " cycles");
    }
  }
  void finish() {
    dut_.top.in_valid_i = 0;
    dut_.top.ext_valid_i = 0;
    dut_.top.cmd_valid_i = 0;
    dut_.top.res_ready_i = 1;
    dut_.settle();
    dut_.edge();
  }

  Clocked<Vrange_bn> dut_;
  Random random_;
  Stalls stalls_;
  std::string where_;
  bool wide_gradient_ = false;
  std::vector<std::int32_t> got_, got_max_, got_min_;
};

std::uint8_t value_of(int kind, std::int64_t i, std::int64_t n, int constant, Random& random) {
  switch (kind) {
    case 0:
      return static_cast<std::uint8_t>(constant);  // dead
    case 1:
      return static_cast<std::uint8_t>(random.one_in(2) ? 255 : 0);  // extremes
    case 2:
      return static_cast<std::uint8_t>(constant / 2 + random.range(0, 2));  // ties
    case 3:
      return static_cast<std::uint8_t>(i * 255 / n);  // ramp up
    case 4:
      return static_cast<std::uint8_t>(255 - i * 255 / n);  // ramp down
    case 5:
      return static_cast<std::uint8_t>(i == n / 2 ? 255 : constant / 2);  // one outlier
    default:
      return static_cast<std::uint8_t>(random.next());
  }
}

Channel random_channel(std::uint64_t index, Random& random) {
  Channel c;
  std::int64_t n = random.range(1, 300);
  if (random.one_in(4)) n = random.range(1, 12);
  if (random.one_in(100)) n = random.range(1000, 6000);
  const int recipe_chunks =
      static_cast<int>(random.one_in(3) ? random.range(1, 256) : 1 << random.range(0, 8));
  c.chunks = model::chunk_count(n, recipe_chunks);
  // One channel in five may have chunks of a single value; else most such channels would be dead.
  if (!random.one_in(5))
    c.chunks = static_cast<int>(std::max<std::int64_t>(std::min<std::int64_t>(c.chunks, n / 2), 1));
  const int kind = static_cast<int>(random.range(0, 9));
  const int constant = static_cast<int>(random.range(0, 255));
  c.name = "channel " + std::to_string(index) + " kind " + std::to_string(kind);
  const int gradient_kind = static_cast<int>(random.range(0, 4));
  for (std::int64_t i = 0; i < n; ++i) {
    c.q.push_back(value_of(kind, i, n, constant, random));
    c.random.push_back(static_cast<std::uint16_t>(random.next()));
    std::uint64_t g = random.next();
    if (gradient_kind == 0) g = random.one_in(2) ? 0xFFFF : 0;       // extremes
    if (gradient_kind == 1) g = c.q.back() > constant ? 0xFFFF : 0;  // follows q: a large B
    c.g8.push_back(static_cast<std::uint8_t>(g));
    c.g16.push_back(static_cast<std::uint16_t>(g));
  }
  c.zero8 =
      static_cast<std::int32_t>(random.one_in(4) ? 255 * random.range(0, 1) : random.range(0, 255));
  c.zero16 = static_cast<std::int32_t>(random.one_in(4) ? 65535 * random.range(0, 1)
                                                        : random.range(0, 65535));

  // A gain near the one that fills the code, or anything; in inference mu is any running mean.
  std::int64_t sum = 0;
  for (const std::uint8_t q : c.q) sum += q;
  c.apply.mu = random.one_in(10) ? static_cast<std::int32_t>(random.range(-(1 << 24), 1 << 24))
                                 : model::range_bn_mean(sum, n);
  c.apply.factor.mantissa = static_cast<std::int32_t>(random.range(1LL << 30, (1LL << 31) - 1));
  if (random.one_in(4)) c.apply.factor.mantissa = -c.apply.factor.mantissa;
  if (random.one_in(20)) c.apply.factor.mantissa = 0;
  c.apply.factor.exponent =
      static_cast<std::int32_t>(random.one_in(10) ? random.range(-30, 31) : random.range(-4, 6));
  const std::int64_t bias = random.one_in(10) ? 1 << 30 : 1 << 15;
  c.apply.bias = static_cast<std::int32_t>(random.one_in(20) ? (random.one_in(2) ? bias : -bias)
                                                             : random.range(-bias, bias));
  c.out.q_max = random.one_in(4) ? model::q_max_of_bits(static_cast<int>(random.range(2, 8))) : 255;
  c.out.zero_point = static_cast<std::int32_t>(random.range(0, c.out.q_max));
  c.rounding = random.one_in(2) ? model::Rounding::kStochastic : model::Rounding::kNearest;
  return c;
}

// DIR/*.range_bn.capture: README.md.
void check_captures(Unit& unit, const std::string& folder) {
  for (const std::string& path : captures_of(folder, "range_bn")) {
    const CaptureReader file(path);
    const auto shape = file.get<std::int64_t>("shape");  // n, channels, chunks
    const auto q = file.get<std::uint8_t>("q");
    const auto mu = file.get<std::int32_t>("mu");
    const auto mantissa = file.get<std::int32_t>("mantissa");
    const auto exponent = file.get<std::int32_t>("exponent");
    const auto bias = file.get<std::int32_t>("bias");
    const auto params = file.get<std::int32_t>("params");    // zero point, q_max, stochastic
    const auto address = file.get<std::uint32_t>("random");  // seed, step, stream
    const auto g8 = file.get<std::uint8_t>("g8");
    const auto g16 = file.get<std::uint16_t>("g16");
    const auto zeros = file.get<std::int32_t>("zero_points");  // of g8, of g16
    if (shape.size() != 3 || shape[0] < 1 || shape[1] < 1 || shape[2] < 1 || params.size() != 3 ||
        address.size() != 3 || zeros.size() != 2) {
      throw Error(path + ": shape, params, random or zero_points is not complete");
    }
    const auto channels = static_cast<std::size_t>(shape[1]);
    const std::size_t elements = static_cast<std::size_t>(shape[0]) * channels;
    if (q.size() != elements || g8.size() != elements || g16.size() != elements ||
        mu.size() != channels || mantissa.size() != channels || exponent.size() != channels ||
        bias.size() != channels) {
      throw Error(path + ": the arrays' sizes do not fit the shape");
    }
    const auto y = file.has("y") ? file.get<std::uint8_t>("y") : std::vector<std::uint8_t>{};
    const auto e = file.has("e") ? file.get<std::int32_t>("e") : std::vector<std::int32_t>{};
    if ((!y.empty() && y.size() != elements) || (!e.empty() && e.size() != elements)) {
      throw Error(path + ": the expected results do not fit the shape");
    }
    for (std::size_t ch = 0; ch < channels; ++ch) {
      Channel c;
      c.name = path + " channel " + std::to_string(ch);
      c.chunks =
          model::chunk_count(shape[0], static_cast<int>(std::min<std::int64_t>(shape[2], 256)));
      c.apply = {mu[ch], {mantissa[ch], exponent[ch]}, bias[ch]};
      c.out.zero_point = params[0];
      c.out.q_max = params[1];
      c.rounding = params[2] ? model::Rounding::kStochastic : model::Rounding::kNearest;
      c.zero8 = zeros[0];
      c.zero16 = zeros[1];
      for (std::size_t i = ch; i < elements; i += channels) {
        c.q.push_back(q[i]);
        c.g8.push_back(g8[i]);
        c.g16.push_back(g16[i]);
        c.random.push_back(params[2] ? model::random_bits({address[0], address[1], address[2]}, i)
                                     : std::uint16_t{0});
        if (!e.empty()) c.captured_e.push_back(e[i]);
        if (!y.empty()) {
          expect(model::range_bn_apply_value(q[i], c.apply, c.out, c.rounding, c.random.back()),
                 y[i], path + " captured y of element " + std::to_string(i));
        }
      }
      unit.check(c);
      ++unit.counts.captured;
    }
  }
}

// The longest channel that docs/numerics.md section 11 allows, with every sum at its bound or near
// it.
Channel longest_channel(std::int64_t n) {
  Channel c;
  c.name = "longest channel";
  c.chunks = 256;
  c.q.assign(static_cast<std::size_t>(n), 255);
  c.random.assign(c.q.size(), 0xFFFF);
  c.g8.assign(c.q.size(), 255);
  c.g16.assign(c.q.size(), 65535);
  for (int k = 0; k < c.chunks; ++k) {  // R = 256 x 255; mu stays below 255
    const std::int64_t last = model::chunk_begin(n, c.chunks, k + 1) - 1;
    c.q[static_cast<std::size_t>(last)] = 0;
  }
  c.apply = {model::range_bn_mean(255 * (n - c.chunks), n), {(1 << 30) + 12345, -3}, -5000};
  return c;
}

std::string check(const Options& options) {
  Random random(options.seed);
  Unit unit(options.seed + 1000);
  const std::uint64_t channels = options.quick ? 500 : 10'000;
  for (std::uint64_t i = 0; i < channels; ++i) {
    unit.stall(i % 2 ? static_cast<std::uint64_t>(random.range(2, 8)) : 0);
    unit.check(random_channel(i, random));
  }
  unit.stall(0);
  unit.check(longest_channel(options.quick ? 100'000 : 1 << 24));
  check_captures(unit, options.capture);
  if (unit.counts.values == 0 || unit.counts.dead == 0) return "";
  return std::to_string(unit.counts.channels) + " channels (" + std::to_string(unit.counts.dead) +
         " dead, " + std::to_string(unit.counts.captured) + " captured), " +
         std::to_string(unit.counts.values) + " values, forward and backward, cycle formulas";
}

}  // namespace
}  // namespace octet::cosim

int main(int argc, char** argv) {
  return octet::cosim::bench_main(argc, argv, "range_bn", octet::cosim::check);
}
