#include "sim/program/command_list.hpp"

#include <random>

#include "sim/program/lower.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

// Loops in loops with rests, and commands that follow no rule: what goes in comes out.
TEST(CommandList, GivesBackWhatWasPutIn) {
  std::mt19937 random(3);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  for (int round = 0; round < 200; ++round) {
    std::vector<Command> want;
    CommandList list;
    const auto put = [&](const Command& c) {
      want.push_back(c);
      list.push_back(c);
    };
    while (want.size() < 600) {
      const int period = 1 + below(8);
      const int inner = 1 + below(30);
      std::vector<Command> body(static_cast<std::size_t>(period));
      for (Command& c : body) {
        c.op = static_cast<Opcode>(below(kOpcodes));
        c.first = below(1000);
        c.count = 1 + below(9);
        c.deps.assign(static_cast<std::size_t>(below(3)), below(100));
      }
      const std::int64_t step = below(5);
      for (int i = 0; i < inner; ++i) {
        for (Command c : body) {
          c.first += i * step;
          c.m0 = -i;
          for (auto& d : c.deps) d += i * period;
          if (below(60) == 0) c.count += 1;  // a rest now and then
          put(c);
        }
      }
    }
    ASSERT_EQ(list.size(), want.size());
    for (std::size_t i = 0; i < want.size(); ++i) {
      ASSERT_EQ(list[i], want[i]) << round << " " << i;
      ASSERT_EQ(list.op(i), want[i].op);
    }
    std::size_t at = 0;
    for (const Command& c : list) ASSERT_EQ(c, want[at++]);
    const auto place = static_cast<std::size_t>(below(600));
    Command other = want[place];
    other.k0 = 77;
    CommandList changed = list;
    changed.replace(place, other);
    EXPECT_FALSE(changed == list);
    EXPECT_EQ(changed[place], other);
    changed.replace(place, want[place]);
    EXPECT_TRUE(changed == list);
  }
}

// A training step is loops over tiles: few of its commands are kept.
TEST(CommandList, KeepsLoopsOnce) {
  const Program program = lower(workloads::find_network("fashion-cnn"), model::find_recipe("int8"),
                                find_hardware("edge"), 512);
  EXPECT_GT(program.commands.size(), 20000U);
  EXPECT_LT(program.commands.stored() * 5, program.commands.size());
}

}  // namespace
}  // namespace octet::sim
