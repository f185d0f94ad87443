// The random-bit generator against the golden model and the published test vectors (Random123's
// kat_vectors), with random stalls; and its cycle formula.
#include <Vthreefry.h>
#include <Vthreefry20.h>

#include "model/quant/random_bits.hpp"
#include "tests/cosim/bench.hpp"

namespace octet::cosim {
namespace {

struct Block {
  std::uint32_t seed = 0, step = 0;
  std::uint16_t stream = 0;
  std::uint64_t block = 0;  // 48 bits
};

// One block through the generator; both sides stall at random. Returns the cycles it took.
template <class Top>
std::uint64_t run(Clocked<Top>& dut, const Block& in, Random& random, const Stalls& stalls,
                  std::uint64_t& bits) {
  auto& top = dut.top;
  bool sent = false;
  std::uint64_t start = dut.cycle;
  for (int patience = 0; patience < 1000; ++patience) {
    top.valid_i = !sent && !stalls.now(random);
    top.ready_i = !stalls.now(random);
    top.seed_i = in.seed;
    top.step_i = in.step;
    top.stream_i = in.stream;
    top.block_i = in.block;
    dut.settle();
    const bool take = top.valid_i && top.ready_o;
    const bool give = top.valid_o && top.ready_i;
    if (take) start = dut.cycle;
    if (give) bits = top.bits_o;
    dut.edge();
    sent = sent || take;
    if (give) return dut.cycle - 1 - start;
  }
  throw Mismatch("no answer");
}

struct Known {
  std::uint32_t counter[2], key[2], answer[2];
};
constexpr Known kKnown13[] = {
    {{0, 0}, {0, 0}, {0x9d1c5ec6, 0x8bd50731}},
    {{0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}, {0xfd36d048, 0x2d17272c}},
    {{0x243f6a88, 0x85a308d3}, {0x13198a2e, 0x03707344}, {0xba3e4725, 0xf27d669e}},
};
constexpr Known kKnown20[] = {
    {{0, 0}, {0, 0}, {0x6b200159, 0x99ba4efe}},
    {{0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}, {0x1cb996fc, 0xbb002be7}},
    {{0x243f6a88, 0x85a308d3}, {0x13198a2e, 0x03707344}, {0xc4923a9c, 0x483df7a0}},
};

template <class Top>
void check_known(Clocked<Top>& dut, const Known& known, std::int64_t cycles) {
  Random random(0);
  const Block in{known.key[0], known.key[1], static_cast<std::uint16_t>(known.counter[1]),
                 known.counter[0] | std::uint64_t{known.counter[1] >> 16} << 32};
  std::uint64_t bits = 0;
  const std::uint64_t took = run(dut, in, random, {}, bits);
  const std::string name = "published vector, counter " + std::to_string(known.counter[0]);
  expect(known.answer[0], static_cast<std::uint32_t>(bits), name + " x0");
  expect(known.answer[1], static_cast<std::uint32_t>(bits >> 32), name + " x1");
  expect(cycles, static_cast<std::int64_t>(took), name + " cycles");
}

// Blocks back to back: the next is accepted in the cycle that takes the last, 5 cycles a block.
void check_rate(Clocked<Vthreefry>& dut) {
  auto& top = dut.top;
  top.valid_i = 1;
  top.ready_i = 1;
  std::uint64_t given = 0;
  std::uint64_t first = 0;
  while (given < 11) {
    dut.settle();
    if (top.valid_o) {
      if (given == 0) first = dut.cycle;
      ++given;
      if (given == 11)
        expect(50, static_cast<std::int64_t>(dut.cycle - first), "cycles of 10 blocks");
      if (given == 11) top.valid_i = 0;
      dut.settle();
    }
    dut.edge();
  }
}

std::string check(const Options& options) {
  Random random(options.seed);
  Clocked<Vthreefry> dut;
  Clocked<Vthreefry20> long_dut;
  std::uint64_t known = 0;
  for (const Known& vector : kKnown13) {
    check_known(dut, vector, 5);
    ++known;
  }
  for (const Known& vector : kKnown20) {
    check_known(long_dut, vector, 6);
    ++known;
  }
  check_rate(dut);
  const std::uint64_t blocks = options.quick ? 20'000 : 1'000'000;
  for (std::uint64_t i = 0; i < blocks; ++i) {
    const Block in{static_cast<std::uint32_t>(random.next() >> random.range(32, 63)),
                   static_cast<std::uint32_t>(random.next() >> random.range(32, 63)),
                   static_cast<std::uint16_t>(random.next()),
                   random.next() >> random.range(16, 63)};
    std::uint64_t bits = 0;
    const Stalls stalls{static_cast<std::uint64_t>(random.range(0, 1) * 3)};
    run(dut, in, random, stalls, bits);
    for (std::uint64_t j = 0; j < 4; ++j) {
      const std::uint16_t expected =
          model::random_bits({in.seed, in.step, in.stream}, 4 * in.block + j);
      const auto got = static_cast<std::uint16_t>(bits >> (16 * j));
      if (expected != got) {
        mismatch("seed " + std::to_string(in.seed) + " step " + std::to_string(in.step) +
                     " stream " + std::to_string(in.stream) + " element " +
                     std::to_string(4 * in.block + j),
                 std::to_string(expected), std::to_string(got));
      }
    }
  }
  return std::to_string(blocks * 4) + " elements, " + std::to_string(known) +
         " published vectors, 5 cycles a block";
}

}  // namespace
}  // namespace octet::cosim

int main(int argc, char** argv) {
  return octet::cosim::bench_main(argc, argv, "threefry", octet::cosim::check);
}
