// The requantiser lane against the golden model: edges x edges at every exponent, ties, a million
// random vectors, both roundings, random stalls, captured tensors; and its cycle formula.
#include <Vrequantise.h>

#include <deque>

#include "common/capture.hpp"
#include "model/quant/quantise.hpp"
#include "tests/cosim/bench.hpp"
#include "tests/cosim/captures.hpp"

namespace octet::cosim {
namespace {

struct Vector {
  std::int32_t x = 0;
  model::Multiplier factor;
  std::int32_t zero_point = 0;
  std::int32_t q_max = 255;
  bool stochastic = false;
  std::uint16_t random = 0;
};

std::string words(const Vector& v) {
  return "x " + std::to_string(v.x) + " mantissa " + std::to_string(v.factor.mantissa) +
         " exponent " + std::to_string(v.factor.exponent) + " zero point " +
         std::to_string(v.zero_point) + " q_max " + std::to_string(v.q_max) +
         (v.stochastic ? " stochastic random " + std::to_string(v.random) : " nearest");
}

class Lane {
 public:
  explicit Lane(std::uint64_t seed) : random_(seed) {}

  // Feeds one vector; stalls at random if asked to. Results are checked as they come.
  void feed(const Vector& v) {
    auto& top = dut_.top;
    for (;;) {
      const bool valid = !in_.now(random_);
      top.valid_i = valid;
      top.x_i = static_cast<std::uint32_t>(v.x);
      top.mantissa_i = static_cast<std::uint32_t>(v.factor.mantissa);
      top.exponent_i = static_cast<std::uint32_t>(v.factor.exponent) & 0x3F;
      top.zero_point_i = static_cast<std::uint16_t>(v.zero_point);
      top.q_max_i = static_cast<std::uint16_t>(v.q_max);
      top.stochastic_i = v.stochastic;
      top.random_i = v.random;
      const bool taken = cycle() && valid;
      if (taken) {
        waiting_.push_back(v);
        return;
      }
    }
  }
  void drain() {
    dut_.top.valid_i = 0;
    for (int patience = 0; !waiting_.empty(); ++patience) {
      if (patience > 1000) throw Mismatch("the lane keeps " + words(waiting_.front()));
      cycle();
    }
  }
  void stall(std::uint64_t in, std::uint64_t out) {
    in_.one_in = in;
    out_.one_in = out;
  }
  [[nodiscard]] std::uint64_t cycles() const { return dut_.cycle; }
  [[nodiscard]] std::uint64_t checked() const { return checked_; }

 private:
  // One cycle; true if the input side was ready.
  bool cycle() {
    auto& top = dut_.top;
    top.ready_i = !out_.now(random_);
    dut_.settle();
    const bool ready = top.ready_o != 0;
    if (top.valid_o && top.ready_i) check();
    dut_.edge();
    return ready;
  }
  void check() {
    if (waiting_.empty()) throw Mismatch("a result that nothing asked for");
    const Vector v = waiting_.front();
    waiting_.pop_front();
    const std::int32_t value = v.stochastic ? model::requantise_stochastic(v.x, v.factor, v.random)
                                            : model::requantise_nearest(v.x, v.factor);
    const std::int32_t code =
        v.stochastic
            ? model::quantise_wide_stochastic(v.x, v.factor, v.zero_point, v.q_max, v.random)
            : model::quantise_wide_nearest(v.x, v.factor, v.zero_point, v.q_max);
    const bool clipped = std::int64_t{value} + v.zero_point != code;
    if (code != dut_.top.code_o || clipped != (dut_.top.clipped_o != 0)) {
      mismatch(words(v), std::to_string(code) + (clipped ? " clipped" : ""),
               std::to_string(dut_.top.code_o) + (dut_.top.clipped_o ? " clipped" : ""));
    }
    ++checked_;
  }

  Clocked<Vrequantise> dut_;
  Random random_;
  Stalls in_, out_;
  std::deque<Vector> waiting_;
  std::uint64_t checked_ = 0;
};

// N vectors back to back take N + 4 cycles.
void check_cycles(Lane& lane) {
  lane.stall(0, 0);
  const std::uint64_t before = lane.cycles();
  constexpr std::uint64_t kCount = 100;
  for (std::uint64_t i = 0; i < kCount; ++i)
    lane.feed({static_cast<std::int32_t>(i), {1 << 30, 0}});
  lane.drain();
  expect(kCount + 4, static_cast<std::int64_t>(lane.cycles() - before), "cycles of 100 vectors");
}

// Every edge of x with every edge of the mantissa, at every exponent, in both roundings. The code
// shows 16 bits of the value, so zero points move the window over it.
void check_edges(Lane& lane, Random& random) {
  constexpr std::int32_t kLow = std::numeric_limits<std::int32_t>::min();
  constexpr std::int32_t kHigh = std::numeric_limits<std::int32_t>::max();
  const std::vector<std::int32_t> edges = {kLow,
                                           kLow + 1,
                                           -(1 << 30) - 1,
                                           -(1 << 30),
                                           -(1 << 30) + 1,
                                           -65537,
                                           -65536,
                                           -65535,
                                           -257,
                                           -256,
                                           -255,
                                           -3,
                                           -2,
                                           -1,
                                           0,
                                           1,
                                           2,
                                           3,
                                           127,
                                           128,
                                           255,
                                           256,
                                           257,
                                           32767,
                                           32768,
                                           65535,
                                           65536,
                                           65537,
                                           (1 << 24) - 1,
                                           1 << 24,
                                           (1 << 30) - 1,
                                           1 << 30,
                                           (1 << 30) + 1,
                                           kHigh - 1,
                                           kHigh};
  for (const std::int32_t x : edges) {
    for (const std::int32_t mantissa : edges) {
      for (std::int32_t exponent = -30; exponent <= 31; ++exponent) {
        Vector v{x, {mantissa, exponent}, 0, 65535, false, 0};
        lane.feed(v);
        v.zero_point = 65535;
        lane.feed(v);
        v.zero_point = 128;
        v.q_max = 255;
        lane.feed(v);
        if (mantissa == kLow) continue;  // the model's product may leave 64 bits
        v.stochastic = true;
        for (const std::uint16_t bits : {0, 0x8000, 0xFFFF}) {
          v.random = bits;
          v.zero_point = bits == 0x8000 ? 32768 : (x < 0 ? 65535 : 0);
          v.q_max = 65535;
          lane.feed(v);
        }
      }
      lane.stall(random.one_in(2) ? 0 : 5, random.one_in(2) ? 0 : 5);
    }
  }
}

// Values that sit on a rounding boundary: ties of SRDHM (x m = odd 2^30) and of RDBPOT, and their
// neighbours.
void check_ties(Lane& lane, Random& random, int count) {
  for (int i = 0; i < count; ++i) {
    Vector v;
    v.q_max = 65535;
    v.zero_point = static_cast<std::int32_t>(random.range(0, 65535));
    if (random.one_in(2)) {
      const int k = static_cast<int>(random.range(0, 14));
      const auto odd = static_cast<std::int32_t>(2 * random.range(-(1 << 14), 1 << 14) + 1);
      v.x = odd * (1 << k);
      v.factor = {static_cast<std::int32_t>((random.one_in(2) ? -1 : 1) * (1LL << (30 - k))), 0};
    } else {
      const auto e = static_cast<std::int32_t>(random.range(1, 15));
      const std::int64_t tie = (2 * random.range(-(1 << 14), 1 << 14) + 1) << (e - 1);
      v.x = static_cast<std::int32_t>(2 * tie);  // mantissa 2^30 halves it
      v.factor = {1 << 30, e};
    }
    v.x += static_cast<std::int32_t>(random.range(-1, 1));
    v.factor.mantissa += static_cast<std::int32_t>(random.range(-1, 1));
    lane.feed(v);
    v.stochastic = true;
    v.random = static_cast<std::uint16_t>(random.next());
    lane.feed(v);
  }
}

// Random vectors, three in four aimed so that the value falls near the code's range.
void check_random(Lane& lane, Random& random, int count) {
  for (int i = 0; i < count; ++i) {
    if (i % 4096 == 0) {
      lane.stall(static_cast<std::uint64_t>(random.range(0, 1) * random.range(2, 9)),
                 static_cast<std::uint64_t>(random.range(0, 1) * random.range(2, 9)));
    }
    Vector v;
    const int bits = static_cast<int>(random.range(2, 16));
    v.q_max = model::q_max_of_bits(bits);
    v.zero_point = static_cast<std::int32_t>(random.range(0, v.q_max));
    v.stochastic = random.one_in(2);
    v.random = static_cast<std::uint16_t>(random.next());
    v.x = random.any_size();
    v.factor.mantissa = static_cast<std::int32_t>(random.range(1LL << 30, (1LL << 31) - 1));
    if (random.one_in(4)) v.factor.mantissa = random.any_size();
    if (random.one_in(4)) v.factor.mantissa = -v.factor.mantissa;
    if (v.factor.mantissa == std::numeric_limits<std::int32_t>::min()) v.factor.mantissa = 1;
    v.factor.exponent = static_cast<std::int32_t>(random.range(-30, 31));
    if (!random.one_in(4)) {
      const std::int64_t size = v.x < 0 ? -std::int64_t{v.x} : v.x;
      const int have = std::bit_width(static_cast<std::uint64_t>(size));
      v.factor.exponent = std::clamp(have - bits + static_cast<int>(random.range(-1, 3)), -30, 31);
    }
    lane.feed(v);
  }
}

// DIR/*.requantise.capture: README.md. Returns the number of values.
std::uint64_t check_captures(Lane& lane, const std::string& folder) {
  std::uint64_t values = 0;
  for (const std::string& path : captures_of(folder, "requantise")) {
    const CaptureReader file(path);
    const auto x = file.get<std::int32_t>("x");
    const auto mantissa = file.get<std::int32_t>("mantissa");
    const auto exponent = file.get<std::int32_t>("exponent");
    const auto params = file.get<std::int32_t>("params");    // zero point, q_max, stochastic
    const auto address = file.get<std::uint32_t>("random");  // seed, step, stream
    const auto first = file.get<std::int64_t>("first_element");
    if (mantissa.empty() || mantissa.size() != exponent.size() || params.size() != 3 ||
        address.size() != 3 || first.size() != 1) {
      throw Error(path + ": the arrays' sizes do not fit");
    }
    const auto code =
        file.has("code") ? file.get<std::uint16_t>("code") : std::vector<std::uint16_t>{};
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::uint64_t element = static_cast<std::uint64_t>(first[0]) + i;
      const std::size_t c = element % mantissa.size();
      Vector v{x[i], {mantissa[c], exponent[c]}, params[0], params[1], params[2] != 0, 0};
      if (v.stochastic)
        v.random = model::random_bits({address[0], address[1], address[2]}, element);
      if (i < code.size()) {
        const std::int32_t expected =
            v.stochastic
                ? model::quantise_wide_stochastic(v.x, v.factor, v.zero_point, v.q_max, v.random)
                : model::quantise_wide_nearest(v.x, v.factor, v.zero_point, v.q_max);
        if (expected != code[i]) {
          mismatch(path + " value " + std::to_string(i) + " (captured, against the model)",
                   std::to_string(expected), std::to_string(code[i]));
        }
      }
      lane.feed(v);
    }
    lane.drain();
    values += x.size();
  }
  return values;
}

std::string check(const Options& options) {
  Random random(options.seed);
  Lane lane(options.seed + 1000);
  check_cycles(lane);
  check_edges(lane, random);
  check_ties(lane, random, options.quick ? 20'000 : 200'000);
  check_random(lane, random, options.quick ? 100'000 : 10'000'000);
  lane.stall(0, 0);
  const std::uint64_t captured = check_captures(lane, options.capture);
  lane.drain();
  if (lane.checked() == 0) return "";
  return std::to_string(lane.checked()) + " values, " + std::to_string(captured) +
         " captured, N + 4 cycles";
}

}  // namespace
}  // namespace octet::cosim

int main(int argc, char** argv) {
  return octet::cosim::bench_main(argc, argv, "requantise", octet::cosim::check);
}
